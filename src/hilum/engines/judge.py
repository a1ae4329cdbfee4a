"""The judge: rules run by walking the tree, one row at a time, as plainly as it can be written.

Slow on purpose. Every other executor is held to its answers, so it shares none of their work: no expansion of
functions, no source, no SQL, no vectors.
"""

import math
import re
from collections.abc import Mapping, Sequence

from hilum.engines.engine import Columns, Counts, Violation, height, read, values_of, wanted
from hilum.model.record import Value
from hilum.quality.compiled import Checked
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
from hilum.quality.finding import RuleOutcome
from hilum.quality.rule import Rule
from hilum.terms import patterns, units, valuesets

_NUMERAL = re.compile(
    r"[+-]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})([eE][+-]?(0?\d|[123]\d|4[0123]))?",
    re.ASCII,
)
_CITIZEN = re.compile(r"\d{17}[\dX]", re.ASCII)


class Judge:
    """The reference executor."""

    name = "judge"

    def counts(self, rules: Sequence[Rule | Checked], table: Columns) -> list[Counts]:
        """One :class:`Counts` per rule, in their order."""
        tallies = []
        for outcomes in zip(*self._outcomes(rules, table), strict=True):
            order = (RuleOutcome.PASS, RuleOutcome.FAIL, RuleOutcome.UNKNOWN, RuleOutcome.NOT_APPLICABLE)
            tallies.append(Counts(*(outcomes.count(outcome) for outcome in order)))
        return tallies or [Counts(0, 0, 0, 0) for _ in rules]

    def violations(self, rules: Sequence[Rule | Checked], table: Columns) -> list[Violation]:
        """Every row and rule that did not pass, by row and then by rule."""
        bad = (RuleOutcome.FAIL, RuleOutcome.UNKNOWN)
        return [
            (row, index, outcome)
            for row, outcomes in enumerate(self._outcomes(rules, table))
            for index, outcome in enumerate(outcomes)
            if outcome in bad
        ]

    def _outcomes(self, rules: Sequence[Rule | Checked], table: Columns) -> list[list[RuleOutcome]]:
        ready, rows = read(rules), height(table)
        columns = {name: values_of(table, name, type_, rows) for name, type_ in wanted(ready).items()}
        seen = ({name: values[row] for name, values in columns.items()} for row in range(rows))
        return [[outcome(rule, row) for rule in ready] for row in seen]


def outcome(rule: Checked, row: Mapping[str, Value]) -> RuleOutcome:
    """The outcome of one rule on one row, by the book."""
    if rule.when is not None and value_of(rule.when, row) is not True:
        return RuleOutcome.NOT_APPLICABLE
    held = value_of(rule.condition, row)
    if held is None:
        return RuleOutcome.UNKNOWN
    return RuleOutcome.PASS if held is True else RuleOutcome.FAIL


def value_of(expr: Expr, row: Mapping[str, Value]) -> Value:
    """The value of ``expr`` on ``row``; ``None`` is NULL."""
    match expr:
        case Literal(value):
            return value
        case Column(name, type_):
            return _number(row[name]) if type_ == "number" else row[name]
        case IsNull(inner):
            return value_of(inner, row) is None
        case And(parts):
            return _kleene([value_of(part, row) for part in parts], decisive=False)
        case Or(parts):
            return _kleene([value_of(part, row) for part in parts], decisive=True)
        case Case(branches, default):
            chosen = next((value for test, value in branches if value_of(test, row) is True), default)
            return None if chosen is None else value_of(chosen, row)
    return _of_known(expr, row)


def _kleene(values: list[Value], *, decisive: bool) -> Value:
    if decisive in values:
        return decisive
    return None if None in values else not decisive


def _of_known(expr: Expr, row: Mapping[str, Value]) -> Value:
    """Operations that are NULL as soon as one of their operands is."""
    match expr:
        case Not(inner):
            held = value_of(inner, row)
            return None if held is None else not held
        case In(inner, values):
            one = value_of(inner, row)
            return None if one is None else one in values
        case Compare(op, left, right):
            one, other = value_of(left, row), value_of(right, row)
            return None if one is None or other is None else _compared(op, one, other)
        case Arithmetic(op, left, right):
            one, other = value_of(left, row), value_of(right, row)
            return None if one is None or other is None else _summed(op, _float(one), _float(other))
        case Call(name, args):
            return _called(name, [value_of(arg, row) for arg in args])
    raise TypeError(type(expr).__name__)


def _number(value: Value) -> float | None:
    """A column's number: finite and at most 1e60 in magnitude or NULL, nearer to 0 than 1e-60 is 0."""
    if value is None:
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    if math.isnan(number) or abs(number) > 1e60:
        return None
    return number if abs(number) >= 1e-60 else 0.0


def _float(value: Value) -> float:
    assert isinstance(value, float)
    return value


def _compared(op: str, one: Value, other: Value) -> bool:
    if op in ("=", "<>"):
        return (one == other) is (op == "=")
    left, right = _float(one), _float(other)
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[op]


def _summed(op: str, one: float, other: float) -> float:
    return {"+": one + other, "-": one - other, "*": one * other}[op]


def _called(name: str, args: list[Value]) -> Value:
    if name == "to_unit":
        return _to_unit(*args)
    if None in args:
        return None
    numbers = [arg for arg in args if isinstance(arg, float)]
    texts = [arg for arg in args if isinstance(arg, str)]
    if texts:
        return _of_text(name, texts, [int(number) for number in numbers])
    return _of_numbers(name, *numbers)


def _of_numbers(name: str, one: float, other: float = 0.0) -> Value:
    match name:
        case "minutes_between" | "hours_between" | "days_between":
            seconds = {"minutes_between": 60.0, "hours_between": 3600.0, "days_between": 86400.0}[name]
            return float(math.floor((other - one) / seconds))
        case "div":
            return None if other == 0 else one / other
        case "abs":
            return abs(one)
        case "floor":
            return float(math.floor(one))
        case "round_to":
            power = float(10 ** int(other))
            return math.floor(one * power + 0.5) / power
    return min(one, other) if name == "least" else max(one, other)


def _of_text(name: str, texts: list[str], counts: list[int]) -> Value:
    text, other = texts[0], texts[-1]
    match name:
        case "length":
            return float(len(text))
        case "prefix":
            return text[: counts[0]]
        case "suffix":
            return text[-counts[0] :]
        case "part":
            found = text[counts[0] - 1 : counts[0] - 1 + counts[1]]
            return found if len(found) == counts[1] else None
        case "starts_with":
            return text.startswith(other)
        case "ends_with":
            return text.endswith(other)
        case "concat":
            return text + other
        case "try_num":
            return float(text) if _NUMERAL.fullmatch(text) else None
    return _of_terms(name, text, other)


def _of_terms(name: str, text: str, other: str) -> Value:
    match name:
        case "matches":
            return re.fullmatch(patterns.pattern(other), text, re.ASCII) is not None
        case "in_codes":
            return text in valuesets.members(other)
        case "unit_dim":
            return _dimension(text)
        case "same_dim":
            one, two = _dimension(text), _dimension(other)
            return None if one is None or two is None else one == two
        case "id_check":
            return _is_citizen(text)
    raise ValueError(name)


def _dimension(unit: str) -> str | None:
    return units.dimension(unit)


def _to_unit(value: Value, unit: Value, target: Value, analyte: Value) -> Value:
    """The analyte only opens more conversions: without one, or with one nobody knows, the plain ones remain."""
    if not isinstance(value, float) or unit is None:
        return None
    known = str(analyte) if analyte in valuesets.members("analyte") else ""
    found = units.conversion(str(unit), str(target), known)
    return None if found is None else value * float(found[0]) + float(found[1])


def _is_citizen(text: str) -> bool:
    """ISO 7064 MOD 11-2 by its recursive definition: each step doubles, and the last remainder must be 1."""
    if not _CITIZEN.fullmatch(text):
        return False
    remainder = 0
    for letter in text[:-1]:
        remainder = (remainder + int(letter)) * 2 % 11
    check = 10 if text[-1] == "X" else int(text[-1])
    return (remainder + check) % 11 == 1
