"""All rules of one kind as one Python function over a row: the executor at the gate.

Rules with the same ``when`` share its test. A rule that fails to run, or that reads a column whose value is not of
the column's type, is unknown and marked broken: never a pass, and never in the way of the others.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import cast

from hilum.model.record import Kind, Value
from hilum.quality.expression import And, Expr, columns_of
from hilum.quality.finding import RuleOutcome
from hilum.quality.predicate import parse
from hilum.quality.row import columns
from hilum.quality.rule import Dimension, Rule, Severity
from hilum.quality.source import Writer, settled

DIMENSIONS = tuple(Dimension)
Failing = tuple[int, RuleOutcome, bool]
"""Index of the rule, fail or unknown, and whether the rule broke."""

_Run = Callable[[Callable[[str], Value], list[str], list[Failing]], tuple[int, ...]]
"""Takes a row's ``get``, notes bad columns and failing rules, answers which groups of rules did not apply, as bits."""

_BITS = 28  # of one number: small enough that Python keeps it in one digit
_REMEMBERED = 4_096
_SHARED = 4  # tests of a ``when`` that are shared one by one: Python nests no more than twenty blocks


@dataclass(frozen=True, slots=True)
class Checked:
    """A rule whose texts have been read: ``when`` is ``None`` where the rule always applies."""

    rule: Rule
    when: Expr | None
    condition: Expr

    @property
    def columns(self) -> frozenset[str]:
        """The columns the rule's own two conditions read."""
        return columns_of(self.condition) | (columns_of(self.when) if self.when is not None else frozenset())


@dataclass(slots=True)
class Evaluation:
    """What the rules say of one row: those that did not pass, how many applied, and their weight by dimension."""

    failing: list[Failing]
    applied: int
    weights: list[int]


@cache
def _columns(kind: Kind) -> dict[str, str]:
    return columns(kind)


@cache
def _parsed(text: str, kind: Kind, place: str) -> Expr:
    return parse(text, _columns(kind), place)


def checked(rule: Rule) -> Checked:
    """``rule`` with its conditions read. Raises :class:`~hilum.errors.RuleError`."""
    place = rule.place or rule.id
    when = _parsed(rule.when, rule.grain, place) if rule.when.strip() else None
    return Checked(rule, when, _parsed(rule.condition, rule.grain, place))


def weight_of(rule: Rule) -> int:
    """What a rule weighs in the score; one that only informs weighs nothing."""
    return 0 if rule.severity is Severity.INFO else rule.weight


class CompiledRules:
    """Rules of one kind, ready to run. Raises :class:`~hilum.errors.RuleError` for a rule that cannot be read."""

    def __init__(self, rules: Sequence[Rule | Checked]) -> None:
        self.rules = tuple(rule if isinstance(rule, Checked) else checked(rule) for rule in rules)
        self._run, self._groups = _compile(self.rules)
        self._alone: dict[int, _Run] = {}
        self._tallies: dict[tuple[int, ...], tuple[int, ...]] = {}

    def evaluate(self, row: Mapping[str, Value]) -> Evaluation:
        """Every rule on ``row``; failing ones in the order of the rules."""
        bad: list[str] = []
        failing: list[Failing] = []
        missed = self._run(row.get, bad, failing)
        applied, *weights = self._tallies.get(missed) or self._tally(missed)
        found = Evaluation(failing, applied, weights)
        if bad:
            self._break(found, row, frozenset(bad))
        if len(failing) > 1:
            failing.sort()
        return found

    def _tally(self, missed: tuple[int, ...]) -> tuple[int, ...]:
        """How many rules applied and their weights, from the groups that did; remembered, as records are alike."""
        applied = [
            self.rules[index]
            for group, members in enumerate(self._groups)
            if not missed[group // _BITS] >> group % _BITS & 1
            for index in members
        ]
        weights = (sum(weight_of(r.rule) for r in applied if r.rule.dimension is d) for d in DIMENSIONS)
        if len(self._tallies) >= _REMEMBERED:
            self._tallies.clear()
        found = self._tallies[missed] = (len(applied), *weights)
        return found

    def _break(self, found: Evaluation, row: Mapping[str, Value], bad: frozenset[str]) -> None:
        """Make every rule that reads a bad column unknown and broken, applicable or not."""
        for index, rule in enumerate(self.rules):
            if rule.columns & bad:
                found.failing[:] = [entry for entry in found.failing if entry[0] != index]
                found.failing.append((index, RuleOutcome.UNKNOWN, True))
                if index not in self._alone:
                    self._alone[index], _ = _compile((rule,))
                if any(self._alone[index](row.get, [], [])):
                    found.applied += 1
                    found.weights[DIMENSIONS.index(rule.rule.dimension)] += weight_of(rule.rule)


def outcomes(rule: Rule | Checked, rows: Iterable[Mapping[str, Value]]) -> list[RuleOutcome]:
    """The outcome of one rule on each row. Raises :class:`~hilum.errors.RuleError` when the rule cannot be read."""
    run = CompiledRules([rule])
    return [_outcome(run.evaluate(row)) for row in rows]


def outcome(rule: Rule | Checked, row: Mapping[str, Value]) -> RuleOutcome:
    """The outcome of one rule on one row."""
    return outcomes(rule, (row,))[0]


def _outcome(found: Evaluation) -> RuleOutcome:
    if found.failing:
        return found.failing[0][1]
    return RuleOutcome.PASS if found.applied else RuleOutcome.NOT_APPLICABLE


def compile_value(expr: Expr) -> Callable[[Mapping[str, Value]], Value]:
    """A function that evaluates ``expr`` on a row: ``None`` for NULL, also where a value is not its column's type.

    It is written when it is first called: of hundreds of corrections a command seldom needs more than a few.
    """
    made: list[Callable[[Mapping[str, Value]], Value]] = []

    def value(row: Mapping[str, Value]) -> Value:
        if not made:
            made.append(_value(expr))
        return made[0](row)

    return value


def _value(expr: Expr) -> Callable[[Mapping[str, Value]], Value]:
    writer = Writer()
    body = f"    return {writer.value(expr)}"
    run = _function(writer, "row", [*writer.few_loads("    "), body])
    return cast("Callable[[Mapping[str, Value]], Value]", run)


def _compile(rules: Sequence[Checked]) -> tuple[_Run, list[list[int]]]:
    """The function, and the groups of rules that share a ``when``, in the order of the function's bits."""
    groups: dict[Expr | None, list[int]] = {}
    for index, rule in enumerate(rules):
        groups.setdefault(rule.when, []).append(index)
    writer = Writer([tree for rule in rules for tree in (rule.when, rule.condition) if tree is not None])
    writer.names |= {"FAIL": RuleOutcome.FAIL, "UNKNOWN": RuleOutcome.UNKNOWN}
    body = _branches(
        writer,
        [_Group(_conjuncts(when), number, members) for number, (when, members) in enumerate(groups.items())],
        rules,
    )
    masks = [f"m{number}" for number in range(len(groups) // _BITS + 1)]
    start, end = [f"    {' = '.join(masks)} = 0"], [f"    return ({', '.join(masks)},)"]
    run = _function(writer, "get, bad, failing", [*writer.loads("    "), *writer.steps("    "), *start, *body, *end])
    return cast(_Run, run), list(groups.values())


@dataclass(frozen=True, slots=True)
class _Group:
    """Rules that share a ``when``: the parts of it still to be tested, the group's number, and the rules' indices."""

    tests: tuple[Expr, ...]
    number: int
    members: list[int]


def _conjuncts(when: Expr | None) -> tuple[Expr, ...]:
    """The parts of a ``when``, all of which must be TRUE; only the first few are worth sharing."""
    if when is None:
        return ()
    parts = when.parts if isinstance(when, And) else (when,)
    return (*parts[:_SHARED], And(parts[_SHARED:])) if len(parts) > _SHARED + 1 else parts


def _branches(
    writer: Writer,
    groups: Sequence[_Group],
    rules: Sequence[Checked],
    known: frozenset[str] = frozenset(),
    depth: int = 1,
) -> list[str]:
    """Statements for groups: those whose tests are done, then the others by their next test, which they share."""
    indent = "    " * depth
    lines = []
    for group in groups:
        if not group.tests:
            lines += [line for index in group.members for line in _rule(writer, index, rules[index], indent, known)]
    shared: dict[Expr, list[_Group]] = {}
    for group in groups:
        if group.tests:
            shared.setdefault(group.tests[0], []).append(group)
    for test, those in shared.items():
        lines += [
            f"{indent}try:",
            f"{indent}    if {writer.truth(test, known)}:",
            *_branches(
                writer,
                [_Group(group.tests[1:], group.number, group.members) for group in those],
                rules,
                known | settled(test, wanted=True),
                depth + 2,
            ),
            f"{indent}    else: {_missed(those)}",
            f"{indent}except Exception: {_broken(writer, those)}",
        ]
    return lines


def _missed(groups: Sequence[_Group]) -> str:
    """The statement that notes that groups do not apply."""
    masks: dict[int, int] = {}
    for group in groups:
        masks[group.number // _BITS] = masks.get(group.number // _BITS, 0) | 1 << group.number % _BITS
    return "; ".join(f"m{word} |= {mask}" for word, mask in masks.items())


def _broken(writer: Writer, groups: Sequence[_Group]) -> str:
    """The statement for a test that failed to run: all rules behind it are taken to apply, and are broken."""
    members = [index for group in groups for index in group.members]
    entries = [(index, RuleOutcome.UNKNOWN, True) for index in members]
    return f"failing.extend({writer.constant(entries, ('broken', *members))})"


def _rule(writer: Writer, index: int, rule: Checked, indent: str, known: frozenset[str]) -> list[str]:
    truth, falsity = writer.truth(rule.condition, known), writer.falsity(rule.condition, known)
    return [
        f"{indent}try:",
        f"{indent}    if not {truth}: failing.append(({index}, FAIL if {falsity} else UNKNOWN, False))",
        f"{indent}except Exception: failing.append(({index}, UNKNOWN, True))",
    ]


def _function(writer: Writer, arguments: str, body: list[str]) -> Callable[..., object]:
    source = "\n".join([f"def run({arguments}):", *body])
    exec(compile(source, "<rules>", "exec"), writer.names)  # noqa: S102 - written from our own tree only
    return cast("Callable[..., object]", writer.names["run"])
