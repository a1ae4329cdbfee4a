"""Rules as a database's own CHECK constraints, for people who keep records in tables of their own.

A CHECK sees one row of one table: rules that read other records (``donor.*``, ``parent.*``) cannot be one and are
listed with what they read. What a rule does not apply to passes; what it cannot decide is refused, as at the gate.
Long tables (spellings of units) become functions of the database, so that each stands in the script once.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import groupby

from sqlglot import exp

from hilum.engines.engine import wanted
from hilum.engines.sql_expression import DUCKDB, POSTGRES, Speller, case
from hilum.quality.compiled import Checked, checked
from hilum.quality.expression import LARGEST, Lookup
from hilum.quality.functions import expand
from hilum.quality.row import ColumnType
from hilum.quality.rule import Rule

DIALECTS = {"postgresql": POSTGRES, "duckdb": DUCKDB}
"""Database -> sqlglot's name for it. Both are proven on every rule's own examples."""

_TYPES = {ColumnType.NUMBER: "DOUBLE PRECISION", ColumnType.TEXT: "TEXT", ColumnType.BOOLEAN: "BOOLEAN"}
_INLINE = 12
"""A table with more entries than this becomes a function."""
_OWN_SPACE = "received."
"""Columns with a dot belong to other records, but for when this one was received."""

Entries = tuple[tuple[tuple[str, str | float], ...], str]


@dataclass(slots=True)
class Constraints:
    """A script, the rules it holds in the order written, and those it cannot: (rule, other columns it reads)."""

    text: str = ""
    made: list[str] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


class _Naming(Speller):
    """Spells long tables as calls of functions and remembers which there are."""

    def __init__(self, dialect: str) -> None:
        super().__init__(dialect, may_join=False)
        self.functions: dict[Entries, str] = {}

    def _lookup(self, expr: Lookup) -> exp.Expr:
        if len(expr.table) <= _INLINE:
            return super()._lookup(expr)
        name = self.functions.setdefault((expr.table, expr.type), f"hilum_table_{len(self.functions) + 1}")
        return exp.Anonymous(this=name, expressions=[self.tree(expr.inner)])

    def function(self, entries: Entries) -> str:
        """The statement that makes the function of a table."""
        table, type_ = entries
        name = self.functions[entries]
        if self.dialect == DUCKDB:  # which plans a CASE of a thousand branches for minutes
            keys, found = (", ".join(self._spelt(pair[side]) for pair in table) for side in (0, 1))
            return f"CREATE OR REPLACE MACRO {name}(x) AS MAP([{keys}], [{found}])[x];"
        body = f"({self._spelt(json.dumps(dict(table), ensure_ascii=False))}::jsonb ->> x)::{_TYPES[type_]}"
        head = f"CREATE OR REPLACE FUNCTION {name}(x TEXT) RETURNS {_TYPES[type_]} LANGUAGE sql IMMUTABLE STRICT"
        return f"{head} AS $hilum$ SELECT {body} $hilum$;"

    def _spelt(self, value: str | float) -> str:
        return _sql(self._constant(value), self.dialect)


def _kind(rule: Rule) -> str:
    return rule.grain.value


def constraints(rules: Iterable[Rule], dialect: str, table_of: Callable[[Rule], str] = _kind) -> Constraints:
    """One table per kind of record (or per ``table_of``) with a named CHECK per rule, rules of a table standing
    together. ``dialect`` is a key of :data:`DIALECTS`."""
    found = Constraints()
    speller = _Naming(DIALECTS[dialect])
    tables = [
        _table(kind, [checked(rule) for rule in some], speller, found) for kind, some in groupby(rules, key=table_of)
    ]
    functions = [speller.function(entries) for entries in speller.functions]
    found.text = "\n\n".join([*functions, *(table for table in tables if table)]) + "\n"
    return found


def _table(name: str, rules: list[Checked], speller: _Naming, found: Constraints) -> str:
    own, notes = [], []
    for rule in rules:
        other = sorted(name for name in wanted([rule]) if "." in name and not name.startswith(_OWN_SPACE))
        if other:
            found.left_out.append((rule.rule.id, ", ".join(other)))
            notes.append(f"-- {rule.rule.id}: {', '.join(other)}")
        else:
            own.append(rule)
    if not own:
        return "\n".join(notes)
    found.made += [rule.rule.id for rule in own]
    lines = [f"  {_quoted(column)} {_TYPES[type_]}" for column, type_ in wanted(own).items()]
    numbers = [column for column, type_ in wanted(own).items() if type_ == ColumnType.NUMBER]
    lines += [
        f"  CONSTRAINT {_quoted(f'{column} is a number')} CHECK (ABS({_quoted(column)}) <= {LARGEST!r})"
        for column in numbers
    ]
    lines += [_check(rule, speller) for rule in own]
    return "\n".join([*notes, f"CREATE TABLE {_quoted(name)} (", ",\n".join(lines), ");"])


def _finite(column: str) -> str:
    """No NaN and nothing infinite: the rules know neither."""
    return f"  CONSTRAINT {_quoted(f'{column} is a number')} CHECK (ABS({_quoted(column)}) <= {LARGEST!r})"


def _check(rule: Checked, speller: _Naming) -> str:
    """NULL passes a CHECK, so both conditions are made two-valued: not TRUE does not apply, not TRUE is broken."""
    held: exp.Expr = _two_valued(speller.tree(expand(rule.condition)))
    if rule.when is not None:
        held = case([(speller.tree(expand(rule.when)), held)], exp.true())
    title = rule.rule.title
    note = f"  -- {title.zh} / {title.en}".replace("\n", " ")
    return f"{note}\n  CONSTRAINT {_quoted(rule.rule.id)} CHECK ({_sql(held, speller.dialect)})"


def _two_valued(tree: exp.Expr) -> exp.Expr:
    return exp.Coalesce(this=tree, expressions=[exp.false()])


def _sql(tree: exp.Expr, dialect: str) -> str:
    return tree.sql(dialect=dialect, comments=False)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
