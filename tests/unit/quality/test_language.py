"""The closed rule language: what is refused and how, and three-valued logic against tables written by hand."""

from itertools import product

import pytest

from hilum.engines.judge import outcome as judged
from hilum.engines.judge import value_of
from hilum.errors import RuleError
from hilum.messages import LANGUAGES
from hilum.model.record import Kind, Value
from hilum.quality.compiled import checked, compile_value, outcome
from hilum.quality.finding import RuleOutcome
from hilum.quality.predicate import MAX_DEPTH, MAX_LENGTH, MAX_LIST, parse, parse_value
from hilum.quality.row import columns
from tests.unit.registry.stage import rule

COLUMNS = columns(Kind.SPECIMEN)
PLACE = "own.yaml:7"


def _refused(text: str) -> RuleError:
    with pytest.raises(RuleError) as refused:
        parse(text, COLUMNS, PLACE)
    for language in LANGUAGES:
        message, advice = refused.value.message(language), refused.value.advice(language)
        assert message.startswith(PLACE)
        assert advice.strip()
        assert "⟨" not in message + advice
        assert len(message) < 500
    return refused.value


# refused -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "volume_ul / 2 > 1",
        "volume_ul % 2 = 0",
        "volume_ul::text = '1'",
        "tube LIKE 'E%'",
        "tube ILIKE 'e%'",
        "tube RLIKE 'E.*'",
        "tube SIMILAR TO 'E%'",
        "tube || 'x' = 'Ex'",
        "volume_ul = NULL",
        "volume_ul IN (1, NULL)",
        "(SELECT 1) = 1",
        "EXISTS (SELECT 1)",
        "volume_ul = ANY(1)",
        "volume_ul = ?",
        "volume_ul = :x",
        "volume_ul IS DISTINCT FROM 1",
        "CASE volume_ul WHEN 1 THEN TRUE END",
        "IF(TRUE, TRUE, FALSE)",
        "INTERVAL '1' DAY = 1",
        "ARRAY[1] = 1",
        "volume_ul[0] = 1",
        "SUM(volume_ul) OVER () = 1",
        "* = 1",
        "@x = 1",
        "volume_ul AT TIME ZONE 'UTC' = 1",
        "volume_ul = 1 COLLATE x",
        "collected_at = TIMESTAMP volume_ul",
        "volume_ul & 1 = 1",
        "volume_ul | 1 = 1",
    ],
)
def test_what_engines_disagree_about_is_not_in_the_language(text: str) -> None:
    assert _refused(text).reason in ("predicate_not_allowed", "predicate_syntax")


@pytest.mark.parametrize(
    "text",
    [
        "volume_ul >",
        "volume_ul = 1)",
        "(volume_ul = 1",
        "volume_ul = 'a",
        "volume_ul = 1; DROP TABLE specimens",
        "volume_ul = 1, 2",
        "tube ~ 'E.*'",
        "TRUE XOR FALSE",
        "AND",
        "血清 = = 1",
        "\x00",
    ],
)
def test_what_cannot_be_read_is_a_rule_error_as_well(text: str) -> None:
    assert _refused(text).reason in ("predicate_syntax", "predicate_column", "predicate_not_allowed")


@pytest.mark.parametrize("text", ["volume_ul IN (SELECT 1)", "volume_ul IN ()", "volume_ul IN (weight_mg)"])
def test_in_takes_a_list_of_constants(text: str) -> None:
    assert _refused(text).reason in ("predicate_list", "predicate_syntax")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("now() > 1", "now"),
        ("CAST(volume_ul AS text) = '1'", "cast"),
        ("COALESCE(volume_ul, 1) = 1", "coalesce"),
        ("regexp_like(tube, 'E')", "regexp_like"),
        ("random() > 0.5", "random"),
        ("round(volume_ul) = 1", "round"),
        ("sleep(10) = 1", "sleep"),
        ("count(volume_ul) = 1", "count"),
        ("extract(YEAR FROM created_on) = 1", "extract"),
    ],
)
def test_no_function_is_there_but_the_languages_own(text: str, name: str) -> None:
    error = _refused(text)
    assert error.reason in ("predicate_function", "predicate_syntax", "predicate_not_allowed")
    if error.reason == "predicate_function":
        assert error.values["name"] == name


@pytest.mark.parametrize("text", ["CURRENT_DATE > 1", "CURRENT_TIMESTAMP > 1", "today > 1"])
def test_there_is_no_clock(text: str) -> None:
    assert _refused(text).reason == "predicate_column"


@pytest.mark.parametrize(
    ("text", "reason", "near"),
    [
        ("volum_ul > 0", "predicate_column", "volume_ul"),
        ("Volume_UL > 0", "predicate_column", "volume_ul"),
        ("donor.sexx = 'male'", "predicate_column", "donor.sex"),
        ("parent.volum_ul > 0", "predicate_column", "parent.volume_ul"),
        ("lenght(tube) > 0", "predicate_function", "length"),
        ("hour_between(collected_at, frozen_at) > 0", "predicate_function", "hours_between"),
        ("matches(uuid, 'uid')", "predicate_pattern", "uuid"),
        ("in_codes(tube, 'tubes')", "predicate_value_set", "tube"),
        ("to_unit(volume_ul, 'uL', 'mmol/l', 'glucos') > 0", "predicate_analyte", "glucose"),
        ("id_check(uuid, 'cn_nationalid')", "predicate_check", "cn_national_id"),
    ],
)
def test_a_near_miss_is_answered_with_the_right_word(text: str, reason: str, near: str) -> None:
    error = _refused(text)
    assert (error.reason, error.values["near"]) == (reason, near)
    assert all(near in error.message(language) + error.advice(language) for language in LANGUAGES)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("volume_ul = 'a'", "predicate_compare"),
        ("'a' < 'b'", "predicate_compare"),
        ("is_ffpe > FALSE", "predicate_compare"),
        ("volume_ul", "predicate_not_a_condition"),
        ("'a'", "predicate_not_a_condition"),
        ("NOT volume_ul", "predicate_type"),
        ("is_ffpe AND volume_ul", "predicate_type"),
        ("volume_ul + tube > 1", "predicate_type"),
        ("volume_ul BETWEEN 1 AND tube", "predicate_type"),
        ("volume_ul IN (1, 'a')", "predicate_type"),
        ("length(volume_ul) > 1", "predicate_type"),
        ("CASE WHEN is_ffpe THEN 1 ELSE 'a' END = 1", "predicate_case"),
        ("is_ffpe = (volume_ul = 1)", "predicate_boolean_equal"),
        ("(volume_ul = 1) IS NULL", "predicate_boolean_null"),
        ("collected_at < created_on", "predicate_scale"),
        ("collected_at < DATE '2024-01-01'", "predicate_scale"),
        ("created_on BETWEEN 0 AND TIMESTAMP '2024-01-01T00:00:00Z'", "predicate_scale"),
        ("days_between(created_on, shipped_on) > 1", "predicate_days"),
        ("created_on < DATE '2024-02-30'", "predicate_moment"),
        ("collected_at < TIMESTAMP 'noon'", "predicate_moment"),
        ("div(1) = 1", "predicate_arguments"),
        ("abs(volume_ul, 1) = 1", "predicate_arguments"),
        ("prefix(tube, volume_ul) = 'a'", "predicate_constant"),
        ("prefix(tube, 0) = 'a'", "predicate_constant"),
        ("prefix(tube, 1.5) = 'a'", "predicate_constant"),
        ("matches(tube, uuid)", "predicate_constant"),
        ("volume_ul = 1e400", "predicate_number"),
        ("volume_ul = 1e61", "predicate_number"),
        ("volume_ul = 1e-61", "predicate_number"),
        ("volume_ul = 1e50 * 1e50", "predicate_number"),
        ("volume_ul * volume_ul * volume_ul * volume_ul * volume_ul * volume_ul > 1", "predicate_magnitude"),
        ("", "predicate_empty"),
        (" \n\t", "predicate_empty"),
    ],
)
def test_a_type_or_size_that_cannot_be_is_refused_for_its_reason(text: str, reason: str) -> None:
    assert _refused(text).reason == reason


def _nested(levels: int) -> str:
    return "NOT (" * levels + "is_ffpe" + ")" * levels


def test_a_condition_nested_too_deeply_is_refused_and_never_overflows() -> None:
    assert parse(_nested(MAX_DEPTH // 2), COLUMNS)
    assert _refused(_nested(MAX_DEPTH)).reason == "predicate_deep"
    for wrapping in ("(", "NOT ", "-", "abs("):
        count = (MAX_LENGTH - 100) // len(wrapping)
        assert _refused(wrapping * count + "volume_ul").reason in ("predicate_deep", "predicate_syntax")


def test_a_condition_may_be_wide_but_not_longer_than_the_limit() -> None:
    assert parse(" AND ".join(["volume_ul > 0"] * 400), COLUMNS)
    assert _refused("volume_ul = 1 AND " * MAX_LENGTH).reason == "predicate_long"
    assert parse(f"volume_ul IN ({', '.join(map(str, range(MAX_LIST)))})", COLUMNS)
    assert _refused(f"volume_ul IN ({', '.join(map(str, range(MAX_LIST + 1)))})").reason == "predicate_list"


def test_a_value_expression_may_be_of_any_type_and_is_refused_for_the_same_reasons() -> None:
    assert parse_value("volume_ul * 2", COLUMNS) != parse_value("volume_ul * 3", COLUMNS)
    assert parse_value("concat(tube, 'x')", COLUMNS)
    with pytest.raises(RuleError) as refused:
        parse_value("volume_ul / 2", COLUMNS, PLACE)
    assert refused.value.message("en").startswith(PLACE)


# three-valued logic --------------------------------------------------------------------------------------------------

T, F, N = True, False, None
_OUTCOMES = {True: RuleOutcome.PASS, False: RuleOutcome.FAIL, None: RuleOutcome.UNKNOWN}
Truth = bool | None


def _expect(condition: str, row: dict[str, Value], truth: Truth) -> None:
    """``condition`` is ``truth`` on ``row``: at the gate, for the judge, as a value, negated, and as ``when``."""
    whole = dict.fromkeys(COLUMNS) | row
    for text, expected in ((condition, truth), (f"NOT ({condition})", None if truth is None else not truth)):
        made = checked(rule("R", Kind.SPECIMEN, text))
        assert outcome(made, row) is _OUTCOMES[expected], text
        assert judged(made, whole) is _OUTCOMES[expected], text
        assert compile_value(made.condition)(row) is expected, text
        assert value_of(made.condition, whole) is expected, text
    when = checked(rule("R", Kind.SPECIMEN, "TRUE", condition))
    applies = RuleOutcome.PASS if truth is True else RuleOutcome.NOT_APPLICABLE
    assert outcome(when, row) is applies
    assert judged(when, whole) is applies


AND = {
    (T, T): T, (T, F): F, (T, N): N,
    (F, T): F, (F, F): F, (F, N): F,
    (N, T): N, (N, F): F, (N, N): N,
}  # fmt: skip
OR = {
    (T, T): T, (T, F): T, (T, N): T,
    (F, T): T, (F, F): F, (F, N): N,
    (N, T): T, (N, F): N, (N, N): N,
}  # fmt: skip
EQUAL = {
    (T, T): T, (T, F): F, (T, N): N,
    (F, T): F, (F, F): T, (F, N): N,
    (N, T): N, (N, F): N, (N, N): N,
}  # fmt: skip


@pytest.mark.parametrize(("one", "other"), list(AND))
def test_and_or_and_equality_of_truth_values_follow_kleenes_tables(one: Truth, other: Truth) -> None:
    row: dict[str, Value] = {"is_ffpe": one, "pcr_successful": other}
    _expect("is_ffpe AND pcr_successful", row, AND[one, other])
    _expect("is_ffpe OR pcr_successful", row, OR[one, other])
    _expect("is_ffpe = pcr_successful", row, EQUAL[one, other])


def test_and_and_or_of_three_follow_from_those_of_two() -> None:
    for one, two, three in product((T, F, N), repeat=3):
        row: dict[str, Value] = {"is_ffpe": one, "pcr_successful": two, "oct_embedded": three}
        _expect("is_ffpe AND pcr_successful AND oct_embedded", row, AND[AND[one, two], three])
        _expect("is_ffpe OR pcr_successful OR oct_embedded", row, OR[OR[one, two], three])
        _expect("is_ffpe OR pcr_successful AND oct_embedded", row, OR[one, AND[two, three]])


@pytest.mark.parametrize(("held", "negated"), [(T, F), (F, T), (N, N)])
def test_not_leaves_what_is_unknown_unknown(held: Truth, negated: Truth) -> None:
    _expect("NOT is_ffpe", {"is_ffpe": held}, negated)
    _expect("is_ffpe", {"is_ffpe": held}, held)


@pytest.mark.parametrize(("held", "true", "false", "null"), [(T, T, F, F), (F, F, T, F), (N, F, F, T)])
def test_is_always_knows(held: Truth, true: bool, false: bool, null: bool) -> None:
    row: dict[str, Value] = {"is_ffpe": held}
    _expect("is_ffpe IS TRUE", row, true)
    _expect("is_ffpe IS FALSE", row, false)
    _expect("is_ffpe IS NULL", row, null)
    _expect("is_ffpe IS NOT NULL", row, not null)
    _expect("is_ffpe IS NOT TRUE", row, not true)


@pytest.mark.parametrize(
    ("value", "truth"), [(1.0, T), (3, T), (2, F), (0.1 + 0.2, F), (0.3, T), (None, N), (float("nan"), N), (1e61, N)]
)
def test_in_a_list_of_numbers(value: float | None, truth: Truth) -> None:
    _expect("volume_ul IN (1, 3, 0.3)", {"volume_ul": value}, truth)
    _expect("volume_ul NOT IN (1, 3, 0.3)", {"volume_ul": value}, None if truth is None else not truth)


@pytest.mark.parametrize(("value", "truth"), [("EDTA", T), ("edta", F), ("EDTA ", F), ("", F), (None, N), ("it's", T)])
def test_in_a_list_of_texts(value: str | None, truth: Truth) -> None:
    _expect("tube IN ('EDTA', 'it''s')", {"tube": value}, truth)


BETWEEN: list[tuple[float | None, float | None, float | None, Truth]] = [
    (1, 2, 3, F),
    (2, 2, 3, T),
    (3, 2, 3, T),
    (4, 2, 3, F),
    (2, 3, 1, F),
    (None, 2, 3, N),
    (2.5, None, 3, N),
    (2.5, 2, None, N),
    (4, None, 3, F),
    (1, 2, None, F),
    (None, None, None, N),
]
"""Value, low, high: FALSE as soon as one bound says so, as SQL has it."""


@pytest.mark.parametrize(("value", "low", "high", "truth"), BETWEEN)
def test_between_is_two_comparisons_joined_by_and(
    value: float | None, low: float | None, high: float | None, truth: Truth
) -> None:
    row: dict[str, Value] = {"volume_ul": value, "weight_mg": low, "amount_ug": high}
    _expect("volume_ul BETWEEN weight_mg AND amount_ug", row, truth)
    _expect("volume_ul NOT BETWEEN weight_mg AND amount_ug", row, None if truth is None else not truth)


COMPARED = {"=": (F, T, F), "<>": (T, F, T), "<": (T, F, F), "<=": (T, T, F), ">": (F, F, T), ">=": (F, T, T)}
"""Operator: what it says of a smaller, an equal and a larger left side."""


@pytest.mark.parametrize("op", COMPARED)
def test_a_comparison_with_nothing_is_unknown(op: str) -> None:
    for left, truth in zip((1.0, 2.0, 3.0), COMPARED[op], strict=True):
        _expect(f"volume_ul {op} weight_mg", {"volume_ul": left, "weight_mg": 2}, truth)
        _expect(f"volume_ul {op} 2", {"volume_ul": left}, truth)
    for row in ({"volume_ul": 1.0}, {"weight_mg": 1.0}, {}):
        _expect(f"volume_ul {op} weight_mg", dict(row), N)


CASE: list[tuple[Truth, Truth, Truth, Truth]] = [
    (T, T, F, T),
    (T, F, T, F),
    (T, N, T, N),
    (F, T, F, F),
    (F, T, T, T),
    (F, T, N, N),
    (N, T, F, F),
    (N, T, T, T),
    (N, F, N, N),
]
"""Condition, then, else, result: the branch is taken only when the condition is TRUE."""


@pytest.mark.parametrize(("test", "then", "other", "truth"), CASE)
def test_case_takes_a_branch_only_when_its_condition_is_true(
    test: Truth, then: Truth, other: Truth, truth: Truth
) -> None:
    row: dict[str, Value] = {"is_ffpe": test, "pcr_successful": then, "oct_embedded": other}
    _expect("CASE WHEN is_ffpe THEN pcr_successful ELSE oct_embedded END", row, truth)
    _expect("CASE WHEN is_ffpe THEN pcr_successful END", row, then if test is True else N)
    _expect("CASE WHEN is_ffpe THEN pcr_successful ELSE NULL END", row, then if test is True else N)


def test_case_takes_the_first_branch_that_is_true() -> None:
    text = "CASE WHEN volume_ul > 10 THEN 'L' WHEN volume_ul > 5 THEN 'M' ELSE 'S' END = tube"
    for volume, size in ((11, "L"), (10, "M"), (5, "S"), (None, "S")):
        _expect(text, {"volume_ul": volume, "tube": size}, T)
        _expect(text, {"volume_ul": volume, "tube": "X"}, F)


def test_arithmetic_and_functions_with_nothing_are_unknown() -> None:
    for text in (
        "volume_ul + 1 > 0",
        "volume_ul - 1 < 0",
        "volume_ul * 0 = 0",
        "div(volume_ul, 2) = 1",
        "div(2, volume_ul) = 1",
        "least(volume_ul, 1) = 1",
        "abs(volume_ul) >= 0",
        "length(tube) >= 0",
        "starts_with(tube, '')",
        "concat(tube, 'x') <> ''",
        "matches(tube, 'uuid')",
        "in_codes(tube, 'tube')",
        "minutes_between(collected_at, frozen_at) >= 0",
        "hours_between(collected_at, 0) >= 0",
    ):
        _expect(text, {}, N)
    _expect("div(1, volume_ul) = 1", {"volume_ul": 0}, N)
    _expect("try_num(tube) = 1", {"tube": "one"}, N)


def test_dates_and_instants_are_constants_in_days_and_seconds() -> None:
    _expect("created_on = DATE '2024-02-29'", {"created_on": 19782}, T)
    _expect("collected_at = TIMESTAMP '1970-01-01T00:01:00Z'", {"collected_at": 60}, T)
    _expect("days_between(0, collected_at) = created_on", {"collected_at": 86399, "created_on": 0}, T)
