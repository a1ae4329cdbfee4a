"""Boxes on their way and freezers, as their loggers report: silence, warmth, faults, wrong clocks, late data."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from hilum.clock import stamp
from hilum.errors import BadInputError, NotFoundError
from hilum.model.party import Actor, Role
from hilum.quality.rule import Severity
from hilum.quality.watch import Notice, WatchRule
from hilum.registry.watching_operations import ACKNOWLEDGE_NOTICE, AcknowledgeNotice
from tests.flows.watched import START, Ward, reading, ward

BAND = {"limit_low_c": 2, "limit_high_c": 8}


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Ward]:
    with ward(tmp_path / "bank") as made:
        made.take(
            ("donor", {"donor_id": "P-1", "sex": "female", "birth_on": "1970-01-02"}),
            ("consent", {"donor_id": "P-1", "form": "A", "status": "given", "consented_on": "2026-01-01"}),
            ("specimen", {"donor_id": "P-1", "specimen_id": "S-1", "level": "sample", "specimen_type": "Plasma"}),
        )
        yield made


def send(bank: Ward, sent: float, received: float | None = None, **more: object) -> None:
    """A box with one tube and logger L-1, sent and perhaps received so many minutes after the start."""
    fields: dict[str, object] = {"transport_id": "T-1", "specimen_id": "S-1", "donor_id": "P-1", "logger": "L-1"}
    fields |= {"dispatched_at": stamp(bank.at(sent)), **BAND, **more}
    if received is not None:
        fields["received_at"] = stamp(bank.at(received))
    bank.take(("transport", fields))


def tell(bank: Ward, minute: float, value: float | None, logger: str = "L-1", **more: object) -> list[Notice]:
    """A reading taken and sent at that minute, and what the sweep after it raises."""
    bank.move(minute)
    bank.take(reading(logger, bank.at(minute), value, **more))
    return list(bank.sweep().raised)


def kinds(notices: list[Notice]) -> list[WatchRule]:
    return [one.kind for one in notices]


def test_a_box_that_does_not_arrive_is_overdue_until_it_does(bank: Ward) -> None:
    send(bank, 0)
    bank.move(24 * 60)
    assert not bank.sweep().raised
    bank.move(24 * 60 + 1)
    (raised,) = bank.sweep().raised
    assert (raised.kind, raised.subject, raised.since) == (WatchRule.OVERDUE, "T-1", stamp(bank.at(24 * 60)))
    bank.move(30 * 60)
    send(bank, 0, 30 * 60)
    assert [(one.id, one.reason) for one in bank.sweep().closed] == [(raised.id, "received")]


def test_a_custody_record_of_the_receipt_ends_a_trip_too(bank: Ward) -> None:
    send(bank, 0)
    bank.move(25 * 60)
    bank.sweep()
    fields = {"custody_id": "C-1", "specimen_id": "S-1", "donor_id": "P-1", "action": "receive", "transport_id": "T-1"}
    bank.take(("custody", {**fields, "happened_at": stamp(bank.at(24.5 * 60))}))
    assert [one.reason for one in bank.sweep().closed] == ["received"]


def test_a_logger_that_reported_and_stops_is_silent_after_three_intervals(bank: Ward) -> None:
    send(bank, 0)
    for minute in range(0, 40, 5):
        assert not tell(bank, minute, 5.0 + minute / 100)
    bank.move(50)
    assert not bank.sweep().raised
    bank.move(50.5)
    (raised,) = bank.sweep().raised
    assert (raised.kind, raised.subject, raised.since) == (WatchRule.SILENT, "T-1", stamp(bank.at(35)))
    bank.move(70)
    bank.take(reading("L-1", bank.at(70), 5.1))
    assert [one.reason for one in bank.sweep().closed] == ["resumed"]
    bank.move(90)
    assert [one.since for one in bank.sweep().raised] == [stamp(bank.at(70))]


def test_a_logger_read_out_by_file_is_never_called_silent(bank: Ward) -> None:
    send(bank, 0)
    bank.move(120)
    bank.take(*(reading("L-1", bank.at(minute), 5.0 + minute / 50, transport_id="T-1") for minute in range(0, 60, 5)))
    for minute in range(120, 300, 30):
        bank.move(minute)
        bank.sweep()
    assert not bank.notices()


def test_where_every_logger_is_live_one_that_was_never_heard_is_silent(tmp_path: Path) -> None:
    with ward(tmp_path / "bank", "all_live = true") as bank:
        bank.take(("specimen", {"donor_id": "P-1", "specimen_id": "S-1", "level": "sample", "specimen_type": "Plasma"}))
        send(bank, 0)
        bank.move(31)
        assert kinds(list(bank.sweep().raised)) == [WatchRule.SILENT]


def test_the_first_warm_reading_is_noticed_at_once_and_closes_when_it_is_cold_again(bank: Ward) -> None:
    send(bank, 0)
    tell(bank, 0, 5.0)
    tell(bank, 2, 6.0)
    (raised,) = tell(bank, 4, 9.0)
    assert (raised.kind, raised.severity) == (WatchRule.OPENED, Severity.INFO)
    assert raised.since == stamp(bank.at(3 + 1 / 3))  # the line from 6 to 9 degrees crosses 8 there
    tell(bank, 6, 7.0)
    (told,) = bank.notices()
    assert (told.reason, told.body["worst_c"], told.body["minutes"]) == ("back", 9.0, 1.7)


def test_an_excursion_longer_than_allowed_takes_the_place_of_an_opened_box(bank: Ward) -> None:
    send(bank, 0)
    raised = [one for minute in range(0, 30, 2) for one in tell(bank, minute, 5.0 if minute < 10 else 12.0)]
    assert kinds(raised) == [WatchRule.OPENED, WatchRule.OUTSIDE]
    opened, outside = bank.notices()
    assert (opened.reason, outside.is_open, outside.severity) == ("lasting", True, Severity.BLOCK)


def test_a_box_too_warm_for_long_also_breaks_the_limit_of_the_whole_way(bank: Ward) -> None:
    send(bank, 0)
    for minute in range(0, 90, 5):
        tell(bank, minute, 5.0 if minute < 10 else 16.0 + minute / 100)
    told = {one.kind: one for one in bank.notices()}
    assert set(told) >= {WatchRule.OUTSIDE, WatchRule.TOTAL, WatchRule.KINETIC}
    mkt = told[WatchRule.KINETIC].body["mkt_c"]
    assert isinstance(mkt, float)
    assert mkt > 8
    bank.move(90)
    send(bank, 0, 90)
    assert {one.reason for one in bank.sweep().closed} == {"received"}
    assert not [one for one in bank.notices() if one.is_open]


def test_a_sensor_that_reports_its_fault_is_no_excursion(bank: Ward) -> None:
    send(bank, 0)
    raised = [
        one
        for minute in range(0, 20, 2)
        for one in tell(bank, minute, 882.6 if 8 <= minute < 14 else 5.0 + minute / 50)
    ]
    assert kinds(raised) == [WatchRule.FAULT]
    assert [one.reason for one in bank.notices()] == ["sensor_back"]


def test_a_stuck_probe_is_noticed(bank: Ward) -> None:
    send(bank, 0)
    raised = [one for minute in range(0, 60, 2) for one in tell(bank, minute, 4.3)]
    assert WatchRule.FLAT in kinds(raised)


@pytest.mark.parametrize(("hours", "after"), [(8, 1), (-8, 3)])
def test_a_clock_in_another_zone_is_noticed(bank: Ward, hours: int, after: int) -> None:
    send(bank, 0)
    raised = []
    for number, minute in enumerate(range(0, 20, 5), 1):
        bank.move(minute)
        bank.take(reading("L-1", bank.at(minute + hours * 60), 5.0 + minute / 50, transport_id="T-1"))
        raised += [(number, one) for one in bank.sweep().raised]
    ((number, one),) = raised
    assert (number, one.kind, one.body["offset_min"]) == (after, WatchRule.CLOCK, hours * 60)
    bank.move(20)
    bank.take(reading("L-1", bank.at(20), 5.1, transport_id="T-1"))
    assert [told.reason for told in bank.sweep().closed] == ["clock_set"]


def test_a_clock_that_fell_back_to_its_beginning_is_noticed(bank: Ward) -> None:
    raised: list[Notice] = []
    for number in range(4):
        bank.move(number * 10)
        bank.take(reading("F-1", START - timedelta(days=9_000) + timedelta(minutes=number * 10), -80.0))
        raised += bank.sweep().raised
    assert kinds(raised) == [WatchRule.CLOCK]
    assert raised[0].body["offset_min"] == -9_000 * 24 * 60


def test_a_long_read_out_of_the_past_is_the_gates_business(bank: Ward) -> None:
    old = [reading("F-1", bank.at(-minute), 20.0, limit_high_c=-60) for minute in range(6_000, 5_000, -10)]
    bank.take(*old)
    assert not bank.sweep().raised


def test_readings_a_network_held_back_say_nothing_of_the_clock(bank: Ward) -> None:
    send(bank, 0)
    for minute in range(0, 30, 5):
        tell(bank, minute, 5.0 + minute / 50)
    bank.move(90)
    bank.take(*(reading("L-1", bank.at(minute), 5.0 + minute / 50) for minute in range(30, 91, 5)))
    bank.sweep()
    assert {one.kind for one in bank.notices()} <= {WatchRule.SILENT}


def test_readings_of_another_logger_than_the_hand_over_names_are_noticed(bank: Ward) -> None:
    send(bank, 0)
    (raised,) = tell(bank, 2, 5.0, logger="L-9", transport_id="T-1")
    assert (raised.kind, raised.body["named"], raised.body["logger"]) == (WatchRule.STRANGER, "L-1", "L-9")


def test_a_freezer_needs_no_trip(bank: Ward) -> None:
    limits = {"limit_high_c": -60}
    for minute in range(0, 60, 10):
        assert not tell(bank, minute, -80.0 + minute / 50, logger="F-1", **limits)
    (opened,) = tell(bank, 60, -55.0, logger="F-1", **limits)
    assert (opened.kind, opened.subject) == (WatchRule.OPENED, "F-1")
    (outside,) = tell(bank, 70, -40.0, logger="F-1", **limits)
    assert outside.kind is WatchRule.OUTSIDE
    bank.move(101)
    assert kinds(list(bank.sweep().raised)) == [WatchRule.SILENT]
    tell(bank, 110, -75.0, logger="F-1", **limits)
    assert {one.kind: one.reason for one in bank.notices()} == {
        WatchRule.OPENED: "lasting",
        WatchRule.OUTSIDE: "back",
        WatchRule.SILENT: "resumed",
    }


def test_the_hospitals_own_file_gives_a_freezer_its_band(tmp_path: Path) -> None:
    with ward(tmp_path / "bank", '[loggers]\n"F-1" = "-60to-85"\n') as bank:
        assert not tell(bank, 0, -80.0, logger="F-1")
        assert kinds(tell(bank, 15, -20.0, logger="F-1")) == [WatchRule.OUTSIDE]


def test_a_late_reading_changes_what_was_told_and_says_so(bank: Ward) -> None:
    send(bank, 0)
    for minute in (0, 5, 10):
        tell(bank, minute, 5.0)
    tell(bank, 15, 12.0)
    tell(bank, 20, 12.0)
    bank.move(21)
    bank.take(reading("L-1", bank.at(12), 11.5))
    (changed,) = bank.sweep().changed
    assert (changed.kind, changed.body["late"], changed.is_open) == (WatchRule.OUTSIDE, True, True)


def test_a_late_correction_withdraws_what_it_shows_to_be_wrong(bank: Ward) -> None:
    send(bank, 0)
    for minute in (0, 5, 10):
        tell(bank, minute, 5.0)
    tell(bank, 15, 12.0)
    bank.move(16)
    bank.take(reading("L-1", bank.at(15), 5.2))
    (closed,) = bank.sweep().closed
    assert (closed.reason, closed.body["late"]) == ("rejudged", True)


def test_readings_told_after_the_box_was_received_are_told_of_as_over(bank: Ward) -> None:
    send(bank, 0, 60)
    bank.move(120)
    bank.take(
        *(
            reading("L-1", bank.at(minute), 12.0 if 20 < minute < 40 else 5.0 + minute / 99)
            for minute in range(0, 61, 5)
        )
    )
    raised = bank.sweep().raised
    assert kinds(list(raised)) == [WatchRule.OUTSIDE]
    assert raised[0].reason == "back"


def test_whoever_has_a_notice_in_hand_is_still_told_when_it_closes(bank: Ward) -> None:
    send(bank, 0)
    tell(bank, 0, 5.0)
    (raised,) = tell(bank, 2, 9.0)
    curator = Actor("curator", frozenset({Role.CURATOR}))
    bank.app.run(ACKNOWLEDGE_NOTICE, curator, AcknowledgeNotice(raised.id, "somebody packs it again"))
    tell(bank, 4, 5.1)
    (told,) = bank.notices()
    assert (told.reason, told.body["acknowledged_by"]) == ("back", "curator")
    with pytest.raises(BadInputError):
        bank.app.run(ACKNOWLEDGE_NOTICE, curator, AcknowledgeNotice(raised.id, "  "))
    with pytest.raises(NotFoundError):
        bank.app.run(ACKNOWLEDGE_NOTICE, curator, AcknowledgeNotice("NTC-9", "on it"))


def test_held_records_that_wait_for_a_week_are_noticed_until_what_they_wait_for_comes(bank: Ward) -> None:
    bank.take(("specimen", {"donor_id": "P-1", "specimen_id": "A-1", "parent_id": "B-1", "level": "aliquot"}))
    bank.move(6 * 24 * 60)
    assert WatchRule.WAITING not in kinds(list(bank.sweep().raised))
    bank.move(7 * 24 * 60 + 61)
    (raised,) = [one for one in bank.sweep().raised if one.body["kind"] == "specimen"]
    assert (raised.kind, raised.body["count"]) == (WatchRule.WAITING, 1)
    bank.take(("specimen", {"donor_id": "P-1", "specimen_id": "B-1", "level": "sample", "specimen_type": "Plasma"}))
    bank.move(7 * 24 * 60 + 130)
    assert "settled" in [one.reason for one in bank.sweep().closed]


def test_a_bank_that_is_only_looked_at_is_not_written_to(bank: Ward) -> None:
    send(bank, 0)
    bank.sweep()
    with bank.app.bank.read() as unit:
        before = unit.audit_trail()
    for minute in range(1, 30):
        bank.move(minute)
        assert not bank.sweep().every
    with bank.app.bank.read() as unit:
        assert unit.audit_trail() == before


def test_the_next_sweep_is_due_when_the_next_thing_may_be_amiss(bank: Ward) -> None:
    assert bank.watch.due() == bank.clock.now
    send(bank, 0)
    bank.sweep()
    due = bank.watch.due()
    assert due is not None
    assert bank.clock.now < due <= bank.clock.now + timedelta(seconds=60)
    bank.watch.note([])
    assert bank.watch.due() == due


def test_a_watch_begun_anew_tells_what_one_that_never_stopped_tells(tmp_path: Path) -> None:
    told = []
    for name in ("kept", "restarted"):
        with ward(tmp_path / name) as bank:
            bank.take(
                ("specimen", {"donor_id": "P-1", "specimen_id": "S-1", "level": "sample", "specimen_type": "Plasma"})
            )
            send(bank, 0)
            for minute in range(0, 200, 5):
                warm = 40 <= minute < 70 or minute == 100
                if not 130 <= minute < 160:
                    tell(bank, minute, 12.0 if warm else 5.0 + minute % 7 / 10)
                bank.move(minute + 2)
                bank.sweep()
                if name == "restarted" and minute % 15 == 0:
                    bank.restart()
            told.append(bank.notices())
    assert told[0] == told[1]
    seen = {one.kind for one in told[0]}
    assert seen >= {WatchRule.OPENED, WatchRule.OUTSIDE, WatchRule.TOTAL, WatchRule.SILENT}
