"""The workbook: text stays text, figures are numbers, held records carry their hints and no donor's own number."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook

from hilum.formats import report_sheet
from hilum.formats.report_sheet import clean, is_risky, sheet_title
from hilum.formats.report_words import Words
from hilum.formats.report_xlsx import workbook
from hilum.messages import LANGUAGES, Language
from hilum.model.record import Kind, Locator, Value
from hilum.quality.collection import CollectionReport
from hilum.quality.finding import Finding, Judgement, RuleOutcome, Score, Verdict
from hilum.quality.rule import Dimension, Severity
from hilum.registry.stored import RecordState, StoredRecord
from hilum.testing.report_bank import shaped_report

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1+1", "＝1", "=cmd|'/C calc'!A0", "#REF!", "\r=1", "%0A=1"]


@pytest.fixture(scope="module")
def report() -> CollectionReport:
    return shaped_report()


def finding(rule: str, severity: Severity = Severity.BLOCK, found: str = "12", *, waived: bool = False) -> Finding:
    values: dict[str, Value] = {"volume_ul": found, "parent.volume_ul": 10}
    return Finding(rule, 1, RuleOutcome.FAIL, severity, Dimension.ACCURACY, "volume_ul", found, values, waived=waived)


def record(key: str, *findings: Finding, kind: Kind = Kind.SPECIMEN) -> StoredRecord:
    return StoredRecord(
        id="REC-1",
        kind=kind,
        key=key,
        donor="DNR-0000000000000-0",
        digest="d",
        locator=Locator("SRC-BRCA", "brca/aliquot.txt", 7),
        fields={},
        received_at="2026-11-01T00:00:00.000000Z",
        state=RecordState.HELD,
        judgement=Judgement(Verdict.HOLD, Score(59.0, 100.0, 60.0, None, 100.0, None), findings, 3, "d"),
    )


def made(report: CollectionReport, rows: list[StoredRecord], language: Language, folder: Path) -> Workbook:
    file = folder / "report.xlsx"
    workbook(report, iter(rows), language, file)
    return load_workbook(file)


def rows_of(book: Workbook, title: str) -> Iterator[dict[str, object]]:
    cells = book[title].iter_rows(values_only=True)
    head = [str(cell) for cell in next(cells)]
    return (dict(zip(head, row, strict=True)) for row in cells)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sheet_has_a_fixed_head_a_filter_and_widths(
    report: CollectionReport, language: Language, tmp_path: Path
) -> None:
    book = made(report, [record("T1", finding("SPM-NU-002"))], language, tmp_path)
    assert len(book.sheetnames) == 13
    for sheet in book.worksheets:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        letters = [get_column_letter(place) for place in range(1, sheet.max_column + 1)]
        assert all(sheet.column_dimensions[letter].width > 5 for letter in letters)
        assert all(cell.font.b for cell in sheet[1])


def test_no_cell_of_the_workbook_is_a_formula(report: CollectionReport, tmp_path: Path) -> None:
    evil = replace(report, cover=replace(report.cover, organization="=HYPERLINK(1)", title="@x", software="+y"))
    rows = [record(text, finding("SPM-NU-002", found=text)) for text in FORMULAS]
    book = made(evil, rows, "zh", tmp_path)
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    texts = [cell for cell in cells if isinstance(cell.value, str) and cell.value.startswith(("=", "+", "-", "@"))]
    assert len(texts) >= 8
    assert all(cell.quotePrefix for cell in texts)


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_might_run_is_seen(text: str) -> None:
    assert is_risky(text)


@pytest.mark.parametrize("text", ["", "TCGA-A2-A04P-01A", "样本", "3 = 3", "a@b"])
def test_plain_text_is_left_alone(text: str) -> None:
    assert not is_risky(text)


def test_characters_no_sheet_can_hold_are_replaced_and_long_text_is_cut() -> None:
    assert clean("a\x00b\x0bc") == "a\ufffdb\ufffdc"
    assert len(clean("长" * 40_000)) == 32_767


def test_a_held_record_shows_where_it_stood_what_was_found_and_what_to_do(
    report: CollectionReport, tmp_path: Path
) -> None:
    held = record(
        "B-1", finding("SPM-NU-003", Severity.WARN), finding("SPM-NU-002"), finding("SPM-UN-001", waived=True)
    )
    (row,) = rows_of(made(report, [held], "en", tmp_path), "Held records")
    assert row["Specimen key"] == "B-1"
    assert row["Source file"] == "brca.tar.xz"
    assert (row["Place"], row["Line"], row["Total score"]) == ("brca/aliquot.txt", 7, 59)
    assert row["Rules not passed"] == "SPM-NU-002, SPM-NU-003"
    assert str(row["Correction hint"]).startswith("The parent holds 10: check both volumes\n")
    assert row["Value found"] == "Volume: 12\nVolume: 12"


@pytest.mark.parametrize("kind", [Kind.DONOR, Kind.CONSENT, Kind.FOLLOW_UP, Kind.CONDITION])
def test_the_key_of_a_record_that_may_spell_out_its_donor_is_not_written(
    report: CollectionReport, kind: Kind, tmp_path: Path
) -> None:
    held = record("MRN-12345678", finding("DNR-CS-001"), kind=kind)
    book = made(report, [held], "zh", tmp_path)
    cells = {cell for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for cell in row}
    assert "MRN-12345678" not in cells
    assert {"REC-1", "DNR-0000000000000-0"} <= cells


def test_a_record_without_a_judgement_is_listed_all_the_same(report: CollectionReport, tmp_path: Path) -> None:
    (row,) = rows_of(made(report, [replace(record("B-1"), judgement=None)], "en", tmp_path), "Held records")
    assert (row["Specimen key"], row["Total score"], row["Rules not passed"]) == ("B-1", None, None)


def test_held_records_go_on_in_a_further_sheet_when_one_is_full(
    report: CollectionReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_sheet, "LAST_ROW", 100)
    book = made(report, [record(f"B-{place}") for place in range(150)], "en", tmp_path)
    assert len(list(rows_of(book, "Held records"))) == 99
    assert [row["Specimen key"] for row in rows_of(book, "Held records 2")][-1] == "B-149"


def test_the_figures_are_numbers_that_add_up_to_the_reports(report: CollectionReport, tmp_path: Path) -> None:
    book = made(report, [], "en", tmp_path)
    words = Words("en")
    sources = list(rows_of(book, words("sheet.sources")))
    assert sum(int(str(row["Accepted"])) for row in sources) == report.states.accepted
    whole = list(rows_of(book, words("sheet.kinds")))[-1]
    assert whole["Fit for use"] == pytest.approx(report.fit.share)
    assert (whole["Band, lower"], whole["Band, upper"]) == pytest.approx(report.fit.band)
    assert {str(row["Rule"]) for row in rows_of(book, words("sheet.findings"))} == {one.id for one in report.findings}


def test_sheet_titles_are_ones_a_sheet_may_have() -> None:
    assert sheet_title("a[b]:c*?/\\", []) == "a-b--c----"
    assert sheet_title("x" * 40, []) == "x" * 31
    assert sheet_title("Held", ["held"]) == "Held 2"
