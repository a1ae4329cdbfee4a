"""Corrections nobody wrote into the rule: what the record most likely should have said, by the kind of finding.

========================================  ==========================================================================
the finding is on                         offered
========================================  ==========================================================================
order or duration of times                a time twelve hours off, day and month or two times exchanged, another year
an observation's value                    the decimal point moved
an observation's missing unit             the units in which value and reference limits are possible
a code that is not in its list            the codes spelt most alike
a code of the wrong form                  the same without full-width characters and foreign stops
a parent that is not known                the identifier without look-alike letters
========================================  ==========================================================================

Where the record can be judged again, only what settles the finding is offered (:mod:`hilum.quality.slip`). Nothing is
offered by a rule on a personal field, nor by one that reads such a field.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from hilum.model.record import Kind, Value
from hilum.model.vocabulary import FieldType, vocabulary
from hilum.quality.finding import Fix
from hilum.quality.near_codes import near_codes, near_identifiers, respelt
from hilum.quality.near_numbers import only, slipped, units
from hilum.quality.near_times import TOPICS, near_times
from hilum.quality.rule import Rule
from hilum.quality.shown import is_personal, iso_day, iso_instant
from hilum.quality.slip import Retrial, Slip

Search = Callable[[Retrial], Sequence[Fix]]
_DETERMINISTIC, _STATISTICAL = "deterministic", "statistical"
_RESPELT = 0.9


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule, its number among those of its kind, and the columns it reads."""

    rule: Rule
    number: int
    reads: frozenset[str]

    @property
    def kind(self) -> Kind:
        return self.rule.grain

    def text(self, trial: Retrial) -> str:
        found = trial.row.get(self.rule.field)
        return found if isinstance(found, str) else ""

    def fixes(self, trial: Retrial, slips: Iterable[Slip], basis: str) -> list[Fix]:
        return self.written(trial.explained_by(slips, self.number), basis)

    def written(self, slips: Iterable[Slip], basis: str) -> list[Fix]:
        return [
            Fix(name, _written(self.kind, name, value), basis, slip.confidence, lossless=False)
            for slip in slips
            for name, value in slip.changes
        ]

    # searches -------------------------------------------------------------------------------------------------------

    def times(self, trial: Retrial) -> Sequence[Fix]:
        return self.fixes(trial, near_times(self.kind, self.rule.topic, self.reads, trial.row), _DETERMINISTIC)

    def point(self, trial: Retrial) -> Sequence[Fix]:
        return self.written(only(trial.explained_by(slipped(trial.row), self.number)), _STATISTICAL)

    def unit(self, trial: Retrial) -> Sequence[Fix]:
        return self.written(units(trial.row), _STATISTICAL)

    def codes(self, trial: Retrial) -> Sequence[Fix]:
        return near_codes(self.kind, self.rule.field, self.text(trial))

    def form(self, trial: Retrial) -> Sequence[Fix]:
        text = self.text(trial)
        meant = respelt(text)
        return self.fixes(trial, [Slip(((self.rule.field, meant),), _RESPELT)] if meant != text else [], _DETERMINISTIC)

    def identifier(self, trial: Retrial) -> Sequence[Fix]:
        return tuple(near_identifiers(self.kind, self.rule.field, self.text(trial)))


def search(rule: Rule, number: int, reads: frozenset[str]) -> Search | None:
    """What to look for when rule ``number`` of its kind fails; ``None`` for most rules.

    ``reads`` are the columns of the rule's conditions.
    """
    if rule.field not in vocabulary()[rule.grain] or any(is_personal(rule.grain, name) for name in reads):
        return None
    asked, field = _Rule(rule, number, reads), vocabulary()[rule.grain][rule.field]
    condition = rule.condition.strip()
    if rule.topic in TOPICS and field.type in (FieldType.DATE, FieldType.INSTANT):
        return asked.times
    if rule.grain is Kind.OBSERVATION and rule.field in ("value", "unit") and rule.topic in ("numeric", "unit"):
        return asked.point if rule.field == "value" else asked.unit
    if field.values and condition.startswith(f"in_codes({rule.field},"):
        return asked.codes
    if condition.startswith(f"matches({rule.field},"):
        return asked.form
    return asked.identifier if condition in _UNKNOWN_LINK or "mixed_script" in condition else None


_UNKNOWN_LINK = frozenset({"parent.known", "specimen.known"})


def _written(kind: Kind, name: str, value: Value) -> Value:
    """A value of a row as the record keeps it."""
    type_ = vocabulary()[kind][name].type
    if type_ is FieldType.DATE and isinstance(value, int | float):
        return iso_day(value)
    return iso_instant(value) if type_ is FieldType.INSTANT and isinstance(value, int | float) else value
