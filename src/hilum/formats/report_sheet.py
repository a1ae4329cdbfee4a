"""Sheets a spreadsheet program opens without surprise: text is text, never a formula; rows are written as they come."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

Value = str | int | float | None

# what spreadsheet programs take for a formula, a command or an error value, also in full-width letters
_RISKY = tuple("=+-@\t\r\n|%#＝＋－＠")
_LONGEST = 32_767
LAST_ROW = 1_048_576
_HEAD_FONT, _HEAD_FILL = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="0E5A6B")
_WRAP, _TOP = Alignment(wrap_text=True, vertical="top"), Alignment(vertical="top")
PERCENT, POINTS = "0.00%", "0.0"


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column's head, width in letters, and number format (empty: general); ``wrap`` breaks long text."""

    head: str
    width: int = 14
    number: str = ""
    wrap: bool = False


class Book:
    """A workbook whose rows go to disk as they come, so that a million of them need no more memory than ten."""

    def __init__(self, title: str, creator: str) -> None:
        self._book = Workbook(write_only=True)
        self._book.properties.title, self._book.properties.creator = clean(title), clean(creator)

    def sheet(self, title: str, columns: Sequence[SheetColumn]) -> "Sheet":
        """A new sheet at the end."""
        return Sheet(self._book.create_sheet(sheet_title(title, self._book.sheetnames)), columns)

    def save(self, path: Path) -> None:
        """Write the file. Raises ``OSError`` when it cannot be written."""
        self._book.save(path)


class Sheet:
    """One sheet, written from the top; :meth:`close` sets the filter over what was written."""

    def __init__(self, sheet: WriteOnlyWorksheet, columns: Sequence[SheetColumn]) -> None:
        self._sheet = sheet
        self._columns = columns
        self._rows = 1
        self._sheet.freeze_panes = "A2"
        for place, column in enumerate(columns, start=1):
            # the stubs lack what every worksheet has
            self._sheet.column_dimensions[get_column_letter(place)].width = column.width  # type: ignore[attr-defined]
        self._sheet.append([self._head(column.head) for column in columns])

    @property
    def is_full(self) -> bool:
        """Whether a spreadsheet holds no further row."""
        return self._rows >= LAST_ROW

    def row(self, *values: Value) -> None:
        """Append a row; values stand under the columns in order."""
        self._sheet.append([self._cell(value, column) for value, column in zip(values, self._columns, strict=True)])
        self._rows += 1

    def close(self) -> None:
        """Say over which cells the filter works."""
        cells = f"A1:{get_column_letter(len(self._columns))}{self._rows}"
        self._sheet.auto_filter.ref = cells  # type: ignore[attr-defined]  # the stubs lack what every worksheet has

    def _head(self, words: str) -> Cell:
        cell = text_cell(self._sheet, words)
        cell.font, cell.fill, cell.alignment = _HEAD_FONT, _HEAD_FILL, _WRAP
        return cell

    def _cell(self, value: Value, column: SheetColumn) -> Cell | Value:
        if isinstance(value, str):
            if not column.wrap and not is_risky(value):
                return clean(value)
            cell = text_cell(self._sheet, value)
            cell.alignment = _WRAP if column.wrap else _TOP
            return cell
        if value is None or not math.isfinite(value):
            return None
        if not column.number:
            return value
        cell = WriteOnlyCell(self._sheet, value)
        cell.number_format = column.number
        return cell


def is_risky(text: str) -> bool:
    """Whether a spreadsheet program might take ``text`` for something else than text."""
    return text.lstrip(" \u00a0\u3000").startswith(_RISKY)


def clean(text: str) -> str:
    """``text`` without characters no sheet can hold, and no longer than a cell."""
    kept = ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)
    return kept if len(kept) <= _LONGEST else kept[: _LONGEST - 1] + "…"


def text_cell(sheet: WriteOnlyWorksheet, text: str) -> Cell:
    """A cell that holds text and nothing but text, marked so that editing it does not make it a formula."""
    cell = WriteOnlyCell(sheet, clean(text))
    cell.data_type = "s"
    cell.quotePrefix = is_risky(text)
    return cell


def sheet_title(words: str, taken: Sequence[str]) -> str:
    """A title a sheet may have: no ``[]:*?/\\``, at most 31 letters, not there yet."""
    kept = "".join("-" if letter in "[]:*?/\\" else letter for letter in words)[:31].strip("'") or "-"
    title, number = kept, 2
    while title.lower() in {one.lower() for one in taken}:
        title, number = f"{kept[:27]} {number}", number + 1
    return title
