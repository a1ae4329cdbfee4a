"""SPREC codes: their form, their elements, their lists."""

import pytest

from hilum.terms import sprec, valuesets


def test_every_list_an_element_names_exists_and_has_words_in_both_languages() -> None:
    for name in {one for one in (*sprec.FLUID, *sprec.SOLID) if one}:
        codes = valuesets.members(name)
        assert len(codes) >= 9
        assert all((word := valuesets.label(name, code)) and word.zh and word.en for code in codes)


def test_a_fluid_and_a_solid_are_told_apart_by_their_fifth_element() -> None:
    fluid, solid = sprec.elements("PL1-PED-A-B-N-B-A"), sprec.elements("TIS-SRG-A-B-NBF-E-P")
    assert fluid is not None
    assert solid is not None
    assert [one.code for one in fluid] == ["PL1", "PED", "A", "B", "N", "B", "A"]
    assert (fluid[1].values, solid[4].values, solid[4].code) == ("sprec_container", "sprec_fixation", "NBF")


@pytest.mark.parametrize(
    "text",
    ["", "PL1", "PL1-PED-A-B-N-B", "pl1-ped-a-b-n-b-a", "PL1-PED-1-B-N-B-A", "ＰL1-PED-A-B-N-B-A", "---", "------"],
)
def test_what_has_not_the_form_of_a_code_is_none(text: str) -> None:
    assert sprec.elements(text) is None


def test_codes_with_digits_are_taken() -> None:
    assert sprec.elements("U24-PPS-A-N-N-N-A") is not None
