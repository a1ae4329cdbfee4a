r"""The score of a record: 0 to 100 in each of five dimensions, and a total.

**Definition.** Let a rule *apply* to a record when its ``when`` is TRUE (or it has none or it broke), and let
:math:`w_r` be its weight; rules of severity ``info`` weigh 0. A finding is a rule that applied and failed, or whose
outcome is unknown. Findings waived for the record are left out of everything below, above and below the line.

*Dimension d.* With :math:`A_d` the weight of the applicable rules of d and :math:`F_d` the weight of its findings,

.. math:: S_d = 100 \cdot (1 - F_d / A_d)

An *unknown* finding of another dimension counts in completeness as well, as one more applicable and failed rule of
the same weight: what could not be decided is also a gap. :math:`S_d` is null, not 100, when :math:`A_d = 0`.

*Total.* The weighted geometric mean of the non-null dimensions, taken of :math:`S_d + 1` so that one dimension at
zero pulls the total down hard but does not erase the others, and all at zero give zero:

.. math:: T = \exp\Big(\sum_d W_d \ln(S_d + 1) / \sum_d W_d\Big) - 1

with the weights :data:`WEIGHTS`. With no non-null dimension T is 100 when some rule applied (all of them only inform)
and 0 when none did: nobody looked.

*Floor.* Findings together cost at most :data:`DEAREST` points for each point of their weight: T is not less than
100 - 20 · (the sum of :math:`F_d`). Where few rules apply, one warning would otherwise bring its dimension to zero and
hold a good record by its total, although a warning is meant to let it in with a flag.

*Cap.* A record with an unwaived finding of severity ``block`` or ``reject`` cannot score above :data:`CAP`. The score
never overrides a blocker, and a blocker is never hidden by a good average.

*Cost of a finding.* The 100 - T points lost, after the floor and before the cap, are shared out: to dimensions in
proportion to :math:`W_d (\ln 101 - \ln(S_d + 1))`, and within a dimension to its findings by weight (an unknown one of
another dimension also bears its share of completeness). Costs add up to 100 - T exactly; where the cap holds, the
published total is lower than 100 minus the costs, and that difference is the cap's.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hilum.quality.finding import Score
from hilum.quality.making import maker
from hilum.quality.rule import Dimension

WEIGHTS: dict[Dimension, int] = {
    Dimension.AUTHENTICITY: 5,
    Dimension.ACCURACY: 5,
    Dimension.COMPLETENESS: 4,
    Dimension.CONSISTENCY: 4,
    Dimension.TIMELINESS: 2,
}
"""Weights of the dimensions in the total: whether it is the right specimen and the value is right come first."""

CAP = 59.0
"""The most a record with an unwaived blocking finding can score."""

THRESHOLD = 60.0
"""A record that scores less is held."""

DEAREST = 20.0
"""The most points that one point of a finding's weight can cost: a single warning of weight 2 leaves 60."""

_WEIGHTS = tuple(WEIGHTS[dimension] for dimension in Dimension)
_PLACES = range(len(_WEIGHTS))
_COMPLETENESS = tuple(Dimension).index(Dimension.COMPLETENESS)
_FULL = math.log(101.0)
_score = maker(Score)


@dataclass(frozen=True, slots=True)
class Fault:
    """A finding as the score sees it: index of its dimension, weight, and whether its outcome is unknown."""

    dimension: int
    weight: int
    unknown: bool


def score(weights: Sequence[int], applied: int, faults: Sequence[Fault], *, capped: bool) -> tuple[Score, list[float]]:
    """The score and the cost of each fault.

    ``weights`` are the applicable weights of the dimensions in their order, waived findings already taken out, and
    ``applied`` the number of applicable rules.
    """
    applicable, failed = list(weights), [0, 0, 0, 0, 0]
    for fault in faults:
        failed[fault.dimension] += fault.weight
        if fault.unknown and fault.dimension != _COMPLETENESS:
            applicable[_COMPLETENESS] += fault.weight
            failed[_COMPLETENESS] += fault.weight
    scores: list[float | None] = [100.0 if whole else None for whole in applicable]
    losses, weight = [0.0, 0.0, 0.0, 0.0, 0.0], 0
    for place, whole in enumerate(applicable):
        if whole:
            weight += _WEIGHTS[place]
            if failed[place]:
                scores[place] = found = 100.0 * (1.0 - failed[place] / whole)
                losses[place] = _WEIGHTS[place] * (_FULL - math.log(found + 1.0))
    total = _total(sum(losses), weight, applied)
    if faults:
        total = max(total, 100.0 - DEAREST * sum(fault.weight for fault in faults))
    costs = _costs(faults, losses, failed, 100.0 - total)
    return _score(min(total, CAP) if capped else total, *scores), costs


def _total(lost: float, weight: int, applied: int) -> float:
    if not weight:
        return 100.0 if applied else 0.0
    return max(0.0, math.exp(_FULL - lost / weight) - 1.0) if lost else 100.0


def _costs(faults: Sequence[Fault], losses: Sequence[float], failed: Sequence[int], lost: float) -> list[float]:
    whole = sum(losses)
    if not whole:
        return [0.0] * len(faults)
    rates = [lost * losses[place] / whole / failed[place] if failed[place] else 0.0 for place in _PLACES]
    gap = rates[_COMPLETENESS]
    return [
        fault.weight * (rates[fault.dimension] + gap)
        if fault.unknown and fault.dimension != _COMPLETENESS
        else fault.weight * rates[fault.dimension]
        for fault in faults
    ]
