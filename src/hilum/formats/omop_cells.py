"""The cells of one OMOP row read as the vocabulary's types; what cannot be read stays as it stood.

OMOP writes an unknown hour as midnight, so a datetime at midnight says the day and nothing more. Its datetimes carry
no time zone; they are taken in China Standard Time like every other hospital export.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from hilum.formats import values
from hilum.formats.omop_concepts import Concept, Concepts
from hilum.formats.rows import CHINA_ZONE
from hilum.model.record import Value
from hilum.terms.synonyms import code_of

_MIDNIGHT = re.compile(r"[T ]0?0:00(:00(\.0+)?)?(Z|[+-]00:?00)?$", re.ASCII)
_TIMED = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{1,2}:\d{2}.*", re.ASCII)
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2}))?", re.ASCII)
_REMEMBERED = 16_384
_NULLS = frozenset({"", "\\n", "null"})


def is_blank(text: str) -> bool:
    """Whether a cell holds nothing: empty, or what a database writes for NULL."""
    return text == "" or text.strip().lower() in _NULLS


@lru_cache(maxsize=_REMEMBERED)
def day(text: str) -> str | None:
    """The ISO date of a date or datetime cell, partial where it has no day or month."""
    folded = _MIDNIGHT.sub("", values.plain(text))
    timed = _TIMED.fullmatch(folded)
    found = values.day(timed[1] if timed else folded)
    if found is not None:
        return found
    partial = _PARTIAL.fullmatch(folded)
    return _partial(int(partial[1]), int(partial[2] or 0), 0) if partial else None


def _partial(year: int, month: int, number: int) -> str | None:
    try:
        whole = date(year, month or 1, number or 1).isoformat()
    except ValueError:
        return None
    return whole if month and number else whole[:7] if month else whole[:4]


@lru_cache(maxsize=_REMEMBERED)
def instant(on: str, at: str, time: str = "") -> str | None:
    """The instant (UTC) of a datetime, or of a date and a time of day; the date alone where no hour is told."""
    if not is_blank(at):
        folded = values.plain(at)
        return day(folded) if _MIDNIGHT.search(folded) or ":" not in folded else values.instant(folded, CHINA_ZONE)
    known = day(on) if not is_blank(on) else None
    if known is None or ":" not in time or _MIDNIGHT.fullmatch(" " + time.strip()):
        return known
    return values.instant(f"{known} {time.strip()}", CHINA_ZONE)


@lru_cache(maxsize=_REMEMBERED)
def _number(text: str) -> float | None:
    return values.number(values.plain(text))


def birth(year: str, month: str, number: str) -> str | None:
    """A date of birth of year, month and day as OMOP keeps them, as exact as they are."""
    parts = [values.integer(values.plain(part)) if not is_blank(part) else 0 for part in (year, month, number)]
    if parts[0] is None or parts[1] is None or parts[2] is None or not 1 <= parts[0] <= 9999:
        return None
    return _partial(parts[0], parts[1], parts[2] if parts[1] else 0)


@lru_cache(maxsize=_REMEMBERED)
def _coded(valueset: str, texts: tuple[str, ...]) -> str | None:
    told = [values.plain(text) for text in texts if not is_blank(text)]
    known = next((code for text in told if (code := code_of(valueset, text)) is not None), None)
    return known or (told[0] if told else None)


@dataclass(slots=True)
class Draft:
    """The fields of a record in the making, and what could not be read."""

    concepts: Concepts
    fields: dict[str, Value] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)

    def text(self, name: str, text: str) -> None:
        self.fields[name] = None if is_blank(text) else values.plain(text)

    def day(self, name: str, text: str) -> None:
        self._typed(name, text, None if is_blank(text) else day(text))

    def instant(self, name: str, on: str, at: str, time: str = "") -> None:
        """``at`` where it says an hour, else ``on``."""
        told = on if is_blank(at) else at
        self._typed(name, told, None if is_blank(told) else instant(on, at, time))

    def number(self, name: str, text: str) -> None:
        self._typed(name, text, None if is_blank(text) else _number(text))

    def code(self, name: str, valueset: str, *texts: str) -> None:
        """The code of ``valueset`` that one of ``texts`` stands for, else the first text there is."""
        self.fields[name] = _coded(valueset, texts)

    def concept(self, number: str) -> Concept | None:
        return self.concepts.get(number)

    def name(self, number: str, source: str = "") -> str:
        """The concept's name, else what the source wrote, else the number itself; empty where nothing is known."""
        found = self.concepts.get(number)
        if found is not None and number != "0":
            return found.name
        if not is_blank(source):
            return values.plain(source)
        return "" if is_blank(number) or number.strip() == "0" else number.strip()

    def _typed(self, name: str, text: str, value: Value) -> None:
        self.fields[name] = value
        if value is None and not is_blank(text):
            self.unreadable[name] = text
