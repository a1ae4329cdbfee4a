"""One closure per constraint: each answers ``None`` where it does not apply, else an outcome and, if pending, until
which second. What each kind means stands in :mod:`hilum.quality.process`."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from hilum.quality.process_trace import Interval, StepTrace, Trace
from hilum.quality.sop import Constraint, ConstraintKind


class ProcessOutcome(StrEnum):
    """What became of one constraint."""

    SATISFIED = "satisfied"
    VIOLATED = "violated"
    PENDING = "pending"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"


Found = tuple[ProcessOutcome, int | None] | None
Check = Callable[[Trace, int], Found]

_SATISFIED: Found = (ProcessOutcome.SATISFIED, None)
_VIOLATED: Found = (ProcessOutcome.VIOLATED, None)
_UNKNOWN: Found = (ProcessOutcome.UNKNOWN, None)


def _missing(constraint: Constraint) -> Check:
    """What a step nobody told of means: pending until its deadline, for good without one, violated after it."""
    if constraint.deadline is None:
        return lambda trace, now: (ProcessOutcome.PENDING, None)
    after, allowed = constraint.deadline.after, round(constraint.deadline.minutes * 60)

    def due(trace: Trace, now: int) -> Found:
        anchor = trace.get(after)
        if anchor is None or not anchor.kept:
            return _UNKNOWN
        until = min(last for _, last in anchor.kept) + allowed
        return (ProcessOutcome.PENDING, until) if now <= until else _VIOLATED

    return due


def _exists(constraint: Constraint) -> Check:
    step, missing = constraint.step, _missing(constraint)
    return lambda trace, now: _SATISFIED if step in trace else missing(trace, now)


def _exactly_once(constraint: Constraint) -> Check:
    step, missing = constraint.step, _missing(constraint)

    def check(trace: Trace, now: int) -> Found:
        state = trace.get(step)
        return missing(trace, now) if state is None else _counted(state, 1)

    return check


def _at_most(constraint: Constraint) -> Check:
    step, most = constraint.step, constraint.count if constraint.kind is ConstraintKind.AT_MOST else 0

    def check(trace: Trace, now: int) -> Found:
        state = trace.get(step)
        return _SATISFIED if state is None else _counted(state, most)

    return check


def _counted(state: StepTrace, most: int) -> Found:
    if state.at_least > most:
        return _VIOLATED
    return _SATISFIED if state.at_most <= most else _UNKNOWN


def _precedes(constraint: Constraint) -> Check:
    step, then, same_day = constraint.step, constraint.then, constraint.same_day

    def check(trace: Trace, now: int) -> Found:
        after = trace.get(then)
        if after is None:
            return None
        before = trace.get(step)
        return _VIOLATED if before is None else _apart(before.kept, after.kept, 0, same_day)

    return check


def _not_before(constraint: Constraint) -> Check:
    step, then, same_day = constraint.step, constraint.then, constraint.same_day
    least = round(constraint.minutes * 60)

    def check(trace: Trace, now: int) -> Found:
        before, after = trace.get(step), trace.get(then)
        return None if before is None or after is None else _apart(before.kept, after.kept, least, same_day)

    return check


def _apart(before: list[Interval], after: list[Interval], least: int, same_day: bool) -> Found:
    """Whether the first of ``after`` lies ``least`` seconds or more after the first of ``before``."""
    if len(before) == len(after) == 1:  # nearly always
        (first, last), (start, end) = before[0], after[0]
    elif not before or not after:
        return _UNKNOWN
    else:
        first, last = before[0][0], min(one[1] for one in before)
        start, end = after[0][0], min(one[1] for one in after)
    if end < first + least:
        return _VIOLATED
    return _SATISFIED if same_day or start >= last + least else _UNKNOWN


def _within(constraint: Constraint) -> Check:
    step, then, most = constraint.step, constraint.then, round(constraint.minutes * 60)

    def check(trace: Trace, now: int) -> Found:
        asking, answering = trace.get(step), trace.get(then)
        if asking is None:
            return None
        if not asking.kept or (answering is not None and not answering.kept):
            return _UNKNOWN
        answers = answering.kept if answering else []
        return _gravest([_answered(one, answers, most, now) for one in asking.kept])

    return check


def _answered(asked: Interval, answers: list[Interval], most: int, now: int) -> Found:
    first, last = asked
    possible = False
    for start, end in answers:
        if start >= last and end <= first + most:
            return _SATISFIED
        possible = possible or (end >= first and start <= last + most)
    if possible:
        return _UNKNOWN
    too_late = any(start > last + most for start, _ in answers)
    return _VIOLATED if too_late or now > last + most else (ProcessOutcome.PENDING, last + most)


_GRAVITY = (ProcessOutcome.VIOLATED, ProcessOutcome.PENDING, ProcessOutcome.UNKNOWN, ProcessOutcome.SATISFIED)


def _gravest(found: list[Found]) -> Found:
    """The gravest of several; of the pending ones, that which falls due first."""
    if len(found) == 1:
        return found[0]
    return min(
        (one for one in found if one is not None), key=lambda one: (_GRAVITY.index(one[0]), one[1] or 0), default=None
    )


def _same_actor(constraint: Constraint) -> Check:
    def judged(one: set[str], other: set[str]) -> Found:
        if len(one | other) > 1:
            return _VIOLATED
        return _SATISFIED if one and other else _UNKNOWN

    return _of_actors(constraint, judged)


def _different_actor(constraint: Constraint) -> Check:
    def judged(one: set[str], other: set[str]) -> Found:
        if one & other:
            return _VIOLATED
        return _SATISFIED if one and other else _UNKNOWN

    return _of_actors(constraint, judged)


def _of_actors(constraint: Constraint, judged: Callable[[set[str], set[str]], Found]) -> Check:
    step, then = constraint.step, constraint.then

    def check(trace: Trace, now: int) -> Found:
        one, other = trace.get(step), trace.get(then)
        return None if one is None or other is None else judged(one.actors, other.actors)

    return check


def _device_calibrated(constraint: Constraint) -> Check:
    step = constraint.step

    def check(trace: Trace, now: int) -> Found:
        state = trace.get(step)
        if state is None:
            return None
        if False in state.devices:
            return _VIOLATED
        return _SATISFIED if state.devices else _UNKNOWN

    return check


CHECKS: Mapping[ConstraintKind, Callable[[Constraint], Check]] = {
    ConstraintKind.EXISTS: _exists,
    ConstraintKind.EXACTLY_ONCE: _exactly_once,
    ConstraintKind.AT_MOST: _at_most,
    ConstraintKind.ABSENT: _at_most,
    ConstraintKind.PRECEDES: _precedes,
    ConstraintKind.WITHIN: _within,
    ConstraintKind.NOT_BEFORE: _not_before,
    ConstraintKind.SAME_ACTOR: _same_actor,
    ConstraintKind.DIFFERENT_ACTOR: _different_actor,
    ConstraintKind.DEVICE_CALIBRATED: _device_calibrated,
}
