"""Value sets and the spellings people write."""

from collections import defaultdict

import pytest

from hilum.model.vocabulary import vocabulary
from hilum.terms import synonyms, valuesets
from hilum.terms.analytes import analyte_spellings


def test_every_value_set_the_vocabulary_names_exists() -> None:
    named = {field.values for fields in vocabulary().values() for field in fields.values() if field.values}
    assert named <= valuesets.names()


def test_every_code_field_of_the_vocabulary_names_a_value_set() -> None:
    assert not [
        f.name for fields in vocabulary().values() for f in fields.values() if f.type == "code" and not f.values
    ]


def test_an_unknown_value_set_is_an_error() -> None:
    with pytest.raises(KeyError):
        valuesets.members("colour")


def test_ranges_are_sets_of_three_character_categories() -> None:
    assert {"C51", "C58", "O00", "N98"} <= valuesets.members("icd10_female")
    assert not {"C50", "C60", "N79"} & valuesets.members("icd10_female")


def test_a_subset_holds_only_codes_of_its_whole_set() -> None:
    for part, whole in (
        ("liquid_type", "specimen_type"),
        ("anticoagulated_tube", "tube"),
        ("coagulating_tube", "tube"),
        ("consent_in_force", "consent_status"),
        ("specimen_tumor_code", "sample_code"),
    ):
        assert valuesets.members(part) <= valuesets.members(whole), part


def test_every_code_has_words_in_both_languages() -> None:
    for name in valuesets.names() - {"analyte"}:
        for code, words in valuesets.spellings(name).items():
            assert all(word.strip() for word in words[:2]), (name, code)


@pytest.mark.parametrize("name", sorted(valuesets.names()))
def test_no_spelling_stands_for_two_codes(name: str) -> None:
    listed = analyte_spellings() if name == "analyte" else valuesets.spellings(name)
    claims: dict[str, set[str]] = defaultdict(set)
    for code, spellings in listed.items():
        for spelling in (code, *spellings):
            claims[synonyms._key(name, spelling)].add(code)
    assert not {spelling: codes for spelling, codes in claims.items() if len(codes) > 1}


@pytest.mark.parametrize(
    ("valueset", "text", "code"),
    [
        ("sex", "MALE", "male"),
        ("sex", "男", "male"),
        ("sex", "Ｍ", "male"),
        ("sex", "女性", "female"),
        ("vital_status", "Dead", "dead"),
        ("vital_status", "死亡", "dead"),
        ("tumor_status", "TUMOR FREE", "tumor_free"),
        ("tumor_status", "WITH TUMOR", "with_tumor"),
        ("consent_status", "Consented", "consented"),
        ("consent_status", "Exemption 4", "exemption"),
        ("consent_status", "Waiver", "waiver"),
        ("stage", "Stage IIA", "IIA"),
        ("stage", "Stage IS", "IS"),
        ("stage", "ⅢA期", "IIIA"),
        ("tnm_edition", "7th", "7"),
        ("sample_code", "Primary Tumor", "01"),
        ("sample_code", "Blood Derived Normal", "10"),
        ("analyte_code", "Repli-G (Qiagen) DNA", "W"),
        ("analyte_code", "Total RNA", "T"),
        ("specimen_type", "血清", "Serum"),
        ("specimen_type", "whole blood", "WholeBlood"),
        ("tube", "EDTA-K2", "EDTA"),
        ("tube", "紫帽管", "EDTA"),
        ("hemolysis", "＋＋", "moderate"),
        ("comparator", "≤", "<="),
        ("comparator", "＜", "<"),
        ("blood_group", "A-", "A-"),
        ("blood_group", "a−", "A-"),
        ("blood_group", "A", "A"),
        ("laterality", "Both", "bilateral"),
        ("section", "TOP", "top"),
        ("analyte", "creatinine_level_preresection", "creatinine"),
        ("analyte", "血小板计数", "platelets"),
    ],
)
def test_the_spellings_people_write_find_their_code(valueset: str, text: str, code: str) -> None:
    assert synonyms.code_of(valueset, text) == code


@pytest.mark.parametrize(
    ("valueset", "text"),
    [("stage", "Stage Tis"), ("sex", "?"), ("specimen_type", "血清和血浆"), ("vital_status", ""), ("tube", "C")],
)
def test_a_spelling_nobody_listed_stays_unknown(valueset: str, text: str) -> None:
    assert synonyms.code_of(valueset, text) is None


def test_every_code_and_label_stands_for_itself() -> None:
    for name in valuesets.names():
        for code, spellings in (analyte_spellings() if name == "analyte" else valuesets.spellings(name)).items():
            assert {synonyms.code_of(name, word) for word in (code, *spellings)} == {code}, (name, code)
