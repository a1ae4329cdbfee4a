"""What an unreadable value may have meant: offered, never applied."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.messages import LANGUAGES, text
from hilum.model.record import Kind
from hilum.model.vocabulary import vocabulary
from hilum.terms import lunar, units
from hilum.terms.spoken_numbers import chinese_number, spelled
from hilum.terms.spoken_values import quantity, spoken

FIELDS = {
    "volume": vocabulary()[Kind.SPECIMEN]["volume_ul"],
    "days": vocabulary()[Kind.DONOR]["death_offset_days"],
    "force": vocabulary()[Kind.SPECIMEN]["centrifuge_g"],
    "day": vocabulary()[Kind.CONDITION]["diagnosed_on"],
    "instant": vocabulary()[Kind.SPECIMEN]["collected_at"],
}


@pytest.mark.parametrize(
    ("field", "written", "shape", "offered"),
    [
        ("volume", "12 mL", "unit_glued", [12_000.0]),
        ("volume", "12 mg", "unit_other", []),
        ("volume", "12斤", "unit_unknown", []),
        ("volume", "3,5", "decimal_comma", [3.5, 35.0]),
        ("volume", "60~120", "range", []),
        ("volume", "<0.5", "censored", []),
        ("volume", "阴性", "qualitative", []),
        ("volume", "12↑", "flagged", [12.0]),
        ("volume", "三百二", "short_number", [320.0, 302.0]),
        ("volume", "inf", "beyond", []),
        ("days", "3个月", "unit_inexact", []),
        ("force", "3000rpm", "unit_other", []),
        ("day", "85-03-12", "short_year", ["1985-03-12"]),
        ("day", "85.3.12", "short_year", ["1985-03-12"]),
        ("day", "03/04/2024", "turned", ["2024-03-04", "2024-04-03"]),
        ("day", "25/04/2024", "turned", ["2024-04-25"]),
        ("day", "2023-02-29", "no_such_day", ["2023-02-28", "2023-03-01"]),
        ("day", "2024-13-05", "no_such_day", ["2024-05-13"]),
        ("day", "45000", "serial", ["2023-03-15"]),
        ("instant", "45000.5", "serial", ["2023-03-15"]),
        ("day", "农历一九八五年二月初三", "lunar", ["1985-03-23"]),
        ("day", "腊月廿三", "lunar", []),
        ("day", "民国98年3月5日", "era", ["2009-03-05"]),
        ("day", "昭和60年3月5日", "era", ["1985-03-05"]),
        ("day", "昨天", "relative_day", []),
        ("day", "2024.1", "month_eaten", ["2024-01", "2024-10"]),
        ("instant", "8:30", "time_only", []),
        ("instant", "2024-03-05 上午15:00", "time_unclear", []),
        ("day", "2024-03-05 14:30", "time_in_day", ["2024-03-05"]),
    ],
)
def test_each_shape_is_known_and_offers_what_may_have_been_meant(
    field: str, written: str, shape: str, offered: list[object]
) -> None:
    found = spoken(FIELDS[field], written, "2024-06-01")
    assert (found.shape, [one.value for one in found.candidates][: len(offered) or None]) == (shape, offered)


@given(st.text(max_size=30), st.sampled_from(sorted(FIELDS)))
def test_any_text_has_a_shape_with_words_in_both_languages(written: str, field: str) -> None:
    shape = spoken(FIELDS[field], written).shape
    assert all(text(f"shape.{shape}", language, field="甲", unit="g") for language in LANGUAGES)


@given(st.integers(0, 10**11))
def test_every_number_reads_back_from_its_chinese_word(number: int) -> None:
    assert chinese_number(spelled(number)) == number


@pytest.mark.parametrize(
    ("year", "new_year"),
    [(1900, "1900-01-31"), (1949, "1949-01-29"), (1985, "1985-02-20"), (2000, "2000-02-05"), (2020, "2020-01-25"),
     (2023, "2023-01-22"), (2024, "2024-02-10"), (2033, "2033-01-31"), (2050, "2050-01-23")],
)  # fmt: skip
def test_lunar_new_years_are_the_published_ones(year: int, new_year: str) -> None:
    assert lunar.common_day(year, 1, 1) == date.fromisoformat(new_year)


@pytest.mark.parametrize(("year", "month"), [(2023, 2), (2020, 4), (2033, 11), (1984, 10), (2024, 0)])
def test_leap_months_are_the_published_ones(year: int, month: int) -> None:
    assert lunar.leap_month(year) == month


def test_the_mid_autumn_of_1978_is_the_mainlands() -> None:
    assert lunar.common_day(1978, 8, 15) == date(1978, 9, 17)


@given(st.sampled_from(sorted(units.spellings().items())))
def test_every_spelling_of_a_unit_keeps_its_code_and_its_dimension_beside_a_number(pair: tuple[str, str]) -> None:
    word, code = pair
    assert units.dimension(word) == units.dimension(code) is not None
    assert units.canonical_unit(code) == code
    found = quantity(f"12 {word}")
    assert found is None or (found.number, found.unit) == (12.0, code) or word[0] in "1(/xX×*^"


@pytest.mark.parametrize(
    ("word", "code"),
    [("微摩尔每升", "umol/L"), ("国际单位/升", "[IU]/L"), ("g/24h", "g/d"), ("倍g", "[g]"), ("×g", "[g]"),
     ("RCF", "[g]"), ("rpm", "{rotation}/min"), ("次每分", "/min"), ("毫米汞柱", "mm[Hg]"), ("g", "g")],
)  # fmt: skip
def test_chinese_and_centrifuge_spellings_find_their_unit(word: str, code: str) -> None:
    assert units.canonical_unit(word) == code


def test_g_per_l_in_capitals_is_two_units_and_therefore_none() -> None:
    assert units.canonical_unit("G/L") is None
