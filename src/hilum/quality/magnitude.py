"""How large or small the value of an expression can become, known before it ever runs.

Engines disagree about overflow and underflow (PostgreSQL stops the query, others go on with infinity or zero). A rule
is therefore refused when its arithmetic could leave the range of a double: with column values between 1e-60 and 1e60
that takes five factors, which no sensible rule has. What is let through is finite everywhere.
"""

import math
from dataclasses import dataclass

from hilum.errors import RuleError
from hilum.quality.expression import Arithmetic, Call, Case, Expr, Literal, Lookup, children, type_of
from hilum.quality.functions import expand
from hilum.quality.row import ColumnType

LIMIT = 300
MAX_NODES = 20_000
_PRECISION = 17


@dataclass(frozen=True, slots=True)
class Span:
    """Decimal exponents: a value is 0 or from 10^low to 10^high in magnitude, and a multiple of 10^grid or coarser."""

    low: int
    high: int
    grid: int


def check(expr: Expr, place: str, text: str) -> None:
    """Raise :class:`RuleError` when ``expr`` could overflow, underflow, or grow huge once expanded."""
    memo: dict[int, tuple[Span, int]] = {}
    span, size = _measure(expand(expr), memo)
    spans = [span, *(found for found, _ in memo.values())]
    if any(found.low < -LIMIT or found.high > LIMIT for found in spans):
        raise RuleError("predicate_magnitude", place=place, text=text[:120])
    if size > MAX_NODES:
        raise RuleError("predicate_large", place=place, text=text[:120])


def _measure(expr: Expr, memo: dict[int, tuple[Span, int]]) -> tuple[Span, int]:
    """Span and size of an expanded expression. Shared parts are measured once, so that size costs nothing to know."""
    known = memo.get(id(expr))
    if known is None:
        inside = [_measure(child, memo) for child in children(expr)]
        spans = [span for (span, _), child in zip(inside, children(expr), strict=True) if _is_number(child)]
        known = (_span(expr, spans) if _is_number(expr) else _UNIT), 1 + sum(size for _, size in inside)
        memo[id(expr)] = known
    return known


_UNIT = Span(0, 0, 0)
_COLUMN = Span(-60, 60, -60 - _PRECISION)


def _is_number(expr: Expr) -> bool:
    return type_of(expr) == ColumnType.NUMBER


def _span(expr: Expr, inside: list[Span]) -> Span:
    match expr:
        case Literal(value):
            return _of_values([float(value)])
        case Lookup(_, table):
            return _of_values([float(value) for _, value in table])
        case Arithmetic(op):
            return _product(*inside) if op == "*" else _sum(*inside)
        case Case():
            return _union(inside)
        case Call(name):
            return _of_call(name, inside)
    return _COLUMN


def _of_values(values: list[float]) -> Span:
    exponents = [math.log10(abs(value)) for value in values if value != 0] or [0.0]
    low = math.floor(min(exponents))
    return Span(low, math.ceil(max(exponents)), low - _PRECISION)


def _sum(left: Span, right: Span) -> Span:
    grid = min(left.grid, right.grid)
    return Span(grid, max(left.high, right.high) + 1, grid)


def _product(left: Span, right: Span) -> Span:
    low = left.low + right.low
    return Span(low, left.high + right.high, low - _PRECISION)


def _union(spans: list[Span]) -> Span:
    return Span(min(s.low for s in spans), max(s.high for s in spans), min(s.grid for s in spans))


def _of_call(name: str, inside: list[Span]) -> Span:
    if name == "div":
        low = inside[0].low - inside[1].high
        return Span(low, inside[0].high - inside[1].low, low - _PRECISION)
    if name == "floor":
        return Span(0, max(inside[0].high, 0), 0)
    return inside[0] if name == "abs" else _COLUMN
