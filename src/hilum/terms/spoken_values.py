"""What a text that could not be read as its field's type may have meant: its shape, and values to choose from.

The reader never guesses (:mod:`hilum.formats.values`); this says what a person may have wanted to write, so that a hint
can offer it. A shape is the last part of the catalogue key ``shape.<shape>``. Candidates are typed as the field's own
values, dates and instants as ISO text.
"""

import re
from dataclasses import dataclass

from hilum.model.record import Value
from hilum.model.vocabulary import Field, FieldType
from hilum.terms import spoken_days
from hilum.terms.spoken_numbers import chinese_number, short_readings
from hilum.terms.spoken_text import plain
from hilum.terms.units import canonical_unit, conversion, dimension

_NUMBER = r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?(?:[eE][+-]?\d{1,2})?"
_GLUED = re.compile(rf"({_NUMBER}) ?([^\d\s.+\-,<>=~][^<>~]*|10[\^*E]?\d{{1,2}}/.*|[x×X*] ?10.*)")
_COMMA = re.compile(r"([+-]?\d+),(\d+)", re.ASCII)
_STOP = re.compile(r"([+-]?\d+)[。、·'](\d+)", re.ASCII)
_FLAGGED = re.compile(r"([+-]?\d+(?:\.\d+)?) ?\(? ?(?:[↑↓*!]+|[HL])\)?", re.ASCII)
_RANGE = re.compile(r"[+-]?\d+(?:\.\d+)? ?(?:~|-|--|–|—|——|至|到|~~) ?\d+(?:\.\d+)?(?!\d)")
_CENSORED = re.compile(r"(?:<|>|=|≤|≥|≦|≧|小于|大于|低于|高于|不超过|不低于|不高于|不足|超过|至少|至多).*")
_QUALITATIVE = re.compile(
    r".*(阴性|阳性|检出|正常|异常|negative|positive|detected|normal).*|[(]?[+\-±]+[)]?|1:\d+", re.I
)
_EATEN = re.compile(r"\d(?:\.\d+)?[eE]\+\d{1,2}", re.ASCII)
_TIME_ONLY = re.compile(r"[^\d]*\d{1,2}[:时点].*")
_TIMED = re.compile(r"(.*?\d日?)[T ]? ?((?<=[T 日])\d{1,2}[:时点].*|[上下中凌早傍晚][^\d]*\d{1,2}.*|[AaPp]\.?[Mm].*)")
_MONTH_EATEN = re.compile(r"(\d{4})\.(\d)", re.ASCII)
_ERROR = re.compile(r"#[A-Z/0]+[!?]?A?")
_EXACT_TIMES = (frozenset({"s", "min", "h", "d", "wk"}), frozenset({"mo", "a"}))
"""Units of time that convert into one another exactly: a month has no fixed number of days."""
_SURE, _LIKELY, _EVEN = 0.95, 0.8, 0.5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value the text may have meant, and how likely it is (0 to 1) among all it may have meant."""

    value: Value
    confidence: float


@dataclass(frozen=True, slots=True)
class Spoken:
    """The shape of an unreadable text, and candidates, the likeliest first; there may be none."""

    shape: str
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and the unit written with it, as canonical UCUM code."""

    number: float
    unit: str


def quantity(text: str) -> Quantity | None:
    """``12 mL``, ``36.5℃``, ``5.2 10^9/L`` taken apart; ``None`` where either half says nothing for certain."""
    found = _GLUED.fullmatch(text)
    if found is None or not any(letter.isdigit() for letter in found[1]):
        return None
    unit = canonical_unit(found[2]) or canonical_unit(found[2].replace(" ", ""))
    return Quantity(float(found[1].replace(",", "")), unit) if unit is not None else None


def in_unit(found: Quantity, unit: str) -> float | None:
    """The quantity in ``unit`` where that loses nothing, to twelve significant digits; ``None`` where it would.

    ``g`` in a field of relative centrifugal force is ``×g``, as centrifuges print it.
    """
    own = "[g]" if unit == "[g]" and found.unit == "g" else found.unit
    if own == unit:
        return found.number
    if dimension(own) == "time" and not any({own, unit} <= group for group in _EXACT_TIMES):
        return None
    factor = conversion(own, unit)
    return None if factor is None else float(f"{found.number * factor[0] + factor[1]:.12g}")


def spoken(field: Field, text: str, today: str = "") -> Spoken:
    """What ``text``, unreadable as ``field``, may have meant. ``today`` is the ISO day it was received on."""
    folded = plain(text)
    if "\ufffd" in folded:
        return Spoken("bytes_lost")
    if _ERROR.fullmatch(folded):
        return Spoken("sheet_error")
    if field.type in (FieldType.NUMBER, FieldType.INTEGER):
        return _of_number(field, folded)
    if field.type in (FieldType.DATE, FieldType.INSTANT):
        return _of_day(field, folded, today)
    if field.type is FieldType.BOOLEAN:
        return Spoken("no_yes_or_no")
    return Spoken("eaten" if _EATEN.fullmatch(folded) else "unclear")


# numbers ------------------------------------------------------------------------------------------------------------


def _of_number(field: Field, text: str) -> Spoken:
    if text.lower().lstrip("+-") in ("inf", "infinity", "∞") or re.fullmatch(r"[+-]?\d[\d.]*[eE][+-]?\d+", text):
        return Spoken("beyond")
    for made in (_decimals(text), _with_unit(field, text)):
        if made is not None:
            shape, values = made
            return Spoken(shape, _numbers(field, values))
    shapes = (("range", _RANGE), ("censored", _CENSORED), ("qualitative", _QUALITATIVE))
    shape = next((name for name, pattern in shapes if pattern.fullmatch(text)), "")
    if shape:
        return Spoken(shape)
    short = short_readings(text)
    whole = chinese_number(text)
    if whole is not None:
        short = ()
    return Spoken("short_number", _numbers(field, short)) if short else Spoken("no_number")


def _decimals(text: str) -> tuple[str, tuple[float, ...]] | None:
    comma = _COMMA.fullmatch(text)
    if comma:
        return "decimal_comma", (float(f"{comma[1]}.{comma[2]}"), float(comma[1] + comma[2]))
    stop = _STOP.fullmatch(text)
    if stop:
        return "decimal_sign", (float(f"{stop[1]}.{stop[2]}"),)
    flagged = _FLAGGED.fullmatch(text)
    return ("flagged", (float(flagged[1]),)) if flagged else None


def _with_unit(field: Field, text: str) -> tuple[str, tuple[float, ...]] | None:
    found = quantity(text)
    if found is None:
        glued = _GLUED.fullmatch(text)
        known = glued is not None and any(letter.isdigit() for letter in glued[1]) and not _RANGE.match(text)
        return ("unit_unknown", ()) if known and not _QUALITATIVE.fullmatch(text) else None
    if not field.unit:
        return ("percent", (found.number / 100, found.number)) if found.unit == "%" else ("unit_glued", ())
    value = in_unit(found, field.unit)
    if value is not None:
        return "unit_glued", (value,)
    factor = conversion(found.unit, field.unit)
    if factor is not None:
        return "unit_inexact", (float(f"{found.number * factor[0] + factor[1]:.6g}"),)
    return "unit_other", ()


def _numbers(field: Field, values: tuple[float, ...]) -> tuple[Candidate, ...]:
    kept = [one for one in values if field.type is FieldType.NUMBER or one.is_integer()]
    sure = _SURE if len(values) == 1 else _EVEN
    return tuple(Candidate(int(one) if field.type is FieldType.INTEGER else float(one), sure) for one in kept)


# days and instants --------------------------------------------------------------------------------------------------


def _of_day(field: Field, text: str, today: str) -> Spoken:
    if spoken_days.is_lunar(text):
        return _days("lunar", spoken_days.lunar_days(text), _LIKELY)
    if spoken_days.is_relative(text):
        return Spoken("relative_day")
    timed = _TIMED.fullmatch(text)
    shape = _day_shape(timed[1] if timed else text, today)
    if shape is not None:
        return shape
    if timed and field.type is FieldType.DATE and _is_whole(timed[1]):
        return _days("time_in_day", (timed[1],), _SURE)
    if timed:
        return Spoken("time_unclear")
    return Spoken("time_only" if _TIME_ONLY.fullmatch(text) else "no_day")


def _day_shape(text: str, today: str) -> Spoken | None:
    month = _MONTH_EATEN.fullmatch(text)
    if month:
        both = (f"{month[1]}-0{month[2]}", f"{month[1]}-10")
        return _days("month_eaten", both if month[2] == "1" else both[:1], _SURE)
    serial = spoken_days.serial_days(text)
    if serial:
        known = [day for day in serial if not today or day <= today]
        return Spoken("serial", tuple(Candidate(day, _LIKELY if day == serial[0] else 0.1) for day in known))
    tried = (
        ("era", spoken_days.era_days(text)),
        ("short_year", spoken_days.short_year_days(text, today)),
        ("turned", spoken_days.turned_days(text)),
        ("no_such_day", spoken_days.near_days(text)),
    )
    for name, days in tried:
        if days is not None and (days or name != "no_such_day"):
            return _days(name, days, _LIKELY)
    return Spoken("no_such_day") if tried[-1][1] is not None and not _is_whole(text) else None


def _is_whole(text: str) -> bool:
    """Whether the day as such is real, so that something else is wrong with the text."""
    return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", text))


def _days(shape: str, days: tuple[str, ...], alone: float) -> Spoken:
    sure = alone if len(days) == 1 else _EVEN
    return Spoken(shape, tuple(Candidate(one, sure) for one in days))
