"""The figures for programs: the same as on the page, JSON as it is written, keys that stay."""

import json
import math

import pytest

from hilum.canonical import canonical
from hilum.formats.report_json import LAYOUT, as_json
from hilum.quality.collection import CollectionReport, Cover, Figures, collect
from hilum.quality.rule import Ruleset
from hilum.testing.report_bank import shaped_report

KEYS = {
    "layout",
    "cover",
    "fit_for_use",
    "states",
    "kinds",
    "score",
    "dimensions",
    "sources",
    "sites",
    "months",
    "findings",
    "findings_by_dimension",
    "findings_by_topic",
    "stopped",
    "mends",
    "waiting",
    "waivers",
    "problems",
    "preferred_digits",
}


@pytest.fixture(scope="module")
def report() -> CollectionReport:
    return shaped_report()


def test_the_keys_are_the_documented_ones(report: CollectionReport) -> None:
    made = as_json(report)
    assert set(made) == KEYS
    assert made["layout"] == LAYOUT == "hilum.report/1"


def test_it_is_plain_json_and_can_be_hashed(report: CollectionReport) -> None:
    made = as_json(report)
    assert json.loads(json.dumps(made, allow_nan=False)) == made
    assert json.loads(canonical(made)) == made


def test_the_figures_are_those_of_the_report(report: CollectionReport) -> None:
    made = json.loads(json.dumps(as_json(report)))
    fit = made["fit_for_use"]
    assert (fit["successes"], fit["n"]) == (report.fit.successes, report.fit.n)
    assert (fit["low"], fit["high"]) == report.fit.band
    assert math.isclose(fit["share"], report.fit.successes / report.fit.n)
    assert sum(made["score"]["tens"]) == made["score"]["n"] == report.fit.n
    assert sum(one["held"] + one["rejected"] for one in made["stopped"]) == report.states.held + report.states.rejected
    assert sum(one["states"]["judged"] for one in made["sources"]) == report.fit.n
    assert {one["rule"] for one in made["findings"]} == {one.id for one in report.findings}


def test_an_empty_bank_has_nulls_where_there_is_nothing_to_say() -> None:
    cover = Cover("", "", "2026-11-23T00:00:00.000000Z", "Hilum 0")
    made = json.loads(json.dumps(as_json(collect(cover, Figures({}, {}, (), (), (), Ruleset((), "d"))))))
    assert made["fit_for_use"] == {"successes": 0, "n": 0, "share": None, "low": 0.0, "high": 1.0}
    assert made["score"]["median"] is None
    assert made["waivers"] is None
    assert made["cover"]["first_received"] is None
