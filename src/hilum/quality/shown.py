"""Values as people see them in findings: dates as dates, personal values masked."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache

from hilum.model.record import Kind, Value
from hilum.model.vocabulary import Field, FieldType, personal_fields, vocabulary
from hilum.quality.row import ENDS

Show = Callable[[Value], Value]
_EPOCH_DAY, _EPOCH = date(1970, 1, 1), datetime(1970, 1, 1, tzinfo=UTC)
_RECEIVED = {"received.on": FieldType.DATE, "received.at": FieldType.INSTANT}


def spaces(kind: Kind) -> dict[str, Kind]:
    """The namespaces a row of ``kind`` may have and the kind of record each shows; "" is the record itself."""
    others = {"donor": Kind.DONOR, "condition": Kind.CONDITION, "consent": Kind.CONSENT, "earlier": kind}
    specimens = {"parent": Kind.SPECIMEN, "specimen": Kind.SPECIMEN, "lineage": Kind.SPECIMEN}
    return {"": kind, **specimens, **others, "log": Kind.LOG}


def field_type(kind: Kind, column: str) -> FieldType | None:
    """The vocabulary type behind a column of a row of ``kind``, ``None`` for columns that are no field."""
    if column in _RECEIVED:
        return _RECEIVED[column]
    field = field_of(kind, column)
    return field.type if field else None


def field_of(kind: Kind, column: str) -> Field | None:
    """The vocabulary field behind a column of a row of ``kind``, ``None`` for columns that are no field."""
    space, _, name = _whole(column).rpartition(".")
    return vocabulary()[spaces(kind)[space]].get(name) if space in spaces(kind) else None


def _whole(column: str) -> str:
    """The column of the value itself, where this is one end of a partial date."""
    head, _, end = column.rpartition(".")
    return head if end in ENDS and head else column


@cache
def is_personal(kind: Kind, column: str) -> bool:
    """Whether a column of a row of ``kind`` holds a personal value."""
    space, _, name = _whole(column).rpartition(".")
    return space in spaces(kind) and name in personal_fields(spaces(kind)[space])


@lru_cache(maxsize=4_096)
def iso_day(number: float) -> str:
    """ISO date of a day number; the number itself where no calendar reaches it."""
    try:
        return (_EPOCH_DAY + timedelta(days=number)).isoformat()
    except (OverflowError, ValueError):
        return plain(number)


@lru_cache(maxsize=4_096)
def iso_instant(number: float) -> str:
    """ISO instant in UTC of a second number; the number itself where no calendar reaches it."""
    try:
        return (_EPOCH + timedelta(seconds=int(number))).isoformat()[:19] + "Z"
    except (OverflowError, ValueError):
        return plain(number)


def mask(text: str) -> str:
    """First and last character only; nothing of a text that is shorter than five."""
    return f"{text[0]}•••{text[-1]}" if len(text) > 4 else "•••"


def plain(value: Value) -> str:
    """A value as text: whole numbers without a point, invisible characters by code point, nothing for no value."""
    if type(value) is float:  # numbers and texts are most of what is shown, and a class is told apart quickest
        digits = repr(value + 0.0)  # a negative zero is zero
        return digits[:-2] if digits[-2:] == ".0" else digits
    if isinstance(value, str):
        return value if value.isprintable() else _revealed(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _revealed(text: str) -> str:
    """``text`` with every character nobody can see written as ``<U+200B>``; line ends and tabs are left alone."""
    return "".join(one if one.isprintable() or one in "\n\r\t" else f"<U+{ord(one):04X}>" for one in text)


@cache
def shower(kind: Kind, column: str) -> Show:
    """How a column's value is shown: ISO text for dates and instants, personal values masked, others as they are."""
    type_ = field_type(kind, column)
    dated = {FieldType.DATE: iso_day, FieldType.INSTANT: iso_instant}.get(type_) if type_ else None
    if is_personal(kind, column):
        return lambda value: None if value is None else mask(plain(_dated(value, dated)))
    return _as_it_is if dated is None else lambda value: _dated(value, dated)


def is_shown_as_it_is(kind: Kind, column: str) -> bool:
    """Whether :func:`shower` changes nothing of a column's values."""
    return shower(kind, column) is _as_it_is


def _as_it_is(value: Value) -> Value:
    return value


def _dated(value: Value, words: Callable[[float], str] | None) -> Value:
    if words is not None and isinstance(value, int | float) and not isinstance(value, bool):
        return words(value)
    return value
