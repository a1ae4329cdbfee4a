"""What the bank keeps of sources, records and facts, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hilum.model.record import Kind, Locator, Value
from hilum.quality.finding import Judgement


class RecordState(StrEnum):
    """Where a record stands. ``STEPS`` in :mod:`hilum.registry.quarantine` says which may follow which."""

    ACCEPTED = "accepted"
    HELD = "held"
    REJECTED = "rejected"
    REFUSED = "refused"
    CORRECTED = "corrected"
    SUPERSEDED = "superseded"
    RETRACTED = "retracted"


class SourceState(StrEnum):
    """How far intake came with a source."""

    RECEIVED = "received"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Source:
    """A file, or a member of an archive, as received. ``digest`` is of its bytes; ``items_done`` is the resume point:
    how many items its reader has yielded that are safely in the bank. ``parent`` is the archive it came in."""

    id: str
    digest: str
    name: str
    format: str
    size: int
    received_at: str
    state: SourceState = SourceState.RECEIVED
    items_done: int = 0
    parent: str = ""


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """One record in the bank, personal values already taken out (they are in the vault under ``id``).

    Content never changes after it was written; a correction is a new record that names the old one in ``corrects``.
    ``judgement`` is the latest one.
    """

    id: str
    kind: Kind
    key: str
    donor: str | None
    digest: str
    locator: Locator
    fields: Mapping[str, Value]
    received_at: str
    state: RecordState
    unreadable: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
    corrects: str = ""
    judgement: Judgement | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A record that stands under a (kind, key) now: enough to see a repeat, a conflict or a correction.

    ``statement`` is what it is part of (:func:`hilum.model.record.statement_of`): two records of one statement that
    differ contradict each other, a later statement corrects an earlier one."""

    id: str
    kind: Kind
    key: str
    digest: str
    statement: str
    state: RecordState


@dataclass(frozen=True, slots=True)
class StoredReading:
    """One temperature reading in the bank: its record and state, when it was read (ISO instant) and the value."""

    record: str
    state: RecordState
    at: str
    value_c: float | None


@dataclass(frozen=True, slots=True)
class StoredProblem:
    """A file-level problem kept with its source: catalogue key ``problem.<reason>``, place, line, values."""

    reason: str
    locator: Locator
    values: Mapping[str, str | int]
    fatal: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """What the bank holds true now under (kind, key): the read model, rebuilt from events at will.

    ``parent`` is the specimen it hangs on, ``alias`` a second identifier (a UUID), ``position`` the place it fills
    (``plate:A133:B05``), ``barcode`` the tube's own code; ``record`` holds the fields. A transport and a temperature
    log find each other by the same two columns: ``alias`` is the logger, ``barcode`` the number of the transport.
    """

    kind: Kind
    key: str
    donor: str | None
    parent: str | None
    alias: str | None
    position: str | None
    barcode: str | None
    record: str
    source: str
    digest: str
    seq: int
    fields: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Siblings:
    """Sums over the accepted children of one parent."""

    count: int
    amount_ug: float
    volume_ul: float
    weight_mg: float


@dataclass(frozen=True, slots=True)
class Waiver:
    """One rule set aside for one record: who asked, who else agreed, why, until when."""

    record: str
    rule: str
    reason: str
    requested_by: str
    requested_at: str
    approved_by: str = ""
    approved_at: str = ""
    expires_on: str = ""
    withdrawn: bool = False
