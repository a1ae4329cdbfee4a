"""The judge of :mod:`hilum.quality.process`: the same constraints over the whole list of happenings, slow and obvious.

Nothing is kept between questions and nothing is shared with the evaluator but the words for outcomes. A property test
holds both to the same answers, in every order of arrival.
"""

from collections.abc import Sequence
from itertools import combinations

from hilum.quality.process_checks import ProcessOutcome
from hilum.quality.process_trace import SAME, Happening
from hilum.quality.sop import Constraint, ConstraintKind

_O = ProcessOutcome
Answer = tuple[ProcessOutcome, int | None]
Interval = tuple[int, int]
_NOT_APPLICABLE: Answer = (_O.NOT_APPLICABLE, None)


def judge(constraint: Constraint, happenings: Sequence[Happening], now: int) -> Answer:
    """Outcome of one constraint over everything told, at second ``now``."""
    mine = [one for one in happenings if one.step == constraint.step]
    theirs = [one for one in happenings if one.step == constraint.then]
    kind = constraint.kind
    if kind in (ConstraintKind.EXISTS, ConstraintKind.EXACTLY_ONCE) and not mine:
        return _missing(constraint, happenings, now)
    if kind is ConstraintKind.EXISTS:
        return _O.SATISFIED, None
    if kind in (ConstraintKind.EXACTLY_ONCE, ConstraintKind.AT_MOST, ConstraintKind.ABSENT):
        most = {ConstraintKind.EXACTLY_ONCE: 1, ConstraintKind.ABSENT: 0}.get(kind, constraint.count)
        return _counted(mine, most), None
    if kind is ConstraintKind.DEVICE_CALIBRATED:
        return _calibrated(mine), None
    if kind is ConstraintKind.WITHIN:
        return _within(constraint, mine, theirs, now)
    if not theirs or (not mine and kind is not ConstraintKind.PRECEDES):
        return _NOT_APPLICABLE
    if kind in (ConstraintKind.SAME_ACTOR, ConstraintKind.DIFFERENT_ACTOR):
        return _actors(kind, mine, theirs), None
    return _ordered(constraint, mine, theirs), None


def _times(told: Sequence[Happening]) -> list[Interval]:
    """Dated intervals without what only confirms another kind's better telling; an exact time of one kind once."""
    dated = [one for one in told if one.first is not None]
    kept = []
    for one in dated:
        better = [
            other
            for other in dated
            if other.rank != one.rank
            and (other.first != other.last, other.rank) < (one.first != one.last, one.rank)
            and _gap(one, other) <= SAME
        ]
        if not better:
            kept.append((one.first or 0, one.last or 0))
    exact = {time for time in kept if time[0] == time[1]}
    return [*exact, *(time for time in kept if time[0] != time[1])]


def _gap(one: Happening, other: Happening) -> int:
    """Seconds between two dated happenings; 0 or less when they overlap."""
    return max((one.first or 0) - (other.last or 0), (other.first or 0) - (one.last or 0))


def _counted(told: Sequence[Happening], most: int) -> ProcessOutcome:
    if not told:
        return _O.SATISFIED
    times = _times(told)
    certain = 1
    for size in range(2, len(times) + 1):
        if any(_all_apart(some) for some in combinations(times, size)):
            certain = size
    possible = len(times) or len(told)
    if certain > most:
        return _O.VIOLATED
    return _O.SATISFIED if possible <= most else _O.UNKNOWN


def _all_apart(times: Sequence[Interval]) -> bool:
    return all(one[1] < other[0] or other[1] < one[0] for one, other in combinations(times, 2))


def _missing(constraint: Constraint, happenings: Sequence[Happening], now: int) -> Answer:
    if constraint.deadline is None:
        return _O.PENDING, None
    anchors = _times([one for one in happenings if one.step == constraint.deadline.after])
    if not anchors:
        return _O.UNKNOWN, None
    until = min(last for _, last in anchors) + round(constraint.deadline.minutes * 60)
    return (_O.PENDING, until) if now <= until else (_O.VIOLATED, None)


def _ordered(constraint: Constraint, mine: Sequence[Happening], theirs: Sequence[Happening]) -> ProcessOutcome:
    """By every choice of times the intervals allow: how far does the first of theirs lie after the first of mine?"""
    if not mine:
        return _O.VIOLATED
    before, after = _times(mine), _times(theirs)
    if not before or not after:
        return _O.UNKNOWN
    least = round(constraint.minutes * 60)
    earliest, latest = min(first for first, _ in before), min(last for _, last in before)
    if min(last for _, last in after) - earliest < least:
        return _O.VIOLATED
    certain = min(first for first, _ in after) - latest >= least
    return _O.SATISFIED if certain or constraint.same_day else _O.UNKNOWN


def _within(constraint: Constraint, mine: Sequence[Happening], theirs: Sequence[Happening], now: int) -> Answer:
    if not mine:
        return _NOT_APPLICABLE
    asked, answers = _times(mine), _times(theirs)
    if not asked or (theirs and not answers):
        return _O.UNKNOWN, None
    most = round(constraint.minutes * 60)
    found = [_answered(one, answers, most, now) for one in asked]
    for wanted in (_O.VIOLATED, _O.PENDING, _O.UNKNOWN):
        such = [one for one in found if one[0] is wanted]
        if such:
            return min(such, key=lambda one: one[1] or 0)
    return _O.SATISFIED, None


def _answered(asked: Interval, answers: Sequence[Interval], most: int, now: int) -> Answer:
    first, last = asked
    if any(start >= last and end - first <= most for start, end in answers):
        return _O.SATISFIED, None
    if any(end >= first and start - last <= most for start, end in answers):
        return _O.UNKNOWN, None
    if now > last + most or any(start - last > most for start, _ in answers):
        return _O.VIOLATED, None
    return _O.PENDING, last + most


def _actors(kind: ConstraintKind, mine: Sequence[Happening], theirs: Sequence[Happening]) -> ProcessOutcome:
    one = {told.actor for told in mine if told.actor}
    other = {told.actor for told in theirs if told.actor}
    broken = len(one | other) > 1 if kind is ConstraintKind.SAME_ACTOR else bool(one & other)
    if broken:
        return _O.VIOLATED
    return _O.SATISFIED if one and other else _O.UNKNOWN


def _calibrated(told: Sequence[Happening]) -> ProcessOutcome:
    if not told:
        return _O.NOT_APPLICABLE
    known = [one.device_ok for one in told if one.device_ok is not None]
    if False in known:
        return _O.VIOLATED
    return _O.SATISFIED if known else _O.UNKNOWN
