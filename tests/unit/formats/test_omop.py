"""OMOP tables as records: what each row says, what is told, and what comes back from an export."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from hilum.formats import omop
from hilum.formats.dqd_catalogue import read as read_catalogue
from hilum.formats.export import About, Exported, Written
from hilum.formats.member import Member
from hilum.formats.omop_export import write
from hilum.formats.omop_ids import Numbers
from hilum.formats.omop_rows import Table
from hilum.model.record import Item, Kind, Record, SourceProblem, Value
from hilum.model.vocabulary import personal_fields
from hilum.quality.dqd import checks, column_types
from hilum.quality.dqd_results import State

ABOUT = About("Biobank A", "2026-03-05T08:00:00Z")
CONCEPT = (
    "concept_id\tconcept_name\tdomain_id\tvocabulary_id\tconcept_class_id\tstandard_concept\tconcept_code\n"
    "3000963\tHemoglobin [Mass/volume] in Blood\tMeasurement\tLOINC\tLab Test\tS\t718-7\n"
    "8713\tgram per deciliter\tUnit\tUCUM\tUnit\tS\tg/dL\n"
    "8587\tmilliliter\tUnit\tUCUM\tUnit\tS\tmL\n"
    '4001225\tBlood specimen with "quotes"\tSpecimen\tSNOMED\tSpecimen\tS\t119297000\n'
    "45551234\tGastric carcinoma\tCondition\tICD10CM\tCode\t\tC16.9\n"
)


def items(folder: Path, name: str, text: str, concepts: str = CONCEPT) -> list[Item]:
    """What the file says, with the vocabulary beside it."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    beside = {}
    if concepts:
        (folder / "CONCEPT.csv").write_text(concepts, encoding="utf-8")
        beside = {"concept.csv": folder / "CONCEPT.csv"}
    told = omop.sniff(path.read_bytes()[:65536], name)
    assert told is not None
    return list(omop.items(Member(name, path, path.stat().st_size, "", told[0], told[1], beside), "SRC", 0))


def records(found: list[Item]) -> list[Record]:
    return [one for one in found if isinstance(one, Record)]


def reasons(found: list[Item]) -> list[str]:
    return [one.reason for one in found if isinstance(one, SourceProblem)]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_table_is_known_by_its_columns_in_any_case_and_under_any_name(delimiter: str) -> None:
    head = delimiter.join(["PERSON_ID", "Gender_Concept_Id", "year_of_birth"]).encode()
    assert omop.sniff(b"\xef\xbb\xbf" + head + b"\r\n1", "export-2026.txt") == ("omop.person", 40)


def test_a_hospitals_own_table_of_persons_is_not_taken_for_omop() -> None:
    assert omop.sniff(b"person_id,name,birth date\n1,A,1970\n", "person.csv") is None


def test_persons_come_before_what_happened_to_them() -> None:
    person = omop.sniff(b"person_id,gender_concept_id,year_of_birth\n", "p")
    result = omop.sniff(b"measurement_id,person_id,measurement_concept_id,measurement_date\n", "m")
    assert person is not None
    assert result is not None
    assert person[1] < result[1]


@pytest.mark.parametrize(
    ("parts", "born"),
    [("1970,3,5", "1970-03-05"), ("1970,3,", "1970-03"), ("1970,,", "1970"), ("1970,,5", "1970")],
)
def test_a_birth_is_as_exact_as_its_columns(tmp_path: Path, parts: str, born: str) -> None:
    head = "person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth\n"
    (donor,) = records(items(tmp_path, "PERSON.csv", f"{head}1,8507,{parts}\n"))
    assert (donor.kind, donor.key, donor.donor) == (Kind.DONOR, "1", "1")
    assert (donor.fields["birth_on"], donor.fields["sex"]) == (born, "male")


def test_an_impossible_birth_stays_as_it_stood(tmp_path: Path) -> None:
    head = "person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth\n"
    (donor,) = records(items(tmp_path, "PERSON.csv", f"{head}1,0,1970,13,5\n"))
    assert donor.fields["birth_on"] is None
    assert donor.unreadable == {"birth_on": "1970-13-5"}


MEASUREMENT = (
    "measurement_id,person_id,measurement_concept_id,measurement_date,measurement_datetime,operator_concept_id,"
    "value_as_number,unit_concept_id,range_low,range_high,measurement_source_value,unit_source_value,"
    "value_source_value\n"
)


def test_a_measurement_is_a_result_with_analyte_unit_and_limits(tmp_path: Path) -> None:
    row = "7,1,3000963,2026-03-04,2026-03-04 08:30:00,4171756,13.5,8713,12,16,HGB,g/dl,\n"
    (found,) = records(items(tmp_path, "M.csv", MEASUREMENT + row))
    wanted = {"observation_id": "measurement-7", "donor_id": "1", "analyte": "hemoglobin", "value": 13.5}
    wanted |= {"unit": "g/dL", "comparator": "<", "reference_low": 12.0, "reference_high": 16.0}
    assert {name: found.fields[name] for name in wanted} == wanted
    assert found.fields["observed_at"] == "2026-03-04T00:30:00Z"


def test_midnight_is_a_day_whose_hour_nobody_knows(tmp_path: Path) -> None:
    row = "7,1,3000963,2026-03-04,2026-03-04 00:00:00,0,13.5,0,,,HGB,,\n"
    (found,) = records(items(tmp_path, "M.csv", MEASUREMENT + row))
    assert found.fields["observed_at"] == "2026-03-04"
    assert found.fields["unit"] is None
    assert "comparator" not in found.fields


def test_what_cannot_be_read_is_kept_and_never_zero(tmp_path: Path) -> None:
    row = "7,1,3000963,2026-02-30,,0,12 mL,8713,,,HGB,,\n"
    (found,) = records(items(tmp_path, "M.csv", MEASUREMENT + row))
    assert found.fields["value"] is None
    assert found.unreadable == {"value": "12 mL", "observed_at": "2026-02-30"}


def test_without_a_vocabulary_numbers_stay_numbers_and_it_is_told(tmp_path: Path) -> None:
    found = items(tmp_path, "M.csv", MEASUREMENT + "7,1,3000963,2026-03-04,,0,1,8713,,,,,\n", concepts="")
    assert reasons(found) == ["omop_concepts_absent"]
    assert records(found)[0].fields["analyte"] == "3000963"
    assert records(found)[0].fields["unit"] == "8713"


def test_a_specimen_has_its_quantity_in_the_field_of_its_unit_and_its_site_in_a_collection(tmp_path: Path) -> None:
    head = "specimen_id,person_id,specimen_concept_id,specimen_date,quantity,unit_concept_id,specimen_source_id,"
    head += "specimen_source_value,anatomic_site_source_value,disease_status_source_value\n"
    rows = "1,1,4001225,2026-03-04,2.5,8587,S-1,whole blood,left arm,\n2,1,0,2026-03-04,3,0,,plasma,,\n"
    blood, taken, plasma = records(items(tmp_path, "S.csv", head + rows))
    assert (blood.key, blood.fields["specimen_type"], blood.fields["volume_ul"]) == ("S-1", "WholeBlood", 2500.0)
    assert (taken.kind, taken.fields["specimen_id"], taken.fields["anatomic_site"]) == (
        Kind.COLLECTION,
        "S-1",
        "left arm",
    )
    assert (plasma.key, plasma.unreadable) == ("specimen-2", {"volume_ul": "3"})


def test_an_icd_code_of_the_source_is_kept(tmp_path: Path) -> None:
    head = "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,condition_source_concept_id\n"
    (found,) = records(items(tmp_path, "C.csv", f"{head}1,1,45551234,2026-03-04,45551234\n"))
    assert (found.fields["diagnosis"], found.fields["icd10"]) == ("Gastric carcinoma", "C16.9")


def test_what_has_no_place_is_counted_and_told(tmp_path: Path) -> None:
    head = "observation_id,person_id,observation_concept_id,observation_date,value_as_number\n"
    found = items(tmp_path, "O.csv", f"{head}1,1,0,2026-03-04,\n2,1,0,2026-03-04,5\n")
    assert len(records(found)) == 1
    told = [one for one in found if isinstance(one, SourceProblem)]
    assert [(one.reason, one.values["count"]) for one in told] == [("omop_rows_not_used", 1)]
    found = items(tmp_path, "N.csv", "note_id,person_id,note_text\n1,1,secret\n2,1,secret\n")
    assert [one.values for one in found if isinstance(one, SourceProblem)] == [{"table": "NOTE", "count": 2}]


def test_torn_rows_are_told_and_the_others_read(tmp_path: Path) -> None:
    head = "person_id,gender_concept_id,year_of_birth,race_source_value\n"
    text = head + '1,8507,1970,"open\n2,8532,1971\n3,8532,1972,a,b\n,8532,1973,x\n4,8507,1974,"a\nb"\n'
    found = items(tmp_path, "P.csv", text)
    assert sorted(set(reasons(found))) == ["omop_person_missing", "omop_row_long", "omop_row_short", "unclosed_quote"]
    assert [one.donor for one in records(found)] == ["1", "2", None, "4"]


def test_reading_resumes_where_it_stopped(tmp_path: Path) -> None:
    path = tmp_path / "P.csv"
    path.write_text("person_id,gender_concept_id,year_of_birth\n1,8507,1970\n2,8532,1971\n3,0,1972\n")
    member = Member("P.csv", path, 1, "", "omop.person", 40)
    assert list(omop.items(member, "SRC", 2)) == list(omop.items(member, "SRC", 0))[2:]


def test_two_keys_never_share_a_number_and_a_key_keeps_its_own() -> None:
    keys = [f"key-{index}" for index in range(20_000)]
    with Numbers() as first, Numbers() as second:
        numbers = [first.of(key) for key in keys]
        assert numbers == [second.of(key) for key in keys]
        assert len(set(numbers)) == len(keys)
        assert first.of(keys[0]) != numbers[0]
    assert all(0 < number < 2**31 for number in numbers)


# --- out and in again ---------------------------------------------------------------------------------------------

HEMOGLOBIN: dict[str, Value] = {"analyte": "hemoglobin", "value": 13.5, "unit": "g/dL", "comparator": "<"}
HEMOGLOBIN |= {"reference_low": 12.0, "observed_at": "2026-03-04T00:30:00Z"}
FACTS: list[Exported] = [
    Exported(Kind.DONOR, "D1", "D1", {"birth_on": "1970", "sex": "female", "race": "Asian"}, "R1"),
    Exported(Kind.DONOR, "D2", "D2", {"sex": "male"}, "R2"),
    Exported(
        Kind.CONDITION,
        "C1",
        "D1",
        {"diagnosed_on": "2025-01-31", "diagnosis": "Gastric carcinoma", "category": "primary"},
        "R3",
    ),
    Exported(Kind.CONDITION, "C2", "D1", {"diagnosed_on": "2025-01", "diagnosis": "Gastritis"}, "R4"),
    Exported(
        Kind.OBSERVATION,
        "O1",
        "D1",
        HEMOGLOBIN,
        "R5",
    ),
    Exported(Kind.OBSERVATION, "O2", "D2", {"analyte": "hemoglobin", "value": 1.0}, "R6"),
    Exported(Kind.ENCOUNTER, "E1", "D1", {"class": "IMP", "started_at": "2026-03-01", "ended_at": "2026-03-09"}, "R7"),
    Exported(Kind.MEDICATION, "M1", "D1", {"drug": "cisplatin", "started_on": "2025-02-01"}, "R8"),
    Exported(Kind.PROCEDURE, "P1", "D1", {"type": "gastrectomy", "started_on": "2025-02-20"}, "R9"),
    Exported(
        Kind.SPECIMEN,
        "S-1",
        "D1",
        {"specimen_type": "Plasma", "volume_ul": 800.0, "collected_at": "2026-03-04T00:30:00Z"},
        "R10",
    ),
    Exported(Kind.COLLECTION, "K1", "D1", {"specimen_id": "S-1", "anatomic_site": "left arm"}, "R11"),
    Exported(Kind.FOLLOW_UP, "F1", "D1", {"vital_status": "dead", "death_offset_days": 400}, "R12"),
    Exported(Kind.STORAGE, "T1", "D1", {"specimen_id": "S-1"}, "R13"),
]


def facts(kind: Kind) -> Iterator[Exported]:
    return (one for one in FACTS if one.kind is kind)


@pytest.fixture
def exported(tmp_path: Path) -> tuple[Path, Written]:
    folder = tmp_path / "omop"
    folder.mkdir()
    return folder, write(facts, folder, ABOUT)


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_what_has_no_place_or_date_in_omop_is_counted(exported: tuple[Path, Written]) -> None:
    assert exported[1].left_out == {"donor": 1, "condition": 1, "observation": 1, "storage": 1}
    assert exported[1].counts["PERSON"] == 1


def test_what_goes_out_comes_in_again(exported: tuple[Path, Written]) -> None:
    folder, _ = exported
    found: list[Record] = []
    for path in sorted(folder.glob("*.csv")):
        told = omop.sniff(path.read_bytes(), path.name)
        assert told == (f"omop.{path.stem.lower()}", told[1] if told else 0)
        found += records(list(omop.items(Member(path.name, path, 1, "", told[0], told[1]), "SRC", 0)))
    back = {one.kind: dict(one.fields) for one in found}
    kept = {
        Kind.DONOR: ("birth_on", "sex", "race"),
        Kind.CONDITION: ("diagnosed_on", "diagnosis", "category"),
        Kind.OBSERVATION: ("analyte", "value", "unit", "comparator", "reference_low", "observed_at"),
        Kind.ENCOUNTER: ("class", "started_at", "ended_at"),
        Kind.MEDICATION: ("drug", "started_on"),
        Kind.PROCEDURE: ("type", "started_on"),
        Kind.SPECIMEN: ("specimen_type", "volume_ul", "collected_at"),
        Kind.COLLECTION: ("specimen_id", "anatomic_site"),
    }
    for kind, names in kept.items():
        sent = next(one for one in FACTS if one.kind is kind)
        assert {name: back[kind][name] for name in names} == {name: sent.fields[name] for name in names}
    assert back[Kind.FOLLOW_UP]["form_completed_on"] == "2026-03-07"
    assert len({one.donor for one in found}) == 1


def test_an_export_spans_what_is_known_and_names_nobody(exported: tuple[Path, Written]) -> None:
    (period,) = table(exported[0], "OBSERVATION_PERIOD")
    assert period["observation_period_start_date"] == "2025-01-31"
    assert period["observation_period_end_date"] == "2026-03-09"
    assert "name" in personal_fields(Kind.DONOR)
    assert table(exported[0], "PERSON")[0]["person_source_value"] == "D1"


def test_a_second_export_is_the_same_to_the_byte(exported: tuple[Path, Written], tmp_path: Path) -> None:
    again = tmp_path / "again"
    again.mkdir()
    write(facts, again, ABOUT)
    assert [path.read_bytes() for path in sorted(again.iterdir())] == [
        path.read_bytes() for path in sorted(exported[0].iterdir())
    ]


def test_our_own_export_passes_the_catalogues_checks_of_form(
    exported: tuple[Path, Written], shared_data: Path, tmp_path: Path
) -> None:
    pytest.importorskip("duckdb")
    from hilum.engines.omop_checks import run
    from hilum.engines.omop_tables import CsvTable, Warehouse

    known = read_catalogue(shared_data / "dqd")
    form = {"cdmField", "isRequired", "cdmDatatype", "isPrimaryKey", "isForeignKey"}
    types = column_types(known)
    work = tmp_path / "work"
    work.mkdir()
    tables = {path.stem.upper(): path for path in exported[0].glob("*.csv")}
    asked = [one for one in checks(known) if one.kind.name in form and one.table in tables]
    asked = [one for one in asked if one.kind.name != "isForeignKey" or one.row["fkTableName"] in tables]
    warehouse = Warehouse(work)
    for name, path in tables.items():
        header = Table(path).header
        warehouse.load(CsvTable(name.lower(), path, header, ",", path.name), types[name.lower()])
    results = run(warehouse, asked, types, date(2026, 3, 5), lambda *_: None)
    warehouse.close()
    assert len(results) > 300
    assert {one.kind.name for one in asked} == form
    assert [one.check.id for one in results if one.state in (State.FAILED, State.NOT_EVALUATED)] == []
