"""What hangs on a record: judged again when the record is taken back, gives way, or a consent ends."""

from collections.abc import Iterable
from dataclasses import replace

from hilum.model.record import Kind
from hilum.quality.finding import Verdict
from hilum.registry import desk, judging
from hilum.registry.context import gather
from hilum.registry.desk import Desk
from hilum.registry.logs import names_of_trip
from hilum.registry.ports import QueueFilter
from hilum.registry.stored import RecordState, StoredRecord

_EVERYTHING = 10_000_000
_DONOR_WIDE = (Kind.DONOR, Kind.CONSENT, Kind.CONDITION)


def judge_dependants(at: Desk, gone: Iterable[StoredRecord]) -> None:
    """Judge again every accepted record that hangs on one of ``gone``; hold what the gate no longer accepts.

    Goes down the lineage: an aliquot whose analyte was just held is held too.
    """
    pending = list(gone)
    seen = {one.id for one in pending}
    while pending:
        record = pending.pop()
        mine = [one for one in _dependants(at, record) if one.id not in seen and _is_accepted(at, one)]
        seen |= {one.id for one in mine}
        pending += _judge_accepted(at, mine, record)


def _dependants(at: Desk, record: StoredRecord) -> list[StoredRecord]:
    if record.kind in _DONOR_WIDE and record.donor:
        wanted = QueueFilter(states=(RecordState.ACCEPTED,), donor=record.donor, limit=_EVERYTHING)
        return [one for one in at.unit.find_records(wanted) if one.kind is not record.kind]
    if record.kind is Kind.SPECIMEN:
        ids = {event.record for event in at.unit.events(keys=[record.key]) if event.key != record.key}
        return list(at.unit.records(sorted(ids)).values())
    if record.kind is Kind.LOG:
        return _logged(at, record)
    return []


def _logged(at: Desk, log: StoredRecord) -> list[StoredRecord]:
    """The hand-overs that a log may belong to."""
    names = names_of_trip(desk.proposed_fact(log))
    known = at.unit.named(Kind.TRANSPORT, names) if names else []
    return list(at.unit.records([fact.record for fact in known]).values())


def _is_accepted(at: Desk, one: StoredRecord) -> bool:
    return at.states.get(one.id, one.state) is RecordState.ACCEPTED


def _judge_accepted(at: Desk, mine: list[StoredRecord], gone: StoredRecord) -> list[StoredRecord]:
    """Judge ``mine`` as if ``gone`` were not there (unless it is still accepted); answer those now held."""
    parted = desk.restore(at, mine)
    facts = {p.stored.id: desk.proposed_fact(p.stored) for p in parted}
    near = gather(at.unit, at.vault, parted, facts)
    for fact in at.facts.values():
        near.accept(fact)
    if not _is_accepted(at, gone):
        near.lose(desk.proposed_fact(gone))
    held = []
    for one in parted:
        judgement = judging.judge(at, one, facts[one.stored.id], near, desk.waived_for(at, one.stored.id))
        if judgement.verdict is not Verdict.ACCEPT:
            stored = replace(one.stored, judgement=judgement)
            desk.take_back(at, stored)
            at.awaits[stored.id] = desk.missing(facts[stored.id], near)
            held.append(stored)
        elif one.stored.kind is Kind.TRANSPORT and judgement != one.stored.judgement:
            # still accepted, but what its log says of it has changed, and that is kept
            desk.add_judgement(at, one.stored.id, judgement)
    return held
