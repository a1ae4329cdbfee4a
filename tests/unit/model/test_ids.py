"""Identifiers: minted from content, pseudonyms under a key, and spelt so that no slip turns one into another."""

import hashlib
import hmac

import pytest

from hilum.model import ids

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def _spelt(prefix: str, body: bytes) -> str:
    """The identifier of a digest, five bits a letter, written without the code under test."""
    bits = "".join(f"{byte:08b}" for byte in body)
    letters = "".join(_CROCKFORD[int(bits[at : at + 5], 2)] for at in range(0, 65, 5))
    return f"{prefix}-{letters}-{ids.check_character(prefix + letters)}"


def test_the_check_character_is_that_of_the_standard() -> None:
    """ISO/IEC 7064 MOD 37-2; the donation number is the worked example of ISBT 128."""
    assert ids.check_character("G123498654321") == "H"
    assert ids.check_character("") == "1"
    assert ids.check_character("0") == "1"
    assert ids.check_character("I") == "2"


@pytest.mark.parametrize("text", ["rec", "A-B", "A B", "é", "*", "０"])
def test_only_digits_and_capital_letters_have_a_check_character(text: str) -> None:
    with pytest.raises(KeyError):
        ids.check_character(text)


def test_an_identifier_is_the_prefix_65_bits_of_the_digest_and_the_check_character() -> None:
    digest = hashlib.sha256("箱\x1fA1".encode()).digest()
    assert ids.mint("SRC", "箱", "A1") == _spelt("SRC", digest)


def test_the_same_parts_give_the_same_identifier_and_other_parts_another() -> None:
    assert ids.mint("REC", "a", "b") == ids.mint("REC", "a", "b")
    assert len({ids.mint("REC", *parts) for parts in (("a", "b"), ("ab",), ("a", "b", ""), ("b", "a"), ())}) == 5
    assert ids.mint("REC", "a") != ids.mint("SRC", "a")


def test_a_text_that_no_encoding_can_carry_still_gets_an_identifier() -> None:
    assert ids.is_valid(ids.mint("REC", "\ud800"))
    assert ids.is_valid(ids.pseudonym(b"key", "\udfff"))


def test_a_pseudonym_is_the_hmac_of_the_identifier_under_the_key() -> None:
    body = hmac.new(b"vault key", b"TCGA-AB-1234", hashlib.sha256).digest()
    assert ids.pseudonym(b"vault key", "TCGA-AB-1234") == _spelt("DNR", body)


def test_a_pseudonym_cannot_be_made_without_the_key() -> None:
    assert ids.pseudonym(b"one", "P1") != ids.pseudonym(b"two", "P1")
    assert ids.pseudonym(b"one", "P1") == ids.pseudonym(b"one", "P1")
    assert ids.pseudonym(b"one", "P1") not in {ids.mint("DNR", "P1"), ids.mint("DNR", "one", "P1")}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "--",
        "REC",
        "REC-0123456789ABC",
        "REC-0123456789AB-0",
        "REC-0123456789ABCD-0",
        "REC-0123456789ABC-",
        "REC-0123456789abc-0",
        "REC-0123456789AB*-0",
        "REC-0123456789AB０-0",
    ],
)
def test_what_is_not_spelt_as_ours_is_not_valid(text: str) -> None:
    assert not ids.is_valid(text)


def test_blanks_and_case_around_a_good_identifier_make_it_another() -> None:
    good = ids.mint("REC", "x")
    assert ids.is_valid(good)
    for other in (f" {good}", f"{good} ", f"{good}\n", good.lower(), f"{good}-", good.replace("-", "")):
        assert not ids.is_valid(other)
