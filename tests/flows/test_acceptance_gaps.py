"""What the acceptance list asks for and the shipped rules did not give for long."""

import pytest

from tests.flows.acceptance import Judged, Row, finding, findings, hand_in, lines_of, offered, page_line
from tests.flows.hospital import Record, known

BLOOD, LAB, ILL = "采集登记", "检验结果", "诊断"
ROWS = [
    Row(5, "L-NOBODYS", LAB, {"病案号": ""}, "", ""),
    Row(23, "L-RANGE", LAB, {"结果": "60~120"}, "", ""),
    Row(14, "B-SENT-AS-UTC", BLOOD, {"采集时间": "2026-03-16T07:50:00Z"}, "SPM-TIM-001", "collected_at"),
    Row(14, "B-WAS-UTC", BLOOD, {"接收时间": "2026-03-16T00:32:00+08:00"}, "SPM-TIM-001", "received_at"),
    Row(25, "L-TERM", LAB, {"检验项目": "肌肝"}, "LAB-CODE-001", "analyte"),
    Row(25, "I-LABEL", ILL, {"ICD-10编码": "C50.9", "诊断名称": "肝细胞癌"}, "CND-WRD-001", "icd10"),
    Row(25, "I-RETIRED", ILL, {"诊断名称": "痔", "ICD-10编码": "I84.9"}, "CND-CODE-031", "icd10", "warn"),
    Row(25, "I-RETIRED-O", ILL, {"ICD-O形态": "8240/1"}, "CND-CODE-032", "icdo_histology", "warn"),
    Row(25, "I-IN-FORCE", ILL, {"诊断名称": "痔", "ICD-10编码": "K64.9", "ICD-O形态": "8240/3"}, "", ""),
    Row(23, "L-T-SCORE", LAB, {"检验项目": "骨密度 T 值", "结果": "-2.5", "单位": "{T-score}"}, "", ""),
]  # fmt: skip


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    folder = tmp_path_factory.mktemp("gaps")
    return hand_in(known(folder / "home", folder / "incoming"), folder / "in", ROWS)


def place(name: str) -> tuple[str, int]:
    row = next(one for one in ROWS if one.name == name)
    return f"{row.table}.csv", lines_of(ROWS)[f"{row.table}!{name}"]


def is_held(bank: Judged, name: str) -> bool:
    return place(name) in bank.stopped


def fixes(bank: Judged, name: str) -> list[object]:
    row = next(one for one in ROWS if one.name == name)
    return offered(finding(bank.stopped[place(name)], row.rule))


def told(bank: Judged, name: str) -> Record:
    """The finding of an accepted diagnosis."""
    row = next(one for one in ROWS if one.name == name)
    return finding(bank.accepted("condition", name), row.rule)


def test_a_result_that_names_nobody_is_held(bank: Judged) -> None:
    assert is_held(bank, "L-NOBODYS")


def test_a_range_is_a_result(bank: Judged) -> None:
    assert not is_held(bank, "L-RANGE")


@page_line(14)
def test_an_impossible_order_offers_the_zone(bank: Judged) -> None:
    """07:50 in China, sent as 07:50 UTC; received at 08:32, written as 00:32 by a machine that keeps UTC."""
    assert "2026-03-15T23:50:00Z" in fixes(bank, "B-SENT-AS-UTC")
    assert "2026-03-16T00:32:00Z" in fixes(bank, "B-WAS-UTC")


def test_an_unknown_term_offers_the_nearest_ones(bank: Judged) -> None:
    assert "creatinine" in fixes(bank, "L-TERM")


def test_a_code_that_says_something_else_than_its_words_is_held_and_offers_both_ways(bank: Judged) -> None:
    assert is_held(bank, "I-LABEL")
    assert fixes(bank, "I-LABEL") == ["C22.9", "乳腺癌"]


@page_line(25)
def test_a_retired_code_is_told_from_one_in_force_and_offers_its_successor(bank: Judged) -> None:
    assert offered(told(bank, "I-RETIRED")) == ["K64.9"]
    assert offered(told(bank, "I-RETIRED-O")) == ["8240/3"]
    in_force = findings(bank.accepted("condition", "I-IN-FORCE"))
    assert not {"CND-CODE-031", "CND-CODE-032"} & {str(one["rule"]) for one in in_force}


def test_a_negative_bone_density_is_a_result(bank: Judged) -> None:
    assert not is_held(bank, "L-T-SCORE")
