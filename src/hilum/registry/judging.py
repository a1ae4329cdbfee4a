"""Judging records the bank has already: again when what they waited for arrives, or alone when they are mended."""

from collections.abc import Collection
from dataclasses import replace

from hilum.model.record import Kind, statement_of
from hilum.quality.finding import Judgement, Verdict
from hilum.quality.row import row_of
from hilum.registry.context import Neighbours, columns_for, gather
from hilum.registry.desk import (
    Desk,
    accept,
    add_judgement,
    missing,
    propose,
    proposed_fact,
    restore,
    set_state,
    touches_others,
    waived_for,
)
from hilum.registry.privacy import Parted
from hilum.registry.stored import Fact, RecordState, Standing, StoredRecord
from hilum.registry.waiving import rules_waived

LIVE = (RecordState.ACCEPTED, RecordState.HELD)


def judge(at: Desk, one: Parted, fact: Fact, near: Neighbours, waived: Collection[str] = ()) -> Judgement:
    """The gate's answer on one record among its neighbours."""
    kind = one.stored.kind
    if near.trips is not None:
        near.trips.on_desk(at.new, at.states)
    context = columns_for(one, fact, near, at.gate.needs(kind)) | at.runs.get(one.stored.id, {})
    return at.gate.judge(kind, row_of(one.whole, context), waived=waived, unreadable=one.whole.unreadable)


def judge_alone(at: Desk, stored: StoredRecord) -> Judgement:
    """Judge one stored record as things stand, entering nothing."""
    parted = restore(at, [stored])
    fact = proposed_fact(stored)
    near = gather(at.unit, at.vault, parted, {stored.id: fact})
    mark_rivals(at, standing_now(at, [stored]), near)
    return judge(at, parted[0], fact, near, waived_for(at, stored.id))


def judge_waiting(at: Desk) -> None:
    """Judge again what waited for anything that has just been accepted, until nothing more comes free."""
    while at.arrived:
        arrived, at.arrived = at.arrived, set()
        waiting = [record_id for record_id in at.unit.awaiting(sorted(arrived)) if record_id not in at.awaits]
        waiting += [record_id for record_id, wanted in at.awaits.items() if wanted & arrived]
        stored = at.unit.records([record_id for record_id in waiting if record_id not in at.new])
        again = [at.new.get(record_id) or stored[record_id] for record_id in waiting]
        rejudge(at, [one for one in again if at.states.get(one.id, one.state) is RecordState.HELD])


def rejudge(at: Desk, held: Collection[StoredRecord]) -> None:
    """Judge held records as they stand now; those the gate accepts enter the bank, and older versions give way."""
    parted = restore(at, held)
    facts = {p.stored.id: proposed_fact(p.stored) for p in parted}
    near = gather(at.unit, at.vault, parted, facts)
    for fact in at.facts.values():
        near.accept(fact)
    waived = rules_waived(at.unit.waivers([p.stored.id for p in parted]), at.now)
    known = standing_now(at, held)
    mark_rivals(at, known, near)
    for one in parted:
        fact = facts[one.stored.id]
        judgement = judge(at, one, fact, near, waived.get(one.stored.id, ()))
        add_judgement(at, one.stored.id, judgement)
        if judgement.verdict is Verdict.ACCEPT:
            _give_way(at, one.stored, known[fact.kind, fact.key])
            _free(at, one.stored, fact, near)
        else:
            at.awaits[one.stored.id] = missing(fact, near)


def _free(at: Desk, stored: StoredRecord, fact: Fact, near: Neighbours) -> None:
    """Enter a record that was held."""
    set_state(at, stored.id, RecordState.ACCEPTED)
    if touches_others(fact, near.earlier.get((fact.kind, fact.key))):
        at.changed.append(stored)
    near.accept(fact)
    accept(at, stored.id, propose(stored, at.now))
    at.taken.released += 1
    at.taken.freed.append(stored.id)
    at.taken.held -= stored.id in at.new
    at.taken.accepted += stored.id in at.new


def _give_way(at: Desk, accepted: StoredRecord, known: Collection[Standing]) -> None:
    """Mark what stood under the same key before as superseded: the one freed came later, or the others would not
    have been left standing."""
    for other in known:
        if other.id != accepted.id and at.states.get(other.id, other.state) in LIVE:
            set_state(at, other.id, RecordState.SUPERSEDED)
            at.awaits[other.id] = set()


Names = dict[tuple[Kind, str], list[Standing]]


def standing_now(at: Desk, records: Collection[StoredRecord]) -> Names:
    """What stands under the keys of ``records``, in the bank and on the desk, in the states they have now."""
    names = {(one.kind, one.key) for one in records}
    found: Names = {name: [] for name in names}
    for one in at.unit.standing(sorted(names)):
        found[one.kind, one.key].append(replace(one, state=at.states.get(one.id, one.state)))
    for new in at.new.values():
        if (new.kind, new.key) in found:
            where = statement_of(new.locator.source, new.locator.place)
            found[new.kind, new.key].append(Standing(new.id, new.kind, new.key, new.digest, where, new.state))
    return found


def mark_rivals(at: Desk, known: Names, near: Neighbours) -> None:
    """Where one source says two different things under one key, each is the other's rival."""
    rivals: list[str] = []
    for some in known.values():
        live = [one for one in some if one.state in LIVE]
        for statement in {one.statement for one in live}:
            mine = [one for one in live if one.statement == statement]
            if len({one.digest for one in mine}) > 1:
                rivals += [one.id for one in mine]
    stored = at.unit.records([one for one in rivals if one not in at.new])
    for record_id in rivals:
        fact = proposed_fact(at.new.get(record_id) or stored[record_id])
        near.rivals.setdefault((fact.kind, fact.key), []).append(fact)
