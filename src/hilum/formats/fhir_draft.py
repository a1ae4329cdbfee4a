"""The fields of one record in the making: FHIR's values read as the vocabulary's types, nothing guessed."""

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from functools import cache, lru_cache

from hilum.formats import values
from hilum.formats.rows import CHINA_ZONE
from hilum.model.record import Kind, Value
from hilum.model.vocabulary import FieldType
from hilum.model.vocabulary import vocabulary as _vocabulary
from hilum.terms.synonyms import code_of
from hilum.terms.units import canonical_unit, conversion

Json = Mapping[str, object]
NOTHING: Json = {}
_REMEMBERED = 16_384
_PARTIAL = re.compile(r"\d{4}(-\d{2})?", re.ASCII)
_TIMED = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}", re.ASCII)
_EXACT = 1e11
"""Whole numbers below it have no more than the twelve digits that are kept."""
_SHOWN, _SHORT = 200, 48
_codes: defaultdict[str, dict[str, Value]] = defaultdict(dict)
"""Value set -> text -> code: codes come again and again."""
_hours: dict[str, str] = {}
"""An hour as written, with its zone -> the hour in UTC."""
_plain: dict[str, Value] = {}
"""Texts that need no closer look: identifiers come once for each record of a resource, words again and again."""
_MINUTES = frozenset(f":{minute:02}:{second:02}" for minute in range(60) for second in range(60))
OWN = "urn:hilum:field:"
"""Begins the URL of an extension in which our own export keeps a field FHIR has no place for."""
UNNAMED = "unnamed-"
"""Begins the logical id our own export gives a fact that has no identifier of its own."""


def sub(parent: object, name: str) -> Json:
    """The object under ``name``, the first of a list, or an empty one."""
    found = parent.get(name) if isinstance(parent, dict) else None
    if found is None:
        return NOTHING
    if isinstance(found, list):
        found = found[0] if found else None
    return found if isinstance(found, dict) else NOTHING


def every(parent: object, name: str) -> list[Json]:
    """The objects under ``name``, whether there is a list of them, one or none."""
    found = parent.get(name) if isinstance(parent, dict) else None
    if found is None:
        return []
    several = found if isinstance(found, list) else [found]
    return [one for one in several if isinstance(one, dict)]


@lru_cache(maxsize=_REMEMBERED)
def day(text: str) -> str | None:
    """The date of a FHIR date or dateTime, as exact as it is written; ``None`` when it is none."""
    if _PARTIAL.fullmatch(text):
        return text if _exists(text) else None
    if _TIMED.match(text):
        return _date(text[:10]) if instant(text) is not None else None
    return _date(text) if len(text) == 10 else values.day(values.plain(text))


@lru_cache(maxsize=_REMEMBERED)
def instant(text: str) -> str | None:
    """The instant in UTC of a FHIR dateTime or instant; the day, month or year alone where no more is told."""
    if _TIMED.match(text):
        try:
            at = datetime.fromisoformat(text)
            at = (at if at.tzinfo else at.replace(tzinfo=CHINA_ZONE)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
        return at.replace(tzinfo=None, microsecond=0).isoformat() + "Z"
    return day(text) if len(text) <= 10 else values.instant(values.plain(text), CHINA_ZONE)


def _quick_instant(text: str) -> str | None:
    """:func:`instant` where the hour is written in full; ``None`` elsewhere. Hours come again, seconds do not."""
    minutes = text[13:19]
    if minutes not in _MINUTES:
        return None
    key = text[:13] + text[19:]
    hour = _hours.get(key)
    if hour is None:
        hour = _hour(text[:13], text[19:])
        if hour is None:
            return None
        if len(_hours) >= _REMEMBERED:
            _hours.clear()
        _hours[key] = hour
    return hour + minutes + "Z"


def _hour(text: str, zone: str) -> str | None:
    """The hour in UTC of ``2024-03-05T10`` in a zone of whole hours; ``None`` where it is none."""
    found = instant(f"{text}:00:00{zone}") if (text + zone).isascii() and (text + zone).isprintable() else None
    return found[:13] if found is not None and found.endswith(":00:00Z") else None


def _plain_text(text: str) -> str | None:
    """The text where nothing about it needs a closer look, else ``None``."""
    if not text.isascii() or not text.isprintable() or text.lower() in values.MISSING:
        return None
    if text[0] == "#" or text[0] == " " or text[-1] == " " or "  " in text:
        return None
    if len(_plain) >= _REMEMBERED:
        _plain.clear()
    _plain[text] = text
    return text


def _quick_day(text: str) -> str | None:
    return day(text) if text.isascii() and text.isprintable() else None


def _never(_: str) -> None:
    return None


Quick = Callable[[str], Value]
"""The value of a text without further ado, or ``None`` where it must be looked at closely."""


@cache
def _quick_readers(kind: Kind) -> dict[str, Quick]:
    """Field -> its quick reader."""
    by_type: dict[FieldType, Quick] = {
        FieldType.TEXT: _plain.get,
        FieldType.DATE: _quick_day,
        FieldType.INSTANT: _quick_instant,
    }
    return {
        name: _codes[known.values].get if known.type is FieldType.CODE else by_type.get(known.type, _never)
        for name, known in _vocabulary()[kind].items()
    }


def _exists(text: str) -> bool:
    return int(text[:4]) > 0 and (len(text) == 4 or 1 <= int(text[5:7]) <= 12)


def _date(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return values.day(values.plain(text))


class Draft:
    """Fields of a record of ``kind``, texts that could not be read, invisible characters met in them, and what has no
    field of its own (never anything personal)."""

    __slots__ = ("_quick", "extra", "fields", "kind", "unreadable", "unseen")

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.fields: dict[str, Value] = {}
        self.unreadable: dict[str, str] = {}
        self.unseen: list[tuple[str, str]] = []
        self.extra: dict[str, str] = {}
        self._quick = _quick_readers(kind)

    def put(self, name: str, raw: object) -> None:
        """``raw`` as the type the vocabulary gives ``name``; a first value stands against a later one."""
        if raw is None:
            return
        fields = self.fields
        if fields.get(name) is not None or (self.unreadable and name in self.unreadable):
            return
        if isinstance(raw, str):
            value = self._quick[name](raw)
            fields[name] = value if value is not None else self._slowly(name, raw)
            return
        known = _vocabulary()[self.kind][name]
        value = self._read(name, known.type, raw)
        if value is not None and known.type is FieldType.CODE:
            value = code_of(known.values, str(value)) or value
        fields[name] = value

    def put_all(self, raws: Mapping[str, object]) -> None:
        """:meth:`put` of each."""
        fields, quick = self.fields, self._quick
        for name, raw in raws.items():
            if raw is None:
                continue
            if isinstance(raw, str) and name not in fields:
                value = quick[name](raw)
                if value is not None:
                    fields[name] = value
                    continue
            self.put(name, raw)

    def _read(self, name: str, type_: FieldType, raw: object) -> Value:
        if isinstance(raw, bool):
            if type_ is FieldType.BOOLEAN:
                return raw
        elif isinstance(raw, int | float) and math.isfinite(raw):
            if type_ is FieldType.NUMBER:
                return float(raw)
            if type_ is FieldType.INTEGER and float(raw).is_integer() and abs(raw) < 2**53:
                return int(raw)
            if type_ in (FieldType.TEXT, FieldType.CODE):
                return str(raw)
        self.unreadable[name] = str(raw)[:_SHOWN]
        return None

    def _slowly(self, name: str, text: str) -> Value:
        """What the quick reader of the field did not know; a code is remembered for the next time."""
        known = _vocabulary()[self.kind][name]
        if known.type is FieldType.TEXT and (plain := _plain_text(text)) is not None:
            return plain
        value = self._text(name, known.type, text)
        if known.type is FieldType.CODE and value is not None and len(text) < _SHORT and text.isascii():
            remembered = _codes[known.values]
            if len(remembered) >= _REMEMBERED:
                remembered.clear()
            if text.isprintable():
                remembered[text] = str(value)
        return value

    def _text(self, name: str, type_: FieldType, text: str) -> Value:
        if not text.isascii() or not text.isprintable():
            self._look(name, text)
        if type_ is FieldType.CODE:
            code = code_of(_vocabulary()[self.kind][name].values, values.plain(text))
            if code is not None:  # "none" and "unknown" are codes of some sets
                return code
        if values.is_missing(text):
            return None
        if type_ is FieldType.DATE or type_ is FieldType.INSTANT:
            value: Value = day(text.strip()) if type_ is FieldType.DATE else instant(text.strip())
            readable = value is not None
        else:
            value, readable = values.read(_vocabulary()[self.kind][name], text)
        if not readable:
            self.unreadable[name] = text[:_SHOWN]
        return value

    def _look(self, name: str, text: str) -> None:
        for letter in text:
            if unicodedata.category(letter) in ("Cf", "Cc") and not letter.isspace():
                self.unseen.append((name, f"U+{ord(letter):04X}"))
                return

    def merge(self, other: "Draft") -> None:
        """What ``other`` says where this says nothing yet."""
        fields = self.fields
        for name, value in other.fields.items():
            if fields.get(name) is None and name not in self.unreadable:
                fields[name] = value
                if name in other.unreadable:
                    self.unreadable[name] = other.unreadable[name]
        if other.unseen:
            self.unseen += other.unseen

    def only(self, names: Iterable[str]) -> "Draft":
        """Of what this says, that on the fields ``names``."""
        found = Draft(self.kind)
        found.fields = {name: self.fields[name] for name in names if name in self.fields}
        if self.unreadable or self.unseen:
            found.unreadable = {name: text for name, text in self.unreadable.items() if name in found.fields}
            found.unseen = [one for one in self.unseen if one[0] in found.fields]
        return found

    def first(self, name: str, raws: Iterable[object]) -> None:
        """The first of ``raws`` that says something."""
        for raw in raws:
            self.put(name, raw)

    def measure(self, name: str, quantity: Json) -> None:
        """A Quantity in the field's own unit; one in a unit that cannot become it stays as it stood."""
        value, unit = quantity.get("value"), quantity.get("code") or quantity.get("unit")
        if value is None:
            return
        found = _conversion(self.kind, name, str(unit)) if unit else None
        if isinstance(value, bool) or not isinstance(value, int | float) or found is None:
            if self.fields.get(name) is None:
                self.fields[name] = None
                self.unreadable[name] = f"{value} {unit or ''}".strip()[:_SHOWN]
            return
        number = value * found[0] + found[1]
        self.put(name, number if number.is_integer() and abs(number) < _EXACT else float(f"{number:.12g}"))


@lru_cache(maxsize=1_024)
def _conversion(kind: Kind, name: str, unit: str) -> tuple[float, float] | None:
    return conversion(unit, _vocabulary()[kind][name].unit)


def begin(kind: Kind, element: Json, known: Draft | None = None) -> Draft:
    """A draft that begins with the fields our own export has put into extensions of ``element``, then ``known``."""
    draft = Draft(kind)
    if "extension" in element:
        _take_back(draft, element)
    if known is None:
        return draft
    if draft.fields or known.unreadable or known.unseen:
        draft.merge(known)
    else:
        draft.fields = known.fields.copy()
    return draft


def _take_back(draft: Draft, element: Json) -> None:
    known = _vocabulary()[draft.kind]
    for one in every(element, "extension"):
        url = one.get("url")
        name = url[len(OWN) :] if isinstance(url, str) and url.startswith(OWN) else ""
        if name in known:
            draft.first(name, (value for key, value in one.items() if key.startswith("value")))


def unit_of(quantity: Json) -> str | None:
    """The unit of a Quantity: its UCUM code where one is known, else as it is written."""
    code, unit = quantity.get("code"), quantity.get("unit")
    for one in (code, unit):
        found = canonical_unit(one) if isinstance(one, str) else None
        if found:
            return found
    told = unit or code
    return told if isinstance(told, str) else None


def when(resource: Json, name: str) -> tuple[object, object]:
    """Begin and end of a choice of times: ``<name>DateTime``, ``<name>Instant``, ``<name>Period`` or ``<name>Date``."""
    span, points = _choices(name)
    if span in resource and (period := sub(resource, span)):
        return period.get("start"), period.get("end")
    for point in points:
        found = resource.get(point)
        if isinstance(found, str):
            return found, None
    return None, None


@cache
def _choices(name: str) -> tuple[str, tuple[str, ...]]:
    return f"{name}Period", tuple(name + ending for ending in ("DateTime", "Instant", "Date", ""))
