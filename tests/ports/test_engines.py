"""Every executor keeps one contract: counts and violations of rules over a table, and clear words when it cannot."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import duckdb
import polars as pl
import pytest
from sqlalchemy import create_engine

from hilum.engines.duckdb_engine import DuckDBEngine
from hilum.engines.engine import Columns, Counts, Violation
from hilum.engines.judge import Judge
from hilum.engines.polars_engine import SLICE, PolarsEngine
from hilum.engines.polars_plan import FEW, Form
from hilum.engines.postgres_engine import PostgresEngine
from hilum.engines.sql import DUCKDB, POSTGRES, SPARK, Printer, unpack
from hilum.engines.width import width
from hilum.errors import BadInputError
from hilum.model.record import Kind, Value
from hilum.quality.compiled import checked
from hilum.quality.finding import RuleOutcome
from hilum.quality.rule import Rule
from hilum.terms import patterns
from hilum.testing.postgres import PostgresUnavailable, temporary_postgres
from tests.property.expressions import rule

FAIL, UNKNOWN = RuleOutcome.FAIL, RuleOutcome.UNKNOWN

TABLE: dict[str, list[Value]] = {
    "specimen_type": ["RNA", "RNA", "Serum", None, "RNA"],
    "storage_c": [-80.0, -20.0, -20.0, -20.0, None],
    "uuid": ["1", "1\n", "１", "", None],
    "is_ffpe": [True, False, None, True, False],
}
RULES = [
    rule("COLD", "storage_c <= -70", "specimen_type = 'RNA'"),
    rule("ALWAYS", "is_ffpe"),
    rule("ONE", "try_num(uuid) = 1"),
    rule("ABSENT", "weight_mg IS NULL AND matches(uuid, 'two_digits') IS NOT TRUE"),
    rule("UNIT", "to_unit(2, 'mg', 'ug', '') = 2000"),
]
COUNTS = [
    Counts(passed=1, failed=1, unknown=1, not_applicable=2),
    Counts(passed=2, failed=2, unknown=1, not_applicable=0),
    Counts(passed=1, failed=0, unknown=4, not_applicable=0),
    Counts(passed=5, failed=0, unknown=0, not_applicable=0),
    Counts(passed=5, failed=0, unknown=0, not_applicable=0),
]
VIOLATIONS = [
    (1, 0, FAIL),
    (1, 1, FAIL),
    (1, 2, UNKNOWN),
    (2, 1, UNKNOWN),
    (2, 2, UNKNOWN),
    (3, 2, UNKNOWN),
    (4, 0, UNKNOWN),
    (4, 1, FAIL),
    (4, 2, UNKNOWN),
]


class TakesColumns(Protocol):
    """The part of the engines' contract that all of them share: a table as plain columns."""

    @property
    def name(self) -> str: ...
    def counts(self, rules: Sequence[Rule], table: Columns) -> list[Counts]: ...
    def violations(self, rules: Sequence[Rule], table: Columns) -> list[Violation]: ...


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresEngine]:
    try:
        with temporary_postgres() as url:
            engine = create_engine(url)
            with engine.connect() as connection:
                yield PostgresEngine(connection)
            engine.dispose()
    except PostgresUnavailable as absent:
        pytest.skip(f"PostgreSQL: {absent}")


@pytest.fixture(params=["judge", "polars", "duckdb", "postgres"])
def engine(request: pytest.FixtureRequest) -> TakesColumns:
    """Each executor in turn."""
    if request.param == "postgres":
        found: PostgresEngine = request.getfixturevalue("postgres")
        return found
    made: dict[str, type[TakesColumns]] = {"judge": Judge, "polars": PolarsEngine, "duckdb": DuckDBEngine}
    return made[request.param]()


def test_an_engine_counts_the_four_outcomes_of_every_rule(engine: TakesColumns) -> None:
    assert engine.counts(RULES, TABLE) == COUNTS


def test_an_engine_lists_what_did_not_pass_by_row_and_rule(engine: TakesColumns) -> None:
    assert engine.violations(RULES, TABLE) == VIOLATIONS


def test_a_bank_without_records_counts_nothing(engine: TakesColumns) -> None:
    empty: dict[str, list[Value]] = {name: [] for name in TABLE}
    assert engine.counts(RULES, empty) == [Counts(0, 0, 0, 0)] * len(RULES)
    assert engine.violations(RULES, empty) == []


def test_without_rules_nothing_is_asked(engine: TakesColumns) -> None:
    assert engine.counts([], TABLE) == []
    assert engine.violations([], TABLE) == []


def test_more_rules_than_fit_one_query_keep_their_order(engine: TakesColumns) -> None:
    many = [rule(f"R-{limit}", f"storage_c <= {limit}") for limit in range(-100, 130)]
    assert [each.passed for each in engine.counts(many, TABLE)] == [
        sum(value is not None and value <= limit for value in (-80, -20, -20, -20, None)) for limit in range(-100, 130)
    ]
    assert {index for _, index, outcome in engine.violations(many, TABLE) if outcome is FAIL} == set(range(80))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e61, -1e308, 10**400])
def test_a_number_that_is_none_is_unknown_and_stops_no_query(engine: TakesColumns, value: float) -> None:
    assert engine.counts([rule("R", "volume_ul > 0 OR volume_ul <= 0")], {"volume_ul": [value, 1]}) == [
        Counts(1, 0, 1, 0)
    ]


def test_products_of_the_smallest_and_largest_numbers_stop_no_query(engine: TakesColumns) -> None:
    table = {"volume_ul": [1e-60, 1e60, 1e-300], "weight_mg": [1e-60, 1e60, 1e60]}
    product = rule("R", "volume_ul * volume_ul * weight_mg * weight_mg > 0")
    assert engine.counts([product], table) == [Counts(passed=2, failed=1, unknown=0, not_applicable=0)]


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ({"storage_c": ["cold"], "specimen_type": ["RNA"]}, "table_value"),
        ({"storage_c": [True], "specimen_type": ["RNA"]}, "table_value"),
        ({"storage_c": [1.0], "specimen_type": [7]}, "table_value"),
        ({"storage_c": [1.0, 2.0], "specimen_type": ["RNA"]}, "table_length"),
    ],
)
def test_a_table_that_is_none_is_refused_with_its_column(
    engine: TakesColumns, table: Mapping[str, list[Value]], reason: str
) -> None:
    with pytest.raises(BadInputError) as refused:
        engine.counts(RULES[:1], table)
    assert refused.value.reason == reason
    assert refused.value.values["column"] in table


def test_rules_of_two_kinds_are_not_asked_of_one_table(engine: TakesColumns) -> None:
    other = replace(rule("D", "sex IS NOT NULL"), grain=Kind.DONOR)
    with pytest.raises(BadInputError) as refused:
        engine.counts([RULES[0], other], TABLE)
    assert refused.value.reason == "table_grain"


# each engine's own tables ----------------------------------------------------------------------------------------


def test_polars_and_duckdb_take_a_polars_frame_and_duckdb_a_table_of_its_own() -> None:
    frame = pl.DataFrame(TABLE)
    connection = duckdb.connect()
    connection.register("given", frame)
    connection.execute('CREATE TABLE "specimens of 2026" AS SELECT * FROM given')
    assert PolarsEngine().counts(RULES, frame) == COUNTS
    assert PolarsEngine().violations(RULES, frame) == VIOLATIONS
    assert DuckDBEngine().counts(RULES, frame) == COUNTS
    assert DuckDBEngine(connection).counts(RULES, "specimens of 2026") == COUNTS
    assert DuckDBEngine(connection).violations(RULES, "specimens of 2026") == VIOLATIONS


def test_a_frame_with_text_where_numbers_belong_is_refused() -> None:
    with pytest.raises(BadInputError) as refused:
        PolarsEngine().counts(RULES[:1], pl.DataFrame({"storage_c": ["-80"], "specimen_type": ["RNA"]}))
    assert refused.value.reason == "table_value"


def test_rows_beyond_one_slice_are_counted_and_numbered_through() -> None:
    rows = SLICE + 3
    bad = {0, SLICE - 1, SLICE, rows - 1}
    frame = pl.DataFrame({"storage_c": pl.Series([-20.0 if row in bad else -80.0 for row in range(rows)])})
    cold = [rule("R", "storage_c <= -70")]
    assert PolarsEngine().counts(cold, frame) == [Counts(rows - 4, 4, 0, 0)]
    assert [row for row, _, _ in PolarsEngine().violations(cold, frame)] == sorted(bad)


def test_a_text_postgresql_cannot_hold_is_refused_with_its_row(postgres: PostgresEngine) -> None:
    with pytest.raises(BadInputError) as refused:
        postgres.counts([rule("R", "uuid = 'a'")], {"uuid": ["a", "a\0"]})
    assert (refused.value.values["column"], refused.value.values["row"]) == ("uuid", 1)


# the SQL itself --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dialect", "said"),
    [
        (DUCKDB, "REGEXP_FULL_MATCH(\"uuid\", '[0-9]{2}')"),
        (POSTGRES, "(\"uuid\" ~ '^(?:[0-9]{2})$')"),
        (SPARK, r"(`uuid` RLIKE '^(?:[0-9]{2})\\z')"),
    ],
)
def test_a_form_is_spelt_so_that_a_last_line_break_never_matches(dialect: str, said: str) -> None:
    assert Printer(dialect).condition(checked(rule("R", "matches(uuid, 'two_digits')")).condition) == said


def test_spark_keeps_a_floor_a_double() -> None:
    text = Printer(SPARK).condition(checked(rule("R", "floor(volume_ul) = 1")).condition)
    assert "CAST(FLOOR(`volume_ul`) AS DOUBLE)" in text


def test_a_condition_stands_in_a_query_once() -> None:
    text = Printer(DUCKDB).counts([checked(rule("R", "ends_with(uuid, 'once')"))], "t")
    assert text.count("RIGHT(") == 1


def test_three_counts_come_out_of_one_sum() -> None:
    assert unpack(7 + 5 * 2**30 + 3 * 2**60) == (7, 5, 3)


# lengths and forms -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "least", "most"),
    [
        ("a", 1, 1),
        ("", 0, 0),
        ("[0-9]{2}", 2, 2),
        ("[^]a]{2,5}x?", 2, 6),
        ("a|bcd", 1, 3),
        ("(ab|c)+", 1, math.inf),
        ("(a{2}){3}", 6, 6),
        (r"\(a*\.", 2, math.inf),
        ("a{3,}", 3, math.inf),
        ("(?:a)", 0, math.inf),
        ("^a$", 0, math.inf),
        ("[a", 0, math.inf),
        ("a)", 0, math.inf),
    ],
)
def test_the_width_of_a_pattern(pattern: str, least: int, most: float) -> None:
    assert width(pattern) == (least, most)


def test_no_shipped_pattern_is_beyond_the_small_reader() -> None:
    assert {name for name in patterns.names() if width(patterns.pattern(name)) == (0, math.inf)} == set()


@pytest.mark.parametrize("distinct", [5, FEW + 10])
def test_a_form_says_the_same_of_few_values_and_of_many(distinct: int) -> None:
    values = [None if row % 7 == 0 else f"{row % distinct:0{1 + row % 3}d}" for row in range(FEW * 4)]
    form = Form("uuid", "[0-9]{2}")
    for _ in range(2):  # what was learnt from one slice must hold for the next
        found = form.matches(pl.Series("uuid", values)).to_list()
        assert found == [None if value is None else len(value) == 2 for value in values]
