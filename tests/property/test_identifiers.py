"""The check character: no single wrong character and no swap of neighbours makes another valid identifier."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from hilum.model import ids

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*-"
_prefixes = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=4)
_parts = st.lists(st.text(max_size=8), max_size=3)
_identifiers = st.builds(lambda prefix, parts: ids.mint(prefix, *parts), _prefixes, _parts)


@given(_prefixes, _parts, st.binary(max_size=40), st.text(max_size=20))
def test_what_is_minted_is_valid(prefix: str, parts: list[str], key: bytes, external: str) -> None:
    assert ids.is_valid(ids.mint(prefix, *parts))
    assert ids.is_valid(ids.pseudonym(key, external))


@settings(max_examples=60)
@given(_identifiers)
@example(ids.mint("SRC", "builders"))
def test_every_single_wrong_character_is_caught(identifier: str) -> None:
    for place, letter in enumerate(identifier):
        for wrong in _ALPHABET:
            if wrong != letter:
                assert not ids.is_valid(identifier[:place] + wrong + identifier[place + 1 :])


@given(_identifiers)
def test_every_swap_of_two_different_neighbours_is_caught(identifier: str) -> None:
    for place in range(len(identifier) - 1):
        one, other = identifier[place], identifier[place + 1]
        if one != other:
            assert not ids.is_valid(identifier[:place] + other + one + identifier[place + 2 :])


@given(_identifiers, st.integers(0, 30))
def test_a_lost_or_doubled_character_is_caught(identifier: str, at: int) -> None:
    place = at % len(identifier)
    assert not ids.is_valid(identifier[:place] + identifier[place + 1 :])
    assert not ids.is_valid(identifier[:place] + identifier[place] + identifier[place:])


@given(st.text(_ALPHABET[:-2], max_size=30))
def test_text_with_its_check_character_sums_to_one_modulo_37(text: str) -> None:
    """The standard's own definition: character i from the right, the check character first, weighs 2 to the i."""
    whole = text + ids.check_character(text)
    weighed = sum(_ALPHABET.index(letter) * 2**place for place, letter in enumerate(reversed(whole)))
    assert weighed % 37 == 1
