"""The token bucket: a burst at once, a rate in the long run, whatever the clock does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.access.rate import Limiter, Rate, take

RATE = Rate(per_second=2.0, burst=3)


def test_a_burst_goes_through_and_then_one_waits_as_long_as_it_says() -> None:
    limiter = Limiter(RATE)
    assert [limiter.wait("a", 0.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    seconds = limiter.wait("a", 0.0)
    assert seconds == pytest.approx(0.5)
    assert limiter.wait("a", seconds - 0.01) > 0
    assert limiter.wait("a", seconds) == 0.0


def test_one_who_asks_too_often_does_not_hold_up_another() -> None:
    limiter = Limiter(Rate(1.0, 1))
    assert limiter.wait("a", 0.0) == 0.0
    assert limiter.wait("a", 0.0) > 0
    assert limiter.wait("b", 0.0) == 0.0


def test_being_refused_does_not_lengthen_the_wait() -> None:
    bucket, _ = take(None, Rate(1.0, 1), 0.0)
    for _ in range(50):
        bucket, seconds = take(bucket, Rate(1.0, 1), 0.5)
        assert seconds == pytest.approx(0.5)


def test_a_clock_that_steps_back_gives_nothing_away() -> None:
    bucket, _ = take(None, Rate(1.0, 1), 100.0)
    bucket, back = take(bucket, Rate(1.0, 1), 0.0)
    assert back > 0
    _, again = take(bucket, Rate(1.0, 1), 100.5)
    assert again == pytest.approx(0.5)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=200))
def test_no_more_go_through_than_the_burst_and_what_the_rate_gives(gaps: list[float]) -> None:
    limiter, now, through = Limiter(RATE), 0.0, 0
    for gap in gaps:
        now += gap
        through += limiter.wait("a", now) == 0.0
    assert through <= RATE.burst + now * RATE.per_second + 1e-6


def test_memory_stays_bounded_however_many_ask() -> None:
    limiter = Limiter(RATE, askers=10)
    for number in range(1000):
        limiter.wait(str(number), 0.0)
    assert len(limiter) == 10
