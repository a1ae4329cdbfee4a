"""One rule means one thing: every executor answers as the judge does, on rows chosen to make them differ."""

from collections.abc import Iterator, Sequence

import duckdb
import pytest
from hypothesis import HealthCheck, assume, given, settings
from sqlalchemy import create_engine

from hilum.engines.duckdb_engine import DuckDBEngine
from hilum.engines.engine import Columns, Violation, read
from hilum.engines.judge import Judge
from hilum.engines.polars_engine import PolarsEngine
from hilum.engines.postgres_engine import PostgresEngine
from hilum.errors import RuleError
from hilum.model.record import Kind, Value
from hilum.quality.compiled import Checked, CompiledRules
from hilum.quality.predicate import parse
from hilum.quality.row import columns
from hilum.quality.rule import Rule
from hilum.quality.spelling import spell
from hilum.testing.postgres import PostgresUnavailable, temporary_postgres
from tests.property.expressions import rules, tables

# A database plans every query anew: fewer examples here, many under HYPOTHESIS_PROFILE=long.
DATABASE = settings(
    max_examples=max(30, settings().max_examples // 4),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def readable(given: Sequence[Rule]) -> tuple[Checked, ...]:
    """The rules read; an example whose arithmetic the language refuses is not one."""
    try:
        return read(given)
    except RuleError as refused:
        assume(refused.reason not in ("predicate_magnitude", "predicate_large"))
        raise


def at_the_gate(ready: Sequence[Checked], table: Columns) -> list[Violation]:
    """What the gate's compiled function says, row by row."""
    compiled = CompiledRules(ready)
    rows = max((len(values) for values in table.values()), default=0)
    found = []
    for row in range(rows):
        cells: dict[str, Value] = {name: values[row] for name, values in table.items()}
        found += [(row, index, outcome) for index, outcome, broken in compiled.evaluate(cells).failing if not broken]
    return found


def applied_at_the_gate(ready: Sequence[Checked], table: Columns) -> int:
    compiled = CompiledRules(ready)
    rows = max((len(values) for values in table.values()), default=0)
    return sum(compiled.evaluate({name: values[row] for name, values in table.items()}).applied for row in range(rows))


@pytest.fixture(scope="module")
def duckdb_engine() -> Iterator[DuckDBEngine]:
    connection = duckdb.connect(config={"threads": 1})
    yield DuckDBEngine(connection)
    connection.close()


@pytest.fixture(scope="module")
def postgres_engine() -> Iterator[PostgresEngine]:
    try:
        with temporary_postgres() as url:
            engine = create_engine(url)
            with engine.connect() as connection:
                yield PostgresEngine(connection)
            engine.dispose()
    except PostgresUnavailable as absent:
        pytest.skip(f"PostgreSQL: {absent}")


@given(rules(), tables())
def test_the_gate_answers_as_the_judge(given_rules: list[Rule], table: dict[str, list[Value]]) -> None:
    ready = readable(given_rules)
    assert at_the_gate(ready, table) == Judge().violations(ready, table)
    counts = Judge().counts(ready, table)
    assert applied_at_the_gate(ready, table) == sum(each.passed + each.failed + each.unknown for each in counts)


@given(rules(), tables())
def test_polars_answers_as_the_judge(given_rules: list[Rule], table: dict[str, list[Value]]) -> None:
    ready = readable(given_rules)
    assert PolarsEngine().violations(ready, table) == Judge().violations(ready, table)
    assert PolarsEngine().counts(ready, table) == Judge().counts(ready, table)


@DATABASE
@given(rules(), tables())
def test_duckdb_answers_as_the_judge(
    duckdb_engine: DuckDBEngine, given_rules: list[Rule], table: dict[str, list[Value]]
) -> None:
    ready = readable(given_rules)
    assert duckdb_engine.violations(ready, table) == Judge().violations(ready, table)
    assert duckdb_engine.counts(ready, table) == Judge().counts(ready, table)


@DATABASE
@given(rules(), tables())
def test_postgresql_answers_as_the_judge(
    postgres_engine: PostgresEngine, given_rules: list[Rule], table: dict[str, list[Value]]
) -> None:
    ready = readable(given_rules)
    assert postgres_engine.violations(ready, table) == Judge().violations(ready, table)
    assert postgres_engine.counts(ready, table) == Judge().counts(ready, table)


@given(rules())
def test_a_rule_spelt_back_is_the_same_rule(given_rules: list[Rule]) -> None:
    for one in readable(given_rules):
        assert parse(spell(one.condition), columns(Kind.SPECIMEN)) == one.condition
