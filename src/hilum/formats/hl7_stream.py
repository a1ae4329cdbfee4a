"""A file of HL7 v2 messages as one message after another, in memory that does not grow with the file.

Segments end in CR, LF or both. MLLP framing bytes, byte-order marks anywhere, batch envelopes (FHS, BHS, BTS, FTS) and
lines before the first MSH are taken off; what is not HL7 is told.
"""

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CHUNK = 1 << 20
LARGEST_LINE = 16 << 20
LARGEST_MESSAGE = 32 << 20
_MOST_SEGMENTS = 20_000
_ENDS = re.compile(rb"\r\n|\r|\n")
_FRAMING = b"\x0b\x1c\0"
"""MLLP's start and end of a block, and the zero bytes some senders pad with."""
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ENVELOPE = (b"FHS", b"BHS", b"BTS", b"FTS")
_UNMARKED = {
    name.encode(encoding): encoding for name in ("MSH", "FHS", "BHS") for encoding in ("utf-16-le", "utf-16-be")
}
"""How a file in UTF-16 begins that has no mark: a single zero byte is padding and says nothing."""

Line = tuple[int, bytes | None]


@dataclass(slots=True)
class Raw:
    """The lines of one message with their numbers; ``too_large`` when it was not kept."""

    number: int
    lines: list[tuple[int, bytes]] = field(default_factory=list)
    too_large: bool = False
    size: int = 0

    def add(self, line: int, text: bytes | None) -> None:
        """One more segment; ``None`` stands for one that is too long."""
        self.size += len(text or b"")
        if text is None or self.size > LARGEST_MESSAGE or len(self.lines) >= _MOST_SEGMENTS:
            self.too_large = True
            del self.lines[1:]
        elif not self.too_large:
            self.lines.append((line, text))


@dataclass(frozen=True, slots=True)
class Aside:
    """Something about the file that is no message: reason of a problem, line, values."""

    reason: str
    line: int
    values: dict[str, str | int] = field(default_factory=dict)


def messages(path: Path) -> Iterator[Raw | Aside]:
    """The messages of a file in order, and what else there is in it."""
    splitter = _Splitter()
    for line, text in lines(path):
        yield from splitter.take(line, text)
    yield from splitter.finish()


class _Splitter:
    """Gathers lines into messages."""

    def __init__(self) -> None:
        self._current: Raw | None = None
        self._number = 0
        self._counts = _Counts()
        self._told: dict[str, tuple[int, int]] = {}

    def take(self, line: int, text: bytes | None) -> Iterator[Raw | Aside]:
        """One more line; the message before it when it begins another."""
        bare, marked = _bare(text)
        if marked:
            self._tell("hl7_byte_order_mark", line)
        if bare == b"":
            return
        name = bare[:3] if bare is not None else b""
        if name == b"MSH":
            yield from self._close()
            self._number += 1
            self._counts.seen += 1
            self._current = Raw(self._number)
            self._current.add(line, bare)
        elif bare is not None and name in _ENVELOPE:
            yield from self._close()
            yield from self._counts.envelope(line, bare)
        elif self._current is not None:
            self._current.add(line, bare)
        else:
            self._tell("hl7_outside_message", line)

    def finish(self) -> Iterator[Raw | Aside]:
        """The last message, and what was counted."""
        yield from self._close()
        for reason, (line, count) in self._told.items():
            yield Aside(reason, line, {"count": count})
        if not self._number:
            yield Aside("hl7_no_message", 1)

    def _close(self) -> Iterator[Raw]:
        if self._current is not None:
            yield self._current
            self._current = None

    def _tell(self, reason: str, line: int) -> None:
        first, count = self._told.get(reason, (line, 0))
        self._told[reason] = (first, count + 1)


def _bare(text: bytes | None) -> tuple[bytes | None, bool]:
    """A line without framing bytes, blanks around it and a byte-order mark; and whether there was a mark."""
    if text is None:
        return None, False
    bare = text.strip(_FRAMING) if text[:1] in _FRAMING or text[-1:] in _FRAMING else text
    marked = bare.startswith(codecs.BOM_UTF8)
    while bare.startswith(codecs.BOM_UTF8):
        bare = bare[3:].lstrip(_FRAMING)
    return (bare if bare.strip() else b""), marked


@dataclass(slots=True)
class _Counts:
    """Messages since the batch began, against what its trailer says; batches likewise."""

    seen: int = 0
    batches: int = 0

    def envelope(self, line: int, text: bytes) -> Iterator[Aside]:
        name = text[:3]
        if name == b"BHS":
            self.seen, self.batches = 0, self.batches + 1
        elif name == b"BTS":
            yield from _differ("hl7_batch_count", line, text, self.seen)
            self.seen = 0
        elif name == b"FTS":
            yield from _differ("hl7_file_count", line, text, self.batches)
        else:
            self.batches = 0


def _differ(reason: str, line: int, text: bytes, found: int) -> Iterator[Aside]:
    said = text[4:].split(text[3:4] or b"|", 1)[0].strip()
    if said.isdigit() and len(said) < 12 and int(said) != found:
        yield Aside(reason, line, {"said": int(said), "found": found})


def lines(path: Path) -> Iterator[Line]:
    """``(number from 1, bytes without the end)``; ``None`` for a line that is too long. UTF-16 comes as UTF-8."""
    number = 0
    rest: bytes = b""
    too_long = False
    for chunk in _chunks(path):
        *whole, rest = _ENDS.split(rest + chunk)
        if rest == b"" and chunk.endswith(b"\r"):  # its LF may come with the next chunk
            rest = whole.pop() + b"\r"
        for text in whole:
            number += 1
            yield number, None if too_long or len(text) > LARGEST_LINE else text
            too_long = False
        if len(rest) > LARGEST_LINE:
            too_long, rest = True, b"\r" if rest.endswith(b"\r") else b""
    if rest or too_long:
        text = rest.rstrip(b"\r")
        yield number + 1, None if too_long else text


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        start = file.read(6)
        file.seek(0)
        encoding = "utf-16" if start[:2] in _WIDE else _UNMARKED.get(start, "")
        if encoding:
            text = io.TextIOWrapper(file, encoding, errors="replace", newline="")
            while part := text.read(CHUNK):
                yield part.encode("utf-8", "replace")
            return
        while chunk := file.read(CHUNK):
            yield chunk
