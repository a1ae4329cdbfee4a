"""The front of the report: cover, the data trust interval, the summary in plain words, and what to do next."""

from collections.abc import Sequence

from hilum.formats.charts import Whisker
from hilum.formats.report_markup import Markup, tag
from hilum.formats.report_table import Column, badge, paragraphs, small, table
from hilum.formats.report_words import Words
from hilum.quality.collection import CollectionReport, Proportion
from hilum.quality.distribution import DimensionSpread
from hilum.quality.group import GroupFigures, SourceFigures, Standing
from hilum.quality.mend import NO_RULE, Mend

_NAMED = 3


def cover(report: CollectionReport, words: Words) -> Markup:
    """Whose report this is, of what time, by which rules and software; generated records are named as such."""
    front = report.cover
    facts = [
        (
            "cover.period",
            words("cover.span", first=words.day(report.first_received), last=words.day(report.last_received)),
        ),
        ("cover.generated", words.instant(front.generated_at)),
        ("cover.records", words("cover.judged", n=words.count(report.fit.n), all=words.count(report.states.all))),
        ("cover.files", words.many("file", len(report.sources))),
        ("cover.rules", words.many("rule", report.rules_in_force)),
        ("cover.software", front.software),
    ]
    listed = [tag("div", tag("dt", words(key)), tag("dd", said)) for key, said in facts]
    listed.append(
        tag("div", tag("dt", words("cover.digest")), tag("dd", report.ruleset, class_="digest"), class_="wide")
    )
    warning = [tag("p", words("cover.synthetic"), class_="synthetic")] if front.synthetic else []
    return tag(
        "header",
        tag("p", front.organization, class_="organization"),
        tag("h1", front.title or words("title")),
        *warning,
        tag("dl", *listed, class_="facts"),
        class_="cover",
    )


def trust(report: CollectionReport, words: Words) -> list[Markup]:
    """The band first, in numbers and in words, and how far its parts lie apart."""
    fit = report.fit
    if not fit.n:
        return [tag("div", tag("p", words("trust.none")), class_="trust")]
    said = words("trust.sentence", fit=words.count(fit.successes), n=words.count(fit.n), share=words.of(fit))
    box = tag(
        "div",
        tag("p", words.band(fit), class_="band"),
        tag("p", said),
        tag("p", words("trust.meaning")),
        class_="trust",
    )
    return [box, *_apart(report, words)]


def whisker(name: str, fit: Proportion, words: Words) -> Whisker:
    """One share with its band as a row of a chart."""
    low, high = fit.band
    return Whisker(name, fit.share or 0.0, low, high, words("chart.share", share=words.of(fit), n=words.count(fit.n)))


def _apart(report: CollectionReport, words: Words) -> list[Markup]:
    """The band treats records as independent; how far sources lie apart tells what it leaves out."""
    listed = sorted(
        (one for one in report.sources if one.standing is not Standing.SMALL), key=lambda one: one.fit.share or 0.0
    )
    if len(listed) < 2:
        return []
    low, high = listed[0], listed[-1]
    said = words("trust.apart", low=words.of(low.fit), low_name=low.name, high=words.of(high.fit), high_name=high.name)
    return [tag("p", said)]


def summary(report: CollectionReport, words: Words) -> list[Markup]:
    """Tiles and sentences built from the figures."""
    if not report.fit.n:
        return [tag("p", words("summary.none"))]
    said = [*_records(report, words), *_reasons(report, words), *_quality(report, words), *_files(report, words)]
    return [_tiles(report, words), tag("ul", *[tag("li", one) for one in said], class_="summary")]


def _tiles(report: CollectionReport, words: Words) -> Markup:
    states = report.states
    tiles = [
        (words.count(states.judged), words("tile.judged")),
        (words.count(states.accepted), words("state.accepted")),
        (words.count(states.held), words("state.held")),
        (words.count(states.rejected), words("state.rejected")),
        (words.score(report.score.median), words("tile.median")),
        (words.count(sum(one.found for one in report.findings)), words("tile.findings")),
    ]
    return tag("ul", *[tag("li", tag("b", figure_), tag("span", name)) for figure_, name in tiles], class_="tiles")


def _records(report: CollectionReport, words: Words) -> list[str]:
    states = report.states
    first, last = words.day(report.first_received), words.day(report.last_received)
    files = words.many("file", len(report.sources))
    said = [
        words("summary.received", first=first, last=last, files=files, n=words.many("record", states.judged))
        if report.sources
        else words("summary.judged", n=words.many("record", states.judged)),
        words("summary.fit", fit=words.count(states.accepted), share=words.of(report.fit), band=words.band(report.fit)),
    ]
    if states.judged > states.accepted:
        shown = {name: words.count(states.of(name)) for name in ("held", "rejected", "refused")}
        said.append(words("summary.stopped", **shown))
    return said + _weak_parts(report, words)


def _weak_parts(report: CollectionReport, words: Words) -> list[str]:
    parts: Sequence[GroupFigures | SourceFigures] = report.sites or report.sources
    below = sorted((one for one in parts if one.standing is Standing.BELOW), key=lambda one: one.fit.share or 0.0)
    if not below:
        return []
    listed = words("list.separator").join(f"{one.name} {words.of(one.fit)}" for one in below[:_NAMED])
    unit = "site" if report.sites else "source"
    return [words("summary.below", parts=words.many(unit, len(below)), listed=listed)]


def _reasons(report: CollectionReport, words: Words) -> list[str]:
    said = []
    leading = next((stop for stop in report.stops if stop.rule != NO_RULE), None)
    if leading is not None:
        n = words.many("record", leading.held + leading.rejected)
        said.append(words("summary.leading", title=rule_title(report, leading.rule, words), rule=leading.rule, n=n))
    first = [one for one in report.mends if one.released][:_NAMED]
    if first and first[-1].released:
        released = first[-1].released
        after = Proportion(report.fit.successes + released, report.fit.n)
        before_after = {"before": words.of(report.fit), "after": words.of(after)}
        said.append(
            words(
                "summary.mend", mends=words.many("mend", len(first)), n=words.many("record", released), **before_after
            )
        )
    if report.waiting.oldest_days is not None:
        oldest = words.many("day", report.waiting.oldest_days)
        said.append(words("summary.waiting", oldest=oldest, longer=words.many("record", report.waiting.longer)))
    return said


def _quality(report: CollectionReport, words: Words) -> list[str]:
    if not report.score.n:
        return []
    said = [
        words(
            "summary.score",
            median=words.score(report.score.median),
            good=words.share(report.score.good),
        )
    ]
    weakest = min((one for one in report.dimensions if one.spread.n), key=_goodness, default=None)
    if weakest is not None and (weakest.spread.good or 0) < 1:
        share = words.share(1 - (weakest.spread.good or 0))
        name = words(f"dimension.{weakest.dimension}")
        said.append(words("summary.weakest", dimension=name, share=share))
    return said


def _goodness(one: DimensionSpread) -> float:
    return one.spread.good if one.spread.good is not None else 1.0


def _files(report: CollectionReport, words: Words) -> list[str]:
    n = sum(one.n for one in report.problems)
    fatal = sum(one.n for one in report.problems if one.fatal)
    if not n:
        return [words("summary.no_problems")] if report.sources else []
    return [words("summary.problems", n=words.many("problem", n), fatal=words.count(fatal))]


def rule_title(report: CollectionReport, rule_id: str, words: Words) -> str:
    """A rule's title; for one that is no longer in force, its id says so."""
    if rule_id == NO_RULE:
        return words("stop.no_rule")
    found = report.rule(rule_id)
    if found is not None and found.rule is not None:
        return words.say(found.rule.title)
    return words.built_in(rule_id) or words("rule.gone", rule=rule_id)


def next_steps(report: CollectionReport, words: Words) -> list[Markup]:
    """Mends in the order of how many records each releases."""
    if not report.mends:
        return [tag("p", words("mend.none"))]
    if report.mends[0].released is None:
        columns = [Column(words("mend.what")), Column(words("mend.touches"), "number")]
        rows = [[_what(report, one, words), words.count(one.touches)] for one in report.mends]
        return [paragraphs(words("mend.intro_counted")), table(words("mend.table"), columns, rows, "steps")]
    columns = [Column("#", "number"), Column(words("mend.what"))]
    columns += [Column(words(f"mend.{name}"), "number") for name in ("touches", "alone", "released", "after")]
    rows = [[str(place), *_step(report, one, words)] for place, one in enumerate(report.mends, start=1)]
    return [paragraphs(words("mend.intro")), table(words("mend.table"), columns, rows, "steps")]


def _step(report: CollectionReport, one: Mend, words: Words) -> list[str]:
    released = one.released or 0
    after = Proportion(min(report.fit.successes + released, report.fit.n), report.fit.n)
    counts = [words.count(number) for number in (one.touches, one.alone, released)]
    return [_what(report, one, words), *counts, words.of(after)]


def _what(report: CollectionReport, one: Mend, words: Words) -> Markup:
    found = report.rule(one.rule)
    rule = found.rule if found is not None else None
    hint = words.hint(rule) if rule is not None else words.built_in(one.rule, "hint")
    severity = [badge(rule.severity, words(f"severity.{rule.severity}"))] if rule is not None else []
    return tag("span", rule_title(report, one.rule, words), " ", *severity, small(one.rule), small(hint))
