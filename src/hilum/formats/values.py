"""Text as people write it, read as the type the vocabulary asks for; what cannot be read is never guessed.

A value is read exactly or not at all: ``12 mL`` is not the number 12 and ``2015-02-30`` is no date. Full-width digits,
white space of any kind and a sign written as ``−`` are the same value in other clothes and are read without loss; so
are 十二 and 1.2万. Days and instants: :mod:`hilum.formats.calendar`. What an unreadable text may have meant:
:mod:`hilum.terms.spoken_values`.
"""

import re
from collections.abc import Callable
from datetime import timedelta, timezone

from hilum.formats import calendar
from hilum.model.record import Value
from hilum.model.vocabulary import Field, FieldType
from hilum.terms import spoken_text
from hilum.terms.spoken_numbers import chinese_number

MISSING = frozenset(
    {"", "-", "--", "/", "na", "n/a", "nan", "null", "none", "nil", "无", "未填", "未知", "不详", "未查", "空"}
    | {"[not available]", "[not applicable]", "[not evaluated]", "[unknown]", "[not reported]", "[completed]"}
    | {"[pending]", "[discrepancy]", "not available", "not applicable", "unknown", "not reported"}
)
"""What stands for "no value", compared in lower case. A number that is written ``NaN`` is missing, not a number."""

BROKEN = "\ufffd"
"""What a decoder leaves where bytes meant nothing: a value with a hole in it is no value, in a name least of all."""

SHEET_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"})
"""What a spreadsheet shows where a formula failed: no value, and not "no value" either."""

LARGEST = 1e60
"""Numbers further from zero, or closer to it than its inverse, are slips of a program: no rule could use them."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII)
_YES = frozenset({"yes", "y", "true", "1", "是", "有", "阳性", "对"})
_NO = frozenset({"no", "n", "false", "0", "否", "没有", "阴性", "错"})


plain = spoken_text.plain
day, instant = calendar.day, calendar.instant


def is_missing(text: str) -> bool:
    """Whether ``text`` stands for no value."""
    return text == "" or plain(text).lower() in MISSING


def read(field: Field, text: str, zone: timezone = timezone(timedelta(hours=8))) -> tuple[Value, bool]:
    """``(value, readable)`` of ``text`` for ``field``; ``(None, True)`` when it stands for no value.

    Instants without a zone are taken in ``zone`` (default: China Standard Time) and answered in UTC.
    """
    if is_missing(text):
        return None, True
    folded = plain(text)
    if BROKEN in folded or folded in SHEET_ERRORS:
        return None, False
    if field.type in (FieldType.TEXT, FieldType.CODE):
        return folded, True
    if field.type is FieldType.INSTANT:
        value: Value = calendar.known_instant(folded, zone)
    else:
        value = _READERS[field.type](folded)
    return value, value is not None


def number(text: str) -> float | None:
    """A finite decimal number, thousands grouped by commas or not at all."""
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    elif not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value + 0.0 if abs(value) <= LARGEST and (abs(value) >= 1 / LARGEST or not value) else None


def spoken_number(text: str) -> float | None:
    """:func:`number`, or one in Chinese words (``十二``) or with a Chinese multiplier (``1.2万``)."""
    value = number(text)
    return value if value is not None or text.isascii() else chinese_number(text)


def integer(text: str) -> int | None:
    """A whole number; ``3.0`` is one, ``3.5`` is not."""
    value = spoken_number(text)
    return int(value) if value is not None and value.is_integer() and abs(value) < 2**53 else None


def boolean(text: str) -> bool | None:
    """Yes or no in the spellings hospitals use."""
    lower = text.lower()
    if lower in _YES:
        return True
    return False if lower in _NO else None


_READERS: dict[FieldType, Callable[[str], Value]] = {
    FieldType.NUMBER: spoken_number,
    FieldType.INTEGER: integer,
    FieldType.BOOLEAN: boolean,
    FieldType.DATE: calendar.known_day,
}
