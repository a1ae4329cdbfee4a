"""A rule's examples bite when every small slip in the rule is noticed by one of them."""

import pytest

from hilum.model.record import Kind, Value
from hilum.quality.compiled import checked
from hilum.quality.mutation import mutants, survivors
from hilum.quality.rule import Examples, Rule
from tests.unit.registry.stage import rule

Row = dict[str, Value]


def _changes(condition: str, when: str = "") -> list[str]:
    return [mutant.change for mutant in mutants(checked(rule("R", Kind.SPECIMEN, condition, when)))]


def _with(condition: str, when: str = "", *, passes: list[Row], fails: list[Row], na: list[Row] | None = None) -> Rule:
    return rule("R", Kind.SPECIMEN, condition, when, examples=Examples(tuple(passes), tuple(fails), tuple(na or [])))


def test_a_limit_is_turned_round_moved_to_its_neighbour_and_shifted_by_half() -> None:
    assert _changes("volume_ul <= 10") == [
        "assert: NOT (volume_ul <= 10)",
        "assert: volume_ul <= 10 → volume_ul >= 10",
        "assert: volume_ul <= 10 → volume_ul < 10",
        "assert: volume_ul <= 10 → volume_ul <= 5",
        "assert: volume_ul <= 10 → volume_ul <= 15",
    ]


@pytest.mark.parametrize(
    ("condition", "change"),
    [
        ("tube = 'EDTA'", "tube = 'EDTA' → tube <> 'EDTA'"),
        ("volume_ul < 0.5", "volume_ul < 0.5 → volume_ul < 0.25"),
        ("volume_ul < 1", "volume_ul < 1 → volume_ul < 2"),
        ("volume_ul > 0 AND weight_mg > 0", "volume_ul > 0 AND weight_mg > 0 → volume_ul > 0"),
        ("volume_ul > 0 AND weight_mg > 0", "(volume_ul > 0) AND (weight_mg > 0) → (volume_ul > 0) OR (weight_mg > 0)"),
        ("is_ffpe OR pcr_successful", "is_ffpe OR pcr_successful → is_ffpe AND pcr_successful"),
        ("is_ffpe OR pcr_successful", "is_ffpe OR pcr_successful → pcr_successful"),
        ("tube IN ('EDTA', 'SST')", "tube IN ('EDTA', 'SST') → NOT (tube IN ('EDTA', 'SST'))"),
        ("tube IS NOT NULL", "tube IS NOT NULL → tube IS NULL"),
    ],
)
def test_each_kind_of_slip_is_tried(condition: str, change: str) -> None:
    plain = [one.replace("(", "").replace(")", "") for one in _changes(condition)]
    assert f"assert: {change}".replace("(", "").replace(")", "") in plain


def test_a_limit_of_zero_is_not_shifted_and_the_applicability_is_dropped() -> None:
    assert _changes("volume_ul > 0", "tube = 'EDTA'") == [
        "assert: NOT (volume_ul > 0)",
        "assert: volume_ul > 0 → volume_ul < 0",
        "assert: volume_ul > 0 → volume_ul >= 0",
        "when: tube = 'EDTA' → (always)",
        "when: tube = 'EDTA' → tube <> 'EDTA'",
    ]


def test_a_null_test_that_the_rest_of_when_implies_is_not_dropped() -> None:
    changes = _changes("TRUE", "volume_ul IS NOT NULL AND volume_ul > 0")
    assert not [one for one in changes if one.endswith("→ volume_ul > 0")]
    assert [one for one in changes if one.endswith("→ volume_ul IS NOT NULL")]


def test_a_slip_deep_inside_is_tried_as_well() -> None:
    changes = _changes("NOT (tube = 'EDTA' AND abs(volume_ul) > 5)")
    assert any("abs(volume_ul) > 5 → abs(volume_ul) >= 5" in one for one in changes)
    assert any("tube = 'EDTA' → tube <> 'EDTA'" in one for one in changes)


def test_examples_on_both_sides_of_the_limit_leave_no_survivor() -> None:
    sharp = _with("volume_ul <= 10", passes=[{"volume_ul": 10}], fails=[{"volume_ul": 11}])
    assert survivors(sharp) == ()


@pytest.mark.parametrize(
    ("passes", "fails", "survives"),
    [
        (9, 11, ["volume_ul <= 10 → volume_ul < 10"]),
        (10, 99, ["volume_ul <= 10 → volume_ul <= 15"]),
        (4, 11, ["volume_ul <= 10 → volume_ul < 10", "volume_ul <= 10 → volume_ul <= 5"]),
    ],
)
def test_examples_far_from_the_limit_let_slips_survive_and_say_which(
    passes: float, fails: float, survives: list[str]
) -> None:
    blunt = _with("volume_ul <= 10", passes=[{"volume_ul": passes}], fails=[{"volume_ul": fails}])
    assert list(survivors(blunt)) == [f"assert: {one}" for one in survives]


def test_without_an_example_that_does_not_apply_the_applicability_is_not_tested() -> None:
    passes: list[Row] = [{"volume_ul": 1, "tube": "EDTA"}]
    fails: list[Row] = [{"volume_ul": 0, "tube": "EDTA"}]
    blunt = _with("volume_ul > 0", "tube = 'EDTA'", passes=passes, fails=fails)
    assert list(survivors(blunt)) == ["when: tube = 'EDTA' → (always)"]
    sharp = _with("volume_ul > 0", "tube = 'EDTA'", passes=passes, fails=fails, na=[{"volume_ul": 0, "tube": "SST"}])
    assert survivors(sharp) == ()


def test_a_rule_without_examples_notices_nothing() -> None:
    assert len(survivors(_with("volume_ul <= 10", passes=[], fails=[]))) == len(_changes("volume_ul <= 10"))


def test_a_mutant_is_another_rule_and_the_original_is_left_alone() -> None:
    original = checked(rule("R", Kind.SPECIMEN, "volume_ul <= 10", "tube = 'EDTA'"))
    before = (original.when, original.condition)
    for mutant in mutants(original):
        assert (mutant.rule.when, mutant.rule.condition) != before
    assert (original.when, original.condition) == before
