"""Facts kept up to date event by event are the facts the slow fold makes of all events, whatever happened."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hilum.model.event import Event, EventKind
from hilum.model.record import Kind, Value
from hilum.registry.fold import fact_of, fold, state_at
from hilum.registry.stored import Fact, StoredRecord
from hilum.settings import Settings
from hilum.stores.bank import Bank, BankUnit
from hilum.stores.opening import create_bank
from hilum.testing.builders import a_fact, a_record, a_retraction, an_event

KINDS = (Kind.SPECIMEN, Kind.SLIDE, Kind.CONSENT)
KEYS = ("K-1", "K-2", "u-1")


@st.composite
def records(draw: st.DrawFn) -> list[StoredRecord]:
    """Records of few keys with few aliases, places, barcodes and parents, so that they get in each other's way."""
    found = []
    for line in range(draw(st.integers(1, 6))):
        fields: dict[str, Value] = {
            "uuid": draw(st.sampled_from([None, "u-1", "u-2"])),
            "barcode_2d": draw(st.sampled_from([None, "2D-1"])),
            "plate_id": draw(st.sampled_from([None, "A1"])),
            "plate_row": "B",
            "plate_column": draw(st.sampled_from([None, 5, 11])),
            "location": draw(st.sampled_from([None, "F1/R2"])),
            "parent_id": draw(st.sampled_from([None, "K-1", "K-2"])),
            "specimen_id": draw(st.sampled_from([None, "K-1"])),
            "volume_ul": draw(st.sampled_from([None, 0.1, 0.2, 3])),
        }
        kind, key = draw(st.sampled_from(KINDS)), draw(st.sampled_from(KEYS))
        found.append(a_record(key, fields, kind=kind, line=line, donor=draw(st.sampled_from(["DNR-1", "DNR-2", None]))))
    return found


@st.composite
def histories(draw: st.DrawFn) -> list[list[tuple[StoredRecord, Event]]]:
    """Batches of assertions and retractions, repeated and out of turn ones among them."""
    known = draw(records())
    steps = draw(st.lists(st.tuples(st.sampled_from(known), st.booleans()), min_size=1, max_size=14))
    happened = [
        (record, an_event(record, take=take) if asserts else a_retraction(record, take=take))
        for take, (record, asserts) in enumerate(steps)
    ]
    cuts = sorted(draw(st.lists(st.integers(0, len(happened)), max_size=3)))
    return [happened[start:end] for start, end in zip([0, *cuts], [*cuts, len(happened)], strict=True)]


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    bank = create_bank(Settings(home=tmp_path_factory.mktemp("facts")))
    yield bank
    bank.close()


class RolledBackError(Exception):
    """Ends an example without leaving anything for the next."""


@given(history=histories(), whole=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_facts_kept_incrementally_are_those_of_the_fold_and_of_a_rebuild(
    bank: Bank, history: list[list[tuple[StoredRecord, Event]]], whole: bool
) -> None:
    with suppress(RolledBackError), bank.begin() as unit:
        play(unit, history, whole)
        check(unit)
        raise RolledBackError


def play(unit: BankUnit, history: list[list[tuple[StoredRecord, Event]]], whole: bool) -> None:
    """Write the history; with ``whole`` as one unit, else as if each batch came in a unit of its own."""
    stored: set[str] = set()
    for batch in history:
        if not whole:
            unit.fresh.clear()
        new = {record.id: record for record, _ in batch if record.id not in stored}
        unit.add_records(list(new.values()))
        stored |= set(new)
        facts = [a_fact(record, event) for record, event in batch if event.kind is not EventKind.RECORD_RETRACTED]
        unit.append_events([event for _, event in batch], facts)


def check(unit: BankUnit) -> None:
    events = list(unit.all_events())
    origins = unit.records({event.record for event in events})

    def facts_of(event: Event) -> Fact:
        record = origins[event.record]
        return fact_of(event, record.locator.source, record.digest)

    expected = fold(events, facts_of)
    kept = {(kind, fact.key): fact for kind in KINDS for fact in unit.all_facts(kind)}
    assert kept == expected
    lookups = everything_looked_up(unit)
    assert unit.rebuild_facts() == len(expected)
    assert {(kind, fact.key): fact for kind in KINDS for fact in unit.all_facts(kind)} == expected
    assert everything_looked_up(unit) == lookups
    assert fold(state_at(events), facts_of) == expected


def everything_looked_up(unit: BankUnit) -> list[object]:
    """Every answer the facts' look-up columns give."""
    places = ["plate:A1:B05", "plate:A1:B11", "place:F1/R2"]
    answers: list[object] = [unit.facts(kind, [*KEYS, "u-2"]) for kind in KINDS]
    answers += [unit.donor_facts(kind, ["DNR-1", "DNR-2"]) for kind in KINDS]
    return [*answers, unit.siblings(KEYS), unit.occupants(places), unit.barcodes(["2D-1"])]


@given(history=histories(), moment=st.integers(0, 14))
@settings(max_examples=150, deadline=None)
def test_what_was_known_then_is_what_the_fold_of_the_events_until_then_says(
    history: list[list[tuple[StoredRecord, Event]]], moment: int
) -> None:
    """Nothing that became known later may change an answer about what was known."""
    events = [
        replace(event, seq=seq, recorded_at=f"2024-03-05T08:00:{seq:02d}.000000Z")
        for seq, (_, event) in enumerate((pair for batch in history for pair in batch), 1)
    ]

    def facts_of(event: Event) -> Fact:
        return fact_of(event, "SRC", "digest")

    then = state_at(events, known_by=f"2024-03-05T08:00:{moment:02d}.000000Z")
    assert fold(then, facts_of) == fold(events[:moment], facts_of)
