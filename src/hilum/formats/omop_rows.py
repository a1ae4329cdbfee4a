"""Rows of an OMOP table in a CSV file: any encoding, comma, tab or semicolon, torn quotes told and survived.

Athena's vocabulary files are tab-separated and hold bare quotes, PostgreSQL's exports are comma-separated and quoted;
a file says by its header which of the two it is.
"""

import csv
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from hilum.formats import decoding

DELIMITERS = (",", "\t", ";", "|")
_LONGEST_ROW = 100
"""Physical lines one row may span; more is a quote nobody closed."""
_LONGEST_TEXT = 200_000
Tell = Callable[[str, int], None]
"""Takes the reason and the line of something wrong with the file."""


def silent(_reason: str, _line: int) -> None:
    """Tells nothing: for a second look at a file whose troubles are told on the first."""


def header_of(line: str) -> tuple[tuple[str, ...], str]:
    """Column names in lower case, and the delimiter that parts them."""
    delimiter = max(DELIMITERS, key=line.count)
    return tuple(_bare(cell).lower() for cell in _cells(line, delimiter)), delimiter


def _bare(cell: str) -> str:
    return cell.strip().strip('"').strip("\ufeff").strip()


def _cells(text: str, delimiter: str) -> list[str]:
    if '"' not in text:
        return text.split(delimiter)
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=False))
    except (csv.Error, StopIteration):
        return text.split(delimiter)


class Table:
    """One file opened: its header, and its rows as often as they are asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._encoding = decoding.detect(path)
        self.header: tuple[str, ...] = ()
        self.delimiter = ","
        self._first = 0
        for line, text in decoding.lines(path, self._encoding):
            if text and text.strip():
                self.header, self.delimiter = header_of(text)
                self._first = line
                break

    def rows(self, tell: Tell) -> Iterator[tuple[int, list[str]]]:
        """``(line the row begins in, cells)`` of every row that is not blank."""
        source = _Lines(self._path, self._encoding, self._first, tell)
        width, delimiter = len(self.header), self.delimiter
        while (found := source.take()) is not None:
            line, text = found
            cells = self._quoted(line, text, source, tell) if '"' in text else text.split(delimiter)
            if len(cells) == width:
                yield line, cells
            elif len(cells) > width:
                tell("omop_row_long", line)
            elif text.strip():
                tell("omop_row_short", line)
                yield line, cells + [""] * (width - len(cells))

    def of(self, wanted: Collection[str]) -> Iterator[list[str]]:
        """The rows whose first cell is one of ``wanted``; the others cost as little as can be."""
        source = _Lines(self._path, self._encoding, self._first, silent)
        delimiter, width = self.delimiter, len(self.header)
        while (found := source.take()) is not None:
            line, text = found
            if text.partition(delimiter)[0].strip('"') in wanted:
                cells = self._quoted(line, text, source, silent) if '"' in text else text.split(delimiter)
                if len(cells) == width:
                    yield cells

    def _quoted(self, line: int, text: str, source: "_Lines", tell: Tell) -> list[str]:
        if self.delimiter == "\t" and text.count("\t") + 1 == len(self.header):
            return [cell[1:-1] if cell[:1] == cell[-1:] == '"' and len(cell) > 1 else cell for cell in text.split("\t")]
        whole, taken = text, list[tuple[int, str]]()
        while whole.count('"') % 2:
            more = source.take() if len(taken) < _LONGEST_ROW and len(whole) <= _LONGEST_TEXT else None
            if more is None:
                source.give_back(taken)
                tell("unclosed_quote", line)
                return text.split(self.delimiter)
            taken.append(more)
            whole += "\n" + more[1]
        try:
            cells = next(csv.reader(whole.splitlines(keepends=True), delimiter=self.delimiter, strict=bool(taken)))
        except (csv.Error, StopIteration):
            cells = []
        if cells and (not taken or len(cells) == len(self.header)):
            return cells
        source.give_back(taken)
        tell("unclosed_quote", line)
        return text.split(self.delimiter)


class _Lines:
    """Physical lines after the header that can be given back; what no reader can use is told."""

    def __init__(self, path: Path, encoding: str, first: int, tell: Tell) -> None:
        self._source = decoding.lines(path, encoding)
        self._back: deque[tuple[int, str]] = deque()
        self._first, self._tell = first, tell

    def take(self) -> tuple[int, str] | None:
        if self._back:
            return self._back.popleft()
        for line, text in self._source:
            if line <= self._first:
                continue
            if text is None:
                self._tell("line_too_long", line)
                continue
            if "\0" in text:
                self._tell("nul_bytes", line)
                text = text.replace("\0", "")  # noqa: PLW2901 - the same line, cleaned
            return line, text
        return None

    def give_back(self, lines: Sequence[tuple[int, str]]) -> None:
        self._back.extendleft(reversed(lines))
