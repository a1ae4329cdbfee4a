"""What the acceptance list asks for and the shipped rules did not give for long; some they do not give yet.

What is still missing is marked, strictly: a mark must go when its test begins to pass.

Each reason says what is missing; docs/guide/en/bad-input.md says so to users.
"""

import pytest

from tests.flows.acceptance import Judged, Row, finding, hand_in, lines_of, offered
from tests.flows.hospital import known

BLOOD, LAB, ILL = "采集登记", "检验结果", "诊断"
ROWS = [
    Row(5, "L-NOBODYS", LAB, {"病案号": ""}, "", ""),
    Row(23, "L-RANGE", LAB, {"结果": "60~120"}, "", ""),
    Row(14, "B-ZONE", BLOOD, {"采集时间": "2026-03-16T07:50:00Z"}, "SPM-TIM-001", "collected_at"),
    Row(25, "L-TERM", LAB, {"检验项目": "肌肝"}, "LAB-CODE-001", "analyte"),
    Row(25, "I-LABEL", ILL, {"ICD-10编码": "C50.9", "诊断名称": "肝细胞癌"}, "", ""),
]


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    folder = tmp_path_factory.mktemp("gaps")
    return hand_in(known(folder / "home", folder / "incoming"), folder / "in", ROWS)


def is_held(bank: Judged, name: str) -> bool:
    row = next(one for one in ROWS if one.name == name)
    return (f"{row.table}.csv", lines_of(ROWS)[f"{row.table}!{name}"]) in bank.stopped


def fixes(bank: Judged, name: str) -> list[object]:
    row = next(one for one in ROWS if one.name == name)
    at = (f"{row.table}.csv", lines_of(ROWS)[f"{row.table}!{name}"])
    return offered(finding(bank.stopped[at], row.rule))


def test_a_result_that_names_nobody_is_held(bank: Judged) -> None:
    assert is_held(bank, "L-NOBODYS")


def test_a_range_is_a_result(bank: Judged) -> None:
    assert not is_held(bank, "L-RANGE")


@pytest.mark.xfail(strict=True, reason="SPM-TIM-001 offers not the time in another zone")
def test_an_impossible_order_offers_the_zone(bank: Judged) -> None:
    assert "2026-03-15T23:50:00Z" in fixes(bank, "B-ZONE")


def test_an_unknown_term_offers_the_nearest_ones(bank: Judged) -> None:
    assert "creatinine" in fixes(bank, "L-TERM")


def test_a_code_that_says_something_else_than_its_words_is_held(bank: Judged) -> None:
    assert is_held(bank, "I-LABEL")
