"""Findings by dimension, topic and rule, and what was stopped and why."""

from collections.abc import Sequence

from hilum.formats.charts import Bar, Head, Part, legend, stacked
from hilum.formats.report_front import rule_title
from hilum.formats.report_markup import Markup, tag
from hilum.formats.report_svg import NOTHING
from hilum.formats.report_table import Column, figure, paragraphs, small, table
from hilum.formats.report_words import Words
from hilum.quality.collection import CollectionReport
from hilum.quality.mend import NO_RULE, Stop
from hilum.quality.rule import Severity
from hilum.quality.rule_figures import RuleFigures

_STOPS = 15


def stopped(report: CollectionReport, words: Words) -> list[Markup]:
    """Held and rejected records by leading rule; each record is counted once."""
    if not report.stops:
        return [tag("p", words("stop.none" if not report.states.held + report.states.rejected else "stop.unknown"))]
    shown, rest = report.stops[:_STOPS], report.stops[_STOPS:]
    most = max(stop.held + stop.rejected for stop in report.stops)
    head = Head("chart-stops", words("stop.chart"), words("stop.chart_says"))
    bars = [_bar(report, stop, most, words) for stop in shown]
    key = legend([(state, words(f"state.{state}")) for state in ("held", "rejected")])
    columns = [Column(words("rule"))]
    columns += [Column(words(name), "number") for name in ("state.held", "state.rejected", "stop.share")]
    rows = [_row(report, stop, rule_title(report, stop.rule, words), words) for stop in shown]
    if rest:
        other = Stop("", sum(one.held for one in rest), sum(one.rejected for one in rest))
        rows.append(_row(report, other, words("stop.rest", n=words.many("rule", len(rest))), words))
    chart = figure(head.title, key, stacked(head, bars))
    return [paragraphs(words("stop.intro")), chart, table(words("stop.table"), columns, rows)]


def _bar(report: CollectionReport, stop: Stop, most: int, words: Words) -> Bar:
    n = stop.held + stop.rejected
    counts = {"held": stop.held, "rejected": stop.rejected}
    parts = [Part(name, count, words(f"state.{name}"), words.count(count)) for name, count in counts.items()]
    # the gap to the longest bar is drawn as nothing, so that lengths compare between rows
    return Bar(rule_title(report, stop.rule, words), (*parts, Part(NOTHING, most - n, "", "")), words.count(n))


def _row(report: CollectionReport, stop: Stop, title: str, words: Words) -> list[str]:
    n, all_ = stop.held + stop.rejected, report.states.held + report.states.rejected
    said = tag("span", title, small(stop.rule)) if stop.rule != NO_RULE else title
    return [said, words.count(stop.held), words.count(stop.rejected), words.share(n / all_ if all_ else None)]


def findings(report: CollectionReport, words: Words) -> list[Markup]:
    """By dimension and topic, then every rule that spoke with its hint and source."""
    if not report.findings:
        return [tag("p", words("finding.none"))]
    return [
        paragraphs(words("finding.intro")),
        _by_dimension(report, words),
        _by_topic(report, words),
        *[made for severity in Severity if (made := _by_rule(report, severity, words))],
        *_gone(report, words),
    ]


def _by_dimension(report: CollectionReport, words: Words) -> Markup:
    columns = [Column(words("dimension")), Column(words("finding.rules"), "number")]
    columns += [Column(words(f"outcome.{name}"), "number") for name in ("fail", "unknown")]
    columns += [Column(words(f"severity.{severity}"), "number") for severity in Severity]
    rows = [
        [
            words(f"dimension.{one.dimension}"),
            *[words.count(n) for n in (one.rules, one.failed, one.unknown)],
            *[words.count(n) for _, n in one.by_severity],
        ]
        for one in report.dimension_findings
    ]
    return table(words("finding.by_dimension"), columns, rows)


def _by_topic(report: CollectionReport, words: Words) -> Markup:
    columns = [Column(words("topic")), Column(words("finding.rules"), "number"), Column(words("findings"), "number")]
    rows = [[words.known("topic", one.topic), words.count(one.rules), words.count(one.found)] for one in report.topics]
    return table(words("finding.by_topic"), columns, rows, "narrow")


def _by_rule(report: CollectionReport, severity: Severity, words: Words) -> Markup | None:
    chosen = [one for one in report.findings if one.rule is not None and one.rule.severity is severity]
    if not chosen:
        return None
    caption = words(
        "finding.by_rule", severity=words(f"severity.{severity}"), meaning=words(f"severity.{severity}.means")
    )
    return table(caption, _rule_columns(words), [_rule_row(one, words) for one in chosen], "rules")


def _rule_columns(words: Words) -> list[Column]:
    numbers = [Column(words(name), "number") for name in ("findings", "outcome.unknown", "finding.share")]
    return [Column(words("rule")), *numbers, Column(words("finding.hint"))]


def _rule_row(one: RuleFigures, words: Words) -> Sequence[str]:
    rule = one.rule
    if rule is None:
        name = tag("span", words.built_in(one.id) or one.id, small(one.id))
        return [name, words.count(one.found), words.count(one.unknown), "—", words.built_in(one.id, "hint") or "—"]
    where = words(
        "finding.where", dimension=words(f"dimension.{rule.dimension}"), field=words.field(rule.grain, rule.field)
    )
    source = words("finding.source", standard=rule.source.standard, clause=rule.source.clause).strip()
    title = tag("span", words.say(rule.title), small(f"{rule.id} · ", words.known("kind", rule.grain), " · ", where))
    return [
        title,
        words.count(one.found),
        words.count(one.unknown),
        _share(one, words),
        tag("span", words.hint(rule), small(source)),
    ]


def _share(one: RuleFigures, words: Words) -> str:
    """Of the records the rule applied to, with the band; or of its kind where that was not counted."""
    share = one.share
    if share is not None:
        return tag("span", words.of(share), small(words.band(share)))
    return tag("span", words.share(one.found / one.of_kind if one.of_kind else None), small(words("of_kind")))


def _gone(report: CollectionReport, words: Words) -> list[Markup]:
    gone = [one for one in report.findings if one.rule is None]
    if not gone:
        return []
    return [table(words("finding.gone"), _rule_columns(words), [_rule_row(one, words) for one in gone])]
