"""What is heard of one logger while it is heard: its readings in order, whenever they come, and the pulse of its clock.

A window is the same whichever way its readings came in. It knows at once when nothing in it can be amiss, so that the
whole of it is only walked through when something may be.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from math import inf

from hilum.quality.temperature_series import Reading, interval_of, is_fault

_LATEST = 50
"""Steps from which a logger's interval is taken."""
_LIVE_S = 600
"""A reading that comes within this of being read was sent live."""
_FEW = 3
"""More readings in one message are a read-out or a backlog, which tell nothing of the clock."""
_SPREAD_S = 300
_STEADY = 3
_STILL = 8


@dataclass(slots=True)
class Window:
    """One logger's readings (seconds, degrees Celsius) in order, one per second."""

    times: list[int] = field(default_factory=list)
    values: list[float | None] = field(default_factory=list)
    lowest: float = inf
    highest: float = -inf
    faults: int = 0
    still: int = 0
    """How many readings at the end show one and the same value."""

    def put(self, second: int, value: float | None) -> bool:
        """Add a reading; another of the same second replaces it. Answers whether it came late: behind one that was
        read after it, or in the place of one that said otherwise."""
        value = None if value is None or is_fault(value) else value
        if not self.times or second > self.times[-1]:
            self.times.append(second)
            self.values.append(value)
            self._see(value)
            return False
        place = bisect_left(self.times, second)
        if self.times[place] == second:
            if self.values[place] == value:
                return False
            self.values[place] = value
        else:
            self.times.insert(place, second)
            self.values.insert(place, value)
        self._again()
        return True

    def trim(self, before: int) -> None:
        """Let go of what was read before a second."""
        place = bisect_left(self.times, before)
        if place:
            del self.times[:place], self.values[:place]
            self._again()

    def between(self, first: int, last: int) -> list[Reading]:
        """The readings from one second to another."""
        start, end = bisect_left(self.times, first), bisect_right(self.times, last)
        return list(zip(self.times[start:end], self.values[start:end], strict=True))

    def is_calm(self, low: float | None, high: float | None, *, may_stand: bool = False) -> bool:
        """Whether no reading is faulty or outside the limits, nor (unless it ``may_stand``) suspiciously like those
        before it."""
        cold = low is not None and self.lowest < low
        warm = high is not None and self.highest > high
        stands = self.still >= _STILL and not may_stand
        return not (cold or warm or self.faults or stands)

    def interval(self, usual: float) -> float:
        """Seconds between its readings: the median of the latest, or what is usual where it has shown none."""
        return interval_of(self.times[-_LATEST:]) or usual

    def _again(self) -> None:
        self.lowest, self.highest, self.faults, self.still = inf, -inf, 0, 0
        for value in self.values:
            self._count(value)
        last = self.values[-1] if self.values else None
        for value in reversed(self.values):
            if value is None or value != last:
                break
            self.still += 1

    def _see(self, value: float | None) -> None:
        self._count(value)
        same = value is not None and len(self.values) > 1 and self.values[-2] == value
        self.still = self.still + 1 if same else int(value is not None)

    def _count(self, value: float | None) -> None:
        if value is None:
            self.faults += 1
            return
        self.lowest, self.highest = min(self.lowest, value), max(self.highest, value)


@dataclass(slots=True)
class Pulse:
    """When a logger was last heard live, and how far its clock is from the instants at which its readings came.

    Only messages of one to three readings tell: in them the newest reading has just been read. One from the future
    shows at once that the clock is ahead; that it is behind (or in another zone) shows when three messages on end lag
    by the same, since a network that holds readings back gives them all at once.
    """

    tolerance_s: int
    heard_at: int | None = None
    off_since: int | None = None
    _lags: list[int] = field(default_factory=list)
    _came: str = ""
    _read: int = 0
    _count: int = 0

    def hear(self, message: str, received: int, read: int) -> None:
        """One reading of a message that came at second ``received``."""
        if message != self._came:
            self._came, self._read, self._count = message, read, 1
            self._lags.append(received - read)
        else:
            self._count += 1
            self._read = max(self._read, read)
            if self._count <= _FEW:
                self._lags[-1] = received - self._read
            elif self._count == _FEW + 1:
                self._lags.pop()
        del self._lags[:-5]
        if abs(received - self._read) <= _LIVE_S:
            self._heard(received)
        self._judge(received)

    @property
    def offset_s(self) -> int:
        """Seconds by which the clock is ahead (negative: behind); 0 while it is not known to be off."""
        if self.off_since is None or not self._lags:
            return 0
        ordered = sorted(self._lags)
        return -ordered[len(ordered) // 2]

    def _judge(self, received: int) -> None:
        latest = self._lags[-_STEADY:]
        if not latest:
            return
        ahead = latest[-1] < -self.tolerance_s
        steady = len(latest) == _STEADY and max(latest) - min(latest) <= _SPREAD_S
        behind = steady and min(latest) > self.tolerance_s
        if ahead or behind:
            self._heard(received)
            if self.off_since is None:
                self.off_since = received
                self._lags[:] = latest if behind else latest[-1:]
        elif abs(latest[-1]) <= self.tolerance_s:
            self.off_since = None

    def _heard(self, received: int) -> None:
        self.heard_at = received if self.heard_at is None else max(self.heard_at, received)
