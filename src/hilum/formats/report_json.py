"""The report's figures as plain JSON values with stable keys, for other programs.

Layout ``hilum.report/1`` (described in the guide, ``report.md``): shares and bounds are 0 to 1, scores 0 to 100,
instants ISO 8601 in UTC, texts in both languages as ``{"zh": …, "en": …}``. Keys are only ever added; a key that has
to change its meaning makes a new layout number.
"""

from dataclasses import astuple

from hilum.canonical import Json
from hilum.model.text import Bilingual
from hilum.quality.collection import CollectionReport, Proportion
from hilum.quality.collection_digits import DigitFigures
from hilum.quality.distribution import Spread
from hilum.quality.file_problem import ProblemFigures
from hilum.quality.group import GroupFigures, SourceFigures
from hilum.quality.rule_figures import RuleFigures
from hilum.quality.state_counts import STATES, StateCounts

LAYOUT = "hilum.report/1"
_WAIVERS = ("in_force", "awaiting", "lapsed")


def as_json(report: CollectionReport) -> dict[str, Json]:
    """Every figure of the report."""
    return {
        "layout": LAYOUT,
        "cover": _cover(report),
        "fit_for_use": _share(report.fit),
        "states": _states(report.states),
        "kinds": [
            {"kind": one.kind.value, "states": _states(one.states), "fit_for_use": _share(one.fit), **_score(one.score)}
            for one in report.kinds
        ],
        **_score(report.score),
        "dimensions": [{"dimension": one.dimension.value, **_score(one.spread)} for one in report.dimensions],
        "sources": [_source(one) for one in report.sources],
        "sites": [_group(one) for one in report.sites],
        "months": [_group(one) for one in report.months],
        **_findings(report),
        **_work(report),
        "problems": [_problem(one) for one in report.problems],
        "preferred_digits": _digits(report.digits),
    }


def _cover(report: CollectionReport) -> Json:
    front = report.cover
    return {
        "title": front.title,
        "organization": front.organization,
        "generated_at": front.generated_at,
        "software": front.software,
        "synthetic": front.synthetic,
        "ruleset": report.ruleset,
        "rules_in_force": report.rules_in_force,
        "first_received": report.first_received or None,
        "last_received": report.last_received or None,
    }


def _share(one: Proportion) -> Json:
    low, high = one.band
    return {"successes": one.successes, "n": one.n, "share": one.share, "low": low, "high": high}


def _states(one: StateCounts) -> Json:
    return {**{name: one.of(name) for name in STATES}, "judged": one.judged, "all": one.all}


def _score(one: Spread) -> dict[str, Json]:
    spread: dict[str, Json] = {
        "n": one.n,
        "absent": one.absent,
        "tens": list(one.tens),
        "median": one.median,
        "p10": one.tenth,
        "p90": one.ninetieth,
        "share_90_or_more": one.good,
        "share_under_60": one.poor,
    }
    return {"score": spread}


def _group(one: GroupFigures) -> dict[str, Json]:
    return {
        "name": one.name,
        "states": _states(one.states),
        "fit_for_use": _share(one.fit),
        "standing": one.standing.value,
    }


def _source(one: SourceFigures) -> Json:
    return {
        "id": one.id,
        "name": one.name,
        "format": one.format,
        "size": one.size,
        "sha256": one.digest,
        "received_at": one.received_at,
        "state": one.state,
        "members": len(one.members),
        "states": _states(one.states),
        "fit_for_use": _share(one.fit),
        "standing": one.standing.value,
        "problems": one.problems,
        "fatal_problems": one.fatal_problems,
    }


def _findings(report: CollectionReport) -> dict[str, Json]:
    dimensions: list[Json] = [
        {
            "dimension": one.dimension.value,
            "rules": one.rules,
            "failed": one.failed,
            "unknown": one.unknown,
            "by_severity": {severity.value: n for severity, n in one.by_severity},
        }
        for one in report.dimension_findings
    ]
    topics: list[Json] = [{"topic": one.topic, "rules": one.rules, "findings": one.found} for one in report.topics]
    rules: list[Json] = [_rule(one) for one in report.findings]
    return {"findings": rules, "findings_by_dimension": dimensions, "findings_by_topic": topics}


def _rule(one: RuleFigures) -> Json:
    share = one.share
    figures: dict[str, Json] = {
        "rule": one.id,
        "in_force": one.rule is not None,
        "failed": one.failed,
        "unknown": one.unknown,
        "records_of_kind": one.of_kind,
        "applicable": one.applicable,
        "share_of_applicable": None if share is None else _share(share),
    }
    rule = one.rule
    if rule is None:
        return figures
    return {
        **figures,
        "version": rule.version,
        "kind": rule.grain.value,
        "field": rule.field,
        "severity": rule.severity.value,
        "dimension": rule.dimension.value,
        "kahn": rule.kahn.value,
        "topic": rule.topic,
        "title": _both(rule.title),
        "hint": _both(rule.hint),
        "source": {"standard": rule.source.standard, "clause": rule.source.clause},
    }


def _both(words: Bilingual) -> Json:
    return {"zh": words.zh, "en": words.en}


def _work(report: CollectionReport) -> dict[str, Json]:
    """What was stopped, what to mend, what waits, what people set aside."""
    waiting, waivers = report.waiting, report.waivers
    return {
        "stopped": [{"rule": one.rule or None, "held": one.held, "rejected": one.rejected} for one in report.stops],
        "mends": [
            {"rule": one.rule, "touches": one.touches, "alone": one.alone, "released": one.released}
            for one in report.mends
        ],
        "waiting": {
            "under_7_days": waiting.under_7,
            "under_30_days": waiting.under_30,
            "under_90_days": waiting.under_90,
            "90_days_or_more": waiting.longer,
            "oldest_days": waiting.oldest_days,
        },
        "waivers": None if waivers is None else dict(zip(_WAIVERS, astuple(waivers), strict=True)),
    }


def _problem(one: ProblemFigures) -> Json:
    places: list[Json] = [
        {"source": place.source, "place": place.place, "line": place.line, "values": dict(place.values)}
        for place in one.places
    ]
    return {"reason": one.reason, "fatal": one.fatal, "n": one.n, "first_places": places}


def _digits(figures: DigitFigures) -> Json:
    """Only shares of digits that stand out are told, never how often each digit stood."""
    found: list[Json] = [
        {
            "site": one.series.site or None,
            "kind": one.series.kind.value,
            "field": one.series.field,
            "analyte": one.series.analyte or None,
            "unit": one.series.unit or None,
            "n": one.n,
            "decimals": one.decimals,
            "digits": [{"digit": digit, "share": share} for digit, share in one.digits],
            "chi_square": one.chi_square,
            "p_adjusted": one.adjusted,
            "effect": one.effect,
            "look": one.look.value,
        }
        for one in figures.preferred
    ]
    counts: dict[str, Json] = {"tested": figures.tested, "untested": figures.untested, "left_out": figures.left_out}
    return {**counts, "found": found}
