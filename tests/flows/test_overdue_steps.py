"""A procedure's deadlines as time passes: a missing step is noticed by itself, and the notice closes when it comes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hilum.app.sop import adopt
from hilum.clock import stamp
from hilum.model.party import Actor, Role
from hilum.quality.rule import Severity
from hilum.quality.sop_text import load_sop
from hilum.quality.watch import WatchRule
from hilum.registry.process_operations import RETIRE_SOP, RetireSop
from tests.flows.watched import Ward, ward

HINT = "hint: { zh: 核对, en: Check }"
SOP = load_sop(
    f"""
sop: plasma
version: 1
title: {{ zh: 血浆, en: Plasma }}
applies: specimen_type = 'Plasma'
steps: [collect, centrifuge, freeze, store]
constraints:
  - {{ id: spun, kind: within, step: collect, then: centrifuge, minutes: 120, {HINT} }}
  - {{ id: frozen, kind: exists, step: freeze, deadline: {{ after: collect, minutes: 240 }}, severity: warn, {HINT} }}
""",
    "test",
)
CURATOR = Actor("curator", frozenset({Role.CURATOR, Role.DATA_MANAGER}))


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Ward]:
    with ward(tmp_path / "bank") as made:
        made.take(
            ("donor", {"donor_id": "P-1", "sex": "female", "birth_on": "1970-01-02"}),
            ("consent", {"donor_id": "P-1", "form": "A", "status": "given", "consented_on": "2026-01-01"}),
        )
        adopt(made.app, CURATOR, SOP)
        yield made


def tube(bank: Ward, key: str, collected: float, **more: object) -> None:
    """A tube of plasma collected so many minutes after the start."""
    fields = {"donor_id": "P-1", "specimen_id": key, "level": "sample", "specimen_type": "Plasma", "tube": "EDTA"}
    taken = bank.take(("specimen", {**fields, "collected_at": stamp(bank.at(collected)), **more}))
    assert taken.accepted, [one.judgement for one in taken.stopped]


def spin(bank: Ward, key: str, at: float) -> None:
    fields = {
        "preparation_id": f"spin-{key}",
        "specimen_id": key,
        "step": "centrifuge",
        "started_at": stamp(bank.at(at)),
    }
    assert bank.take(("preparation", {**fields, "donor_id": "P-1"})).accepted


def test_a_missing_step_is_noticed_when_its_deadline_passes_and_not_before(bank: Ward) -> None:
    tube(bank, "S-1", 0)
    bank.move(120)
    assert not bank.sweep().every
    bank.move(121)
    (raised,) = bank.sweep().raised
    assert (raised.subject, raised.kind, raised.severity) == ("S-1", WatchRule.STEP, Severity.BLOCK)
    assert (raised.since, raised.raised_at) == (stamp(bank.at(120)), stamp(bank.at(121)))
    assert raised.body["step"] == "centrifuge"
    assert not bank.sweep().every


def test_each_deadline_is_noticed_by_itself(bank: Ward) -> None:
    tube(bank, "S-1", 0)
    bank.move(241)
    assert [one.body["constraint"] for one in bank.sweep().raised] == ["frozen", "spun"]
    assert {one.severity for one in bank.notices()} == {Severity.BLOCK, Severity.WARN}


def test_a_step_that_comes_late_closes_its_notice_and_stays_late(bank: Ward) -> None:
    tube(bank, "S-1", 0)
    bank.move(130)
    bank.sweep()
    bank.move(150)
    spin(bank, "S-1", 149)
    (closed,) = bank.sweep().closed
    assert (closed.reason, closed.closed_at) == ("late", stamp(bank.at(150)))
    with bank.app.bank.read() as unit:
        (standing,) = unit.process_standing(["S-1"])["S-1"]
    assert standing.verdict == "hold"


def test_a_step_done_in_time_and_told_late_closes_its_notice_as_such(bank: Ward) -> None:
    tube(bank, "S-1", 0)
    bank.move(130)
    bank.sweep()
    bank.move(150)
    spin(bank, "S-1", 90)
    assert [one.reason for one in bank.sweep().closed] == ["told_late"]


def test_a_step_that_comes_in_time_is_never_noticed(bank: Ward) -> None:
    tube(bank, "S-1", 0, frozen_at=stamp(bank.at(130)))
    bank.move(100)
    spin(bank, "S-1", 90)
    for minute in range(100, 500, 20):
        bank.move(minute)
        bank.sweep()
    assert not bank.notices()


def test_what_was_due_long_before_the_bank_heard_of_it_is_history(bank: Ward) -> None:
    tube(bank, "S-1", -31 * 24 * 60)
    tube(bank, "S-2", -29 * 24 * 60)
    assert {one.subject for one in bank.sweep().raised} == {"S-2"}


def test_a_deadline_that_passed_while_nobody_watched_is_noticed_when_somebody_does(bank: Ward) -> None:
    tube(bank, "S-1", 0)
    bank.sweep()
    bank.move(125)
    tube(bank, "S-2", 124)
    bank.take(("specimen", {"donor_id": "P-1", "specimen_id": "S-1", "level": "sample", "specimen_type": "Plasma",
                            "tube": "EDTA", "collected_at": stamp(bank.at(1)), "volume_ul": 500}))  # fmt: skip
    bank.restart()
    assert [one.subject for one in bank.sweep().raised] == ["S-1"]


def test_a_retired_procedure_takes_its_notices_along(bank: Ward) -> None:
    tube(bank, "S-1", 0)
    bank.move(130)
    bank.sweep()
    bank.app.run(RETIRE_SOP, CURATOR, RetireSop("plasma"))
    bank.move(132)
    assert [one.reason for one in bank.sweep().closed] == ["not_asked"]


def test_a_clock_put_back_raises_and_closes_nothing(bank: Ward) -> None:
    tube(bank, "S-1", 0)
    bank.move(130)
    bank.sweep()
    for minute in (60, 0, 129, 130):
        bank.move(minute)
        assert not bank.sweep().every
    bank.move(60)
    bank.restart()
    assert not bank.sweep().every
    (told,) = bank.notices()
    assert told.is_open


def test_two_watches_over_one_bank_tell_nothing_twice(bank: Ward) -> None:
    from hilum.app.watching import Watch

    other = Watch(bank.app)
    other.sweep()
    tube(bank, "S-1", 0)
    bank.move(130)
    assert len(bank.sweep().raised) == 1
    assert not other.sweep().raised
    assert len(bank.notices()) == 1


def test_the_same_stream_with_the_same_clock_gives_the_same_notices(tmp_path: Path) -> None:
    told = []
    for name in ("one", "two"):
        with ward(tmp_path / name) as bank:
            bank.take(
                ("donor", {"donor_id": "P-1", "sex": "female", "birth_on": "1970-01-02"}),
                ("consent", {"donor_id": "P-1", "form": "A", "status": "given", "consented_on": "2026-01-01"}),
            )
            adopt(bank.app, CURATOR, SOP)
            for minute in range(0, 400, 7):
                bank.move(minute)
                if minute == 7:
                    tube(bank, "S-1", 5)
                if minute == 140:
                    spin(bank, "S-1", 139)
                bank.sweep()
                if name == "two" and minute % 21 == 0:
                    bank.restart()
            told.append(bank.notices())
    assert told[0] == told[1]
    assert [one.is_open for one in told[0]] == [False, True]
