"""SPREC codes: their two forms and the lists of their elements."""

import re

import pytest

from hilum.terms import valuesets
from hilum.terms.patterns import pattern

LISTS = sorted(name for name in valuesets.names() if name.startswith("sprec_"))


@pytest.mark.parametrize("name", LISTS)
def test_every_list_of_an_element_has_words_in_both_languages(name: str) -> None:
    codes = valuesets.members(name)
    assert len(codes) >= 9
    assert all((word := valuesets.label(name, code)) and word.zh and word.en for code in codes)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("PL1-PED-A-B-N-B-A", "sprec_fluid"),
        ("U24-PPS-A-N-N-N-A", "sprec_fluid"),
        ("TIS-SRG-A-B-NBF-E-P", "sprec_solid"),
        ("PL1", ""),
        ("PL1-PED-A-B-N-B", ""),
        ("pl1-ped-a-b-n-b-a", ""),
        ("PL1-PED-1-B-N-B-A", ""),
        ("ＰL1-PED-A-B-N-B-A", ""),
    ],
)
def test_a_fluid_and_a_solid_are_told_apart_by_their_form(text: str, form: str) -> None:
    found = [name for name in ("sprec_fluid", "sprec_solid") if re.fullmatch(pattern(name), text)]
    assert found == ([form] if form else [])
