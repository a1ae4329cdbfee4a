"""CSV and TSV as hospitals export them: any delimiter, any Chinese encoding, titles above the header, torn rows.

Rows are read one by one; memory does not grow with the file. A quote that is never closed costs its own line and not
the rest of the file.
"""

import csv
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from hilum.formats import decoding
from hilum.formats.mapping import TableMapping
from hilum.formats.table import HEADER_WITHIN, Header, Preview, Row, find_header
from hilum.formats.table import items as table_items
from hilum.formats.table import preview as look
from hilum.formats.values import BROKEN
from hilum.model.record import Item, Locator, SourceProblem

DELIMITERS = (",", "\t", ";", "，", "|")
_LOOK = 200
_LONGEST_RECORD = 100
"""Physical lines one record may span (a cell may hold line breaks); more is a quote nobody closed."""
_LONGEST_TEXT = 200_000
_LITERAL = '="'

csv.field_size_limit(10_000_000)  # our own limits are smaller and are told as problems


def preview(path: Path, place: str) -> Preview | None:
    """Headers and first rows of the file; ``None`` when it holds no table. Raises ``OSError`` only."""
    encoding = decoding.detect(path)
    reader = _Reader(path, place, "", encoding)
    return look(place, list(islice(reader.rows(), HEADER_WITHIN + 20)))


def items(path: Path, place: str, source_id: str, skip: int, mapping: TableMapping | None) -> Iterator[Item]:
    """The records of the file through ``mapping`` and the file's problems, the first ``skip`` items left out.

    Without a mapping, or with one whose columns are missing, there is one fatal problem that says so.
    """
    yield from islice(_items(path, place, source_id, mapping), skip, None)


def header_of(path: Path, mapping: TableMapping | None = None) -> Header | None:
    """Where the file's header is, as :func:`items` finds it; ``None`` when there is no table."""
    reader = _Reader(path, "", "", decoding.detect(path))
    return find_header(
        list(islice(reader.rows(), HEADER_WITHIN)), frozenset(mapping.headers) if mapping else frozenset()
    )


def rows(path: Path) -> Iterator[Row]:
    """The physical rows of the file, as :func:`items` sees them."""
    return _Reader(path, "", "", decoding.detect(path)).rows()


def _items(path: Path, place: str, source_id: str, mapping: TableMapping | None) -> Iterator[Item]:
    reader = _Reader(path, place, source_id, decoding.detect(path))
    expected = frozenset(mapping.headers) if mapping else frozenset()
    first = list(islice(reader.rows(), HEADER_WITHIN))
    header = find_header(first, expected)
    if header is None:
        yield from reader.take_problems()
        yield SourceProblem("table_empty", reader.at(1), {}, fatal=True)
    elif mapping is None:
        yield SourceProblem("mapping_needed", reader.at(header.line), _named(header), fatal=True)
    else:
        again = _Reader(path, place, source_id, reader.encoding, reader.delimiter)
        for item in table_items(again.rows(), header, mapping, again.at):
            yield from again.take_problems()
            yield item
        yield from again.take_problems()


def _named(header: Header) -> dict[str, str | int]:
    names = [name for name in header.names if name]
    return {"columns": "、".join(names[:60]), "count": len(names)}


class _Reader:
    """The physical rows of one file, and the problems met on the way."""

    def __init__(self, path: Path, place: str, source_id: str, encoding: str, delimiter: str = "") -> None:
        self.encoding = encoding
        self.delimiter = delimiter or detect_delimiter(_first_lines(path, encoding))
        self._path, self._place, self._source = path, place, source_id
        self._problems: list[SourceProblem] = []
        self._told: dict[str, int] = {}

    def at(self, line: int) -> Locator:
        return Locator(self._source, self._place, line)

    def take_problems(self) -> list[SourceProblem]:
        """Problems found since the last call."""
        found, self._problems = self._problems, []
        return found

    def rows(self) -> Iterator[Row]:
        """``(line the row begins in, cells)``, trimmed; an Excel text such as ``="00123"`` is its text."""
        lines = _Lines(decoding.lines(self._path, self.encoding), self._tell)
        while (first := lines.take()) is not None:
            line, text = first
            cells = text.split(self.delimiter) if '"' not in text else self._quoted(line, text, lines)
            yield line, [_cell(cell) for cell in cells]

    def _quoted(self, line: int, text: str, lines: "_Lines") -> list[str]:
        taken: list[tuple[int, str]] = []

        def feed() -> Iterator[str]:
            size = len(text)
            yield text + "\n"
            while size <= _LONGEST_TEXT and len(taken) < _LONGEST_RECORD and (more := lines.take()) is not None:
                taken.append(more)
                size += len(more[1])
                yield more[1] + "\n"
            raise _Unclosed

        try:
            return next(csv.reader(feed(), delimiter=self.delimiter))
        except (_Unclosed, csv.Error, StopIteration, RuntimeError):
            lines.give_back(taken)
            self._tell("unclosed_quote", line)
            return text.split(self.delimiter)

    def _tell(self, reason: str, line: int) -> None:
        self._told[reason] = self._told.get(reason, 0) + 1
        if self._told[reason] <= 20:
            self._problems.append(SourceProblem(reason, self.at(line), {"line": line, "encoding": self.encoding}))


class _Unclosed(Exception):  # noqa: N818 - a signal between two functions of this module
    """The record did not end where a record must have ended."""


Tell = Callable[[str, int], None]


class _Lines:
    """Physical lines that can be given back; NUL bytes are dropped and over-long lines skipped, both told."""

    def __init__(self, source: Iterator[tuple[int, str | None]], tell: Tell) -> None:
        self._source, self._tell = source, tell
        self._back: deque[tuple[int, str]] = deque()

    def take(self) -> tuple[int, str] | None:
        if self._back:
            return self._back.popleft()
        for line, text in self._source:
            if text is None:
                self._tell("line_too_long", line)
                continue
            if "\0" in text:
                self._tell("nul_bytes", line)
                text = text.replace("\0", "")  # noqa: PLW2901 - the same line, cleaned
            if BROKEN in text:
                self._tell("bytes_undecodable", line)
            return line, text
        return None

    def give_back(self, lines: Sequence[tuple[int, str]]) -> None:
        self._back.extendleft(reversed(lines))


def _cell(cell: str) -> str:
    text = cell.strip()
    if text.startswith(_LITERAL) and text.endswith('"') and '"' not in text[2:-1]:
        return text[2:-1].strip()
    return text


def _first_lines(path: Path, encoding: str) -> list[str]:
    return [text for _, text in islice(decoding.lines(path, encoding), _LOOK) if text]


def detect_delimiter(lines: Sequence[str]) -> str:
    """The delimiter whose count outside quotes agrees over most lines; comma when none does better."""
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        counts = [count for line in lines if (count := _outside_quotes(line, delimiter))]
        if counts:
            usual = max(set(counts), key=counts.count)
            score = counts.count(usual) / len(lines) * min(usual, 20) ** 0.5
            if score > best_score + 1e-9:
                best, best_score = delimiter, score
    return best


def _outside_quotes(line: str, delimiter: str) -> int:
    return sum(piece.count(delimiter) for piece in line.split('"')[::2])
