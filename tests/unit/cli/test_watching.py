"""``hilum watch``: listing, taking in hand and sweeping at the command line."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from hilum.clock import stamp
from tests.flows.terminal import Terminal
from tests.flows.watched import reading, ward

AS = ("--as", "root")


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A bank in which a freezer has been too warm for ten minutes and more."""
    now = datetime.now(UTC)
    with ward(tmp_path / "bank", at=now) as bank:
        for minutes, value in ((30, -80.0), (20, -50.0), (10, -45.0)):
            bank.clock.now = now - timedelta(minutes=minutes)
            bank.take(reading("F-1", bank.clock.now, value, limit_high_c=-60))
    return Terminal(tmp_path / "bank", "en")


def listed(terminal: Terminal, *words: str) -> list[dict[str, object]]:
    return cast("list[dict[str, object]]", terminal.ask("watch", "list", *words, *AS))


def test_a_sweep_by_hand_tells_what_it_raised_once(terminal: Terminal) -> None:
    swept = terminal.table("watch", "sweep", *AS)
    (raised,) = cast("list[dict[str, object]]", swept["raised"])
    assert (raised["rule"], raised["subject"], raised["severity"]) == ("WCH-TMP-002", "F-1", "block")
    assert "Check the cooling" in str(raised["hint"])
    again = terminal.table("watch", "sweep", *AS)
    assert (again["raised"], again["closed"], again["changed"]) == ([], [], [])
    assert "0 raised, 0 closed, 0 changed" in terminal.type("watch", "sweep", *AS).stdout


def test_a_notice_in_somebodys_hands_leaves_the_list_and_stays_open(terminal: Terminal) -> None:
    terminal.type("watch", "sweep", *AS)
    (one,) = listed(terminal)
    said = terminal.type("watch", "ack", str(one["notice"]), "--reason", "moved to the spare freezer", *AS).stdout
    assert "root" in said
    assert listed(terminal) == []
    (kept,) = listed(terminal, "--all")
    facts = cast("dict[str, object]", kept["facts"])
    assert (kept["closed_at"], facts["acknowledged_why"]) == (None, "moved to the spare freezer")
    assert "in the hands of root" in terminal.type("watch", "list", "--all", *AS).stdout
    trail = cast("list[dict[str, object]]", terminal.ask("audit", "--subject", str(one["notice"]), *AS))
    assert [(each["operation"], each["reason"]) for each in trail] == [
        ("notice.acknowledge", "moved to the spare freezer")
    ]


def test_the_list_is_narrowed_by_subject_and_time(terminal: Terminal) -> None:
    terminal.type("watch", "sweep", *AS)
    assert len(listed(terminal, "--subject", "F-1")) == 1
    assert listed(terminal, "--subject", "F-2") == []
    assert listed(terminal, "--since", stamp(datetime.now(UTC) + timedelta(days=1))) == []


def test_a_list_for_people_is_in_their_language(terminal: Terminal) -> None:
    Terminal(terminal.home, "zh").type("watch", "sweep", *AS)
    said = Terminal(terminal.home, "zh").type("watch", "list", *AS).stdout
    assert "超温时间过长" in said
    assert "共 1 条提醒" in said


def test_a_notice_that_is_not_there_or_taken_without_a_reason_is_refused(terminal: Terminal) -> None:
    terminal.type("watch", "ack", "NTC-1", "--reason", "on it", *AS, code=5)
    terminal.type("watch", "ack", "NTC-1", *AS, code=3)


def test_whoever_may_do_nothing_may_not_sweep_either(terminal: Terminal) -> None:
    terminal.type("watch", "sweep", "--as", "stranger", code=6)
    terminal.type("watch", "list", "--as", "stranger", code=6)


def test_limits_that_cannot_be_meant_stop_the_sweep_and_say_where(terminal: Terminal) -> None:
    (terminal.home / "watch.toml").write_text("trip_hours = 'long'", encoding="utf-8")
    said = terminal.type("watch", "sweep", *AS, code=3)
    assert "watch.toml" in said.output
