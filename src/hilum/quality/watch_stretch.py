"""Stretches of a logger's readings in which something is amiss: outside the limits, without a value, standing still.

A stretch begins where the straight line between two readings crosses the limit, or at its first reading where the one
before is too far away to draw a line (twice the interval, as in :mod:`hilum.quality.temperature`), and ends likewise.
It goes on over faults and gaps: nobody has seen the temperature come back. ``end`` is ``None`` while it goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hilum.quality.temperature_series import Reading


@dataclass(frozen=True, slots=True)
class Stretch:
    """Seconds since 1970; ``seen`` is its last reading, ``worst_c`` the value farthest out (``None``: no value)."""

    start: float
    end: float | None
    seen: int
    worst_c: float | None

    @property
    def minutes(self) -> float:
        """How long it lasted, or as far as it was seen."""
        return ((self.seen if self.end is None else self.end) - self.start) / 60


def outside(readings: Sequence[Reading], low: float | None, high: float | None, apart: float) -> list[Stretch]:
    """The stretches beyond a limit, each on one side. ``readings`` in order, faults as ``None``."""
    found: list[Stretch] = []
    previous: tuple[int, float] | None = None
    before = 0
    for second, value in readings:
        if value is None:
            continue
        side = _side(value, low, high)
        limit = (low if before < 0 else high) if before else None
        if before and side != before and limit is not None:
            found[-1] = _ended(found[-1], _crossing(previous, (second, value), limit, apart, late=False))
        if side and side == before:
            found[-1] = Stretch(found[-1].start, None, second, _farther(found[-1].worst_c, value, side))
        elif side:
            limit = low if side < 0 else high
            start = _crossing(previous, (second, value), limit if limit is not None else value, apart, late=True)
            found.append(Stretch(start, None, second, value))
        previous, before = (second, value), side
    return found


def _side(value: float, low: float | None, high: float | None) -> int:
    if high is not None and value > high:
        return 1
    return -1 if low is not None and value < low else 0


def _farther(worst: float | None, value: float, side: int) -> float:
    return value if worst is None or (value - worst) * side > 0 else worst


def _ended(stretch: Stretch, end: float) -> Stretch:
    return Stretch(stretch.start, end, stretch.seen, stretch.worst_c)


def _crossing(
    one: tuple[int, float] | None, other: tuple[int, float], limit: float, apart: float, *, late: bool
) -> float:
    """When the line from ``one`` to ``other`` meets the limit; without a line the nearer reading's second on the side
    outside: ``late`` that of ``other``, else that of ``one``."""
    if one is None or other[0] - one[0] > apart or one[1] == other[1]:
        return other[0] if late or one is None else one[0]
    share = (limit - one[1]) / (other[1] - one[1])
    return one[0] + min(max(share, 0.0), 1.0) * (other[0] - one[0])


def faulty(readings: Sequence[Reading]) -> list[Stretch]:
    """The stretches without a value, from the first fault to the next temperature."""
    found: list[Stretch] = []
    broken = False
    for second, value in readings:
        if value is not None:
            if broken:
                found[-1] = _ended(found[-1], second)
            broken = False
        elif broken:
            found[-1] = Stretch(found[-1].start, None, second, None)
        else:
            found.append(Stretch(second, None, second, None))
            broken = True
    return found
