"""Canonical bytes are those of the rfc8785 package, whichever way they are made; what JSON cannot say is refused."""

import hashlib
import json
import math

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from hilum.canonical import Json, canonical, digest, digest_bytes

_TINY_AND_HUGE = (
    *(0.0, -0.0, 5e-324, 2.2250738585072014e-308, 1e-7, 1e-6, 9.999999999999999e-7, 1e-3, 9.99e-4, 0.1 + 0.2),
    *(1e15, 1e15 - 0.25, 1e15 + 0.5, 2.0**53, 2.0**53 + 2, 1e16, 1e20, 1e21, 1e22, 1.7976931348623157e308),
    *(-5e-324, -1e-6, -1e21, 333333333.33333329, 4.50, 2e-3, 1e30, -1.5, 9007199254740991.0, 100.0),
)
_EXACT = 2**53 - 1
_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
    ["\x00", "\x1f", "\x7f", "\u2028", '"', "\\", "/", "é", "e\u0301", "😀", "\ufffd", "血清", "\n\t\b\f\r"]
)
_keys = _texts | st.sampled_from(["a", "B", "é", "😀", "\ufb33", "€", "1", "\r", ""])
_plain = (
    st.none()
    | st.booleans()
    | st.integers(-_EXACT, _EXACT)
    | st.sampled_from(_TINY_AND_HUGE)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(10**9), 10**9).map(float)
    | _texts
)
_flat = st.dictionaries(_keys, _plain, max_size=6)
_any_json = st.recursive(
    _plain, lambda inside: st.lists(inside, max_size=4) | st.dictionaries(_keys, inside, max_size=4), max_leaves=12
)


def _reference(value: object) -> bytes:
    return rfc8785.dumps(value)  # type: ignore[arg-type]  # its own type of JSON


@given(_flat)
@example({"a": -0.0, "b": 1e21, "c": 1e15 + 0.5, "d": 5e-324})
@example({"\ufb33": 1, "😀": 2, "z": 1.0})
def test_a_record_has_the_bytes_of_the_reference(value: dict[str, Json]) -> None:
    assert canonical(value) == _reference(value)


@given(_any_json)
def test_any_json_has_the_bytes_of_the_reference(value: Json) -> None:
    assert canonical(value) == _reference(value)


@given(_any_json)
def test_canonical_bytes_say_what_they_were_made_of_and_are_their_own_canonical_form(value: Json) -> None:
    read = json.loads(canonical(value), parse_int=float)  # JSON has doubles only
    assert read == value
    assert canonical(read) == canonical(value)


@given(_flat)
def test_the_order_of_members_makes_no_difference(value: dict[str, Json]) -> None:
    turned = dict(reversed(value.items()))
    assert canonical(turned) == canonical(value)
    assert digest(turned) == digest(value)


@pytest.mark.parametrize(
    ("number", "spelt"),
    [
        (-0.0, b"0"),
        (1.0, b"1"),
        (1e21, b"1e+21"),
        (1e20, b"100000000000000000000"),
        (1e-6, b"0.000001"),
        (1e-7, b"1e-7"),
        (5e-324, b"5e-324"),
        (333333333.33333329, b"333333333.3333333"),
        (0.002, b"0.002"),
    ],
)
def test_numbers_are_spelt_as_the_standard_spells_them(number: float, spelt: bytes) -> None:
    """RFC 8785 section 3.2.2.3 and its appendix B."""
    assert canonical({"n": number}) == b'{"n":' + spelt + b"}"
    assert canonical([number]) == b"[" + spelt + b"]"


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 2**53, -(2**53), 10**400])
def test_numbers_that_are_no_exact_doubles_are_refused(number: float) -> None:
    for value in ({"n": number}, [number], number, {"é": number}):
        with pytest.raises(ValueError):
            canonical(value)  # type: ignore[arg-type]  # lists are invariant


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\udc00\ud800"])
def test_lone_surrogates_are_refused_in_values_and_in_names(text: str) -> None:
    for value in ({"a": text}, {text: 1}, [text], text, {"é": text}):
        with pytest.raises(ValueError):
            canonical(value)  # type: ignore[arg-type]  # lists are invariant


def test_names_are_ordered_by_their_utf_16_units_and_not_by_their_code_points() -> None:
    assert canonical({"\ufb33": 1, "😀": 2}) == '{"😀":2,"\ufb33":1}'.encode()


def test_true_is_not_one() -> None:
    assert canonical({"a": True}) == b'{"a":true}'
    assert digest({"a": True}) != digest({"a": 1})


def test_a_digest_is_the_sha_256_of_the_canonical_bytes() -> None:
    assert digest({"b": 1, "a": [None]}) == hashlib.sha256(b'{"a":[null],"b":1}').hexdigest()
    assert digest_bytes(b"") == hashlib.sha256(b"").hexdigest()
