"""Taking in one batch: part, compare, judge, enter or hold, and judge again what was waiting.

One call is one transaction. Nothing here reads a clock or a file; the same batch on the same bank gives the same
records, verdicts and events. A record whose reference has not arrived is held and remembered; it is judged again as
soon as the fact it waits for is accepted, so the order of arrival does not change where things end.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from hilum.model.event import Event, EventKind
from hilum.model.record import Item, Kind, Record, SourceProblem
from hilum.quality.finding import Judgement, Verdict
from hilum.quality.gate import Gate
from hilum.quality.row import row_of
from hilum.registry import accession, privacy
from hilum.registry.context import Neighbours, columns_for, gather
from hilum.registry.fold import fact_of
from hilum.registry.ports import Unit, Vault
from hilum.registry.privacy import Parted
from hilum.registry.stored import Fact, RecordState, Source, SourceState, Standing, StoredProblem, StoredRecord
from hilum.registry.waiving import rules_waived

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
_CURRENT = (RecordState.ACCEPTED, RecordState.HELD, RecordState.REJECTED)


@dataclass(frozen=True, slots=True)
class TakeBatch:
    """Items of one source, in the reader's order; after them ``items_done`` of that source are safe.

    ``finished`` is said once, after the last item; ``failed`` with it when the reader had to give up, so that the
    source is read again next time (records already there are recognised).
    """

    source: Source
    items: tuple[Item, ...]
    items_done: int
    finished: bool
    failed: bool = False


@dataclass(slots=True)
class Taken:
    """What came of a batch: numbers, and the records that were held or rejected in it."""

    accepted: int = 0
    held: int = 0
    rejected: int = 0
    unchanged: int = 0
    corrections: int = 0
    released: int = 0
    problems: list[StoredProblem] = field(default_factory=list)
    stopped: list[StoredRecord] = field(default_factory=list)
    freed: list[str] = field(default_factory=list)
    """Records that had been held, in this batch or before, and were let in by it."""


@dataclass(slots=True)
class Desk:
    """Everything one batch works with; the writes pile up here and go to the bank together at the end."""

    unit: Unit
    vault: Vault
    gate: Gate
    now: str
    actor: str
    batch: str
    new: dict[str, StoredRecord] = field(default_factory=dict)
    judged: list[tuple[str, Judgement]] = field(default_factory=list)
    states: dict[str, RecordState] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    facts: dict[tuple[Kind, str], Fact] = field(default_factory=dict)
    awaits: dict[str, set[tuple[Kind, str]]] = field(default_factory=dict)
    arrived: set[tuple[Kind, str]] = field(default_factory=set)
    places: dict[str, tuple[str, str] | None] = field(default_factory=dict)
    changed: list[StoredRecord] = field(default_factory=list)
    taken: Taken = field(default_factory=Taken)


def desk(unit: Unit, vault: Vault, gate: Gate, now: str, actor: str, batch: str) -> Desk:
    """A fresh desk; ``now`` (an instant as :func:`hilum.clock.stamp` writes it) is the only clock a batch knows, and
    ``batch`` names everything this one command changes."""
    return Desk(unit=unit, vault=vault, gate=gate, now=now, actor=actor, batch=batch)


def take_in(at: Desk, command: TakeBatch) -> None:
    """Judge one batch on the desk; :func:`finish` writes it."""
    key = at.vault.key()
    _note_problems(at, command)
    received_at = command.source.received_at or at.now
    parted = [privacy.part(item, key, received_at) for item in command.items if isinstance(item, Record)]
    known = at.unit.known_records([p.stored.id for p in parted])
    parted = [p for p in parted if p.stored.id not in known]
    proposals = {p.stored.id: propose(p.stored, at.now) for p in parted}
    near = gather(at.unit, at.vault, parted, {record_id: fact for record_id, (_, fact) in proposals.items()})
    standing = _standing(at, parted)
    for one in parted:
        _take_one(at, one, proposals[one.stored.id], near, standing)
    keep_personal(at.vault, [p for p in parted if p.stored.id in at.new])


def finish(at: Desk, command: TakeBatch) -> Taken:
    """Let what waited follow, write everything, and move the source's resume point. The caller commits."""
    judge_waiting(at)
    write(at)
    state = _AFTER[command.finished, command.failed]
    at.unit.put_source(replace(command.source, items_done=0 if command.failed else command.items_done, state=state))
    return at.taken


Proposal = tuple[Event, Fact]
"""What accepting a record would mean: the event, and the fact it establishes."""


def propose(stored: StoredRecord, now: str) -> Proposal:
    """The event and fact of ``stored``, were it accepted at ``now``."""
    event = accession.asserted(stored, now)
    return event, fact_of(event, source=stored.locator.source, digest=stored.digest)


def proposed_fact(stored: StoredRecord) -> Fact:
    """The fact ``stored`` would establish if accepted."""
    return propose(stored, stored.received_at)[1]


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
    if any(old.digest == stored.digest for old in before):
        at.taken.unchanged += 1
        return
    rivals = [old for old in before if old.source == stored.locator.source]
    if rivals:
        _hold_rivals(at, rivals, fact, near)
    judgement = judge(at, one, fact, near)
    state = _STATE[judgement.verdict]
    stored = replace(stored, state=state, judgement=judgement)
    at.new[stored.id] = stored
    if not rivals:
        _supersede(at, before, state)
    _enter(at, stored, proposal, near)
    before.append(Standing(stored.id, stored.kind, stored.key, stored.digest, stored.locator.source, state))


def judge(at: Desk, one: Parted, fact: Fact, near: Neighbours, waived: Collection[str] = ()) -> Judgement:
    """The gate's answer on one record among its neighbours."""
    kind = one.stored.kind
    context = columns_for(one, fact, near, at.gate.needs(kind))
    return at.gate.judge(kind, row_of(one.whole, context), waived=waived, unreadable=one.whole.unreadable)


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


def stand(at: Desk, record_id: str, fact: Fact, near: Neighbours) -> None:
    """Give a held specimen its place: the information gate is not the freezer, and the tube stands somewhere."""
    if fact.kind is Kind.SPECIMEN and fact.position and near.occupants.setdefault(fact.position, fact.key) == fact.key:
        at.places[record_id] = (fact.position, fact.key)


def stand_again(at: Desk, stored: StoredRecord) -> None:
    """The same for one record by itself: it keeps its place unless another specimen stands there."""
    fact = proposed_fact(stored)
    if fact.kind is Kind.SPECIMEN and fact.position:
        occupant = at.unit.occupants([fact.position]).get(fact.position, fact.key)
        at.places[stored.id] = (fact.position, fact.key) if occupant == fact.key else None


def accept(at: Desk, record_id: str, proposal: Proposal) -> None:
    """Pile up the event by which a record enters the bank."""
    event, fact = proposal
    at.events.append(event)
    at.facts[fact.kind, fact.key] = fact
    at.arrived |= _names(fact)
    at.awaits[record_id] = set()


def touches_others(fact: Fact, earlier: Fact | None) -> bool:
    """Whether accepting ``fact`` may change the verdict on records already accepted: a correction of what others
    hang on, or a consent that ends."""
    if fact.kind is Kind.CONSENT:
        return accession.happening(fact.kind, fact.fields) is EventKind.CONSENT_WITHDRAWN
    return earlier is not None and fact.kind in (Kind.DONOR, Kind.SPECIMEN)


def _names(fact: Fact) -> set[tuple[Kind, str]]:
    """Under which names others may wait for this fact."""
    names = {(fact.kind, fact.key)}
    if fact.alias:
        names.add((fact.kind, fact.alias))
    if fact.kind in (Kind.CONSENT, Kind.CONDITION) and fact.donor:
        names.add((fact.kind, fact.donor))
    return names


def missing(fact: Fact, near: Neighbours) -> set[tuple[Kind, str]]:
    """What a record hangs on that the bank does not know yet."""
    wanted: set[tuple[Kind, str]] = set()
    if fact.donor:
        known = ((Kind.DONOR, near.donors), (Kind.CONSENT, near.consents), (Kind.CONDITION, near.conditions))
        wanted |= {(kind, fact.donor) for kind, index in known if not index.get(fact.donor)}
    if fact.parent and fact.parent not in near.specimens:
        wanted.add((Kind.SPECIMEN, fact.parent))
    return wanted - _names(fact)


def _hold_rivals(at: Desk, rivals: Iterable[Standing], newcomer: Fact, near: Neighbours) -> None:
    """Two different contents under one key in one source: nobody knows which is true, so neither may stay.

    A rival that was held for another reason is left as it was judged; it is judged with the others when it is its turn.
    """
    stored = [at.new.get(old.id) or at.unit.records([old.id])[old.id] for old in rivals]
    facts = {one.id: proposed_fact(one) for one in stored}
    near.rivals[newcomer.kind, newcomer.key] = [*facts.values(), newcomer]
    for one in stored:
        if at.states.get(one.id, one.state) is not RecordState.ACCEPTED:
            continue
        parted = restore(at.vault, [one])[0]
        near.forget(facts[one.id])
        near.people[one.donor or ""] = parted.whole.donor or ""
        judgement = judge(at, parted, facts[one.id], near)
        take_back(at, replace(one, judgement=judgement))
        at.awaits[one.id] = set()
        at.taken.accepted -= one.id in at.new
        at.taken.held += 1
        at.taken.stopped.append(replace(one, state=RecordState.HELD, judgement=judgement))


def take_back(at: Desk, stored: StoredRecord) -> None:
    """Retract an accepted record and hold it, with the judgement it now carries."""
    if stored.id in at.new:
        at.events = [event for event in at.events if event.record != stored.id]
    else:
        at.events.append(accession.retracted(stored, at.now))
    at.facts.pop((stored.kind, stored.key), None)
    at.arrived -= {(stored.kind, stored.key)}
    set_state(at, stored.id, RecordState.HELD)
    stand_again(at, stored)
    if stored.judgement is not None:
        add_judgement(at, stored.id, stored.judgement)


def _supersede(at: Desk, before: Iterable[Standing], state: RecordState) -> None:
    """A later source speaks of the same thing: held versions give way at once, an accepted one only to an accepted."""
    gives_way = _CURRENT if state is RecordState.ACCEPTED else _CURRENT[1:]
    for old in before:
        if at.states.get(old.id, old.state) in gives_way:
            set_state(at, old.id, RecordState.SUPERSEDED)
            at.awaits[old.id] = set()
            at.taken.corrections += 1


def set_state(at: Desk, record_id: str, state: RecordState) -> None:
    """Change a record's state, whether it is already in the bank or still on the desk."""
    if state is not RecordState.HELD:
        at.places[record_id] = None
    if record_id in at.new:
        at.new[record_id] = replace(at.new[record_id], state=state)
    else:
        at.states[record_id] = state


def add_judgement(at: Desk, record_id: str, judgement: Judgement) -> None:
    """Give a record a newer judgement, whether it is already in the bank or still on the desk."""
    if record_id in at.new:
        at.new[record_id] = replace(at.new[record_id], judgement=judgement)
    else:
        at.judged.append((record_id, judgement))


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
    """Judge held records as they stand now; those the gate accepts enter the bank."""
    parted = restore(at.vault, held)
    facts = {p.stored.id: proposed_fact(p.stored) for p in parted}
    near = gather(at.unit, at.vault, parted, facts)
    for fact in at.facts.values():
        near.accept(fact)
    waived = rules_waived(at.unit.waivers([p.stored.id for p in parted]), at.now)
    _mark_conflicts(at, held, near)
    for one in parted:
        fact = facts[one.stored.id]
        judgement = judge(at, one, fact, near, waived.get(one.stored.id, ()))
        add_judgement(at, one.stored.id, judgement)
        if judgement.verdict is Verdict.ACCEPT:
            set_state(at, one.stored.id, RecordState.ACCEPTED)
            near.accept(fact)
            accept(at, one.stored.id, propose(one.stored, at.now))
            at.taken.released += 1
            at.taken.freed.append(one.stored.id)
            at.taken.held -= one.stored.id in at.new
            at.taken.accepted += one.stored.id in at.new
        else:
            at.awaits[one.stored.id] = missing(fact, near)


def _mark_conflicts(at: Desk, held: Collection[StoredRecord], near: Neighbours) -> None:
    """Which of these keys have another live content from the same source."""
    by_key = {(one.kind, one.key): one for one in held}
    rivals: dict[str, StoredRecord] = {}
    for other in at.unit.standing(sorted(by_key)):
        stored = by_key[other.kind, other.key]
        mine = other.id in (stored.id, stored.corrects)
        live = at.states.get(other.id, other.state) in _CURRENT[:2]
        if not mine and live and other.source == stored.locator.source and other.digest != stored.digest:
            rivals[other.id] = stored
    for one in at.unit.records(sorted(rivals)).values():
        near.rivals.setdefault((one.kind, one.key), []).append(proposed_fact(one))


def judge_alone(at: Desk, stored: StoredRecord) -> Judgement:
    """Judge one stored record as things stand, entering nothing."""
    parted = restore(at.vault, [stored])
    fact = proposed_fact(stored)
    near = gather(at.unit, at.vault, parted, {stored.id: fact})
    _mark_conflicts(at, [stored], near)
    return judge(at, parted[0], fact, near, waived_for(at, stored.id))


def waived_for(at: Desk, record_id: str) -> frozenset[str]:
    """The rules waived for one record now."""
    return rules_waived(at.unit.waivers([record_id]), at.now).get(record_id, frozenset())


def restore(vault: Vault, held: Collection[StoredRecord]) -> list[Parted]:
    """Stored records with their personal halves put back, for the gate."""
    people = vault.people(sorted({one.donor for one in held if one.donor}))
    personal = vault.personal([one.id for one in held])
    return [
        Parted(
            whole=privacy.whole(one, people, personal.get(one.id, {})), stored=one, personal=personal.get(one.id, {})
        )
        for one in held
    ]


def keep_personal(vault: Vault, parted: Iterable[Parted]) -> None:
    """Put the personal halves into the vault; before the bank commits, and harmless to repeat."""
    people: dict[str, str] = {}
    personal: dict[str, Mapping[str, str | int | float | bool | None]] = {}
    for one in parted:
        if one.stored.donor and one.whole.donor:
            people[one.stored.donor] = one.whole.donor
        if one.personal:
            personal[one.stored.id] = one.personal
    if people:
        vault.put_people(people)
    if personal:
        vault.put_personal(personal)


def write(at: Desk) -> None:
    """Hand the piled-up writes to the unit, in an order every store can keep."""
    at.unit.add_records(list(at.new.values()))
    at.unit.add_judgements(at.judged, at.now, at.actor)
    at.unit.set_states(list(at.states.items()))
    at.unit.append_events(at.events, list(at.facts.values()))
    at.unit.put_places({one: place for one, place in at.places.items() if place is not None or one not in at.new})
    for record_id, wanted in at.awaits.items():
        if wanted or record_id not in at.new:
            at.unit.put_awaits(record_id, wanted)
