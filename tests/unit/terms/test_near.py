"""Words nearest to a misspelt one."""

import pytest

from hilum.terms.near import MOST, near, similarity


@pytest.mark.parametrize(
    ("valueset", "text", "code"),
    [
        ("specimen_type", "血将", "Plasma"),
        ("specimen_type", "血凊", "Plasma"),
        ("specimen_type", "Serrum", "Serum"),
        ("specimen_type", "PLSAMA", "Plasma"),
        ("analyte", "白细包计数", "leukocytes"),
        ("analyte", "血红旦白", "hemoglobin"),
        ("analyte", "肌肝", "creatinine"),
        ("analyte", "葡葡糖", "glucose"),
        ("analyte", "creatinin", "creatinine"),
    ],
)
def test_a_slip_of_the_pen_finds_its_word(valueset: str, text: str, code: str) -> None:
    assert code in [one.code for one in near(valueset, text)]


def test_a_character_that_sounds_alike_is_nearer_than_another() -> None:
    assert near("specimen_type", "血将")[0].code == "Plasma"
    assert similarity("血将", "血浆") > similarity("血将", "血清")


@pytest.mark.parametrize("text", ["", "？？？", "???", "x", "骑马与砍杀", "A" * 5_000, "\x00\x00"])
def test_what_is_like_no_word_finds_none(text: str) -> None:
    assert near("specimen_type", text) == ()


def test_codes_that_are_symbols_have_no_neighbours() -> None:
    assert near("stage", "IIIX") == near("blood_group", "A RhX") == ()


def test_few_are_offered_and_the_nearest_comes_first() -> None:
    found = near("analyte", "胆红素总")
    assert 0 < len(found) <= MOST
    assert [one.similarity for one in found] == sorted((one.similarity for one in found), reverse=True)


def test_neighbours_exchanged_are_one_slip() -> None:
    assert similarity("plsama", "plasma") == pytest.approx(5 / 6)
    assert similarity("", "") == 1


def test_a_list_without_words_offers_nothing() -> None:
    assert near("icd10_malignant", "C340") == near("no such list", "血将") == ()
