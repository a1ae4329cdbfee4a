"""The contract of the watch's side of a bank: subclass :class:`NoticeContract` and give it a ``bank`` fixture."""

from dataclasses import replace

import pytest

from hilum.errors import StoreError
from hilum.model.record import Kind, Value
from hilum.quality.rule import Severity
from hilum.quality.watch import Notice, acknowledge
from hilum.registry.stored import RecordState
from hilum.registry.watch_stored import NoticeFilter, Waiting, Watched
from hilum.testing.builders import RECEIVED_AT, a_record
from hilum.testing.contracts_bank import AnyBank
from hilum.testing.contracts_process import a_standing

LATER = "2024-03-06T08:00:00.000000Z"


def a_notice(notice: str = "NTC-1", subject: str = "T-1", rule: str = "WCH-LOG-001:L-1") -> Notice:
    """A logger that went silent and is so still."""
    body: dict[str, Value] = {
        "logger": "L-1",
        "allowed_min": 15,
        "worst_c": -12.5,
        "late": True,
        "hint_zh": "核对",
        "step": None,
    }
    return Notice(notice, rule, subject, Severity.BLOCK, RECEIVED_AT, "2024-03-05T07:45:00.000000Z", body=body)


class NoticeContract:
    """What every store promises of notices, and of what there is to notice."""

    def test_a_notice_comes_back_as_it_was_put(self, bank: AnyBank) -> None:
        with bank.begin() as unit:
            unit.put_notices([a_notice("NTC-2"), a_notice()])
        with bank.read() as unit:
            assert unit.open_notices() == [a_notice(), a_notice("NTC-2")]
            assert unit.find_notices(NoticeFilter(ids=("NTC-2", "NTC-9", "NTC-1"))) == [a_notice("NTC-2"), a_notice()]

    def test_a_notice_put_again_is_one_notice_as_it_was_put_last(self, bank: AnyBank) -> None:
        closed = replace(a_notice(), closed_at=LATER, reason="resumed", body={"late": False})
        with bank.begin() as unit:
            unit.put_notices([a_notice(), a_notice("NTC-2")])
            unit.put_notices([a_notice("NTC-2"), closed])
        with bank.read() as unit:
            assert unit.open_notices() == [a_notice("NTC-2")]
            assert unit.find_notices(NoticeFilter()) == [closed, a_notice("NTC-2")]

    def test_notices_are_found_by_rule_subject_state_hand_time_and_page(self, bank: AnyBank) -> None:
        later = replace(a_notice("NTC-0", "T-2", "WCH-TMP-001"), raised_at=LATER)
        closed = replace(a_notice("NTC-2"), closed_at=LATER, reason="resumed")
        mine = acknowledge(a_notice("NTC-3", rule="WCH-LOG-0010"), "curator", LATER, "on it")
        with bank.begin() as unit:
            unit.put_notices([later, mine, closed, a_notice()])
        asked = {
            "all": NoticeFilter(),
            "rule": NoticeFilter(rule="WCH-LOG-001:"),
            "any rule": NoticeFilter(rule="%"),
            "subject": NoticeFilter(subject="T-2"),
            "open": NoticeFilter(open=True),
            "closed": NoticeFilter(open=False),
            "in hand": NoticeFilter(acknowledged=True),
            "in nobody's": NoticeFilter(acknowledged=False),
            "since": NoticeFilter(since=LATER),
            "first": NoticeFilter(limit=1),
            "after": NoticeFilter(after="NTC-2"),
            "after the last": NoticeFilter(after="NTC-0"),
        }
        with bank.read() as unit:
            found = {name: [one.id for one in unit.find_notices(wanted)] for name, wanted in asked.items()}
        assert found == {
            "all": ["NTC-1", "NTC-2", "NTC-3", "NTC-0"],
            "rule": ["NTC-1", "NTC-2"],
            "any rule": [],
            "subject": ["NTC-0"],
            "open": ["NTC-1", "NTC-3", "NTC-0"],
            "closed": ["NTC-2"],
            "in hand": ["NTC-3"],
            "in nobody's": ["NTC-1", "NTC-2", "NTC-0"],
            "since": ["NTC-0"],
            "first": ["NTC-1"],
            "after": ["NTC-3", "NTC-0"],
            "after the last": [],
        }

    def test_a_reading_unit_puts_no_notice(self, bank: AnyBank) -> None:
        with pytest.raises(StoreError), bank.read() as unit:
            unit.put_notices([a_notice()])

    def test_a_thousand_notices_go_in_at_once(self, bank: AnyBank) -> None:
        names = [f"NTC-{number:04}" for number in range(1_000)]
        with bank.begin() as unit:
            unit.put_notices([a_notice(name) for name in names])
        with bank.read() as unit:
            assert [one.id for one in unit.open_notices()] == names
            assert len(unit.find_notices(NoticeFilter(ids=tuple(names)))) == 1_000


class WatchedContract:
    """What every store promises of records and standings a watch has not seen yet."""

    def test_records_are_seen_in_the_order_stored_by_kind_whatever_their_state(self, bank: AnyBank) -> None:
        first = a_record("R-1", {"logger": "L-1", "value_c": 4.5}, kind=Kind.READING, state=RecordState.HELD)
        second = a_record("R-2", {"logger": "L-1"}, kind=Kind.READING, line=3)
        with bank.begin() as unit:
            assert (unit.last_record(), unit.watched((Kind.READING,), 0, 10)) == (0, [])
            unit.add_records([a_record("SP-1"), first])
            unit.add_records([second])
        seen = Watched(2, first.id, Kind.READING, "R-1", RecordState.HELD, RECEIVED_AT, first.fields)
        with bank.read() as unit:
            assert unit.last_record() == 3
            assert unit.watched((Kind.READING, Kind.TRANSPORT), 0, 1) == [seen]
            assert [one.n for one in unit.watched((Kind.READING,), 2, 10)] == [3]

    def test_the_last_record_before_an_instant_is_found(self, bank: AnyBank) -> None:
        days = [f"2024-03-{day:02}T08:00:00.000000Z" for day in (1, 1, 2, 5, 5, 9)]
        records = [replace(a_record(f"SP-{n}", line=n), received_at=day) for n, day in enumerate(days)]
        with bank.begin() as unit:
            assert unit.record_before(RECEIVED_AT) == 0
            unit.add_records(records)
        with bank.read() as unit:
            found = [unit.record_before(f"2024-03-{day:02}T08:00:00.000000Z") for day in (1, 2, 4, 5, 9, 10)]
        assert found == [0, 2, 3, 3, 5, 6]

    def test_specimens_are_due_earliest_first(self, bank: AnyBank) -> None:
        due = [f"2024-03-0{day}T08:00:00.000000Z" for day in (7, 6, 8)]
        made = [replace(a_standing(f"SP-{n}"), pending_until=until) for n, until in enumerate(due)]
        never = replace(a_standing("SP-9"), pending_until="")
        with bank.begin() as unit:
            assert unit.earliest_due() == ""
            unit.put_process(["SP-9"], [*made, never])
        with bank.read() as unit:
            assert unit.earliest_due() == due[1]
            assert unit.specimens_due(due[2], 10) == ["SP-1", "SP-0"]
            assert unit.specimens_due("2025-01-01T00:00:00.000000Z", 2) == ["SP-1", "SP-0"]

    def test_standings_are_gone_through_in_the_order_they_were_made(self, bank: AnyBank) -> None:
        late = replace(a_standing("SP-0"), at=LATER)
        with bank.begin() as unit:
            unit.put_process(["SP-0"], [late, a_standing("SP-2"), a_standing("SP-1", "serum"), a_standing("SP-1")])
        order = [
            (RECEIVED_AT, "SP-1", "plasma"),
            (RECEIVED_AT, "SP-1", "serum"),
            (RECEIVED_AT, "SP-2", "plasma"),
            (LATER, "SP-0", "plasma"),
        ]
        with bank.read() as unit:
            assert unit.standings_made(("", "", ""), 10) == order
            assert unit.standings_made(order[0], 2) == order[1:3]
            assert unit.standings_made(order[3], 10) == []

    def test_held_records_that_wait_are_counted_by_source_and_what_they_wait_for(self, bank: AnyBank) -> None:
        held = [a_record(f"SP-{n}", line=n, state=RecordState.HELD) for n in range(3)]
        early = replace(held[0], received_at="2024-03-01T08:00:00.000000Z")
        entered = a_record("SP-9", line=9)
        with bank.begin() as unit:
            unit.add_records([early, *held[1:], entered])
            for one in (early, held[1]):
                unit.put_awaits(one.id, [(Kind.SPECIMEN, "SP-0"), (Kind.DONOR, "DNR-1")])
            unit.put_awaits(entered.id, [(Kind.DONOR, "DNR-1")])
        source = early.locator.source
        with bank.read() as unit:
            assert unit.waiting("2024-03-02T00:00:00.000000Z") == [
                Waiting(source, Kind.DONOR, 1, early.received_at),
                Waiting(source, Kind.SPECIMEN, 1, early.received_at),
            ]
            assert [one.count for one in unit.waiting(LATER)] == [2, 2]
            assert unit.waiting("2024-01-01T00:00:00.000000Z") == []
