"""The fields of one record in the making: FHIR's values read as the vocabulary's types, nothing guessed."""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache

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
_SHOWN, _SHORT = 200, 48
_known: dict[tuple[Kind, str, str], Value] = {}
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


def _exists(text: str) -> bool:
    return int(text[:4]) > 0 and (len(text) == 4 or 1 <= int(text[5:7]) <= 12)


def _date(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return values.day(values.plain(text))


@dataclass(slots=True)
class Draft:
    """Fields of a record of ``kind``, texts that could not be read, and invisible characters met in them."""

    kind: Kind
    fields: dict[str, Value] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    unseen: list[tuple[str, str]] = field(default_factory=list)

    def put(self, name: str, raw: object) -> None:
        """``raw`` as the type the vocabulary gives ``name``; a first value stands against a later one."""
        if raw is None:
            return
        fields = self.fields
        if fields.get(name) is not None or name in self.unreadable:
            return
        if isinstance(raw, str):
            key = (self.kind, name, raw)
            fields[name] = _known[key] if key in _known else self._remembered(name, raw)
            return
        known = _vocabulary()[self.kind][name]
        value = self._read(name, known.type, raw)
        if value is not None and known.type is FieldType.CODE:
            value = code_of(known.values, str(value)) or value
        fields[name] = value

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

    def _remembered(self, name: str, text: str) -> Value:
        """Codes, units and moments come again and again; remembering some spares most of the work."""
        value = self._text(name, _vocabulary()[self.kind][name].type, text)
        if name not in self.unreadable and len(text) < _SHORT and text.isascii() and text.isprintable():
            if len(_known) >= _REMEMBERED:
                _known.clear()
            _known[self.kind, name, text] = value
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

    def first(self, name: str, raws: Iterable[object]) -> None:
        """The first of ``raws`` that says something."""
        for raw in raws:
            self.put(name, raw)

    def measure(self, name: str, quantity: Json) -> None:
        """A Quantity in the field's own unit; one in a unit that cannot become it stays as it stood."""
        value, unit = quantity.get("value"), quantity.get("code") or quantity.get("unit")
        if value is None:
            return
        wanted = _vocabulary()[self.kind][name].unit
        found = conversion(str(unit), wanted) if unit else None
        if isinstance(value, bool) or not isinstance(value, int | float) or found is None:
            if self.fields.get(name) is None:
                self.fields[name] = None
                self.unreadable[name] = f"{value} {unit or ''}".strip()[:_SHOWN]
            return
        self.put(name, float(f"{value * found[0] + found[1]:.12g}"))


def begin(kind: Kind, element: Json) -> Draft:
    """A draft that begins with the fields our own export has put into extensions of ``element``."""
    draft = Draft(kind)
    if "extension" not in element:
        return draft
    for one in every(element, "extension"):
        url = one.get("url")
        name = url[len(OWN) :] if isinstance(url, str) and url.startswith(OWN) else ""
        if name in _vocabulary()[kind]:
            draft.first(name, (value for key, value in one.items() if key.startswith("value")))
    return draft


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
    period = sub(resource, f"{name}Period")
    if period:
        return period.get("start"), period.get("end")
    for ending in ("DateTime", "Instant", "Date", ""):
        found = resource.get(name + ending)
        if isinstance(found, str):
            return found, None
    return None, None
