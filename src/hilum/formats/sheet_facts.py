"""What the XML of a worksheet says beside its cells, found in one pass over its bytes: formulas, merged cells, and what
is hidden. A reader that goes row by row meets the list of merged cells only after the last row, so it is sought before.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_FORMULA = re.compile(rb"<f[ >/]")
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_ROW = re.compile(rb"<(?:\w+:)?row [^>]*>")
_COLUMN = re.compile(rb"<(?:\w+:)?col [^>]*>")
_HIDDEN = re.compile(rb' hidden="(?:1|true)"')
_NUMBER, _SPAN = re.compile(rb' r="(\d{1,7})"'), (re.compile(rb' min="(\d{1,5})"'), re.compile(rb' max="(\d{1,5})"'))
_LONGEST_TAG = 4096
_MOST = 200_000
"""Of merged cells or hidden rows that are remembered: more is no table any more."""


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged range: its rows (from 1) and the place of its first column (from 0)."""

    first: int
    last: int
    column: int


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """Whether there are formulas, the merged ranges of more than one row, and the hidden rows and columns."""

    formulas: bool = False
    merged: tuple[Merged, ...] = ()
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[int, ...] = ()


@dataclass(slots=True)
class SheetScan:
    """Feed it the sheet's bytes in pieces, then ask for the facts."""

    _formulas: bool = False
    _merged: dict[Merged, None] = field(default_factory=dict)
    _rows: dict[int, None] = field(default_factory=dict)
    _columns: dict[int, None] = field(default_factory=dict)
    _tail: bytes = b""

    def feed(self, chunk: bytes) -> None:
        """The next bytes; a tag that lies across two pieces is seen in the second."""
        whole = self._tail + chunk
        self._formulas = self._formulas or _FORMULA.search(whole) is not None
        if b"mergeCell " in whole:
            for found in _MERGED.finditer(whole):
                first, last = int(found[2]), int(found[4])
                if last > first and len(self._merged) < _MOST:
                    self._merged[Merged(first, last, _place(found[1]))] = None
        if b"hidden=" in whole:
            self._hidden(whole)
        self._tail = whole[-_LONGEST_TAG:]

    def _hidden(self, whole: bytes) -> None:
        for tag in _ROW.finditer(whole):
            number = _NUMBER.search(tag[0]) if _HIDDEN.search(tag[0]) else None
            if number and len(self._rows) < _MOST:
                self._rows[int(number[1])] = None
        for tag in _COLUMN.finditer(whole):
            ends = [pattern.search(tag[0]) for pattern in _SPAN] if _HIDDEN.search(tag[0]) else []
            if ends and ends[0] and ends[1]:
                for place in range(int(ends[0][1]) - 1, min(int(ends[1][1]), 2_000)):
                    self._columns[place] = None

    def facts(self) -> SheetFacts:
        """What was found, in the order of rows and columns."""
        merged = tuple(sorted(self._merged, key=lambda one: (one.first, one.column)))
        return SheetFacts(self._formulas, merged, tuple(sorted(self._rows)), tuple(sorted(self._columns)))


def _place(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place - 1


def filled_down(
    rows: Iterator[tuple[int, list[str]]], merged: Sequence[Merged], after: int
) -> Iterator[tuple[int, list[str]]]:
    """``rows`` with what stands in a merged cell repeated in every row it covers, below row ``after``.

    A row that is otherwise blank stays so: merged cells are no data by themselves.
    """
    waiting = [one for one in merged if one.last > after]
    open_: list[tuple[Merged, str]] = []
    place = 0
    for line, cells in rows:
        open_ = [one for one in open_ if one[0].last >= line]
        if open_ and any(cells):
            for one, text in open_:
                cells.extend([""] * (one.column + 1 - len(cells)))
                cells[one.column] = cells[one.column] or text
        while place < len(waiting) and waiting[place].first <= line:
            if waiting[place].first == line and waiting[place].column < len(cells) and line > after:
                open_.append((waiting[place], cells[waiting[place].column]))
            place += 1
        yield line, cells
