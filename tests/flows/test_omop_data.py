"""A published OMOP data set against the published catalogue: what is found, and what bad files get."""

import csv
import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from hilum.app.omop import Outcome, check
from hilum.formats import omop
from hilum.formats.reading import members
from hilum.model.record import Kind, Record, SourceProblem
from hilum.quality.dqd_results import Result, State
from tests.flows.terminal import Terminal

pytest.importorskip("duckdb")
FAILED, BAD_INPUT = 10, 3


@pytest.fixture(scope="module")
def synthea(shared_data: Path) -> Path:
    path = shared_data / "omop" / "Synthea27Nj_5.4.zip"
    if not path.is_file():
        pytest.skip(f"{path.name} is not beside the project")
    return path


@pytest.fixture(scope="module")
def catalogue(shared_data: Path) -> Path:
    return shared_data / "dqd"


@pytest.fixture(scope="module")
def outcome(synthea: Path, catalogue: Path) -> Outcome:
    return check(synthea, catalogue)


def failed(outcome: Outcome) -> dict[str, Result]:
    return {one.check.id: one for one in outcome.results if one.state is State.FAILED}


def test_every_check_of_the_catalogue_has_one_of_four_ends(outcome: Outcome) -> None:
    whole = outcome.whole
    assert (whole.total, whole.passed, whole.failed) == (2374, 1275, 46)
    assert (whole.not_applicable, whole.not_evaluated) == (1053, 0)
    assert outcome.tables["measurement"] == 10_040
    assert outcome.tables["specimen"] == 0


def test_the_defects_of_the_data_are_found(outcome: Outcome) -> None:
    found = failed(outcome)
    assert Counter(one.check.kind.name for one in found.values()) == {
        "isForeignKey": 35,
        "standardConceptRecordCompleteness": 7,
        "plausibleValueLow": 2,
        "plausibleValueHigh": 1,
        "measurePersonCompleteness": 1,
    }
    unit = found["field_standardconceptrecordcompleteness_measurement_unit_concept_id"].counted
    assert (unit.violated, unit.denominator) == (1637, 10_040)
    supply = found["field_plausiblevaluehigh_drug_exposure_days_supply"].counted
    assert (supply.violated, supply.denominator) == (461, 883)
    assert found["field_plausiblevaluelow_drug_exposure_quantity"].counted.violated == 883
    assert found["table_measurepersoncompleteness_drug_era"].counted.violated == 28


def test_an_empty_table_is_not_applicable_and_says_so(outcome: Outcome) -> None:
    specimen = [one for one in outcome.results if one.check.table == "SPECIMEN" and one.check.fld]
    asked = [one for one in specimen if one.check.kind.name != "cdmField"]
    assert {one.state for one in asked} == {State.NOT_APPLICABLE}
    assert {one.reason for one in asked} == {"Table SPECIMEN is empty."}


def test_the_whole_data_set_is_read_as_records(synthea: Path, tmp_path: Path) -> None:
    kinds: Counter[Kind] = Counter()
    told: Counter[str] = Counter()
    proteins = []
    for member in members(synthea, tmp_path):
        if isinstance(member, SourceProblem) or not member.format.startswith(omop.PREFIX):
            continue
        for one in omop.items(member, "SRC", 0):
            if isinstance(one, Record):
                kinds[one.kind] += 1
                assert not one.unreadable
                if one.fields.get("analyte") == "protein_total" and one.fields["unit"] == "g/dL":
                    proteins.append(float(str(one.fields["value"])))
            else:
                told[one.reason] += int(one.values["count"])
    assert kinds == {
        Kind.DONOR: 28,
        Kind.FOLLOW_UP: 3,
        Kind.ENCOUNTER: 1791,
        Kind.CONDITION: 470,
        Kind.MEDICATION: 883,
        Kind.PROCEDURE: 1649,
        Kind.OBSERVATION: 10_040,
    }
    assert told["omop_rows_not_used"] == 8099
    assert len([value for value in proteins if value > 20]) == 40  # grams per litre, written as grams per decilitre


@pytest.fixture
def small(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "person.csv").write_text("person_id,gender_concept_id,year_of_birth\n1,8507,1970\n1,8532,1700\n")
    return folder


def test_the_command_writes_results_in_the_shape_of_the_dashboard(small: Path, catalogue: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    Terminal(tmp_path / "none").type("omop", "check", small, "--catalogue", catalogue, "--out", out, code=FAILED)
    told = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert {"CheckResults", "Metadata", "Overview"} <= told.keys()
    with (out / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["CHECK_ID"]: row for row in csv.DictReader(file)}
    assert len(rows) == len(told["CheckResults"]) == 2374
    key = rows["field_isprimarykey_person_person_id"]
    assert (key["NUM_VIOLATED_ROWS"], key["NUM_DENOMINATOR_ROWS"], key["FAILED"]) == ("2", "2", "1")
    assert rows["field_plausiblevaluelow_person_year_of_birth"]["NUM_VIOLATED_ROWS"] == "1"
    assert rows["table_cdmtable_measurement"]["FAILED"] == "1"
    assert rows["field_isrequired_measurement_measurement_id"]["NOT_APPLICABLE"] == "1"


def test_a_foreign_key_into_a_missing_table_is_not_evaluated(small: Path, catalogue: Path) -> None:
    found = {one.check.id: one for one in check(small, catalogue).results}
    gender = found["field_isforeignkey_person_gender_concept_id"]
    assert (gender.state, gender.counted.error) == (State.NOT_EVALUATED, "Table CONCEPT does not exist.")


def test_bad_data_are_an_error_that_names_the_file(small: Path, catalogue: Path, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "none")
    asked = ("omop", "check", small, "--catalogue")
    (small / "death.csv").write_text('person_id,death_date\n1,"2020-01-01\n2,2020-01-01,x,y\n')
    assert "death.csv" in terminal.type(*asked, catalogue, code=BAD_INPUT).output
    shutil.copy(small / "person.csv", small / "PERSON.txt")
    (small / "death.csv").unlink()
    assert "PERSON.txt" in terminal.type(*asked, catalogue, code=BAD_INPUT).output
    assert "check_descriptions" in terminal.type(*asked, tmp_path, code=BAD_INPUT).output
    empty = tmp_path / "empty"
    empty.mkdir()
    terminal.type("omop", "check", empty, "--catalogue", catalogue, code=BAD_INPUT)


def test_the_kinds_of_check_are_listed_beside_the_catalogues_rows(catalogue: Path, tmp_path: Path) -> None:
    kinds = Terminal(tmp_path / "none").ask("omop", "catalogue", "--catalogue", catalogue)
    assert isinstance(kinds, list)
    assert len(kinds) == 27
    assert sum(kind["checks"] for kind in kinds) == 2374
    assert {(kind["level"], kind["rows"]) for kind in kinds} == {("TABLE", 39), ("FIELD", 432), ("CONCEPT", 527)}
