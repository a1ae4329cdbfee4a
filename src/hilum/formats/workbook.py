"""XLSX workbooks as hospitals send them: titles, merged headers, several sheets, formulas, cells of every kind.

A workbook is a zip of XML and is treated as hostile before the reader sees it. Sheets are read row by row; the table
of shared strings is the one thing held in memory, and its size is limited.
"""

import re
import struct
import warnings
import zipfile
import zlib
from collections import abc
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice, zip_longest
from pathlib import Path
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml.common import DefusedXmlException
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook.workbook import Workbook

from hilum.formats.mapping import TableMapping
from hilum.formats.marked_words import known_sheets
from hilum.formats.sheet_facts import SheetFacts, SheetScan, filled_down
from hilum.formats.table import HEADER_WITHIN, Header, Preview, Row, find_header
from hilum.formats.table import items as table_items
from hilum.formats.table import preview as look
from hilum.model.record import Item, Locator, SourceProblem

AnyCell = Cell | MergedCell | ReadOnlyCell | EmptyCell

LARGEST = 1 << 30
"""Bytes a workbook may hold unpacked: a million rows of thirty columns take about half of it."""
LARGEST_STRINGS = 256 << 20
_RATIO, _RATIO_FROM = 300, 16 << 20
_EMPTY_RUN = 10_000
"""Sheets whose last used row is wrongly the last possible one end after so many blank rows."""
_WIDEST = 2_000
"""Columns read of a row; sheets whose format reaches to the last possible column have 16,384."""
_ZEROS = re.compile("0{2,30}")
_BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, InvalidFileException, DefusedXmlException, ParseError, LookupError,
    ValueError, TypeError, AttributeError, OSError, EOFError, RuntimeError, ArithmeticError, AssertionError,
)  # fmt: skip
"""What the zip, XML and spreadsheet readers are known to raise on damaged files; found by fuzzing."""
_TELLING = (zipfile.BadZipFile, ParseError)
"""Those whose words are about the file and never about what a cell holds."""


class _Refusal(Exception):  # noqa: N818 - carried from the guards to the one place that makes a problem of it
    def __init__(self, reason: str, values: abc.Mapping[str, str | int]) -> None:
        super().__init__(reason)
        self.reason, self.values = reason, values


def previews(path: Path, place: str) -> list[Preview]:
    """Headers and first rows of every visible sheet that holds a table; ``Preview.place`` is the sheet's name.

    A damaged workbook has none: :func:`items` says what is wrong with it.
    """
    found: list[Preview] = []
    try:
        with _Book(path) as book:
            for sheet in book.visible:
                seen = look(sheet, list(islice(book.rows(sheet), HEADER_WITHIN + 20)))
                if seen is not None:
                    found.append(seen)
    except (_Refusal, *_BROKEN):
        return found
    return found


def items(
    path: Path, place: str, source_id: str, skip: int, mappings: abc.Mapping[str, TableMapping]
) -> Iterator[Item]:
    """The records of every visible sheet through ``mappings`` (sheet name -> mapping), the first ``skip`` left out.

    Locators name ``place!sheet`` and the row. A sheet nobody mapped is one fatal problem of that sheet; the others
    are read. A damaged workbook is a fatal problem after what could still be read.
    """
    yield from islice(_items(path, place, source_id, mappings), skip, None)


def headers_of(path: Path, mappings: abc.Mapping[str, TableMapping]) -> dict[str, Header]:
    """Where each visible sheet's header is, as :func:`items` finds it; nothing of a damaged workbook."""
    found: dict[str, Header] = {}
    try:
        with _Book(path) as book:
            for name in book.visible:
                mapping = mappings.get(name)
                expected = frozenset(mapping.headers) if mapping else frozenset()
                header = find_header(list(islice(book.rows(name), HEADER_WITHIN)), expected)
                if header is not None:
                    found[name] = header
    except (_Refusal, *_BROKEN):
        return found
    return found


def rows_of(path: Path) -> Iterator[tuple[str, Row]]:
    """Sheet and row of everything visible, as :func:`items` sees it; ends where the workbook is damaged."""
    try:
        with _Book(path) as book:
            for name in book.visible:
                for row in book.rows(name):
                    yield name, row
    except (_Refusal, *_BROKEN):
        return


def _items(path: Path, place: str, source_id: str, mappings: abc.Mapping[str, TableMapping]) -> Iterator[Item]:
    whole = Locator(source_id, place, 0)
    try:
        with _Book(path) as book:
            for name in book.hidden:
                yield SourceProblem("hidden_sheet", Locator(source_id, _place(place, name), 0), {"sheet": name})
            for name in book.visible:
                at = Locator(source_id, _place(place, name), 0)
                try:
                    yield from _sheet(book, name, at, mappings.get(name))
                except _BROKEN as broken:  # this sheet ends here; the others are read
                    yield SourceProblem("workbook_unreadable", at, {"why": _why(broken)}, fatal=True)
    except _Refusal as refused:
        yield SourceProblem(refused.reason, whole, refused.values, fatal=True)
    except _BROKEN as broken:
        yield SourceProblem("workbook_unreadable", whole, {"why": _why(broken)}, fatal=True)


def _why(broken: Exception) -> str:
    """What went wrong, in printable words, without anything a cell may hold."""
    words = str(broken) if isinstance(broken, _TELLING) else ""
    shown = "".join(letter if letter.isprintable() else "?" for letter in words)[:160]
    name = "damaged data" if isinstance(broken, zlib.error | struct.error) else type(broken).__name__
    return f"{name}: {shown}" if shown else name


def _place(place: str, sheet: str) -> str:
    return f"{place}!{sheet}" if place else sheet


def _sheet(book: "_Book", name: str, at: Locator, mapping: TableMapping | None) -> Iterator[Item]:
    def locate(line: int) -> Locator:
        return Locator(at.source, at.place, line)

    first = list(islice(book.rows(name), HEADER_WITHIN))
    header = find_header(first, frozenset(mapping.headers) if mapping else frozenset())
    if header is None:
        yield SourceProblem("sheet_empty", at, {"sheet": name})
    elif mapping is None:
        names = [column for column in header.names if column]
        values: dict[str, str | int] = {"columns": "、".join(names[:60]), "count": len(names)}
        yield SourceProblem("mapping_needed", locate(header.line), values, fatal=True)
    else:
        told: set[str] = set()
        yield from _about_sheet(book.facts(name), header, locate)
        rows = filled_down(book.rows(name), book.facts(name).merged, header.line)
        for item in table_items(rows, header, mapping, locate, fixed=True):
            if isinstance(item, SourceProblem) and item.reason == "formula_cell":
                told.add(str(item.values["column"]))
            yield item
        for column, row in book.formulas.get(name, {}).items():
            title = (header.names[column - 1] if column <= len(header.names) else "") or str(column)
            if title not in told:
                yield SourceProblem("formula_cell", locate(row), {"column": title, "line": row})


def _about_sheet(facts: SheetFacts, header: Header, locate: abc.Callable[[int], Locator]) -> Iterator[SourceProblem]:
    """What a person who looks at the sheet does not see, or sees in one cell although it counts for several rows."""
    at = locate(header.line)
    rows = [line for line in facts.hidden_rows if line > header.line]
    if rows:
        yield SourceProblem("hidden_rows", at, {"count": len(rows), "first": rows[0]})
    names = [header.names[place] for place in facts.hidden_columns if place < len(header.names)]
    if names:
        yield SourceProblem("hidden_columns", at, {"count": len(names), "columns": "、".join(filter(None, names))})
    merged = [one for one in facts.merged if one.first >= header.line and one.last > one.first]
    if merged:
        yield SourceProblem("merged_down", at, {"count": len(merged), "first": merged[0].first})


class _Book:
    """An opened workbook: its cached values and, where a sheet has formulas, the formulas beside them."""

    def __init__(self, path: Path) -> None:
        self._facts = guard(path)
        self._with_formulas = any(one.formulas for one in self._facts.values())
        self._values = _open(path, data_only=True)
        self._formulas = _open(path, data_only=False) if self._with_formulas else None
        states = {sheet.title: sheet.sheet_state for sheet in self._values.worksheets}
        self.visible = [name for name, state in states.items() if state == "visible" and name not in known_sheets()]
        self.hidden = [name for name, state in states.items() if state != "visible"]
        self.formulas: dict[str, dict[int, int]] = {}

    def __enter__(self) -> "_Book":
        return self

    def __exit__(self, *_: object) -> None:
        self._values.close()
        if self._formulas is not None:
            self._formulas.close()

    def facts(self, name: str) -> SheetFacts:
        """What the sheet's XML says beside its cells."""
        path = str(getattr(self._values[name], "_worksheet_path", "")).lstrip("/")
        return self._facts.get(path, SheetFacts())

    def rows(self, name: str) -> Iterator[Row]:
        """``(row number, cells as text)``; rows cut off at the last cell in use, long runs of blank rows end it."""
        blank = 0
        for line, cells in enumerate(self._cells(name), 1):
            blank = 0 if any(cells) else blank + 1
            if blank > _EMPTY_RUN:
                return
            yield line, cells

    def _cells(self, name: str) -> Iterator[list[str]]:
        rows = _quietly(self._values[name].iter_rows())
        if self._formulas is None:
            yield from ([text_of(cell) for cell in row[:_WIDEST]] for row in rows)
            return
        for row, formulas in zip_longest(rows, _quietly(self._formulas[name].iter_rows()), fillvalue=()):
            both = zip_longest(row[:_WIDEST], formulas[:_WIDEST])
            yield [self._beside(name, cell, formula) for cell, formula in both]

    def _beside(self, name: str, cell: AnyCell | None, formula: AnyCell | None) -> str:
        """The cached value of a formula, or the formula itself where the program that wrote it kept none."""
        text = text_of(cell) if cell is not None else ""
        if isinstance(formula, ReadOnlyCell) and formula.data_type == "f":
            self.formulas.setdefault(name, {}).setdefault(formula.column, formula.row)
            return text or str(formula.value)
        return text


def _quietly(rows: Iterator[tuple[AnyCell, ...]]) -> Iterator[tuple[AnyCell, ...]]:
    """The rows, without the reader's remarks on the console about styles and dates it does not know."""
    while True:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            row = next(rows, None)
        if row is None:
            return
        yield row


def _open(path: Path, data_only: bool) -> Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(path, read_only=True, data_only=data_only, keep_links=False)
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # the size written in the file is often wrong (WPS, report tools)
    return book


def guard(path: Path) -> dict[str, SheetFacts]:
    """Check a workbook before it is opened; answers what each sheet's XML says beside its cells.

    Refuses what is no zip, encrypted, without a workbook, or bigger unpacked than the limits. Sizes in a zip's
    directory can lie, but the reader below never unpacks more than they say, so they bound it either way.
    """
    with path.open("rb") as file:
        head = file.read(8)
    if head == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise _Refusal("workbook_old_or_locked", {})
    try:
        with zipfile.ZipFile(path) as archive:
            _check_sizes(archive.infolist())
            sheets = [entry for entry in archive.infolist() if entry.filename.startswith("xl/worksheets/")]
            return {entry.filename: _scanned(archive, entry) for entry in sheets}
    except _BROKEN as broken:
        raise _Refusal("workbook_unreadable", {"why": _why(broken)}) from broken


def _check_sizes(entries: Sequence[zipfile.ZipInfo]) -> None:
    total = sum(entry.file_size for entry in entries)
    strings = sum(entry.file_size for entry in entries if entry.filename.endswith("sharedStrings.xml"))
    dense = any(
        entry.file_size > _RATIO_FROM and entry.file_size > _RATIO * max(entry.compress_size, 1) for entry in entries
    )
    if total > LARGEST or strings > LARGEST_STRINGS or dense or len(entries) > 10_000:
        raise _Refusal("workbook_too_big", {"size_mb": total >> 20, "limit_mb": LARGEST >> 20})


def _scanned(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> SheetFacts:
    scan = SheetScan()
    with archive.open(entry) as sheet:
        while chunk := sheet.read(1 << 20):
            scan.feed(chunk)
    return scan.facts()


def text_of(cell: AnyCell) -> str:
    """What a person sees in the cell, as far as it means something: ISO dates, whole numbers without ``.0``."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return _moment(value, str(getattr(cell, "number_format", "") or ""))
    if isinstance(value, int | float):
        return _number(value, str(getattr(cell, "number_format", "") or ""))
    if isinstance(value, timedelta):
        return _clock(value)
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _moment(value: datetime, shown_as: str) -> str:
    """A day where the sheet shows a day, else an instant to the second (Excel's fractions are rounding)."""
    near = (value + timedelta(milliseconds=500)).replace(microsecond=0)
    shows_time = bool(re.search(r"[hH时]", re.sub(r'"[^"]*"|\[[^\]]*\]', "", shown_as)))
    midnight = (near.hour, near.minute, near.second) == (0, 0, 0)
    return near.date().isoformat() if midnight and not shows_time else near.isoformat(sep=" ")


def _number(value: float, shown_as: str = "") -> str:
    """Shortest text of the number; a whole one without a point, with the zeros a format of zeros puts before it.

    A spreadsheet keeps fifteen digits: a longer whole number has lost its last ones, and is written so that it shows.
    """
    if float(value).is_integer() and abs(value) < 10**15:
        digits = str(int(value))
        return digits.zfill(len(shown_as)) if _ZEROS.fullmatch(shown_as) and value >= 0 else digits
    return f"{value:.15g}" if abs(value) < 10**15 or isinstance(value, float) else f"{float(value):.14E}"


def _clock(value: timedelta) -> str:
    seconds = round(value.total_seconds())
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
