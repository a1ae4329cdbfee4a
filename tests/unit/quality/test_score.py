"""The score, against examples worked out by hand from its published definition."""

import math

import pytest

from hilum.quality.rule import Dimension
from hilum.quality.score import CAP, DEAREST, THRESHOLD, WEIGHTS, Fault, score

AUTHENTICITY, ACCURACY, COMPLETENESS, CONSISTENCY, TIMELINESS = range(5)
FULL = (4, 4, 4, 4, 4)
"""A record to which four points of rules apply in each dimension."""


def test_the_weights_and_limits_are_the_published_ones() -> None:
    assert [WEIGHTS[one] for one in Dimension] == [5, 5, 4, 4, 2]
    assert (CAP, THRESHOLD, DEAREST) == (59.0, 60.0, 20.0)


@pytest.mark.parametrize(
    ("dimension", "total"),
    [
        # One of four points lost: S = 75, T = 101 · (76/101)^(W/20) - 1.
        (AUTHENTICITY, 93.0685),  # (76/101)^(5/20) = 0.931372
        (ACCURACY, 93.0685),
        (COMPLETENESS, 94.4157),  # (76/101)^(4/20) = 0.944710
        (CONSISTENCY, 94.4157),
        (TIMELINESS, 97.1681),  # (76/101)^(2/20) = 0.971962
    ],
)
def test_a_quarter_lost_in_one_dimension_costs_what_the_dimension_weighs(dimension: int, total: float) -> None:
    scored, costs = score(FULL, 20, [Fault(dimension, 1, unknown=False)], capped=False)
    for place, name in enumerate(Dimension):
        assert scored.of(name) == (75.0 if place == dimension else 100.0)
    assert scored.total == pytest.approx(total, abs=5e-5)
    assert costs == [pytest.approx(100.0 - total, abs=5e-5)]


@pytest.mark.parametrize(
    ("dimension", "total"),
    [
        # All lost: S = 0, T = 101^(1 - W/20) - 1.
        (AUTHENTICITY, 30.8597),  # 101^0.75
        (COMPLETENESS, 39.1289),  # 101^0.80
        (TIMELINESS, 62.6633),  # 101^0.90
    ],
)
def test_a_dimension_at_zero_pulls_the_total_down_hard_but_does_not_erase_the_others(
    dimension: int, total: float
) -> None:
    scored, _ = score(FULL, 20, [Fault(dimension, 4, unknown=False)], capped=False)
    assert scored.total == pytest.approx(total, abs=5e-5)


def test_two_dimensions_are_averaged_geometrically_and_costs_are_shared_by_what_each_lost() -> None:
    """Accuracy 50 and timeliness 25 of two rules each: T = exp((5 ln 51 + 2 ln 26) / 7) - 1."""
    faults = [
        Fault(ACCURACY, 2, unknown=False),
        Fault(TIMELINESS, 1, unknown=False),
        Fault(TIMELINESS, 2, unknown=False),
    ]
    scored, costs = score((0, 4, 0, 0, 4), 3, faults, capped=False)
    assert (scored.accuracy, scored.timeliness) == (50.0, 25.0)
    assert (scored.authenticity, scored.completeness, scored.consistency) == (None, None, None)
    assert scored.total == pytest.approx(51 ** (5 / 7) * 26 ** (2 / 7) - 1)
    accuracy, timeliness = 5 * math.log(101 / 51), 2 * math.log(101 / 26)
    lost = 100 - scored.total
    assert costs[0] == pytest.approx(lost * accuracy / (accuracy + timeliness))
    assert costs[1] == pytest.approx(lost * timeliness / (accuracy + timeliness) / 3)
    assert costs[2] == pytest.approx(2 * costs[1])


def test_an_unknown_counts_against_its_own_dimension_and_against_completeness() -> None:
    scored, costs = score(FULL, 20, [Fault(ACCURACY, 1, unknown=True)], capped=False)
    assert (scored.accuracy, scored.completeness) == (75.0, 80.0)  # one of four, and one of five
    assert scored.total == pytest.approx(101 * (76 / 101) ** 0.25 * (81 / 101) ** 0.2 - 1)
    assert costs == [pytest.approx(100 - scored.total)]


def test_an_unknown_of_completeness_itself_counts_once() -> None:
    unknown, _ = score(FULL, 20, [Fault(COMPLETENESS, 1, unknown=True)], capped=False)
    failed, _ = score(FULL, 20, [Fault(COMPLETENESS, 1, unknown=False)], capped=False)
    assert unknown == failed


def test_an_unknown_makes_completeness_a_dimension_of_its_record() -> None:
    scored, _ = score((0, 4, 0, 0, 0), 1, [Fault(ACCURACY, 4, unknown=True)], capped=False)
    assert (scored.accuracy, scored.completeness) == (0.0, 0.0)
    assert scored.total == 20.0, "four points of weight cost eighty points at most"


def test_the_cost_of_an_unknown_bears_its_share_of_completeness() -> None:
    faults = [
        Fault(ACCURACY, 1, unknown=True),
        Fault(ACCURACY, 1, unknown=False),
        Fault(COMPLETENESS, 1, unknown=False),
    ]
    scored, (unknown, failed, gap) = score(FULL, 20, faults, capped=False)
    assert unknown == pytest.approx(failed + gap)
    assert unknown + failed + gap == pytest.approx(100 - scored.total)


def test_a_blocking_finding_caps_the_total_and_leaves_dimensions_and_costs_alone() -> None:
    faults = [Fault(TIMELINESS, 1, unknown=False)]
    free, costs = score(FULL, 20, faults, capped=False)
    capped, same = score(FULL, 20, faults, capped=True)
    assert free.total == pytest.approx(97.1681, abs=5e-5)
    assert capped.total == 59.0
    assert [capped.of(one) for one in Dimension] == [free.of(one) for one in Dimension]
    assert same == costs
    assert sum(costs) < 100 - capped.total, "the difference is the cap's"


@pytest.mark.parametrize(("weight", "total"), [(1, 80.0), (2, 60.0), (3, 40.0), (4, 20.0), (5, 0.0), (9, 0.0)])
def test_a_finding_costs_no_more_than_twenty_points_for_each_point_of_its_weight(weight: int, total: float) -> None:
    """The only rule of its dimension, and of the record: without the floor every one of them would leave nothing."""
    scored, costs = score((weight, 0, 0, 0, 0), 1, [Fault(AUTHENTICITY, weight, unknown=False)], capped=False)
    assert (scored.authenticity, scored.total) == (0.0, total)
    assert costs == [pytest.approx(100.0 - total)]


def test_several_findings_share_the_floor_and_its_costs() -> None:
    """Authenticity and consistency at zero of full others: 101^(11/20) - 1 = 11.7; three points of weight leave 40."""
    faults = [Fault(AUTHENTICITY, 2, unknown=False), Fault(CONSISTENCY, 1, unknown=False)]
    scored, costs = score((2, 4, 4, 1, 4), 15, faults, capped=False)
    assert scored.total == 40.0
    assert costs == [pytest.approx(60 * 5 / 9), pytest.approx(60 * 4 / 9)]


def test_the_floor_does_not_reach_a_record_that_a_rule_stops() -> None:
    capped, _ = score((1, 4, 4, 4, 4), 17, [Fault(AUTHENTICITY, 1, unknown=False)], capped=True)
    assert capped.total == CAP


def test_the_cap_never_raises_a_total() -> None:
    scored, _ = score(FULL, 20, [Fault(ACCURACY, 4, unknown=False)], capped=True)
    assert scored.total == pytest.approx(30.8597, abs=5e-5)


def test_what_informs_weighs_nothing() -> None:
    scored, costs = score(FULL, 21, [Fault(ACCURACY, 0, unknown=False), Fault(ACCURACY, 0, unknown=True)], capped=False)
    assert scored.total == 100.0
    assert costs == [0.0, 0.0]


def test_a_record_all_of_whose_rules_only_inform_is_whole_and_one_nobody_looked_at_is_nothing() -> None:
    informed, _ = score((0, 0, 0, 0, 0), 3, [Fault(ACCURACY, 0, unknown=False)], capped=False)
    unseen, _ = score((0, 0, 0, 0, 0), 0, [], capped=False)
    assert (informed.total, unseen.total) == (100.0, 0.0)
    assert {informed.of(one) for one in Dimension} == {unseen.of(one) for one in Dimension} == {None}


def test_a_whole_record_scores_a_hundred_and_one_that_failed_everything_zero() -> None:
    whole, _ = score(FULL, 20, [], capped=False)
    nothing, costs = score(FULL, 20, [Fault(place, 4, unknown=False) for place in range(5)], capped=True)
    assert [whole.total, *(whole.of(one) for one in Dimension)] == [100.0] * 6
    assert [nothing.total, *(nothing.of(one) for one in Dimension)] == [0.0] * 6
    assert sum(costs) == pytest.approx(100.0)
