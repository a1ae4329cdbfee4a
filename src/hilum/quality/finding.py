"""What the gate says of one record: findings, score, verdict. Values only; words are made from them when shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hilum.model.record import Value
from hilum.quality.rule import Dimension, Severity


class RuleOutcome(StrEnum):
    """The four outcomes of one rule on one record."""

    PASS = "pass"  # noqa: S105 - an outcome, not a secret
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class Verdict(StrEnum):
    """accept 通过, hold 待纠正, reject 拦截."""

    ACCEPT = "accept"
    HOLD = "hold"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Fix:
    """A correction on offer for this record: put ``value`` into ``field``."""

    field: str
    value: Value
    basis: str
    confidence: float
    lossless: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that did not pass on one record.

    ``values`` are the rule's columns as they stood (personal ones masked): they fill the rule's hint in either
    language. ``cost`` is the points this finding took from the total. ``broken`` marks a rule that failed to run.
    """

    rule: str
    version: int
    outcome: RuleOutcome
    severity: Severity
    dimension: Dimension
    field: str
    found: str
    values: Mapping[str, Value]
    fixes: tuple[Fix, ...] = ()
    cost: float = 0.0
    waived: bool = False
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """0 to 100 per dimension, ``None`` where no rule applied, and the total. Defined in :mod:`hilum.quality.score`."""

    total: float
    authenticity: float | None
    accuracy: float | None
    completeness: float | None
    consistency: float | None
    timeliness: float | None

    def of(self, dimension: Dimension) -> float | None:
        value: float | None = getattr(self, dimension.value)
        return value


@dataclass(frozen=True, slots=True)
class Judgement:
    """The gate's whole answer: verdict, score, findings, how many rules applied, and which rule set spoke."""

    verdict: Verdict
    score: Score
    findings: tuple[Finding, ...]
    applied: int
    ruleset: str
