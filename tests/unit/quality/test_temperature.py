"""The audit of one trip: minutes by a straight line between readings, and what is not temperature at all."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hilum.quality.temperature import Audit, Trip, audit, clock_skew, mean_kinetic_temperature, unit_suspect
from hilum.quality.temperature_series import Reading, in_order

HOUR = 3_600
TRIP = Trip(0, 2 * HOUR, 2.0, 8.0)


def every_two_minutes(*temperatures: float | None, start: int = 0) -> list[Reading]:
    return [(start + 120 * index, value) for index, value in enumerate(temperatures)]


def wavering(count: int) -> list[float | None]:
    return [round(4.0 + index % 5 * 0.1, 1) for index in range(count)]


def test_a_good_trip_has_nothing_to_tell() -> None:
    found = audit(TRIP, every_two_minutes(*wavering(61)))
    assert (found.coverage_percent, found.outside_min, found.fault_min, found.flat_min) == (100.0, 0.0, 0.0, 0.0)
    assert (found.skew_min, found.unit_suspect, found.excursions) == (None, "", ())


def test_an_excursion_begins_and_ends_where_the_line_crosses_the_limit() -> None:
    found = audit(Trip(0, 240, 2.0, 8.0), every_two_minutes(6.0, 10.0, 6.0))
    (excursion,) = found.excursions
    assert (excursion.start, excursion.end, excursion.worst_c) == (60.0, 180.0, 10.0)
    assert (found.above_min, found.below_min, found.longest_excursion_min) == (2.0, 0.0, 2.0)


def test_a_line_through_the_whole_band_is_outside_on_both_sides() -> None:
    found = audit(Trip(0, 120, 2.0, 8.0), every_two_minutes(-1.0, 11.0))
    assert (found.below_min, found.above_min) == (0.5, 0.5)
    assert [(one.start, one.end, one.worst_c) for one in found.excursions] == [(0.0, 30.0, -1.0), (90.0, 120.0, 11.0)]


def test_a_value_on_the_limit_is_inside() -> None:
    assert audit(Trip(0, 240, 2.0, 8.0), every_two_minutes(8.0, 8.0, 2.0)).outside_min == 0.0


@pytest.mark.parametrize("code", [85.0, -127.0, 882.6, 327.67, -200.0, 999.9, 4000.0])
def test_a_fault_code_is_unknown_time_and_no_excursion(code: float) -> None:
    values = wavering(61)
    values[30] = values[31] = code
    found = audit(TRIP, every_two_minutes(*values))
    assert (found.fault_min, found.faults, found.outside_min) == (6.0, 2, 0.0)
    assert (found.min_c, found.max_c) == (4.0, 4.4)


def test_a_gap_longer_than_twice_the_interval_is_not_bridged() -> None:
    readings = every_two_minutes(*wavering(61))
    found = audit(TRIP, [one for one in readings if not 1_800 < one[0] < 2_400])
    assert (found.longest_gap_min, found.coverage_percent) == (10.0, 91.6)


def test_a_log_that_starts_late_and_ends_early_says_by_how_much() -> None:
    found = audit(TRIP, every_two_minutes(*wavering(46), start=600))
    assert (found.start_late_min, found.end_early_min, found.coverage_percent) == (10.0, 20.0, 75.0)


def test_a_stuck_probe_is_told_from_a_coarse_one() -> None:
    assert audit(TRIP, every_two_minutes(*[4.0] * 61)).flat_min == 120.0
    coarse = [4.0 + index // 12 % 2 * 0.5 for index in range(61)]
    assert audit(TRIP, every_two_minutes(*coarse)).flat_min == 0.0


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ((-300, 7_500), None),
        ((-300 + 8 * HOUR, 7_500 + 8 * HOUR), 8 * HOUR),
        ((HOUR, 3 * HOUR), HOUR),
        ((600, 7_200 + 600), None),
        ((-300, 3_000), None),
        ((-30 * 86_400, 7_200 - 30 * 86_400), -30 * 86_400),
        ((20_000, 90_000), 20_000),
    ],
)
def test_a_clock_is_off_when_the_whole_log_lies_beside_the_trip(log: tuple[int, int], expected: int | None) -> None:
    assert clock_skew(log, (0, 2 * HOUR)) == expected


def test_with_a_wrong_clock_the_temperature_is_still_judged() -> None:
    shifted = [(second + 8 * HOUR - 300, value) for second, value in every_two_minutes(*wavering(66))]
    found = audit(TRIP, shifted)
    assert (found.skew_min, found.skew_hours, found.coverage_percent) == (480.0, 8, 100.0)


def test_fahrenheit_under_a_celsius_label_is_suspected_and_so_is_the_reverse() -> None:
    values = [float(value or 0) for value in wavering(20)]
    assert unit_suspect([value * 1.8 + 32 for value in values], 2.0, 8.0) == "F"
    assert unit_suspect([(value - 32) / 1.8 for value in values], 2.0, 8.0) == "C"
    assert unit_suspect(values, 2.0, 8.0) == ""
    assert unit_suspect([value + 20 for value in values], 2.0, 8.0) == ""
    assert unit_suspect(values, None, 8.0) == ""


def test_the_mean_kinetic_temperature_is_that_of_a_published_example() -> None:
    # the worked example of the PostgreSQL aggregate at github.com/zelti/mkt: 6.25
    assert mean_kinetic_temperature([2, 2, 5, 8, 8, 8, 8]) == pytest.approx(6.25, abs=0.005)
    assert mean_kinetic_temperature([5.0] * 9) == pytest.approx(5.0, abs=0.001)
    assert mean_kinetic_temperature([]) is None


def test_the_mean_kinetic_temperature_of_a_trip_is_weighted_by_time() -> None:
    dense = [(second, 4.0) for second in range(0, HOUR, 60)] + [(second, 10.0) for second in range(HOUR, 2 * HOUR, 60)]
    thin = [(second, value) for second, value in dense if second < HOUR or second % 120 == 0]
    assert audit(TRIP, thin).mkt_c == pytest.approx(audit(TRIP, dense).mkt_c or 0, abs=0.05)


def test_two_values_of_one_instant_leave_it_unknown_and_twice_the_same_changes_nothing() -> None:
    series = in_order([(0, 4.0), (120, 4.1), (120, 4.1), (240, 5.0), (240, 6.0)])
    assert (series.times, series.values) == ([0, 120, 240], [4.0, 4.1, None])
    assert (series.duplicates, series.conflicts, series.disordered) == (1, 1, 0)


@pytest.mark.parametrize("readings", [[], [(60, 4.0)], [(60, None)], [(60, 85.0), (180, 85.0)]])
def test_next_to_nothing_is_audited_without_a_word_too_much(readings: list[Reading]) -> None:
    found = audit(TRIP, readings)
    assert (found.outside_min, found.excursions, found.flat_min) == (0.0, (), 0.0)
    assert found.coverage_percent < 5


def test_an_opened_door_is_told_from_a_failure() -> None:
    values = wavering(61)
    values[10] = 12.0
    values[30:45] = [12.0] * 15
    found = audit(TRIP, every_two_minutes(*values))
    assert [one.is_brief for one in found.excursions] == [True, False]
    assert found.brief == 1


def nab(shared_data: Path) -> list[Reading]:
    path = shared_data / "temperature" / "ambient_temperature_system_failure.csv"
    if not path.is_file():
        pytest.skip(f"the NAB series is not in {path.parent}")
    with path.open(encoding="utf-8") as file:
        return [
            (int(datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC).timestamp()), float(row["value"]))
            for row in csv.DictReader(file)
        ]


def test_what_the_audit_says_of_a_failing_room(shared_data: Path) -> None:
    """NAB's ambient temperature series, as the manual tells it: a limit audit sees neither of its two labelled
    windows, it sees the gaps and the unit."""
    found: Audit = audit(Trip(), nab(shared_data))
    assert (found.readings, found.interval_s, found.longest_gap_min) == (7267, 3600.0, 10_440.0)
    assert (found.min_c, found.max_c, found.mkt_c) == (57.45840559, 86.22321261, 71.92)
    assert (found.excursions, found.faults, found.flat_min) == ((), 0, 0.0)
    as_room = audit(Trip(None, None, 15.0, 30.0), nab(shared_data))
    assert as_room.unit_suspect == "F"
