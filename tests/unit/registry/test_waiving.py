"""A waiver holds when a second person agreed, nobody took it back, and its last day is not over."""

from dataclasses import replace

import pytest

from hilum.registry.stored import Waiver
from hilum.registry.waiving import holds, rules_waived

NOW = "2026-03-16T23:59:59.999999Z"
ASKED = Waiver("REC-1", "SPM-1", "label torn", "curator", "2026-03-01T08:00:00.000000Z")
AGREED = replace(ASKED, approved_by="second", approved_at="2026-03-02T08:00:00.000000Z")


@pytest.mark.parametrize(
    ("waiver", "holding"),
    [
        (ASKED, False),
        (AGREED, True),
        (replace(ASKED, approved_by="curator"), False),
        (replace(AGREED, withdrawn=True), False),
        (replace(AGREED, expires_on="2026-03-17"), True),
        (replace(AGREED, expires_on="2026-03-16"), True),
        (replace(AGREED, expires_on="2026-03-15"), False),
        (replace(AGREED, expires_on="2025-12-31"), False),
        (replace(ASKED, expires_on="2026-03-17"), False),
        (replace(AGREED, expires_on="2026-03-17", withdrawn=True), False),
    ],
)
def test_a_waiver_holds_or_not(waiver: Waiver, holding: bool) -> None:
    assert holds(waiver, NOW) is holding


def test_a_waiver_ends_with_the_instant_after_its_last_day() -> None:
    last = replace(AGREED, expires_on="2026-03-16")
    assert holds(last, "2026-03-16T23:59:59.999999Z")
    assert not holds(last, "2026-03-17T00:00:00.000000Z")


def test_each_record_is_waived_only_what_holds_for_itself() -> None:
    other = replace(AGREED, record="REC-2", rule="SPM-2")
    given = {"REC-1": [AGREED, replace(AGREED, rule="SPM-3", withdrawn=True)], "REC-2": [other], "REC-3": [ASKED]}
    assert rules_waived(given, NOW) == {
        "REC-1": frozenset({"SPM-1"}),
        "REC-2": frozenset({"SPM-2"}),
        "REC-3": frozenset(),
    }
    assert rules_waived({}, NOW) == {}
