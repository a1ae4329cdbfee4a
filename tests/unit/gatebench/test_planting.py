"""Defects: each class can be planted on each level, and the ledger says what really stands in the files."""

import csv
from pathlib import Path

import pytest

from hilum.errors import BadInputError
from hilum.gatebench import data_set, truth
from hilum.gatebench.classes import CLASSES, NOBODY, SET, TRIP
from hilum.gatebench.data_set import Made, Wanted
from hilum.gatebench.dialect import SITES, TITLES, fields, headers
from hilum.gatebench.entry import TABLES
from hilum.gatebench.plan import VERSION, spoilt
from hilum.gatebench.planting import LEVELS
from hilum.gatebench.truth import Planted
from hilum.messages import LANGUAGES, Language, text


@pytest.fixture(scope="module", params=LEVELS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return data_set.write(tmp_path_factory.mktemp("set") / "set", Wanted(2, "standard", request.param), {})


def _ledger(made: Made) -> list[Planted]:
    return truth.read_ledger(made.truth / truth.LEDGER)


def test_there_are_thirty_classes_and_more() -> None:
    assert len(CLASSES) >= 30


def test_every_class_is_planted_on_every_level(made: Made) -> None:
    assert {one.code for one in _ledger(made)} == set(CLASSES)


def test_the_same_seed_plants_the_same(made: Made, tmp_path: Path) -> None:
    again = data_set.write(tmp_path / "set", made.wanted, {})
    for file in sorted(made.data.iterdir()):
        assert file.read_bytes() == (again.data / file.name).read_bytes()
    assert _ledger(again) == _ledger(made)


@pytest.mark.parametrize("level", LEVELS)
def test_one_class_alone_can_be_asked_for(level: str) -> None:
    _, plants = spoilt(1, "small", level, ("storage_sign",))
    assert [one.code for one in plants] == ["storage_sign"]


@pytest.mark.parametrize(("level", "codes"), [("grim", ()), ("easy", ("no_such_class",))])
def test_what_is_not_known_is_refused(level: str, codes: tuple[str, ...]) -> None:
    with pytest.raises(BadInputError):
        spoilt(1, "small", level, codes)


def test_what_was_planted_stands_where_the_ledger_says(made: Made) -> None:
    seen = 0
    for plant in _ledger(made):
        if (
            CLASSES[plant.code].known_by in (TRIP, SET)
            or not plant.field
            or plant.code in ("late_entry", "spin_delayed")
        ):
            continue
        found = [cell for name in plant.records for cell in _cells_of(made.data, name, plant.field)]
        assert any(_same(cell, plant.planted) for cell in found), plant
        seen += 1
    assert seen > 150


def _cells_of(data: Path, record: str, field: str) -> list[str]:
    """The cell of ``field`` in the row at ``file:line``, if that table has the field."""
    name, _, line = record.rpartition(":")
    site = next(one for one in SITES if one.letter == name[0])
    table = next(one for one in TABLES if name.startswith(f"{site.letter}-") and _is_table(name, one))
    if field not in fields(table):
        return []
    with (data / name).open(encoding=site.encoding, errors="surrogateescape", newline="") as file:
        reader = csv.DictReader(file)
        for row in reader:
            if reader.line_num == int(line):
                return [row[headers(table, site)[field]]]
    raise AssertionError(record)


def _is_table(name: str, table: str) -> bool:
    return name[2:].startswith(TITLES[table])


def _same(cell: str, planted: str) -> bool:
    """The hospital's own way of writing days and instants, and millilitres, aside."""
    folded = "".join(letter for letter in cell if letter.isdigit())
    wanted = "".join(letter for letter in planted if letter.isdigit())
    return cell == planted or (len(wanted) >= 8 and folded.startswith(wanted))


def test_a_right_correction_is_never_what_was_planted(made: Made) -> None:
    assert not [
        one for one in _ledger(made) for field, value in one.fixes if field == one.field and value == one.planted
    ]


def test_records_are_all_there_and_named_once(made: Made) -> None:
    names = [one.record for one in truth.read_records(made.truth / truth.RECORDS)]
    assert len(names) == len(set(names)) == made.records
    planted = {name for one in _ledger(made) for name in one.records}
    assert planted <= set(names)


def test_tissue_and_rna_suffer_as_well(made: Made) -> None:
    files = {name.split(":")[0][2:] for one in _ledger(made) for name in one.records[:1]}
    assert {f"{TITLES[table]}.csv" for table in ("tissues", "extracts", "aliquots", "tubes")} <= files


def test_a_result_that_is_corrected_later_is_never_spoilt() -> None:
    life, plants = spoilt(2, "standard", "middle")
    corrected = {one.cells["observation_id"] for one in life.entries["results"] if one.again}
    assert corrected
    assert not [
        one for plant in plants for one in plant.group if one.cells.get("observation_id") in corrected and not one.again
    ]


def test_the_version_of_the_generator_is_told(made: Made) -> None:
    assert f'"generator": {VERSION}' in (made.folder / data_set.ABOUT).read_text(encoding="utf-8")


def test_a_data_set_without_a_version_is_of_the_first(made: Made, tmp_path: Path) -> None:
    text_of = (made.folder / data_set.ABOUT).read_text(encoding="utf-8")
    (tmp_path / data_set.ABOUT).write_text(text_of.replace(f'"generator": {VERSION},', ""), encoding="utf-8")
    assert data_set.read_about(tmp_path).generator == 1


def test_the_truth_lies_apart_from_the_data(made: Made) -> None:
    assert not [file for file in made.data.iterdir() if file.suffix == ".jsonl"]


def test_easy_and_middle_plants_hit_no_record_twice(made: Made) -> None:
    if made.wanted.level == "hard":
        pytest.skip("on the hard level several meet in one lineage")
    first = [one.records[0] for one in _ledger(made) if one.records and CLASSES[one.code].known_by != TRIP]
    assert len(first) == len(set(first))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_class_has_a_name_and_says_what_is_planted(language: Language) -> None:
    for code in CLASSES:
        assert text(f"gatebench.class.{code}", language) != text(f"gatebench.planted.{code}", language)


def test_a_damaged_ledger_is_told(tmp_path: Path) -> None:
    path = tmp_path / truth.LEDGER
    path.write_text('{"id": "P1"}\n', encoding="utf-8")
    with pytest.raises(BadInputError):
        truth.read_ledger(path)


def test_nobody_is_asked_to_know_what_nothing_tells() -> None:
    assert not [one for one in CLASSES.values() if one.known_by == NOBODY and one.is_knowable]
