"""An expression written back in the rule language, for messages about rules."""

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
    Not,
    Or,
)
from hilum.quality.shown import plain


def spell(expr: Expr) -> str:
    """Text that :func:`hilum.quality.predicate.parse` reads as ``expr`` again (dates and instants as numbers)."""
    match expr:
        case Column(name):
            return name
        case Literal(value):
            return constant(value)
        case Compare(op, left, right) | Arithmetic(op, left, right):
            return f"{_inside(left)} {op} {_inside(right)}"
        case Case(branches, default):
            steps = " ".join(f"WHEN {spell(test)} THEN {spell(value)}" for test, value in branches)
            return f"CASE {steps}{'' if default is None else ' ELSE ' + spell(default)} END"
        case Call(name, args):
            return f"{name}({', '.join(map(spell, args))})"
    return _condition(expr)


def _condition(expr: Expr) -> str:
    match expr:
        case And(parts):
            return " AND ".join(_inside(part) for part in parts)
        case Or(parts):
            return " OR ".join(_inside(part) for part in parts)
        case Not(IsNull(inner)):
            return f"{_inside(inner)} IS NOT NULL"
        case Not(inner):
            return f"NOT ({spell(inner)})"
        case IsNull(inner):
            return f"{_inside(inner)} IS NULL"
        case In(inner, values):
            return f"{_inside(inner)} IN ({', '.join(map(constant, values))})"
    raise TypeError(type(expr).__name__)


def constant(value: str | float | bool) -> str:
    """A constant of the rule language."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else plain(value)


def _inside(expr: Expr) -> str:
    text = spell(expr)
    return f"({text})" if isinstance(expr, And | Or | Compare | Arithmetic | In | IsNull | Not) else text
