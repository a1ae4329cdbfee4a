"""Boxes between the hospitals and the biobank, each with a temperature logger, and the logs they bring."""

import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from hilum.gatebench.entry import Life, Log, Trip

PER_DAY = (8, 9, 10, 11, 12)
"""Hours at which a box leaves a hospital."""
_WAY = ((20, 40), (25, 50), (30, 60), (80, 130))
"""Shortest and longest way in minutes, by hospital; the county hospital is far away."""
_EVERY = (timedelta(minutes=2), timedelta(minutes=2), timedelta(minutes=5), timedelta(minutes=5))


def trips(rng: random.Random, life: Life, days: int) -> list[Trip]:
    """Five boxes a day from every hospital."""
    found = []
    for offset in range(days):
        day = life.first_day + timedelta(days=offset)
        for site in range(len(_WAY)):
            found += [_trip(rng, day, site, number) for number in range(1, len(PER_DAY) + 1)]
    return found


def _trip(rng: random.Random, day: date, site: int, number: int) -> Trip:
    left = datetime.combine(day, time(PER_DAY[number - 1], 0)) + timedelta(minutes=rng.randint(0, 14))
    arrived = left + timedelta(minutes=rng.randint(*_WAY[site]))
    return Trip(
        f"YS{'ABCD'[site]}{day:%y%m%d}-{number:02d}", site, f"TL{'ABCD'[site]}{day:%y%m}{number:03d}", left, arrived,
        f"物流员{'甲乙丙'[rng.randrange(3)]}", f"接收员{rng.randint(1, 4)}",
    )  # fmt: skip


def next_trip(all_trips: Sequence[Trip], site: int, after: datetime) -> Trip | None:
    """The first box that leaves the hospital ten minutes or more after ``after``, on the same day."""
    ready = after + timedelta(minutes=10)
    fitting = [
        one
        for one in all_trips
        if one.site == site and one.dispatched >= ready and one.dispatched.date() == after.date()
    ]
    return min(fitting, key=lambda one: one.dispatched, default=None)


def record(rng: random.Random, trip: Trip) -> Log:
    """The log of a trip, from before it leaves to after it arrives: 2 to 8 degrees, never quite still."""
    every = _EVERY[trip.site]
    log = Log(trip.id, trip.site, trip.logger, every)
    at = trip.dispatched - timedelta(minutes=rng.randint(5, 12))
    end = trip.received + timedelta(minutes=rng.randint(5, 12))
    value, aim = rng.uniform(4.0, 5.2), rng.uniform(3.8, 5.4)
    while at <= end:
        value = min(max(value + 0.2 * (aim - value) + rng.gauss(0, 0.16), 2.4), 7.4)
        log.readings.append((at, f"{value:.1f}"))
        at += every
    return log
