"""MIABIS samples, donors and events in, and out again."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hilum.formats import miabis, miabis_export
from hilum.formats.export import About, Exported, Facts
from hilum.formats.miabis_names import WRITTEN_BANDS, WRITTEN_TYPES, attribute, is_miabis
from hilum.model.record import Kind, Record
from hilum.model.vocabulary import personal_fields
from hilum.terms import valuesets
from hilum.terms.synonyms import code_of
from tests.unit.formats.other_files import only, problems, read, read_path, records, unused

HEADER = "Sample ID,Sample donor ID,Sample type,Sample storage temperature,Sample creation date and time"


def sheet(*rows: str, header: str = HEADER) -> str:
    return "\n".join((header, *rows)) + "\n"


def test_a_sample_is_a_specimen_with_its_band_and_the_date_as_exact_as_it_is(tmp_path: Path) -> None:
    found = read(tmp_path, sheet("S1,D1,Plasma,-60 °C to -85 °C,2011-04"))
    one = only(found, Kind.SPECIMEN)
    assert (one.key, one.donor) == ("S1", "D1")
    assert {name: value for name, value in one.fields.items() if value is not None} == {
        "specimen_id": "S1", "donor_id": "D1", "specimen_type": "Plasma", "sample_type": "Plasma",
        "storage_band": "-60to-85", "collected_at": "2011-04",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["Sample ID", "sampleId", "SAMPLE_ID", " sample-id ", "MIABIS-SAMPLE-01"])
def test_attribute_names_are_known_in_every_spelling(name: str) -> None:
    assert attribute(name) == "sample_id"


@pytest.mark.parametrize(
    ("text", "band"),
    [
        ("RT", "RT"), ("RT (Room temperature)", "RT"), ("2 °C to 10°C", "2to10"), ("2oC to 10oC", "2to10"),
        ("-18 °C to -35 °C", "-18to-35"), ("-60to-85", "-60to-85"), ("<-135 °C", "below-135"), ("LN", "LN"),
        ("Liquid nitrogen vapor-phase", "LNvapour"), ("Liquid nitrogen liquid-phase", "LNliquid"),
        ("temperature-60to-85", "-60to-85"), ("Other", "Other"), ("somewhere cold", "somewhere cold"),
    ],
)  # fmt: skip
def test_a_storage_temperature_is_a_band_and_no_degrees_are_made_of_it(tmp_path: Path, text: str, band: str) -> None:
    fields = only(read(tmp_path, sheet(f"S1,D1,DNA,{text},")), Kind.SPECIMEN).fields
    assert fields["storage_band"] == band
    assert fields.get("storage_c") is None


def test_degrees_that_somebody_wrote_are_degrees(tmp_path: Path) -> None:
    fields = only(read(tmp_path, sheet("S1,D1,DNA,-80 °C,")), Kind.SPECIMEN).fields
    assert fields["storage_c"] == -80.0
    assert fields.get("storage_band") is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Bone marrow aspirate", "BoneMarrow"), ("BronchLavage", "BronchoalveolarLavage"), ("Organoids", "Organoid"),
        ("WholeBloodDried", "DriedBloodSpot"), ("Stem cells (and iPS cells)", "StemCells"), ("Sweat", "Other"),
        ("VitreousFluid", "Other"), ("Moon rock", "Moon rock"), ("AscitesFluid", "Ascites"),
    ],
)  # fmt: skip
def test_a_sample_type_is_our_code_with_its_words_beside_it(tmp_path: Path, text: str, code: str) -> None:
    fields = only(read(tmp_path, sheet(f"S1,D1,{text},RT,")), Kind.SPECIMEN).fields
    assert (fields["specimen_type"], fields["sample_type"]) == (code, text)


def test_a_sample_made_of_another_was_created_and_not_collected(tmp_path: Path) -> None:
    text = sheet("A,S1,D1,DNA,RT,2011-04-05T10:00:00", header=HEADER.replace("Sample ID", "Sample ID,Parent sample ID"))
    fields = only(read(tmp_path, text), Kind.SPECIMEN).fields
    assert (fields["parent_id"], fields["created_on"], fields.get("collected_at")) == ("S1", "2011-04-05", None)


def test_site_and_diagnoses_of_a_sample_have_records_of_their_own(tmp_path: Path) -> None:
    header = "Sample ID,Sample donor ID,Anatomical site ontology,Anatomical site ontology code,"
    header += "Anatomical site ontology description,Sample content diagnosis"
    found = read(tmp_path, sheet('S1,D1,ICD-O-3,C34.1,"Upper lobe, lung",c34.1;ORPHA:558', header=header))
    assert only(found, Kind.COLLECTION).fields["anatomic_site"] == "C34.1 Upper lobe, lung"
    told = [(one.key, one.fields.get("icd10"), one.fields.get("diagnosis")) for one in records(found, Kind.CONDITION)]
    assert told == [("S1/c34.1", "C34.1", None), ("S1/ORPHA:558", None, "ORPHA:558")]


def test_a_donor_has_sex_and_a_date_of_birth_as_exact_as_it_is(tmp_path: Path) -> None:
    found = read(
        tmp_path, sheet("D1,Undifferentiated,1950", "D2,Not applicable,", header="Sample donor ID,Sex,Birth date")
    )
    first, second = records(found, Kind.DONOR)
    assert (first.fields["sex"], first.fields["birth_on"]) == ("other", "1950")
    assert second.fields.get("sex") is None


def events(*members: dict[str, object]) -> dict[str, object]:
    return {"events": [{"eventId": "E1", "sampleDonorId": "D1"} | one for one in members]}


@pytest.mark.parametrize(
    ("age", "unit", "years"),
    [(45, "years", 45.0), (18, "months", 1.5), (3652.5, "Days", 10.0), ("52.5", "year", 52.5)],
)
def test_an_age_at_an_event_is_in_years(tmp_path: Path, age: object, unit: str, years: float) -> None:
    found = read(tmp_path, events({"ageAtEvent": age, "ageAtEventUnit": unit}))
    assert only(found, Kind.CONDITION).fields["age_years"] == years


@pytest.mark.parametrize("unit", ["gestational weeks", "", "moons"])
def test_an_age_in_no_unit_of_years_stays_as_it_stood(tmp_path: Path, unit: str) -> None:
    one = only(read(tmp_path, events({"ageAtEvent": 20, "ageAtEventUnit": unit})), Kind.CONDITION)
    assert one.fields["age_years"] is None
    assert one.unreadable["age_years"] == f"20 {unit}".strip()


def test_date_and_age_are_both_taken_for_the_gate_to_judge(tmp_path: Path) -> None:
    found = read(
        tmp_path, events({"ageAtEvent": 45, "ageAtEventUnit": "years", "eventDateAndTime": "2011-04-05T10:00:00"})
    )
    fields = only(found, Kind.CONDITION).fields
    assert (fields["age_years"], fields["diagnosed_on"]) == (45.0, "2011-04-05")


def test_an_event_of_a_sample_is_a_custody_step(tmp_path: Path) -> None:
    found = read(tmp_path, events({"sampleId": "S1", "eventName": "storing", "eventDate": "2011", "ageAtEvent": 3}))
    one = only(found, Kind.CUSTODY)
    assert (one.key, one.fields["action"], one.fields["happened_at"]) == ("E1", "store", "2011")
    assert unused(found) == {"Age at event": 1}


def test_nested_sites_and_several_values_are_read(tmp_path: Path) -> None:
    sample = {
        "sampleId": "S1", "sampleDonorId": "D1", "storageTemperature": "LN",
        "anatomicalSite": {"ontology": "ICD-O-3", "code": "C34"}, "sampleContentDiagnosis": ["C34.1", "C78"],
    }  # fmt: skip
    for content in (sample, [sample], {"samples": [sample]}):
        found = read(tmp_path, content)
        assert only(found, Kind.COLLECTION).fields["anatomic_site"] == "C34"
        assert [one.fields["icd10"] for one in records(found, Kind.CONDITION)] == ["C34.1", "C78"]


def test_what_has_no_field_is_counted_and_what_has_no_identifier_is_told(tmp_path: Path) -> None:
    header = f"{HEADER},Use & Access conditions,Sample source"
    found = read(tmp_path, sheet("S1,D1,DNA,RT,,Commercial use,Human", ",,DNA,RT,,,Animal", header=header))
    assert unused(found) == {"sample source": 1, "use & access conditions": 1}
    assert problems(found)["miabis_no_entity"].locator.line == 3


def test_rows_of_the_wrong_width_are_told(tmp_path: Path) -> None:
    found = read(tmp_path, sheet("S1,D1,DNA,RT,,x", "S2,D1,DNA"))
    assert [one.key for one in records(found)] == ["S2"]
    assert {"miabis_row_long", "miabis_row_short"} <= problems(found).keys()


@pytest.mark.parametrize(
    "header",
    ["sample_id,donor_id,sample_type,sex", "样本编号,供者编号", "Sample ID,Sample type,Storage temperature",
     "Sample ID,Sample storage temperature,Operator", "Sample donor ID", "person_id,gender_concept_id"],
)  # fmt: skip
def test_a_hospitals_own_table_stays_a_table(header: str) -> None:
    assert not is_miabis(header.split(","))
    assert miabis.sniff(header.encode(), "x.csv") is None


def test_tables_in_utf_16_and_with_semicolons_are_known(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(sheet("S1,D1,DNA,RT,").replace(",", ";"), encoding="utf-16")
    assert only(read_path(path), Kind.SPECIMEN).fields["storage_band"] == "RT"


def test_the_rest_of_a_file_is_the_same_from_anywhere(tmp_path: Path) -> None:
    content = sheet("S1,D1,DNA,RT,", "S2,D1,DNA", ",,DNA,RT,", "S3,D2,Serum,LN,2011")
    whole = read(tmp_path, content)
    for skip in range(len(whole) + 1):
        assert read(tmp_path, content, skip=skip) == whole[skip:]


# out ---------------------------------------------------------------------------------------------------------------


def facts_of(found: list[Record]) -> Facts:
    def facts(kind: Kind) -> Iterator[Exported]:
        for one in found:
            if one.kind is kind:
                shown = {name: value for name, value in one.fields.items() if name not in personal_fields(kind)}
                yield Exported(kind, one.key, one.donor, shown, one.key)

    return facts


def test_every_type_and_band_we_have_is_written_in_words_that_come_back() -> None:
    assert WRITTEN_TYPES.keys() == valuesets.members("specimen_type")
    assert WRITTEN_BANDS.keys() == valuesets.members("storage_band")
    assert {band: code_of("storage_band", words) for band, words in WRITTEN_BANDS.items()} == {
        band: band if band != "LN" else "below-135" for band in WRITTEN_BANDS
    }


def test_what_was_read_is_written_and_read_again_as_the_same(tmp_path: Path) -> None:
    header = f"{HEADER},Parent sample ID,Anatomical site free text"
    rows = [
        f'S{number},D{number % 3},"{words}",{WRITTEN_BANDS["-60to-85"]},2011-04-05,,lung'
        for number, words in enumerate(WRITTEN_TYPES.values())
    ]
    rows += ["A1,D1,DNA,RT,2012,S1,", "A2,D1,Sweat,2 °C to 10°C,2012-03,S1,"]
    first = records(read(tmp_path, sheet(*rows, header=header)))
    out = tmp_path / "out"
    out.mkdir()
    written = miabis_export.write(facts_of(first), out, About("bank", "2026-01-01T00:00:00Z"))
    assert written.counts == {"sample": len(rows), "sample_donor": 0, "event": 0}
    assert not written.left_out
    for name in ("sample.csv", "sample.json"):
        again = {(one.kind, one.key): _said(one) for one in records(read_path(out / name))}
        assert again == {(one.kind, one.key): _said(one) for one in first}


def _said(record: Record) -> dict[str, object]:
    """What a record says, but for the words of a type: those are written as MIABIS has them."""
    return {name: value for name, value in record.fields.items() if value is not None and name != "sample_type"}


def test_donors_and_events_are_written_by_pseudonym_and_by_age_or_date_never_both(tmp_path: Path) -> None:
    donor = Exported(Kind.DONOR, "P-1", "P-1", {"sex": "female", "age_years": 50.0}, "r1")
    told: list[dict[str, object]] = [
        {"icd10": "C34.1", "diagnosis": "Lung cancer", "age_years": 45.25, "diagnosed_on": "2011-04-05"},
        {"diagnosis": "x", "diagnosed_on": "2011"},
    ]
    conditions = [Exported(Kind.CONDITION, f"C{n}", "P-1", one, "r") for n, one in enumerate(told)]  # type: ignore[arg-type]
    step = Exported(Kind.CUSTODY, "K1", None, {"specimen_id": "S1", "action": "store", "happened_at": "2011"}, "r")
    consent = Exported(Kind.CONSENT, "P-1", "P-1", {"status": "consented"}, "r")
    everything = [donor, *conditions, step, consent]
    written = miabis_export.write(
        lambda kind: (one for one in everything if one.kind is kind), tmp_path, About("bank", "2026-01-01T00:00:00Z")
    )
    assert written.left_out == {"consent": 1}
    assert json.loads((tmp_path / "sample_donor.json").read_text()) == [{"Sample donor ID": "P-1", "Sex": "Female"}]
    first, second, third = csv.DictReader((tmp_path / "event.csv").open(encoding="utf-8"))
    assert (first["Age at event"], first["Age at event unit"], first["Event date and time"]) == ("45.25", "years", "")
    assert (first["Event name"], first["Event description"]) == ("Diagnosis", "C34.1 Lung cancer")
    assert (second["Age at event"], second["Event date and time"]) == ("", "2011")
    assert (third["Sample ID"], third["Event name"]) == ("S1", "store")


@pytest.mark.parametrize(
    ("degrees", "band"),
    [(-80.0, "-60 °C to -85 °C"), (4, "2 °C to 10°C"), (-196, "<-135 °C"), (-50, "Other"), (None, "")],
)
def test_degrees_on_record_are_written_as_the_band_they_lie_in(
    tmp_path: Path, degrees: float | None, band: str
) -> None:
    one = Exported(Kind.SPECIMEN, "S1", "P-1", {"specimen_id": "S1", "storage_c": degrees}, "r")
    miabis_export.write(lambda kind: iter([one] if kind is Kind.SPECIMEN else []), tmp_path, About("b", "x"))
    row = next(csv.DictReader((tmp_path / "sample.csv").open(encoding="utf-8")))
    assert row["Sample storage temperature"] == band
    assert row["Sample type"] == "Other"


def test_collections_without_a_sample_are_counted_as_left_out(tmp_path: Path) -> None:
    told = [
        Exported(Kind.COLLECTION, str(n), "P", fields, "r")
        for n, fields in enumerate([{"specimen_id": "S9", "anatomic_site": "lung"}, {"method": "biopsy"}])
    ]
    written = miabis_export.write(lambda kind: iter(told if kind is Kind.COLLECTION else []), tmp_path, About("b", "x"))
    assert written.left_out == {"collection": 2}
