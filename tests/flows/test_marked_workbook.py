"""A hospital's own workbook comes back marked, is mended by a person and goes in again."""

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from tests.flows.terminal import Terminal

HEADER = ("样本编号", "病案号", "样本类型", "采集时间", "体积(mL)", "采集人")


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    made = Terminal(tmp_path / "home")
    made.type("init")
    return made


def workbook(path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "采集登记"
    sheet["A1"] = "某医院采集登记表"
    sheet.merge_cells("A1:F1")
    sheet.column_dimensions["A"].width = 22
    rows: list[tuple[str | float | datetime | None, ...]] = [
        HEADER,
        ("S001", "P00123", "血浆", datetime(2024, 3, 5, 8, 30), 0.5, "护士1"),  # noqa: DTZ001 - a sheet has no zone
        ("S002", None, "血浆", "03/04/2024 08:30", "0.5ml", "=1+1"),
        ("S003", None, "血清", "2024-03-05 下午3点半", "3,5", "#N/A"),
        ("6.90123E+12", "P00123", "血清", "2024-03-05 09:00", 1, "护士2"),
    ]
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            sheet.cell(number, column, value)
    sheet.merge_cells("B3:B5")
    book.create_sheet("说明")["A1"] = "=1+2"
    book.save(path)
    return path


def cells(path: Path) -> Worksheet:
    sheet = openpyxl.load_workbook(path)["采集登记"]
    assert isinstance(sheet, Worksheet)
    return sheet


def colour(sheet: Worksheet, place: str) -> str:
    fill = sheet[place].fill
    return str(fill.fgColor.rgb)[2:] if fill.fill_type else ""


def test_the_doubtful_cell_is_coloured_and_commented_and_everything_else_stays(
    terminal: Terminal, tmp_path: Path
) -> None:
    source, out = workbook(tmp_path / "in.xlsx"), tmp_path / "out.xlsx"
    terminal.type("mapping", "confirm", source)
    before = source.read_bytes()
    terminal.type("check", source, "--marked", out, code=10)
    sheet = cells(out)
    assert [sheet.cell(2, column).value for column in (7, 8, 9)] == ["质控结论", "质控提示", "质量评分"]
    assert colour(sheet, "D4") == colour(sheet, "E5") == colour(sheet, "A6") == "F8CBAD"
    assert colour(sheet, "E4") == "", "0.5ml is read: its unit converts"
    assert "2024-03-04" in sheet["D4"].comment.text
    assert "3.5 / 35" in sheet["E5"].comment.text
    assert (sheet["A1"].value, sheet.column_dimensions["A"].width) == ("某医院采集登记表", 22)
    assert "P00123" not in "".join(
        str(cell.comment.text) for row in sheet.iter_rows() for cell in row if cell.comment is not None
    )
    assert openpyxl.load_workbook(out)["说明"]["A1"].value == "=1+2"
    assert source.read_bytes() == before


def test_a_mended_answer_goes_in_and_the_quality_columns_are_passed_over(terminal: Terminal, tmp_path: Path) -> None:
    source, out, again = workbook(tmp_path / "in.xlsx"), tmp_path / "out.xlsx", tmp_path / "again.xlsx"
    terminal.type("mapping", "confirm", source)
    terminal.type("intake", source, "--marked", out, code=10)
    book = openpyxl.load_workbook(out)
    book["采集登记"]["E5"], book["采集登记"]["D4"] = 3.5, "2024-03-04 08:30"
    book.save(out)
    told = terminal.type("intake", out, "--marked", again, code=10).stdout
    assert "质控" not in told, "no problem speaks of the columns the answer added"
    sheet = cells(again)
    assert (colour(sheet, "E5"), colour(sheet, "D4")) == ("", "")
    assert sheet["E5"].comment is None
    assert [sheet.cell(2, column).value for column in range(7, 11)] == ["质控结论", "质控提示", "质量评分", None]
    assert sheet["G3"].value == "已收录，无变化"


def test_a_csv_file_is_answered_as_a_workbook_of_texts(terminal: Terminal, tmp_path: Path) -> None:
    source, out = tmp_path / "t.csv", tmp_path / "marked.xlsx"
    source.write_text(
        f"{','.join(HEADER)}\n007,P1,血浆,2024-02-30 08:30,0.5,=1+1\nS2,P1,血浆,2024-03-05 08:30,12 mg,甲,多\n",
        encoding="gbk",
    )
    terminal.type("mapping", "confirm", source)
    terminal.type("check", source, "--marked", out, code=10)
    sheet = openpyxl.load_workbook(out)["t"]
    assert [sheet["A2"].value, sheet["F2"].value, sheet["F2"].data_type] == ["007", "=1+1", "s"]
    assert "2024-02-29" in sheet["D2"].comment.text
    assert [sheet["G3"].value, sheet["J3"].value] == ["未读取", "多"]
    assert "质控汇总" in openpyxl.load_workbook(out).sheetnames


def test_the_file_itself_is_never_the_place_of_its_answer(terminal: Terminal, tmp_path: Path) -> None:
    source = workbook(tmp_path / "in.xlsx")
    before = source.read_bytes()
    terminal.type("check", source, "--marked", source, code=3)
    terminal.type("check", source, "--marked", str(tmp_path / "out.pdf"), code=3)
    assert source.read_bytes() == before


def test_several_files_are_answered_in_a_folder(terminal: Terminal, tmp_path: Path) -> None:
    first, second = workbook(tmp_path / "a.xlsx"), workbook(tmp_path / "b.xlsx")
    terminal.type("mapping", "confirm", first)
    terminal.type("check", first, second, "--marked", str(tmp_path / "answers"), code=10)
    assert sorted(one.name for one in (tmp_path / "answers").iterdir()) == ["a.marked.xlsx", "b.marked.xlsx"]
