"""Last digits counted from a stream: as the test of all values at once says, in little room, of no single person."""

import random
import tracemalloc
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.model.record import Kind
from hilum.quality import collection_digits
from hilum.quality.authenticity import preferences
from hilum.quality.collection import Cover, Figures, collect
from hilum.quality.collection_digits import ALPHA, DigitCounts, DigitFigures, Look, Series
from hilum.quality.rule import Ruleset


def counted(
    values: Iterable[float], counts: DigitCounts | None = None, site: str = "A", donors: int = 7
) -> DigitCounts:
    made = counts or DigitCounts()
    for place, value in enumerate(values):
        made.add(site, Kind.DONOR, f"DNR-{place % donors}", {"weight_kg": value})
    return made


def measured(seed: int, n: int = 600) -> list[float]:
    chance = random.Random(seed)
    return [round(chance.gauss(70, 15), 1) for _ in range(n)]


def heaped(seed: int, n: int = 600) -> list[float]:
    """Sixty of a hundred rounded to whole or half kilograms."""
    chance = random.Random(seed)
    return [round(value * 2) / 2 if chance.random() < 0.6 else value for value in measured(seed, n)]


def test_rounded_values_stand_out_and_measured_ones_do_not() -> None:
    counts = counted(measured(1), counted(heaped(2)), site="B")
    figures = counts.figures()
    assert (figures.tested, figures.untested) == (2, 0)
    (found,) = figures.preferred
    assert found.series == Series("A", Kind.DONOR, "weight_kg")
    assert [digit for digit, _ in found.digits] in ([0, 5], [5, 0])
    assert (found.look, found.n, found.decimals) == (Look.ROUNDED, 600, 1)


@given(
    st.lists(st.lists(st.integers(0, 9_999), min_size=30, max_size=300), min_size=1, max_size=4),
    st.sampled_from([1, 10, 100]),
)
def test_counts_say_what_the_test_of_all_values_says(series: list[list[int]], scale: int) -> None:
    values = {f"S{place}": [one / scale for one in some] for place, some in enumerate(series)}
    counts = DigitCounts()
    for site, some in values.items():
        counted(some, counts, site)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(collection_digits, "ALPHA", 2.0)
        patch.setattr(collection_digits, "LEAST_EFFECT", 0.0)
        found = {
            one.series.site: (one.n, one.decimals, one.chi_square, one.adjusted) for one in counts.figures().preferred
        }
    due = preferences(values)
    assert found == {one.series: (one.test.n, one.test.decimals, one.test.chi_square, one.adjusted) for one in due}


def test_the_corrected_p_values_are_holms_of_all_series_together() -> None:
    counts = DigitCounts()
    values = {f"S{place:02d}": measured(place) for place in range(30)} | {"heaped": heaped(99)}
    for site, some in values.items():
        counted(some, counts, site)
    (found,) = [one for one in preferences(values) if one.adjusted < ALPHA]
    (told,) = counts.figures().preferred
    assert told.series.site == found.series
    assert told.adjusted == pytest.approx(found.adjusted)


def test_a_series_of_few_donors_is_not_told_however_long_it_is() -> None:
    assert counted(heaped(3), donors=4).figures() == DigitFigures(0, 1, 0, ())
    assert len(counted(heaped(3), donors=5).figures().preferred) == 1


def test_what_a_donors_aliquots_share_counts_once() -> None:
    counts = DigitCounts()
    for place, value in enumerate(measured(6, 80)):
        for _ in range(10):
            counts.add("A", Kind.SPECIMEN, f"DNR-{place}", {"concentration": value})
    assert counts.figures() == DigitFigures(1, 0, 0, ())
    (alike,) = preferences({"A": [value for value in measured(6, 80) for _ in range(10)]})
    assert alike.adjusted < ALPHA


def test_fewer_than_fifty_values_or_values_close_together_are_not_tested() -> None:
    assert counted([60.0, 65.0, 70.0] * 16).figures().tested == 0
    assert counted([36.5, 36.6, 37.0] * 100).figures().tested == 0


def test_a_trifle_among_many_values_is_not_told() -> None:
    chance = random.Random(5)
    many = [chance.randrange(2_000, 9_000) / 10 for _ in range(40_000)]
    nudged = [float(int(one)) if place % 100 == 0 else one for place, one in enumerate(many)]
    (due,) = preferences({"A": nudged})
    assert due.adjusted < ALPHA
    assert counted(nudged).figures() == DigitFigures(1, 0, 0, ())


@pytest.mark.parametrize(
    ("look", "values"),
    [
        (Look.COARSE, [10.0 * one for one in range(5, 105)]),
        (Look.MIXED, [float(one) for one in range(40, 100)] + [one + 0.37 for one in range(40, 60)]),
        (Look.EVEN, [2.0 * one for one in range(20, 120)]),
        (Look.OTHER, [10.0 * one + 7 for one in range(5, 105)]),
    ],
    ids=str,
)
def test_the_likely_reason_is_told(look: Look, values: list[float]) -> None:
    (found,) = counted(values).figures().preferred
    assert found.look is look


def test_what_converting_a_unit_leaves_at_the_end_is_not_a_digit() -> None:
    pounds = [round(one / 10, 1) for one in range(300, 900)]
    (plain,) = preferences({"A": pounds})
    noisy = [one / 10 * 3 / 3 + 1e-14 for one in range(300, 900)]
    assert any(len(repr(one)) > 6 for one in noisy)
    assert counted(noisy).figures() == counted(pounds).figures() == DigitFigures(1, 0, 0, ())
    assert plain.test.decimals == 1


def test_laboratory_values_are_kept_apart_by_analyte_and_unit_and_limits_are_left_out() -> None:
    counts = DigitCounts()
    for place, value in enumerate(heaped(8)):
        donor = f"DNR-{place % 9}"
        for analyte, unit in (("albumin", "g/L"), ("albumin", "g/dL"), ("sodium", "mmol/L")):
            counts.add("A", Kind.OBSERVATION, donor, {"analyte": analyte, "unit": unit, "value": value})
        counts.add("A", Kind.OBSERVATION, donor, {"analyte": "crp", "unit": "mg/L", "value": value, "comparator": "<"})
        counts.add("A", Kind.OBSERVATION, donor, {"analyte": None, "unit": "mg/L", "value": value})
    figures = counts.figures()
    assert (figures.tested, figures.untested) == (3, 0)
    assert {(one.series.analyte, one.series.unit) for one in figures.preferred} == {
        ("albumin", "g/L"),
        ("albumin", "g/dL"),
        ("sodium", "mmol/L"),
    }


@pytest.mark.parametrize("value", [None, "70", True, float("nan"), float("inf")])
def test_what_is_no_number_is_not_counted(value: float | str | None) -> None:
    counts = DigitCounts()
    counts.add("A", Kind.DONOR, "DNR-1", {"weight_kg": value})
    assert counts.figures() == DigitFigures(0, 0, 0, ())


@pytest.mark.parametrize("value", [1e300, 5e-324, -0.0, 0.0, -12.5, 1e22, 1.5e-9])
def test_any_finite_number_is_counted(value: float) -> None:
    assert counted([value] * 60).figures() == DigitFigures(0, 1, 0, ())


def test_memory_does_not_grow_with_the_number_of_values() -> None:
    chance = random.Random(4)
    n, octets_of_a_float = 100_000, 24
    tracemalloc.start()
    counts = counted(chance.random() * 1_000 for _ in range(n))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < n * octets_of_a_float
    assert counts.figures().tested == 1


def test_series_beyond_the_limit_are_counted_as_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collection_digits, "MOST_SERIES", 2)
    counts = DigitCounts()
    for site in ("A", "B", "C"):
        counted(measured(1, 60), counts, site)
    assert counts.figures() == DigitFigures(2, 0, 60, ())


def test_the_report_carries_the_figures_and_has_none_by_default() -> None:
    cover, figures = (
        Cover("", "Bank", "2026-11-23T00:00:00.000000Z", "Hilum 0"),
        Figures({}, {}, (), (), (), Ruleset((), "d")),
    )
    digits = counted(heaped(2)).figures()
    assert collect(cover, figures, digits).digits is digits
    assert collect(cover, figures).digits == DigitFigures(0, 0, 0, ())
