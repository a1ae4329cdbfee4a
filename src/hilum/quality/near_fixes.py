"""Corrections nobody wrote into the rule: what the record most likely should have said, by the kind of finding.

========================================  ==========================================================================
the finding is on                         offered
========================================  ==========================================================================
order or duration of times                a time twelve hours off or in another zone (order only), day and month or two
                                          times exchanged, another year
an observation's value                    the decimal point moved
another measured number out of its range  the same, where one power of ten brings it in
an observation's missing unit             the units in which value and reference limits are possible
a code that is not in its list            the codes spelt most alike
a code of the wrong form                  the same without full-width characters and foreign stops
the organ of a tumour                     what the other two of words, ICD-10 and topography say
a stage against its T, N and M            the group they give, or the metastasis it speaks of
a parent that is not known                the identifier without look-alike letters
========================================  ==========================================================================

Where the record can be judged again, only what settles the finding is offered (:mod:`hilum.quality.slip`). Nothing is
offered by a rule on a personal field, nor by one that reads such a field.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from hilum.model.record import Kind, Value
from hilum.model.vocabulary import Field, FieldType, vocabulary
from hilum.quality.finding import Fix
from hilum.quality.near_codes import near_codes, near_identifiers, respelt
from hilum.quality.near_numbers import moved, only, slipped, units
from hilum.quality.near_sites import SAID, near_sites
from hilum.quality.near_stages import STAGES, near_stages
from hilum.quality.near_times import TOPICS, near_times
from hilum.quality.rule import Rule
from hilum.quality.shown import is_personal, iso_day, iso_instant
from hilum.quality.slip import Retrial, Slip

Search = Callable[[Retrial], Sequence[Fix]]
_DETERMINISTIC, _DICTIONARY, _STATISTICAL = "deterministic", "dictionary", "statistical"
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

    @property
    def field(self) -> Field:
        return vocabulary()[self.kind][self.rule.field]

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

    def range(self, trial: Retrial) -> Sequence[Fix]:
        slips = moved(trial.row, self.rule.field, whole=self.field.type is FieldType.INTEGER)
        return self.written(only(trial.explained_by(slips, self.number)), _STATISTICAL)

    def organ(self, trial: Retrial) -> Sequence[Fix]:
        return self.fixes(trial, near_sites(trial.row), _DICTIONARY)

    def stage(self, trial: Retrial) -> Sequence[Fix]:
        """The stage, or the organ it is judged by: where that settles more, it comes first."""
        slips = (*near_stages(trial.row, self.rule.field), *near_sites(trial.row))
        return self.fixes(trial, slips, _DICTIONARY)

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
    asked = _Rule(rule, number, reads)
    return next((look for fits, look in _searches(asked) if fits), None)


def _searches(asked: _Rule) -> Iterable[tuple[bool, Search]]:
    """The searches there are, each with whether it is one for this rule; the first that is wins."""
    rule, field, condition = asked.rule, asked.field, asked.rule.condition.strip()
    is_result = rule.grain is Kind.OBSERVATION and rule.topic in ("numeric", "unit")
    return (
        (rule.topic in TOPICS and field.type in (FieldType.DATE, FieldType.INSTANT), asked.times),
        (is_result and field.name == "value", asked.point),
        (is_result and field.name == "unit", asked.unit),
        (bool(field.values) and condition.startswith(f"in_codes({field.name},"), asked.codes),
        (condition.startswith(f"matches({field.name},"), asked.form),
        (condition in _UNKNOWN_LINK or "mixed_script" in condition, asked.identifier),
        (rule.grain is Kind.CONDITION and field.name in SAID, asked.organ),
        (rule.grain is Kind.CONDITION and field.name in STAGES and rule.topic == "conformance", asked.stage),
        (_is_measured(field) and _RANGE.fullmatch(condition.removeprefix(field.name)) is not None, asked.range),
    )


def _is_measured(field: Field) -> bool:
    """Whether a decimal point may slip in the field: a number that is no count of days or years and no temperature."""
    return field.type in (FieldType.NUMBER, FieldType.INTEGER) and bool(field.unit) and field.unit not in _NO_POINT


_NO_POINT = frozenset({"d", "a", "Cel"})
_LIMIT = r"-?[0-9.]+"
_RANGE = re.compile(rf" (BETWEEN {_LIMIT} AND {_LIMIT}|[<>]=? {_LIMIT})")
_UNKNOWN_LINK = frozenset({"parent.known", "specimen.known"})


def _written(kind: Kind, name: str, value: Value) -> Value:
    """A value of a row as the record keeps it."""
    type_ = vocabulary()[kind][name].type
    if type_ is FieldType.DATE and isinstance(value, int | float):
        return iso_day(value)
    return iso_instant(value) if type_ is FieldType.INSTANT and isinstance(value, int | float) else value
