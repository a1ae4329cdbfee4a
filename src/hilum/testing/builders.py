"""Small builders of records, judgements, events and facts, for tests here and of adapters elsewhere.

Every builder gives a whole, valid value; name only what your test is about.
"""

from collections.abc import Mapping
from typing import TypedDict, Unpack

from hilum.canonical import digest
from hilum.model.event import Event, EventKind, Moment
from hilum.model.ids import EVENT, RECORD, SOURCE, mint
from hilum.model.record import Kind, Locator, Value
from hilum.operation import AuditRecord
from hilum.quality.finding import Finding, Fix, Judgement, RuleOutcome, Score, Verdict
from hilum.quality.rule import Dimension, Severity
from hilum.registry.fold import fact_of
from hilum.registry.stored import Fact, RecordState, Source, StoredRecord, Waiver

RECEIVED_AT = "2024-03-05T08:00:00.000000Z"
SOURCE_ID = mint(SOURCE, "builders")
DONOR_ID = "DNR-0000000000000-0"
UNDATED = Moment()


class RecordParts(TypedDict, total=False):
    """What a test may say about a record beyond its key and fields."""

    kind: Kind
    donor: str | None
    source: str
    line: int
    state: RecordState
    corrects: str
    judgement: Judgement | None
    unreadable: Mapping[str, str]
    extra: Mapping[str, str]


def a_source(name: str = "samples.csv", **changes: Unpack["SourceParts"]) -> Source:
    """A source as received."""
    parts: SourceParts = {"size": 1024, "items_done": 0, **changes}
    return Source(
        id=mint(SOURCE, name),
        digest=digest(name),
        name=name,
        format="csv",
        received_at=RECEIVED_AT,
        **parts,
    )


class SourceParts(TypedDict, total=False):
    """What a test may say about a source beyond its name."""

    size: int
    items_done: int
    parent: str


def a_record(key: str, fields: Mapping[str, Value] | None = None, **parts: Unpack[RecordParts]) -> StoredRecord:
    """An accepted specimen of one donor, judged and found good, unless said otherwise."""
    kind = parts.get("kind", Kind.SPECIMEN)
    content = dict(fields) if fields is not None else {"specimen_id": key}
    source, line = parts.get("source", SOURCE_ID), parts.get("line", 2)
    return StoredRecord(
        id=mint(RECORD, source, kind, key, digest(content), str(line)),
        kind=kind,
        key=key,
        donor=parts.get("donor", DONOR_ID),
        digest=digest(content),
        locator=Locator(source, "samples.csv", line),
        fields=content,
        received_at=RECEIVED_AT,
        state=parts.get("state", RecordState.ACCEPTED),
        unreadable=parts.get("unreadable", {}),
        extra=parts.get("extra", {}),
        corrects=parts.get("corrects", ""),
        judgement=parts.get("judgement", a_judgement()),
    )


def a_finding(rule: str = "specimen.parent.known", outcome: RuleOutcome = RuleOutcome.FAIL) -> Finding:
    """A blocking finding with one fix on offer."""
    return Finding(
        rule=rule,
        version=1,
        outcome=outcome,
        severity=Severity.BLOCK,
        dimension=Dimension.CONSISTENCY,
        field="parent_id",
        found="SP-0",
        values={"parent_id": "SP-0", "volume_ul": 12.5, "parent.known": False},
        fixes=(Fix(field="parent_id", value="SP-1", basis="dictionary", confidence=0.8, lossless=False),),
        cost=7.5,
    )


def a_judgement(*findings: Finding) -> Judgement:
    """The gate's answer: accepted with full marks when nothing was found, else held."""
    held = bool(findings)
    total = 100.0 - sum(finding.cost for finding in findings)
    return Judgement(
        verdict=Verdict.HOLD if held else Verdict.ACCEPT,
        score=Score(total, 100.0, None, 100.0, total, 100.0),
        findings=findings,
        applied=20,
        ruleset=digest("rules"),
    )


def an_event(record: StoredRecord, moment: Moment = UNDATED, **parts: Unpack["EventParts"]) -> Event:
    """The event that asserts the fact ``record`` tells of; ``take`` makes events of one record different."""
    kind = parts.get("kind", EventKind.SPECIMEN_STORED)
    parent = record.fields.get("parent_id" if record.kind is Kind.SPECIMEN else "specimen_id")
    return Event(
        seq=parts.get("seq", 0),
        id=mint(EVENT, record.id, kind, str(parts.get("take", 0))),
        kind=kind,
        fact=record.kind,
        key=record.key,
        donor=record.donor,
        parent=str(parent) if parent else None,
        moment=moment,
        recorded_at=parts.get("recorded_at", record.received_at),
        record=record.id,
        fields={} if kind is EventKind.RECORD_RETRACTED else record.fields,
    )


class EventParts(TypedDict, total=False):
    """What a test may say about an event beyond its record and moment."""

    kind: EventKind
    seq: int
    take: int
    recorded_at: str


def a_retraction(record: StoredRecord, take: int = 0) -> Event:
    """The event that takes back what ``record`` said."""
    return an_event(record, kind=EventKind.RECORD_RETRACTED, take=take)


def a_fact(record: StoredRecord, event: Event) -> Fact:
    """The fact ``event`` of ``record`` establishes."""
    return fact_of(event, record.locator.source, record.digest)


def a_waiver(record_id: str, rule: str = "specimen.parent.known") -> Waiver:
    """A waiver asked for and not yet agreed to."""
    return Waiver(record_id, rule, "parent is in another bank", "curator", RECEIVED_AT)


def an_audit_record(subject: str = "REC-1", operation: str = "record.release") -> AuditRecord:
    """One line of the audit trail."""
    return AuditRecord(at=RECEIVED_AT, actor="curator", operation=operation, subject=subject, after="accepted")
