"""Text patterns: what they take, and that every engine reads them alike."""

import re

import polars as pl
import pytest

from hilum.terms import patterns

CASES = [
    ("tcga_patient", ["TCGA-A2-A04P"], ["TCGA-A2-A04P-01A", "tcga-a2-a04p", "TCGA-A2-A04P\n"]),
    ("tcga_sample", ["TCGA-A2-A04P-01A"], ["TCGA-A2-A04P-01", "TCGA-A2-A04P-1A"]),
    ("tcga_aliquot", ["TCGA-A2-A04P-01A-31D-A128-09"], ["TCGA-A2-A04P-01A-31-A128-09"]),
    ("tcga_slide", ["TCGA-A2-A04P-01A-01-BS1", "TCGA-A2-A04P-01A-01-TSA"], ["TCGA-A2-A04P-01A-01-XX1"]),
    ("uuid", ["08a8eec3-c97a-4493-a7de-b2a686b4df67"], ["08a8eec3c97a4493a7deb2a686b4df67"]),
    ("identifier", ["A", "B240315-001", "S#1"], ["", "样本1", "a b", "=1", "a\u200b"]),
    ("icd10", ["C22.0", "C62.90", "I10", "S72.001A"], ["22", "c22.0", "C2"]),
    ("icdo_histology", ["8170/3"], ["8170-3"]),
    ("t_category", ["T1", "T2a", "T4b", "TX", "Tis", "Ta", "T1mi", "pT3", "ypT2", "Tis (DCIS)"], ["T", "T5", "N1"]),
    ("n_category", ["N0", "N1mi", "NX", "N0 (i-)", "N0 (i+)", "N0 (mol+)", "N3c"], ["N", "N4", "M0"]),
    ("m_category", ["M0", "M1", "M1a", "MX", "cM0 (i+)"], ["M", "M2", "T0"]),
    ("national_id", ["11010519491231002X"], ["11010519491331002X", "11010519491231002x", "１１010519491231002X"]),
    ("phone_china", ["13800138000", "+86 13800138000", "010-62345678"], ["1380013800", "23800138000"]),
    ("well", ["A1", "H12", "P24", "A01"], ["Q1", "A25", "A0"]),
    ("formula", ["=1+1", "=cmd|'/c calc'!A0", "@SUM(1)", "+A1"], ["-80", "+86 138", "Liver", "-", ""]),
    ("markup", ["<b>", "x<script>alert(1)</script>", "</p>"], ["< 5 cm", "a<5", "Liver", ""]),
    ("sentinel_text", ["9999", "0000", "xxx", "test1", "TEST"], ["999", "S9999", "tester"]),
    ("two_digits", ["01"], ["1", "٠١"]),
]


@pytest.mark.parametrize(("name", "taken", "refused"), CASES, ids=[case[0] for case in CASES])
def test_a_pattern_takes_what_it_should_and_nothing_else(name: str, taken: list[str], refused: list[str]) -> None:
    form = re.compile(patterns.pattern(name))
    assert [text for text in taken if not form.fullmatch(text)] == []
    assert [text for text in refused if form.fullmatch(text)] == []


@pytest.mark.parametrize(("name", "taken", "refused"), CASES, ids=[case[0] for case in CASES])
def test_rust_reads_a_pattern_as_python_does(name: str, taken: list[str], refused: list[str]) -> None:
    texts = pl.Series([*taken, *refused])
    found = texts.str.contains(f"\\A(?:{patterns.pattern(name)})\\z").to_list()
    assert found == [True] * len(taken) + [False] * len(refused)


def test_patterns_keep_to_the_subset_every_engine_shares() -> None:
    for name in patterns.names():
        text = patterns.pattern(name)
        assert not re.search(r"\\[dwsbBDWSAZz1-9]|\(\?|\^(?!/|<|\\n|\])|\$|[*+?}]\?|[*+?}]\+", text), name


def test_an_unknown_pattern_is_an_error() -> None:
    with pytest.raises(KeyError):
        patterns.pattern("colour")
