"""Phenopackets: one subject with samples, diseases, measurements and treatments; families, cohorts, version 1."""

import json
from pathlib import Path

import pytest

from hilum.formats import phenopacket
from hilum.formats.phenopacket_values import born, stage, years
from hilum.model.record import Kind, Record, SourceProblem
from hilum.registry.privacy import KEY_SEPARATOR
from tests.unit.formats.other_files import only, problems, read, records, unused

Json = dict[str, object]


def packet(**members: object) -> Json:
    base: Json = {
        "id": "case 1",
        "subject": {"id": "P1", "sex": "MALE"},
        "metaData": {"phenopacketSchemaVersion": "2.0"},
    }
    return base | members


def term(name: str, label: str = "") -> Json:
    return {"id": name, "label": label} if label else {"id": name}


def said(record: Record) -> Json:
    return {name: value for name, value in record.fields.items() if value is not None}


@pytest.mark.parametrize(
    ("text", "number"),
    [("P45Y", 45.0), ("P45Y6M", 45.5), ("P18M", 1.5), ("P10D", 0.0273785078713), ("P1Y2M3DT4H", 1.17488021903),
     ("P52W", 0.996577686516), ("P0D", 0.0), ("45Y", None), ("P", None), ("PT4H", None), ("P-3Y", None), ("", None)],
)  # fmt: skip
def test_an_age_is_an_iso_duration_in_years(text: str, number: float | None) -> None:
    assert years(text) == number


@pytest.mark.parametrize(
    ("text", "day"),
    [("1964-03-15T00:00:00Z", "1964-03-15"), ("2018-03-01T00:00:00Z", "2018-03"), ("2018-01-01T00:00:00Z", "2018"),
     ("2018-01-01", "2018"), ("2018-01-01T09:30:00Z", "2018-01-01T09:30:00Z"), ("x", "x")],
)  # fmt: skip
def test_a_date_of_birth_rounded_down_is_as_exact_as_it_may_be(text: str, day: str) -> None:
    assert born(text) == day


def test_a_subject_is_a_donor_and_the_last_encounter_a_follow_up(tmp_path: Path) -> None:
    subject = {
        "id": "P1", "sex": "OTHER_SEX", "dateOfBirth": "1964-03-15T00:00:00Z", "karyotypicSex": "XY",
        "timeAtLastEncounter": {"timestamp": "2024-05-01T08:00:00Z"}, "taxonomy": term("NCBITaxon:9606"),
        "vitalStatus": {"status": "DECEASED", "survivalTimeInDays": 180,
                        "timeOfDeath": {"timestamp": "2024-06-01T00:00:00Z"}},
    }  # fmt: skip
    found = read(tmp_path, packet(subject=subject))
    assert said(only(found, Kind.DONOR)) == {
        "donor_id": "P1", "birth_on": "1964-03-15", "sex": "other", "vital_status": "dead", "died_on": "2024-06-01",
        "death_offset_days": 180,
    }  # fmt: skip
    assert said(only(found, Kind.FOLLOW_UP)) == {
        "donor_id": "P1", "form_completed_on": "2024-05-01", "vital_status": "dead",
    }  # fmt: skip
    assert unused(found) == {"subject karyotypicSex": 1}


def test_an_age_that_no_field_takes_is_counted(tmp_path: Path) -> None:
    subject = {
        "id": "P1",
        "timeAtLastEncounter": {"age": {"iso8601duration": "P14Y"}},
        "taxonomy": term("NCBITaxon:10090"),
    }
    found = read(tmp_path, packet(subject=subject))
    assert not records(found, Kind.FOLLOW_UP)
    assert unused(found) == {"time age": 1, "taxonomy NCBITaxon:10090": 1}


def test_a_biosample_is_a_specimen_its_collection_and_the_pathologists_findings(tmp_path: Path) -> None:
    sample = {
        "id": "B1", "derivedFromId": "B0", "sampledTissue": term("UBERON:0001255", "urinary bladder"),
        "sampleType": term("OBI:0001051", "DNA extract"), "sampleStorage": term("X:1", "-80 °C"),
        "histologicalDiagnosis": term("NCIT:C39853", "Infiltrating Urothelial Carcinoma"),
        "tumorProgression": term("NCIT:C84509", "Primary Malignant Neoplasm"),
        "tumorGrade": term("NCIT:C36136", "Grade 2 Lesion"), "pathologicalStage": term("NCIT:C28054", "Stage II"),
        "pathologicalTnmFinding": [term("NCIT:C48726", "pT2b Stage Finding"), term("NCIT:C48705", "N0 Stage Finding")],
        "timeOfCollection": {"timestamp": "2024-05-01T08:30:00Z"}, "materialSample": term("EFO:0009655"),
        "procedure": {"code": term("NCIT:C5189", "Radical Cystoprostatectomy")}, "files": [{"uri": "file:///x.vcf"}],
    }  # fmt: skip
    found = read(tmp_path, packet(biosamples=[sample]))
    assert said(only(found, Kind.SPECIMEN)) == {
        "specimen_id": "B1", "donor_id": "P1", "parent_id": "B0", "specimen_type": "DNA", "sample_type": "DNA extract",
        "collected_at": "2024-05-01T08:30:00Z", "storage_c": -80.0,
    }  # fmt: skip
    assert said(only(found, Kind.COLLECTION)) == {
        "specimen_id": "B1", "donor_id": "P1", "method": "Radical Cystoprostatectomy", "category": "tumor",
        "anatomic_site": "urinary bladder", "histology": "Infiltrating Urothelial Carcinoma",
    }  # fmt: skip
    condition = only(found, Kind.CONDITION)
    assert condition.key == "B1/pathology"
    assert said(condition) == {
        "condition_id": "B1/pathology", "donor_id": "P1", "pathologic_t": "T2b", "pathologic_n": "N0", "grade": "G2",
        "pathologic_stage": "II", "category": "primary", "diagnosis": "Infiltrating Urothelial Carcinoma",
        "histology": "Infiltrating Urothelial Carcinoma", "diagnosed_on": "2024-05-01",
    }  # fmt: skip
    assert unused(found) == {"biosample files": 1}


def test_a_biosample_belongs_to_its_own_individual(tmp_path: Path) -> None:
    found = read(tmp_path, packet(biosamples=[{"id": "B1", "individualId": "P2", "sampleType": term("", "Serum")}]))
    one = only(found, Kind.SPECIMEN)
    assert (one.donor, one.fields["specimen_type"]) == ("P2", "Serum")


def test_a_negative_finding_is_no_diagnosis(tmp_path: Path) -> None:
    sample = {
        "id": "B1",
        "histologicalDiagnosis": term("NCIT:C38757", "Negative Finding"),
        "tumorGrade": term("x", "G1"),
    }
    found = read(tmp_path, packet(biosamples=[sample]))
    assert not records(found, Kind.CONDITION)
    assert only(found, Kind.COLLECTION).fields["histology"] == "Negative Finding"


def test_a_disease_is_a_condition_with_onset_stage_and_findings(tmp_path: Path) -> None:
    disease = {
        "term": term("ICD10:C67.9", "Bladder cancer"), "onset": {"age": {"iso8601duration": "P45Y6M"}},
        "diseaseStage": [term("NCIT:C27971", "Stage IV")], "laterality": term("NCIT:C25229", "Left"),
        "clinicalTnmFinding": [term("NCIT:C48724", "cT2 Stage Finding"), term("NCIT:C48699", "M0 Stage Finding"),
                               term("x", "something else")],
        "primarySite": term("ICDO:C67.9", "bladder"),
    }  # fmt: skip
    found = read(tmp_path, packet(diseases=[disease, {"term": term("MONDO:1", "no"), "excluded": True}]))
    assert said(only(found, Kind.CONDITION)) == {
        "donor_id": "P1", "icd10": "C67.9", "diagnosis": "Bladder cancer", "age_years": 45.5, "clinical_t": "T2",
        "clinical_m": "M0", "clinical_stage": "IV", "icdo_site": "C67.9", "anatomic_site": "bladder",
        "laterality": "left",
    }  # fmt: skip
    assert unused(found) == {"TNM finding": 1, "excluded disease": 1}


@pytest.mark.parametrize(
    ("onset", "fields", "unreadable"),
    [
        ({"timestamp": "2011-04-05T00:00:00Z"}, {"diagnosed_on": "2011-04-05"}, {}),
        ({"age": {"iso8601duration": "45 years"}}, {}, {"age_years": "45 years"}),
        ({"ageRange": {"start": {}, "end": {}}}, {}, {}),
        ({"ontologyClass": term("HP:0003581", "Adult onset")}, {}, {}),
    ],
)
def test_an_onset_is_an_age_or_a_day_or_is_told(
    tmp_path: Path, onset: Json, fields: Json, unreadable: dict[str, str]
) -> None:
    found = read(tmp_path, packet(diseases=[{"term": term("x", "y"), "onset": onset}]))
    one = only(found, Kind.CONDITION)
    assert said(one) == {"donor_id": "P1", "diagnosis": "y"} | fields
    assert one.unreadable == unreadable
    assert bool(unused(found)) is (not fields and not unreadable)


@pytest.mark.parametrize(
    ("label", "code"), [("Stage IIB", "IIB"), ("AJCC v8 Stage III", "III"), ("IV", "IV"), ("Dukes B", "Dukes B")]
)
def test_a_stage_is_our_code_or_as_written(label: str, code: str) -> None:
    assert stage(term("x", label)) == code


def test_measurements_are_observations_each_with_a_name_of_its_own(tmp_path: Path) -> None:
    quantity = {
        "unit": term("UCUM:g/dL", "gram per deciliter"),
        "value": 13.5,
        "referenceRange": {"low": 12, "high": 16},
    }
    pressure = [{"type": term("x", "systolic"), "quantity": {"value": 120, "unit": term("UCUM:mm[Hg]")}}]
    found = read(
        tmp_path,
        packet(
            measurements=[
                {"assay": term("LOINC:718-7"), "value": {"quantity": quantity}},
                {"assay": term("LOINC:718-7"), "value": {"quantity": quantity | {"value": 12.5}}},
                {"assay": term("x", "colour"), "value": {"ontologyClass": term("y", "red")}},
                {"assay": term("x", "pressure"), "complexValue": {"typedQuantities": pressure}},
                {"assay": term("x", "nothing")},
            ]
        ),
    )
    first, second, third, fourth = records(found, Kind.OBSERVATION)
    assert (first.fields["analyte"], first.fields["value"], first.fields["unit"]) == ("hemoglobin", 13.5, "g/dL")
    assert (first.fields["reference_low"], first.fields["reference_high"]) == (12.0, 16.0)
    assert first.key != second.key
    assert third.fields["value_text"] == "red"
    assert (fourth.fields["analyte"], fourth.fields["value"], fourth.fields["unit"]) == ("systolic", 120.0, "mm[Hg]")
    assert unused(found) == {"measurement without a value": 1}


def test_a_measurement_of_a_biosample_names_it(tmp_path: Path) -> None:
    told = {
        "assay": term("x", "RIN"), "value": {"quantity": {"value": 8}},
        "timeObserved": {"timestamp": "2024-05-01T08:30:00Z"},
    }  # fmt: skip
    found = read(tmp_path, packet(biosamples=[{"id": "B1", "measurements": [told]}]))
    one = only(found, Kind.OBSERVATION)
    assert (one.fields["specimen_id"], one.fields["observed_at"]) == ("B1", "2024-05-01T08:30:00Z")


def test_medical_actions_are_medications_and_procedures(tmp_path: Path) -> None:
    def dosed(value: int, start: str, end: str) -> Json:
        return {"quantity": {"unit": term("UO:22", "mg"), "value": value}, "interval": {"start": start, "end": end}}

    actions = [
        {"treatment": {"agent": term("x", "losartan"), "routeOfAdministration": term("x", "oral"), "doseIntervals": [
            dosed(30, "2019-03-20T00:00:00Z", "2019-03-25T00:00:00Z"),
            dosed(60, "2019-03-26T00:00:00Z", "2019-04-05T00:00:00Z")]}, "treatmentIntent": term("x", "curative")},
        {"radiationTherapy": {"modality": term("x", "Electron Beam"), "dosage": 10, "fractions": 5},
         "responseToTreatment": term("x", "Favorable")},
        {"therapeuticRegimen": {"ontologyClass": term("x", "FOLFOX"), "regimenStatus": "STARTED",
                                "startTime": {"timestamp": "2020-01-01T00:00:00Z"}}},
        {"procedure": {"code": term("x", "Biopsy"), "performed": {"timestamp": "2019-01-01T00:00:00Z"}}},
    ]  # fmt: skip
    found = read(tmp_path, packet(medicalActions=actions))
    first, second, third = records(found, Kind.MEDICATION)
    assert first.key == KEY_SEPARATOR.join(("P1", "losartan", "2019-03-20"))
    assert (first.fields["dose"], second.fields["dose"]) == (30.0, 60.0)
    assert (first.fields["dose_unit"], first.fields["ended_on"]) == ("mg", "2019-03-25")
    assert (third.fields["therapy"], third.fields["ongoing"]) == ("FOLFOX", True)
    radiation, biopsy = records(found, Kind.PROCEDURE)
    assert (radiation.fields["dose"], radiation.fields["dose_unit"], radiation.fields["fractions"]) == (10.0, "Gy", 5)
    assert (radiation.fields["category"], radiation.fields["response"]) == ("radiation", "Favorable")
    assert (biopsy.fields["type"], biopsy.fields["started_on"]) == ("Biopsy", "2019-01-01")
    assert unused(found) == {"action treatmentIntent": 1}


def test_no_key_holds_the_subjects_identifier_but_as_a_part_of_its_own(tmp_path: Path) -> None:
    subject = {"id": "ID-310101", "sex": "MALE"}
    measured = {"assay": term("x", "a"), "value": {"quantity": {"value": 1}}}
    found = read(tmp_path, packet(subject=subject, diseases=[{"term": term("x", "y")}], measurements=[measured]))
    for one in records(found):
        assert all(part == "ID-310101" or "310101" not in part for part in one.key.split(KEY_SEPARATOR))


def test_families_and_cohorts_give_every_packet_and_their_lines_too(tmp_path: Path) -> None:
    family = {
        "id": "f",
        "relatives": [packet(subject={"id": "MOTHER"})],
        "proband": packet(),
        "pedigree": {"persons": []},
    }
    found = read(tmp_path, family)
    assert [one.donor for one in records(found, Kind.DONOR)] == ["MOTHER", "P1"]
    assert unused(found) == {"pedigree": 1}
    cohort = {"id": "c", "description": "all", "members": [packet(), packet(subject={"id": "P2"})]}
    assert [one.donor for one in records(read(tmp_path, cohort))] == ["P1", "P2"]
    lines = "\n".join(json_line(one) for one in (family, packet(subject={"id": "P3"}), family))
    donors = [one.donor for one in records(read(tmp_path, lines))]
    assert sorted(str(one) for one in donors) == ["MOTHER", "MOTHER", "P1", "P1", "P3"]
    assert [one.donor for one in records(read(tmp_path, {"id": "f", "proband": packet()}))] == ["P1"]


def json_line(value: object) -> str:
    return json.dumps(value)


def test_snake_case_says_the_same(tmp_path: Path) -> None:
    told = {"id": "x", "subject": {"id": "P1", "time_at_last_encounter": {"timestamp": "2024-05-01T00:00:00Z"}},
            "biosamples": [{"id": "B", "derived_from_id": "A"}]}  # fmt: skip
    found = read(tmp_path, told)
    assert only(found, Kind.SPECIMEN).fields["parent_id"] == "A"
    assert only(found, Kind.FOLLOW_UP).fields["form_completed_on"] == "2024-05-01"


def test_version_1_is_recognised_and_what_it_shares_is_read(tmp_path: Path) -> None:
    old = {
        "id": "x", "subject": {"id": "P1", "ageAtCollection": {"age": "P14Y"}, "sex": "FEMALE"},
        "diseases": [{"term": term("x", "y"), "ageOfOnset": {"age": "P3Y"}}],
        "metaData": {"phenopacketSchemaVersion": "1.0.0"},
    }  # fmt: skip
    found = read(tmp_path, old)
    assert only(found, Kind.DONOR).fields["sex"] == "female"
    assert only(found, Kind.CONDITION).fields["age_years"] == 3.0
    assert problems(found)["phenopacket_version"].values == {"count": 1}
    assert unused(found) == {"subject ageAtCollection": 1}


def test_what_is_no_phenopacket_is_told(tmp_path: Path) -> None:
    found = read(tmp_path, [packet(), 7, {"x": 1}], "phenopacket.json")
    assert len(records(found)) == 1
    assert sum(isinstance(one, SourceProblem) and one.reason == "phenopacket_none" for one in found) == 2


def test_a_packet_nested_without_end_is_told(tmp_path: Path) -> None:
    deep = '{"subject":{"id":"P1"},"biosamples":' + "[" * 3_000 + "]" * 3_000 + "}"
    found = read(tmp_path, deep, "phenopacket.json")
    assert any(isinstance(one, SourceProblem) for one in found)


def test_the_rest_of_a_file_is_the_same_from_anywhere(tmp_path: Path) -> None:
    content = {
        "relatives": [packet(diseases=[{"term": term("x", "y")}])],
        "proband": packet(phenotypicFeatures=[{"type": 1}]),
    }
    whole = read(tmp_path, content)
    for skip in range(len(whole) + 1):
        assert read(tmp_path, content, skip=skip) == whole[skip:]


@pytest.mark.parametrize(
    "head",
    [b'{"resourceType":"Patient","subject":{}}', b'{"subject":{"id":1}}', b"a,b", b"", b'{"type":"EPCISDocument"}'],
)
def test_other_files_are_left_to_others(head: bytes) -> None:
    assert phenopacket.sniff(head, "x.json") is None
