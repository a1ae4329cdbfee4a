"""The same life cycles in every format: what is written can be read, and says what it carries."""

import csv
import json
from pathlib import Path

import pytest

from hilum.app.benching import EXPORTERS, FORMATS
from hilum.app.reading import Readers
from hilum.errors import BadInputError
from hilum.formats.reading import UNKNOWN, members
from hilum.gatebench import data_set, truth
from hilum.gatebench.data_set import Made, Wanted
from hilum.gatebench.tables import MAPPINGS
from hilum.model.record import Record, SourceProblem


@pytest.fixture(scope="module", params=FORMATS)
def clean(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return data_set.write(tmp_path_factory.mktemp("set") / "set", Wanted(1, "small", "clean", request.param), EXPORTERS)


def test_a_clean_data_set_reads_back_without_a_problem(clean: Made, tmp_path: Path) -> None:
    readers = Readers(clean.folder / MAPPINGS, "tester", trusting=True)
    names, problems = set(), []
    found = [one for one in members(clean.data, tmp_path) if not isinstance(one, SourceProblem)]
    if clean.wanted.form in ("epcis", "hl7") and not any(one.format.startswith(clean.wanted.form) for one in found):
        pytest.skip(f"nothing reads {clean.wanted.form} yet")
    for member in found:
        assert member.format != UNKNOWN, member.place
        for item in readers.items(member, "SRC", 0):
            if isinstance(item, Record):
                names |= {f"{item.locator.place}:{item.locator.line}", f"{item.kind.value}:{item.key}"}
            if isinstance(item, SourceProblem) and item.fatal:
                problems.append(item)
    assert not problems
    known = {one.record for one in truth.read_records(clean.truth / truth.RECORDS)}
    assert known <= names, "truth must call every record as a reader comes to know it"


def test_a_clean_data_set_has_an_empty_ledger(clean: Made) -> None:
    assert truth.read_ledger(clean.truth / truth.LEDGER) == []


def test_about_tells_how_to_make_it_again(clean: Made) -> None:
    assert data_set.read_about(clean.folder) == clean


def test_the_readme_is_in_both_languages(clean: Made) -> None:
    words = (clean.folder / data_set.README).read_text(encoding="utf-8")
    assert "合成数据" in words
    assert "Synthetic" in words


def test_a_folder_in_use_is_left_alone(clean: Made) -> None:
    with pytest.raises(BadInputError):
        data_set.write(clean.folder, clean.wanted, EXPORTERS)


def test_a_format_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError):
        data_set.write(tmp_path / "set", Wanted(1, "small", "clean", "papyrus"), EXPORTERS)


def test_a_missing_unit_is_an_empty_field_in_a_message(tmp_path: Path) -> None:
    made = data_set.write(tmp_path / "set", Wanted(1, "standard", "easy", "hl7", ("unit_missing",)), {})
    (plant, *_) = truth.read_ledger(made.truth / truth.LEDGER)
    number = plant.records[0].split(":")[1].split("|")[0]
    text = "".join(file.read_bytes().decode() for file in made.data.glob("*.hl7"))
    (after,) = [part for part in text.split("OBR|")[1:] if f"||{number}|" in part]
    observation = next(line for line in after.split("\r") if line.startswith("OBX"))
    assert observation.split("|")[6] == ""
    assert plant.expressible


def test_a_message_tells_which_defects_it_cannot_carry_and_the_rest_comes_beside(tmp_path: Path) -> None:
    codes = ("consent_expired", "unit_missing", "height_in_metres")
    made = data_set.write(tmp_path / "set", Wanted(1, "standard", "easy", "hl7", codes), {})
    told = {one.code: one.expressible for one in truth.read_ledger(made.truth / truth.LEDGER)}
    assert told == {"consent_expired": True, "unit_missing": True, "height_in_metres": False}
    assert 0 < made.expressible < made.plants
    assert {file.suffix for file in made.data.iterdir()} == {".hl7", ".csv"}


def test_typed_formats_cannot_carry_what_is_no_value_of_its_type(tmp_path: Path) -> None:
    made = data_set.write(tmp_path / "set", Wanted(1, "standard", "easy", "fhir", ("not_a_number",)), EXPORTERS)
    assert not any(one.expressible for one in truth.read_ledger(made.truth / truth.LEDGER))


def test_a_sex_is_wrong_only_where_the_identity_number_is_told_too(tmp_path: Path) -> None:
    wanted = {"csv": True, "hl7": True, "fhir": True, "omop": False, "miabis": False}
    for form, told in wanted.items():
        asked = Wanted(1, "small", "middle", form, ("sex_against_number",))
        made = data_set.write(tmp_path / form, asked, EXPORTERS)
        assert {one.expressible for one in truth.read_ledger(made.truth / truth.LEDGER)} == {told}, form


def test_a_tube_without_its_volume_cannot_be_smaller_than_its_children(tmp_path: Path) -> None:
    made = data_set.write(tmp_path / "set", Wanted(1, "small", "middle", "miabis", ("volume_over_parent",)), EXPORTERS)
    assert {one.expressible for one in truth.read_ledger(made.truth / truth.LEDGER)} == {False}


def test_samples_donors_and_events_stand_in_miabis_tables_and_hand_overs_beside(tmp_path: Path) -> None:
    made = data_set.write(tmp_path / "set", Wanted(1, "small", "clean", "miabis"), EXPORTERS)
    assert not list(made.data.glob("*.json"))
    for name, column in (("sample", "Sample ID"), ("sample_donor", "Sample donor ID"), ("event", "Event ID")):
        with (made.data / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            assert [row[column] for row in csv.DictReader(file)]
    with (made.data / "A-11-监管链.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["交接动作"] for row in csv.DictReader(file)} == {"移交"}


def test_a_hospitals_fhir_server_tells_of_persons(tmp_path: Path) -> None:
    made = data_set.write(tmp_path / "set", Wanted(1, "small", "clean", "fhir"), EXPORTERS)
    patients = [json.loads(line) for line in (made.data / "Patient.ndjson").read_text(encoding="utf-8").splitlines()]
    assert len(patients) == made.donors
    assert all(one["birthDate"] and one["name"][0]["text"] and len(one["identifier"]) == 2 for one in patients)


def test_donors_are_called_by_their_omop_number_in_the_tables_beside(tmp_path: Path) -> None:
    made = data_set.write(tmp_path / "set", Wanted(1, "small", "clean", "omop"), EXPORTERS)
    with (made.data / "PERSON.csv").open(encoding="utf-8", newline="") as file:
        people = {row["person_id"] for row in csv.DictReader(file)}
    with (made.data / "C-02-知情同意.csv").open(encoding="utf-8", newline="") as file:
        consents = [row["病案号"] for row in csv.DictReader(file)]
    assert consents
    assert set(consents) <= people


def test_hand_overs_and_readings_stand_in_the_epcis_documents(tmp_path: Path) -> None:
    made = data_set.write(tmp_path / "set", Wanted(1, "small", "clean", "epcis"), {})
    events = [
        event
        for file in sorted(made.data.glob("*.jsonld"))
        for event in json.loads(file.read_text(encoding="utf-8"))["epcisBody"]["eventList"]
    ]
    steps = {event["bizStep"] for event in events}
    assert {"collecting", "transporting", "receiving"} <= steps
    sensed = [event for event in events if "sensorElementList" in event]
    assert sensed
    assert all(report["uom"] == "CEL" for one in sensed for report in one["sensorElementList"][0]["sensorReport"])
    custody = [one for one in truth.read_records(made.truth / truth.RECORDS) if one.kind == "custody"]
    assert len(events) - len(sensed) == len(custody)
