"""XLSX as hospitals send it: cells of every kind, titles and merged headers, several sheets, and hostile zips."""

import zipfile
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from hilum.formats import workbook
from hilum.formats.suggestion import suggest
from hilum.model.record import Item, Record, SourceProblem

HEADERS = ["样本编号", "病案号", "样本类型", "冻存时间", "分装体积（μL）", "储存温度(℃)"]
AT = datetime(2024, 3, 5, 8, 30)  # noqa: DTZ001 - a spreadsheet's clock time


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return tmp_path / "入库.xlsx"


def new_book() -> tuple[openpyxl.Workbook, Worksheet]:
    made = openpyxl.Workbook()
    sheet = made.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "分装"
    return made, sheet


def read(path: Path, skip: int = 0) -> list[Item]:
    seen = workbook.previews(path, "入库.xlsx")
    mappings = {one.place: suggest(one.headers, one.samples, one.title).mapping for one in seen}
    return list(workbook.items(path, "入库.xlsx", "SRC", skip, mappings))


def records(items: list[Item]) -> list[Record]:
    return [item for item in items if isinstance(item, Record)]


def reasons(items: list[Item]) -> list[str]:
    return [item.reason for item in items if isinstance(item, SourceProblem)]


def test_a_title_merged_over_the_table_and_typed_cells_are_read(book: Path) -> None:
    made, sheet = new_book()
    sheet.append(["样本入库登记表"])
    sheet.merge_cells("A1:F1")
    sheet.append(HEADERS)
    sheet.append(["S1", 20240001, "血浆", AT, 500, -80])
    sheet.append(["S2", "20240002", "血清", "２０２４-０３-０５ ０９:００", "５００", -80.0])
    made.save(book)
    first, second = records(read(book))
    assert first.fields["frozen_at"] == "2024-03-05T00:30:00Z"
    assert (first.donor, first.fields["volume_ul"], first.fields["storage_c"]) == ("20240001", 500.0, -80.0)
    assert (second.fields["frozen_at"], second.fields["volume_ul"]) == ("2024-03-05T01:00:00Z", 500.0)
    assert [record.locator.line for record in (first, second)] == [3, 4]
    assert first.locator.place == "入库.xlsx!分装"


def test_a_header_merged_over_two_rows_is_one_header(book: Path) -> None:
    made, sheet = new_book()
    sheet.append(["样本编号", "病案号", "温度", None, "样本类型"])
    sheet.append([None, None, "储存温度(℃)", "冻存时间", None])
    for merged in ("A1:A2", "B1:B2", "C1:D1", "E1:E2"):
        sheet.merge_cells(merged)
    sheet.append(["S1", "P1", -80, AT, "血浆"])
    made.save(book)
    (record,) = records(read(book))
    assert (record.key, record.fields["storage_c"], record.fields["specimen_type"]) == ("S1", -80.0, "Plasma")


def test_an_error_cell_is_unreadable_and_the_row_goes_on(book: Path) -> None:
    made, sheet = new_book()
    sheet.append(HEADERS)
    sheet.append(["S1", "P1", "血浆", AT, "#N/A", -80])
    sheet["E2"].data_type = "e"
    made.save(book)
    (record,) = records(read(book))
    assert record.fields["volume_ul"] is None
    assert record.unreadable == {"volume_ul": "#N/A"}


def test_a_formula_without_a_cached_value_is_not_computed_and_is_told(book: Path) -> None:
    made, sheet = new_book()
    sheet.append(HEADERS)
    sheet.append(["S1", "P1", "血浆", AT, "=250*2", -80])
    sheet.append(["S2", "P1", "血浆", AT, "=250*3", -80])
    made.save(book)
    items = read(book)
    assert reasons(items) == ["formula_cell"]
    assert records(items)[0].unreadable == {"volume_ul": "=250*2"}


def test_the_cached_value_of_a_formula_is_taken_and_told(book: Path) -> None:
    made, sheet = new_book()
    sheet.append(HEADERS)
    sheet.append(["S1", "P1", "血浆", AT, "=250*2", -80])
    made.save(book)
    _edit(
        book,
        "xl/worksheets/sheet1.xml",
        lambda text: text.replace("<v></v>", "<v>500</v>").replace("<v />", "<v>500</v>"),
    )
    items = read(book)
    assert records(items)[0].fields["volume_ul"] == 500.0
    assert [(item.reason, item.values["column"]) for item in items if isinstance(item, SourceProblem)] == [
        ("formula_cell", "分装体积(μL)")
    ]


def test_every_visible_sheet_is_read_and_hidden_or_empty_ones_are_named(book: Path) -> None:
    made, sheet = new_book()
    sheet.append(HEADERS)
    sheet.append(["S1", "P1", "血浆", AT, 500, -80])
    other = made.create_sheet("诊断")
    other.append(["病理号", "病案号", "诊断名称", "诊断日期"])
    other.append(["B1", "P1", "肺腺癌", date(2024, 3, 1)])
    made.create_sheet("旧数据").sheet_state = "hidden"
    made.create_sheet("空表")
    made.save(book)
    items = read(book)
    assert sorted(reasons(items)) == ["hidden_sheet", "sheet_empty"]
    assert [record.kind.value for record in records(items)] == ["specimen", "condition"]
    assert records(items)[1].fields["diagnosed_on"] == "2024-03-01"


def test_a_sheet_nobody_mapped_does_not_stop_the_others(book: Path) -> None:
    made, sheet = new_book()
    sheet.append(HEADERS)
    sheet.append(["S1", "P1", "血浆", AT, 500, -80])
    made.create_sheet("杂项").append(["甲", "乙"])
    made.save(book)
    seen = workbook.previews(book, "入库.xlsx")
    mappings = {seen[0].place: suggest(seen[0].headers).mapping}
    items = list(workbook.items(book, "入库.xlsx", "SRC", 0, mappings))
    assert reasons(items) == ["mapping_needed"]
    assert len(records(items)) == 1


def test_a_cell_beyond_the_header_is_told_and_the_row_is_read(book: Path) -> None:
    made, sheet = new_book()
    sheet.append(HEADERS)
    sheet.append(["S1", "P1", "血浆", AT, 500, -80, "手写备注"])
    made.save(book)
    items = read(book)
    assert reasons(items) == ["cells_unnamed"]
    assert len(records(items)) == 1
    assert "手写备注" not in repr(items)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "TRUE"),
        (500.0, "500"),
        (0.1 + 0.2, "0.3"),
        (-80, "-80"),
        (time(8, 30), "08:30:00"),
        (AT, "2024-03-05 08:30:00"),
        (datetime(2024, 3, 5), "2024-03-05"),  # noqa: DTZ001
        ("  S1 ", "S1"),
        (12345678901234, "12345678901234"),
        (None, ""),
    ],
)
def test_a_cell_is_the_text_a_person_sees(book: Path, value: object, text: str) -> None:
    made, sheet = new_book()
    cell = sheet.cell(1, 1)
    cell.value = value  # type: ignore[assignment]
    if value == datetime(2024, 3, 5):  # noqa: DTZ001
        cell.number_format = "yyyy-mm-dd"
    made.save(book)
    assert workbook.text_of(openpyxl.load_workbook(book).worksheets[0].cell(1, 1)) == text


def test_reading_goes_on_where_it_stopped(book: Path) -> None:
    made, sheet = new_book()
    sheet.append(HEADERS)
    for number in range(20):
        sheet.append([f"S{number}", "P1", "血浆", AT, 500, -80])
    made.save(book)
    assert read(book, 7) == read(book)[7:]


def test_a_zip_bomb_is_refused_before_it_is_unpacked(book: Path) -> None:
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(64):
                sheet.write(b" " * (1 << 20))
    assert book.stat().st_size < 1 << 20
    items = list(workbook.items(book, "入库.xlsx", "SRC", 0, {}))
    assert [(item.reason, item.fatal) for item in items if isinstance(item, SourceProblem)] == [
        ("workbook_too_big", True)
    ]
    assert workbook.previews(book, "入库.xlsx") == []


def test_an_entity_bomb_in_a_workbook_is_a_problem(book: Path) -> None:
    made, sheet = new_book()
    sheet.append(HEADERS)
    made.save(book)
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    _edit(book, "xl/worksheets/sheet1.xml", lambda text: bomb + text.split("?>", 1)[-1].replace("样本编号", "&b;"))
    assert "workbook_unreadable" in reasons(list(workbook.items(book, "入库.xlsx", "SRC", 0, {})))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "workbook_unreadable"),
        (b"PK\x03\x04 cut off", "workbook_unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "workbook_old_or_locked"),
        (b"a,b\n1,2\n", "workbook_unreadable"),
    ],
)
def test_what_is_no_workbook_is_a_fatal_problem(book: Path, content: bytes, reason: str) -> None:
    book.write_bytes(content)
    assert reasons(list(workbook.items(book, "入库.xlsx", "SRC", 0, {}))) == [reason]


def _edit(path: Path, name: str, change: object) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {entry: archive.read(entry) for entry in archive.namelist()}
    assert callable(change)
    parts[name] = change(parts[name].decode("utf-8")).encode("utf-8")
    with zipfile.ZipFile(path, "w") as archive:
        for entry, content in parts.items():
            archive.writestr(entry, content)
