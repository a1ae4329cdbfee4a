"""Auditing one trip: a logger's readings against the hand-over sheet, time-weighted.

Method. Between two readings no further apart than twice the interval the temperature runs in a straight line, so that
minutes outside the band begin and end where the line crosses a limit, not at a reading. Time beside a fault code, and
gaps longer than that, are unknown: neither inside nor outside. Minutes are exact under this model.

Mean kinetic temperature after J. D. Haynes (1971) as in USP <1079.2> and ICH Q1A: the constant temperature that would
age a product as much as the trip did, with an activation energy of 83.144 kJ/mol, weighted by time.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hilum.quality.temperature_series import Reading, Series, flat_line, in_order, interval_of

ACTIVATION_OVER_GAS = 83_144.0 / 8.314462618
"""Kelvin: the activation energy of USP <1079.2> over the gas constant."""
ZERO_C = 273.15
BRIEF_MIN = 5.0
"""An excursion no longer than this looks like an opened door or a loaded box, not like a failed one."""
_ALIKE_S, _OVERLAP_ALIKE_S, _LEAST_SKEW_S, _WHOLE_S = 1_800, 900, 2_700, 600
_HOUR = 3_600
_MOSTLY = 0.95


@dataclass(frozen=True, slots=True)
class Trip:
    """What the hand-over sheet says: from dispatch to receipt (seconds since 1970) and the limits (Celsius).

    An end that is not known is taken from the readings; a limit that is not known is not judged.
    """

    start: int | None = None
    end: int | None = None
    low_c: float | None = None
    high_c: float | None = None


@dataclass(frozen=True, slots=True)
class Excursion:
    """One stretch outside the band: seconds since 1970, and the value farthest out."""

    start: float
    end: float
    worst_c: float

    @property
    def minutes(self) -> float:
        return (self.end - self.start) / 60

    @property
    def is_brief(self) -> bool:
        """Whether it looks like an opened door rather than a failure."""
        return self.minutes <= BRIEF_MIN


@dataclass(frozen=True, slots=True)
class Audit:
    """The figures of one trip. Minutes and degrees Celsius; ``None`` where nothing can be said.

    ``skew_min`` is how far the logger's clock seems to be from the sheet (positive: ahead), ``skew_hours`` the same
    when it is whole hours, as a wrong time zone makes it; all other figures are then of the window moved by it.
    ``unit_suspect`` is ``F``: the values make sense as Fahrenheit; ``C``: they were Celsius and converted once too
    often; empty otherwise.
    """

    readings: int
    interval_s: float | None
    first: int | None
    last: int | None
    coverage_percent: float
    longest_gap_min: float
    start_late_min: float
    end_early_min: float
    above_min: float
    below_min: float
    excursions: tuple[Excursion, ...]
    fault_min: float
    faults: int
    flat_min: float
    mkt_c: float | None
    min_c: float | None
    max_c: float | None
    skew_min: float | None
    skew_hours: int | None
    unit_suspect: str
    duplicates: int
    conflicts: int
    disordered: int

    @property
    def outside_min(self) -> float:
        return round(self.above_min + self.below_min, 3)

    @property
    def longest_excursion_min(self) -> float:
        return round(max((one.minutes for one in self.excursions), default=0.0), 3)

    @property
    def brief(self) -> int:
        """How many excursions look like an opened door."""
        return sum(one.is_brief for one in self.excursions)


@dataclass(slots=True)
class _Walk:
    """What adds up while the segments pass."""

    low: float
    high: float
    covered: float = 0.0
    fault: float = 0.0
    above: float = 0.0
    below: float = 0.0
    gap: float = 0.0
    weight: float = 0.0
    rate: float = 0.0
    runs: list[Excursion] = field(default_factory=list)

    def outside(self, start: float, end: float, first: float, last: float) -> None:
        """Add the parts of one straight line that lie outside the band."""
        length = end - start
        for begin, finish, side in _outside(first, last, self.low, self.high):
            stretch = (finish - begin) * length
            if side > 0:
                self.above += stretch
            else:
                self.below += stretch
            worst = first + (last - first) * (begin if (first - last) * side > 0 else finish)
            self._join(start + begin * length, start + finish * length, worst, side)

    def _join(self, start: float, end: float, worst: float, side: int) -> None:
        previous = self.runs[-1] if self.runs else None
        if previous is None or start - previous.end > 1e-6 or (previous.worst_c > self.high) != (side > 0):
            self.runs.append(Excursion(start, end, worst))
        else:
            far = max(previous.worst_c, worst) if side > 0 else min(previous.worst_c, worst)
            self.runs[-1] = Excursion(previous.start, end, far)


def audit(trip: Trip, readings: Iterable[Reading]) -> Audit:
    """The figures of ``trip`` from one logger's ``readings``, in any order. O(n) when they are in order.

    Readings outside the window are used for the line across its ends and for the clock, and for nothing else.
    """
    series = in_order(readings)
    start, end, skew = _window(trip, series)
    interval = interval_of(series.times)
    walk = _walked(series, start, end, interval, trip)
    inside = [index for index, second in enumerate(series.times) if start <= second <= end]
    mine = Series([series.times[i] for i in inside], [series.values[i] for i in inside], *_oddities(series))
    known, flat = mine.known, flat_line(series)
    whole = round(skew / _HOUR) if skew is not None else 0
    return Audit(
        readings=len(inside),
        interval_s=interval,
        first=series.times[0] if series.times else None,
        last=series.times[-1] if series.times else None,
        coverage_percent=_percent(walk.covered, end - start, bool(inside)),
        longest_gap_min=round(walk.gap / 60, 3),
        start_late_min=round(max(0, series.times[0] - start) / 60, 3) if series.times else 0.0,
        end_early_min=round(max(0, end - series.times[-1]) / 60, 3) if series.times else 0.0,
        above_min=round(walk.above / 60, 3),
        below_min=round(walk.below / 60, 3),
        excursions=tuple(walk.runs),
        fault_min=round(walk.fault / 60, 3),
        faults=sum(value is None for value in mine.values),
        flat_min=round((flat.end - flat.start) / 60, 3) if flat and flat.end > start and flat.start < end else 0.0,
        mkt_c=_mean_kinetic(walk.rate / walk.weight) if walk.weight else mean_kinetic_temperature(known),
        min_c=min(known, default=None),
        max_c=max(known, default=None),
        skew_min=None if skew is None else round(skew / 60, 1),
        skew_hours=whole if skew is not None and whole and abs(skew - whole * _HOUR) <= _WHOLE_S else None,
        unit_suspect=unit_suspect(known, trip.low_c, trip.high_c),
        duplicates=series.duplicates,
        conflicts=series.conflicts,
        disordered=series.disordered,
    )


def _oddities(series: Series) -> tuple[int, int, int, int]:
    return series.faults, series.duplicates, series.conflicts, series.disordered


def _percent(covered: float, length: float, any_inside: bool) -> float:
    """Share of the window, rounded down: 100 is only said of all of it."""
    if length <= 0:
        return 100.0 if any_inside else 0.0
    return math.floor(1000 * covered / length + 1e-9) / 10


def _window(trip: Trip, series: Series) -> tuple[int, int, int | None]:
    """The window to audit, moved to where the logger's clock puts it, and how far it was moved (or ``None``)."""
    first, last = (series.times[0], series.times[-1]) if series.times else (0, 0)
    start = trip.start if trip.start is not None else first
    end = trip.end if trip.end is not None else last
    if not series.times or trip.start is None or trip.end is None:
        return start, max(start, end), None
    skew = clock_skew((first, last), (start, end))
    return start + (skew or 0), end + (skew or 0), skew


def clock_skew(log: tuple[int, int], window: tuple[int, int]) -> int | None:
    """Seconds by which the log seems to lie beside the trip it belongs to, ``None`` when it does not.

    A log that overlaps its trip is only called shifted when both ends are off by the same and by nearly whole hours;
    one that does not overlap at all is off whatever its length.
    """
    lead, tail = log[0] - window[0], log[1] - window[1]
    offset, difference = (lead + tail) // 2, abs(tail - lead)
    if log[0] > window[1] or log[1] < window[0]:
        return _to_whole(offset) if difference <= _ALIKE_S else lead
    near = abs(offset - round(offset / _HOUR) * _HOUR) <= _WHOLE_S
    shifted = difference <= _OVERLAP_ALIKE_S and abs(offset) >= _LEAST_SKEW_S and near
    return _to_whole(offset) if shifted else None


def _to_whole(offset: int) -> int:
    """Nearly whole hours are whole hours: the few minutes are the logger's lead before dispatch."""
    whole = round(offset / _HOUR) * _HOUR
    return whole if whole and abs(offset - whole) <= _WHOLE_S else offset


def _walked(series: Series, start: int, end: int, interval: float | None, trip: Trip) -> _Walk:
    low = -math.inf if trip.low_c is None else trip.low_c
    high = math.inf if trip.high_c is None else trip.high_c
    walk, apart = _Walk(low, high), 2 * (interval or 0)
    times, values = series.times, series.values
    exp, over = math.exp, -ACTIVATION_OVER_GAS
    last_value, rate_of_last = math.nan, 0.0
    for index in range(len(times) - 1):
        before, after = times[index], times[index + 1]
        if after <= start or before >= end:
            continue
        if after - before > apart:
            walk.gap = max(walk.gap, min(after, end) - max(before, start))
            continue
        from_, to = max(before, start), min(after, end)
        span = to - from_
        walk.covered += span
        first, last = values[index], values[index + 1]
        if first is None or last is None:
            walk.fault += span
            continue
        if span != after - before:
            slope = (last - first) / (after - before)
            first, last = first + slope * (from_ - before), last - slope * (after - to)
        walk.weight += span
        rate = exp(over / (last + ZERO_C))
        walk.rate += span * ((rate_of_last if first == last_value else exp(over / (first + ZERO_C))) + rate) / 2
        last_value, rate_of_last = last, rate
        if not (low <= first <= high and low <= last <= high):
            walk.outside(from_, to, first, last)
    return walk


def _outside(first: float, last: float, low: float, high: float) -> list[tuple[float, float, int]]:
    """The parts of a straight line outside the band as fractions of its length, in order; side +1 above, -1 below."""
    rise = last - first
    if rise == 0:
        return [(0.0, 1.0, 1 if first > high else -1)]
    parts: list[tuple[float, float, int]] = []
    for limit, side in ((low, -1), (high, 1)):
        at_first, at_last = (first - limit) * side > 0, (last - limit) * side > 0
        if at_first and at_last:
            parts.append((0.0, 1.0, side))
        elif at_first or at_last:
            crossing = (limit - first) / rise
            parts.append((0.0, crossing, side) if at_first else (crossing, 1.0, side))
    return sorted(parts)


def mean_kinetic_temperature(values: Sequence[float]) -> float | None:
    """Mean kinetic temperature (Celsius) of equally spaced values (Celsius), as USP <1079.2> prints the formula."""
    if not values:
        return None
    return _mean_kinetic(math.fsum(math.exp(-ACTIVATION_OVER_GAS / (value + ZERO_C)) for value in values) / len(values))


def _mean_kinetic(rate: float) -> float:
    return round(ACTIVATION_OVER_GAS / -math.log(rate) - ZERO_C, 3)


def unit_suspect(values: Sequence[float], low: float | None, high: float | None) -> str:
    """``F`` when nearly all values miss the band as they stand and lie within it read as Fahrenheit; ``C`` when they
    would lie within it had they not been converted from Fahrenheit; else empty. Says nothing without both limits."""
    if low is None or high is None or not values:
        return ""
    enough = _MOSTLY * len(values)
    if sum(low <= value <= high for value in values) > len(values) - enough:
        return ""
    if sum(low <= (value - 32) / 1.8 <= high for value in values) >= enough:
        return "F"
    return "C" if sum(low <= value * 1.8 + 32 <= high for value in values) >= enough else ""
