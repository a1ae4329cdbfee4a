"""A whole day through the watch: each planted fault is noticed by the rule meant for it, and nothing else is."""

from pathlib import Path

import pytest

from tests.flows.replayed_day import MEANT, figures, replay


@pytest.mark.slow
def test_a_replayed_day_shows_every_planted_fault_and_no_other(tmp_path: Path) -> None:
    planted, notices = replay(tmp_path, 11)
    found, false = figures(planted, notices)
    assert {name: one.noticed for name, one in found.items()} == {name: one.planted for name, one in found.items()}
    assert all(found[name].planted for name in MEANT)
    assert not false
    assert not [one for one in notices if one.is_open and not one.rule.startswith("WCH-SOP")]
