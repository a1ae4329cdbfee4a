"""A warning alone lets its record in; what stops a record stops it whatever its score."""

from functools import cache

import pytest

from hilum.model.record import Kind
from hilum.quality.compiled import DIMENSIONS, CompiledRules, weight_of
from hilum.quality.examples import trials
from hilum.quality.finding import RuleOutcome, Verdict
from hilum.quality.gate import Gate
from hilum.quality.pack import build_ruleset, load_shipped
from hilum.quality.rule import Rule, Severity
from hilum.quality.score import CAP, THRESHOLD, Fault, score

RULES = load_shipped()
STOPPING = [one for one in RULES if one.severity in (Severity.BLOCK, Severity.REJECT)]
WARNINGS = [one for one in RULES if one.severity is Severity.WARN]


@cache
def _gate() -> Gate:
    return Gate(build_ruleset(RULES))


@cache
def _rules(kind: Kind) -> CompiledRules:
    return CompiledRules([one for one in RULES if one.grain is kind])


def _alone(rule: Rule) -> list[float]:
    """The totals a warning leaves when it is the only finding on the records of its failing examples."""
    rules = _rules(rule.grain)
    number = next(index for index, one in enumerate(rules.rules) if one.rule.id == rule.id)
    fault = Fault(DIMENSIONS.index(rule.dimension), weight_of(rule), unknown=False)
    found = (rules.evaluate(one.row) for one in trials(rule) if one.expected is RuleOutcome.FAIL)
    return [
        score(one.weights, one.applied, [fault], capped=False)[0].total
        for one in found
        if number in {index for index, _, _ in one.failing}
    ]


@pytest.mark.parametrize("rule", WARNINGS, ids=[one.id for one in WARNINGS])
def test_a_shipped_warning_does_not_hold_a_record_by_itself(rule: Rule) -> None:
    totals = _alone(rule)
    assert totals
    assert min(totals) >= THRESHOLD


@pytest.mark.parametrize("rule", STOPPING, ids=[one.id for one in STOPPING])
def test_every_failing_example_of_a_rule_that_stops_is_stopped(rule: Rule) -> None:
    for trial in trials(rule):
        if trial.expected is RuleOutcome.FAIL:
            judged = _gate().judge(rule.grain, dict(trial.row))
            assert rule.id in {one.rule for one in judged.findings}
            assert judged.verdict is not Verdict.ACCEPT
            assert judged.score.total <= CAP
