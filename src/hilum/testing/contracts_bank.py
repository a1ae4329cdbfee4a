"""The contract of a bank: subclass :class:`BankContract`, give it a ``bank`` fixture, and pytest runs it over yours.

Every test speaks through :class:`hilum.registry.ports.Unit` alone, so an adapter written elsewhere can prove itself.
"""

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Protocol

import pytest

from hilum.errors import ConflictError, NotFoundError, StoreError
from hilum.model.event import Moment
from hilum.model.record import Kind, Locator, Value
from hilum.quality.finding import RuleOutcome
from hilum.registry.ports import QueueFilter, Unit
from hilum.registry.stored import (
    RecordState,
    Siblings,
    SourceState,
    StoredProblem,
    StoredRecord,
)
from hilum.testing.builders import (
    DONOR_ID,
    RECEIVED_AT,
    SOURCE_ID,
    a_fact,
    a_finding,
    a_judgement,
    a_record,
    a_retraction,
    a_source,
    a_waiver,
    an_audit_record,
    an_event,
)

PARENT = "SP-1"


class AnyBank(Protocol):
    """What the suite needs of a bank: units of work that write, and units that only read."""

    def begin(self) -> AbstractContextManager[Unit]: ...
    def read(self) -> AbstractContextManager[Unit]: ...


def enter(unit: Unit, *records: StoredRecord) -> None:
    """Store records and the events by which they enter the bank."""
    events = [an_event(record) for record in records]
    unit.add_records(records)
    unit.append_events(events, [a_fact(record, event) for record, event in zip(records, events, strict=True)])


class PlaceContract:
    """Where held specimens stand."""

    def test_the_place_of_a_held_specimen_is_taken_until_it_leaves(self, bank: AnyBank) -> None:
        with bank.begin() as unit:
            unit.put_places({"REC-1": ("place:F1-A1", "SP-1"), "REC-2": None})
            unit.put_places({"REC-1": ("place:F1-A2", "SP-1")})
        with bank.read() as unit:
            assert unit.occupants(["place:F1-A1", "place:F1-A2"]) == {"place:F1-A2": "SP-1"}
        with bank.begin() as unit:
            unit.put_places({"REC-1": None})
        with bank.read() as unit:
            assert unit.occupants(["place:F1-A2"]) == {}


class SourceContract:
    """Sources and problems."""

    def test_a_source_put_twice_is_one_source_with_the_later_values(self, bank: AnyBank) -> None:
        source = a_source()
        with bank.begin() as unit:
            unit.put_source(source)
            unit.put_source(replace(source, items_done=500, state=SourceState.DONE))
        with bank.read() as unit:
            assert unit.source(source.id) == replace(source, items_done=500, state=SourceState.DONE)
            assert [one.id for one in unit.sources()] == [source.id]
            assert unit.source("SRC-unknown") is None

    def test_problems_come_back_whole_and_in_the_order_they_were_met(self, bank: AnyBank) -> None:
        problems = [
            StoredProblem("truncated", Locator(SOURCE_ID, "b.txt", 7), {"line": 7, "name": "样本"}, True),
            StoredProblem("encoding", Locator(SOURCE_ID, "a.txt", 1), {}, False),
        ]
        with bank.begin() as unit:
            unit.add_problems(SOURCE_ID, problems)
            unit.add_problems("SRC-other", problems[:1])
        with bank.read() as unit:
            assert unit.problems(SOURCE_ID) == problems
            assert len(unit.problems()) == 3


class RecordContract:
    """Records, judgements and queues."""

    def test_a_record_comes_back_as_it_was_written(self, bank: AnyBank) -> None:
        fields: dict[str, Value] = {
            "specimen_id": "样本-1",
            "volume_ul": 12.5,
            "portion": 3,
            "is_ffpe": True,
            "tube": None,
            "big": 1e300,
        }
        record = a_record(
            "样本-1",
            fields,
            donor=None,
            judgement=a_judgement(a_finding()),
            unreadable={"weight_mg": "12 mg"},
            extra={"备注": "=cmd|'/c calc'!A1"},
            corrects="REC-0",
        )
        bare = a_record("SP-2", {}, judgement=None)
        with bank.begin() as unit:
            unit.add_records([record, bare])
        with bank.read() as unit:
            found = unit.records([bare.id, record.id, "REC-unknown"])
            assert found == {bare.id: bare, record.id: record}
            assert {name: type(value) for name, value in found[record.id].fields.items()} == {
                name: type(value) for name, value in fields.items()
            }

    def test_a_record_stored_twice_is_a_conflict_and_nothing_of_the_unit_stays(self, bank: AnyBank) -> None:
        with bank.begin() as unit:
            unit.add_records([a_record("SP-1")])
        with pytest.raises(ConflictError), bank.begin() as unit:
            unit.add_records([a_record("SP-2"), a_record("SP-1")])
        with bank.read() as unit:
            assert unit.count_records(QueueFilter()) == 1

    def test_known_records_are_told_from_unknown_ones_by_the_thousand(self, bank: AnyBank) -> None:
        records = [a_record(f"SP-{number}", judgement=None) for number in range(1200)]
        with bank.begin() as unit:
            unit.add_records(records)
        with bank.read() as unit:
            assert unit.known_records([*(record.id for record in records), "REC-none"]) == {one.id for one in records}

    def test_a_new_judgement_becomes_the_latest_and_the_content_stays(self, bank: AnyBank) -> None:
        record = a_record("SP-1", state=RecordState.HELD, judgement=a_judgement(a_finding("one.rule")))
        with bank.begin() as unit:
            unit.add_records([record])
            unit.add_judgements([(record.id, a_judgement(a_finding("other.rule")))], RECEIVED_AT, "curator")
            unit.set_states([(record.id, RecordState.REJECTED)])
        with bank.read() as unit:
            changed = replace(record, state=RecordState.REJECTED, judgement=a_judgement(a_finding("other.rule")))
            assert unit.records([record.id]) == {record.id: changed}
            assert unit.finding_counts() == {("other.rule", "fail", "specimen"): 1}
            assert unit.find_records(QueueFilter(rule="one.rule")) == []

    def test_judging_or_moving_a_record_nobody_stored_is_an_error(self, bank: AnyBank) -> None:
        with pytest.raises(NotFoundError), bank.begin() as unit:
            unit.add_judgements([("REC-none", a_judgement())], RECEIVED_AT, "curator")
        with pytest.raises(NotFoundError), bank.begin() as unit:
            unit.set_states([("REC-none", RecordState.HELD)])

    def test_a_queue_is_narrowed_by_every_filter_and_paged_in_the_order_of_storing(self, bank: AnyBank) -> None:
        held = [
            a_record(f"SP-{number}", state=RecordState.HELD, judgement=a_judgement(a_finding())) for number in range(5)
        ]
        others = [
            a_record("C-1", {}, kind=Kind.CONSENT, donor="DNR-2"),
            a_record("SP-9", source="SRC-other", judgement=a_judgement(a_finding(outcome=RuleOutcome.UNKNOWN))),
        ]
        with bank.begin() as unit:
            unit.add_records([*held, *others])
        with bank.read() as unit:
            assert unit.find_records(QueueFilter(states=(RecordState.HELD,), limit=2, offset=2)) == held[2:4]
            assert unit.find_records(QueueFilter(rule="specimen.parent.known")) == [*held, others[1]]
            assert unit.find_records(QueueFilter(kinds=(Kind.CONSENT,))) == others[:1]
            assert unit.find_records(QueueFilter(donor="DNR-2")) == others[:1]
            assert unit.find_records(QueueFilter(source="SRC-other")) == others[1:]
            assert unit.find_records(QueueFilter(key="SP-3")) == held[3:4]
            assert unit.count_records(QueueFilter(states=(RecordState.HELD,), limit=1)) == 5

    def test_only_live_records_stand_under_their_kind_and_key(self, bank: AnyBank) -> None:
        live, gone = a_record("SP-1", line=3), a_record("SP-1", line=4, state=RecordState.CORRECTED)
        other_kind = a_record("SP-1", {}, kind=Kind.SLIDE)
        with bank.begin() as unit:
            unit.add_records([live, gone, other_kind])
        with bank.read() as unit:
            (standing,) = unit.standing([(Kind.SPECIMEN, "SP-1"), (Kind.SPECIMEN, "SP-none")])
            assert (standing.id, standing.digest, standing.state) == (live.id, live.digest, RecordState.ACCEPTED)


class FactContract:
    """Events, and the facts that follow from them."""

    def test_a_fact_is_found_by_key_alias_place_barcode_and_donor(self, bank: AnyBank) -> None:
        fields: dict[str, Value] = {
            "uuid": "u-1",
            "barcode_2d": "2D-1",
            "plate_id": "A133",
            "plate_row": "B",
            "plate_column": 5,
        }
        record = a_record("SP-1", fields)
        with bank.begin() as unit:
            enter(unit, record)
        with bank.read() as unit:
            fact = unit.facts(Kind.SPECIMEN, ["SP-1", "u-1", "SP-none"])
            assert set(fact) == {"SP-1", "u-1"}
            assert fact["u-1"] == fact["SP-1"] == a_fact(record, an_event(record, seq=1))
            assert unit.facts(Kind.SLIDE, ["SP-1", "u-1"]) == {}
            assert unit.occupants(["plate:A133:B05", "place:F1"]) == {"plate:A133:B05": "SP-1"}
            assert unit.barcodes(["2D-1", "2D-2"]) == {"2D-1": "SP-1"}
            assert unit.donor_facts(Kind.SPECIMEN, [DONOR_ID, "DNR-none"]) == {DONOR_ID: [fact["SP-1"]]}

    def test_a_fact_looked_up_in_the_unit_that_wrote_it_is_there(self, bank: AnyBank) -> None:
        with bank.begin() as unit:
            enter(unit, a_record("SP-1"))
            assert set(unit.facts(Kind.SPECIMEN, ["SP-1"])) == {"SP-1"}

    def test_siblings_are_summed_over_specimens_of_the_parent_only(self, bank: AnyBank) -> None:
        children = [
            a_record(f"SP-1{letter}", {"parent_id": PARENT, "volume_ul": volume, "amount_ug": 1})
            for letter, volume in (("A", 0.1), ("B", 0.2), ("C", None))
        ]
        slide = a_record("SL-1", {"specimen_id": PARENT}, kind=Kind.SLIDE)
        with bank.begin() as unit:
            enter(unit, *children, slide)
        with bank.read() as unit:
            assert unit.siblings([PARENT, "SP-none"]) == {PARENT: Siblings(3, 3.0, 0.1 + 0.2, 0.0)}

    def test_a_later_assertion_supersedes_and_its_retraction_restores_the_one_before(self, bank: AnyBank) -> None:
        first = a_record("SP-1", {"uuid": "u-1", "volume_ul": 10.0})
        second = a_record("SP-1", {"uuid": "u-2", "volume_ul": 9.0}, line=3)
        with bank.begin() as unit:
            enter(unit, first)
        with bank.begin() as unit:
            enter(unit, second)
            assert unit.facts(Kind.SPECIMEN, ["u-1", "u-2"]).keys() == {"u-2"}
        with bank.begin() as unit:
            unit.append_events([a_retraction(second)], [])
            assert unit.facts(Kind.SPECIMEN, ["SP-1"])["SP-1"].record == first.id
            assert unit.facts(Kind.SPECIMEN, ["u-1", "u-2"]).keys() == {"u-1"}
        with bank.begin() as unit:
            unit.append_events([a_retraction(first)], [])
            assert unit.facts(Kind.SPECIMEN, ["SP-1"]) == {}

    def test_assertion_and_retraction_in_one_batch_leave_what_was_there_before(self, bank: AnyBank) -> None:
        first, second = a_record("SP-1"), a_record("SP-1", line=3)
        with bank.begin() as unit:
            enter(unit, first)
            unit.add_records([second])
            events = [an_event(second), a_retraction(second)]
            unit.append_events(events, [a_fact(second, events[0])])
            assert unit.facts(Kind.SPECIMEN, ["SP-1"])["SP-1"].record == first.id

    def test_an_event_of_a_record_nobody_stored_is_refused(self, bank: AnyBank) -> None:
        with pytest.raises(NotFoundError), bank.begin() as unit:
            unit.append_events([an_event(a_record("SP-1"))], [])

    def test_events_come_back_whole_by_donor_key_or_parent_in_the_order_of_knowing(self, bank: AnyBank) -> None:
        parent = a_record(PARENT, {"volume_ul": 1.5})
        child = a_record("SP-1A", {"parent_id": PARENT}, donor="DNR-2")
        dated = an_event(parent, Moment("2024-03-01", -3))
        with bank.begin() as unit:
            unit.add_records([parent, child])
            unit.append_events([dated, an_event(child)], [])
            unit.append_events([a_retraction(child)], [])
        with bank.read() as unit:
            assert unit.events(keys=[PARENT])[:2] == [replace(dated, seq=1), replace(an_event(child), seq=2)]
            assert [event.seq for event in unit.events(keys=[PARENT])] == [1, 2, 3]
            assert [event.seq for event in unit.events(donor="DNR-2")] == [2, 3]
            assert [event.seq for event in unit.events(donor=DONOR_ID, keys=["SP-1A"])] == [1, 2, 3]
            assert [event.seq for event in unit.all_events()] == [1, 2, 3]

    def test_facts_made_again_from_the_events_are_the_facts_that_were_kept(self, bank: AnyBank) -> None:
        records = [a_record(f"SP-{number}", {"uuid": f"u-{number}"}) for number in range(700)]
        with bank.begin() as unit:
            enter(unit, *records)
            unit.append_events([a_retraction(record) for record in records[::7]], [])
            before = list(unit.all_facts(Kind.SPECIMEN))
            assert unit.rebuild_facts() == len(before) == 600
            assert list(unit.all_facts(Kind.SPECIMEN)) == before
        assert [fact.key for fact in before] == sorted(fact.key for fact in before)


class WaitingContract:
    """Waiting, waivers, audit."""

    def test_records_that_wait_are_woken_in_the_order_they_were_stored(self, bank: AnyBank) -> None:
        late, early = a_record("SP-2"), a_record("SP-1")
        with bank.begin() as unit:
            unit.add_records([late, early])
            unit.put_awaits(early.id, [(Kind.SPECIMEN, PARENT), (Kind.DONOR, "D")])
            unit.put_awaits(late.id, [(Kind.SPECIMEN, PARENT)])
        with bank.begin() as unit:
            arrived = [(Kind.SPECIMEN, PARENT), (Kind.DONOR, "D"), (Kind.DONOR, PARENT)]
            assert unit.awaiting(arrived) == [late.id, early.id]
            unit.put_awaits(late.id, [])
            unit.put_awaits(early.id, [(Kind.DONOR, "D")])
            assert unit.awaiting([(Kind.SPECIMEN, PARENT)]) == []
            assert unit.awaiting([(Kind.DONOR, "D")]) == [early.id]

    def test_a_waiver_agreed_to_replaces_the_one_asked_for(self, bank: AnyBank) -> None:
        record = a_record("SP-1")
        agreed = replace(a_waiver(record.id), approved_by="director", approved_at=RECEIVED_AT, withdrawn=True)
        with bank.begin() as unit:
            unit.add_records([record])
            unit.put_waiver(a_waiver(record.id))
            unit.put_waiver(agreed)
            unit.put_waiver(a_waiver(record.id, "a.rule"))
        with bank.read() as unit:
            assert unit.waivers([record.id, "REC-none"]) == {record.id: [a_waiver(record.id, "a.rule"), agreed]}
            assert unit.all_waivers() == [a_waiver(record.id, "a.rule"), agreed]

    def test_the_audit_trail_answers_newest_first_by_subject_and_batch(self, bank: AnyBank) -> None:
        entries = [replace(an_audit_record(f"REC-{number}"), batch=f"CHG-{number % 2}") for number in range(4)]
        with bank.begin() as unit:
            unit.audit(entries)
        with bank.read() as unit:
            assert unit.audit_trail() == entries[::-1]
            assert unit.audit_trail(subject="REC-2") == [entries[2]]
            assert unit.audit_trail(batch="CHG-1", limit=1) == [entries[3]]


class FigureContract:
    """Counts, scores, donors."""

    def test_figures_count_current_records_only_once_each(self, bank: AnyBank) -> None:
        twice = a_judgement(a_finding(), a_finding(), a_finding("b.rule", RuleOutcome.UNKNOWN))
        held = a_record("SP-1", state=RecordState.HELD, judgement=twice)
        gone = a_record("SP-2", state=RecordState.CORRECTED, judgement=twice)
        good = a_record("SP-3", source="SRC-other", donor="DNR-2")
        with bank.begin() as unit:
            unit.add_records([held, gone, good])
        with bank.read() as unit:
            assert unit.counts() == {
                ("specimen", "held"): 1,
                ("specimen", "corrected"): 1,
                ("specimen", "accepted"): 1,
            }
            expected = {("specimen.parent.known", "fail", "specimen"): 1, ("b.rule", "unknown", "specimen"): 1}
            assert unit.finding_counts() == unit.finding_counts(source=SOURCE_ID) == expected
            assert unit.finding_counts(source="SRC-other") == {}
            assert sorted(unit.donor_counts()) == [
                (DONOR_ID, "specimen", "held", 1),
                ("DNR-2", "specimen", "accepted", 1),
            ]
            total = twice.score.total
            assert list(unit.score_rows()) == [
                ("specimen", "held", SOURCE_ID, (total, 100.0, None, 100.0, total, 100.0)),
                ("specimen", "accepted", "SRC-other", (100.0, 100.0, None, 100.0, 100.0, 100.0)),
            ]


class TransactionContract:
    """Whole or not at all."""

    def test_a_unit_that_fails_leaves_nothing(self, bank: AnyBank) -> None:
        def half() -> None:
            with bank.begin() as unit:
                enter(unit, a_record("SP-1"))
                unit.audit([an_audit_record()])
                raise KeyError

        with pytest.raises(KeyError):
            half()
        with bank.read() as unit:
            assert (list(unit.all_events()), unit.counts(), unit.audit_trail()) == ([], {}, [])

    def test_a_reader_sees_one_state_while_a_writer_goes_on(self, bank: AnyBank) -> None:
        with bank.read() as reader:
            assert reader.counts() == {}
            with bank.begin() as writer:
                writer.add_records([a_record("SP-1")])
            assert reader.counts() == {}
        with bank.read() as reader:
            assert reader.counts() == {("specimen", "accepted"): 1}

    def test_a_reader_cannot_write_and_the_bank_can_be_written_afterwards(self, bank: AnyBank) -> None:
        with pytest.raises(StoreError), bank.read() as unit:
            unit.put_source(a_source())
        with bank.begin() as unit:
            unit.put_source(a_source())
            assert len(unit.sources()) == 1


class BankContract(
    PlaceContract,
    SourceContract,
    RecordContract,
    FactContract,
    WaitingContract,
    FigureContract,
    TransactionContract,
):
    """The whole contract. Subclasses define ``bank``: a fresh, empty bank for every test."""

    @pytest.fixture
    def bank(self) -> AnyBank:
        raise NotImplementedError("give the suite a bank")
