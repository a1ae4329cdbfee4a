"""A record in the making: fields read as the vocabulary types them, what could not be read kept as it stood."""

import unicodedata
from dataclasses import dataclass, field
from datetime import timezone
from functools import lru_cache

from hilum.formats import rows, values
from hilum.formats.hl7_message import Message, Segment
from hilum.formats.hl7_values import moment
from hilum.model.record import Kind, Locator, Record, Value
from hilum.model.vocabulary import FieldType, vocabulary
from hilum.terms.synonyms import code_of


@dataclass(slots=True)
class Context:
    """What the segments of one message share: the message, where it stands, its zone and the donor spoken of."""

    message: Message
    source: str
    place: str
    zone: timezone
    donor: str | None = None
    keys: dict[str, int] = field(default_factory=dict)
    unseen: list[tuple[int, str, str]] = field(default_factory=list)
    """Line, field and code point of invisible characters met, one for each text."""

    def at(self, line: int) -> Locator:
        """Where a segment stands."""
        return Locator(self.source, self.place, line)


@dataclass(slots=True)
class Draft:
    """Fields of one record of ``kind`` from ``segment``."""

    kind: Kind
    segment: Segment
    context: Context
    fields: dict[str, Value] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)

    def put(self, name: str, text: str) -> None:
        """A value as text, read by its field's type; nothing for an empty one."""
        if not text:
            return
        if not (text.isascii() and text.isprintable()) and (code := unseen(text)):
            self.context.unseen.append((self.segment.line, name, code))
        known = vocabulary()[self.kind][name]
        if known.type in (FieldType.DATE, FieldType.INSTANT):
            missing = values.is_missing(text)
            value: Value = None if missing else moment(text.strip(), known.type, self.context.zone)
            readable = missing or value is not None
        elif known.type is FieldType.CODE:
            value, readable = code_or_text(known.values, text), values.BROKEN not in text
        else:
            value, readable = rows.read(known, text, self.context.zone)
        if not readable:
            self.unreadable[name] = text
        elif value is not None:
            self.fields[name] = value

    def note(self, name: str, text: str) -> None:
        """Something with no field of its own, kept under the HL7 name of where it stood. Never anything personal."""
        if text:
            self.extra[name] = text

    def record(self) -> Record:
        """The finished record. A key that this message has used already gets ``#2``: neither may hide the other."""
        locator = self.context.at(self.segment.line)
        if self.context.donor is not None:
            self.fields.setdefault("donor_id", self.context.donor)
        donor = self.fields.get("donor_id")
        key = rows.natural_key(self.kind, self.fields, locator)
        count = self.context.keys[f"{self.kind} {key}"] = self.context.keys.get(f"{self.kind} {key}", 0) + 1
        return Record(
            kind=self.kind,
            key=f"{key}#{count}" if count > 1 and self.kind in _TOLD_APART else key,
            donor=str(donor) if donor is not None else None,
            fields=self.fields,
            locator=locator,
            unreadable=self.unreadable,
            extra=self.extra,
        )


_TOLD_APART = frozenset({Kind.OBSERVATION, Kind.MEDICATION, Kind.PROCEDURE})


@lru_cache(maxsize=8192)
def unseen(text: str) -> str:
    """The code point (``U+200B``) of the first invisible character in ``text``, which reading drops; else nothing."""
    for letter in text:
        if unicodedata.category(letter) in ("Cf", "Cc") and not letter.isspace():
            return f"U+{ord(letter):04X}"
    return ""


@lru_cache(maxsize=8192)
def code_or_text(valueset: str, text: str) -> str | None:
    """The code of a listed spelling, else the text as it stands; ``None`` for what means no value."""
    found = code_of(valueset, values.plain(text))
    return found or (None if values.is_missing(text) else values.plain(text))
