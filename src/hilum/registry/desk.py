"""The desk one command works at: look-ups at hand, and the writes that pile up and go to the bank together.

Nothing here reads a clock or a file. What is on the desk and what is in the bank are told apart in one place, so that a
record can be taken in, held, freed or taken back within one transaction.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from hilum.model.event import Event, EventKind
from hilum.model.record import Item, Kind
from hilum.quality.finding import Judgement
from hilum.quality.gate import Gate
from hilum.quality.row import Row
from hilum.registry import accession, privacy
from hilum.registry.context import Neighbours
from hilum.registry.fold import fact_of
from hilum.registry.log_binding import bind
from hilum.registry.logs import names_of_trip
from hilum.registry.ports import Unit, Vault
from hilum.registry.privacy import Parted
from hilum.registry.stored import Fact, RecordState, Source, StoredProblem, StoredRecord
from hilum.registry.waiving import rules_waived


@dataclass(frozen=True, slots=True)
class TakeBatch:
    """Items of one source, in the reader's order; after them ``items_done`` of that source are safe.

    ``finished`` is said once, after the last item; ``failed`` with it when the reader had to give up, so that the
    source is read again next time (records already there are recognised). ``before`` and ``after`` are the neighbouring
    items of the same source, to be looked at and not taken in.
    """

    source: Source
    items: tuple[Item, ...]
    items_done: int
    finished: bool
    failed: bool = False
    before: tuple[Item, ...] = ()
    after: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class TakeArrivals:
    """Whole sources that came one by one and are taken in together: each is one part, with the account that sent it.

    A part whose source is done already changes nothing; what was said of it can be told again.
    """

    parts: tuple[TakeBatch, ...]
    senders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What came of every source of a :class:`TakeArrivals`: the records found in it as they stand now, with the id each
    had been given (a repeat stands under another), and everything in numbers."""

    records: Mapping[str, tuple[tuple[str, StoredRecord], ...]]
    problems: Mapping[str, tuple[StoredProblem, ...]]
    taken: "Taken"


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
    parted: dict[str, Parted] = field(default_factory=dict)
    states: dict[str, RecordState] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    facts: dict[tuple[Kind, str], Fact] = field(default_factory=dict)
    awaits: dict[str, set[tuple[Kind, str]]] = field(default_factory=dict)
    arrived: set[tuple[Kind, str]] = field(default_factory=set)
    places: dict[str, tuple[str, str] | None] = field(default_factory=dict)
    changed: list[StoredRecord] = field(default_factory=list)
    runs: dict[str, Row] = field(default_factory=dict)
    """The ``run.*`` columns of this batch's records: only while their neighbours are at hand."""
    listed: dict[str, list[str]] = field(default_factory=dict)
    """source -> ids of the records this command found in it, whether they were taken or known."""
    repeats: dict[str, str] = field(default_factory=dict)
    """id of a record that says nothing new -> the record that says the same already."""
    taken: Taken = field(default_factory=Taken)


def desk(unit: Unit, vault: Vault, gate: Gate, now: str, actor: str, batch: str) -> Desk:
    """A fresh desk; ``now`` (an instant as :func:`hilum.clock.stamp` writes it) is the only clock a batch knows, and
    ``batch`` names everything this one command changes."""
    return Desk(unit=unit, vault=vault, gate=gate, now=now, actor=actor, batch=batch)


Proposal = tuple[Event, Fact]
"""What accepting a record would mean: the event, and the fact it establishes."""


def propose(stored: StoredRecord, now: str) -> Proposal:
    """The event and fact of ``stored``, were it accepted at ``now``."""
    event = accession.asserted(stored, now)
    return event, fact_of(event, source=stored.locator.source, digest=stored.digest)


def proposed_fact(stored: StoredRecord) -> Fact:
    """The fact ``stored`` would establish if accepted."""
    return propose(stored, stored.received_at)[1]


def accept(at: Desk, record_id: str, proposal: Proposal) -> None:
    """Pile up the event by which a record enters the bank."""
    event, fact = proposal
    at.events.append(event)
    at.facts[fact.kind, fact.key] = fact
    at.arrived |= names_of(fact)
    at.awaits[record_id] = set()


def touches_others(fact: Fact, earlier: Fact | None) -> bool:
    """Whether accepting ``fact`` may change the verdict on records already accepted: a correction of what others
    hang on, a consent that ends, or another temperature log of their trip."""
    if fact.kind is Kind.CONSENT:
        return accession.happening(fact.kind, fact.fields) is EventKind.CONSENT_WITHDRAWN
    if fact.kind is Kind.LOG:
        return True
    return earlier is not None and fact.kind in (Kind.DONOR, Kind.SPECIMEN)


def names_of(fact: Fact) -> set[tuple[Kind, str]]:
    """Under which names others may wait for this fact."""
    names = {(fact.kind, fact.key)}
    if fact.alias:
        names.add((fact.kind, fact.alias))
    if fact.kind in (Kind.CONSENT, Kind.CONDITION) and fact.donor:
        names.add((fact.kind, fact.donor))
    if fact.kind is Kind.LOG and fact.barcode:
        names.add((fact.kind, fact.barcode))
    if fact.kind is Kind.READING and (logger := fact.fields.get("logger")):
        names.add((Kind.LOG, str(logger)))
    return names


def missing(fact: Fact, near: Neighbours) -> set[tuple[Kind, str]]:
    """What a record hangs on that the bank does not know yet."""
    wanted: set[tuple[Kind, str]] = set()
    if fact.donor:
        known = ((Kind.DONOR, near.donors), (Kind.CONSENT, near.consents), (Kind.CONDITION, near.conditions))
        wanted |= {(kind, fact.donor) for kind, index in known if not index.get(fact.donor)}
    if fact.parent and fact.parent not in near.specimens:
        wanted.add((Kind.SPECIMEN, fact.parent))
    if fact.kind is Kind.TRANSPORT:
        wanted |= {(Kind.LOG, name) for name in names_of_trip(fact)}
    return wanted - names_of(fact)


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


def waived_for(at: Desk, record_id: str) -> frozenset[str]:
    """The rules waived for one record now."""
    return rules_waived(at.unit.waivers([record_id]), at.now).get(record_id, frozenset())


def restore(at: Desk, held: Collection[StoredRecord]) -> list[Parted]:
    """Stored records with their personal halves put back, for the gate; those of this very batch are still at hand."""
    others = [one for one in held if one.id not in at.parted]
    people = at.vault.people(sorted({one.donor for one in others if one.donor}))
    personal = at.vault.personal([one.id for one in others])
    restored = []
    for one in held:
        mine = at.parted.get(one.id)
        half = mine.personal if mine else personal.get(one.id, {})
        restored.append(Parted(mine.whole if mine else privacy.whole(one, people, half), one, half))
    return restored


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
    at.unit.audit(bind(at.unit, at.facts.values(), at.now, at.actor, at.batch))
