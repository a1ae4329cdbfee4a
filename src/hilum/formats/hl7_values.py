"""Values as HL7 v2 writes them: times of any precision, results of any type, reference ranges, units.

Source: HL7 v2.5.1 chapter 2A (DTM, SN, NM, CWE) and chapter 7 (OBX-5, OBX-7).
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from hilum.formats import values
from hilum.formats.hl7_message import Segment
from hilum.model.vocabulary import FieldType
from hilum.terms.synonyms import code_of
from hilum.terms.units import canonical_unit

_TIME = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.\d{1,6})?)?)?)?)?)?\s*([+-]\d{4}|Z)?", re.ASCII
)
_CENSORED = re.compile(r"(<=|>=|=<|=>|≤|≥|≦|≧|<|>)\s*(\S+)")
_BETWEEN = re.compile(r"([+-]?\d[\d.,]*)\s*(?:--?|~|–|—+|to|至|到)\s*([+-]?\d[\d.,]*)", re.I)
_TEXTS = frozenset({"TX", "FT"})
_CODED = frozenset({"CE", "CWE", "CNE", "CF", "IS", "ID", "CX", "EI", "CNN"})
_DATES = frozenset({"DT", "TS", "DTM", "TM"})
ATTACHED = frozenset({"ED", "RP"})


def moment(text: str, type_: FieldType, zone: timezone) -> str | None:
    """An ISO date or UTC instant from an HL7 time; one without a zone is in ``zone``.

    What is less precise stays so: ``2011`` and ``201108`` are ``2011`` and ``2011-08``, and a day (or an hour without
    its minutes) in an instant's place is ``2011-08-05``. A date field takes the day as the sender wrote it.
    """
    found = _TIME.fullmatch(text)
    if found is None:
        return _otherwise(text, type_, zone)
    year, month, day, hour, minute, second, offset = found.groups()
    try:
        if day is None:
            date(int(year), int(month or 1), 1)
            return f"{year}-{month}" if month else year
        on = date(int(year), int(month), int(day))
        at = datetime(on.year, on.month, on.day, int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC)
        if type_ is FieldType.DATE or minute is None:
            return on.isoformat()
        return (at.replace(tzinfo=zone_of(offset, zone))).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        return None


def _otherwise(text: str, type_: FieldType, zone: timezone) -> str | None:
    """Times with separators, which the standard does not know and interfaces write."""
    folded = values.plain(text)
    if type_ is FieldType.INSTANT:
        return values.instant(folded, zone) or values.day(folded)
    return values.day(folded) or values.day(folded[:10])


def zone_of(offset: str | None, default: timezone) -> timezone:
    """The zone of ``+0800``. Raises ``ValueError`` for more than a day."""
    if not offset:
        return default
    if offset == "Z":
        return UTC
    size = timedelta(hours=int(offset[1:3]), minutes=int(offset[3:5]))
    return timezone(-size if offset[0] == "-" else size)


def zone_in(text: str, default: timezone) -> timezone:
    """The zone a time names, else ``default``: MSH-7 says which one a message means."""
    found = _TIME.fullmatch(text)
    try:
        return zone_of(found[7], default) if found else default
    except ValueError:
        return default


@dataclass(frozen=True, slots=True)
class Result:
    """OBX-5 as what it is: a number, a limit with its comparator, a range, words, or a text that is none of these
    (``unread``). ``narrative`` is a free text, which may name people; ``attached`` a document or a reference to one."""

    value: float | None = None
    comparator: str | None = None
    low: float | None = None
    high: float | None = None
    words: str | None = None
    unread: str | None = None
    narrative: bool = False
    attached: bool = False


def result(segment: Segment, zone: timezone) -> Result:
    """The result of an OBX segment by its type (OBX-2; a text where it names none).

    Two numbers as repetitions (``60~120``) are a range where they ascend, as interfaces write one although ``~``
    repeats; they are never the first of the two. Where they do not ascend they stay unread.
    """
    kind = segment.text(2).upper()
    parts = segment.repetitions(5)
    if kind in ATTACHED:
        return Result(attached=bool(parts))
    if not parts:
        return Result()
    if kind in _TEXTS:
        return Result(words="\n".join(map(segment.plain, parts)), narrative=True)
    if kind == "SN":
        return _structured(segment, parts) if len(parts) == 1 else Result(unread=segment.whole(5))
    if kind in _DATES and len(parts) == 1:
        text = segment.component(parts[0])
        return Result(words=moment(text, FieldType.INSTANT, zone) or text)
    texts = [_worded(segment, part) if kind in _CODED else segment.plain(part) for part in parts]
    texts = [text for text in texts if text]
    if len(texts) > 1:
        return _several(texts, segment.whole(5))
    return _single(texts[0], kind == "NM") if texts else Result()


def _worded(segment: Segment, part: str) -> str:
    """What a coded value says in words, else its code."""
    return next((found for number in (2, 9, 5, 1) if (found := segment.component(part, number))), "")


def _several(texts: list[str], whole: str) -> Result:
    numbers = [values.number(values.plain(text)) for text in texts]
    if not any(number is not None for number in numbers):
        return Result(words="; ".join(texts))
    low, high = numbers[0], numbers[1]
    if len(texts) == 2 and low is not None and high is not None and low <= high:
        return Result(low=low, high=high)
    return Result(unread=whole)


def _single(text: str, must_be_number: bool) -> Result:
    folded = values.plain(text)
    if values.is_missing(folded):
        return Result()
    number = values.number(folded)
    if number is not None:
        return Result(value=number)
    censored = _CENSORED.fullmatch(folded)
    limit = values.number(censored[2]) if censored else None
    if censored and limit is not None:
        return Result(value=limit, comparator=code_of("comparator", censored[1]) or censored[1])
    low, high = between(folded)
    if low is not None and high is not None and low <= high:
        return Result(low=low, high=high)
    if must_be_number and any(letter.isdigit() for letter in folded):
        return Result(unread=text)
    return Result(words=folded)


def _structured(segment: Segment, parts: list[str]) -> Result:
    """SN: comparator, number, separator, number. ``1:80`` and ``2+`` are words; ``10-20`` a range. Where it is not
    taken apart (``<0.5`` in one piece) it is read like any number."""
    if segment.component(parts[0]) == segment.plain(parts[0]):
        return _single(segment.plain(parts[0]), must_be_number=True)
    sign, first, between_, second = (segment.component(parts[0], number).strip() for number in (1, 2, 3, 4))
    whole = f"{sign}{first}{between_}{second}"
    one, two = values.number(values.plain(first)), values.number(values.plain(second))
    if one is None or (sign and code_of("comparator", sign) is None and sign != "="):
        return Result(unread=whole) if whole else Result()
    if not between_ and not second:
        return Result(value=one, comparator=None if sign in ("", "=") else code_of("comparator", sign))
    if between_ == "-" and two is not None and one <= two and not sign:
        return Result(low=one, high=two)
    return Result(words=whole) if between_ in (":", "/", "+") else Result(unread=whole)


def between(text: str) -> tuple[float | None, float | None]:
    """The limits in ``60-120``, ``4.3 to 6.2``, ``3.5--5.5``, ``<5``, ``>=60``; ``(None, None)`` for others."""
    folded = values.plain(text).strip("()[] ")
    censored = _CENSORED.fullmatch(folded)
    if censored:
        limit = values.number(censored[2])
        return (None, limit) if censored[1][0] in "<=≤≦" and censored[1] != "=>" else (limit, None)
    found = _BETWEEN.fullmatch(folded)
    return (values.number(found[1]), values.number(found[2])) if found else (None, None)


def unit_of(segment: Segment, number: int) -> str:
    """The unit in a coded field: its code, or its words where only those are a unit we know."""
    code, words = segment.text(number), segment.text(number, 2)
    if code and (canonical_unit(code) or not canonical_unit(words)):
        return code
    return words
