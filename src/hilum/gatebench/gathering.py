"""What Hilum's own bank says of a data set, as answers that the scorer reads like anybody's."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from hilum.gatebench.asked import written
from hilum.gatebench.classes import FLAG
from hilum.gatebench.scoring import ACCEPT, REPAIR, STOP, Answer, same
from hilum.gatebench.truth import Planted
from hilum.model.record import Kind
from hilum.quality.finding import Finding, Judgement, Verdict
from hilum.quality.process import ProcessOutcome
from hilum.quality.rule import Severity
from hilum.quality.sop import Sop
from hilum.registry.process_stored import ProcessStanding
from hilum.registry.stored import RecordState, StoredProblem, StoredRecord

_STOPPED = (RecordState.HELD, RecordState.REJECTED)
_GRAVITY = {Severity.BLOCK: 0, Severity.WARN: 1, Severity.INFO: 2}
Unmasked = Callable[[str], str]
"""A bank's key with the donors' identifiers put back."""
Causes = dict[str, list[str]]
"""Record -> ids of the rules (or constraints) that stop it."""


class Gathering:
    """Collects answers record by record, and what stopped what. ``known`` are the names records have in truth."""

    def __init__(self, known: Collection[str], unmasked: Unmasked) -> None:
        self.answers: defaultdict[str, Answer] = defaultdict(Answer)
        self.causes: defaultdict[str, list[str]] = defaultdict(list)
        self._known, self._unmasked = known, unmasked
        self._specimens: dict[str, str] = {}
        self._accepted: dict[str, list[StoredRecord]] = {}

    def record(self, one: StoredRecord) -> None:
        """Take in a record as it stands in the bank."""
        name = self._name(one)
        if one.kind is Kind.SPECIMEN:
            self._specimens.setdefault(one.key, name)
        answer = self.answers[name]
        if one.state is RecordState.SUPERSEDED and name.startswith(f"{one.kind.value}:"):
            return  # the same fact told again in a later message: what stands in the end counts
        if one.state is RecordState.ACCEPTED:
            self._accepted.setdefault(name, []).append(one)
        if one.judgement is None:
            answer.add(STOP if one.state in _STOPPED else ACCEPT)
            return
        answer.add(_verdict(one.state, one.judgement))
        for finding in sorted(one.judgement.findings, key=_gravest):
            self._finding(name, answer, finding)

    def _name(self, one: StoredRecord) -> str:
        """By its line where truth calls it so (or by nothing else), else by its key."""
        line = f"{one.locator.place}:{one.locator.line}"
        key = f"{one.kind.value}:{self._unmasked(one.key)}"
        return key if line not in self._known and key in self._known else line

    def _finding(self, name: str, answer: Answer, finding: Finding) -> None:
        if finding.severity is Severity.BLOCK:
            self.causes[name].append(finding.rule)
        answer.fields.append(finding.field)
        answer.fixes.extend((fix.field, written(fix.value)) for fix in finding.fixes)

    def problem(self, one: StoredProblem) -> None:
        """Take in what was wrong with a file or a line of it."""
        name = f"{one.locator.place}:{one.locator.line}"
        self.answers[name].add(STOP if one.fatal else FLAG)
        if one.fatal:
            self.causes[name].append(one.reason)

    def process(self, standing: ProcessStanding, sop: Sop) -> None:
        """Take in how a specimen stands to an SOP: a violated constraint stops it, or warns, as the SOP says."""
        name = self._specimens.get(standing.specimen)
        if name is None:
            return
        severities = {one.id: one.severity for one in sop.constraints}
        for outcome in standing.outcomes:
            severity = severities.get(outcome.constraint, Severity.INFO)
            if outcome.outcome is not ProcessOutcome.VIOLATED or severity is Severity.INFO:
                continue
            self.answers[name].add(STOP if severity is Severity.BLOCK else FLAG)
            if severity is Severity.BLOCK:
                self.causes[name].append(f"{standing.sop}/{outcome.constraint}")

    def mend(self, ledger: Sequence[Planted]) -> None:
        """Where a record was let in with the very value that is right, the reader repaired it without loss (it may have
        said so, which is no mere warning)."""
        for plant in ledger:
            name = plant.records[0] if plant.records else ""
            if name not in self.answers or self.answers[name].verdict == STOP:
                continue
            if any(_holds(one, plant.fixes) for one in self._accepted.get(name, ())):
                self.answers[name].verdict = REPAIR


def _verdict(state: RecordState, judgement: Judgement) -> str:
    if state in _STOPPED:
        return STOP
    if state is not RecordState.ACCEPTED and judgement.verdict is not Verdict.ACCEPT:
        return STOP
    return FLAG if any(one.severity is Severity.WARN for one in judgement.findings) else ACCEPT


def _gravest(finding: Finding) -> tuple[int, float]:
    return _GRAVITY[finding.severity], -finding.cost


def _holds(one: StoredRecord, fixes: Iterable[tuple[str, str]]) -> bool:
    return any(name in one.fields and same(one.kind, name, written(one.fields[name]), value) for name, value in fixes)


def counted(causes: Mapping[str, Sequence[str]], names: Iterable[str]) -> dict[str, int]:
    """Rule -> how many of these records it stopped, most first."""
    found: defaultdict[str, int] = defaultdict(int)
    for name in names:
        for rule in set(causes.get(name, ("?",))):
            found[rule] += 1
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
