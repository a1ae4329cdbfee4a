"""Does a specimen's story keep to an SOP? Happenings are advanced one by one; the standing is asked for at any time.

A time is an interval in seconds (first, last): a day without an hour is as wide as a day. A constraint is violated, or
satisfied, only when that is certain for every time the intervals allow; else it is unknown. The standing depends on
the set of happenings and on ``now`` alone, never on the order in which they arrived.

Tellings. Several records may tell of one happening (the tube's row, the laboratory's run, the custody form). A telling
is taken as a mere confirmation, and dropped, when a more exact or more specific record of another kind tells of the
same step within :data:`SAME` seconds; an undated telling when there is a dated one. What remains (``kept``):

* ``exists``: anything told. ``exactly_once``, ``at_most`` n, ``absent``: at least as many happenings as kept
  intervals that cannot be one and the same; at most as many as are kept.
* ``precedes``: the first ``then`` lies after the first ``step``. Without a ``step`` it is violated.
* ``within``: every ``step`` is followed by a ``then`` within the minutes. Until they are over it is pending.
* ``not_before``: the first ``then`` comes no sooner than the minutes after the first ``step``.
* ``same_actor``, ``different_actor``: over all who are named; unknown when nobody is named for one of the steps.
* ``device_calibrated``: violated by one device out of calibration, satisfied by one known to be in it.

A missing step is pending until its deadline, and violated after it; without a deadline nobody can say that it is late,
so it stays pending, and only the order that later steps demand (``precedes``) can be broken by it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from hilum.model.record import Value
from hilum.quality.compiled import compile_value
from hilum.quality.predicate import parse
from hilum.quality.process_checks import CHECKS, Found, ProcessOutcome
from hilum.quality.process_trace import SAME, Happening, StepTrace, Trace, advance, trace_of
from hilum.quality.rule import Severity
from hilum.quality.sop import Constraint, Sop
from hilum.quality.sop_text import applying_columns

__all__ = [
    "SAME",
    "CompiledSop",
    "Happening",
    "Outcome",
    "ProcessOutcome",
    "ProcessVerdict",
    "Standing",
    "StepTrace",
    "Trace",
    "advance",
    "assess",
    "compile_sop",
    "trace_of",
]  # fmt: skip


class ProcessVerdict(StrEnum):
    """How a specimen stands to an SOP, gravest last: a blocking constraint is violated, or something is still due, or
    cannot be told, or all is as it should be."""

    CONFORM = "conform"
    UNCLEAR = "unclear"
    PENDING = "pending"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One constraint's outcome; ``until`` (second) when it is pending, ``evidence`` are record identifiers."""

    constraint: str
    outcome: ProcessOutcome
    until: int | None = None
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """Every constraint's outcome, the verdict, and when the next pending one falls due (second)."""

    sop: str
    version: int
    verdict: ProcessVerdict
    outcomes: tuple[Outcome, ...]
    pending_until: int | None = None


_Check = Callable[[Trace, int], Found]


@dataclass(frozen=True, slots=True)
class CompiledSop:
    """An SOP ready to assess: one closure per constraint, and whether it speaks of a specimen's row."""

    sop: Sop
    applies: Callable[[Mapping[str, Value]], Value]
    checks: tuple[tuple[Constraint, _Check, Outcome, Outcome], ...]
    """Constraint, its closure, and its outcomes that are always the same: not applicable, satisfied."""

    def speaks_of(self, row: Mapping[str, Value]) -> bool:
        """Whether this SOP is about the specimen with ``row`` (own columns and ``parent.*``)."""
        return self.applies(row) is True


@lru_cache(maxsize=256)
def compile_sop(sop: Sop) -> CompiledSop:
    """``sop`` as closures. Raises :class:`~hilum.errors.RuleError` when ``applies`` says nothing the language means."""
    applies = compile_value(parse(sop.applies, applying_columns(), sop.id)) if sop.applies else _always
    checks = tuple(
        (
            one,
            CHECKS[one.kind](one),
            Outcome(one.id, ProcessOutcome.NOT_APPLICABLE),
            Outcome(one.id, ProcessOutcome.SATISFIED),
        )
        for one in sop.constraints
    )
    return CompiledSop(sop, applies, checks)


def _always(row: Mapping[str, Value]) -> Value:
    return True


def assess(compiled: CompiledSop, trace: Trace, now: int) -> Standing:
    """How ``trace`` stands to the SOP at second ``now``."""
    outcomes = []
    verdict, due = ProcessVerdict.CONFORM, None
    for constraint, check, not_applicable, satisfied in compiled.checks:
        found = check(trace, now)
        if found is None:
            outcomes.append(not_applicable)
        elif found[0] is ProcessOutcome.SATISFIED:
            outcomes.append(satisfied)
        else:
            outcome, until = found
            outcomes.append(Outcome(constraint.id, outcome, until, _evidence(constraint, trace)))
            verdict = _graver(verdict, constraint, outcome)
            if until is not None and (due is None or until < due):
                due = until
    return Standing(compiled.sop.id, compiled.sop.version, verdict, tuple(outcomes), due)


_ORDER = {one: place for place, one in enumerate(ProcessVerdict)}
_MEANS = {
    ProcessOutcome.VIOLATED: ProcessVerdict.HOLD,
    ProcessOutcome.PENDING: ProcessVerdict.PENDING,
    ProcessOutcome.UNKNOWN: ProcessVerdict.UNCLEAR,
}


def _graver(verdict: ProcessVerdict, constraint: Constraint, outcome: ProcessOutcome) -> ProcessVerdict:
    """Only a blocking constraint moves the verdict; what is pending counts whatever its severity."""
    if constraint.severity is not Severity.BLOCK and outcome is not ProcessOutcome.PENDING:
        return verdict
    meant = _MEANS[outcome]
    return meant if _ORDER[meant] > _ORDER[verdict] else verdict


def _evidence(constraint: Constraint, trace: Trace) -> tuple[str, ...]:
    """The records that tell of the steps a constraint looks at."""
    return tuple(sorted({record for step in constraint.steps if step in trace for record in trace[step].records}))
