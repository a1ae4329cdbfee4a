"""What CSV files and worksheets have in common: where the header is, what a row is, and which rows are not data."""

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field

from hilum.formats import values
from hilum.formats.headers import is_known
from hilum.formats.mapping import TableMapping, compare
from hilum.formats.marked_words import known_columns
from hilum.formats.rows import RowReader
from hilum.model.record import Item, Locator, SourceProblem

Row = tuple[int, list[str]]
"""Physical line or row number, counted from 1, and the cells as text."""

HEADER_WITHIN = 40
"""The header is looked for in so many rows; titles, dates and names of departments stand above it."""
_DEEPEST = 3
_SAMPLES = 20
_FORMULA = re.compile(r"=.|[+@\-][A-Za-z(@|=]")
_FOOTER = re.compile(
    r"(合计|总计|小计|备注|说明|注|填表人|制表人|制表|审核人|复核人|打印时间|打印日期|导出时间|total|printed)\s*(:.*)?$",
    re.I,
)
_UNSEEN = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_STILL_READ = ("row_short", "cells_unnamed")
_EACH = 50
"""So many problems of one sort per table are told one by one; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Header:
    """The column names (empty where a column has none; a repeated name gets ``#2``), the number of the header's last
    row, the text above it, the names that stood there more than once, and the places of columns that an earlier
    answer put there (verdict, hint, score): they are no data."""

    names: tuple[str, ...]
    line: int
    title: str = ""
    repeated: tuple[str, ...] = ()
    answers: frozenset[int] = frozenset()

    def own(self, cells: list[str]) -> list[str]:
        """A row without what an earlier answer put there."""
        if not self.answers:
            return cells
        return ["" if index in self.answers else cell for index, cell in enumerate(cells)]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a person sees before a mapping is confirmed: where the table is, its headers and some rows."""

    place: str
    headers: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]
    header_line: int
    title: str = ""


@dataclass(slots=True)
class Notes:
    """Problems of one table, told at most so many times per sort so that a broken export cannot flood the bank."""

    at: Callable[[int], Locator]
    seen: dict[str, int] = field(default_factory=dict)
    last: int = 0

    def note(self, reason: str, at: int, /, **details: str | int) -> Iterator[SourceProblem]:
        self.seen[reason] = self.seen.get(reason, 0) + 1
        self.last = max(self.last, at)
        if self.seen[reason] <= _EACH:
            yield SourceProblem(reason, self.at(at), details)

    def left_out(self) -> Iterator[SourceProblem]:
        """How many more there were of every sort that was cut short."""
        for reason, count in self.seen.items():
            if count > _EACH:
                yield SourceProblem("problems_left_out", self.at(self.last), {"reason": reason, "count": count - _EACH})


def find_header(rows: Sequence[Row], expected: frozenset[str] = frozenset()) -> Header | None:
    """The header among the first ``rows``: the row, or two or three rows, in which most cells are names of columns.

    ``expected`` are the names of a saved mapping; without it the names hospitals use decide. ``None`` for no rows.
    """
    filled = [(line, cells) for line, cells in rows[:HEADER_WITHIN] if any(cells)]
    if not filled:
        return None
    known = _knows(expected)
    best, best_hits, above = _fallback(filled), 0, 0
    for index, (line, cells) in enumerate(filled):
        hits = _hits(cells, known)
        if hits > best_hits:
            best, best_hits, above = (line, cells), hits, index
        for depth in range(1, _DEEPEST):
            below = [lower for _, lower in filled[index + 1 : index + 1 + depth]]
            if len(below) < depth or filled[index + depth][0] != line + depth:
                break
            joined = _joined((cells, *below), known)
            gained = _hits(joined, known) - max(best_hits, _hits(below[-1], known))
            if gained > 0 or (gained == 0 and depth == 1 and _fills(cells, below[0], known)):
                best, best_hits, above = (line + depth, joined), _hits(joined, known), index
    title = " ".join(cell for _, cells in filled[:above] for cell in cells if cell)
    return _named(best, title[:200])


def _joined(rows: Sequence[Sequence[str]], known: Callable[[str], bool]) -> list[str]:
    """Several header rows as one, from the bottom up."""
    found = list(rows[-1])
    for upper in reversed(rows[:-1]):
        found = _combine(upper, found, known)
    return found


def _knows(expected: frozenset[str]) -> Callable[[str], bool]:
    if not expected:
        return is_known
    wanted = {values.plain(name) for name in expected if name}
    return lambda name: values.plain(name) in wanted


def _hits(cells: Sequence[str], known: Callable[[str], bool]) -> int:
    return sum(1 for name in {cell for cell in cells if cell and len(cell) <= 60} if known(name))


def _fallback(filled: Sequence[Row]) -> Row:
    """Nothing is known by name: the first row as wide as the table is."""
    widest = max(sum(map(bool, cells)) for _, cells in filled)
    return next(row for row in filled if sum(map(bool, row[1])) * 2 > widest)


def _fills(upper: Sequence[str], lower: Sequence[str], known: Callable[[str], bool]) -> bool:
    """Whether ``upper`` is a header's first row: not one title cell, it names columns that ``lower`` leaves out, and
    none of its own known names would be lost under what stands below it."""
    names = [index for index, cell in enumerate(upper) if cell]
    gaps = [index for index in names if index >= len(lower) or not lower[index]]
    lost = [index for index in names if index not in gaps and known(upper[index]) and upper[index] != lower[index]]
    return 0 < len(gaps) < len(names) and not lost


def _combine(upper: Sequence[str], lower: Sequence[str], known: Callable[[str], bool]) -> list[str]:
    """Two header rows as one: merged cells carry on to the right, and a group's word is added where it is needed."""
    names: list[str] = []
    group = ""
    for index in range(max(len(upper), len(lower))):
        top = upper[index] if index < len(upper) else ""
        low = lower[index] if index < len(lower) else ""
        group = top or (group if low else "")
        spellings = [low, group + low, low + group] if low and group else [low or group]
        names.append(
            next((name for name in spellings if known(name)), spellings[-2] if low and group else spellings[0])
        )
    return names


def _named(row: Row, title: str) -> Header:
    line, cells = row
    while cells and not cells[-1]:
        cells = cells[:-1]
    counts: dict[str, int] = {}
    names: list[str] = []
    answers = frozenset(index for index, cell in enumerate(cells) if values.plain(cell) in known_columns())
    for index, cell in enumerate(cells):
        name = "" if index in answers else values.plain(cell)
        counts[name] = counts.get(name, 0) + 1
        names.append(f"{name}#{counts[name]}" if name and counts[name] > 1 else name)
    while names and not names[-1]:
        names.pop()
    repeated = tuple(name for name, count in counts.items() if name and count > 1)
    return Header(tuple(names), line, title, repeated, answers)


def preview(place: str, rows: Sequence[Row]) -> Preview | None:
    """Headers and samples of the table that begins with ``rows``; ``None`` when there is nothing in it."""
    header = find_header(rows)
    if header is None:
        return None
    samples = [tuple(header.own(cells)) for line, cells in rows if line > header.line and any(cells)][:_SAMPLES]
    return Preview(place, header.names, tuple(samples), header.line, header.title)


# rows -> items ------------------------------------------------------------------------------------------------------


def items(
    rows: Iterator[Row], header: Header, mapping: TableMapping, at: Callable[[int], Locator], fixed: bool = False
) -> Iterator[Item]:
    """Everything the rows below ``header`` say through ``mapping``, and what is wrong with the table itself.

    ``fixed``: cells know their column (a worksheet), so a row of another length is not torn.
    """
    notes = Notes(at)
    fatal = yield from _about_columns(header, mapping, at)
    if fatal:
        return
    reader = RowReader(mapping, header.names, at)
    flagged: set[tuple[str, int]] = set()
    empty = True
    for line, whole in rows:
        cells = header.own(whole)
        if line <= header.line or not any(cells):
            continue
        empty = False
        width = _width(cells)
        reason = _not_data(cells, width, header, fixed)
        if reason:
            yield from notes.note(reason, line, line=line, expected=len(header.names), found=width)
            if reason not in _STILL_READ:
                continue
        for reason, index in _odd_cells(cells, flagged):
            flagged.add((reason, index))
            yield from notes.note(reason, line, line=line, column=_name(header, index))
        for index, letter in _invisible(cells):
            yield from notes.note("invisible_character", line, line=line, column=_name(header, index), code=letter)
        yield from reader.records(line, cells)
    yield from notes.left_out()
    if empty:
        yield SourceProblem("table_without_rows", at(header.line), {})


def _about_columns(
    header: Header, mapping: TableMapping, at: Callable[[int], Locator]
) -> Generator[SourceProblem, None, bool]:
    """Notes on the columns; returns whether the table cannot be read with this mapping."""
    place = at(header.line)
    for name in header.repeated:
        yield SourceProblem("duplicate_header", place, {"column": name})
    change = compare(mapping, header.names)
    if change.missing:
        yield SourceProblem(
            "column_missing", place, {"columns": "、".join(change.missing), "count": len(change.missing)}, fatal=True
        )
        return True
    if change.new:
        yield SourceProblem("column_new", place, {"columns": "、".join(change.new), "count": len(change.new)})
    unmapped = [name for name in mapping.unmapped() if name in header.names]
    if unmapped:
        yield SourceProblem("unmapped_column", place, {"columns": "、".join(unmapped), "count": len(unmapped)})
    return False


def _width(cells: Sequence[str]) -> int:
    """How many cells the row has, blank ones at its end aside where they are beyond the header."""
    width = len(cells)
    while width and not cells[width - 1]:
        width -= 1
    return width


def _not_data(cells: Sequence[str], width: int, header: Header, fixed: bool) -> str:
    """Why a row is no record, or why it needs a note though it is read (``_STILL_READ``); empty for a good row."""
    first = next(cell for cell in cells if cell)
    if sum(map(bool, cells)) * 2 <= len(header.names) and _FOOTER.match(values.plain(first)):
        return "footer_line"
    if width > len(header.names):
        return "cells_unnamed" if fixed else "row_long"
    if not fixed and len(cells) < len(header.names):
        return "row_short"
    return "repeated_header" if values.plain(first) in header.names and _is_header(cells, header) else ""


def _is_header(cells: Sequence[str], header: Header) -> bool:
    """Whether the row repeats the column names (a repeated name lost its ``#2`` there)."""
    named = [(cell, name.split("#")[0]) for cell, name in zip(cells, header.names, strict=False) if name]
    return all(values.plain(cell).split("#")[0] == name for cell, name in named)


def _odd_cells(cells: Sequence[str], flagged: set[tuple[str, int]]) -> list[tuple[str, int]]:
    """Cells a spreadsheet would run, and what failed formulas left; each column is told once."""
    found = [(_oddity(cell), index) for index, cell in enumerate(cells) if cell and cell[0] in "=+-@#"]
    return [one for one in found if one[0] and one not in flagged]


def _oddity(cell: str) -> str:
    if cell[0] == "#":
        return "error_cell" if cell in values.SHEET_ERRORS else ""
    return "formula_cell" if _FORMULA.match(cell) else ""


def _invisible(cells: Sequence[str]) -> list[tuple[int, str]]:
    """Cells with characters nobody sees, which are dropped when the value is read: an identity may hang on them."""
    return [
        (index, f"U+{ord(found[0]):04X}")
        for index, cell in enumerate(cells)
        if not (cell.isascii() and cell.isprintable()) and (found := _UNSEEN.search(cell))
    ]


def _name(header: Header, index: int) -> str:
    return header.names[index] if index < len(header.names) and header.names[index] else str(index + 1)
