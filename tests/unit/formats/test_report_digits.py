"""The section on preferred digits: what the page, the workbook and the JSON say of it, and keep back."""

import json
import random
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from openpyxl import load_workbook

from hilum.formats.report_digits import p_value, preferred_digits
from hilum.formats.report_html import html
from hilum.formats.report_json import as_json
from hilum.formats.report_words import Words
from hilum.formats.report_xlsx import workbook
from hilum.messages import LANGUAGES, Language
from hilum.model.record import Kind, Value
from hilum.quality.collection import CollectionReport
from hilum.quality.collection_digits import DigitCounts, DigitFigures, Look, Preferred, Series
from hilum.testing.report_bank import shaped_report

HOSTILE = "=1+1<script>alert(1)</script>"
DONOR = "DNR-SECRET"


def figures() -> DigitFigures:
    """Sodium rounded to 5 at one site, albumin as measured at the other."""
    chance = random.Random(11)
    counts = DigitCounts()
    for place in range(400):
        sodium: dict[str, Value] = {
            "analyte": "sodium",
            "unit": "mmol/L",
            "value": 5.0 * chance.randrange(20, 40) + (place % 25 == 0),
        }
        albumin: dict[str, Value] = {"analyte": "albumin", "unit": "g/L", "value": round(chance.gauss(40, 8), 1)}
        counts.add("TSS 01", Kind.OBSERVATION, f"{DONOR}-{place}", sodium)
        counts.add("TSS 02", Kind.OBSERVATION, f"{DONOR}-{place}", albumin)
        counts.add("TSS 02", Kind.DONOR, f"{DONOR}-{place}", {"weight_kg": 61.7} if place < 3 else {})
    return counts.figures()


def preferred(place: int) -> Preferred:
    series = Series(f"S{place:02d}", Kind.SLIDE, "necrosis_percent")
    return Preferred(series, 900, 0, 400.0, 1e-9, 0.67, ((0, 0.5), (5, 0.3)), Look.ROUNDED)


@pytest.fixture(scope="module")
def report() -> CollectionReport:
    return replace(shaped_report(), digits=figures())


def said(report: CollectionReport, language: Language) -> str:
    return unescape(" ".join(re.sub("<[^>]+>", " ", part) for part in preferred_digits(report, Words(language))))


def test_the_page_names_field_site_number_digits_and_p_in_both_languages(report: CollectionReport) -> None:
    (found,) = report.digits.preferred
    assert found.look is Look.ROUNDED
    names: dict[Language, str] = {"zh": "钠", "en": "Sodium"}
    for language, name in names.items():
        told = said(report, language)
        for part in (name, "mmol/L", "TSS 01", "400", "<0.0001", *(f"{share:.1%}" for _, share in found.digits)):
            assert part in told
        assert "TSS 02" not in told


def test_the_page_says_what_it_means_and_what_it_does_not(report: CollectionReport) -> None:
    assert "不能证明数据是编造的" in said(report, "zh")
    assert "proves no fabrication" in said(report, "en")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("digits", [DigitFigures(7, 3, 0, ()), DigitFigures(0, 3, 0, ())], ids=["none", "untestable"])
def test_where_nothing_is_notable_one_sentence_says_so(
    report: CollectionReport, digits: DigitFigures, language: Language
) -> None:
    parts = preferred_digits(replace(report, digits=digits), Words(language))
    assert len(parts) == 1
    assert parts[0].startswith("<p>")


def test_values_left_out_are_told(report: CollectionReport) -> None:
    assert "12,345" in said(replace(report, digits=DigitFigures(7, 3, 12_345, ())), "en")


def test_a_long_list_goes_on_in_the_workbook(report: CollectionReport, tmp_path: Path) -> None:
    long = replace(report, digits=DigitFigures(40, 0, 0, tuple(preferred(place) for place in range(23))))
    told = said(long, "en")
    assert ("S19" in told, "S20" in told, "3 series more" in told) == (True, False, True)
    workbook(long, [], "en", tmp_path / "report.xlsx")
    rows = list(load_workbook(tmp_path / "report.xlsx")["Preferred digits"].values)
    assert len(rows) == 1 + 23
    assert rows[23][1:4] == ("S22", 900, "0 (50.00%), 5 (30.00%)")


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_names_stay_text_on_the_page_and_in_the_workbook(
    report: CollectionReport, tmp_path: Path, language: Language
) -> None:
    one = replace(preferred(1), series=Series(HOSTILE, Kind.OBSERVATION, "value", HOSTILE, HOSTILE))
    hostile = replace(report, digits=DigitFigures(1, 0, 0, (one,)))
    assert "<script" not in html(hostile, language)
    workbook(hostile, [], language, tmp_path / "report.xlsx")
    sheet = load_workbook(tmp_path / "report.xlsx")[Words(language)("sheet.digits")]
    assert [cell.data_type for cell in sheet[2]] == ["s", "s", "n", "s", "s", "n", "s"]


def test_programs_get_the_same_figures(report: CollectionReport) -> None:
    (found,) = report.digits.preferred
    made = json.loads(json.dumps(as_json(report)))["preferred_digits"]
    assert (made["tested"], made["untested"], made["left_out"]) == (2, 1, 0)
    (told,) = made["found"]
    assert (told["site"], told["kind"], told["field"]) == ("TSS 01", "observation", "value")
    assert (told["analyte"], told["unit"], told["look"]) == ("sodium", "mmol/L", "rounded")
    assert (told["n"], told["p_adjusted"]) == (found.n, found.adjusted)
    assert [(one["digit"], one["share"]) for one in told["digits"]] == list(found.digits)


def test_no_donor_no_value_and_no_digit_of_few_is_told(report: CollectionReport) -> None:
    made = html(report, "zh") + json.dumps(as_json(report))
    assert DONOR not in made
    assert "61.7" not in said(report, "zh")
    assert all(share * one.n >= 5 for one in report.digits.preferred for _, share in one.digits)


@pytest.mark.parametrize(
    ("p", "shown"), [(1e-300, "<0.0001"), (0.0, "<0.0001"), (0.0004, "0.0004"), (0.0321, "0.032"), (1.0, "1.000")]
)
def test_a_p_value_is_never_shown_as_nothing(p: float, shown: str) -> None:
    assert p_value(p) == shown
