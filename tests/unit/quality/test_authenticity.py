"""Digit preference: p-values against published tables and an independent integration; what is tested and what not."""

import math
import random

import pytest

from hilum.quality.authenticity import MIN_VALUES, chi_square_tail, preferences, terminal_digits

# Upper quantiles of chi-square with 9 degrees of freedom, as printed in any table (e.g. Fisher and Yates, table IV).
TABLE = [(0.99, 2.088), (0.95, 3.325), (0.90, 4.168), (0.50, 8.343), (0.10, 14.684), (0.05, 16.919), (0.01, 21.666)]


@pytest.mark.parametrize(("p", "square"), TABLE)
def test_the_tail_of_chi_square_is_that_of_the_printed_table(p: float, square: float) -> None:
    assert chi_square_tail(square) == pytest.approx(p, abs=2e-4)


@pytest.mark.parametrize("square", [0.3, 4.0, 20.0, 40.0])
def test_the_tail_is_the_integral_of_the_density(square: float) -> None:
    steps, top = 40_000, square + 120.0
    width = (top - square) / steps

    def density(x: float) -> float:
        return math.exp(3.5 * math.log(x) - x / 2 - 4.5 * math.log(2) - math.lgamma(4.5))

    inner = sum(density(square + width * (one + 0.5)) for one in range(steps)) * width
    assert chi_square_tail(square) == pytest.approx(inner, rel=1e-5)


def test_the_tail_begins_at_one_and_knows_no_negative() -> None:
    assert chi_square_tail(0.0) == 1.0
    with pytest.raises(ValueError, match="-1"):
        chi_square_tail(-1.0)


def test_measured_last_digits_pass_and_rounded_ones_stand_out() -> None:
    chance = random.Random(7)
    measured = [round(chance.gauss(40, 12), 1) for _ in range(600)]
    rounded = [round(value * 2) / 2 if chance.random() < 0.6 else value for value in measured]
    first, second = preferences({"measured": measured, "rounded": rounded})
    assert (first.series, second.series) == ("rounded", "measured")
    assert first.adjusted < 1e-6 < 0.01 < second.adjusted
    assert first.test.rounded > 0.4 > 0.25 > second.test.rounded


def test_a_trailing_zero_that_a_number_does_not_keep_is_still_counted() -> None:
    test = terminal_digits([float(one) for one in range(10, 60)] + [one + 0.5 for one in range(10, 60)])
    assert test is not None
    assert (test.decimals, test.counts) == (1, (50, 0, 0, 0, 0, 50, 0, 0, 0, 0))


def test_holm_adjusts_for_how_many_were_tested_together() -> None:
    chance = random.Random(3)
    series = {str(one): [round(chance.uniform(0, 99), 1) for _ in range(80)] for one in range(20)}
    found = preferences(series)
    assert len(found) == 20
    assert found[0].adjusted == min(1.0, found[0].test.p * 20)
    assert [one.adjusted for one in found] == sorted(one.adjusted for one in found)
    assert found[0].adjusted > 0.05


@pytest.mark.parametrize(
    "values",
    [
        [float(one) for one in range(MIN_VALUES - 1)],
        [20.0, 20.1, 20.2, 20.3] * 40,
        [math.nan, math.inf] * 100,
        [],
    ],
    ids=["too few", "too close together", "no numbers", "none"],
)
def test_a_series_that_can_tell_nothing_is_not_tested(values: list[float]) -> None:
    assert terminal_digits(values) is None
