"""Taking in a batch: part, compare, judge, enter or hold, and judge again what was waiting.

One call is one transaction. Nothing here reads a clock or a file; the same batch on the same bank gives the same
records, verdicts and events. A record whose reference has not arrived is held and remembered; it is judged again as
soon as the fact it waits for is accepted, so the order of arrival does not change where things end.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from hilum.model.record import Kind, Record, SourceProblem, statement_of
from hilum.quality.finding import Judgement, Verdict
from hilum.registry import privacy
from hilum.registry.context import Neighbours, gather
from hilum.registry.desk import (
    Desk,
    Proposal,
    TakeBatch,
    Taken,
    accept,
    add_judgement,
    keep_personal,
    missing,
    propose,
    proposed_fact,
    restore,
    set_state,
    stand,
    take_back,
    touches_others,
    write,
)
from hilum.registry.judging import LIVE, judge
from hilum.registry.privacy import Parted
from hilum.registry.runs import columns
from hilum.registry.stored import Fact, RecordState, SourceState, Standing, StoredProblem, StoredRecord

_STATE = {
    Verdict.ACCEPT: RecordState.ACCEPTED,
    Verdict.HOLD: RecordState.HELD,
    Verdict.REJECT: RecordState.REJECTED,
}
_AFTER = {
    (False, False): SourceState.RECEIVED,
    (True, False): SourceState.DONE,
    (True, True): SourceState.FAILED,
}
_CURRENT = (RecordState.ACCEPTED, RecordState.HELD, RecordState.REJECTED, RecordState.REFUSED)


def take_in(at: Desk, parts: Sequence[TakeBatch]) -> None:
    """Judge batches of one or more sources on the desk, in their order; :func:`finish` writes them."""
    key = at.vault.key()
    parted: list[Parted] = []
    for command in parts:
        _note_problems(at, command)
        mine = _parted(at, command, key)
        at.listed[command.source.id] = [one.stored.id for one in mine]
        parted += mine
    known = at.unit.known_records([p.stored.id for p in parted])
    parted = [p for p in parted if p.stored.id not in known]
    proposals = {p.stored.id: propose(p.stored, at.now) for p in parted}
    near = gather(at.unit, at.vault, parted, {record_id: fact for record_id, (_, fact) in proposals.items()})
    standing = _standing(at, parted)
    for one in parted:
        _take_one(at, one, proposals[one.stored.id], near, standing)
    keep_personal(at.vault, [p for p in parted if p.stored.id in at.new])


def _parted(at: Desk, command: TakeBatch, key: bytes) -> list[Parted]:
    """The records of one source, parted from their personal values; how they lie beside each other is noted."""
    received_at = command.source.received_at or at.now
    stretch = (*command.before, *command.items, *command.after)
    runs = columns(stretch)[len(command.before) : len(stretch) - len(command.after)]
    found = [
        (privacy.part(item, key, received_at), row)
        for item, row in zip(command.items, runs, strict=True)
        if isinstance(item, Record)
    ]
    at.runs.update({one.stored.id: row for one, row in found if row})
    return [one for one, _ in found]


def finish(at: Desk, parts: Sequence[TakeBatch]) -> Taken:
    """Write everything and move the sources' resume points. The caller commits."""
    write(at)
    for command in parts:
        state = _AFTER[command.finished, command.failed]
        done = 0 if command.failed else command.items_done
        at.unit.put_source(replace(command.source, items_done=done, state=state))
    return at.taken


def _note_problems(at: Desk, command: TakeBatch) -> None:
    found = [
        StoredProblem(reason=item.reason, locator=item.locator, values=item.values, fatal=item.fatal)
        for item in command.items
        if isinstance(item, SourceProblem)
    ]
    if found:
        told = {(one.reason, one.locator) for one in at.unit.problems(command.source.id)}
        at.unit.add_problems(command.source.id, [one for one in found if (one.reason, one.locator) not in told])
        at.taken.problems.extend(found)


def _standing(at: Desk, parted: Iterable[Parted]) -> dict[tuple[Kind, str], list[Standing]]:
    wanted = {(p.stored.kind, p.stored.key) for p in parted}
    found: dict[tuple[Kind, str], list[Standing]] = {}
    for one in at.unit.standing(sorted(wanted)):
        found.setdefault((one.kind, one.key), []).append(one)
    return found


def _take_one(
    at: Desk, one: Parted, proposal: Proposal, near: Neighbours, standing: dict[tuple[Kind, str], list[Standing]]
) -> None:
    """A repeat changes nothing; a contradiction within one source holds both; a later source corrects."""
    stored, fact = one.stored, proposal[1]
    before = standing.setdefault((stored.kind, stored.key), [])
    same = next((old for old in before if old.digest == stored.digest), None)
    if same is not None:
        at.taken.unchanged += 1
        at.repeats[stored.id] = same.id
        return
    told = statement_of(stored.locator.source, stored.locator.place)
    rivals = [old for old in before if old.statement == told]
    if not rivals:
        near.rivals.pop((stored.kind, stored.key), None)
    else:
        _hold_rivals(at, rivals, fact, near)
    at.parted[stored.id] = one
    judgement = judge(at, one, fact, near)
    state = _STATE[judgement.verdict]
    stored = replace(stored, state=state, judgement=judgement)
    at.new[stored.id] = stored
    if not rivals:
        _supersede(at, before, state)
    _enter(at, stored, proposal, near)
    before.append(Standing(stored.id, stored.kind, stored.key, stored.digest, told, state))


def _enter(at: Desk, stored: StoredRecord, proposal: Proposal, near: Neighbours) -> None:
    """Count the verdict; what is accepted becomes an event and a fact, what is held remembers what it waits for."""
    fact = proposal[1]
    if stored.state is RecordState.ACCEPTED:
        at.taken.accepted += 1
        if touches_others(fact, near.earlier.get((fact.kind, fact.key))):
            at.changed.append(stored)
        near.accept(fact)
        accept(at, stored.id, proposal)
        return
    if stored.state is RecordState.HELD:
        at.taken.held += 1
        at.awaits[stored.id] = missing(fact, near)
        stand(at, stored.id, fact, near)
    else:
        at.taken.rejected += 1
    at.taken.stopped.append(stored)


def _hold_rivals(at: Desk, rivals: Iterable[Standing], newcomer: Fact, near: Neighbours) -> None:
    """Two different contents under one key in one source: nobody knows which is true, so neither may stay.

    Both say so: a rival that was held already for another reason is judged again beside the newcomer.
    """
    stored = [at.new.get(old.id) or at.unit.records([old.id])[old.id] for old in rivals]
    facts = [proposed_fact(one) for one in stored]
    near.rivals[newcomer.kind, newcomer.key] = [*facts, newcomer]
    for one, fact in zip(stored, facts, strict=True):
        state = at.states.get(one.id, one.state)
        if state not in LIVE:
            continue
        near.forget(fact)
        judgement = _judged_beside(at, one, fact, near)
        if state is RecordState.HELD:
            add_judgement(at, one.id, judgement)
            continue
        take_back(at, replace(one, judgement=judgement))
        at.awaits[one.id] = set()
        at.taken.accepted -= one.id in at.new
        at.taken.held += 1
        at.taken.stopped.append(replace(one, state=RecordState.HELD, judgement=judgement))


def _judged_beside(at: Desk, one: StoredRecord, fact: Fact, near: Neighbours) -> Judgement:
    """Judge a record of another batch among its own neighbours, its rivals known."""
    (parted,) = restore(at, [one])
    own = gather(at.unit, at.vault, [parted], {one.id: fact})
    for accepted in at.facts.values():
        own.accept(accepted)
    own.forget(fact)
    own.rivals = near.rivals
    return judge(at, parted, fact, own)


def _supersede(at: Desk, before: Iterable[Standing], state: RecordState) -> None:
    """A later source speaks of the same thing: held versions give way at once, an accepted one only to an accepted."""
    gives_way = _CURRENT if state is RecordState.ACCEPTED else _CURRENT[1:]
    for old in before:
        if at.states.get(old.id, old.state) in gives_way:
            set_state(at, old.id, RecordState.SUPERSEDED)
            at.awaits[old.id] = set()
            at.taken.corrections += 1
