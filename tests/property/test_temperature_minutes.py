"""The audit against a slow judge that looks at every second of a trip."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from hilum.quality.temperature import Trip, audit
from hilum.quality.temperature_series import Reading, in_order, interval_of

_VALUES = st.one_of(
    st.floats(-5, 15).map(lambda value: round(value, 1)), st.sampled_from([2.0, 8.0, 85.0, 882.6, -127.0]), st.none()
)
_READINGS = st.lists(st.tuples(st.integers(0, 900), _VALUES), max_size=14)


def _slow(trip: Trip, readings: list[Reading]) -> dict[str, int]:
    """Seconds of the trip that are above, below, faulty and covered, each second asked by itself at its middle."""
    series = in_order(readings)
    apart = 2 * (interval_of(series.times) or 0)
    found = {"above": 0, "below": 0, "fault": 0, "covered": 0}
    start, end, low, high = trip.start or 0, trip.end or 0, trip.low_c or 0.0, trip.high_c or 0.0
    for second in range(start, end):
        middle = second + 0.5
        for index in range(len(series.times) - 1):
            before, after = series.times[index], series.times[index + 1]
            if not before < middle < after or after - before > apart:
                continue
            found["covered"] += 1
            first, last = series.values[index], series.values[index + 1]
            if first is None or last is None:
                found["fault"] += 1
                continue
            value = first + (last - first) * (middle - before) / (after - before)
            found["above"] += value > high
            found["below"] += value < low
    return found


@settings(max_examples=120, deadline=None)
@given(_READINGS, st.integers(0, 300), st.integers(301, 900))
def test_minutes_are_those_of_a_judge_who_looks_at_every_second(readings: list[Reading], start: int, end: int) -> None:
    trip = Trip(start, end, 2.0, 8.0)
    fast, slow = audit(trip, readings), _slow(trip, readings)
    if fast.skew_min is not None:
        return  # the window was moved to the logger's own clock
    crossings = 2 * len(readings) + 1
    assert abs(fast.above_min * 60 - slow["above"]) <= crossings
    assert abs(fast.below_min * 60 - slow["below"]) <= crossings
    assert abs(fast.fault_min * 60 - slow["fault"]) <= 0.1
    assert abs(fast.coverage_percent - 100 * slow["covered"] / (end - start)) <= 0.11


@settings(max_examples=120, deadline=None)
@given(_READINGS, st.integers(0, 2**32))
def test_the_order_of_readings_changes_no_figure(readings: list[Reading], seed: int) -> None:
    shuffled = list(readings)
    random.Random(seed).shuffle(shuffled)
    trip = Trip(100, 800, 2.0, 8.0)
    one, other = audit(trip, readings), audit(trip, shuffled)
    names = [name for name in type(one).__slots__ if name not in ("disordered", "duplicates")]
    assert [getattr(one, name) for name in names] == [getattr(other, name) for name in names]


@settings(max_examples=120, deadline=None)
@given(_READINGS)
def test_excursions_add_up_to_the_minutes_outside(readings: list[Reading]) -> None:
    found = audit(Trip(100, 800, 2.0, 8.0), readings)
    assert abs(sum(one.minutes for one in found.excursions) - found.outside_min) < 0.01
    assert all(one.start < one.end for one in found.excursions)
    assert all(a.end <= b.start + 1e-6 for a, b in zip(found.excursions, found.excursions[1:], strict=False))
