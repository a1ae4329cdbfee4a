"""The collection's figures: the Wilson band against published values, and what the report counts."""

import tracemalloc
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.model.record import Kind, Locator
from hilum.model.text import Bilingual
from hilum.quality.collection import Cover, Figures, Proportion, collect, wilson
from hilum.quality.distribution import Tally, spread
from hilum.quality.group import Standing
from hilum.quality.mend import NO_RULE, mends, stops
from hilum.quality.rule import Dimension, Kahn, Rule, Ruleset, Severity
from hilum.quality.rule import Source as RuleSource
from hilum.quality.score_walk import roots
from hilum.registry.stored import Source, StoredProblem

COVER = Cover("", "Bank", "2026-11-23T00:00:00.000000Z", "Hilum 0")
FULL = (100.0,) * 6


def rule(id_: str, severity: Severity = Severity.BLOCK, dimension: Dimension = Dimension.ACCURACY) -> Rule:
    said = Bilingual(f"{id_}题", f"{id_} title")
    return Rule(
        id=id_,
        version=1,
        grain=Kind.SPECIMEN,
        title=said,
        why=said,
        hint=said,
        condition="volume_ul > 0",
        dimension=dimension,
        kahn=Kahn.PLAUSIBILITY,
        severity=severity,
        field="volume_ul",
        source=RuleSource("S"),
        topic="unit",
    )


def source(id_: str, received: str = "2026-11-01T00:00:00.000000Z", parent: str = "") -> Source:
    return Source(id_, "0" * 64, f"{id_}.csv", "csv", 10, received, parent=parent)


def figures(**changed: object) -> Figures:
    empty: dict[str, object] = {
        "counts": {},
        "finding_counts": {},
        "score_rows": (),
        "sources": (),
        "problems": (),
        "ruleset": Ruleset((), "d" * 64),
    }
    return Figures(**{**empty, **changed})  # type: ignore[arg-type]  # each test gives the types the field has


# Newcombe 1998, Stat Med 17:857-872, table I, method 3 (score, no continuity correction)
@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_wilson_band_is_the_one_newcombe_published(successes: int, n: int, low: float, high: float) -> None:
    assert wilson(successes, n) == pytest.approx((low, high), abs=0.00005)


def test_the_band_of_nothing_seen_is_everything() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert Proportion(0, 0).share is None


@pytest.mark.parametrize(("successes", "n", "z"), [(-1, 5, 1.96), (6, 5, 1.96), (1, 5, 0.0)])
def test_what_is_no_share_has_no_band(successes: int, n: int, z: float) -> None:
    with pytest.raises(ValueError, match="not a share"):
        wilson(successes, n, z)


@given(st.integers(1, 10**7).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_band_holds_the_share_and_mirrors_its_complement(pair: tuple[int, int]) -> None:
    successes, n = pair
    low, high = wilson(successes, n)
    other_low, other_high = wilson(n - successes, n)
    assert 0.0 <= low <= successes / n <= high <= 1.0
    assert (low, high) == pytest.approx((1 - other_high, 1 - other_low), abs=1e-9)


def test_five_perfect_records_do_not_beat_five_thousand_nearly_perfect_ones() -> None:
    assert wilson(5, 5)[0] < wilson(4990, 5000)[0]


def test_the_share_fit_for_use_leaves_history_out() -> None:
    counts = {("specimen", "accepted"): 90, ("specimen", "held"): 6, ("specimen", "rejected"): 3}
    counts |= {("specimen", "refused"): 1, ("specimen", "superseded"): 40, ("donor", "accepted"): 20}
    report = collect(COVER, figures(counts=counts))
    assert report.fit == Proportion(110, 120)
    assert report.states.all == 160
    assert [kind.kind for kind in report.kinds] == [Kind.DONOR, Kind.SPECIMEN]
    assert report.kinds[1].fit == Proportion(90, 100)


def test_an_empty_bank_has_a_report_without_shares() -> None:
    report = collect(COVER, figures())
    assert report.fit.share is None
    assert (report.score.median, report.kinds, report.mends, report.waiting.oldest_days) == (None, (), (), None)


def test_a_state_nobody_knows_is_an_error_not_a_silent_zero() -> None:
    with pytest.raises(ValueError, match="no such state"):
        collect(COVER, figures(counts={("specimen", "lost"): 1}))


def test_scores_are_counted_by_tens_with_ninety_and_a_hundred_in_the_last() -> None:
    tally = Tally()
    for score in (0.0, 9.99, 10.0, 59.0, 59.96, 60.0, 89.99, 90.0, 100.0, None):
        tally.add(score)
    made = spread(tally)
    assert made.tens == (2, 1, 0, 0, 0, 2, 1, 0, 1, 2)
    assert (made.n, made.absent) == (9, 1)
    assert (made.good, made.poor) == (2 / 9, 5 / 9)
    assert (made.median, made.tenth, made.ninetieth) == (59.9, 0.0, 100.0)


@pytest.mark.parametrize("score", [-0.1, 100.1, float("nan"), float("inf")])
def test_a_number_that_is_no_score_is_refused(score: float) -> None:
    with pytest.raises(ValueError, match="not a score"):
        Tally().add(score)


@given(st.lists(st.integers(0, 1000), min_size=1))
def test_quantiles_are_scores_that_occur_with_at_least_their_part_at_or_below(tenths: list[int]) -> None:
    tally = Tally()
    for tenth in tenths:
        tally.add(tenth / 10)
    made = spread(tally)
    for value, part in ((made.tenth, 0.1), (made.median, 0.5), (made.ninetieth, 0.9)):
        assert value is not None
        assert value in {tenth / 10 for tenth in tenths}
        assert sum(tenth / 10 <= value for tenth in tenths) >= part * len(tenths)
        assert sum(tenth / 10 < value for tenth in tenths) < part * len(tenths)


def _many(n: int) -> Iterator[tuple[str, str, str, tuple[float | None, ...]]]:
    for place in range(n):
        yield "specimen", "accepted", "A", (place % 99991 / 999.91, None, *([place * 7 % 99991 / 999.91] * 4))


def _peak(n: int) -> int:
    tracemalloc.start()
    collect(COVER, figures(score_rows=_many(n), sources=[source("A")]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_number_of_records() -> None:
    assert _peak(60_000) < 1.2 * _peak(20_000)


def test_a_member_counts_with_the_archive_it_came_in_and_a_circle_of_parents_ends() -> None:
    rows = [("specimen", "accepted", "M2", FULL), ("specimen", "held", "M1", FULL), ("specimen", "held", "B", FULL)]
    listed = [source("A"), source("M1", parent="A"), source("M2", parent="M1"), source("B")]
    problem = StoredProblem("archive_truncated", Locator("M2", "x", 3), {}, fatal=True)
    report = collect(COVER, figures(score_rows=rows, sources=listed, problems=[problem]))
    assert [(one.id, one.fit, one.members, one.fatal_problems) for one in report.sources] == [
        ("A", Proportion(1, 2), ("M1", "M2"), 1),
        ("B", Proportion(0, 1), (), 0),
    ]
    assert roots([source("X", parent="Y"), source("Y", parent="X")]) == {"X": "X", "Y": "X"}


def test_a_site_is_called_below_only_when_the_bands_do_not_touch() -> None:
    sites = {("good", "specimen", "accepted"): 4950, ("good", "specimen", "held"): 50}
    sites |= {("bad", "specimen", "accepted"): 800, ("bad", "specimen", "held"): 200}
    sites |= {("tiny", "specimen", "accepted"): 1, ("tiny", "specimen", "held"): 4}
    counts = {("specimen", "accepted"): 5751, ("specimen", "held"): 254}
    report = collect(COVER, figures(counts=counts, site_counts=sites))
    assert {site.name: site.standing for site in report.sites} == {
        "good": Standing.ABOVE,
        "bad": Standing.BELOW,
        "tiny": Standing.SMALL,
    }
    assert all(one.fit.band[0] <= two.fit.band[0] for one, two in pairwise(report.sites))


def test_months_and_waiting_times_come_from_when_the_file_was_received() -> None:
    listed = [source("A", "2026-08-20T00:00:00.000000Z"), source("B", "2026-11-20T00:00:00.000000Z")]
    rows = [("specimen", "held", "A", FULL)] * 2 + [("specimen", "held", "B", FULL), ("donor", "accepted", "B", FULL)]
    report = collect(COVER, figures(score_rows=rows, sources=listed))
    assert [(month.name, month.fit) for month in report.months] == [
        ("2026-08", Proportion(0, 2)),
        ("2026-11", Proportion(1, 2)),
    ]
    assert (report.waiting.under_7, report.waiting.longer, report.waiting.oldest_days) == (1, 2, 95)


def test_findings_are_ordered_by_gravity_then_number_and_unknown_counts_as_found() -> None:
    rules = (rule("W", Severity.WARN), rule("B"), rule("R", Severity.REJECT))
    found = {("W", "fail", "specimen"): 900, ("B", "fail", "specimen"): 5, ("B", "unknown", "specimen"): 2}
    found |= {("R", "fail", "specimen"): 1, ("OLD", "fail", "specimen"): 3, ("W", "pass", "specimen"): 7}
    counts = {("specimen", "accepted"): 1000}
    report = collect(
        COVER,
        figures(counts=counts, finding_counts=found, ruleset=Ruleset(rules, "d"), applicable={"B": 50, "R": 0}),
    )
    assert [one.id for one in report.findings] == ["R", "B", "W", "OLD"]
    block = report.findings[1]
    assert (block.found, block.share) == (7, Proportion(7, 50))
    assert report.findings[0].share is None, "fewer applicable than found is no share"
    assert report.findings[3].rule is None
    accuracy = report.dimension_findings[1]
    assert (accuracy.rules, accuracy.failed, accuracy.unknown) == (3, 906, 2)
    assert [(one.topic, one.found) for one in report.topics] == [("unit", 908)]


SETS = {
    ("specimen", "held", ("A",)): 10,
    ("specimen", "held", ("B",)): 12,
    ("specimen", "held", ("A", "C")): 30,
    ("specimen", "held", ("C", "D")): 1,
    ("specimen", "rejected", ("B", "R")): 2,
    ("specimen", "held", ()): 4,
}


def test_each_mend_names_what_releases_most_when_those_above_it_are_done() -> None:
    listed = [(one.rule, one.touches, one.alone, one.released) for one in mends(SETS)]
    assert listed == [("B", 12, 12, 12), ("A", 40, 10, 22), ("C", 31, 0, 52), ("D", 1, 0, 53)]


def test_every_stopped_record_has_one_leading_reason_and_a_rejecting_rule_leads() -> None:
    rules = {id_: rule(id_) for id_ in "ABCD"} | {"R": rule("R", Severity.REJECT)}
    listed = {one.rule: (one.held, one.rejected) for one in stops(SETS, rules)}
    assert listed == {"A": (40, 0), "B": (12, 0), NO_RULE: (4, 0), "R": (0, 2), "C": (1, 0)}
    assert sum(held + rejected for held, rejected in listed.values()) == sum(SETS.values())


@given(
    st.dictionaries(
        st.tuples(st.just("specimen"), st.just("held"), st.sets(st.sampled_from("ABCDEF"), min_size=1).map(tuple)),
        st.integers(1, 50),
        max_size=12,
    )
)
def test_doing_every_mend_releases_every_held_record(sets: dict[tuple[str, str, tuple[str, ...]], int]) -> None:
    listed = mends(sets)
    released = [one.released or 0 for one in listed]
    assert released == sorted(released)
    assert (released[-1] if released else 0) == sum(sets.values())


def test_without_blocking_sets_mends_say_only_what_they_touch() -> None:
    found = {("B", "fail", "specimen"): 5, ("W", "fail", "specimen"): 9}
    report = collect(COVER, figures(finding_counts=found, ruleset=Ruleset((rule("B"), rule("W", Severity.WARN)), "d")))
    assert [(one.rule, one.touches, one.alone, one.released) for one in report.mends] == [("B", 5, None, None)]


def test_a_hundred_thousand_file_problems_are_one_line_with_its_first_places() -> None:
    met = [StoredProblem("line_too_long", Locator("A", "a.csv", line), {}, fatal=False) for line in range(100_000)]
    met.append(StoredProblem("archive_truncated", Locator("A", "a.tar", 0), {"why": "eof"}, fatal=True))
    report = collect(COVER, figures(sources=[source("A")], problems=met))
    assert [(one.reason, one.n, len(one.places)) for one in report.problems] == [
        ("archive_truncated", 1, 1),
        ("line_too_long", 100_000, 5),
    ]
    assert report.problems[0].places[0].values == (("why", "eof"),)
