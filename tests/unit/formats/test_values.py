"""Text as people write it is read exactly or not at all."""

import math
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.formats import values
from hilum.model.text import Bilingual
from hilum.model.vocabulary import Field, FieldType

CHINA = timezone(timedelta(hours=8))


def field(type_: FieldType) -> Field:
    return Field("x", type_, Bilingual("甲", "x"))


def read(type_: FieldType, text: str) -> object:
    """The value, or the word ``unreadable``: so that a missing value and a broken one cannot be mistaken."""
    value, readable = values.read(field(type_), text)
    return value if readable else "unreadable"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("１２．５", 12.5),
        ("−80", -80.0),
        ("－８０", -80.0),
        ("\u200b12", 12.0),
        ("\ufeff12", 12.0),
        ("\u300012\u3000", 12.0),
        ("1,234.5", 1234.5),
        ("+3", 3.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e-3", 0.001),
        ("-0", -0.0),
        ("1e59", 1e59),
        ("十二", 12.0),
        ("三百二十", 320.0),
        ("一千零五", 1005.0),
        ("二点五", 2.5),
        ("1.2万", 12_000.0),
    ],
)
def test_a_number_in_other_clothes_is_the_same_number(text: str, number: float) -> None:
    assert read(FieldType.NUMBER, text) == number


@pytest.mark.parametrize(
    "text",
    ["12 mL", "1e400", "-1e400", "inf", "Infinity", "60~120", "<0.5", "＜0.5", ">1000", "阴性", "1,23", "1 2", "1_000",
     "0x10", "１２ｍＬ", "--5", "1.2.3", "三百二", "٣", "1e5000", "1e308", "1e-300", "#N/A", "3,5"],
)  # fmt: skip
def test_what_is_no_plain_number_is_unreadable_and_never_zero(text: str) -> None:
    assert read(FieldType.NUMBER, text) == "unreadable"


@pytest.mark.parametrize("text", ["", " ", "\u200b", "NaN", "nan", "N/A", "[Not Available]", "无", "－", "/", "不详"])
def test_words_for_no_value_are_missing_and_not_broken(text: str) -> None:
    assert read(FieldType.NUMBER, text) is None


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2024-03-05", "2024-03-05"),
        ("2024/3/5", "2024-03-05"),
        ("2024.3.5", "2024-03-05"),
        ("2024年3月5日", "2024-03-05"),
        ("２０２４－０３－０５", "2024-03-05"),
        ("20240305", "2024-03-05"),
        ("2024-02-29", "2024-02-29"),
    ],
)
def test_a_day_is_read_in_every_usual_spelling(text: str, iso: str) -> None:
    assert read(FieldType.DATE, text) == iso


@pytest.mark.parametrize(
    "text",
    ["2015-02-30", "2023-02-29", "2024-13-01", "2024-00-10", "05/03/2024", "20241332", "0000-01-01", "85-03-12",
     "850312", "2024.1", "45000", "农历一九八五年二月初三", "民国98年3月5日", "昨天", "0000", "2024-13"],
)  # fmt: skip
def test_a_day_that_never_was_is_unreadable(text: str) -> None:
    assert read(FieldType.DATE, text) == "unreadable"


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2024-03-05 08:30", "2024-03-05T00:30:00Z"),
        ("2024/3/5 8:30:15", "2024-03-05T00:30:15Z"),
        ("2024年3月5日8时30分", "2024-03-05T00:30:00Z"),
        ("2024-03-05T08:30:00Z", "2024-03-05T08:30:00Z"),
        ("2024-03-05T08:30:00+09:00", "2024-03-04T23:30:00Z"),
        ("２０２４-０３-０５　０８：３０", "2024-03-05T00:30:00Z"),
    ],
)
def test_an_instant_without_a_zone_is_china_standard_time(text: str, instant: str) -> None:
    assert read(FieldType.INSTANT, text) == instant


@pytest.mark.parametrize(
    ("type_", "text", "known"),
    [
        (FieldType.DATE, "2011", "2011"),
        (FieldType.DATE, "2011年", "2011"),
        (FieldType.DATE, "2011-08", "2011-08"),
        (FieldType.DATE, "2011年8月", "2011-08"),
        (FieldType.DATE, "二〇一一年八月", "2011-08"),
        (FieldType.DATE, "2011-8-00", "2011-08"),
        (FieldType.DATE, "2011-00-00", "2011"),
        (FieldType.INSTANT, "2011-08-05", "2011-08-05"),
        (FieldType.INSTANT, "2011/8", "2011-08"),
    ],
)
def test_a_date_is_as_much_as_was_written(type_: FieldType, text: str, known: str) -> None:
    assert read(type_, text) == known


@pytest.mark.parametrize(
    ("text", "iso"),
    [("二〇二四年三月五日", "2024-03-05"), ("二〇二四年十二月二十一日", "2024-12-21"), ("5-Mar-2024", "2024-03-05"),
     ("March 5, 2024", "2024-03-05"), ("2024年3月5号", "2024-03-05")],
)  # fmt: skip
def test_a_day_in_words_is_the_same_day(text: str, iso: str) -> None:
    assert read(FieldType.DATE, text) == iso


@pytest.mark.parametrize(
    ("text", "local"),
    [("2024-03-05 下午3:20", "15:20"), ("2024年3月5日上午8点半", "08:30"), ("2024-03-05 3:20 PM", "15:20"),
     ("2024-03-05 12:30 AM", "00:30"), ("2024-03-05 8时", "08:00"), ("20240305083000", "08:30"),
     ("2024-03-05 晚上8点", "20:00"), ("2024-03-05 中午12点", "12:00"), ("2024-03-05 08:30 北京时间", "08:30")],
)  # fmt: skip
def test_a_time_of_day_in_words_is_the_same_instant(text: str, local: str) -> None:
    at = datetime.fromisoformat(f"2024-03-05T{local}:00+08:00").astimezone(UTC)
    assert read(FieldType.INSTANT, text) == at.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_midnight_written_as_24_is_the_start_of_the_next_day() -> None:
    assert read(FieldType.INSTANT, "2024-02-29 24:00") == "2024-02-29T16:00:00Z"


@pytest.mark.parametrize(
    "text",
    ["2024-03-05 24:01", "2024-03-05 08:60", "2024-02-30 08:00", "08:30", "2024-03-05 上午15点",
     "2024-03-05 晚上12点", "2024-03-05 08:30 CST", "45000.5"],
)  # fmt: skip
def test_half_an_instant_is_unreadable(text: str) -> None:
    assert read(FieldType.INSTANT, text) == "unreadable"


@pytest.mark.parametrize(("text", "whole"), [("3", 3), ("3.0", 3), ("３", 3), ("-7", -7), ("1,000", 1000)])
def test_whole_numbers_are_read(text: str, whole: int) -> None:
    assert read(FieldType.INTEGER, text) == whole


@pytest.mark.parametrize("text", ["3.5", "1e300", "9007199254740993", "三百二"])
def test_what_is_not_exactly_a_whole_number_is_unreadable(text: str) -> None:
    assert read(FieldType.INTEGER, text) == "unreadable"


@pytest.mark.parametrize(("text", "truth"), [("是", True), ("否", False), ("Y", True), ("0", False), ("没有", False)])
def test_yes_and_no_are_read_in_both_languages(text: str, truth: bool) -> None:
    assert read(FieldType.BOOLEAN, text) is truth


def test_the_minus_of_gbk_text_survives_the_encoding() -> None:
    assert read(FieldType.NUMBER, "－80".encode("gbk").decode("gbk")) == -80.0


@given(st.text(max_size=40), st.sampled_from(list(FieldType)))
def test_reading_never_raises_and_never_yields_what_json_cannot_hold(text: str, type_: FieldType) -> None:
    value, readable = values.read(field(type_), text)
    assert readable or value is None
    assert not isinstance(value, float) or math.isfinite(value)


@given(st.floats(min_value=-1e60, max_value=1e60).filter(lambda one: not one or abs(one) >= 1e-60))
def test_every_finite_number_reads_back_from_its_own_text(number: float) -> None:
    assert read(FieldType.NUMBER, repr(number)) == number


@given(st.dates())
def test_every_day_reads_back_from_its_own_text(on: date) -> None:
    assert read(FieldType.DATE, on.isoformat()) == on.isoformat()


@given(st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001
def test_every_instant_keeps_its_meaning_to_the_second(at: datetime) -> None:
    local = at.replace(microsecond=0, tzinfo=CHINA)
    answer = read(FieldType.INSTANT, local.strftime("%Y-%m-%d %H:%M:%S").rjust(19, "0"))
    assert datetime.fromisoformat(str(answer)) == local.astimezone(UTC)


@given(st.text(max_size=60))
def test_plain_text_is_plain_already(text: str) -> None:
    assert values.plain(values.plain(text)) == values.plain(text)


@given(st.text(max_size=60))
def test_full_width_text_is_the_same_text(text: str) -> None:
    wide = "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)
    assert values.plain(wide) == values.plain(values.plain(text)) or not text.isascii()
