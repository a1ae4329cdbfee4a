"""Our expressions as Polars expressions, over columns that are already in the language's domain."""

from collections.abc import Callable, Mapping

import polars as pl

from hilum.quality.compiled import compile_value
from hilum.quality.expression import (
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
from hilum.quality.functions import NUMERAL
from hilum.quality.row import ColumnType

_NOTHING: Mapping[Expr, str] = {}

TYPES: dict[str, type[pl.DataType]] = {
    ColumnType.NUMBER: pl.Float64,
    ColumnType.TEXT: pl.String,
    ColumnType.BOOLEAN: pl.Boolean,
}


SPELT_OUT = 10

Known = Mapping[Expr, str]
"""Expressions that already stand in the frame, by the name of their column."""


def polars_of(expr: Expr, known: Known = _NOTHING) -> pl.Expr:
    """The Polars expression of an expanded expression; ``null`` is NULL.

    What names no column is evaluated here: Polars gives some expressions of constants alone a length of one.
    """
    if expr in known:
        return pl.col(known[expr])
    if isinstance(expr, Column):
        return pl.col(expr.name)
    if isinstance(expr, Literal):
        return pl.lit(expr.value)
    if not columns_of(expr):
        return pl.lit(compile_value(expr)({}), dtype=TYPES[type_of(expr)])
    return _operation(expr, known)


def whole(pattern: str) -> str:
    """A pattern that must match from the first to the last character."""
    return rf"\A(?:{pattern})\z"


def _folded(parts: tuple[Expr, ...], join: Callable[[pl.Expr, pl.Expr], pl.Expr], known: Known) -> pl.Expr:
    whole = polars_of(parts[0], known)
    for part in parts[1:]:
        whole = join(whole, polars_of(part, known))
    return whole


def _case(expr: Case, known: Known) -> pl.Expr:
    last = pl.lit(None, dtype=TYPES[expr.type]) if expr.default is None else polars_of(expr.default, known)
    for test, value in reversed(expr.branches):
        last = pl.when(polars_of(test, known)).then(polars_of(value, known)).otherwise(last)
    return last


def _operation(expr: Expr, known: Known) -> pl.Expr:
    match expr:
        case Not(IsNull(inner)):
            return polars_of(inner, known).is_not_null()
        case Not(inner):
            return ~polars_of(inner, known)
        case And(parts):
            return _folded(parts, lambda left, right: left & right, known)
        case Or(parts):
            return _folded(parts, lambda left, right: left | right, known)
        case IsNull(inner):
            return polars_of(inner, known).is_null()
        case Case():
            return _case(expr, known)
    return _computed(expr, known)


def _computed(expr: Expr, known: Known) -> pl.Expr:
    match expr:
        case Compare(op, left, right):
            return _COMPARE[op](polars_of(left, known), polars_of(right, known))
        case Arithmetic(op, left, right):
            return _SUM[op](polars_of(left, known), polars_of(right, known))
        case In(inner, values):
            return _is_one_of(polars_of(inner, known), pl.Series(values, dtype=TYPES[type_of(inner)]))
        case Match(inner, pattern):
            return polars_of(inner, known).str.contains(whole(pattern))
        case Lookup(inner, table, type_):
            keys, found = [key for key, _ in table], [value for _, value in table]
            if not table:
                return pl.lit(None, dtype=TYPES[type_])
            return polars_of(inner, known).replace_strict(
                pl.Series(keys, dtype=pl.String), pl.Series(found, dtype=TYPES[type_]), default=None
            )
        case Call("part", (text, start, count)):
            length = polars_of(length_of(text), known)
            return _part(polars_of(text, known), length, polars_of(start, known), polars_of(count, known))
        case Call(name, args):
            return _CALLS[name](*(polars_of(arg, known) for arg in args))
    raise TypeError(type(expr).__name__)


def _is_one_of(value: pl.Expr, codes: pl.Series) -> pl.Expr:
    """A few comparisons cost less than hashing every value."""
    if not 0 < codes.len() <= SPELT_OUT:
        return value.is_in(codes.implode())
    found: pl.Expr = value == codes[0]
    for code in codes[1:]:
        found = found | (value == code)
    return found


def _div(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    return pl.when(right != 0.0).then(left / right)


def length_of(text: Expr) -> Call:
    """The length of a text, which its parts need too."""
    return Call("length", (text,), ColumnType.NUMBER)


def _part(text: pl.Expr, length: pl.Expr, start: pl.Expr, count: pl.Expr) -> pl.Expr:
    return pl.when(length >= start + count - 1).then(text.str.slice((start - 1).cast(pl.Int64), count.cast(pl.Int64)))


def _try_num(text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.contains(whole(NUMERAL))).then(text.cast(pl.Float64, strict=False))


_COMPARE: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "=": lambda left, right: left == right,
    "<>": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}
_SUM: dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
}
_CALLS: dict[str, Callable[..., pl.Expr]] = {
    "abs": lambda number: number.abs(),
    "floor": lambda number: number.floor(),
    "div": _div,
    "length": lambda text: text.str.len_chars().cast(pl.Float64),
    "prefix": lambda text, count: text.str.head(count.cast(pl.Int64)),
    "suffix": lambda text, count: text.str.tail(count.cast(pl.Int64)),
    "starts_with": lambda text, other: text.str.starts_with(other),
    "ends_with": lambda text, other: text.str.ends_with(other),
    "concat": lambda left, right: left + right,
    "try_num": _try_num,
}
