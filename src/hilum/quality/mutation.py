"""Do a rule's examples bite? Change the rule a little and see whether one of them notices.

Each mutant is the rule with one plausible slip: a condition negated, a part of AND or OR lost, AND and OR swapped, a
comparison turned round or moved to its neighbour (``<`` and ``<=``), a limit moved by half, a list or a NULL test
turned into its opposite, the applicability dropped. A mutant that gives every example the outcome the rule gives it
*survives*: nobody would notice the slip. Slips that cannot make a difference are not tried (a limit of 0, half a step
on whole numbers, a NULL test in ``when`` that another part implies), so that every survivor asks for one more example
or points at words the rule does not need.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from hilum.model.record import Value
from hilum.quality.compiled import Checked, checked, outcomes
from hilum.quality.expression import (
    And,
    Column,
    Compare,
    Expr,
    In,
    IsNull,
    Literal,
    Not,
    Or,
    children,
    rebuilt,
    type_of,
)
from hilum.quality.finding import RuleOutcome
from hilum.quality.row import ColumnType
from hilum.quality.rule import Rule
from hilum.quality.source import settled
from hilum.quality.spelling import spell

_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "<>", "<>": "="}
_NEIGHBOUR = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed rule, and what was changed in words a rule's author can act on."""

    rule: Checked
    change: str


def survivors(rule: Rule) -> tuple[str, ...]:
    """What could be changed in ``rule`` without one of its examples noticing; empty when they all bite."""
    original = checked(rule)
    rows = (*rule.examples.passes, *rule.examples.fails, *rule.examples.not_applicable)
    truth = outcomes(original, rows)
    return tuple(mutant.change for mutant in mutants(original) if _survives(mutant, rows, truth))


def _survives(mutant: Mutant, rows: Sequence[Mapping[str, Value]], truth: Sequence[RuleOutcome]) -> bool:
    return outcomes(mutant.rule, rows) == truth


def mutants(original: Checked) -> Iterator[Mutant]:
    """Every mutant of a rule's condition and applicability."""
    yield Mutant(replace(original, condition=Not(original.condition)), f"assert: NOT ({spell(original.condition)})")
    for changed, change in _changes(original.condition, in_when=False):
        yield Mutant(replace(original, condition=changed), f"assert: {change}")
    if original.when is not None:
        yield Mutant(replace(original, when=None), f"when: {spell(original.when)} → (always)")
        for changed, change in _changes(original.when, in_when=True):
            yield Mutant(replace(original, when=changed), f"when: {change}")


def _changes(expr: Expr, *, in_when: bool) -> Iterator[tuple[Expr, str]]:
    """``expr`` with one place changed, for every place and change."""
    for changed in _here(expr, in_when=in_when):
        yield changed, f"{spell(expr)} → {spell(changed)}"
    inside = children(expr)
    for index, child in enumerate(inside):
        for changed, change in _changes(child, in_when=in_when and isinstance(expr, And)):
            yield rebuilt(expr, (*inside[:index], changed, *inside[index + 1 :])), change


def _here(expr: Expr, *, in_when: bool) -> Iterator[Expr]:
    match expr:
        case And(parts):
            yield from _less(parts, And, in_when=in_when)
            yield Or(parts)
        case Or(parts):
            yield from _less(parts, Or, in_when=False)
            yield And(parts)
        case Compare():
            yield from _compared(expr)
        case In():
            yield Not(expr)
        case Not(IsNull(inner)):
            yield IsNull(inner)


def _less(parts: tuple[Expr, ...], kind: type[And] | type[Or], *, in_when: bool) -> Iterator[Expr]:
    """One part lost; in ``when``, where FALSE and NULL do the same, not a NULL test that the other parts imply."""
    for index, part in enumerate(parts):
        kept = parts[:index] + parts[index + 1 :]
        rest = kept[0] if len(kept) == 1 else kind(kept)
        match part:
            case Not(IsNull(Column(name))) if in_when and name in settled(rest, wanted=True):
                continue
        yield rest


def _compared(expr: Compare) -> Iterator[Expr]:
    yield replace(expr, op=_TURNED[expr.op])
    if expr.op not in _NEIGHBOUR:
        return
    yield replace(expr, op=_NEIGHBOUR[expr.op])
    if type_of(expr.left) == ColumnType.NUMBER and isinstance(expr.right, Literal) and expr.right.value:
        limit = float(expr.right.value)
        step = max(abs(limit) / 2, 1.0) if limit.is_integer() else abs(limit) / 2
        yield replace(expr, right=Literal(limit - step))
        yield replace(expr, right=Literal(limit + step))
