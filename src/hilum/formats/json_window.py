"""A window on a file that is read in chunks: the next byte, a byte that must stand there, a value passed over."""

import codecs
import re
from collections.abc import Callable, Iterator

_not_space = re.compile(rb"[^ \t\r\n]").search


class BrokenError(Exception):
    """The frame around the elements is broken: nothing after it can be told apart."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason, self.offset = reason, offset


class Window:
    """A window on the file: ``data`` from byte ``base`` on, read up to ``pos``."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.data, self.pos, self._base = b"", 0, 0
        self._chunks = chunks

    @property
    def offset(self) -> int:
        """The byte of the file ``pos`` stands at (of the recoded text where the file was recoded)."""
        return self._base + self.pos

    def more(self) -> bool:
        """Read on, as much again as is held, so that a long element costs no more than twice its length."""
        held = self.data[self.pos :] if self.pos else self.data
        pieces, wanted = [held], max(len(held), 1)
        while wanted > 0 and (chunk := next(self._chunks, b"")):
            pieces.append(chunk)
            wanted -= len(chunk)
        if len(pieces) == 1:
            return False
        self._base += self.pos
        self.data, self.pos = b"".join(pieces), 0
        return True

    def starts_with(self, mark: bytes) -> bool:
        return (bool(self.data) or self.more()) and self.data.startswith(mark)

    def peek(self) -> bytes | None:
        """The next byte that is no white space, ``None`` at the end of the file."""
        while True:
            found = _not_space(self.data, self.pos)
            if found is not None:
                self.pos = found.start()
                return found[0]
            self.pos = len(self.data)
            if not self.more():
                return None

    def accept(self, wanted: bytes) -> bool:
        """Pass over the next byte if it is ``wanted``."""
        if self.peek() != wanted:
            return False
        self.pos += 1
        return True

    def take(self, wanted: bytes) -> None:
        """Pass over ``wanted``; raises where something else stands or the file ends."""
        found = self.peek()
        if found != wanted:
            raise BrokenError("json_truncated" if found is None else "json_malformed", self.offset)
        self.pos += 1

    def skip(self, done: int, depth: int, *, in_string: bool) -> None:
        """Pass over the rest of a value of which ``done`` bytes leave ``depth`` brackets (or a string) open."""
        self.pos += done
        while True:
            if in_string:
                in_string = not self._past(_string_end)
            elif depth == 0:
                return
            else:
                mark = self._past(_structure)
                in_string = mark == b'"'
                depth += 1 if mark in (b"{", b"[") else -1 if mark in (b"}", b"]") else 0

    def _past(self, wanted: Callable[[bytes, int], re.Match[bytes] | None]) -> bytes:
        while (found := wanted(self.data, self.pos)) is None:
            backslashes = len(self.data) - len(self.data.rstrip(b"\\"))
            self.pos = max(self.pos, len(self.data) - backslashes % 2)
            if not self.more():
                raise BrokenError("json_truncated", self.offset)
        self.pos = found.end()
        return found[0]


_string_end = re.compile(rb'(?:[^"\\]++|\\.)*+"', re.DOTALL).match
_structure = re.compile(rb'["{}\[\]]').search


def recoded(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """UTF-8 of what is written in ``encoding``; broken characters become U+FFFD."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for chunk in chunks:
        text = decoder.decode(chunk)
        if text:
            yield text.encode("utf-8", "replace")
    rest = decoder.decode(b"", final=True)
    if rest:
        yield rest.encode("utf-8", "replace")
