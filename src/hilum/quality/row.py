"""What rules see: one flat row per record, its own fields and those of what it hangs on.

A date known only to the month or the year, or an instant known only to the day, has no number of its own: its column
is NULL, and ``<name>.first`` and ``<name>.last`` say which days or seconds it may stand for. They are NULL for a value
that is exact. A day without an hour may lie in any time zone, so its instants reach from UTC+14 to UTC-12.

Columns of a record of kind K:

* every field of K by its name. Dates are days since 1970-01-01 and instants are seconds since 1970-01-01T00:00Z, so
  that arithmetic on them means the same on every engine;
* ``unreadable``: comma-separated names of fields whose text could not be read as their type, or NULL;
* ``received.on`` (day) and ``received.at`` (second): when the bank received the record. There is no other "now";
* ``donor.*``, ``donor.known``: the donor's accepted record. ``condition.*``, ``condition.known``: the donor's primary
  condition. ``consent.*``, ``consent.known``: the consent in force;
* kind specimen: ``parent.*``, ``parent.known``; ``siblings.count``, ``siblings.amount_ug``, ``siblings.volume_ul``,
  ``siblings.weight_mg`` (sums over the other accepted children of the parent); ``place.taken`` (another accepted
  specimen stands in this position) and ``place.occupant``; ``barcode.taken`` and ``barcode.holder`` likewise;
  ``lineage.created_on``, ``lineage.collected_at`` and ``lineage.collected_offset_days``: of the nearest ancestor that
  has one; ``collected_at.swapped``: the instant of collection with day and month exchanged, where that is a date;
* other kinds with ``specimen_id``: ``specimen.*``, ``specimen.known``;
* kind custody: ``previous.*``, ``previous.known``: the custody record of the same specimen that happened immediately
  before this one; ``holder.*``, ``holder.known``: the last one before it that says who took the specimen over
  (``holder.to_party``). Kind preparation: ``previous.*``: the same step done with the same specimen before. Where the
  times do not tell what came before, nothing is known; :mod:`hilum.registry.chain`;
* kind transport: ``log.known``, ``log.logger`` and the audit of the trip's temperature log, :data:`LOG_COLUMNS`:
  minutes, degrees Celsius, and per cent of the trip; see :class:`hilum.quality.temperature.Audit`;
* ``run.length``, ``run.steps`` and ``run.moment``: how many records in a row, this one among them, look copied, stepped
  or taken at one second although their donors differ (:mod:`hilum.registry.runs`);
* ``earlier.*``, ``earlier.known``: the accepted record with the same key; ``earlier.same_source``: it stood in the
  same file, so this is a conflict and not a correction.

Absent columns are NULL, except ``*.known``, ``*.taken`` and ``earlier.same_source``, which are then FALSE.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache, lru_cache

from hilum.model.record import Kind, Record, Value
from hilum.model.vocabulary import FieldType, personal_fields, temporal_fields, vocabulary

Row = dict[str, Value]

_EPOCH = date(1970, 1, 1).toordinal()
_DAY, _EAST, _WEST = 86_400, 14 * 3600, 12 * 3600
_WHOLE_DAY = len("2024-03-05")
_CHINA = timezone(timedelta(hours=8))
_LINEAGE = ("created_on", "collected_at", "collected_offset_days")
ENDS = ("first", "last")
"""Of a partial date or instant, after its column's name."""
_NUMBERS = (FieldType.NUMBER, FieldType.INTEGER, FieldType.DATE, FieldType.INSTANT)


class ColumnType:
    """Column types of the predicate language."""

    NUMBER, TEXT, BOOLEAN = "number", "text", "boolean"


LOG_COLUMNS = {
    **{f"log.{name}": ColumnType.BOOLEAN for name in ("known", "same_logger")},
    **{f"log.{name}": ColumnType.TEXT for name in ("logger", "unit_suspect")},
} | {
    f"log.{name}": ColumnType.NUMBER
    for name in (
        *("readings", "interval_s", "coverage_percent", "longest_gap_min", "start_late_min", "end_early_min"),
        *("outside_min", "longest_excursion_min", "brief_excursions", "fault_min", "flat_min", "mkt_c", "min_c"),
        *("max_c", "skew_min", "skew_hours", "conflicts", "calibration_due_on", "calibration_days"),
    )
}
"""What a transport record sees of its temperature log."""
CHAIN_SPACES = {Kind.CUSTODY: ("previous", "holder"), Kind.PREPARATION: ("previous",)}
"""Under which names a record sees what was done with its specimen before."""


def day_number(text: str) -> int:
    """Days since 1970-01-01 of an ISO date. Raises ``ValueError`` for a partial one."""
    return date.fromisoformat(text).toordinal() - _EPOCH


def second_number(text: str) -> int:
    """Seconds since the epoch of an ISO instant; one without a zone is taken as UTC.

    Raises ``ValueError`` for a partial one."""
    if len(text) <= _WHOLE_DAY:
        raise ValueError(text)
    at = datetime.fromisoformat(text)
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())


SWAPPED = "collected_at.swapped"
"""Of a specimen: when it would have been collected, had day and month been exchanged on paper."""


@lru_cache(maxsize=4_096)
def swapped(text: str) -> int | None:
    """The second number of an instant with day and month of its civil date exchanged; ``None`` where that is no other
    date, and for a partial one."""
    try:
        at = datetime.fromtimestamp(second_number(text), UTC).astimezone(_CHINA)
        return None if at.day == at.month else int(at.replace(month=at.day, day=at.month).timestamp())
    except (ValueError, OverflowError, OSError):
        return None


def is_partial(type_: FieldType, text: str) -> bool:
    """Whether a date lacks its day, or an instant its hour."""
    return len(text) <= _WHOLE_DAY if type_ is FieldType.INSTANT else len(text) < _WHOLE_DAY


def days_of(text: str) -> tuple[int, int]:
    """First and last day number of an ISO date, month (``2011-08``) or year (``2011``)."""
    year, month, day = (int(part) if part else 0 for part in (text[:4], text[5:7], text[8:10]))
    first = date(year, month or 1, day or 1)
    if day:
        return first.toordinal() - _EPOCH, first.toordinal() - _EPOCH
    after = date(year + (month in (0, 12)), 1 if month in (0, 12) else month + 1, 1)
    return first.toordinal() - _EPOCH, after.toordinal() - 1 - _EPOCH


def bounds(type_: FieldType, text: str) -> tuple[int, int]:
    """First and last number a partial date (days) or instant (seconds, in any time zone) may stand for."""
    first, last = days_of(text)
    if type_ is FieldType.DATE:
        return first, last
    return first * _DAY - _EAST, (last + 1) * _DAY - 1 + _WEST


def own_columns(kind: Kind, fields: Mapping[str, Value], prefix: str = "") -> Row:
    """``fields`` of a record of ``kind`` as columns, dates and instants turned into numbers."""
    row: Row = {prefix + name: value for name, value in fields.items()} if prefix else dict(fields)
    for name, type_ in temporal_fields(kind):
        value = fields.get(name)
        if isinstance(value, str):
            try:
                row[prefix + name] = day_number(value) if type_ is FieldType.DATE else second_number(value)
            except ValueError:
                _put_partial(row, prefix + name, type_, value)
    return row


def _put_partial(row: Row, name: str, type_: FieldType, text: str) -> None:
    row[name] = None
    row[f"{name}.first"], row[f"{name}.last"] = bounds(type_, text)


def row_of(record: Record, context: Mapping[str, Value]) -> Row:
    """The row the rules of ``record.kind`` see; ``context`` holds the columns of other records, already flat."""
    row = own_columns(record.kind, record.fields)
    row["unreadable"] = ",".join(sorted(record.unreadable)) or None
    row.update(context)
    return row


def columns(kind: Kind) -> dict[str, str]:
    """Every column a rule of grain ``kind`` may name, with its :class:`ColumnType`."""
    return dict(_columns(kind))


@cache
def _columns(kind: Kind) -> dict[str, str]:
    found = _typed(kind, "")
    found |= {
        "unreadable": ColumnType.TEXT,
        "received.on": ColumnType.NUMBER,
        "received.at": ColumnType.NUMBER,
    }
    spaces = {"donor": Kind.DONOR, "condition": Kind.CONDITION, "consent": Kind.CONSENT, "earlier": kind}
    if kind is Kind.SPECIMEN:
        spaces["parent"] = Kind.SPECIMEN
        found |= {f"siblings.{name}": ColumnType.NUMBER for name in ("count", "amount_ug", "volume_ul", "weight_mg")}
        found |= {f"lineage.{name}": ColumnType.NUMBER for name in _LINEAGE} | {SWAPPED: ColumnType.NUMBER}
        found |= {"place.taken": ColumnType.BOOLEAN, "place.occupant": ColumnType.TEXT}
        found |= {"barcode.taken": ColumnType.BOOLEAN, "barcode.holder": ColumnType.TEXT}
    elif "specimen_id" in vocabulary()[kind]:
        spaces["specimen"] = Kind.SPECIMEN
    if kind is Kind.TRANSPORT:
        found |= LOG_COLUMNS
    for space in CHAIN_SPACES.get(kind, ()):
        found |= _impersonal(kind, f"{space}.") | {f"{space}.known": ColumnType.BOOLEAN}
    for space, other in spaces.items():
        found |= _typed(other, f"{space}.") | {f"{space}.known": ColumnType.BOOLEAN}
    found |= {f"run.{name}": ColumnType.NUMBER for name in ("length", "steps", "moment")}
    return found | {"earlier.same_source": ColumnType.BOOLEAN}


def _impersonal(kind: Kind, prefix: str) -> dict[str, str]:
    """The columns of another record of the same kind, without what leads to a person: it is the same donor's."""
    hidden = {prefix + name for name in personal_fields(kind)}
    return {name: type_ for name, type_ in _typed(kind, prefix).items() if name not in hidden}


def _typed(kind: Kind, prefix: str) -> dict[str, str]:
    found = {prefix + name: _column_type(field.type) for name, field in vocabulary()[kind].items()}
    for name, _ in temporal_fields(kind):
        found |= {f"{prefix}{name}.{end}": ColumnType.NUMBER for end in ENDS}
    return found


def _column_type(type_: FieldType) -> str:
    if type_ in _NUMBERS:
        return ColumnType.NUMBER
    return ColumnType.BOOLEAN if type_ is FieldType.BOOLEAN else ColumnType.TEXT
