"""A laboratory result is taken apart without loss or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.formats.results import take_apart
from hilum.model.record import Value


def apart(text: str, **known: Value) -> dict[str, Value]:
    """The parts, or what stayed unread."""
    fields, unread = dict(known), {"value": text}
    take_apart(fields, unread)
    return {"unread": unread["value"]} if unread else fields


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("＜0.5", {"comparator": "<", "value": 0.5}),
        ("小于0.5", {"comparator": "<", "value": 0.5}),
        ("不超过3", {"comparator": "<=", "value": 3.0}),
        ("≥3", {"comparator": ">=", "value": 3.0}),
        ("<0.5 mg/L", {"comparator": "<", "value": 0.5, "unit": "mg/L"}),
        ("60~120", {"value_low": 60.0, "value_high": 120.0}),
        ("3.5—5.5", {"value_low": 3.5, "value_high": 5.5}),
        ("60-120 mg/dL", {"value_low": 60.0, "value_high": 120.0, "unit": "mg/dL"}),
        ("120mmHg", {"value": 120.0, "unit": "mm[Hg]"}),
        ("5.2 10^9/L", {"value": 5.2, "unit": "10*9/L"}),
        ("36.5℃", {"value": 36.5, "unit": "Cel"}),
        ("低于检出限", {"value_text": "低于检出限"}),
        ("<LOD", {"value_text": "<LOD"}),
        ("弱阳性", {"value_text": "弱阳性"}),
        ("（±）", {"value_text": "(±)"}),
        ("++", {"value_text": "++"}),
        ("1：40", {"value_text": "1:40"}),
        ("阳性(1:40)", {"value_text": "阳性(1:40)"}),
    ],
)
def test_each_part_of_a_result_goes_where_it_belongs(text: str, parts: dict[str, Value]) -> None:
    assert apart(text) == parts


@pytest.mark.parametrize("text", ["12↑", "inf", "1.2.3", "120~60", "2024-03-05", "12斤", "#N/A", "约5", "3,5"])
def test_what_fits_no_part_stays_unread(text: str) -> None:
    assert apart(text) == {"unread": text}


def test_a_unit_that_contradicts_the_one_beside_it_is_not_overruled() -> None:
    assert apart("12 mg/L", unit="g/L") == {"unread": "12 mg/L"}
    assert apart("12 g/L", unit="克/升") == {"value": 12.0, "unit": "克/升"}


@given(st.text(max_size=30))
def test_a_result_is_never_lost_and_never_zero_unless_it_says_so(text: str) -> None:
    parts = apart(text)
    assert any(value is not None for value in parts.values())
    assert parts.get("value") != 0 or any(letter.isdigit() or letter in "零〇○" for letter in text)
