"""One rule means one thing: every executor answers as the judge does, on rows chosen to make them differ."""

from collections.abc import Iterator, Sequence

import duckdb
import pytest
from hypothesis import HealthCheck, assume, given, settings

from hilum.engines.duckdb_engine import DuckDBEngine
from hilum.engines.engine import Columns, Violation, read
from hilum.engines.judge import Judge
from hilum.engines.polars_engine import PolarsEngine
from hilum.errors import RuleError
from hilum.model.record import Value
from hilum.quality.compiled import Checked, CompiledRules
from hilum.quality.predicate import parse
from hilum.quality.rule import Rule
from hilum.quality.spelling import spell
from tests.property.expressions import rules, tables


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


@pytest.fixture(scope="module")
def duckdb_engine() -> Iterator[DuckDBEngine]:
    return DuckDBEngine(duckdb.connect(config={"threads": 1}))


@given(rules(), tables())
def test_the_gate_answers_as_the_judge(given_rules: list[Rule], table: dict[str, list[Value]]) -> None:
    ready = readable(given_rules)
    assert at_the_gate(ready, table) == Judge().violations(ready, table)


@given(rules(), tables())
def test_polars_answers_as_the_judge(given_rules: list[Rule], table: dict[str, list[Value]]) -> None:
    ready = readable(given_rules)
    assert PolarsEngine().violations(ready, table) == Judge().violations(ready, table)
    assert PolarsEngine().counts(ready, table) == Judge().counts(ready, table)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rules(), tables())
def test_duckdb_answers_as_the_judge(
    duckdb_engine: DuckDBEngine, given_rules: list[Rule], table: dict[str, list[Value]]
) -> None:
    ready = readable(given_rules)
    assert duckdb_engine.violations(ready, table) == Judge().violations(ready, table)
    assert duckdb_engine.counts(ready, table) == Judge().counts(ready, table)


@given(rules())
def test_a_rule_spelt_back_is_the_same_rule(given_rules: list[Rule]) -> None:
    for one in readable(given_rules):
        columns = {node: kind for node, kind in _columns().items()}
        assert parse(spell(one.condition), columns) == one.condition


def _columns() -> dict[str, str]:
    from hilum.model.record import Kind
    from hilum.quality.row import columns

    return columns(Kind.SPECIMEN)
