"""Steps of procedures that are overdue: which deadlines passed without the step that was due.

A step that is told of is never pending, whenever one asks; so a constraint that would be pending at the beginning of
time is one whose step nobody told of, and until when it is pending is its deadline. No other state is kept.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from hilum.clock import parse_stamp
from hilum.model.record import Value
from hilum.quality.process import CompiledSop, Outcome, ProcessOutcome
from hilum.quality.sop import Constraint, ConstraintKind
from hilum.quality.watch import Claim, CloseReason, Notice, WatchRule, detailed
from hilum.registry import process
from hilum.registry.ports import Unit
from hilum.registry.process_stored import ProcessStanding
from hilum.registry.watching_known import BEGINNING

_OVER: Mapping[ProcessOutcome, CloseReason] = {
    ProcessOutcome.VIOLATED: CloseReason.LATE,
    ProcessOutcome.SATISFIED: CloseReason.TOLD_LATE,
    ProcessOutcome.UNKNOWN: CloseReason.UNCLEAR,
    ProcessOutcome.PENDING: CloseReason.REJUDGED,
    ProcessOutcome.NOT_APPLICABLE: CloseReason.NOT_ASKED,
}


def may_be_overdue(standing: ProcessStanding) -> bool:
    """Whether a standing is worth a closer look: something in it is broken, or was due by when it was made."""
    made = parse_stamp(standing.at).timestamp()
    return any(
        one.outcome is ProcessOutcome.VIOLATED or (one.until is not None and one.until <= made)
        for one in standing.outcomes
    )


class Steps:
    """What is overdue for some specimens, as their facts stand now."""

    def __init__(self, unit: Unit, sops: Sequence[CompiledSop], specimens: Collection[str]) -> None:
        self._demands = {(sop.sop.id, one.id): one for sop in sops for one in sop.sop.constraints}
        self._outcomes: dict[str, list[tuple[ProcessStanding, Outcome]]] = {one: [] for one in specimens}
        for standing in process.standings(unit, sops, specimens, BEGINNING):
            mine = self._outcomes.setdefault(standing.specimen, [])
            mine += [(standing, outcome) for outcome in standing.outcomes]

    @property
    def specimens(self) -> list[str]:
        return sorted(self._outcomes)

    def claims(self, specimen: str, now: int, oldest: int) -> list[Claim]:
        """The steps whose deadline has passed by ``now``, but not before ``oldest``: what was due long before the bank
        heard of the specimen is history, which the standing tells, and nobody's errand today."""
        return [
            _claim(specimen, standing, outcome.until, self._demands[standing.sop, outcome.constraint])
            for standing, outcome in self._outcomes[specimen]
            if outcome.outcome is ProcessOutcome.PENDING and outcome.until is not None and oldest <= outcome.until < now
        ]

    def endings(self, specimen: str, notices: Iterable[Notice]) -> dict[str, CloseReason]:
        """Why each of these notices is over, if it is: the step came late, or was told late, or is not asked for."""
        stands = {
            _rule(standing, outcome.constraint): outcome.outcome for standing, outcome in self._outcomes[specimen]
        }
        return {one.rule: _OVER[stands.get(one.rule, ProcessOutcome.NOT_APPLICABLE)] for one in notices}


def _claim(specimen: str, standing: ProcessStanding, until: int, demand: Constraint) -> Claim:
    due = demand.then if demand.kind is ConstraintKind.WITHIN else demand.step
    facts: dict[str, Value] = {"sop": standing.sop, "version": standing.version, "constraint": demand.id, "step": due}
    facts |= {"hint_zh": demand.hint.zh, "hint_en": demand.hint.en}
    return Claim(
        rule=_rule(standing, demand.id),
        subject=specimen,
        since=until,
        severity=demand.severity,
        facts=facts,
    )


def _rule(standing: ProcessStanding, constraint: str) -> str:
    return detailed(WatchRule.STEP, f"{standing.sop}/{constraint}")
