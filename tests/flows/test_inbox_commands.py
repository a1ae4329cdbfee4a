"""``hilum inbox``: what came, what became of it, doing it again; the bytes only for who may see them."""

import json
from pathlib import Path

import pytest

from hilum.app.gatekeeping import Gatekeeper
from hilum.app.reading import Readers
from hilum.app.running import open_hilum
from hilum.registry.arrivals import RECORDS_JSON, Arrival, Door, Incoming, arrival_of
from hilum.stores.inbox import Put
from hilum.stores.inbox_opening import open_inbox
from tests.flows.terminal import Terminal

AT = "2026-03-16T08:00:00.000000Z"
LATER = "2026-03-16T09:00:00.000000Z"
DONOR = json.dumps({"kind": "donor", "fields": {"donor_id": "P-1", "sex": "female"}}).encode()
OTHER = json.dumps({"kind": "donor", "fields": {"donor_id": "P-2", "sex": "male"}}).encode()


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    made = Terminal(tmp_path / "bank", "en")
    made.type("init", made.home)
    return made


def came(terminal: Terminal, body: bytes, at: str = AT) -> Arrival:
    with open_hilum(terminal.home) as app:
        inbox = open_inbox(app.settings)
        (put,) = inbox.put([(arrival_of(Incoming(Door.HTTP, "lab", body, RECORDS_JSON), at), body)])
        inbox.close()
    assert isinstance(put, Put)
    return put.arrival


def judge(terminal: Terminal) -> None:
    with open_hilum(terminal.home) as app:
        inbox = open_inbox(app.settings)
        while Gatekeeper(app, inbox, Readers(terminal.home / "mappings", "gate")).drain().arrivals:
            pass
        inbox.close()


def test_what_came_is_listed_with_what_became_of_it(terminal: Terminal) -> None:
    one = came(terminal, DONOR)
    assert terminal.table("inbox", "list")["counts"] == {"waiting": 1}
    judge(terminal)
    assert terminal.table("inbox", "list", "--state", "done")["counts"] == {"done": 1}
    shown = terminal.table("inbox", "show", one.id)
    assert shown["state"] == "done"
    answer = shown["answer"]
    assert isinstance(answer, dict)
    assert answer["accepted"] == 1
    assert "done" in terminal.type("inbox", "list").output
    assert one.id in terminal.type("inbox", "show", one.id).output


def test_what_came_after_a_point_is_worked_on_again_and_nothing_is_doubled(terminal: Terminal) -> None:
    came(terminal, DONOR)
    came(terminal, OTHER, LATER)
    judge(terminal)
    assert terminal.table("inbox", "replay", "--after", LATER) == {"arrivals": 1}
    assert terminal.table("inbox", "replay", "--since", "0", "--aside") == {"arrivals": 0}
    judge(terminal)
    with open_hilum(terminal.home) as app, app.bank.read() as unit:
        assert unit.counts() == {("donor", "accepted"): 2}


def test_the_bytes_are_for_who_may_see_them_and_that_is_on_record(terminal: Terminal, tmp_path: Path) -> None:
    one = came(terminal, DONOR)
    terminal.type("inbox", "original", one.id, "--into", tmp_path / "original")
    assert (tmp_path / "original").read_bytes() == DONOR
    assert (tmp_path / "original").stat().st_mode & 0o077 == 0
    trail = terminal.ask("audit", "--subject", one.id)
    assert "inbox.original" in json.dumps(trail)
    terminal.type("--as", "nobody", "inbox", "original", one.id, code=6)


def test_a_backup_has_what_waits_and_what_was_done(terminal: Terminal, tmp_path: Path) -> None:
    came(terminal, DONOR)
    judge(terminal)
    waiting = came(terminal, OTHER, LATER)
    terminal.type("backup", "create", tmp_path / "bank.tar.gz")
    judge(terminal)
    terminal.type("backup", "restore", tmp_path / "bank.tar.gz", "--into", tmp_path / "again")
    again = Terminal(tmp_path / "again", "en")
    assert again.table("inbox", "list")["counts"] == {"done": 1, "waiting": 1}
    judge(again)
    assert again.table("inbox", "show", waiting.id)["state"] == "done"
    with open_hilum(again.home) as app, app.bank.read() as unit:
        assert unit.counts() == {("donor", "accepted"): 2}


def test_an_arrival_nobody_has_seen_and_an_instant_nobody_can_read_are_told(terminal: Terminal) -> None:
    terminal.type("inbox", "show", "ARR-1", code=5)
    terminal.type("inbox", "replay", "--after", "yesterday", code=3)
