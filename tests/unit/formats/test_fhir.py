"""FHIR as records: what each resource says, what a hostile or foreign file gets."""

import json
import tracemalloc
from pathlib import Path

import pytest

from hilum.formats import fhir
from hilum.formats.member import Member
from hilum.model.record import Kind, SourceProblem
from tests.unit.formats.fhir_files import bundle, read, reasons, records

PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "identifier": [
        {"type": {"coding": [{"code": "NI"}]}, "value": "11010519491231002X"},
        {"use": "old", "value": "OLD"},
        {"type": {"coding": [{"code": "MR"}]}, "value": "MRN-1"},
    ],
    "name": [{"family": "张", "given": ["三"]}],
    "gender": "female",
    "birthDate": "1949-12",
}
SPECIMEN = {
    "resourceType": "Specimen",
    "id": "s1",
    "identifier": [{"value": "TUBE-1"}],
    "type": {"coding": [{"system": "http://snomed.info/sct", "code": "119361006"}]},
    "subject": {"reference": "Patient/p1"},
    "receivedTime": "2024-03-05T10:00:00+08:00",
    "collection": {"collectedDateTime": "2024-03-05"},
    "container": [{"specimenQuantity": {"value": 1.5, "code": "mL"}, "additiveCodeableConcept": {"text": "EDTA"}}],
}


def test_a_patient_is_called_by_the_record_number_and_never_by_the_identity_number(tmp_path: Path) -> None:
    (donor,) = records(read(tmp_path, PATIENT))
    assert donor.key == "MRN-1"
    assert donor.fields["national_id"] == "11010519491231002X"
    assert donor.fields["name"] == "张三"
    assert donor.fields["birth_on"] == "1949-12"


def test_a_specimen_refers_to_its_donor_by_the_donors_own_identifier_wherever_that_stands(tmp_path: Path) -> None:
    specimen = records(read(tmp_path, bundle(SPECIMEN, PATIENT)))[0]
    assert specimen.donor == "MRN-1"
    assert specimen.fields["specimen_type"] == "Plasma"
    assert specimen.fields["tube"] == "EDTA"
    assert specimen.fields["volume_ul"] == 1500.0
    assert specimen.fields["received_at"] == "2024-03-05T02:00:00Z"
    assert specimen.fields["collected_at"] == "2024-03-05"


@pytest.mark.parametrize(
    ("reference", "donor"),
    [
        ({"reference": "Patient/p1"}, "MRN-1"),
        ({"reference": "https://h.example/fhir/Patient/p1/_history/2"}, "MRN-1"),
        ({"reference": "Patient/nowhere"}, "nowhere"),
        ({"reference": "urn:uuid:abc"}, "abc"),
        ({"identifier": {"value": "MRN-9"}}, "MRN-9"),
        ({"reference": "#c"}, "MRN-C"),
        ({"reference": "#missing"}, "missing"),
        ({"display": "somebody"}, None),
        ("Patient/p1", None),
    ],
)
def test_every_kind_of_reference_is_followed_or_keeps_its_id(
    tmp_path: Path, reference: object, donor: str | None
) -> None:
    held = {"resourceType": "Patient", "id": "c", "identifier": [{"value": "MRN-C"}]}
    specimen = SPECIMEN | {"subject": reference, "contained": [held]}
    assert records(read(tmp_path, bundle(PATIENT, specimen)))[1].donor == donor


def test_circles_of_references_end(tmp_path: Path) -> None:
    one = SPECIMEN | {"parent": [{"reference": "Specimen/s2"}], "contained": [{"resourceType": "Patient", "id": "#x"}]}
    two = SPECIMEN | {"id": "s2", "identifier": [{"value": "TUBE-2"}], "parent": [{"reference": "Specimen/s1"}]}
    own = SPECIMEN | {"id": "s3", "identifier": [], "parent": [{"reference": "Specimen/s3"}]}
    found = [
        one.fields["parent_id"] for one in records(read(tmp_path, bundle(one, two, own))) if one.kind is Kind.SPECIMEN
    ]
    assert found == ["TUBE-2", "TUBE-1", "s3"]


@pytest.mark.parametrize(
    ("told", "fields"),
    [
        ({"valueQuantity": {"value": 0.5, "comparator": "<", "code": "mg/dL"}}, {"value": 0.5, "comparator": "<"}),
        ({"valueString": "＜0.5"}, {"value": 0.5, "comparator": "<"}),
        ({"valueString": "60~120"}, {"value_low": 60.0, "value_high": 120.0}),
        ({"valueString": "阴性"}, {"value_text": "阴性"}),
        ({"valueCodeableConcept": {"text": "Positive"}}, {"value_text": "Positive"}),
        ({"valueRange": {"low": {"value": 1}, "high": {"value": 2}}}, {"value_low": 1.0, "value_high": 2.0}),
        ({"valueInteger": 3}, {"value": 3.0}),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}}, {"value_text": "1:128"}),
        ({"valueBoolean": False}, {"value_text": "false"}),
    ],
)
def test_a_result_is_what_was_written_and_never_a_silent_zero(
    tmp_path: Path, told: dict[str, object], fields: dict[str, object]
) -> None:
    code = {"coding": [{"system": "http://loinc.org", "code": "2160-0"}]}
    (found,) = records(read(tmp_path, {"resourceType": "Observation", "id": "o", "code": code, **told}))
    assert found.fields["analyte"] == "creatinine"
    assert {name: found.fields.get(name) for name in fields} == fields


def test_a_panel_gives_its_components_and_an_unknown_code_keeps_its_words(tmp_path: Path) -> None:
    parts = [
        {"code": {"coding": [{"system": "http://loinc.org", "code": "8480-6"}]}, "valueQuantity": {"value": 120}},
        {"code": {"text": "Mystery"}, "valueQuantity": {"value": "12 mL"}},
    ]
    found = records(read(tmp_path, {"resourceType": "Observation", "id": "o", "code": {}, "component": parts}))
    assert [one.fields["analyte"] for one in found] == ["systolic_pressure", "Mystery"]
    assert found[1].unreadable == {"value": "12 mL"}


def test_r5_names_are_read_beside_those_of_r4(tmp_path: Path) -> None:
    specimen = SPECIMEN | {
        "role": [{"text": "x"}],
        "combined": "pooled",
        "collection": {"collectedPeriod": {"start": "2024"}, "bodySite": {"concept": {"text": "arm"}}},
        "container": [{"device": {"reference": "#tube"}, "specimenQuantity": {"value": 2, "unit": "mL"}}],
        "contained": [{"resourceType": "Device", "id": "tube", "type": [{"text": "EDTA"}]}],
        "processing": [{"method": {"coding": [{"code": "85457002"}]}, "timeDateTime": "2024-03-05T10:30:00Z"}],
    }
    found = {one.kind: one for one in records(read(tmp_path, specimen))}
    assert found[Kind.SPECIMEN].fields["tube"] == "EDTA"
    assert found[Kind.SPECIMEN].fields["collected_at"] == "2024"
    assert found[Kind.COLLECTION].fields["anatomic_site"] == "arm"
    assert found[Kind.PREPARATION].fields["step"] == "centrifuge"


def test_a_provenance_of_a_specimen_is_a_step_of_custody(tmp_path: Path) -> None:
    told = {
        "resourceType": "Provenance",
        "id": "v",
        "target": [{"reference": "Specimen/s1"}, {"reference": "Patient/p1"}],
        "recorded": "2024-03-05T10:00:00Z",
        "activity": {"text": "签收"},
        "agent": [{"who": {"display": "王五"}}],
    }
    (found,) = [one for one in records(read(tmp_path, bundle(SPECIMEN, told))) if one.kind is Kind.CUSTODY]
    assert (found.fields["specimen_id"], found.fields["action"]) == ("TUBE-1", "receive")


def test_older_versions_are_named_and_read_as_far_as_they_agree(tmp_path: Path) -> None:
    old = {"resourceType": "Condition", "id": "c", "patient": {"reference": "Patient/p1"}, "dateRecorded": "2014-01-01"}
    found = read(tmp_path, bundle(old, {"resourceType": "ProcedureRequest", "id": "r"}))
    assert [one.values for one in found if isinstance(one, SourceProblem) and one.reason == "fhir_version"] == [
        {"version": "DSTU2", "count": 1},
        {"version": "STU3", "count": 1},
    ]
    assert records(found)[0].key == "c"


def test_types_without_a_place_are_counted_once_each(tmp_path: Path) -> None:
    found = read(tmp_path, bundle(*[{"resourceType": "Claim"}] * 3, {"resourceType": "Organization"}))
    assert [one.values for one in found if isinstance(one, SourceProblem)] == [
        {"type": "Claim", "count": 3},
        {"type": "Organization", "count": 1},
    ]


def test_an_entry_without_a_resource_is_told(tmp_path: Path) -> None:
    assert (
        reasons(read(tmp_path, {"resourceType": "Bundle", "entry": [{"request": {}}, 3, None]}))
        == ["fhir_no_resource"] * 3
    )


def test_an_invisible_character_in_an_identifier_is_told_by_its_code_point(tmp_path: Path) -> None:
    found = read(tmp_path, SPECIMEN | {"identifier": [{"value": "TUBE\u200b-1"}]})
    problem = next(one for one in found if isinstance(one, SourceProblem))
    assert (problem.reason, problem.values["code"]) == ("fhir_invisible", "U+200B")


def test_fifty_megabytes_of_base64_pass_and_are_not_kept(tmp_path: Path) -> None:
    report = {"resourceType": "DiagnosticReport", "id": "r", "presentedForm": [{"data": "QUJD" * 13_000_000}]}
    (found,) = records(read(tmp_path, bundle(report)))
    assert len(json.dumps(dict(found.fields))) < 1_000


def test_memory_does_not_grow_with_the_entries_of_a_bundle(tmp_path: Path) -> None:
    one = json.dumps(
        {"resource": {"resourceType": "Condition", "id": "c", "code": {"text": "x"}, "note": [{"text": "x" * 1_000}]}}
    )
    path = tmp_path / "in.json"
    path.write_text('{"resourceType":"Bundle","entry":[' + ",".join([one] * 10_000) + "]}")
    member = Member("in.json", path, path.stat().st_size, "", "fhir.json", 40)
    tracemalloc.start()
    try:
        count = sum(1 for _ in fhir.items(member, "SRC", 0))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 10_000
    assert peak < 8 << 20  # the file has 11 MB


def test_a_truncated_bundle_keeps_what_was_read(tmp_path: Path) -> None:
    whole = json.dumps(bundle(PATIENT, SPECIMEN)).encode()
    found = read(tmp_path, whole[:-30])
    assert [one.kind for one in records(found)] == [Kind.DONOR]
    assert reasons(found) == ["json_truncated"]


def test_xml_is_recognised_and_refused_in_plain_words(tmp_path: Path) -> None:
    assert reasons(read(tmp_path, b'<?xml version="1.0"?><Patient xmlns="http://hl7.org/fhir"/>')) == ["fhir_xml"]


@pytest.mark.parametrize("content", [b'{"a":1}', b"a,b\n1,2\n", b"", b"MSH|^~\\&|", b'{"phenopacket":{}}'])
def test_other_files_are_left_to_other_readers(content: bytes) -> None:
    assert fhir.sniff(content, "x.json") is None


def test_leaving_items_out_gives_the_rest_in_the_same_order(tmp_path: Path) -> None:
    every = read(tmp_path, bundle(PATIENT, SPECIMEN, {"resourceType": "Claim"}))
    assert [read(tmp_path, bundle(PATIENT, SPECIMEN, {"resourceType": "Claim"}), skip=at) for at in range(4)] == [
        every[at:] for at in range(4)
    ]
