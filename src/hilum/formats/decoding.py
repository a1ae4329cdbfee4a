"""Which encoding a text file is in, and its lines one by one, in memory that does not grow with the file.

An encoding in which the whole file decodes is preferred, so no character is lost on the way; a file that is plainly
Chinese but for a few broken bytes is read as such, with U+FFFD where they stood. A line without an end is cut off at a
limit and reported, never held in memory as a whole.
"""

import codecs
import io
from collections.abc import Iterator
from pathlib import Path

from hilum.formats.values import BROKEN

LONGEST_LINE = 1_000_000
_CHUNK = 1 << 20
_SAMPLE = 20_000
_CHINESE_SHARE = 0.7
_BROKEN_SHARE = 0.2
"""GBK read as UTF-8 is broken in more than half of its characters, damaged UTF-8 in a few."""

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def detect(path: Path) -> str:
    """Name of the encoding of the file at ``path``; ``latin-1``, which reads anything, when nothing else fits.

    A byte-order mark decides first. Then strict UTF-8; then GB18030 if all of it decodes and what is not ASCII is
    mostly common Chinese (Windows-1252 text decodes as GB18030 too, but into rare characters); then the same two with
    a few broken bytes allowed, which transfers and cut-off exports leave; then Windows-1252.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), "") or _unmarked_wide(head)
    for encoding in (marked, "utf-8"):
        if encoding and _decodes(path, encoding):
            return encoding
    if _decodes(path, "gb18030"):
        return "gb18030" if _is_chinese(path) else _western(path)
    for encoding in (marked, "utf-8"):
        if encoding and _broken_share(path, encoding) <= _BROKEN_SHARE:
            return encoding
    return "gb18030" if _is_chinese(path) else _western(path)


def _western(path: Path) -> str:
    return "cp1252" if _decodes(path, "cp1252") else "latin-1"


def _unmarked_wide(head: bytes) -> str:
    """UTF-16 without its mark: ASCII letters with a zero byte on one side of each."""
    pairs = len(head) // 2
    if pairs < 4:
        return ""
    if head[1::2].count(0) > 0.6 * pairs and head[0::2].count(0) == 0:
        return "utf-16-le"
    return "utf-16-be" if head[0::2].count(0) > 0.6 * pairs and head[1::2].count(0) == 0 else ""


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _is_chinese(path: Path) -> bool:
    """Whether what is not ASCII is, read as GB18030, mostly the common characters of GB 2312 (level 1, punctuation)."""
    foreign = _foreign(path, "gb18030")
    return bool(foreign) and sum(map(_is_common, foreign)) >= _CHINESE_SHARE * len(foreign)


def _broken_share(path: Path, encoding: str) -> float:
    """Which part of what is not ASCII cannot be decoded; 1 for nothing at all."""
    foreign = _foreign(path, encoding)
    return foreign.count(BROKEN) / len(foreign) if foreign else 1.0


def _foreign(path: Path, encoding: str) -> list[str]:
    """The first characters of the file that are not ASCII, read in ``encoding``; wherever they stand."""
    found: list[str] = []
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        while len(found) < _SAMPLE and (text := file.read(_CHUNK)):
            if not text.isascii():
                found += [letter for letter in text if letter > "\x7f"][: _SAMPLE - len(found)]
    return found


def _is_common(letter: str) -> bool:
    coded = letter.encode("gb18030")
    return len(coded) == 2 and coded[1] >= 0xA1 and (coded[0] in (0xA1, 0xA3) or 0xB0 <= coded[0] <= 0xD7)


def lines(path: Path, encoding: str, longest: int = LONGEST_LINE) -> Iterator[tuple[int, str | None]]:
    """``(line number from 1, text without its end)``; ``None`` for a line of more than ``longest`` characters.

    Lines end in LF, CRLF or CR. Bytes that are not ``encoding`` become U+FFFD. The caller turns ``None`` into a
    ``line_too_long`` problem and goes on.
    """
    with path.open(encoding=encoding, errors="replace", newline=None) as file:
        number = 0
        limit = longest + 1
        while line := file.readline(limit):
            number += 1
            if line[-1] == "\n":
                yield number, line[:-1]
            elif len(line) < limit:
                yield number, line
            else:
                _skip_line(file)
                yield number, None


def _skip_line(file: io.TextIOBase) -> None:
    while (rest := file.readline(_CHUNK)) and rest[-1] != "\n":
        pass
