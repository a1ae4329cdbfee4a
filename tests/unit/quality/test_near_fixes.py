"""Corrections that are looked for: only what settles the finding, and nothing from or for a personal field."""

from functools import cache

import pytest

from hilum.model.record import Kind, Value
from hilum.quality.finding import Finding, Fix
from hilum.quality.gate import Gate
from hilum.quality.near_codes import respelt, unmistaken
from hilum.quality.near_numbers import slipped, units
from hilum.quality.pack import build_ruleset, load_shipped
from hilum.quality.row import day_number, own_columns, second_number

RECEIVED = "2026-03-09T00:00:00Z"
TUBE: dict[str, Value] = {
    "specimen_id": "S1",
    "donor_id": "D1",
    "specimen_type": "WholeBlood",
    "received_at": "2026-03-05T01:10:00Z",
}
RESULT: dict[str, Value] = {
    "observation_id": "O1", "donor_id": "D1", "analyte": "hemoglobin", "value": 112.0, "unit": "g/L",
    "reference_low": 115.0, "reference_high": 150.0, "observed_at": "2026-03-05T01:10:00Z",
}  # fmt: skip


@cache
def _gate() -> Gate:
    return Gate(build_ruleset(load_shipped()))


def _findings(kind: Kind, fields: dict[str, Value], **context: Value) -> dict[str, Finding]:
    seen: dict[str, Value] = {
        "donor.known": True,
        "received.at": second_number(RECEIVED),
        "received.on": day_number(RECEIVED[:10]),
    }
    judged = _gate().judge(kind, own_columns(kind, fields) | seen | context)
    return {one.rule: one for one in judged.findings}


def _tube(collected_at: str) -> list[Fix]:
    found = _findings(Kind.SPECIMEN, TUBE | {"collected_at": collected_at})
    return [fix for one in found.values() for fix in one.fixes if fix.field == "collected_at"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-03-05T12:05:00Z", "2026-03-05T00:05:00Z"),
        ("2062-03-05T00:05:00Z", "2026-03-05T00:05:00Z"),
        ("2026-05-03T00:05:00Z", "2026-03-05T00:05:00Z"),
        ("2026-05-02T23:59:00Z", "2026-03-04T23:59:00Z"),
    ],
    ids=["twelve hours", "year", "day and month", "day and month before eight in China, a day earlier in UTC"],
)
def test_the_first_time_offered_is_the_one_that_settles_the_order(written: str, meant: str) -> None:
    assert _tube(written)[0].value == meant


def test_times_in_the_right_order_are_left_alone() -> None:
    assert _tube("2026-03-05T00:05:00Z") == []


def test_a_time_that_would_only_move_the_contradiction_is_not_offered() -> None:
    """Twelve hours less would put the draw before the reception, but half a day before the spin."""
    tube = TUBE | {"specimen_type": "Plasma", "collected_at": "2026-03-05T01:30:00Z"}
    late = _findings(Kind.SPECIMEN, tube | {"centrifuged_at": "2026-03-05T02:00:00Z"})["SPM-TIM-001"]
    assert "2026-03-04T13:30:00Z" not in [fix.value for fix in late.fixes]
    unspun = _findings(Kind.SPECIMEN, tube)["SPM-TIM-001"]
    assert "2026-03-04T13:30:00Z" in [fix.value for fix in unspun.fixes]


def test_a_true_delay_is_not_argued_away() -> None:
    tube = TUBE | {"specimen_type": "Plasma", "collected_at": "2026-03-04T13:00:00Z"}
    found = _findings(Kind.SPECIMEN, tube | {"centrifuged_at": "2026-03-05T02:00:00Z"})
    assert found["SPM-DLY-001"].fixes == ()


def test_a_slipped_decimal_point_is_moved_to_where_the_reference_limits_are() -> None:
    found = _findings(Kind.OBSERVATION, RESULT | {"value": 1120.0})
    assert [fix.value for one in found.values() for fix in one.fixes if fix.field == "value"] == [112.0]


def test_two_powers_of_ten_within_wide_limits_say_nothing() -> None:
    assert slipped({"value": 500.0, "reference_low": 0.1, "reference_high": 90.0}) == ()
    assert slipped({"value": 0.0}) == slipped({"value": None}) == ()


def test_a_missing_unit_is_one_in_which_value_and_limits_are_possible() -> None:
    found = _findings(Kind.OBSERVATION, RESULT | {"analyte": "potassium", "value": 4.1, "unit": None,
                                                  "reference_low": 3.5, "reference_high": 5.3})  # fmt: skip
    assert [fix.value for fix in found["LAB-UNIT-001"].fixes][:1] == ["mmol/L"]
    assert units({"analyte": "no such analyte", "value": 1.0}) == units({"analyte": "potassium", "value": 1e9}) == ()


def test_a_censored_result_is_not_held_to_the_limits_of_a_measured_one() -> None:
    low: dict[str, Value] = RESULT | {"analyte": "creatinine", "value": 0.5, "unit": "umol/L"}
    assert "LAB-RNG-001" in _findings(Kind.OBSERVATION, low)
    assert "LAB-RNG-001" not in _findings(Kind.OBSERVATION, low | {"comparator": "<"})


def test_a_test_nobody_knows_gets_the_nearest_names() -> None:
    (first, *_) = _findings(Kind.OBSERVATION, RESULT | {"analyte": "白细包计数"})["LAB-CODE-001"].fixes
    assert (first.field, first.value, first.basis, first.lossless) == ("analyte", "leukocytes", "dictionary", False)


def test_a_code_with_a_foreign_stop_is_offered_as_it_should_be_written() -> None:
    found = _findings(Kind.CONDITION, {"condition_id": "C1", "donor_id": "D1", "icd10": "c34。1"})
    assert "C34.1" in [fix.value for one in found.values() for fix in one.fixes if fix.field == "icd10"]
    assert respelt("Ｃ34．1 ") == "C34.1"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("XD2603-00O092-E", "XD2603-000092-E"),
        ("XD2603-0000O8-E", "XD2603-000008-E"),
        ("XD2603-O00l08-E", "XD2603-000108-E"),
        ("ХD2603-000108-E", "XD2603-000108-E"),
        ("BLOOD-OIL-1", "BLOOD-OIL-1"),
        ("TCGA-A2-A04P-01A", "TCGA-A2-A04P-01A"),
        ("", ""),
    ],
)
def test_letters_that_look_like_others_are_told_from_letters_that_belong(written: str, meant: str) -> None:
    assert unmistaken(written) == meant


def test_a_parent_nobody_knows_is_offered_without_look_alikes() -> None:
    found = _findings(Kind.SPECIMEN, TUBE | {"parent_id": "XD2603-00O092-E"}, **{"parent.known": False})
    assert [fix.value for one in found.values() for fix in one.fixes if fix.field == "parent_id"] == ["XD2603-000092-E"]


@pytest.mark.parametrize("birth", ["2062-03-05", "1875-03-05"])
def test_nothing_is_offered_for_a_personal_field_nor_from_one(birth: str) -> None:
    found = _findings(Kind.DONOR, {"donor_id": "D1", "birth_on": birth, "sex": "male"})
    assert any(one.field == "birth_on" for one in found.values())
    assert [fix for one in found.values() for fix in one.fixes if fix.field in ("birth_on", "donor_id")] == []


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_time_at_the_end_of_the_calendar_breaks_nothing(at: str) -> None:
    found = _findings(Kind.SPECIMEN, TUBE | {"collected_at": at})
    assert not any(one.broken for one in found.values())
