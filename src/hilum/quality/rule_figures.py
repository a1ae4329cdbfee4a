"""How often each rule spoke, and what that says by dimension and topic."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hilum.quality.figures import JUDGED, Figures
from hilum.quality.finding import RuleOutcome
from hilum.quality.proportion import Proportion
from hilum.quality.rule import Dimension, Rule, Severity

_GRAVITY = tuple(Severity)


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """One rule and the current records it did not pass on.

    ``rule`` is ``None`` when an older rule set spoke that no longer holds this rule. ``applicable``: records it
    applied to, ``None`` when the bank did not count them; ``of_kind``: judged records of the kinds it spoke on.
    """

    id: str
    rule: Rule | None
    failed: int
    unknown: int
    of_kind: int
    applicable: int | None

    @property
    def found(self) -> int:
        """Records with this finding: failed and unknown (which counts as failed)."""
        return self.failed + self.unknown

    @property
    def share(self) -> Proportion | None:
        """Of the records the rule applied to, the share it did not pass on; ``None`` where that is not known."""
        if self.applicable is None or self.applicable < self.found:
            return None
        return Proportion(self.found, self.applicable)


@dataclass(frozen=True, slots=True)
class DimensionFindings:
    """Findings of one dimension: one record may have several."""

    dimension: Dimension
    rules: int
    failed: int
    unknown: int
    by_severity: tuple[tuple[Severity, int], ...]


@dataclass(frozen=True, slots=True)
class TopicFindings:
    """Findings of one topic (``unit``, ``identity``, …)."""

    topic: str
    rules: int
    found: int


def by_rule(figures: Figures, rules: Mapping[str, Rule]) -> tuple[RuleFigures, ...]:
    """Every rule that spoke: the gravest severity first, then the commonest."""
    outcomes: dict[str, Counter[str]] = {}
    spoke_on: dict[str, set[str]] = {}
    for (rule, outcome, kind), n in figures.finding_counts.items():
        outcomes.setdefault(rule, Counter())[outcome] += n
        spoke_on.setdefault(rule, set()).add(kind)
    judged: Counter[str] = Counter()
    for (kind, state), n in figures.counts.items():
        judged[kind] += n if state in JUDGED else 0
    listed = [
        RuleFigures(
            id=rule,
            rule=rules.get(rule),
            failed=seen[RuleOutcome.FAIL],
            unknown=seen[RuleOutcome.UNKNOWN],
            of_kind=sum(judged[kind] for kind in spoke_on[rule]),
            applicable=figures.applicable.get(rule),
        )
        for rule, seen in outcomes.items()
    ]
    return tuple(sorted((one for one in listed if one.found), key=_order))


def _order(one: RuleFigures) -> tuple[int, int, str]:
    gravity = len(_GRAVITY) if one.rule is None else _GRAVITY.index(one.rule.severity)
    return gravity, -one.found, one.id


def by_dimension(found: Sequence[RuleFigures]) -> tuple[DimensionFindings, ...]:
    """All five dimensions, in the mission's order."""
    return tuple(_dimension(one, [rule for rule in found if _has(rule, one)]) for one in Dimension)


def _has(one: RuleFigures, dimension: Dimension) -> bool:
    return one.rule is not None and one.rule.dimension is dimension


def _dimension(dimension: Dimension, rules: Iterable[RuleFigures]) -> DimensionFindings:
    listed = list(rules)
    by_severity = Counter(dict.fromkeys(Severity, 0))
    for one in listed:
        if one.rule is not None:
            by_severity[one.rule.severity] += one.found
    return DimensionFindings(
        dimension=dimension,
        rules=len(listed),
        failed=sum(one.failed for one in listed),
        unknown=sum(one.unknown for one in listed),
        by_severity=tuple((severity, by_severity[severity]) for severity in Severity),
    )


def by_topic(found: Sequence[RuleFigures]) -> tuple[TopicFindings, ...]:
    """Topics that occur, most findings first."""
    rules: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    for one in found:
        if one.rule is not None:
            rules[one.rule.topic] += 1
            counted[one.rule.topic] += one.found
    return tuple(
        TopicFindings(topic, rules[topic], counted[topic]) for topic in sorted(counted, key=lambda t: (-counted[t], t))
    )
