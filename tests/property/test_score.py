"""The score over generated findings: it follows its published formula, and no further failure ever raises it."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.quality.finding import Score
from hilum.quality.rule import Dimension
from hilum.quality.score import Fault, score

_WEIGHTS = (5, 5, 4, 4, 2)
_SLACK = 1e-9
"""Rounding of the last digit of a double, in points."""

_rules = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 5), st.sampled_from(["pass", "fail", "unknown"])), max_size=14
)
Rules = list[tuple[int, int, str]]


def _scored(rules: Rules, *, capped: bool = False) -> tuple[Score, list[float]]:
    weights = [sum(weight for dimension, weight, _ in rules if dimension == place) for place in range(5)]
    faults = [Fault(dimension, weight, how == "unknown") for dimension, weight, how in rules if how != "pass"]
    return score(weights, len(rules), faults, capped=capped)


def _published(rules: Rules) -> float:
    """The total, from the words of the definition and nothing of the code."""
    applicable, failed = [0.0] * 5, [0.0] * 5
    for dimension, weight, how in rules:
        applicable[dimension] += weight
        if how != "pass":
            failed[dimension] += weight
        if how == "unknown" and dimension != 2:
            applicable[2] += weight
            failed[2] += weight
    there = [place for place in range(5) if applicable[place]]
    if not there:
        return 100.0 if rules else 0.0
    logs = [_WEIGHTS[place] * math.log(101.0 - 100.0 * failed[place] / applicable[place]) for place in there]
    mean = math.exp(math.fsum(logs) / sum(_WEIGHTS[place] for place in there)) - 1.0
    return max(mean, 100.0 - 20.0 * sum(weight for _, weight, how in rules if how != "pass"))


@given(_rules)
def test_the_total_is_the_published_formula(rules: Rules) -> None:
    assert _scored(rules)[0].total == pytest.approx(_published(rules), abs=1e-9)


@given(_rules, st.booleans())
def test_scores_are_between_nothing_and_a_hundred(rules: Rules, capped: bool) -> None:
    scored, costs = _scored(rules, capped=capped)
    found = [scored.total, *(value for one in Dimension if (value := scored.of(one)) is not None)]
    assert all(0.0 <= value <= 100.0 for value in found)
    assert all(cost >= 0.0 for cost in costs)
    assert not capped or scored.total <= 59.0


@given(_rules)
def test_costs_add_up_to_the_points_lost(rules: Rules) -> None:
    scored, costs = _scored(rules)
    if rules:
        assert math.fsum(costs) == pytest.approx(100.0 - scored.total, abs=1e-9)


@given(_rules, st.data())
def test_a_rule_that_does_worse_never_raises_the_total(rules: Rules, data: st.DataObject) -> None:
    """Pass, fail, unknown: each is no better than the one before, whatever the other rules say."""
    rules = [*rules, (data.draw(st.integers(0, 4)), data.draw(st.integers(0, 5)), "pass")]
    place = data.draw(st.integers(0, len(rules) - 1))
    dimension, weight, _ = rules[place]
    totals = []
    for how in ("pass", "fail", "unknown"):
        rules[place] = (dimension, weight, how)
        totals.append(_scored(rules)[0].total)
    assert all(after <= before + _SLACK for before, after in pairwise(totals))


@given(_rules.filter(bool), st.integers(0, 4), st.integers(0, 5), st.sampled_from(["fail", "unknown"]))
def test_one_more_rule_that_fails_never_raises_the_total(rules: Rules, dimension: int, weight: int, how: str) -> None:
    assert _scored([*rules, (dimension, weight, how)])[0].total <= _scored(rules)[0].total + _SLACK


@given(_rules)
def test_the_order_of_findings_makes_no_difference(rules: Rules) -> None:
    turned = rules[::-1]
    assert _scored(turned)[0].total == pytest.approx(_scored(rules)[0].total, abs=1e-9)
    assert _scored(turned)[1] == pytest.approx(_scored(rules)[1][::-1], abs=1e-9)


@given(_rules)
def test_a_heavier_finding_of_a_dimension_costs_more(rules: Rules) -> None:
    faults = [(dimension, weight) for dimension, weight, how in rules if how == "fail"]
    costs = [
        cost
        for cost, how in zip(_scored(rules)[1], [how for *_, how in rules if how != "pass"], strict=True)
        if how == "fail"
    ]
    for (one, light), cost in zip(faults, costs, strict=True):
        for (other, heavy), more in zip(faults, costs, strict=True):
            if one == other and light <= heavy:
                assert cost <= more + _SLACK
