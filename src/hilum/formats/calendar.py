"""Days and instants as people write them, read exactly or as what is known of them, never guessed.

A spelling is read when it can mean one thing: ``2024年3月5日``, ``二〇二四年三月五日``, ``5-Mar-2024``, ``下午3:20``.
A day whose month or day nobody wrote is a partial one (``2011``, ``2011-08``), an instant without its hour the day.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone

from hilum.terms.spoken_days import is_lunar
from hilum.terms.spoken_numbers import chinese_number, digits_of

_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_TIME = re.compile(r"[T ]?(\d{1,2})[:时](\d{2})(?:[:分](\d{2})(?:\.\d+)?秒?|分)?\s*(Z|[+-]\d{2}:?\d{2})?", re.ASCII)
_STAMP = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?", re.ASCII)
_PARTIAL = re.compile(r"(\d{4})(?:年|[-/.年](\d{1,2})(?:月|[-/.月]0{1,2}日?)?)?", re.ASCII)
_EATEN = re.compile(r"\d{4}\.1", re.ASCII)
"""A month in a number cell: 2024.10 is kept as 2024.1, so that nobody knows which of the two was meant."""
_EARLIEST, _LATEST = 1850, 2150
_HALF = r"上午|早上|早晨|清晨|凌晨|中午|下午|傍晚|晚上|[AaPp]\.?[Mm]\.?"
_SPOKEN = re.compile(
    rf"[T ]*({_HALF})? ?(\d{{1,2}})"
    r"(?:([:时点])(?:(\d{1,2})(?:[:分](\d{1,2})(?:[.,]\d+)?秒?)?分?|(半|整))?)?"
    rf" ?({_HALF})?"
    r" ?(Z|UTC|GMT|北京时间|[+-]\d{2}(?::?\d{2})?)?",
    re.ASCII,
)
_FULL = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_SPELT = frozenset({*_FULL, "sept"})
_MONTHS = {name[:3]: number for number, name in enumerate(_FULL, start=1)}
_NAMED = re.compile(
    r"(?:(?P<d>\d{1,2})(?:st|nd|rd|th)?[- /,]*(?P<m>[A-Za-z]{3,9})\.?"
    r"|(?P<n>[A-Za-z]{3,9})\.? ?(?P<e>\d{1,2})(?:st|nd|rd|th)?)"
    r"[- /,]+(?P<y>\d{4})",
    re.ASCII,
)
_RUN = re.compile(r"([〇零○一二三四五六七八九十两]+)(?=[年月日号时点分秒])")


def day(text: str) -> str | None:
    """An ISO date from a whole day in any spelling that can mean only one."""
    found = _DATE.fullmatch(text) or _COMPACT.fullmatch(text)
    if found is None:
        said = _arabic(text)
        found = _DATE.fullmatch(said) if said is not None else None
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return None


def partial_day(text: str) -> str | None:
    """``2011`` or ``2011-08`` from a date whose rest is missing or written as zeros."""
    found = _PARTIAL.fullmatch(text)
    if found is None and (said := _arabic(text)) is not None:
        found = _PARTIAL.fullmatch(said)
    if found is None or not _EARLIEST <= int(found[1]) <= _LATEST or _EATEN.fullmatch(text):
        return None
    month = int(found[2] or 0)
    if month > 12:
        return None
    return f"{found[1]}-{month:02d}" if month else found[1]


def known_day(text: str) -> str | None:
    """An ISO date, whole or partial."""
    return day(text) or partial_day(text)


def instant(text: str, zone: timezone) -> str | None:
    """An ISO instant in UTC, to the second; ``None`` for anything less, a date alone among it."""
    found = _DATE.match(text) or _COMPACT.match(text)
    time = _TIME.fullmatch(text[found.end() :]) if found else None
    if found is None or time is None:
        return _spoken_instant(text, zone)
    return _utc((found[1], found[2], found[3], time[1], time[2], time[3]), _zone(time[4], zone))


def known_instant(text: str, zone: timezone) -> str | None:
    """An ISO instant in UTC, or the day, month or year where no hour was written."""
    return instant(text, zone) or day(text) or partial_day(text)


def _utc(parts: tuple[str | None, ...], zone: timezone) -> str | None:
    numbers = [int(part or 0) for part in parts]
    late = numbers[3:] == [24, 0, 0]  # the end of a day is the beginning of the next
    try:
        year, month, day_, hour, minute, second = numbers
        at = datetime(year, month, day_, 0 if late else hour, minute, second, tzinfo=zone)
        return (at + timedelta(days=late)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return None


def _spoken_instant(text: str, zone: timezone) -> str | None:
    stamp = _STAMP.fullmatch(text)
    if stamp:
        return _utc(stamp.groups(), zone)
    said = _arabic(text)
    said = text if said is None else said
    found = _DATE.match(said)
    time = _SPOKEN.fullmatch(said[found.end() :]) if found else None
    if found is None or time is None or not (time[3] or time[1] or time[7]):
        return None
    hour = _hour(int(time[2]), (time[1] or time[7] or "").lower().replace(".", ""))
    if hour is None or (time[1] and time[7]):
        return None
    minute = "30" if time[6] == "半" else time[4]
    return _utc((found[1], found[2], found[3], str(hour), minute, time[5]), _zone(time[8], zone))


def _hour(hour: int, half: str) -> int | None:
    """The hour of 24 that ``half`` (上午, PM …) makes of it; ``None`` where they contradict or leave two readings."""
    if not half:
        return hour
    if half == "am":
        return hour % 12 if 1 <= hour <= 12 else None
    if half == "pm":
        return hour % 12 + 12 if 1 <= hour <= 12 else (hour if 13 <= hour <= 23 else None)
    return _CHINESE_HOURS[half].get(hour)


_AFTERNOON = {n: n + 12 for n in range(1, 8)} | {n: n for n in range(12, 20)}
_EVENING = {n: n + 12 for n in range(5, 12)} | {n: n for n in range(17, 24)}
_CHINESE_HOURS: dict[str, dict[int, int]] = {
    "凌晨": {n: n for n in range(7)} | {12: 0},
    **{half: {n: n for n in range(4, 12)} for half in ("早上", "早晨", "清晨")},
    "上午": {n: n for n in range(5, 12)},
    "中午": {11: 11, 12: 12, 13: 13, 1: 13},
    "下午": _AFTERNOON,
    "傍晚": {n: n + 12 for n in range(4, 9)} | {n: n for n in range(16, 21)},
    "晚上": _EVENING,
}
"""Hours each part of the day is used for; an hour outside them is left to a person (晚上12点, 上午15点)."""


def _arabic(text: str) -> str | None:
    """``text`` with its date in digits, where it has Chinese numerals or an English month; else ``None``."""
    if text.isascii():
        return _english(text) if not text.isdecimal() else None
    if is_lunar(text):
        return None
    return _RUN.sub(_digits, text).replace("号", "日", 1)


def _english(text: str) -> str | None:
    found = _NAMED.match(text)
    if found is None:
        return None
    word = (found["m"] or found["n"]).lower()
    if word[:3] not in _MONTHS or (len(word) > 3 and word not in _SPELT):
        return None
    return f"{found['y']}-{_MONTHS[word[:3]]:02d}-{int(found['d'] or found['e']):02d}{text[found.end() :]}"


def _digits(found: re.Match[str]) -> str:
    if found.string[found.end()] == "年":
        return digits_of(found[1]) or found[1]
    value = chinese_number(found[1])
    return found[1] if value is None else str(int(value))


def _zone(text: str | None, default: timezone) -> timezone:
    if text is None:
        return default
    if text in ("Z", "UTC", "GMT"):
        return UTC
    if text == "北京时间":
        return timezone(timedelta(hours=8))
    sign = -1 if text[0] == "-" else 1
    minutes = int(text[-2:]) if len(text) > 3 else 0
    return timezone(sign * timedelta(hours=min(int(text[1:3]), 23), minutes=min(minutes, 59)))
