"""Time as a port: one spelling of an instant, which sorts, and no reading of anything without a zone."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.clock import fixed_clock, parse_stamp, stamp, system_clock

_zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_instants = st.datetimes(timezones=_zones).filter(lambda at: 2 <= at.year <= 9998)


@given(_instants)
def test_a_stamp_read_back_is_the_same_instant(at: datetime) -> None:
    assert parse_stamp(stamp(at)) == at
    assert parse_stamp(stamp(at)).tzinfo is UTC


@given(_instants, _instants)
def test_stamps_sort_as_their_instants_do(one: datetime, other: datetime) -> None:
    assert (stamp(one) < stamp(other)) is (one < other)


@pytest.mark.parametrize(
    ("at", "spelt"),
    [
        (datetime(2026, 3, 16, 8, 5, tzinfo=timezone(timedelta(hours=8))), "2026-03-16T00:05:00.000000Z"),
        (datetime(2026, 3, 16, 0, 5, 0, 7, tzinfo=UTC), "2026-03-16T00:05:00.000007Z"),
        (datetime(999, 1, 1, tzinfo=UTC), "0999-01-01T00:00:00.000000Z"),
    ],
)
def test_instants_have_one_spelling(at: datetime, spelt: str) -> None:
    assert stamp(at) == spelt


@pytest.mark.parametrize("text", ["2026-03-16T08:00:00", "2026-03-16", "", "yesterday", "2026-13-01T00:00:00Z", "1"])
def test_what_names_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_stamp(text)


def test_any_spelling_with_a_zone_is_read() -> None:
    assert parse_stamp("2026-03-16T08:05:00+08:00") == datetime(2026, 3, 16, 0, 5, tzinfo=UTC)


def test_a_fixed_clock_stands_still_and_the_system_clock_is_in_utc() -> None:
    at = datetime(2026, 3, 16, tzinfo=UTC)
    clock = fixed_clock(at)
    assert clock() is clock() is at
    assert system_clock().tzinfo is UTC
