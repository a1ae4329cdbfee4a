"""The elements of a JSON array, of JSON lines or of a lone object, one by one, from a file of any size.

A file may be one object whose array is wanted (``entry`` of a Bundle), an array, a single object, or one object per
line (NDJSON); which of these it is shows while it is read. Element boundaries are found by one regular expression that
knows strings and escapes and swallows whole nested objects, and each element is then decoded by msgspec; memory holds
one chunk and one element. What is wrong with one element costs that element; a broken frame ends the file, with what
was read before kept.
"""

import codecs
import json
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import msgspec

from hilum.formats import decoding
from hilum.formats.json_window import BrokenError, Window, recoded
from hilum.formats.table import Notes
from hilum.model.record import Locator, SourceProblem

_CHUNK = 1 << 20
_UTF8 = ("utf-8", "utf-8-sig")
_GUESSED = 64 << 10
"""How far the beginning of the next element is looked for."""
_NESTED = 12
"""Levels of objects one match swallows; deeper ones are counted bracket by bracket."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of one element, levels of nesting, and members of the outer object that are kept."""

    element: int = 64 << 20
    depth: int = 400
    members: int = 1_000


DEFAULT = Limits()


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its number in the file from 1, the byte it began at, and its value."""

    number: int
    offset: int
    value: object


_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_TEXT = rb'[^{}"]*+(?:' + _STRING + rb'[^{}"]*+)*+'


def _object_pattern(levels: int) -> bytes:
    pattern = rb"\{" + _TEXT + rb"\}"
    for _ in range(levels - 1):
        pattern = rb"\{" + _TEXT + rb"(?:" + pattern + _TEXT + rb")*+\}"
    return pattern


_whole_object = re.compile(_object_pattern(_NESTED), re.DOTALL).match
_whole_string = re.compile(_STRING, re.DOTALL).match
_bracket = re.compile(rb'[^{}\[\]"]*+(?:' + _STRING + rb'[^{}\[\]"]*+)*+([{}\[\]])', re.DOTALL).match
_scalar = re.compile(rb'[^\s,\]}\[{":]++').match
_opening = re.compile(rb"\{\s*+" + _STRING + rb"\s*+:", re.DOTALL).match
_decode = msgspec.json.Decoder().decode
encoded = msgspec.json.Encoder().encode
"""The bytes of a value."""
decoded = _decode
"""The value that :data:`encoded` made these bytes of."""
decoded_object = msgspec.json.Decoder(dict[str, object]).decode
"""The object that :data:`encoded` made these bytes of."""


def decoder_of(shape: type) -> Callable[[bytes], object]:
    """What reads of an element only the members a ``TypedDict`` names."""
    return msgspec.json.Decoder(shape).decode


class JsonStream:
    """One file being read. ``top`` holds, after or while :meth:`elements` runs, the other members of the outer object
    (``resourceType``, ``type``), nested ones under dotted names; of NDJSON those of the object before.

    ``arrays`` names the wanted arrays, dotted where nested (``epcisBody.eventList``). ``decode`` may read less of an
    element than all of it.
    """

    def __init__(
        self,
        path: Path,
        arrays: Sequence[str],
        source: str,
        place: str,
        limits: Limits = DEFAULT,
        decode: Callable[[bytes], object] | None = None,
    ) -> None:
        self.top: dict[str, object] = {}
        self.framed = False
        self._path, self._source, self._place, self._limits = path, source, place, limits
        self._arrays = frozenset(tuple(name.split(".")) for name in arrays)
        self._marks = tuple(f'"{name.split(".")[0]}"'.encode() for name in arrays)
        self._notes = Notes(self._at)
        self._decode, self._whole = decode or _decode, decode is None
        self._count = 0
        self._opening = b""
        self._is_short = False  # the whole file is in the buffer: it may be one object
        self._buffer = Window(iter(()))

    def _at(self, number: int) -> Locator:
        return Locator(self._source, self._place, number)

    def elements(self) -> Iterator[Element | SourceProblem]:
        """Every element in the order of the file, and what is wrong with it. Raises ``OSError`` only."""
        with self._path.open("rb") as file:
            first = file.read(_CHUNK)
            self._is_short = len(first) < _CHUNK
            encoding = "utf-8" if _is_all_utf8(first) else decoding.detect(self._path)
            if encoding not in _UTF8:
                yield SourceProblem("json_recoded", self._at(0), {"encoding": encoding})
            chunks = chain([first], iter(lambda: file.read(_CHUNK), b"")) if len(first) == _CHUNK else iter([first])
            self._buffer = Window(chunks if encoding in _UTF8 else recoded(chunks, encoding))
            try:
                yield from self._documents()
            except BrokenError as broken:
                values: dict[str, str | int] = {"offset": broken.offset, "count": self._count}
                yield SourceProblem(broken.reason, self._at(self._count + 1), values, fatal=True)
        yield from self._notes.left_out()

    def _documents(self) -> Iterator[Element | SourceProblem]:
        buffer = self._buffer
        if buffer.starts_with(codecs.BOM_UTF8):
            buffer.pos += 3
        while (first := buffer.peek()) is not None:
            if first == b"{":
                yield from self._document()
            elif first == b"[":
                self.framed = True
                yield from self._array()
            else:
                raise BrokenError("json_malformed", buffer.offset)

    def _document(self) -> Iterator[Element | SourceProblem]:
        """One outer object: at once where it is small and has no wanted array, else member by member."""
        buffer = self._buffer
        line = buffer.data.find(b"\n", buffer.pos)
        if line > 0 and self._is_plain(buffer.data[buffer.pos : line]) and (yield from self._guessed(line)):
            return
        if (
            self._is_short
            and not self._count
            and self._is_plain(buffer.data)
            and (yield from self._guessed(len(buffer.data)))
        ):
            return
        found = _whole_object(buffer.data, buffer.pos)
        if found is None and len(buffer.data) - buffer.pos < _CHUNK and buffer.more():
            found = _whole_object(buffer.data, buffer.pos)
        if found is not None and self._is_plain(found[0]):
            yield from self._taken(found.end())
            return
        offset = buffer.offset
        self.top = {}
        framed = False
        for one in self._members((), _Kept(self._limits.element)):
            framed = framed or one is not None
            if isinstance(one, Element | SourceProblem):
                yield one
        if framed:
            self.framed = True
        else:
            self._count += 1
            yield Element(self._count, offset, self.top)

    def _is_plain(self, raw: bytes) -> bool:
        return not any(map(raw.__contains__, self._marks))

    def _guessed(self, end: int) -> Generator[Element, None, bool]:
        """The element that would end at ``end``, if what stands up to there is one: then no boundary need be sought.
        A value that is whole up to ``end`` cannot end anywhere else."""
        buffer = self._buffer
        try:
            value = self._decode(buffer.data[buffer.pos : end])
        except (ValueError, RecursionError):
            return False
        if self._whole and _names_twice(buffer.data[buffer.pos : end], value):
            return False
        self._count += 1
        yield Element(self._count, buffer.offset, value)
        buffer.pos = end
        return True

    def _members(self, path: tuple[str, ...], kept: "_Kept") -> Iterator[Element | SourceProblem | bool | None]:
        """The members of the object at the buffer's place; ``True`` stands for a wanted array met on the way."""
        buffer = self._buffer
        buffer.take(b"{")
        if buffer.accept(b"}"):
            return
        while True:
            name = self._name()
            buffer.take(b":")
            here = (*path, name)
            first = buffer.peek()
            if here in self._arrays and first == b"[":
                yield True
                yield from self._array()
            elif first == b"{" and any(array[: len(here)] == here for array in self._arrays):
                yield from self._members(here, kept)
            else:
                yield from self._keep(".".join(here), kept)
            if not buffer.accept(b","):
                buffer.take(b"}")
                return

    def _name(self) -> str:
        buffer = self._buffer
        if buffer.peek() != b'"':
            raise BrokenError("json_malformed", buffer.offset)
        start = buffer.pos
        end = self._extent()
        value, reason = _decoded(buffer.data[start:end]) if end is not None else (None, "json_malformed")
        if reason or not isinstance(value, str):
            raise BrokenError(reason or "json_malformed", buffer.offset)
        buffer.pos = end or start
        return value

    def _keep(self, name: str, kept: "_Kept") -> Iterator[SourceProblem]:
        """A member that is no wanted array, kept beside the others as long as there is room."""
        buffer = self._buffer
        offset = buffer.offset
        end = self._extent()
        if end is None:
            yield from self._tell("json_element_too_large", self._count, offset)
            return
        raw = buffer.data[buffer.pos : end]
        buffer.pos = end
        value, reason = _decoded(raw)
        if not reason and (name in self.top):
            reason = "json_key_twice"
        if not reason and not kept.fits(len(raw), len(self.top), self._limits.members):
            reason = "json_element_too_large"
        if reason:
            yield from self._tell(reason, self._count, offset)
        else:
            self.top[name] = value

    def _array(self) -> Iterator[Element | SourceProblem]:
        """The elements of the array at the buffer's place."""
        buffer = self._buffer
        buffer.take(b"[")
        if buffer.accept(b"]"):
            return
        while True:
            if buffer.peek() is None:
                raise BrokenError("json_truncated", buffer.offset)
            likely = self._likely_end()
            if not likely or not (yield from self._guessed(likely)):
                yield from self._sought()
            if not buffer.accept(b","):
                buffer.take(b"]")
                return

    def _sought(self) -> Iterator[Element | SourceProblem]:
        """The element at the buffer's place, its end sought bracket by bracket."""
        buffer = self._buffer
        begins = _opening(buffer.data, buffer.pos)
        self._opening = begins[0] if begins is not None else b""
        found = _whole_object(buffer.data, buffer.pos)
        end = found.end() if found is not None else self._extent()
        if end is not None:
            yield from self._taken(end)
            return
        self._count += 1
        yield from self._tell("json_element_too_large", self._count, buffer.offset)

    def _likely_end(self) -> int:
        """Where the element at the buffer's place ends if the next one opens as the last one sought did; 0 if unknown.

        One program writes all elements of a file alike; what is guessed here is proven by decoding it."""
        if not self._opening:
            return 0
        buffer = self._buffer
        next_one = buffer.data.find(self._opening, buffer.pos + 1, buffer.pos + _GUESSED)
        comma = buffer.data.rfind(b",", buffer.pos, next_one) if next_one > 0 else -1
        return max(comma, 0)

    def _taken(self, end: int) -> Iterator[Element | SourceProblem]:
        """The element between the buffer's place and ``end``."""
        buffer = self._buffer
        offset = buffer.offset
        raw = buffer.data[buffer.pos : end]
        buffer.pos = end
        self._count += 1
        value, reason = _decoded(raw, self._decode)
        if reason:
            yield from self._tell(reason, self._count, offset)
        else:
            yield Element(self._count, offset, value)

    def _tell(self, reason: str, number: int, offset: int) -> Iterator[SourceProblem]:
        yield from self._notes.note(reason, number, number=number, offset=offset, limit=self._limits.element >> 20)

    def _extent(self) -> int | None:
        """Where the value at the buffer's place ends, more of the file being read as needed; ``None`` for one larger
        than the limit, which is then passed over."""
        buffer = self._buffer
        first = buffer.data[buffer.pos : buffer.pos + 1]
        if first in (b"{", b"["):
            return self._bracketed()
        whole = _whole_string if first == b'"' else _scalar
        while True:
            found = whole(buffer.data, buffer.pos)
            if found is not None and (first == b'"' or found.end() < len(buffer.data)):
                return found.end()
            if len(buffer.data) - buffer.pos > self._limits.element:
                buffer.skip(1 if first == b'"' else 0, 0, in_string=first == b'"')
                return None
            if not buffer.more():
                if found is not None:
                    return found.end()
                raise BrokenError("json_truncated" if first == b'"' else "json_malformed", buffer.offset)

    def _bracketed(self) -> int | None:
        buffer = self._buffer
        depth, done = 0, 0  # ``done`` counts from the buffer's place, which stays while more is read
        while True:
            while (found := _bracket(buffer.data, buffer.pos + done)) is not None:
                depth += 1 if found[1] in b"{[" else -1
                done = found.end() - buffer.pos
                if depth == 0:
                    return found.end()
                if depth > self._limits.depth:
                    raise BrokenError("json_too_deep", buffer.offset + done)
            if len(buffer.data) - buffer.pos > self._limits.element:
                buffer.skip(done, depth, in_string=False)
                return None
            if not buffer.more():
                raise BrokenError("json_truncated", buffer.offset + done)


def _is_all_utf8(content: bytes) -> bool:
    """Whether a file of which ``content`` is the first chunk is so short that this is all, and is UTF-8 for certain."""
    if len(content) == _CHUNK or b"\0" in content:
        return False
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


class _Kept:
    """How much of the outer object's other members has been kept."""

    def __init__(self, most: int) -> None:
        self._left = most

    def fits(self, size: int, members: int, most: int) -> bool:
        self._left -= size
        return self._left >= 0 and members < most


def _decoded(raw: bytes, decode: Callable[[bytes], object] = _decode) -> tuple[object, str]:
    """The value of ``raw``, or why it is none; an object that names a member twice is none."""
    try:
        value = decode(raw)
    except RecursionError:
        return None, "json_too_deep_element"
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return None, "json_not_utf8" if "utf-8" in str(error).lower() else "json_element_malformed"
    return (None, "json_key_twice") if decode is _decode and _names_twice(raw, value) else (value, "")


def _names_twice(raw: bytes, value: object) -> bool:
    """Whether an object in ``raw``, of which ``value`` was read, names a member twice.

    As many colons must stand in the text as in the value: a member that was lost took one with it, and colons within
    texts are as many in both unless one is written as an escape."""
    if value.__class__ is not dict and value.__class__ is not list:
        return False
    if raw.count(b":") == encoded(value).count(b":") and (b"\\" not in raw or b"\\u003" not in raw):
        return False
    return _doubles(raw)


def _doubles(raw: bytes) -> bool:
    """Whether an object in ``raw`` names a member twice, for certain."""
    twice = False

    def pairs(found: list[tuple[str, object]]) -> None:
        nonlocal twice
        twice = twice or len(found) != len({name for name, _ in found})

    json.loads(raw, object_pairs_hook=pairs)
    return twice
