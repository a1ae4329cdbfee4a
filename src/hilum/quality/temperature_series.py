"""A logger's readings put in order: duplicates, contradictions, fault codes, interval, flat lines.

A sensor that is broken, starting up or torn off reports fixed numbers (85.0, -127, 882.6 …). They are no temperature:
here they become ``None``, time of which nothing is known, never an excursion.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

Reading = tuple[int, float | None]
"""Second since 1970-01-01T00:00Z, and degrees Celsius or ``None`` where there is no value."""

FAULT_CODES = frozenset(
    {85.0, -127.0, 882.6, 127.94, 127.96, 327.67, -327.68, 655.35, 999.9, -999.9, 999.0, -999.0, 9999.0, -9999.0}
    | {-200.0, 850.0}
)
"""What probes say instead of a temperature: DS18B20 at power-on (85) and cut off (-127), 16-bit registers at their end,
platinum elements short or open (-200, 850), and the fillers of logger software."""
LOWEST_C, HIGHEST_C = -200.0, 100.0
"""Beyond these no probe of a transport logger measures."""
_FLAT_READINGS, _FLAT_S, _FLAT_TIMES = 20, 1_800, 5
_SHORT_READINGS, _SHORT_SHARE = 8, 0.8


@dataclass(frozen=True, slots=True)
class Series:
    """Readings in the order of time, one per instant. ``values`` holds ``None`` for faults and contradictions."""

    times: list[int]
    values: list[float | None]
    faults: int
    duplicates: int
    conflicts: int
    disordered: int

    @property
    def known(self) -> list[float]:
        """The values that are temperatures."""
        return [value for value in self.values if value is not None]


@dataclass(frozen=True, slots=True)
class Flat:
    """The longest run of one and the same value."""

    start: int
    end: int
    value_c: float
    readings: int


def is_fault(value: float) -> bool:
    """Whether a number a logger wrote cannot be a temperature of a transport."""
    return value in FAULT_CODES or not LOWEST_C <= value <= HIGHEST_C


def in_order(readings: Iterable[Reading]) -> Series:
    """``readings`` as a :class:`Series`. The same readings in any order give the same one (but for ``disordered``).

    Of equal readings of one instant one is kept (``duplicates``); two different ones of one instant leave it unknown
    (``conflicts``).
    """
    given = list(readings)
    disordered = sum(one[0] > other[0] for one, other in pairwise(given))
    if disordered:
        given.sort(key=lambda reading: reading[0])
    times: list[int] = []
    values: list[float | None] = []
    clashing: set[int] = set()
    faults = duplicates = 0
    for second, value in given:
        read = None if value is None or is_fault(value) else value
        if times and times[-1] == second:
            duplicates += 1
            if read != values[-1]:
                clashing.add(second)
                values[-1] = None
            continue
        faults += value is not None and read is None
        times.append(second)
        values.append(read)
    return Series(times, values, faults, duplicates - len(clashing), len(clashing), disordered)


def interval_of(times: Sequence[int]) -> float | None:
    """Median seconds between readings; ``None`` with fewer than two."""
    steps = sorted(later - earlier for earlier, later in pairwise(times))
    if not steps:
        return None
    middle = len(steps) // 2
    return float(steps[middle]) if len(steps) % 2 else (steps[middle - 1] + steps[middle]) / 2


def flat_line(series: Series) -> Flat | None:
    """The longest run of identical values, if it is too long to be true, else ``None``.

    A logger of 0.5 degrees stands still for long in a good box, one of 0.1 hardly ever: how long is too long is
    judged by the other runs of the same log. Twenty readings and half an hour at least, and five times the second
    longest run, is a stuck probe or a copied column. So is, in a log too short for that, one value in eight readings
    and four fifths of all of them, where the logger shows tenths.
    """
    longest, second = _longest_runs(series)
    if longest is not None and _is_short_and_still(longest, series):
        return longest
    if longest is None or longest.readings < _FLAT_READINGS or longest.end - longest.start < _FLAT_S:
        return None
    return longest if longest.readings >= _FLAT_TIMES * second else None


def _is_short_and_still(longest: Flat, series: Series) -> bool:
    """Whether nearly all of a log of fine resolution is one value."""
    share = longest.readings / len(series.values)
    if longest.readings < _SHORT_READINGS or share < _SHORT_SHARE:
        return False
    return any(not (value * 2).is_integer() for value in series.known)


def _longest_runs(series: Series) -> tuple[Flat | None, int]:
    """The longest run and the number of readings of the second longest; readings without a value break a run."""
    longest: Flat | None = None
    second, begun = 0, 0
    times, values = series.times, series.values
    for index in range(1, len(values) + 1):
        if index < len(values) and values[index] == values[begun]:
            continue
        value, count = values[begun], index - begun
        if value is not None and (longest is None or count > longest.readings):
            second = longest.readings if longest else 0
            longest = Flat(times[begun], times[index - 1], value, count)
        elif value is not None:
            second = max(second, count)
        begun = index
    return longest, second
