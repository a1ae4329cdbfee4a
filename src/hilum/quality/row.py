"""What rules see: one flat row per record, its own fields and those of what it hangs on.

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
  has one;
* other kinds with ``specimen_id``: ``specimen.*``, ``specimen.known``;
* ``earlier.*``, ``earlier.known``: the accepted record with the same key; ``earlier.same_source``: it stood in the
  same file, so this is a conflict and not a correction.

Absent columns are NULL, except ``*.known``, ``*.taken`` and ``earlier.same_source``, which are then FALSE.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from hilum.model.record import Kind, Record, Value
from hilum.model.vocabulary import FieldType, temporal_fields, vocabulary

Row = dict[str, Value]

_EPOCH = date(1970, 1, 1).toordinal()
_LINEAGE = ("created_on", "collected_at", "collected_offset_days")
_NUMBERS = (FieldType.NUMBER, FieldType.INTEGER, FieldType.DATE, FieldType.INSTANT)


class ColumnType:
    """Column types of the predicate language."""

    NUMBER, TEXT, BOOLEAN = "number", "text", "boolean"


def day_number(text: str) -> int:
    """Days since 1970-01-01 of an ISO date."""
    return date.fromisoformat(text).toordinal() - _EPOCH


def second_number(text: str) -> int:
    """Seconds since the epoch of an ISO instant; one without a zone is taken as UTC."""
    at = datetime.fromisoformat(text)
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())


def own_columns(kind: Kind, fields: Mapping[str, Value], prefix: str = "") -> Row:
    """``fields`` of a record of ``kind`` as columns, dates and instants turned into numbers."""
    row: Row = {prefix + name: value for name, value in fields.items()} if prefix else dict(fields)
    for name, type_ in temporal_fields(kind):
        value = fields.get(name)
        if isinstance(value, str):
            row[prefix + name] = day_number(value) if type_ is FieldType.DATE else second_number(value)
    return row


def row_of(record: Record, context: Mapping[str, Value]) -> Row:
    """The row the rules of ``record.kind`` see; ``context`` holds the columns of other records, already flat."""
    row = own_columns(record.kind, record.fields)
    row["unreadable"] = ",".join(sorted(record.unreadable)) or None
    row.update(context)
    return row


def columns(kind: Kind) -> dict[str, str]:
    """Every column a rule of grain ``kind`` may name, with its :class:`ColumnType`."""
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
        found |= {f"lineage.{name}": ColumnType.NUMBER for name in _LINEAGE}
        found |= {"place.taken": ColumnType.BOOLEAN, "place.occupant": ColumnType.TEXT}
        found |= {"barcode.taken": ColumnType.BOOLEAN, "barcode.holder": ColumnType.TEXT}
    elif "specimen_id" in vocabulary()[kind]:
        spaces["specimen"] = Kind.SPECIMEN
    for space, other in spaces.items():
        found |= _typed(other, f"{space}.") | {f"{space}.known": ColumnType.BOOLEAN}
    return found | {"earlier.same_source": ColumnType.BOOLEAN}


def _typed(kind: Kind, prefix: str) -> dict[str, str]:
    return {prefix + name: _column_type(field.type) for name, field in vocabulary()[kind].items()}


def _column_type(type_: FieldType) -> str:
    if type_ in _NUMBERS:
        return ColumnType.NUMBER
    return ColumnType.BOOLEAN if type_ is FieldType.BOOLEAN else ColumnType.TEXT
