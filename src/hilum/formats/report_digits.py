"""Authenticity: series whose last digits people seem to prefer, and in plain words what that means and what not."""

from hilum.formats.report_markup import Markup, tag
from hilum.formats.report_table import Column, paragraphs, small, table
from hilum.formats.report_words import Words
from hilum.quality.authenticity import MIN_VALUES
from hilum.quality.collection import CollectionReport
from hilum.quality.collection_digits import LEAST_DONORS, Preferred, Series
from hilum.terms.analytes import find

_SHOWN = 20
_SMALLEST_P = 1e-4


def preferred_digits(report: CollectionReport, words: Words) -> list[Markup]:
    """The section: one sentence where there is nothing to note, otherwise a table with a caution before it."""
    figures = report.digits
    beyond = [tag("p", words("digit.left_out", n=words.count(figures.left_out)))] if figures.left_out else []
    if not figures.tested:
        return [tag("p", words("digit.untestable", least=MIN_VALUES, donors=LEAST_DONORS)), *beyond]
    counts = {name: words.many("series", n) for name, n in (("tested", figures.tested), ("untested", figures.untested))}
    if not figures.preferred:
        return [tag("p", words("digit.none", **counts)), *beyond]
    found = words.count(len(figures.preferred))
    said = paragraphs(words("digit.intro"), words("digit.caution"), words("digit.tested", found=found, **counts))
    return [said, *beyond, _table(figures.preferred[:_SHOWN], words), *_rest(len(figures.preferred) - _SHOWN, words)]


def _rest(n: int, words: Words) -> list[Markup]:
    return [tag("p", words("digit.rest", n=words.many("series", n)), class_="note")] if n > 0 else []


def _table(preferred: tuple[Preferred, ...], words: Words) -> Markup:
    columns = [Column(words("digit.field")), Column(words("site")), Column(words("digit.n"), "number")]
    columns += [Column(words("digit.digits")), Column(words("digit.p"), "number")]
    rows = [
        [
            field_name(one.series, words),
            site_name(one.series, words),
            words.count(one.n),
            tag("span", digits_shown(one, words), small(meaning(one, words))),
            p_value(one.adjusted),
        ]
        for one in preferred
    ]
    return table(words("digit.table"), columns, rows, "digits")


def field_name(series: Series, words: Words) -> str:
    """The field, or the analyte with its unit, under the kind of record it belongs to."""
    field = words.field(series.kind, series.field)
    if series.analyte:
        known = find(series.analyte)
        name = words.say(known.label) if known is not None else series.analyte
        field = words("digit.analyte", analyte=name, unit=series.unit or words("digit.no_unit"))
    return words("digit.series", kind=words.known("kind", series.kind), field=field)


def site_name(series: Series, words: Words) -> str:
    return series.site or words("site.none")


def digits_shown(one: Preferred, words: Words) -> str:
    """The preferred digits, each with the share of values that end in it; a tenth is due."""
    shown = [words("digit.share", digit=digit, share=words.share(share)) for digit, share in one.digits]
    return words("list.separator").join(shown)


def meaning(one: Preferred, words: Words) -> str:
    """What most often lies behind such digits."""
    return words(f"digit.meaning.{one.look}")


def p_value(p: float) -> str:
    """Three decimals, or four where it is smaller; never "0"."""
    if p < _SMALLEST_P:
        return f"<{_SMALLEST_P:.4f}"
    return f"{p:.3f}" if p >= 0.001 else f"{p:.4f}"
