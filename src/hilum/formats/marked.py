"""The user's own table, answered: doubtful cells coloured and commented, a verdict, hints and a score beside each row.

A workbook keeps its formats, formulas and other sheets as far as openpyxl can carry them; a CSV file, or a workbook too
large to hold in memory, is answered with its contents alone, written row by row. Everything written is text and nothing
a spreadsheet would run. The file appears whole or not at all.
"""

import os
import tempfile
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from hilum.formats.marked_words import column_names, known_sheets, sheet_name
from hilum.formats.report_sheet import clean, is_risky, sheet_title, text_cell
from hilum.formats.table import Header, Row
from hilum.messages import Language, text

HELD_IN_MEMORY = 40 << 20
"""Bytes of sheets unpacked up to which a workbook is held whole; about ten times as much memory."""
_COMMENTS = 5_000
"""Comments per sheet: spreadsheet programs become slow with more. The hint column always says everything."""
_AUTHOR = "Hilum"
RED, AMBER, GREEN = "F8CBAD", "FFE699", "E2EFDA"
_FILLS = {name: PatternFill("solid", fgColor=name) for name in (RED, AMBER, GREEN)}
_HEAD_FONT, _HEAD_FILL = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="0E5A6B")
_WRAP, _TOP = Alignment(wrap_text=True, vertical="top"), Alignment(vertical="top")
_WIDTHS = (14, 60, 10)


@dataclass(frozen=True, slots=True)
class Mark:
    """A cell to colour: its column (from 0), red or amber, and the words of its comment."""

    column: int
    grave: bool
    words: str


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """What is said of one row: verdict in words, its colour (empty: none), score, hints, and the cells to mark."""

    verdict: str
    colour: str
    score: float | None = None
    hints: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class TableAnswer:
    """One table: its sheet (a name to give it, for a CSV file), its header, and the answers by row number."""

    sheet: str
    header: Header
    rows: Mapping[int, RowAnswer]


@dataclass(frozen=True, slots=True)
class Overview:
    """The summing sheet: title, facts (label, value), rules that spoke (id, words, severity, times), file problems."""

    title: str
    facts: tuple[tuple[str, str | int], ...]
    rules: tuple[tuple[str, str, str, int], ...]
    problems: tuple[str, ...]


def fits_in_memory(path: Path) -> bool:
    """Whether a workbook is small enough to be answered with its formats."""
    try:
        with zipfile.ZipFile(path) as archive:
            sheets = [one for one in archive.infolist() if one.filename.startswith("xl/worksheets/")]
            return sum(one.file_size for one in sheets) <= HELD_IN_MEMORY
    except (OSError, zipfile.BadZipFile):
        return False


def mark_workbook(
    source: Path, target: Path, tables: Sequence[TableAnswer], overview: Overview, language: Language
) -> None:
    """A copy of the workbook ``source`` at ``target``, answered. Raises ``OSError`` when it cannot be written, and
    what openpyxl raises for a workbook it cannot hold (:func:`mark_rows` then does with its contents)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(source, rich_text=True)
    for name in known_sheets() & set(book.sheetnames):
        del book[name]
    for table in tables:
        if isinstance(book[table.sheet], Worksheet):
            _answer_sheet(book[table.sheet], table, language)
    summing = book.create_sheet(sheet_name(language))
    for number, cells in enumerate(_overview_cells(overview, language), start=1):
        for column, (value, look) in enumerate(cells, start=1):
            _put(summing.cell(number, column), value, look)
    _widths(summing, (26, 80, 14, 10))
    _save(book, target)


def mark_rows(
    rows: Iterable[tuple[str, Row]],
    target: Path,
    tables: Sequence[TableAnswer],
    overview: Overview,
    language: Language,
) -> None:
    """A workbook with the contents of ``rows`` (sheet, row) as text, answered; memory does not grow with it."""
    book = Workbook(write_only=True)
    known = {table.sheet: table for table in tables}
    sheet, name, last = None, None, 0
    for place, (line, cells) in rows:
        if sheet is None or place != name:
            sheet, name, last = book.create_sheet(sheet_title(place, book.sheetnames)), place, 0
            wide = len(known[place].header.names) if place in known else 0
            _widths(sheet, ([14] * wide + list(_WIDTHS)) if wide else ())
        for _ in range(last + 1, line):
            sheet.append([])
        last = line
        sheet.append(list(_plain_row(sheet, line, cells, known.get(place), language)))
    summing = book.create_sheet(sheet_name(language))
    for facts in _overview_cells(overview, language):
        summing.append([_put(WriteOnlyCell(summing, None), value, look) for value, look in facts])
    _save(book, target)


# one sheet ----------------------------------------------------------------------------------------------------------


def _answer_sheet(sheet: Worksheet, table: TableAnswer, language: Language) -> None:
    header = table.header
    _forget(sheet, header)
    first = _free_column(sheet, header)
    for place, words in enumerate(column_names(language)):
        _put(sheet.cell(header.line, first + place), words, "head")
        letter = get_column_letter(first + place)
        sheet.column_dimensions[letter].width, sheet.column_dimensions[letter].hidden = _WIDTHS[place], False
    comments = 0
    for line, answer in table.rows.items():
        for place, value in enumerate(_said(answer)):
            _put(sheet.cell(line, first + place), value, answer.colour if place == 0 else "wrap" if place == 1 else "")
        for mark in _merged(answer.marks):
            cell = sheet.cell(line, mark.column + 1)
            if isinstance(cell, MergedCell):
                continue
            cell.fill = _FILLS[RED if mark.grave else AMBER]
            if comments < _COMMENTS and cell.comment is None:
                cell.comment = _comment(mark.words)
                comments += 1


def _said(answer: RowAnswer) -> tuple[str | float | None, ...]:
    return answer.verdict, "\n".join(answer.hints) or None, answer.score


def _merged(marks: Sequence[Mark]) -> Iterator[Mark]:
    """One mark a cell: the graver colour, all words."""
    places: dict[int, list[Mark]] = {}
    for mark in marks:
        places.setdefault(mark.column, []).append(mark)
    for column, those in places.items():
        words = dict.fromkeys(one.words for one in those)
        yield Mark(column, any(one.grave for one in those), "\n".join(words))


def _forget(sheet: Worksheet, header: Header) -> None:
    """Take away what an earlier answer left: its columns' contents, its comments and its colours."""
    ours = {f"00{name}" for name in (RED, AMBER, GREEN)}
    for row in sheet.iter_rows(min_row=header.line, max_col=_last_column(sheet)):
        for cell in row:
            if isinstance(cell, MergedCell):
                continue
            if cell.comment is not None and cell.comment.author == _AUTHOR:
                cell.comment = None
            if cell.fill.fill_type == "solid" and cell.fill.fgColor.rgb in ours:
                cell.fill = PatternFill()
            if cell.column - 1 in header.answers:
                cell.value = None


def _last_column(sheet: Worksheet) -> int:
    """The last column with contents: sheets whose format reaches to the last possible column have 16,384."""
    return max((column for (_, column), cell in sheet._cells.items() if cell.value is not None), default=1)


def _free_column(sheet: Worksheet, header: Header) -> int:
    """Where the answer goes: where an earlier one stood, else right of everything."""
    if header.answers and min(header.answers) >= len(header.names):
        return min(header.answers) + 1
    return max(_last_column(sheet), len(header.names)) + 1


def _comment(words: str) -> Comment:
    kept = clean(words)[:1_500]
    return Comment(kept, _AUTHOR, width=320, height=60 + 18 * (len(kept) // 24 + kept.count("\n")))


def _put(cell: Cell | MergedCell, value: str | float | None, look: str) -> Cell | MergedCell:
    """Fill a cell with text that stays text, or a number; ``look``: ``head``, ``wrap``, a colour or nothing."""
    if isinstance(cell, MergedCell):
        return cell
    cell.value = clean(value) if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"
        cell.quotePrefix = is_risky(value)
    if look == "head":
        cell.font, cell.fill, cell.alignment = _HEAD_FONT, _HEAD_FILL, _WRAP
    elif look:
        cell.alignment = _WRAP if look == "wrap" else _TOP
        if look in _FILLS:
            cell.fill = _FILLS[look]
    return cell


def _plain_row(
    sheet: "Worksheet", line: int, cells: Sequence[str], table: TableAnswer | None, language: Language
) -> Iterator[Cell | MergedCell | None]:
    answers = table.header.answers if table else frozenset[int]()
    answer = table.rows.get(line) if table else None
    marks = {mark.column: mark for mark in _merged(answer.marks)} if answer else {}
    wide = len(table.header.names) if table else 0
    kept = ["" if index in answers else cell for index, cell in enumerate(cells)]
    while len(kept) > wide and not kept[-1]:
        kept.pop()
    if table is None or line < table.header.line:
        wide = len(kept)
    kept += [""] * (wide - len(kept))
    for index in range(wide):
        yield _plain_cell(sheet, kept[index], marks.get(index))
    if table and line == table.header.line:
        for words in column_names(language):
            yield _put(WriteOnlyCell(sheet, None), words, "head")
    elif answer:
        for place, value in enumerate(_said(answer)):
            yield _put(WriteOnlyCell(sheet, None), value, answer.colour if place == 0 else "wrap" if place == 1 else "")
    elif table and line > table.header.line and len(kept) > wide:
        yield from (None for _ in _WIDTHS)
    for index in range(wide, len(kept)):  # what stood beyond the header stands beyond the answer
        yield _plain_cell(sheet, kept[index], marks.get(index))


def _plain_cell(sheet: Worksheet, written: str, mark: Mark | None) -> Cell | None:
    if not written and mark is None:
        return None
    cell = text_cell(sheet, written)  # type: ignore[arg-type]  # any sheet makes a cell
    if mark is not None:
        cell.fill = _FILLS[RED if mark.grave else AMBER]
        cell.comment = _comment(mark.words)
    return cell


# the summing sheet --------------------------------------------------------------------------------------------------

_Line = list[tuple[str | float | None, str]]


def _overview_cells(overview: Overview, language: Language) -> Iterator[_Line]:
    yield [(overview.title, "head")]
    for label, value in overview.facts:
        yield [(label, ""), (value, "wrap")]
    yield []
    yield [(text("marked.legend", language), "head")]
    yield [("", RED), (text("marked.red", language), "wrap")]
    yield [("", AMBER), (text("marked.amber", language), "wrap")]
    yield [("", ""), (text("marked.next", language), "wrap")]
    if overview.rules:
        yield []
        yield [(text("marked.rules", language), "head")]
        yield [(text(f"marked.{name}", language), "head") for name in ("rule", "what", "severity", "times")]
        for rule, words, severity, times in overview.rules:
            yield [(rule, ""), (words, "wrap"), (severity, ""), (times, "")]
    if overview.problems:
        yield []
        yield [(text("marked.problems", language), "head")]
        for problem in overview.problems:
            yield [("", AMBER), (problem, "wrap")]


def _widths(sheet: Worksheet, widths: Sequence[int]) -> None:
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width


def _save(book: Workbook, target: Path) -> None:
    """Write beside the target and put it in its place in one step. Raises ``OSError``."""
    handle, name = tempfile.mkstemp(prefix=".hilum-", suffix=".xlsx", dir=target.parent)
    os.close(handle)
    draft = Path(name)
    try:
        book.save(draft)
        draft.chmod(0o644)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
