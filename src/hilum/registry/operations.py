"""What the registry offers: each entry is one transaction with its permission and its audit record."""

from collections.abc import Sequence
from dataclasses import dataclass

from hilum.errors import BadInputError, NotFoundError
from hilum.model import ids
from hilum.model.event import Event
from hilum.model.party import Actor
from hilum.model.record import Kind, Value
from hilum.operation import AuditRecord, Change, Operation, Outcome
from hilum.registry import dependence, intake, judging, mending
from hilum.registry.desk import Desk, Outcomes, TakeArrivals, TakeBatch, Taken
from hilum.registry.fold import fact_of, facts_at
from hilum.registry.ports import QueueFilter
from hilum.registry.process_operations import (
    ADD_SOP,
    CHECK_PROCESS,
    LIST_SOPS,
    RETIRE_SOP,
    SHOW_PROCESS,
    SHOW_SOP,
    followed,
)
from hilum.registry.process_stored import ProcessStanding
from hilum.registry.quarantine import OPEN
from hilum.registry.stored import Fact, Source, StoredProblem, StoredRecord, Waiver
from hilum.registry.watching_operations import ACKNOWLEDGE_NOTICE, LIST_NOTICES, SWEEP_WATCH


@dataclass(frozen=True, slots=True)
class AsOf:
    """A point on either axis; empty parts do not limit."""

    happened_by: str = ""
    offset_by: int | None = None
    known_by: str = ""


@dataclass(frozen=True, slots=True)
class ShowSpecimen:
    specimen: str
    as_of: AsOf = AsOf()


@dataclass(frozen=True, slots=True)
class ShowDonor:
    """``donor`` is a pseudonym, or the source's own identifier."""

    donor: str
    as_of: AsOf = AsOf()


@dataclass(frozen=True, slots=True)
class ShowRecord:
    record: str


@dataclass(frozen=True, slots=True)
class ListQueue:
    wanted: QueueFilter


@dataclass(frozen=True, slots=True)
class ShowAudit:
    subject: str = ""
    batch: str = ""
    limit: int = 100


@dataclass(frozen=True, slots=True)
class ListSources:
    pass


@dataclass(frozen=True, slots=True)
class IdentifyDonor:
    """Who a pseudonym is: a read of personal data, and therefore audited."""

    donor: str


@dataclass(frozen=True, slots=True)
class Lifeline:
    """A subject's story: the events, oldest first, and the facts that hold at the point asked for."""

    subject: str
    events: tuple[Event, ...]
    facts: tuple[Fact, ...]
    lineage: tuple[Fact, ...] = ()
    held: tuple[StoredRecord, ...] = ()
    process: tuple[ProcessStanding, ...] = ()
    """How the specimen stands to the SOPs that speak of it."""


@dataclass(frozen=True, slots=True)
class RecordView:
    record: StoredRecord
    waivers: tuple[Waiver, ...]
    trail: tuple[AuditRecord, ...]


@dataclass(frozen=True, slots=True)
class QueuePage:
    records: tuple[StoredRecord, ...]
    total: int


@dataclass(frozen=True, slots=True)
class SourceList:
    sources: tuple[Source, ...]
    problems: tuple[StoredProblem, ...]


def take_batch(at: Desk, actor: Actor, command: TakeBatch) -> Outcome[Taken]:
    """One batch of one source."""
    taken = _take(at, (command,))
    numbers = f"accepted={taken.accepted} held={taken.held} rejected={taken.rejected} unchanged={taken.unchanged}"
    change = Change(command.source.id, before=str(command.source.items_done), after=f"{command.items_done} {numbers}")
    return Outcome(taken, (change,))


def _take(at: Desk, parts: Sequence[TakeBatch]) -> Taken:
    intake.take_in(at, parts)
    judging.judge_waiting(at)
    dependence.judge_dependants(at, at.changed)
    return intake.finish(at, parts)


def take_arrivals(at: Desk, actor: Actor, command: TakeArrivals) -> Outcome[Outcomes]:
    """Several sources in one transaction; what each came to is answered for each."""
    taken = _take(at, command.parts)
    asked = [record_id for listed in at.listed.values() for record_id in listed]
    now = {at.repeats.get(record_id, record_id) for record_id in asked}
    stored = {one: at.new[one] for one in now if one in at.new}
    stored |= at.unit.records(sorted(now - stored.keys()))
    records = {
        source: tuple((one, stored[at.repeats.get(one, one)]) for one in listed) for source, listed in at.listed.items()
    }
    problems: dict[str, tuple[StoredProblem, ...]] = {
        part.source.id: tuple(one for one in taken.problems if one.locator.source == part.source.id)
        for part in command.parts
    }
    changes = tuple(
        Change(part.source.id, before=str(part.source.items_done), after=str(part.items_done), actor=sender)
        for part, sender in zip(command.parts, command.senders, strict=True)
    )
    return Outcome(Outcomes(records, problems, taken), changes)


def show_specimen(at: Desk, actor: Actor, command: ShowSpecimen) -> Outcome[Lifeline]:
    """Lifeline of one specimen: from the donor and the ancestors down to what was made of it and done with it."""
    found = at.unit.facts(Kind.SPECIMEN, [command.specimen]).get(command.specimen)
    key = found.key if found else command.specimen
    held = at.unit.find_records(QueueFilter(states=OPEN, kinds=(Kind.SPECIMEN,), key=key))
    lineage = _ancestors(at, found)
    events = _story(at, key, found, lineage)
    if not any(event.key == key for event in events) and not held:
        raise NotFoundError("specimen_unknown", specimen=command.specimen)
    facts = _as_of(events, command.as_of)
    standing = tuple(at.unit.process_standing([key]).get(key, ()))
    return Outcome(Lifeline(key, tuple(events), facts, tuple(lineage), tuple(held), standing))


def _story(at: Desk, key: str, found: Fact | None, lineage: Sequence[Fact]) -> list[Event]:
    """The donor's registration and consents, each ancestor and what was done with it, and all of the specimen's own.

    The ancestors' other children are other stories.
    """
    keys = {key, *(one.key for one in lineage)}
    names = keys | {alias for one in (found, *lineage) if one is not None and (alias := one.alias)}
    events = [
        event
        for event in at.unit.events(keys=sorted(names))
        if event.parent == key or (event.key in keys if event.fact in (Kind.SPECIMEN, Kind.SLIDE) else True)
    ]
    if found is not None and found.donor:
        about_donor = (Kind.DONOR, Kind.CONSENT)
        events += [event for event in at.unit.events(donor=found.donor) if event.fact in about_donor]
    return sorted(events, key=lambda event: event.seq)


def _ancestors(at: Desk, fact: Fact | None) -> list[Fact]:
    """From the specimen's parent upwards; a cycle ends the walk."""
    found: list[Fact] = []
    seen = {fact.key} if fact else set()
    while fact is not None and fact.parent and fact.parent not in seen:
        seen.add(fact.parent)
        fact = at.unit.facts(Kind.SPECIMEN, [fact.parent]).get(fact.parent)
        if fact is not None:
            found.append(fact)
    return found


def show_donor(at: Desk, actor: Actor, command: ShowDonor) -> Outcome[Lifeline]:
    """Lifeline of one donor: everything that happened to the donor and to every specimen of the donor."""
    pseudonym = command.donor if ids.is_valid(command.donor) else ids.pseudonym(at.vault.key(), command.donor)
    events = at.unit.events(donor=pseudonym)
    held = at.unit.find_records(QueueFilter(states=OPEN, donor=pseudonym, limit=1000))
    if not events and not held:
        raise NotFoundError("donor_unknown")
    return Outcome(Lifeline(pseudonym, tuple(events), _as_of(events, command.as_of), held=tuple(held)))


def _as_of(events: list[Event], at: AsOf) -> tuple[Fact, ...]:
    def plain(event: Event) -> Fact:
        return fact_of(event, source="", digest="")

    try:
        facts = facts_at(
            events,
            plain,
            happened_by=at.happened_by or None,
            offset_by=at.offset_by,
            known_by=at.known_by or None,
        )
    except ValueError as unreadable:
        raise BadInputError("instant_unreadable", value=at.happened_by or at.known_by) from unreadable
    return tuple(facts.values())


def identify_donor(at: Desk, actor: Actor, command: IdentifyDonor) -> Outcome[dict[str, Value]]:
    """The personal values of a donor, from the vault."""
    pseudonym = command.donor
    people = at.vault.people([pseudonym])
    facts = at.unit.facts(Kind.DONOR, [pseudonym])
    records = [fact.record for fact in facts.values()]
    personal: dict[str, Value] = {"donor_id": people.get(pseudonym)}
    for values in at.vault.personal(records).values():
        personal |= {name: value for name, value in values.items() if not name.startswith("?")}
    return Outcome(personal, (Change(pseudonym, after="identified"),))


def show_record(at: Desk, actor: Actor, command: ShowRecord) -> Outcome[RecordView]:
    record = at.unit.records([command.record]).get(command.record)
    if record is None:
        raise NotFoundError("record_unknown", record=command.record)
    waivers = at.unit.waivers([record.id]).get(record.id, [])
    return Outcome(RecordView(record, tuple(waivers), tuple(at.unit.audit_trail(subject=record.id))))


def list_queue(at: Desk, actor: Actor, command: ListQueue) -> Outcome[QueuePage]:
    return Outcome(QueuePage(tuple(at.unit.find_records(command.wanted)), at.unit.count_records(command.wanted)))


def show_audit(at: Desk, actor: Actor, command: ShowAudit) -> Outcome[tuple[AuditRecord, ...]]:
    return Outcome(tuple(at.unit.audit_trail(subject=command.subject, batch=command.batch, limit=command.limit)))


def list_sources(at: Desk, actor: Actor, command: ListSources) -> Outcome[SourceList]:
    return Outcome(SourceList(tuple(at.unit.sources()), tuple(at.unit.problems())))


TAKE_BATCH = Operation("intake.take", TakeBatch, "intake", followed(take_batch))
TAKE_ARRIVALS = Operation("intake.arrivals", TakeArrivals, "intake", followed(take_arrivals), faces=("api",))
FIX = Operation("record.fix", mending.FixRecords, "mend", followed(mending.fix))
PLACE = Operation("record.place", mending.PlaceRecord, "mend", followed(mending.place))
RELEASE = Operation("record.release", mending.ReleaseRecords, "release", followed(mending.release))
REFUSE = Operation("record.refuse", mending.RefuseRecords, "mend", followed(mending.refuse))
REQUEST_WAIVER = Operation("waiver.request", mending.RequestWaiver, "mend", followed(mending.request_waiver))
APPROVE_WAIVER = Operation("waiver.approve", mending.ApproveWaiver, "approve", followed(mending.approve_waiver))
UNDO = Operation("record.undo", mending.UndoBatch, "mend", followed(mending.undo))
SHOW_SPECIMEN = Operation("specimen.show", ShowSpecimen, "read", show_specimen, changes_state=False)
SHOW_DONOR = Operation("donor.show", ShowDonor, "read", show_donor, changes_state=False)
IDENTIFY_DONOR = Operation("donor.identify", IdentifyDonor, "identify", identify_donor)
SHOW_RECORD = Operation("record.show", ShowRecord, "read", show_record, changes_state=False)
LIST_QUEUE = Operation("record.queue", ListQueue, "read", list_queue, changes_state=False)
SHOW_AUDIT = Operation("audit.show", ShowAudit, "audit", show_audit, changes_state=False)
LIST_SOURCES = Operation("source.list", ListSources, "read", list_sources, changes_state=False)

OPERATIONS = (
    TAKE_BATCH,
    TAKE_ARRIVALS,
    FIX,
    PLACE,
    RELEASE,
    REFUSE,
    REQUEST_WAIVER,
    APPROVE_WAIVER,
    UNDO,
    SHOW_SPECIMEN,
    SHOW_DONOR,
    IDENTIFY_DONOR,
    SHOW_RECORD,
    LIST_QUEUE,
    SHOW_AUDIT,
    LIST_SOURCES,
    ADD_SOP,
    RETIRE_SOP,
    LIST_SOPS,
    SHOW_SOP,
    CHECK_PROCESS,
    SHOW_PROCESS,
    SWEEP_WATCH,
    LIST_NOTICES,
    ACKNOWLEDGE_NOTICE,
)
