"""Rules as a pandera schema for Polars frames: one Python file that stands alone, for people who validate elsewhere.

The file imports ``pandera.polars`` and ``polars`` only. It has a ``DataFrameSchema`` per kind of record with one named
check per rule, and ``prepared(kind, frame)``, which brings a frame into the rules' domain: absent columns as NULL,
numbers as doubles, NaN and what is too large as NULL. Meaning is that of :mod:`hilum.engines.polars_expression`,
which the tests hold it to; every text of a rule is written as a literal.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from hilum.engines.engine import wanted
from hilum.quality.compiled import Checked, checked, compile_value
from hilum.quality.expression import (
    LARGEST,
    SMALLEST,
    And,
    Arithmetic,
    Call,
    Case,
    Column,
    Compare,
    Expr,
    In,
    IsNull,
    Literal,
    Lookup,
    Match,
    Not,
    Or,
    columns_of,
    type_of,
)
from hilum.quality.functions import NUMERAL, expand
from hilum.quality.row import ColumnType
from hilum.quality.rule import Rule

_TYPES = {ColumnType.NUMBER: "pl.Float64", ColumnType.TEXT: "pl.String", ColumnType.BOOLEAN: "pl.Boolean"}
_COMPARE = {"=": "==", "<>": "!="}
_HEAD = '''"""Rules of Hilum as pandera schemas, made by `hilum rules export --to pandera`: do not edit, make it again.

    import polars as pl
    from {name} import SCHEMAS, prepared
    frame = prepared("specimen", pl.read_csv("specimens.csv"))
    SCHEMAS["specimen"].validate(frame, lazy=True)

Columns are Hilum's: dates as days and instants as seconds since 1970-01-01, other records' values as `donor.sex`.
"""

import pandera.polars as pa
import polars as pl


def prepared(kind: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The columns the rules of a kind read, absent ones as NULL, numbers in the rules' domain."""
    cells = []
    for name, dtype in COLUMNS[kind].items():
        cell = pl.col(name).cast(dtype) if name in frame.columns else pl.lit(None, dtype=dtype)
        if dtype == pl.Float64:
            size = cell.abs()
            cell = pl.when(size < {smallest}).then(0.0).when(size <= {largest}).then(cell)
        cells.append(cell.alias(name))
    return frame.select(cells)


def _rule(name: str, when: pl.Expr, held: pl.Expr, title: str) -> pa.Check:
    passed = pl.when(when.fill_null(False)).then(held.fill_null(False)).otherwise(True).alias(name)
    return pa.Check(lambda data: data.lazyframe.select(passed), name=name, error=title)

'''


class _Source:
    """Prints expressions as Polars source; long tables and lists become constants of the module."""

    def __init__(self) -> None:
        self.constants: dict[str, str] = {}

    def constant(self, text: str) -> str:
        return self.constants.setdefault(text, f"_T{len(self.constants) + 1}")

    def of(self, expr: Expr) -> str:
        """Source of an expanded expression; what names no column is evaluated here."""
        if isinstance(expr, Column):
            return f"pl.col({expr.name!r})"
        if isinstance(expr, Literal):
            return f"pl.lit({expr.value!r})"
        if not columns_of(expr):
            return f"pl.lit({compile_value(expr)({})!r}, dtype={_TYPES[type_of(expr)]})"
        return self._logic(expr)

    def _logic(self, expr: Expr) -> str:
        match expr:
            case Not(inner):
                return f"(~{self.of(inner)})"
            case And(parts):
                return "(" + " & ".join(map(self.of, parts)) + ")"
            case Or(parts):
                return "(" + " | ".join(map(self.of, parts)) + ")"
            case IsNull(inner):
                return f"{self.of(inner)}.is_null()"
            case Case(branches, default, type_):
                last = f"pl.lit(None, dtype={_TYPES[type_]})" if default is None else self.of(default)
                for test, value in reversed(branches):
                    last = f"pl.when({self.of(test)}).then({self.of(value)}).otherwise({last})"
                return last
        return self._value(expr)

    def _value(self, expr: Expr) -> str:
        match expr:
            case Compare(op, left, right):
                return f"({self.of(left)} {_COMPARE.get(op, op)} {self.of(right)})"
            case Arithmetic(op, left, right):
                return f"({self.of(left)} {op} {self.of(right)})"
            case In(inner, values):
                listed = self.constant(f"pl.Series({list(values)!r}, dtype={_TYPES[type_of(inner)]})")
                return f"{self.of(inner)}.is_in({listed}.implode())"
            case Match(inner, pattern):
                return f"{self.of(inner)}.str.contains({_whole(pattern)!r})"
            case Lookup(inner, table, type_):
                return self._lookup(inner, table, type_)
            case Call(name, args):
                return _CALLS[name](*map(self.of, args))
        raise TypeError(type(expr).__name__)

    def _lookup(self, inner: Expr, table: Sequence[tuple[str, str | float]], type_: str) -> str:
        if not table:
            return f"pl.lit(None, dtype={_TYPES[type_]})"
        keys = self.constant(f"pl.Series({[key for key, _ in table]!r}, dtype=pl.String)")
        found = self.constant(f"pl.Series({[value for _, value in table]!r}, dtype={_TYPES[type_]})")
        return f"{self.of(inner)}.replace_strict({keys}, {found}, default=None)"


def _whole(pattern: str) -> str:
    return rf"\A(?:{pattern})\z"


def _part(text: str, start: str, count: str) -> str:
    cut = f"{text}.str.slice(({start} - 1).cast(pl.Int64), {count}.cast(pl.Int64))"
    return f"pl.when({text}.str.len_chars() >= {start} + {count} - 1).then({cut})"


def _try_num(text: str) -> str:
    return f"pl.when({text}.str.contains({_whole(NUMERAL)!r})).then({text}.cast(pl.Float64, strict=False))"


_CALLS: dict[str, Callable[..., str]] = {
    "abs": lambda number: f"{number}.abs()",
    "floor": lambda number: f"{number}.floor()",
    "div": lambda left, right: f"pl.when({right} != 0.0).then({left} / {right})",
    "length": lambda text: f"{text}.str.len_chars().cast(pl.Float64)",
    "prefix": lambda text, count: f"{text}.str.head({count}.cast(pl.Int64))",
    "suffix": lambda text, count: f"{text}.str.tail({count}.cast(pl.Int64))",
    "part": _part,
    "starts_with": lambda text, other: f"{text}.str.starts_with({other})",
    "ends_with": lambda text, other: f"{text}.str.ends_with({other})",
    "concat": lambda left, right: f"({left} + {right})",
    "try_num": _try_num,
}


def schema_source(rules: Iterable[Rule], name: str) -> str:
    """The text of a module called ``name`` for these rules, which come ordered by kind."""
    source = _Source()
    columns, schemas = [], []
    for kind, some in groupby(rules, key=lambda rule: rule.grain.value):
        ready = [checked(rule) for rule in some]
        typed = ", ".join(f"{column!r}: {_TYPES[type_]}" for column, type_ in wanted(ready).items())
        columns.append(f"    {kind!r}: {{{typed}}},")
        checks = "\n".join(f"            {_check(rule, source)}," for rule in ready)
        cells = f"{{name: pa.Column(dtype, nullable=True) for name, dtype in COLUMNS[{kind!r}].items()}}"
        schemas.append(
            f"    {kind!r}: pa.DataFrameSchema(\n        {cells},\n        checks=[\n{checks}\n        ],\n    ),"
        )
    tables = [f"{short} = {text}" for text, short in source.constants.items()]
    head = _HEAD.replace("{name}", name).replace("{smallest}", repr(SMALLEST)).replace("{largest}", repr(LARGEST))
    return "\n".join([head, "COLUMNS = {", *columns, "}", "", *tables, "", "SCHEMAS = {", *schemas, "}", ""])


def _check(rule: Checked, source: _Source) -> str:
    when = "pl.lit(True)" if rule.when is None else source.of(expand(rule.when))
    title = f"{rule.rule.title.zh} / {rule.rule.title.en}"
    return f"_rule({rule.rule.id!r}, {when}, {source.of(expand(rule.condition))}, {title!r})"
