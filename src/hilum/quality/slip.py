"""A slip of the pen that would explain a finding, and whether it does: the record is judged again with it undone.

A correction is worth offering only when the rule is then satisfied and no other rule objects to the corrected record
that did not object before; rules that only inform do not count. So nothing is offered that merely moves a
contradiction elsewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from hilum.model.record import Value
from hilum.quality.compiled import CompiledRules
from hilum.quality.row import Row
from hilum.quality.rule import Severity

MOST = 3
"""Corrections offered for one finding at most."""
_RIVALRY = 0.75
"""What is left of the confidence in a correction when another explains the finding as well."""


@dataclass(frozen=True, slots=True)
class Slip:
    """Fields with the values they should have had (as a row holds them), and how likely such a slip is."""

    changes: tuple[tuple[str, Value], ...]
    confidence: float


@dataclass(slots=True)
class Retrial:
    """One record that did not pass, to be judged again; verdicts are kept, as several rules ask for the same."""

    rules: CompiledRules
    row: Row
    failing: frozenset[int]
    _known: dict[tuple[tuple[str, Value], ...], frozenset[int]] = field(default_factory=dict)

    def explained_by(self, slips: Iterable[Slip], rule: int) -> list[Slip]:
        """The slips that explain the failure of rule number ``rule``, those that settle the most first."""
        kept: list[tuple[int, Slip]] = []
        for slip in slips:
            left = self._left(slip.changes)
            grave = {index for index in left if self.rules.rules[index].rule.severity is not Severity.INFO}
            if rule not in left and grave <= self.failing:
                kept.append((len(grave), slip))
        kept.sort(key=lambda one: (one[0], -one[1].confidence))
        if len(kept) > 1 and kept[0][0] == kept[1][0]:
            return [Slip(slip.changes, round(slip.confidence * _RIVALRY, 2)) for _, slip in kept[:MOST]]
        return [slip for _, slip in kept[:MOST]]

    def _left(self, changes: tuple[tuple[str, Value], ...]) -> frozenset[int]:
        if changes not in self._known:
            changed = self.row | dict(changes)
            self._known[changes] = frozenset(index for index, _, _ in self.rules.evaluate(changed).failing)
        return self._known[changes]
