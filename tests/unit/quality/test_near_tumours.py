"""Corrections on a tumour's organ and stage, and of measured numbers out of their range."""

from functools import cache

import pytest

from hilum.model.record import Kind, Value
from hilum.quality.finding import Finding, Fix
from hilum.quality.gate import Gate
from hilum.quality.near_numbers import moved
from hilum.quality.near_sites import near_sites
from hilum.quality.pack import build_ruleset, load_shipped
from hilum.quality.row import day_number, own_columns

Fields = dict[str, Value]
LUNG: Fields = {
    "condition_id": "C1", "donor_id": "D1", "category": "primary", "diagnosis": "肺腺癌", "icd10": "C34.1",
    "icdo_site": "C34.1", "icdo_histology": "8140/3", "laterality": "left", "diagnosed_on": "2026-03-01",
    "tnm_edition": "8", "pathologic_t": "T2a", "pathologic_n": "N0", "pathologic_m": "M0", "pathologic_stage": "IB",
}  # fmt: skip


@cache
def _gate() -> Gate:
    return Gate(build_ruleset(load_shipped()))


def _findings(kind: Kind, fields: Fields, **context: Value) -> list[Finding]:
    seen: Fields = {"donor.known": True, "donor.sex": "male", "received.on": day_number("2026-03-09")}
    return list(_gate().judge(kind, own_columns(kind, fields) | seen | context).findings)


def _first(found: list[Finding]) -> Fix:
    """The surest correction of the gravest finding that has one."""
    grave = sorted(found, key=lambda one: ("block", "warn", "info").index(one.severity))
    return next(one.fixes[0] for one in grave if one.fixes)


def _offered(found: list[Finding]) -> set[tuple[str, Value]]:
    return {(fix.field, fix.value) for one in found for fix in one.fixes}


def test_a_sound_tumour_is_left_alone() -> None:
    assert _offered(_findings(Kind.CONDITION, LUNG)) == set()


@pytest.mark.parametrize("wrong", ["C53.9", "C18.7", "C16.2", "C56"])
def test_the_code_that_differs_from_words_and_topography_is_the_one_to_change(wrong: str) -> None:
    fix = _first(_findings(Kind.CONDITION, LUNG | {"icd10": wrong}))
    assert (fix.field, fix.value, fix.basis, fix.lossless) == ("icd10", "C34.1", "dictionary", False)


def test_the_topography_that_differs_from_words_and_code_is_the_one_to_change() -> None:
    fix = _first(_findings(Kind.CONDITION, LUNG | {"icdo_site": "C18.7"}))
    assert (fix.field, fix.value) == ("icdo_site", "C34.1")


def test_two_statements_that_differ_are_offered_both_ways_and_less_surely() -> None:
    found = _findings(Kind.CONDITION, LUNG | {"diagnosis": None, "icdo_site": "C18.7", "pathologic_stage": None})
    fixes = [fix for one in found for fix in one.fixes if one.rule == "CND-SITE-001"]
    assert {(fix.field, fix.value) for fix in fixes} == {("icdo_site", "C34.1"), ("icd10", "C18.7")}
    assert all(fix.confidence <= 0.5 for fix in fixes)


def test_words_and_code_alone_are_offered_as_each_other_says() -> None:
    lone = LUNG | {"icd10": "C50.9", "icdo_site": None, "icdo_histology": None, "pathologic_stage": None}
    offered = _offered(_findings(Kind.CONDITION, lone, **{"donor.sex": "female"}))
    assert {("icd10", "C34.9"), ("diagnosis", "乳腺癌")} <= offered
    english = lone | {"diagnosis": "lung cancer"}
    assert ("diagnosis", "breast cancer") in _offered(_findings(Kind.CONDITION, english, **{"donor.sex": "female"}))


def test_a_code_of_the_other_sex_is_offered_nothing_that_is_of_the_other_sex_too() -> None:
    woman = LUNG | {"diagnosis": None, "icd10": "C61", "icdo_site": "C62.9", "pathologic_stage": None}
    found = _findings(Kind.CONDITION, woman, **{"donor.sex": "female"})
    assert [one.fixes for one in found if one.rule.startswith("CND-SEX-")] == [(), ()]


@pytest.mark.parametrize("morphology", ["9680/3", "8720/3", "9050/3", "9140/3", "8500/2", "8140/0"])
def test_what_icd10_codes_by_type_or_behaviour_is_left_alone(morphology: str) -> None:
    assert list(near_sites({"icd10": "C83.3", "icdo_site": "C16.9", "icdo_histology": morphology})) == []


def test_a_topography_is_written_as_icd10_writes_it_and_back() -> None:
    def changes(**row: Value) -> set[tuple[str, Value]]:
        return {change for slip in near_sites(row) for change in slip.changes}

    assert ("icd10", "C64") in changes(icd10="C18.7", icdo_site="C64.9")
    assert ("icdo_site", "C64.9") in changes(icd10="C64", icdo_site="C18.7")
    assert ("icdo_site", "C50.4") in changes(icd10="C50.411", icdo_site="C18.7")
    assert ("icdo_site", "C34.9") in changes(icd10="C34", icdo_site="C18.7")
    assert changes(icd10="C34.1", icdo_site="C77.1") == {("icdo_site", "C34.1")}
    assert changes(icd10=None, icdo_site=None, diagnosis=None) == changes(icd10="x", icdo_site="") == set()


@pytest.mark.parametrize(("t", "n", "stage"), [("T2a", "N0", "IB"), ("T1c", "N1", "IIB"), ("T4", "N2", "IIIB")])
def test_a_stage_against_its_tnm_is_offered_the_group_they_give(t: str, n: str, stage: str) -> None:
    wrong = LUNG | {"pathologic_t": t, "pathologic_n": n, "pathologic_stage": "IV"}
    found = _findings(Kind.CONDITION, wrong)
    assert (_first(found).field, _first(found).value) == ("pathologic_stage", stage)
    assert ("pathologic_m", "M1") in _offered(found)


def test_a_metastasis_that_stands_against_t_n_and_stage_is_offered_away_first() -> None:
    found = _findings(Kind.CONDITION, LUNG | {"pathologic_m": "M1a"})
    assert (_first(found).field, _first(found).value) == ("pathologic_m", "M0")
    assert ("pathologic_stage", "IVA") in _offered(found)


def test_no_group_is_offered_for_an_edition_the_tables_are_not_of() -> None:
    wrong = LUNG | {"pathologic_stage": "IV", "tnm_edition": "6"}
    assert "pathologic_stage" not in {name for name, _ in _offered(_findings(Kind.CONDITION, wrong))}


def test_where_the_organ_is_wrong_the_stage_is_not_bent_to_it() -> None:
    """T3 N1 M0 is IIB in the stomach and IIIB in the colon."""
    stomach: Fields = {"diagnosis": "胃体腺癌", "icdo_site": "C16.2", "pathologic_t": "T3", "pathologic_n": "N1"}
    fix = _first(_findings(Kind.CONDITION, LUNG | stomach | {"icd10": "C18.7", "pathologic_stage": "IIB"}))
    assert (fix.field, fix.value) == ("icd10", "C16.2")


def test_a_force_out_of_range_is_offered_the_one_power_of_ten_that_brings_it_in() -> None:
    plasma: Fields = {"specimen_id": "S1", "donor_id": "D1", "specimen_type": "Plasma"}
    for written, meant in ((160, 1600), (16_000, 1600), (2, 2000)):
        found = _findings(Kind.SPECIMEN, plasma | {"centrifuge_g": written})
        (rule,) = [one for one in found if one.rule == "SPM-CEN-004"]
        assert [(fix.field, fix.value) for fix in rule.fixes] == [("centrifuge_g", meant)]
    nowhere = _findings(Kind.SPECIMEN, plasma | {"centrifuge_g": 5000})
    assert ("centrifuge_g", 500) not in _offered(nowhere)


def test_a_whole_number_is_moved_to_whole_numbers_only_and_nothing_to_nothing() -> None:
    assert {slip.changes[0][1] for slip in moved({"x": 160}, "x", whole=True)} == {16, 1600, 16_000, 160_000}
    assert moved({"x": 0}, "x", whole=False) == moved({"x": None}, "x", whole=False) == ()
