"""The back of the report: the files it rests on, how the figures were made, and who answers for them."""

from hilum.formats.report_markup import Markup, tag
from hilum.formats.report_table import Column, badge, paragraphs, small, table
from hilum.formats.report_words import Words
from hilum.quality.authenticity import MIN_VALUES
from hilum.quality.collection import CollectionReport
from hilum.quality.collection_digits import ALPHA, LEAST_DONORS, LEAST_EFFECT
from hilum.quality.file_problem import ProblemFigures
from hilum.quality.group import SMALL, SourceFigures
from hilum.quality.proportion import Z_95
from hilum.quality.score import CAP, THRESHOLD, WEIGHTS

METHODS = (
    *("fit", "band", "limits", "verdict", "score", "spread", "findings", "digits", "leading", "mends", "standing"),
    "privacy",
)
_SIGNERS = ("prepared", "checked", "approved")


def files(report: CollectionReport, words: Words) -> list[Markup]:
    """Every file as received, with the digest of its bytes, and what was wrong with it."""
    if not report.sources:
        return [tag("p", words("file.none"))]
    columns = [Column(words("file")), Column(words("file.received"))]
    columns += [Column(words(name), "number") for name in ("records", "file.problems")]
    columns.append(Column(words("file.digest")))
    rows = [_file(one, words) for one in report.sources]
    return [
        paragraphs(words("file.intro")),
        table(words("file.table"), columns, rows, "files"),
        *_problems(report, words),
    ]


def _file(one: SourceFigures, words: Words) -> list[str]:
    details = [one.format, words.size(one.size)] + ([words.many("member", len(one.members))] if one.members else [])
    name = tag("span", one.name, small(" · ".join(details)))
    unfinished = [] if one.state == "done" else [badge("held", words.known("source_state", one.state))]
    problems = tag("span", words.count(one.problems), *([small(words("file.fatal"))] if one.fatal_problems else []))
    received = tag("span", words.instant(one.received_at), *unfinished)
    return [name, received, words.count(one.states.judged), problems, tag("span", one.digest, class_="digest")]


def _problems(report: CollectionReport, words: Words) -> list[Markup]:
    if not report.problems:
        return [tag("p", words("problem.none"))]
    columns = [Column(words("problem")), Column(words("problem.times"), "number"), Column(words("problem.first"))]
    return [table(words("problem.table"), columns, [_problem(one, words) for one in report.problems], "problems")]


def _problem(one: ProblemFigures, words: Words) -> list[str]:
    said = [words.problem(one.reason, dict(place.values)) for place in one.places]
    grave = [badge("reject", words("problem.fatal"))] if one.fatal else []
    # each place says what was met there only where that differs
    told = said if len(set(said)) > 1 else [""] * len(said)
    places = [
        tag("span", words("problem.place", source=place.source, place=place.place, line=place.line), small(words_))
        for place, words_ in zip(one.places, told, strict=True)
    ]
    return [tag("span", said[0], " ", *grave, small(one.reason)), words.count(one.n), tag("span", *places)]


def methods(report: CollectionReport, words: Words) -> list[Markup]:
    """Definitions, formulas and their sources, so that anybody can make the figures again."""
    listed = []
    for name in METHODS:
        listed += [tag("dt", words(f"method.{name}")), tag("dd", method(name, words))]
        if name in ("band", "score"):
            listed.append(tag("dd", tag("span", words(f"method.{name}.formula"), class_="formula")))
    return [tag("dl", *listed, class_="methods")]


def method(name: str, words: Words) -> str:
    """One definition, with the numbers the program itself uses."""
    separator = words("list.separator")
    weights = separator.join(f"{words(f'dimension.{one}')} {weight}" for one, weight in WEIGHTS.items())
    values = {"weights": weights, "cap": f"{CAP:g}", "threshold": f"{THRESHOLD:g}", "z": Z_95, "small": SMALL}
    digits = {"least": MIN_VALUES, "donors": LEAST_DONORS, "alpha": ALPHA, "effect": LEAST_EFFECT}
    return words(f"method.{name}.says", **values, **digits)


def sign_off(report: CollectionReport, words: Words) -> list[Markup]:
    """Three people: who made it, who checked it, who approved it."""
    columns = [Column(words(f"sign.{name}")) for name in ("role", "name", "signature", "day")]
    rows = [[words(f"sign.{name}"), "", "", ""] for name in _SIGNERS]
    return [paragraphs(words("sign.intro")), table(words("sign.table"), columns, rows, "signoff")]
