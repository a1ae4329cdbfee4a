"""Rules taken out of Hilum mean what they mean inside it: every rule's own examples say so, on every target."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import ModuleType, SimpleNamespace
from typing import Protocol

import duckdb
import polars as pl
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

from hilum.engines.check_constraints import constraints
from hilum.engines.engine import wanted
from hilum.engines.pandera_schema import schema_source
from hilum.model.record import Value
from hilum.model.text import Bilingual
from hilum.quality.compiled import checked
from hilum.quality.examples import trials
from hilum.quality.finding import RuleOutcome
from hilum.quality.pack import build_ruleset, load_shipped
from hilum.quality.rule import Rule
from hilum.testing.postgres import PostgresUnavailable, temporary_postgres
from tests.property.expressions import rule

RULES = build_ruleset(load_shipped()).rules
STOPS = (RuleOutcome.FAIL, RuleOutcome.UNKNOWN)
_CHECK_VIOLATION = "23514"
Row = Mapping[str, Value]


class Database(Protocol):
    """A database that says why it refused a row."""

    name: str

    def make(self, script: str) -> None: ...
    def refusals(self, table: str, rows: Sequence[Row]) -> list[str]:
        """Why each row was refused, or nothing where it was taken. All rows have the same columns."""


class DuckDB:
    name = "duckdb"

    def __init__(self) -> None:
        self._connection = duckdb.connect()

    def make(self, script: str) -> None:
        self._connection.execute(script)

    def refusals(self, table: str, rows: Sequence[Row]) -> list[str]:
        """Planned once: DuckDB plans a constraint for longer than it checks it."""
        names = list(rows[0]) if rows else []
        self._connection.execute(f"PREPARE one AS {_insert(table, names, '?')}")
        return [self._refusal(row) for row in rows]

    def _refusal(self, row: Row) -> str:
        try:
            self._connection.execute(f"EXECUTE one({', '.join(map(_literal, row.values()))})")
        except duckdb.ConstraintException as refused:
            return str(refused)
        return ""


class Postgres:
    name = "postgresql"

    def __init__(self, url: str) -> None:
        self._connection = create_engine(url, isolation_level="AUTOCOMMIT").connect()

    def make(self, script: str) -> None:
        self._connection.exec_driver_sql(script)

    def refusals(self, table: str, rows: Sequence[Row]) -> list[str]:
        return [self._refusal(table, row) for row in rows]

    def _refusal(self, table: str, row: Row) -> str:
        named = {f"v{index}": value for index, value in enumerate(row.values())}
        try:
            self._connection.execute(text(_insert(table, list(row), ":v")), named)
        except ProgrammingError as refused:
            if _CHECK_VIOLATION not in str(refused):
                raise
            return str(refused)
        return ""


def _literal(value: Value) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return "NULL" if value is None else str(value)


def _insert(table: str, names: Sequence[str], mark: str) -> str:
    marks = ", ".join(mark if mark == "?" else f"{mark}{index}" for index in range(len(names)))
    columns = ", ".join(f'"{name}"' for name in names)
    return f'INSERT INTO "{table}" ({columns}) VALUES ({marks})'


@pytest.fixture(scope="module", params=["duckdb", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    if request.param == "duckdb":
        yield DuckDB()
        return
    try:
        with temporary_postgres() as url:
            yield Postgres(url)
    except PostgresUnavailable as missing:
        pytest.skip(str(missing))


def _planned_in_time() -> list[Rule]:
    """Every fourth rule, and few of those on units: DuckDB plans a constraint's long tables anew for each of them."""
    some = RULES[::4]
    tables = constraints(some, "duckdb", table_of=lambda one: one.id).text.split("CREATE TABLE ")
    long = {part.partition("(")[0].strip(' "') for part in tables[1:] if "hilum_table" in part}
    few = set(sorted(long)[:5])
    return [one for one in some if one.id not in long - few]


def test_every_rules_own_examples_are_taken_and_refused_by_its_constraint(database: Database) -> None:
    """Each constraint alone in a table of its own: in one table another rule may refuse the example first."""
    chosen = _planned_in_time() if database.name == "duckdb" else RULES
    script = constraints(chosen, database.name, table_of=lambda one: one.id)
    assert len(script.made) > len(chosen) / 2
    database.make(script.text)
    wrong = []
    for one in (one for one in RULES if one.id in script.made):
        tried = trials(one)
        rows = [{column: trial.row.get(column) for column in wanted([checked(one)])} for trial in tried]
        wrong += [
            f"{one.id}: {dict(trial.row)}: {said or 'taken'}"
            for trial, said in zip(tried, database.refusals(one.id, rows), strict=True)
            if bool(said) is not (trial.found in STOPS)
        ]
    assert not wrong


def test_all_constraints_stand_in_one_script(database: Database) -> None:
    for table in {name for one in RULES for name in (one.id, one.grain.value)}:
        database.make(f'DROP TABLE IF EXISTS "{table}"')
    script = constraints(RULES, database.name)
    database.make(script.text)
    assert len(script.made) + len(script.left_out) == len(RULES)
    assert "SPM-CNS-001" in dict(script.left_out), "it reads the donor's consent, which no CHECK can see"
    assert database.refusals("donor", [{"height_cm": 1e61}])[0], "beyond what any rule knows as a number"


def test_a_title_that_ends_a_comment_or_a_quote_does_no_harm(database: Database) -> None:
    evil = replace(rule('X"; DROP', "uuid = 'it''s; --'"), title=Bilingual("一\n; DROP TABLE x; --", "'\"; --"))
    database.make('DROP TABLE IF EXISTS "specimen"')
    database.make(constraints([evil], database.name).text)
    taken, refused = database.refusals("specimen", [{"uuid": "it's; --"}, {"uuid": "other"}])
    assert (taken, bool(refused)) == ("", True)


@pytest.fixture
def pandera(monkeypatch: pytest.MonkeyPatch) -> None:
    """The four names the exported module uses of pandera, keeping what they are given."""
    fake = ModuleType("pandera.polars")
    for name in ("Check", "Column", "DataFrameSchema"):
        setattr(fake, name, lambda *given, **named: SimpleNamespace(given=given, **named))
    package = ModuleType("pandera")
    package.polars = fake  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pandera", package)
    monkeypatch.setitem(sys.modules, "pandera.polars", fake)


def _module(source: str) -> dict[str, object]:
    names: dict[str, object] = {}
    exec(compile(source, "exported", "exec"), names)
    return names


def test_every_rules_own_examples_pass_and_fail_its_pandera_check(pandera: None) -> None:
    module = _module(schema_source(RULES, "rules"))
    schemas: dict[str, SimpleNamespace] = module["SCHEMAS"]  # type: ignore[assignment]
    checks = {check.name: check for schema in schemas.values() for check in schema.checks}
    assert checks.keys() == {one.id for one in RULES}
    wrong = []
    for one in RULES:
        tried = trials(one)
        frame = pl.DataFrame([dict(trial.row) or {"": None} for trial in tried], infer_schema_length=None)
        ready = module["prepared"](one.grain.value, frame)  # type: ignore[operator]
        (said,) = checks[one.id].given[0](SimpleNamespace(lazyframe=ready.lazy())).collect()
        wrong += [
            f"{one.id}: {dict(trial.row)}"
            for trial, passed in zip(tried, said, strict=True)
            if passed is (trial.found in STOPS)
        ]
    assert not wrong
