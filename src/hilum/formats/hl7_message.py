"""One HL7 v2 message taken apart: delimiters, segments, fields, repetitions, components, subcomponents, escapes.

Source: HL7 v2.5.1, chapter 2 (message construction: 2.5 delimiters, 2.7 escape sequences). Pure: text in, values out.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

STANDARD = "^~\\&"
"""Component, repetition, escape and subcomponent separators when MSH-2 does not say."""

_LINES = {".br": "\n", ".sp": "\n", ".ce": "\n", ".in": "", ".ti": "", ".fi": "", ".nf": "", ".sk": " "}
_KNOWN = (
    r"[FSTREPHN]|X(?:[0-9A-Fa-f]{2})+|\.(?:br|ce|fi|nf|sp ?\+?\d{0,3}|in ?[+-]?\d{1,3}|ti ?[+-]?\d{1,3}|sk ?\+?\d{0,3})"
)


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The characters MSH-1 and MSH-2 name."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"


@lru_cache(maxsize=64)
def delimiters(start: str) -> tuple[Delimiters, bool]:
    """``(delimiters, sound)`` of a message that begins with ``start`` (``MSH|^~\\&|``).

    Characters MSH-2 leaves out are the standard ones. Where it names one twice or a letter, the standard four hold and
    ``sound`` is false. A fifth character (truncation, from v2.7) is allowed.
    """
    separator = start[3:4] or "|"
    named = start[4:].split(separator, 1)[0]
    letters = (named + STANDARD[len(named) :])[:4] if len(named) <= 5 else STANDARD
    used = separator + letters + named[4:5]
    if len(set(used)) != len(used) or any(letter.isalnum() or letter.isspace() for letter in used):
        return Delimiters(separator if not separator.isalnum() else "|"), False
    return Delimiters(separator, *letters), len(named) <= 5


@dataclass(slots=True)
class Escapes:
    """Turns escape sequences of one message into what they stand for.

    What is no escape sequence, or switches to another character set, is kept as it stands; ``odd`` counts such texts.
    """

    signs: Delimiters
    decode: Callable[[bytes], str]
    odd: int = 0
    _known: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        self._known = _pattern(self.signs.escape)

    def plain(self, text: str) -> str:
        """``text`` with its escape sequences resolved, left to right, each once."""
        if self.signs.escape not in text:
            return text
        found, count = self._known.subn(self._meaning, text)
        if text.count(self.signs.escape) != 2 * count:
            self.odd += 1
        return found

    def _meaning(self, sequence: re.Match[str]) -> str:
        word = sequence[1]
        if word[0] == "X":
            return self.decode(bytes.fromhex(word[1:]))
        if word[0] == ".":
            return _LINES[word[:3]]
        signs = self.signs
        meanings = {"F": signs.field, "S": signs.component, "T": signs.subcomponent, "R": signs.repetition}
        return (meanings | {"E": signs.escape, "P": "#", "H": "", "N": ""})[word]


@lru_cache(maxsize=64)
def _pattern(escape: str) -> re.Pattern[str]:
    sign = re.escape(escape)
    return re.compile(f"{sign}({_KNOWN}){sign}")


class Segment:
    """One segment. Fields count from 1 as in the standard, MSH-1 being the field separator itself.

    What is not there is an empty text; ``""`` (two quotation marks: "delete what you have") is empty too.
    """

    __slots__ = ("_escapes", "_fields", "line", "name")

    def __init__(self, name: str, fields: Sequence[str], line: int, escapes: Escapes) -> None:
        self.name, self.line = name, line
        self._fields, self._escapes = fields, escapes

    def raw(self, number: int) -> str:
        """Field ``number`` as it stands."""
        found = self._fields[number] if number < len(self._fields) else ""
        return "" if found == '""' else found

    def speaks_of(self, number: int) -> bool:
        """Whether field ``number`` was sent, if only as ``""``; what is not sent says nothing."""
        return number < len(self._fields) and bool(self._fields[number])

    def repetitions(self, number: int) -> list[str]:
        """The repetitions of a field that are not empty, as they stand."""
        found = self.raw(number)
        sign = self._escapes.signs.repetition
        return [part for part in found.split(sign) if part] if sign in found else [found] if found else []

    def whole(self, number: int) -> str:
        """A field with escapes resolved and nothing taken apart: for plain text."""
        return self._escapes.plain(self.raw(number))

    def text(self, number: int, component: int = 1) -> str:
        """A component of the first repetition, escapes resolved, its subcomponents left together."""
        found = self.raw(number)
        if not found:
            return ""
        sign = self._escapes.signs.repetition
        return self.component(found.split(sign, 1)[0] if sign in found else found, component)

    def component(self, repetition: str, component: int = 1) -> str:
        """A component of a repetition, escapes resolved."""
        found = piece(repetition, self._escapes.signs.component, component)
        return "" if found == '""' else self._escapes.plain(found)

    def plain(self, text: str) -> str:
        """``text`` of this segment with its escapes resolved."""
        return self._escapes.plain(text)

    def sub(self, repetition: str, component: int = 1, subcomponent: int = 1) -> str:
        """A subcomponent of a component of a repetition, escapes resolved."""
        signs = self._escapes.signs
        found = piece(piece(repetition, signs.component, component), signs.subcomponent, subcomponent)
        return "" if found == '""' else self._escapes.plain(found)


def piece(text: str, sign: str, number: int) -> str:
    """Part ``number``, from 1, of ``text`` between ``sign``; empty when there are fewer."""
    if sign not in text:
        return text if number == 1 else ""
    parts = text.split(sign, number)
    return parts[number - 1] if number <= len(parts) else ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its number in the file from 1, its segments in order (MSH first), and what was odd about it:
    reasons of problems (catalogue keys without ``problem.``) with the line they belong to."""

    number: int
    segments: tuple[Segment, ...]
    escapes: Escapes
    odd: tuple[tuple[str, int], ...] = ()

    @property
    def head(self) -> Segment:
        """The MSH segment."""
        return self.segments[0]

    @property
    def type(self) -> str:
        """``ADT^A01``: MSH-9 without the structure, in capitals."""
        code, event = self.head.text(9), self.head.text(9, 2)
        return f"{code}^{event}".rstrip("^").upper()


def parse(number: int, lines: Sequence[tuple[int, str]], decode: Callable[[bytes], str]) -> Message:
    """A message from its numbered lines, of which the first is MSH.

    A line that does not begin with a segment name and the field separator carries on the segment before it (a text
    with line breaks in it that nobody escaped) and is told as ``hl7_line_continued``.
    """
    signs, sound = delimiters(lines[0][1][:12])
    escapes = Escapes(signs, decode)
    odd: list[tuple[str, int]] = [] if sound else [("hl7_delimiters", lines[0][0])]
    joined: list[tuple[int, str]] = []
    for line, text in lines:
        if _is_segment(text, signs.field):
            joined.append((line, text))
        elif joined:
            joined[-1] = (joined[-1][0], joined[-1][1] + "\n" + text)
            odd.append(("hl7_line_continued", line))
    segments = []
    for line, text in joined:
        fields = text.split(signs.field)
        if fields[0] == "MSH":
            fields.insert(1, signs.field)
        segments.append(Segment(fields[0][:3], fields, line, escapes))
    return Message(number, tuple(segments), escapes, tuple(odd))


def _is_segment(text: str, sign: str) -> bool:
    name = text[:3]
    return len(name) == 3 and name[0].isalpha() and name.isalnum() and name.isupper() and text[3:4] in (sign, "")
