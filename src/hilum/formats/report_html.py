"""The report as one HTML file: no script, nothing from outside, printable on A4, in Chinese or English.

It holds figures, file names, rules and hints; never a donor's data.
"""

from collections.abc import Callable
from datetime import timezone

from hilum.formats.report_back import files, methods, sign_off
from hilum.formats.report_digits import preferred_digits
from hilum.formats.report_front import cover, next_steps, summary, trust
from hilum.formats.report_markup import Markup, join, tag
from hilum.formats.report_parts import comparison, scores, whereabouts
from hilum.formats.report_rules import findings, stopped
from hilum.formats.report_style import STYLE
from hilum.formats.report_svg import patterns
from hilum.formats.report_words import CHINA, Words, digits_for
from hilum.messages import Language
from hilum.quality.collection import CollectionReport

Section = Callable[[CollectionReport, Words], list[Markup]]
SECTIONS: dict[str, Section] = {
    "trust": trust,
    "summary": summary,
    "next": next_steps,
    "whereabouts": whereabouts,
    "scores": scores,
    "comparison": comparison,
    "stopped": stopped,
    "findings": findings,
    "digits": preferred_digits,
    "files": files,
    "methods": methods,
    "sign": sign_off,
}
# the page may load nothing and run nothing, whatever a file name or a rule's words try to be
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def html(report: CollectionReport, language: Language, zone: timezone = CHINA) -> str:
    """The whole page. Instants are shown in ``zone`` (default: China Standard Time)."""
    words = Words(language, zone, digits_for(report.fit.n))
    sections = [_section(place, name, report, words) for place, name in enumerate(SECTIONS, start=1)]
    body = tag("main", cover(report, words), _contents(words), *sections, _footer(report, words))
    page = tag("html", _head(report, words), tag("body", patterns(), body), lang="zh-CN" if language == "zh" else "en")
    return f"<!DOCTYPE html>\n{page}\n"


def _head(report: CollectionReport, words: Words) -> Markup:
    title = " · ".join(part for part in (report.cover.title or words("title"), report.cover.organization) if part)
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        tag("style", Markup(STYLE)),
    )


def _contents(words: Words) -> Markup:
    links = [tag("li", tag("a", words(f"section.{name}"), href=f"#{name}")) for name in SECTIONS]
    return tag("nav", tag("ol", *links, class_="contents"), aria_label=words("contents"))


def _section(place: int, name: str, report: CollectionReport, words: Words) -> Markup:
    title = tag("h2", f"{place}. {words(f'section.{name}')}", id=name)
    return tag("section", title, join(SECTIONS[name](report, words)), aria_labelledby=name)


def _footer(report: CollectionReport, words: Words) -> Markup:
    said = words("footer", software=report.cover.software, generated=words.instant(report.cover.generated_at))
    marked = [tag("p", words("cover.synthetic"))] if report.cover.synthetic else []
    return tag("footer", tag("p", said), *marked)
