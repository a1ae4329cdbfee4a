"""Expression trees as JSON and back: ``["<", ["c", "volume_ul", "number"], 5.0]``.

A column is ``["c", name, type]``, a constant stands for itself, everything else is its word and its parts. Reading
back takes nothing on trust: operators, functions and types must be those of the language, since source is written
from the tree (:mod:`hilum.quality.source`).
"""

from collections.abc import Callable
from typing import TypeGuard

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
    type_of,
)
from hilum.quality.functions import SIGNATURES
from hilum.quality.row import ColumnType

Tree = str | float | bool | list["Tree"] | None
_TYPES = frozenset({ColumnType.NUMBER, ColumnType.TEXT, ColumnType.BOOLEAN})
_COMPARES = frozenset({"=", "<>", "<", "<=", ">", ">="})
_SUMS = frozenset({"+", "-", "*"})
_DEEPEST = 200


def tree_of(expr: Expr) -> Tree:
    """``expr`` as it is written. Expanded trees (matches, look-ups) are not: they depend on terminologies."""
    match expr:
        case Literal(value):
            return value
        case Column(name, type_):
            return ["c", name, type_]
        case Compare(op, left, right) | Arithmetic(op, left, right):
            return [op, tree_of(left), tree_of(right)]
        case And(parts) | Or(parts):
            return ["and" if isinstance(expr, And) else "or", *map(tree_of, parts)]
        case Not(inner) | IsNull(inner):
            return ["not" if isinstance(expr, Not) else "null", tree_of(inner)]
        case In(inner, values):
            return ["in", tree_of(inner), *values]
        case Case(branches, default):
            flat = [tree_of(part) for branch in branches for part in branch]
            return ["case", None if default is None else tree_of(default), *flat]
        case Call(name, args):
            return ["call", name, *map(tree_of, args)]
        case Match() | Lookup():
            raise TypeError(type(expr).__name__)


def expr_of(tree: object) -> Expr:
    """The expression ``tree`` says. Raises ``ValueError`` for anything :func:`tree_of` could not have written."""
    return _expr(tree, 0)


def _expr(tree: object, depth: int) -> Expr:
    if isinstance(tree, str | float | bool):
        return Literal(tree)
    if not isinstance(tree, list) or len(tree) < 2 or depth > _DEEPEST:
        raise ValueError("tree")
    word, *rest = tree
    reader = _READERS.get(word) if isinstance(word, str) else None
    if reader is None:
        raise ValueError("word")
    return reader(word, rest, depth + 1)


def _column(_word: str, rest: list[object], _depth: int) -> Expr:
    name, type_ = rest
    if not isinstance(name, str) or not isinstance(type_, str) or type_ not in _TYPES:
        raise ValueError("column")
    return Column(name, type_)


def _compare(word: str, rest: list[object], depth: int) -> Expr:
    left, right = rest
    return Compare(word, _expr(left, depth), _expr(right, depth))


def _sum(word: str, rest: list[object], depth: int) -> Expr:
    left, right = rest
    return Arithmetic(word, _expr(left, depth), _expr(right, depth))


def _joined(word: str, rest: list[object], depth: int) -> Expr:
    parts = tuple([_expr(part, depth) for part in rest])
    return And(parts) if word == "and" else Or(parts)


def _single(word: str, rest: list[object], depth: int) -> Expr:
    (inner,) = rest
    return Not(_expr(inner, depth)) if word == "not" else IsNull(_expr(inner, depth))


def _in(_word: str, rest: list[object], depth: int) -> Expr:
    values = rest[1:]
    if not _are_constants(values):
        raise ValueError("list")
    return In(_expr(rest[0], depth), tuple(values))


def _are_constants(values: list[object]) -> TypeGuard[list[str | float]]:
    return bool(values) and all(isinstance(value, str | float) for value in values)


def _case(_word: str, rest: list[object], depth: int) -> Expr:
    default = None if rest[0] is None else _expr(rest[0], depth)
    parts = [_expr(part, depth) for part in rest[1:]]
    pairs = tuple(zip(parts[::2], parts[1::2], strict=True))
    if not pairs:
        raise ValueError("case")
    return Case(pairs, default, type_of(pairs[0][1]))


def _call(_word: str, rest: list[object], depth: int) -> Expr:
    name = rest[0]
    signature = SIGNATURES.get(name) if isinstance(name, str) else None
    if signature is None or not isinstance(name, str) or len(rest) - 1 != len(signature.takes):
        raise ValueError("call")
    return Call(name, tuple([_expr(part, depth) for part in rest[1:]]), signature.gives)


_READERS: dict[str, Callable[[str, list[object], int], Expr]] = {
    "c": _column,
    "and": _joined,
    "or": _joined,
    "not": _single,
    "null": _single,
    "in": _in,
    "case": _case,
    "call": _call,
    **dict.fromkeys(_COMPARES, _compare),
    **dict.fromkeys(_SUMS, _sum),
}
