"""The report as a workbook: the figures sheet by sheet, and every held or rejected record with its hints.

No donor's data: records are named by their own identifier, specimens also by their barcode, donors by pseudonym.
"""

from collections.abc import Iterable
from pathlib import Path

from hilum.formats.report_back import METHODS, method
from hilum.formats.report_digits import digits_shown, field_name, meaning, p_value, site_name
from hilum.formats.report_front import rule_title
from hilum.formats.report_held import Held, HeldRows
from hilum.formats.report_parts import CURRENT, PAST
from hilum.formats.report_sheet import PERCENT, POINTS, Book, SheetColumn, Value
from hilum.formats.report_words import Words, digits_for
from hilum.messages import Language
from hilum.quality.collection import CollectionReport, Proportion
from hilum.quality.distribution import Spread
from hilum.quality.state_counts import StateCounts
from hilum.registry.stored import StoredRecord


def workbook(report: CollectionReport, held_rows: Iterable[StoredRecord], language: Language, path: Path) -> None:
    """Write the workbook to ``path``. ``held_rows`` are read once, as they come; the sheet of them may go on in
    further sheets where one is full."""
    words = Words(language, digits=digits_for(report.fit.n))
    book = Book(report.cover.title or words("title"), report.cover.software)
    for make in (_summary, _next, _kinds, _scores, _findings, _digits, _sources, _groups, _stopped):
        make(book, report, words)
    rows = HeldRows(report, words)
    _held(book, (rows.row(one) for one in held_rows), words)
    _problems(book, report, words)
    _definitions(book, words)
    book.save(path)


def _band(fit: Proportion) -> tuple[Value, Value, Value]:
    low, high = fit.band
    return (fit.share, low, high) if fit.n else (None, None, None)


def _band_columns(words: Words) -> list[SheetColumn]:
    return [SheetColumn(words(name), 12, PERCENT) for name in ("fit", "column.low", "column.high")]


def _state_columns(words: Words) -> list[SheetColumn]:
    return [SheetColumn(words(f"state.{state}"), 11) for state in CURRENT]


def _states(states: StateCounts) -> list[Value]:
    return [states.of(state) for state in CURRENT]


def _summary(book: Book, report: CollectionReport, words: Words) -> None:
    sheet = book.sheet(
        words("sheet.summary"),
        [SheetColumn(words("column.item"), 30), SheetColumn(words("column.value"), 80, wrap=True)],
    )
    front, fit = report.cover, report.fit
    if front.synthetic:
        sheet.row("!", words("cover.synthetic"))
    trust = {"section.trust": words.band(fit), "fit": words.of(fit), "tile.judged": words.count(fit.n)}
    states = {f"state.{one}": words.count(report.states.of(one)) for one in (*CURRENT, *PAST)}
    cover = {
        "title": front.title or words("title"),
        "cover.organization": front.organization,
        "cover.period": words(
            "cover.span", first=words.day(report.first_received), last=words.day(report.last_received)
        ),
        "cover.generated": words.instant(front.generated_at),
        "cover.rules": words.many("rule", report.rules_in_force),
        "cover.digest": report.ruleset,
        "cover.software": front.software,
    }
    for key, said in {**trust, **states, **cover}.items():
        sheet.row(words(key), said)
    sheet.close()


def _next(book: Book, report: CollectionReport, words: Words) -> None:
    numbers = [SheetColumn(words(f"mend.{name}"), 16) for name in ("touches", "alone", "released")]
    texts = [SheetColumn(words("column.rule"), 16), SheetColumn(words("column.title"), 50, wrap=True)]
    sheet = book.sheet(words("sheet.next"), [*texts, *numbers])
    for one in report.mends:
        sheet.row(one.rule, rule_title(report, one.rule, words), one.touches, one.alone, one.released)
    sheet.close()


def _kinds(book: Book, report: CollectionReport, words: Words) -> None:
    columns = [SheetColumn(words("kind"), 16), *_state_columns(words), *_band_columns(words)]
    sheet = book.sheet(words("sheet.kinds"), [*columns, SheetColumn(words("median"), 10, POINTS)])
    for one in report.kinds:
        sheet.row(words.known("kind", one.kind), *_states(one.states), *_band(one.fit), one.score.median)
    sheet.row(words("whole"), *_states(report.states), *_band(report.fit), report.score.median)
    sheet.close()


def _scores(book: Book, report: CollectionReport, words: Words) -> None:
    shares = [SheetColumn(words(f"grade.{name}"), 13, PERCENT) for name in ("good", "poor")]
    points = [SheetColumn(words(name), 13, POINTS) for name in ("median", "tenth")]
    bins = [*(f"{low}–{low + 9}" for low in range(0, 90, 10)), "90–100"]
    counts = [SheetColumn(name, 10) for name in (words("scored"), words("not_applicable"), *bins)]
    sheet = book.sheet(words("sheet.scores"), [SheetColumn(words("dimension"), 16), *points, *shares, *counts])
    for one in report.dimensions:
        sheet.row(words(f"dimension.{one.dimension}"), *_spread(one.spread))
    sheet.row(words("total"), *_spread(report.score))
    sheet.close()


def _spread(one: Spread) -> list[Value]:
    return [one.median, one.tenth, one.good, one.poor, one.n, one.absent, *one.tens]


def _findings(book: Book, report: CollectionReport, words: Words) -> None:
    names = ("rule", "title", "severity", "dimension", "topic", "kind", "field")
    heads = [words(name if name in ("dimension", "kind") else f"column.{name}") for name in names]
    texts = [SheetColumn(head, width) for head, width in zip(heads, (16, 44, 9, 11, 14, 12, 20), strict=True)]
    counts = [SheetColumn(words(f"column.{name}"), 11) for name in ("failed", "unknown", "applicable")]
    shares = [SheetColumn(words(name), 12, PERCENT) for name in ("finding.share", "column.low", "column.high")]
    ends = [SheetColumn(words("column.hint"), 60, wrap=True), SheetColumn(words("column.standard"), 28)]
    sheet = book.sheet(words("sheet.findings"), [*texts, *counts, *shares, *ends])
    for one in report.findings:
        share = _band(one.share) if one.share is not None else (None, None, None)
        rule, counted = one.rule, (one.failed, one.unknown, one.applicable)
        if rule is None:
            gap = (None,) * 5
            sheet.row(
                one.id, rule_title(report, one.id, words), *gap, *counted, *share, words.built_in(one.id, "hint"), None
            )
            continue
        placed = (
            words(f"severity.{rule.severity}"),
            words(f"dimension.{rule.dimension}"),
            words.known("topic", rule.topic),
        )
        where = (words.known("kind", rule.grain), words.field(rule.grain, rule.field))
        source = f"{rule.source.standard} {rule.source.clause}".strip()
        sheet.row(one.id, words.say(rule.title), *placed, *where, *counted, *share, words.hint(rule), source)
    sheet.close()


def _digits(book: Book, report: CollectionReport, words: Words) -> None:
    names = {"digit.field": 36, "site": 30, "digit.n": 10, "digit.digits": 36, "digit.p": 14, "digit.effect": 12}
    columns = [SheetColumn(words(name), width) for name, width in names.items()]
    sheet = book.sheet(words("sheet.digits"), [*columns, SheetColumn(words("digit.meaning"), 60, wrap=True)])
    for one in report.digits.preferred:
        figures = (one.n, digits_shown(one, words), p_value(one.adjusted), round(one.effect, 2))
        sheet.row(field_name(one.series, words), site_name(one.series, words), *figures, meaning(one, words))
    sheet.close()


def _sources(book: Book, report: CollectionReport, words: Words) -> None:
    texts = [
        SheetColumn(words("file"), 30),
        SheetColumn(words("column.format"), 10),
        SheetColumn(words("file.received"), 26),
    ]
    counts = [SheetColumn(words(name), 11) for name in ("column.size", "column.members")]
    ends = [
        SheetColumn(words("file.problems"), 11),
        SheetColumn(words("standing"), 14),
        SheetColumn(words("file.digest"), 66),
    ]
    sheet = book.sheet(words("sheet.sources"), [*texts, *counts, *_state_columns(words), *_band_columns(words), *ends])
    for one in report.sources:
        figures = (*_states(one.states), *_band(one.fit), one.problems, words(f"standing.{one.standing}"), one.digest)
        sheet.row(one.name, one.format, words.instant(one.received_at), one.size, len(one.members), *figures)
    sheet.close()


def _groups(book: Book, report: CollectionReport, words: Words) -> None:
    for name, parts in (("site", report.sites), ("month", report.months)):
        columns = [SheetColumn(words(name), 30), *_state_columns(words), *_band_columns(words)]
        sheet = book.sheet(words(f"sheet.{name}s"), [*columns, SheetColumn(words("standing"), 14)])
        for one in parts:
            title = one.name or words("site.none")
            sheet.row(title, *_states(one.states), *_band(one.fit), words(f"standing.{one.standing}"))
        sheet.close()


def _stopped(book: Book, report: CollectionReport, words: Words) -> None:
    texts = [SheetColumn(words("column.rule"), 16), SheetColumn(words("column.title"), 50, wrap=True)]
    counts = [SheetColumn(words(f"state.{state}"), 11) for state in ("held", "rejected")]
    sheet = book.sheet(words("sheet.stopped"), [*texts, *counts])
    for one in report.stops:
        sheet.row(one.rule, rule_title(report, one.rule, words), one.held, one.rejected)
    sheet.close()


def _held(book: Book, rows: Iterable[Held], words: Words) -> None:
    names = {"record": 22, "key": 32, "state": 10, "donor": 22, "source": 26, "place": 40, "line": 8}
    columns = [SheetColumn(words(f"column.{name}"), width) for name, width in names.items()]
    columns.insert(2, SheetColumn(words("kind"), 12))
    columns.append(SheetColumn(words("column.score"), 8, POINTS))
    columns += [SheetColumn(words(f"column.{name}"), width) for name, width in (("rules", 30), ("found", 30))]
    columns.append(SheetColumn(words("column.hint"), 80, wrap=True))
    sheet, number = book.sheet(words("sheet.held"), columns), 1
    for one in rows:
        if sheet.is_full:
            sheet.close()
            number += 1
            sheet = book.sheet(words("sheet.held_more", n=number), columns)
        sheet.row(*one.cells())
    sheet.close()


def _problems(book: Book, report: CollectionReport, words: Words) -> None:
    texts = [SheetColumn(words("problem"), 50, wrap=True), SheetColumn(words("problem.times"), 8)]
    places = [
        SheetColumn(words(f"column.{name}"), width) for name, width in (("source", 28), ("place", 40), ("line", 8))
    ]
    sheet = book.sheet(words("sheet.problems"), [*texts, SheetColumn(words("problem.fatal"), 12), *places])
    for one in report.problems:
        for place in one.places:
            said = words.problem(one.reason, dict(place.values))
            sheet.row(said, one.n, words("yes") if one.fatal else "", place.source, place.place, place.line)
    sheet.close()


def _definitions(book: Book, words: Words) -> None:
    columns = [SheetColumn(words("column.term"), 24), SheetColumn(words("column.definition"), 110, wrap=True)]
    sheet = book.sheet(words("sheet.definitions"), columns)
    for state in CURRENT:
        sheet.row(words(f"state.{state}"), words(f"definition.{state}"))
    for name in METHODS:
        sheet.row(words(f"method.{name}"), method(name, words))
    for name in ("band", "score"):
        sheet.row(words(f"method.{name}"), words(f"method.{name}.formula"))
    sheet.close()
