"""The middle of the report: where records went, how scores spread, and parts of the collection side by side."""

from collections.abc import Sequence

from hilum.formats.charts import Bar, Head, Part, Range, Whisker, flow, histogram, legend, profile, stacked, whiskers
from hilum.formats.report_front import whisker
from hilum.formats.report_markup import Markup, tag
from hilum.formats.report_table import Column, badge, figure, paragraphs, table
from hilum.formats.report_words import Words
from hilum.quality.collection import CollectionReport
from hilum.quality.distribution import Spread
from hilum.quality.group import GroupFigures, SourceFigures, Standing
from hilum.quality.state_counts import StateCounts

CURRENT = ("accepted", "held", "rejected", "refused")
PAST = ("corrected", "superseded", "retracted")
_GRADES = ("good", "middle", "poor")
_SHOWN = 40


def whereabouts(report: CollectionReport, words: Words) -> list[Markup]:
    """Where every record went, for the whole and by kind."""
    every = [whisker(words("whole"), report.fit, words)]
    every += [whisker(words.known("kind", one.kind), one.fit, words) for one in report.kinds if one.fit.n]
    bands = Head("chart-bands", words("trust.chart"), words("trust.chart_says"))
    head = Head("chart-flow", words("flow.chart"), words("flow.chart_says"))
    whole = Part("accepted", report.states.all, words("flow.whole"), words.count(report.states.all))
    bars = [_bar(words.known("kind", one.kind), one.states, words) for one in report.kinds]
    kinds = Head("chart-kinds", words("kind.chart"), words("kind.chart_says"))
    key = legend([(state, words(f"state.{state}")) for state in CURRENT])
    return [
        figure(head.title, flow(head, whole, _flow_parts(report.states, words))),
        figure(kinds.title, key, stacked(kinds, bars)),
        figure(bands.title, whiskers(bands, every, report.fit.band)),
        tag("p", words("axis.cut"), class_="note"),
        _kind_table(report, words),
        *_changes(report, words),
    ]


def _flow_parts(states: StateCounts, words: Words) -> list[Part]:
    past = sum(states.of(name) for name in PAST)
    counted = [(name, states.of(name)) for name in CURRENT] + [("history", past)]
    return [
        Part(
            name,
            n,
            words(f"flow.{name}"),
            words("flow.figure", n=words.count(n), share=words.share(n / (states.all or 1))),
        )
        for name, n in counted
    ]


def _bar(name: str, states: StateCounts, words: Words) -> Bar:
    parts = tuple(Part(one, states.of(one), words(f"state.{one}"), words.count(states.of(one))) for one in CURRENT)
    return Bar(name, parts, words("chart.share", share=words.of(states.fit), n=words.count(states.judged)))


def _kind_table(report: CollectionReport, words: Words) -> Markup:
    columns = [Column(words("kind"))]
    columns += [Column(words(f"state.{state}"), "number") for state in CURRENT]
    columns += [Column(words(name), "number") for name in ("fit", "band_head", "median")]
    rows = [
        [words.known("kind", one.kind), *_state_cells(one.states, words), words.score(one.score.median)]
        for one in report.kinds
    ]
    rows.append([words("whole"), *_state_cells(report.states, words), words.score(report.score.median)])
    return table(words("kind.table"), columns, rows)


def _state_cells(states: StateCounts, words: Words) -> list[str]:
    return [*[words.count(states.of(state)) for state in CURRENT], words.of(states.fit), words.band(states.fit)]


def _changes(report: CollectionReport, words: Words) -> list[Markup]:
    """Corrections and waivers: what people changed, counted apart and never hidden in the share."""
    rows = [[words(f"change.{name}"), words.count(report.states.of(name))] for name in (*PAST, "refused")]
    if report.waivers is not None:
        counts = report.waivers
        listed = {"in_force": counts.in_force, "awaiting": counts.awaiting, "lapsed": counts.lapsed}
        rows += [[words(f"waiver.{name}"), words.count(n)] for name, n in listed.items()]
    waiting = report.waiting
    if waiting.oldest_days is not None:
        ages = {"under_7": waiting.under_7, "under_30": waiting.under_30, "under_90": waiting.under_90}
        rows += [[words(f"waiting.{name}"), words.count(n)] for name, n in {**ages, "longer": waiting.longer}.items()]
    return [
        table(words("change.table"), [Column(words("change.what")), Column(words("records"), "number")], rows, "narrow")
    ]


def scores(report: CollectionReport, words: Words) -> list[Markup]:
    """The distribution of totals and the five dimensions; never a bare average."""
    if not report.score.n:
        return [tag("p", words("score.none"))]
    return [paragraphs(words("score.intro")), _histogram(report.score, words), *_profile(report, words)]


def _histogram(spread: Spread, words: Words) -> Markup:
    labels = [*(f"{low}–{low + 9}" for low in range(0, 90, 10)), "90–100"]
    tones = ["poor"] * 6 + ["middle"] * 3 + ["good"]
    parts = [
        Part(tone, n, label, words.share(n / spread.n) if n else "0")
        for tone, n, label in zip(tones, spread.tens, labels, strict=True)
    ]
    head = Head("chart-scores", words("score.chart"), words("score.chart_says", n=words.count(spread.n)))
    key = legend([(grade, words(f"grade.{grade}")) for grade in _GRADES])
    columns = [Column(words("score.bin")), Column(words("records"), "number"), Column(words("share"), "number")]
    rows = [[part.label, words.count(int(part.value)), part.figure] for part in parts]
    return Markup(
        figure(head.title, key, histogram(head, parts)) + table(words("score.table"), columns, rows, "narrow")
    )


def _profile(report: CollectionReport, words: Words) -> list[Markup]:
    rows = [(words(f"dimension.{one.dimension}"), one.spread) for one in report.dimensions]
    rows.append((words("total"), report.score))
    ranges = [
        Range(
            name, one.tenth or 0.0, one.median, one.ninetieth or 0.0, words("median_is", score=words.score(one.median))
        )
        for name, one in rows
        if one.median is not None
    ]
    head = Head("chart-dimensions", words("dimension.chart"), words("dimension.chart_says"))
    grades = Head("chart-grades", words("grade.chart"), words("grade.chart_says"))
    key = legend([(grade, words(f"grade.{grade}")) for grade in _GRADES])
    bars = [
        Bar(name, _graded(one, words), words("good_is", share=words.share(one.good))) for name, one in rows if one.n
    ]
    return [
        figure(head.title, profile(head, ranges)),
        figure(grades.title, key, stacked(grades, bars)),
        _dimension_table(rows, words),
    ]


def _graded(spread: Spread, words: Words) -> tuple[Part, ...]:
    good, poor = spread.good or 0.0, spread.poor or 0.0
    shares = {"good": good, "middle": max(1 - good - poor, 0.0), "poor": poor}
    return tuple(Part(name, part, words(f"grade.{name}"), words.share(part)) for name, part in shares.items())


def _dimension_table(rows: Sequence[tuple[str, Spread]], words: Words) -> Markup:
    names = ("median", "tenth", "grade.good", "grade.poor", "scored", "not_applicable")
    columns = [Column(words("dimension")), *[Column(words(name), "number") for name in names]]
    return table(words("dimension.table"), columns, [[name, *_spread_cells(one, words)] for name, one in rows])


def _spread_cells(one: Spread, words: Words) -> list[str]:
    grades = [words.share(one.good), words.share(one.poor)]
    return [words.score(one.median), words.score(one.tenth), *grades, words.count(one.n), words.count(one.absent)]


def comparison(report: CollectionReport, words: Words) -> list[Markup]:
    """Sources, sites and months side by side, the weakest lower bound first."""
    by_band = sorted(report.sources, key=lambda one: (one.fit.band[0], one.name))
    made = [paragraphs(words("compare.intro"))]
    for name, parts in (("source", by_band), ("site", report.sites), ("month", report.months)):
        made += _compared(name, [one for one in parts if one.states.judged], report, words)
    return made


def _compared(
    name: str, parts: Sequence[GroupFigures | SourceFigures], report: CollectionReport, words: Words
) -> list[Markup]:
    if len(parts) < 2:
        return []
    head = Head(f"chart-{name}", words(f"{name}.chart"), words(f"{name}.chart_says"))
    rows = [_hollow(one, words) for one in parts[:_SHOWN]]
    columns = [Column(words(name))]
    columns += [Column(words(f"state.{state}"), "number") for state in CURRENT]
    columns += [Column(words("fit"), "number"), Column(words("band_head"), "number"), Column(words("standing"))]
    cells = [[_name(one, words), *_state_cells(one.states, words), _standing(one, words)] for one in parts]
    left_out = [tag("p", words("compare.left_out", n=_SHOWN), class_="note")] if len(parts) > _SHOWN else []
    note = tag("p", words("compare.note"), class_="note")
    chart = figure(head.title, whiskers(head, rows, report.fit.band))
    return [tag("h3", words(f"{name}.title")), chart, *left_out, note, table(words(f"{name}.table"), columns, cells)]


def _hollow(one: GroupFigures | SourceFigures, words: Words) -> Whisker:
    drawn = whisker(_name(one, words), one.fit, words)
    return Whisker(drawn.label, drawn.share, drawn.low, drawn.high, drawn.figure, one.standing is Standing.SMALL)


def _name(one: GroupFigures | SourceFigures, words: Words) -> str:
    return one.name or words("site.none")


def _standing(one: GroupFigures | SourceFigures, words: Words) -> Markup:
    return badge(one.standing, words(f"standing.{one.standing}"))
