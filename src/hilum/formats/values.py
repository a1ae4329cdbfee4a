"""Text as people write it, read as the type the vocabulary asks for; what cannot be read is never guessed.

A value is read exactly or not at all: ``12 mL`` is not the number 12 and ``2015-02-30`` is no date. Full-width digits,
white space of any kind and a sign written as ``−`` are the same value in other clothes and are read without loss.
"""

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

from hilum.model.record import Value
from hilum.model.vocabulary import Field, FieldType

MISSING = frozenset(
    {"", "-", "--", "/", "na", "n/a", "nan", "null", "none", "nil", "无", "未填", "未知", "不详", "未查", "空"}
    | {"[not available]", "[not applicable]", "[not evaluated]", "[unknown]", "[not reported]", "[completed]"}
    | {"[pending]", "[discrepancy]", "not available", "not applicable", "unknown", "not reported"}
)
"""What stands for "no value", compared in lower case. A number that is written ``NaN`` is missing, not a number."""

BROKEN = "\ufffd"
"""What a decoder leaves where bytes meant nothing: a value with a hole in it is no value, in a name least of all."""

_UNSEEN = ("Cf", "Cc")
"""Formatting and control characters: nobody sees them, and a terminal would obey some of them."""
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII)
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_TIME = re.compile(r"[T ]?(\d{1,2})[:时](\d{2})(?:[:分](\d{2})(?:\.\d+)?秒?|分)?\s*(Z|[+-]\d{2}:?\d{2})?", re.ASCII)
_YES = frozenset({"yes", "y", "true", "1", "是", "有", "阳性", "对"})
_NO = frozenset({"no", "n", "false", "0", "否", "没有", "阴性", "错"})


def plain(text: str) -> str:
    """NFKC, the true minus sign as ``-``, invisible characters dropped, runs of white space as one blank, trimmed."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split()) if "  " in text or text != text.strip() else text
    folded = unicodedata.normalize("NFKC", text).replace("\u2212", "-")
    kept = "".join(letter for letter in folded if letter.isspace() or unicodedata.category(letter) not in _UNSEEN)
    return " ".join(kept.split())


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
    if BROKEN in folded:
        return None, False
    if field.type in (FieldType.TEXT, FieldType.CODE):
        return folded, True
    if field.type is FieldType.INSTANT:
        value: Value = instant(folded, zone)
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
    return value if math.isfinite(value) else None


def integer(text: str) -> int | None:
    """A whole number; ``3.0`` is one, ``3.5`` is not."""
    value = number(text)
    return int(value) if value is not None and value.is_integer() and abs(value) < 2**53 else None


def boolean(text: str) -> bool | None:
    """Yes or no in the spellings hospitals use."""
    lower = text.lower()
    if lower in _YES:
        return True
    return False if lower in _NO else None


def day(text: str) -> str | None:
    """An ISO date from ``2024-03-05``, ``2024/3/5``, ``2024.3.5``, ``2024年3月5日`` or ``20240305``."""
    found = _DATE.fullmatch(text) or _COMPACT.fullmatch(text)
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return None


def instant(text: str, zone: timezone) -> str | None:
    """An ISO instant in UTC, to the second. A date alone is not an instant."""
    found = _DATE.match(text) or _COMPACT.match(text)
    if found is None:
        return None
    time = _TIME.fullmatch(text[found.end() :])
    if time is None:
        return None
    try:
        parts = [int(part or 0) for part in (*found.groups(), *time.groups()[:3])]
        at = datetime(*parts[:6], tzinfo=_zone(time[4], zone))  # type: ignore[misc, arg-type]  # six integers
        return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return None


def _zone(text: str | None, default: timezone) -> timezone:
    if text is None:
        return default
    if text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))


_READERS: dict[FieldType, Callable[[str], Value]] = {
    FieldType.NUMBER: number,
    FieldType.INTEGER: integer,
    FieldType.BOOLEAN: boolean,
    FieldType.DATE: day,
}
