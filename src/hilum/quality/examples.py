"""A rule's own examples, run: every rule brings rows it must pass, fail and not apply to."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from hilum.model.record import Value
from hilum.quality.compiled import checked, outcomes
from hilum.quality.finding import RuleOutcome
from hilum.quality.rule import Rule

_ROWS = {RuleOutcome.PASS: "passes", RuleOutcome.FAIL: "fails", RuleOutcome.NOT_APPLICABLE: "not_applicable"}


@dataclass(frozen=True, slots=True)
class Trial:
    """One example: what the rule's author expects of ``row`` and what the rule says. A row meant to fail may be
    found unknown, for unknown counts as a failure."""

    rule: str
    expected: RuleOutcome
    found: RuleOutcome
    row: Mapping[str, Value]
    place: str

    @property
    def agrees(self) -> bool:
        both = (self.expected, self.found)
        return self.found is self.expected or both == (RuleOutcome.FAIL, RuleOutcome.UNKNOWN)


def trials(rule: Rule) -> tuple[Trial, ...]:
    """Every example of ``rule``, tried. Raises :class:`~hilum.errors.RuleError` when the rule cannot be read."""
    ready = checked(rule)
    wanted = [(expected, row) for expected, name in _ROWS.items() for row in _rows(rule, name)]
    found = outcomes(ready, [row for _, row in wanted])
    return tuple(
        Trial(rule.id, expected, outcome, row, rule.place)
        for (expected, row), outcome in zip(wanted, found, strict=True)
    )


def try_examples(rules: Iterable[Rule]) -> tuple[int, tuple[Trial, ...]]:
    """How many examples were tried, and those that came out otherwise than their authors expect."""
    tried = [trial for rule in rules for trial in trials(rule)]
    return len(tried), tuple(trial for trial in tried if not trial.agrees)


def gaps(rules: Iterable[Rule]) -> Iterator[tuple[str, str]]:
    """``(rule, which)`` for every kind of example a rule should bring and does not."""
    for rule in rules:
        needed = ("passes", "fails", "not_applicable") if rule.when else ("passes", "fails")
        yield from ((rule.id, name) for name in needed if not _rows(rule, name))


def _rows(rule: Rule, name: str) -> tuple[Mapping[str, Value], ...]:
    rows: tuple[Mapping[str, Value], ...] = getattr(rule.examples, name)
    return rows
