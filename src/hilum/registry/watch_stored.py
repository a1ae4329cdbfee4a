"""What the watch asks of a bank, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass

from hilum.model.record import Kind, Value
from hilum.registry.stored import RecordState


@dataclass(frozen=True, slots=True)
class NoticeFilter:
    """Which notices are asked for; empty fields do not restrict. ``open`` asks for open (or closed) ones,
    ``acknowledged`` for those somebody has in hand (or nobody), ``since`` for those raised then or later; ``after`` is
    the id of the last one seen."""

    ids: tuple[str, ...] = ()
    rule: str = ""
    subject: str = ""
    open: bool | None = None
    acknowledged: bool | None = None
    since: str = ""
    after: str = ""
    limit: int = 100


@dataclass(frozen=True, slots=True)
class Watched:
    """One record as the watch sees it: its number in the order stored, and when it came."""

    n: int
    record: str
    kind: Kind
    key: str
    state: RecordState
    received_at: str
    fields: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Held records of one source that wait for facts of one kind: how many, and since when the first of them."""

    source: str
    kind: Kind
    count: int
    since: str
