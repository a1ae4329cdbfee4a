"""Corrections a rule can offer: evaluated on the record that failed it, never applied here.

Nothing is offered for a personal field, nor computed from one: a suggestion is kept and shown where personal values
must not be. Nor is a fix offered that changes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from hilum.errors import RuleError
from hilum.model.record import Kind, Value
from hilum.model.vocabulary import FieldType, vocabulary
from hilum.quality.compiled import compile_value
from hilum.quality.expression import Case, Expr, columns_of, type_of
from hilum.quality.finding import Fix
from hilum.quality.functions import nearest
from hilum.quality.making import maker
from hilum.quality.predicate import parse, parse_value
from hilum.quality.row import Row, columns
from hilum.quality.rule import FixSpec, Rule
from hilum.quality.shown import is_personal, iso_day, iso_instant

_fix = maker(Fix)


@dataclass(frozen=True, slots=True)
class Offer:
    """One :class:`~hilum.quality.rule.FixSpec`, ready to be evaluated; ``reads`` are the columns it needs."""

    spec: FixSpec
    type: FieldType
    value: Callable[[Mapping[str, Value]], Value]
    reads: frozenset[str]

    def on(self, row: Row) -> Fix | None:
        """The fix for this row, or ``None`` where it does not apply."""
        value = self.value(row)
        if value is None or value == row.get(self.spec.field):
            return None
        written = _as_field(self.type, value)
        if written is None:
            return None
        return _fix(self.spec.field, written, self.spec.basis, self.spec.confidence, self.spec.lossless)


def offers(rule: Rule) -> tuple[Offer, ...]:
    """The fixes ``rule`` can offer. Raises :class:`RuleError` for one that cannot be read."""
    made = (_offer(rule, spec) for spec in rule.fixes)
    return tuple(
        offer for offer in made if not any(is_personal(rule.grain, name) for name in offer.reads | {offer.spec.field})
    )


def _offer(rule: Rule, spec: FixSpec) -> Offer:
    place = rule.place or rule.id
    fields, seen = vocabulary()[rule.grain], _seen(rule.grain)
    if spec.field not in fields:
        raise RuleError("fix_field", place=place, name=spec.field, near=nearest(spec.field, fields))
    value = parse_value(spec.set_to, seen, place)
    if type_of(value) != seen[spec.field]:
        raise RuleError("fix_type", place=place, name=spec.field, type=type_of(value), wanted=seen[spec.field])
    if spec.when.strip():
        value = Case(((parse(spec.when, seen, place), value),), None, type_of(value))
    return Offer(spec, fields[spec.field].type, _function(value), columns_of(value))


@cache
def _seen(kind: Kind) -> dict[str, str]:
    return columns(kind)


@cache
def _function(expr: Expr) -> Callable[[Mapping[str, Value]], Value]:
    return compile_value(expr)


def _as_field(type_: FieldType, value: Value) -> Value:
    """A value of the language as the record keeps it; ``None`` where the field cannot hold it."""
    if not isinstance(value, float):
        return value
    if type_ is FieldType.NUMBER:
        return value
    if not value.is_integer():
        return None
    if type_ is FieldType.DATE:
        return iso_day(value)
    return iso_instant(value) if type_ is FieldType.INSTANT else int(value)
