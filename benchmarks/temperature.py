"""CPU of the temperature audit beside the least any Python loop over the same readings can cost.

Prints readings per second of CPU for the whole audit, for putting the readings in order only, and for a bare loop that
compares every value with the limits and does nothing else. Run: ``python benchmarks/temperature.py [readings]``.
"""

import random
import sys
import time
from collections.abc import Callable, Sequence

from hilum.quality.temperature import Trip, audit
from hilum.quality.temperature_series import Reading, in_order

_ROUNDS = 5


def readings_of(count: int) -> list[Reading]:
    """A logger's day after day: every two minutes, 2 to 8 degrees with some excursions and faults."""
    rng = random.Random(1)
    value = 5.0
    found: list[Reading] = []
    for index in range(count):
        value = min(max(value + rng.gauss(0, 0.15), 1.5), 8.5)
        found.append((120 * index, 882.6 if rng.random() < 0.0005 else round(value, 1)))
    return found


def bare(readings: Sequence[Reading]) -> int:
    """The floor: readings outside the limits, counted in a loop."""
    outside = 0
    for _, value in readings:
        if value is not None and not 2.0 <= value <= 8.0:
            outside += 1
    return outside


def rate(act: Callable[[], object], count: int) -> float:
    """Readings per second of CPU, best of some rounds."""
    best = float("inf")
    for _ in range(_ROUNDS):
        before = time.process_time()
        act()
        best = min(best, time.process_time() - before)
    return count / best


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    readings = readings_of(count)
    trip = Trip(0, 120 * (count - 1), 2.0, 8.0)
    print(f"{count} readings, best of {_ROUNDS}")
    print(f"audit       {rate(lambda: audit(trip, readings), count):12,.0f} readings/s of CPU")
    print(f"in order    {rate(lambda: in_order(readings), count):12,.0f}")
    print(f"bare loop   {rate(lambda: bare(readings), count):12,.0f}")


if __name__ == "__main__":
    main()
