"""Sheets as people lay them out: deep headers, merged and hidden cells, identifiers a spreadsheet has eaten."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from hilum.formats import workbook
from hilum.formats.sheet_facts import Merged, SheetScan
from hilum.formats.suggestion import suggest
from hilum.model.record import Item, Record, SourceProblem

HEADER = ("样本编号", "病案号", "样本类型", "采集时间", "体积(mL)", "采集人")


def read(path: Path) -> list[Item]:
    (seen,) = workbook.previews(path, "t.xlsx")
    mapping = suggest(seen.headers, seen.samples, seen.title).mapping
    return list(workbook.items(path, "t.xlsx", "SRC", 0, {seen.place: mapping}))


def made(
    path: Path, rows: list[tuple[str | float | None, ...]], change: Callable[[Worksheet], None] = lambda _: None
) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in rows:
        sheet.append(row)
    change(sheet)
    book.save(path)
    return path


def records(items: list[Item]) -> list[Record]:
    return [item for item in items if isinstance(item, Record)]


def reasons(items: list[Item]) -> list[str]:
    return [item.reason for item in items if isinstance(item, SourceProblem)]


def test_a_donor_merged_over_his_tubes_is_the_donor_of_each(tmp_path: Path) -> None:
    rows: list[tuple[str | float | None, ...]] = [HEADER]
    rows += [(f"S{n}", "P1" if n == 1 else None, "血浆", "2024-03-05 08:30", 0.5, "甲") for n in range(1, 5)]

    def merge(sheet: Worksheet) -> None:
        sheet.merge_cells("B2:B4")

    items = read(made(tmp_path / "t.xlsx", rows, merge))
    assert [record.donor for record in records(items)] == ["P1", "P1", "P1", None]
    assert reasons(items) == ["merged_down"]


def test_hidden_rows_and_columns_are_read_and_told(tmp_path: Path) -> None:
    def hide(sheet: Worksheet) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["F"].hidden = True

    rows: list[tuple[str | float | None, ...]] = [
        HEADER,
        *((f"S{n}", "P1", "血浆", "2024-03-05 08:30", 1, "甲") for n in (1, 2)),
    ]
    items = read(made(tmp_path / "t.xlsx", rows, hide))
    assert reasons(items) == ["hidden_rows", "hidden_columns"]
    assert [record.fields["collected_by"] for record in records(items)] == ["甲", "甲"]


def test_a_header_in_three_rows_is_one_header(tmp_path: Path) -> None:
    rows: list[tuple[str | float | None, ...]] = [
        ("基本信息", None, "样本", None, None, None),
        ("编号信息", None, "采集", None, "实验室", None),
        HEADER,
        ("S1", "P1", "血浆", "2024-03-05 08:30", 0.5, "甲"),
    ]
    assert [record.key for record in records(read(made(tmp_path / "t.xlsx", rows)))] == ["S1"]


def test_zeros_a_format_shows_are_part_of_the_identifier(tmp_path: Path) -> None:
    def zeros(sheet: Worksheet) -> None:
        sheet["A2"].number_format = "000000"

    rows: list[tuple[str | float | None, ...]] = [HEADER, (123, "P1", "血浆", "2024-03-05 08:30", 0.5, "甲")]
    assert [record.key for record in records(read(made(tmp_path / "t.xlsx", rows, zeros)))] == ["000123"]


@pytest.mark.parametrize("eaten", ["6.90123E+12", 690123456789012345])
def test_an_identifier_that_lost_its_last_digits_is_unreadable(tmp_path: Path, eaten: str | int) -> None:
    rows: list[tuple[str | float | None, ...]] = [HEADER, (eaten, "P1", "血浆", "2024-03-05 08:30", 0.5, "甲")]
    (record,) = records(read(made(tmp_path / "t.xlsx", rows)))
    assert "specimen_id" in record.unreadable


def test_what_a_failed_formula_left_is_no_value_and_told(tmp_path: Path) -> None:
    rows: list[tuple[str | float | None, ...]] = [HEADER, ("S1", "P1", "血浆", "2024-03-05 08:30", 0.5, "#N/A")]
    items = read(made(tmp_path / "t.xlsx", rows))
    assert reasons(items) == ["error_cell"]
    assert records(items)[0].unreadable == {"collected_by": "#N/A"}


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_facts_are_the_same_however_the_bytes_are_cut(size: int) -> None:
    xml = b'<cols><col min="2" max="3" hidden="1"/></cols><row r="5" hidden="1"><c><f>A1</f></c></row>'
    xml += b'<mergeCells><mergeCell ref="B2:C9"/><mergeCell ref="A1:F1"/></mergeCells>'
    scan = SheetScan()
    for start in range(0, len(xml), size):
        scan.feed(xml[start : start + size])
    facts = scan.facts()
    assert (facts.formulas, facts.merged) == (True, (Merged(2, 9, 1),))
    assert (facts.hidden_rows, facts.hidden_columns) == ((5,), (1, 2))
