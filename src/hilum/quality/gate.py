"""The gate: one record in, one judgement out. Pure, deterministic, and closed when in doubt.

Verdict: ``reject`` when an unwaived finding is of severity ``reject``; else ``hold`` when one is of severity
``block`` or the total is below 60; else ``accept``. A record to which no rule at all applied has not been examined:
it is held, with the built-in finding ``gate.no_rules``. A rule that breaks is unknown, which counts as failed.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final

from hilum.errors import RuleError
from hilum.model.record import Kind
from hilum.quality.compiled import DIMENSIONS, CompiledRules, Evaluation, Failing, weight_of
from hilum.quality.finding import Finding, Fix, Judgement, RuleOutcome, Score, Verdict
from hilum.quality.functions import nearest
from hilum.quality.hint import placeholders
from hilum.quality.making import maker
from hilum.quality.near_fixes import Search, search
from hilum.quality.offer import Offer, offers
from hilum.quality.row import Row, columns
from hilum.quality.rule import Dimension, Rule, Ruleset, Severity
from hilum.quality.score import THRESHOLD, Fault, score
from hilum.quality.shown import Show, is_personal, is_shown_as_it_is, mask, plain, shower
from hilum.quality.slip import Retrial
from hilum.quality.unread import explain

NO_RULES: Final = "gate.no_rules"
"""The rule named in the finding on a record that nothing examined."""

UNREADABLE: Final = "unreadable"
"""The column that names the fields whose text could not be read; its finding shows what was received."""

_ACCEPT, _HOLD, _REJECT = Verdict.ACCEPT, Verdict.HOLD, Verdict.REJECT
_FAIL, _UNKNOWN = RuleOutcome.FAIL, RuleOutcome.UNKNOWN
_STOPS = {Severity.BLOCK: _HOLD, Severity.REJECT: _REJECT}
_finding, _judgement = maker(Finding), maker(Judgement)
_NOTHING_READ: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class _Desk:
    """What is needed to write a finding of one rule: the columns it shows and how, and the fixes it can offer."""

    rule: Rule
    fault: Fault
    gap: Fault
    stops: Verdict
    shows: tuple[str, ...]
    changes: tuple[tuple[str, Show], ...]
    found: Show | None
    personal: bool
    offers: tuple[Offer, ...]
    search: Search | None
    reads_unreadable: bool

    def finding(self, failing: Failing, trial: Retrial, unreadable: Mapping[str, str], cost: float | None) -> Finding:
        """The finding; ``cost`` is ``None`` where it is waived."""
        rule, (_, outcome, broken), row = self.rule, failing, trial.row
        fixes: tuple[Fix, ...] = ()
        if not broken and (self.offers or self.search is not None):
            fixes = self._fixes(trial, failed=outcome is _FAIL)
        get = row.get
        values = {name: get(name) for name in self.shows}
        for name, show in self.changes:
            values[name] = show(values[name])
        if unreadable and self.reads_unreadable and not broken:
            names = tuple(sorted(unreadable)) if rule.field == UNREADABLE else (rule.field,)
            shapes, offered = explain(rule.grain, names, row, unreadable)
            values |= shapes
            fixes += offered
        return _finding(
            rule.id,
            rule.version,
            outcome,
            rule.severity,
            rule.dimension,
            rule.field,
            self._found(row, unreadable) if unreadable else self._as_shown(row),
            values,
            fixes,
            cost or 0.0,
            cost is None,
            broken,
        )

    def _fixes(self, trial: Retrial, *, failed: bool) -> tuple[Fix, ...]:
        """The rule's own corrections; where it has none for this record, those that are looked for."""
        fixes = tuple([fix for offer in self.offers if (fix := offer.on(trial.row)) is not None])
        if fixes or not failed or self.search is None:
            return fixes
        return tuple(self.search(trial))

    def _found(self, row: Row, unreadable: Mapping[str, str]) -> str:
        received = unreadable.get(self.rule.field)
        if received is not None:
            return mask(received) if self.personal else received
        if self.rule.field == UNREADABLE and unreadable:
            personal = {name for name in unreadable if is_personal(self.rule.grain, name)}
            told = sorted(unreadable.items())
            return "; ".join(f"{name}: {mask(said) if name in personal else said}" for name, said in told)
        return self._as_shown(row)

    def _as_shown(self, row: Row) -> str:
        value = row.get(self.rule.field)
        return plain(value if self.found is None else self.found(value))


@dataclass(frozen=True, slots=True)
class _Window:
    """The rules of one kind, compiled, and the columns they need."""

    rules: CompiledRules
    desks: tuple[_Desk, ...]
    needs: frozenset[str]


class Gate:
    """A rule set ready to judge. The rules of a kind are compiled when the kind is first met (a tenth of a second);
    :class:`RuleError` is then raised for a rule that cannot be read, and nothing of that kind is judged."""

    def __init__(self, ruleset: Ruleset | Callable[[], Ruleset]) -> None:
        """A function that gives the rules is called when they are first needed."""
        self._given = ruleset
        self._windows: dict[Kind, _Window | None] = {}

    def _of(self, kind: Kind) -> _Window | None:
        if kind not in self._windows:
            self._windows[kind] = _window(self.ruleset.of(kind))
        return self._windows[kind]

    @property
    def ruleset(self) -> Ruleset:
        """The rules in force. Raises :class:`RuleError` where they cannot be read."""
        if not isinstance(self._given, Ruleset):
            self._given = self._given()
        return self._given

    @cached_property
    def _rules(self) -> dict[str, Rule]:
        return {rule.id: rule for rule in self.ruleset.rules}

    def rule(self, rule_id: str) -> Rule | None:
        """The rule of that id, ``None`` for one that is not in force (or is built in)."""
        return self._rules.get(rule_id)

    def needs(self, kind: Kind) -> frozenset[str]:
        """The columns the rules of ``kind`` read, their fixes and words included."""
        window = self._of(kind)
        return window.needs if window else frozenset()

    def judge(
        self,
        kind: Kind,
        row: Row,
        *,
        waived: Collection[str] = (),
        unreadable: Mapping[str, str] = _NOTHING_READ,
    ) -> Judgement:
        """Judge one row (:func:`hilum.quality.row.row_of`).

        ``waived`` are ids of rules waived for this record; their findings stand, marked, but count for nothing.
        ``unreadable`` maps fields to the text received, where it could not be read as the field's type.
        """
        window = self._of(kind)
        evaluation = window.rules.evaluate(row) if window else None
        if window is None or evaluation is None or not evaluation.applied:
            return _unexamined(self.ruleset.digest)
        if not evaluation.failing:
            return _judgement(
                _ACCEPT, _faultless(tuple(map(bool, evaluation.weights))), (), evaluation.applied,
                self.ruleset.digest,
            )  # fmt: skip
        return self._judged(window, evaluation, row, waived, unreadable)

    def _judged(
        self, window: _Window, evaluation: Evaluation, row: Row, waived: Collection[str], unreadable: Mapping[str, str]
    ) -> Judgement:
        entries = [(failing, window.desks[failing[0]]) for failing in evaluation.failing]
        weights, faults, verdict = evaluation.weights, [], _ACCEPT
        for failing, desk in entries:
            if waived and desk.rule.id in waived:
                weights[desk.fault.dimension] -= desk.fault.weight
                continue
            faults.append(desk.gap if failing[1] is _UNKNOWN else desk.fault)
            if desk.stops is not _ACCEPT and verdict is not _REJECT:
                verdict = desk.stops
        scored, costs = score(weights, evaluation.applied, faults, capped=verdict is not _ACCEPT)
        if verdict is _ACCEPT and scored.total < THRESHOLD:
            verdict = _HOLD
        price = iter(costs)
        trial = Retrial(window.rules, row, frozenset([failing[0] for failing, _ in entries]))
        findings = [
            desk.finding(failing, trial, unreadable, None if waived and desk.rule.id in waived else next(price))
            for failing, desk in entries
        ]
        return _judgement(verdict, scored, tuple(findings), evaluation.applied, self.ruleset.digest)


@cache
def _faultless(present: tuple[bool, ...]) -> Score:
    scored, _ = score([int(some) for some in present], 1, (), capped=False)
    return scored


def _unexamined(digest: str) -> Judgement:
    scored, _ = score((0, 0, 0, 0, 0), 0, (), capped=True)
    finding = Finding(
        rule=NO_RULES,
        version=1,
        outcome=RuleOutcome.UNKNOWN,
        severity=Severity.BLOCK,
        dimension=Dimension.COMPLETENESS,
        field="",
        found="",
        values={},
        cost=100.0,
    )
    return Judgement(Verdict.HOLD, scored, (finding,), 0, digest)


def _window(rules: Sequence[Rule]) -> _Window | None:
    if not rules:
        return None
    compiled = CompiledRules(rules)
    desks = tuple(_desk(rule, number, compiled.rules[number].columns) for number, rule in enumerate(rules))
    shown = {name for desk in desks for name in desk.shows}
    offered = {name for desk in desks for offer in desk.offers for name in offer.reads}
    return _Window(compiled, desks, frozenset(shown | offered | {desk.rule.field for desk in desks}))


def _desk(rule: Rule, number: int, read: frozenset[str]) -> _Desk:
    known = columns(rule.grain)
    for name in sorted(placeholders(rule) - set(known)):
        raise RuleError("hint_column", place=rule.place or rule.id, name=name, near=nearest(name, known))
    if rule.field not in known:
        raise RuleError("rule_field", place=rule.place or rule.id, name=rule.field, near=nearest(rule.field, known))
    shows = tuple(sorted(read | placeholders(rule)))
    as_is = {name for name in (*shows, rule.field) if is_shown_as_it_is(rule.grain, name)}
    return _Desk(
        rule=rule,
        fault=Fault(DIMENSIONS.index(rule.dimension), weight_of(rule), unknown=False),
        gap=Fault(DIMENSIONS.index(rule.dimension), weight_of(rule), unknown=True),
        stops=_STOPS.get(rule.severity, _ACCEPT),
        shows=shows,
        changes=tuple((name, shower(rule.grain, name)) for name in shows if name not in as_is),
        found=None if rule.field in as_is else shower(rule.grain, rule.field),
        personal=is_personal(rule.grain, rule.field),
        offers=offers(rule),
        search=search(rule, number, read),
        reads_unreadable=UNREADABLE in read,
    )
