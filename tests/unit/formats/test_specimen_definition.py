"""FHIR SpecimenDefinition: limits become constraints, the rest is told."""

import json

import pytest

from hilum.errors import BadInputError
from hilum.formats.specimen_definition import read_specimen_definition
from hilum.quality.sop import ConstraintKind

FROZEN = {
    "temperatureRange": {"low": {"value": -85}, "high": {"value": -65}},
    "maxDuration": {"value": 2, "unit": "wk"},
}
COOL = {"temperatureRange": {"low": {"value": 2}, "high": {"value": 8}}, "maxDuration": {"value": 4, "unit": "hour"}}
ROOM = {"temperatureRange": {"high": {"value": 25}}, "maxDuration": {"value": 30, "code": "min"}, "instruction": "避光"}
TESTED = {
    "preference": "preferred",
    "type": {"coding": [{"code": "PLAS", "display": "Plasma"}]},
    "container": {"type": {"text": "EDTA"}},
    "rejectionCriterion": [{"coding": [{"code": "hemolized"}]}],
    "handling": [ROOM, COOL, FROZEN],
}
DEFINITION = json.dumps(
    {
        "resourceType": "SpecimenDefinition",
        "id": "edta-plasma",
        "typeCollected": {"text": "Blood"},
        "patientPreparation": [{"text": "fasting"}],
        "typeTested": [TESTED, {"preference": "alternate", "type": {"text": "Serum"}}],
    },
    ensure_ascii=False,
)


def changed(**tested: object) -> bytes:
    return json.dumps({"resourceType": "SpecimenDefinition", "typeTested": [{**TESTED, **tested}]}).encode()


def test_the_longest_wait_before_freezing_is_asked_for() -> None:
    sop, notices = read_specimen_definition(DEFINITION.encode(), "d.json")
    (limit,) = [one for one in sop.constraints if one.kind is ConstraintKind.WITHIN]
    assert (sop.id, limit.step, limit.then, limit.minutes) == ("edta-plasma", "collect", "freeze", 240)
    assert sop.applies == "specimen_type = 'Plasma' AND tube = 'EDTA'"
    assert "避光" in limit.hint.zh
    assert {one.reason for one in notices} == {
        "fhir_alternate",
        "fhir_preparation",
        "fhir_rejection",
        "fhir_several_waits",
        "fhir_storage_life",
    }


def test_without_a_freezer_the_wait_ends_at_reception() -> None:
    sop, _ = read_specimen_definition(changed(handling=[COOL]), "d.json")
    (limit,) = [one for one in sop.constraints if one.kind is ConstraintKind.WITHIN]
    assert limit.then == "receive"


def test_a_duration_in_months_is_told_and_not_guessed() -> None:
    sop, notices = read_specimen_definition(
        changed(handling=[{**COOL, "maxDuration": {"value": 1, "code": "mo"}}]), "d"
    )
    assert not [one for one in sop.constraints if one.kind is ConstraintKind.WITHIN]
    assert "fhir_duration" in {one.reason for one in notices}


def test_a_type_that_nobody_knows_leaves_open_which_specimens_are_meant() -> None:
    sop, notices = read_specimen_definition(changed(type={"text": "moon dust"}, container={}), "d.json")
    assert sop.applies == ""
    assert "fhir_type_unknown" in {one.reason for one in notices}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "sop_json_broken"),
        (b"\xff\xfe", "sop_json_broken"),
        (b"[" * 100_000, "sop_json_broken"),
        (b'{"resourceType": "Specimen"}', "sop_not_definition"),
        (b"[]", "sop_not_definition"),
    ],
)
def test_what_is_no_definition_is_refused_with_its_reason(content: bytes, reason: str) -> None:
    with pytest.raises(BadInputError) as refused:
        read_specimen_definition(content, "d.json")
    assert refused.value.reason == reason
