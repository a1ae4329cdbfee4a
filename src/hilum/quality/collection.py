"""The whole collection in figures: what a biobank director files. Pure; words and pictures are made elsewhere.

The share of records fit for use is accepted ÷ all judged current records, always with its 95 % Wilson band: the
data trust interval (数据可信区间). Scores are shown as distributions; no bare average appears anywhere.
"""

from dataclasses import dataclass

from hilum.quality.collection_digits import NO_DIGITS, DigitFigures
from hilum.quality.distribution import DimensionSpread, Spread, spread
from hilum.quality.figures import Cover, Figures, WaiverCounts
from hilum.quality.file_problem import ProblemFigures, problems
from hilum.quality.group import GroupFigures, KindFigures, SourceFigures, groups, kinds, sources
from hilum.quality.mend import Mend, Stop, mends, mends_by_count, stops
from hilum.quality.proportion import Proportion, wilson
from hilum.quality.rule import Dimension
from hilum.quality.rule_figures import (
    DimensionFindings,
    RuleFigures,
    TopicFindings,
    by_dimension,
    by_rule,
    by_topic,
)
from hilum.quality.score_walk import Waiting, Walk, walk
from hilum.quality.state_counts import StateCounts


@dataclass(frozen=True, slots=True)
class CollectionReport:
    """Every figure of the report, ready to be shown in either language."""

    cover: Cover
    ruleset: str
    """Digest of the rule set that judged."""
    rules_in_force: int
    first_received: str
    """ISO instants of the first and the last file received; empty without files."""
    last_received: str
    states: StateCounts
    fit: Proportion
    """The data trust interval."""
    kinds: tuple[KindFigures, ...]
    score: Spread
    dimensions: tuple[DimensionSpread, ...]
    sources: tuple[SourceFigures, ...]
    sites: tuple[GroupFigures, ...]
    months: tuple[GroupFigures, ...]
    findings: tuple[RuleFigures, ...]
    dimension_findings: tuple[DimensionFindings, ...]
    topics: tuple[TopicFindings, ...]
    stops: tuple[Stop, ...]
    mends: tuple[Mend, ...]
    waiting: Waiting
    problems: tuple[ProblemFigures, ...]
    waivers: WaiverCounts | None = None
    digits: DigitFigures = NO_DIGITS
    """Digit preference: series whose last digits are not those of free measurement."""

    def rule(self, rule_id: str) -> RuleFigures | None:
        """The figures of one rule; ``None`` when it found nothing."""
        return next((one for one in self.findings if one.id == rule_id), None)


def collect(cover: Cover, figures: Figures, digits: DigitFigures = NO_DIGITS) -> CollectionReport:
    """The report of a bank. Reads ``figures.score_rows`` once; memory does not grow with the number of records."""
    seen = walk(figures.score_rows, figures.sources, cover.generated_at)
    rules = {rule.id: rule for rule in figures.ruleset.rules}
    found = by_rule(figures, rules)
    per_kind = kinds(figures.counts, seen)
    states = sum((kind.states for kind in per_kind), StateCounts())
    received = sorted(source.received_at for source in figures.sources)
    return CollectionReport(
        cover=cover,
        ruleset=figures.ruleset.digest,
        rules_in_force=len(rules),
        first_received=received[0] if received else "",
        last_received=received[-1] if received else "",
        states=states,
        fit=states.fit,
        kinds=per_kind,
        score=spread(seen.total),
        dimensions=_dimensions(seen),
        sources=sources(figures.sources, figures.problems, seen, states.fit),
        sites=groups(_by_site(figures), states.fit),
        months=groups(seen.months, states.fit, by_name=True),
        findings=found,
        dimension_findings=by_dimension(found),
        topics=by_topic(found),
        stops=stops(figures.blocking_sets, rules),
        mends=mends(figures.blocking_sets) or mends_by_count(figures.finding_counts, rules),
        waiting=seen.waiting,
        problems=problems(figures.problems, {source.id: source.name for source in figures.sources}),
        waivers=figures.waivers,
        digits=digits,
    )


def _dimensions(seen: Walk) -> tuple[DimensionSpread, ...]:
    return tuple(DimensionSpread(one, spread(tally)) for one, tally in zip(Dimension, seen.dimensions, strict=True))


def _by_site(figures: Figures) -> dict[str, StateCounts]:
    found: dict[str, StateCounts] = {}
    for (site, _, state), n in figures.site_counts.items():
        found[site] = found.get(site, StateCounts()).plus(state, n)
    return found


__all__ = ["CollectionReport", "Cover", "Figures", "Proportion", "WaiverCounts", "collect", "wilson"]
