"""The expressions a rule is made of: our own small tree, so that nothing but these nodes can ever be compiled.

Every node is a frozen value. Types are those of :class:`hilum.quality.row.ColumnType`. Meaning, in one place:

* **Numbers** are IEEE 754 doubles of at most 1e60 in magnitude. A column value that is NaN, infinite or larger is
  NULL, one nearer to zero than 1e-60 is 0 (:func:`in_domain`). Within these bounds no arithmetic that
  :mod:`hilum.quality.predicate` lets through can overflow or underflow, so it is the same on every engine.
* **Text** is compared code point by code point and has no order.
* **NULL** follows SQL's three-valued logic: a comparison with NULL is NULL, AND and OR are Kleene's, CASE takes a
  branch only when its condition is TRUE. Every function is NULL when an argument is, unless it says otherwise.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from operator import attrgetter

from hilum.quality.row import ColumnType

LARGEST, SMALLEST = 1e60, 1e-60
"""Bounds of the magnitude of a number: wider than anything measured, narrow enough that products stay finite."""

MAX_LENGTH, MAX_DEPTH, MAX_LIST = 8_000, 30, 1_000
"""Longest text of an expression in characters, how deep it may nest, and how many constants one list may have."""


@dataclass(frozen=True, slots=True)
class Column:
    """The value of a column; a namespace is part of the name (``donor.sex``)."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant: text, number or truth value. Dates are days and instants seconds, see :mod:`hilum.quality.row`."""

    value: str | float | bool


@dataclass(frozen=True, slots=True)
class Compare:
    """``=``, ``<>`` on two of the same type; ``<``, ``<=``, ``>``, ``>=`` on numbers."""

    op: str
    left: "Expr"
    right: "Expr"


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["Expr", ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Expr", ...]


@dataclass(frozen=True, slots=True)
class Not:
    inner: "Expr"


@dataclass(frozen=True, slots=True)
class IsNull:
    inner: "Expr"


@dataclass(frozen=True, slots=True)
class In:
    """Whether a number or text is one of some constants."""

    inner: "Expr"
    values: tuple[str | float, ...]


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``+``, ``-`` or ``*`` of two numbers."""

    op: str
    left: "Expr"
    right: "Expr"


@dataclass(frozen=True, slots=True)
class Case:
    """The value beside the first condition that is TRUE, else ``default`` (NULL when there is none)."""

    branches: tuple[tuple["Expr", "Expr"], ...]
    default: "Expr | None"
    type: str


@dataclass(frozen=True, slots=True)
class Call:
    """One of the functions of :mod:`hilum.quality.functions`."""

    name: str
    args: tuple["Expr", ...]
    type: str


@dataclass(frozen=True, slots=True)
class Match:
    """Whether a whole text matches a regular expression. Only in expanded expressions."""

    inner: "Expr"
    pattern: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a finite table says of a text, NULL when it says nothing. Only in expanded expressions."""

    inner: "Expr"
    table: tuple[tuple[str, str | float], ...]
    type: str


Expr = Column | Literal | Compare | And | Or | Not | IsNull | In | Arithmetic | Case | Call | Match | Lookup


def type_of(expr: Expr) -> str:
    """The :class:`ColumnType` of an expression's value."""
    if isinstance(expr, Column | Case | Call | Lookup):
        return expr.type
    if isinstance(expr, Literal):
        if isinstance(expr.value, bool):
            return ColumnType.BOOLEAN
        return ColumnType.TEXT if isinstance(expr.value, str) else ColumnType.NUMBER
    return ColumnType.NUMBER if isinstance(expr, Arithmetic) else ColumnType.BOOLEAN


def children(expr: Expr) -> tuple[Expr, ...]:
    """The expressions directly inside ``expr``, in the order they are written."""
    inside: tuple[Expr, ...] = _INSIDE[expr.__class__](expr)
    return inside


def _of_case(expr: Case) -> tuple[Expr, ...]:
    tail = () if expr.default is None else (expr.default,)
    return (*(part for branch in expr.branches for part in branch), *tail)


_INSIDE: dict[type, Callable[..., tuple[Expr, ...]]] = {
    **dict.fromkeys((Column, Literal), lambda _: ()),
    **dict.fromkeys((Compare, Arithmetic), attrgetter("left", "right")),
    **dict.fromkeys((And, Or), attrgetter("parts")),
    **dict.fromkeys((Not, IsNull, In, Match, Lookup), lambda expr: (expr.inner,)),
    Call: attrgetter("args"),
    Case: _of_case,
}
"""By class, as whole rule sets are walked when a gate is made."""


def rebuilt(expr: Expr, inside: tuple[Expr, ...]) -> Expr:
    """``expr`` with the children :func:`children` lists replaced by ``inside``."""
    if not inside:
        return expr
    match expr:
        case Compare() | Arithmetic():
            return replace(expr, left=inside[0], right=inside[1])
        case And() | Or():
            return replace(expr, parts=inside)
        case Not() | IsNull() | In() | Match() | Lookup():
            return replace(expr, inner=inside[0])
        case Call():
            return replace(expr, args=inside)
        case Case():
            count = len(expr.branches)
            pairs = tuple((inside[2 * index], inside[2 * index + 1]) for index in range(count))
            return replace(expr, branches=pairs, default=inside[2 * count] if len(inside) > 2 * count else None)
    return expr


def walk(expr: Expr) -> Iterator[Expr]:
    """``expr`` and every expression inside it, outermost first."""
    waiting = [expr]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(children(node)))


def columns_of(expr: Expr) -> frozenset[str]:
    """Names of the columns ``expr`` reads."""
    return frozenset(node.name for node in walk(expr) if isinstance(node, Column))


def in_domain(value: float) -> float | None:
    """``value`` as the language sees it: NULL when NaN, infinite or beyond 1e60, 0 when nearer to it than 1e-60."""
    if SMALLEST <= value <= LARGEST or -LARGEST <= value <= -SMALLEST:
        return value
    return 0.0 if -SMALLEST < value < SMALLEST else None
