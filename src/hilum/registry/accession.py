"""Entering what the gate accepted: which happening a record tells of, and when it took place."""

from collections.abc import Mapping

from hilum.model import ids
from hilum.model.event import Event, EventKind, Moment
from hilum.model.record import Kind, Value
from hilum.model.vocabulary import Field, FieldType, vocabulary
from hilum.registry.stored import StoredRecord

_HAPPENING = {
    Kind.DONOR: EventKind.DONOR_REGISTERED,
    Kind.CONDITION: EventKind.DONOR_DIAGNOSED,
    Kind.FOLLOW_UP: EventKind.DONOR_FOLLOWED,
    Kind.MEDICATION: EventKind.DONOR_TREATED,
    Kind.PROCEDURE: EventKind.DONOR_TREATED,
    Kind.COLLECTION: EventKind.SPECIMEN_COLLECTED,
    Kind.PREPARATION: EventKind.SPECIMEN_PREPARED,
    Kind.SLIDE: EventKind.SLIDE_PREPARED,
    Kind.TRANSPORT: EventKind.SPECIMEN_TRANSPORTED,
    Kind.STORAGE: EventKind.SPECIMEN_STORED,
    Kind.ASSAY: EventKind.SPECIMEN_ASSAYED,
    Kind.READING: EventKind.TRANSPORT_MEASURED,
    Kind.LOG: EventKind.TRANSPORT_LOGGED,
    Kind.CUSTODY: EventKind.SPECIMEN_HANDED_OVER,
    Kind.ENCOUNTER: EventKind.DONOR_VISITED,
    Kind.REPORT: EventKind.REPORT_ISSUED,
}
_MADE = ("created_on", "centrifuged_at")
_ENDED_CONSENT = frozenset({"withdrawn", "refused"})


def happening(kind: Kind, fields: Mapping[str, Value]) -> EventKind:
    """The event a record of ``kind`` with these fields asserts."""
    if kind is Kind.CONSENT:
        ended = fields.get("status") in _ENDED_CONSENT or fields.get("withdrawn_on") is not None
        return EventKind.CONSENT_WITHDRAWN if ended else EventKind.CONSENT_GIVEN
    if kind is Kind.SPECIMEN:
        return EventKind.SPECIMEN_PREPARED if fields.get("parent_id") else EventKind.SPECIMEN_COLLECTED
    if kind is Kind.OBSERVATION:
        return EventKind.SPECIMEN_MEASURED if fields.get("specimen_id") else EventKind.DONOR_MEASURED
    return _HAPPENING[kind]


def moment_of(kind: Kind, fields: Mapping[str, Value]) -> Moment:
    """When it happened: the first dated ``moment`` field with a value, and the first counted in days.

    A specimen made from another carries its donor's time of collection along; it was itself made later, when it was
    prepared or its parent was spun, or nobody knows when.
    """
    if kind is Kind.SPECIMEN and fields.get("parent_id"):
        made = next((value for name in _MADE if isinstance(value := fields.get(name), str)), None)
        return Moment(at=made)
    at: str | None = None
    offset: int | None = None
    for field in _moment_fields(kind):
        value = fields.get(field.name)
        if at is None and isinstance(value, str):
            at = value
        elif offset is None and field.type is FieldType.INTEGER and isinstance(value, int):
            offset = value
    return Moment(at=at, offset_days=offset)


def _moment_fields(kind: Kind) -> tuple[Field, ...]:
    found = _MOMENTS.get(kind)
    if found is None:
        found = tuple(field for field in vocabulary()[kind].values() if "moment" in field.role.split())
        _MOMENTS[kind] = found
    return found


_MOMENTS: dict[Kind, tuple[Field, ...]] = {}


def asserted(record: StoredRecord, recorded_at: str) -> Event:
    """The event by which ``record`` enters the bank at ``recorded_at``; ``seq`` 0 means: the store numbers it."""
    fields = record.fields
    return Event(
        seq=0,
        id=ids.mint(ids.EVENT, record.id, "asserted", recorded_at),
        kind=happening(record.kind, fields),
        fact=record.kind,
        key=record.key,
        donor=record.donor,
        parent=_parent(record),
        moment=moment_of(record.kind, fields),
        recorded_at=recorded_at,
        record=record.id,
        fields=fields,
    )


def _parent(record: StoredRecord) -> str | None:
    parent = record.fields.get("parent_id" if record.kind is Kind.SPECIMEN else "specimen_id")
    return str(parent) if parent else None


def retracted(record: StoredRecord, recorded_at: str) -> Event:
    """The event by which ``record``, accepted before, is taken back at ``recorded_at``. History stays."""
    return Event(
        seq=0,
        id=ids.mint(ids.EVENT, record.id, "retracted", recorded_at),
        kind=EventKind.RECORD_RETRACTED,
        fact=record.kind,
        key=record.key,
        donor=record.donor,
        parent=_parent(record),
        moment=Moment(),
        recorded_at=recorded_at,
        record=record.id,
        fields={},
    )
