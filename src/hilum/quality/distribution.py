"""How scores spread, counted as they stream by: memory does not grow with the bank."""

import math
from dataclasses import dataclass, field

from hilum.quality.rule import Dimension

_STEPS = 1000  # tenths of a point: the finest a score is shown in


@dataclass(slots=True)
class Tally:
    """Counts of scores (0 to 100) by tenth of a point. Filled by :meth:`add`, read by :func:`spread`."""

    counts: list[int] = field(default_factory=lambda: [0] * (_STEPS + 1))
    absent: int = 0
    """Records without this score: no rule of the dimension applied."""

    def add(self, score: float | None, n: int = 1) -> None:
        """Count one score ``n`` times. Raises ``ValueError`` for a number that is no score."""
        if score is None:
            self.absent += n
        elif 0 <= score <= 100:
            # down, not nearest: 89.96 is not yet 90
            self.counts[math.floor(score * 10 + 1e-9)] += n
        else:
            raise ValueError(f"not a score: {score}")


@dataclass(frozen=True, slots=True)
class Spread:
    """The distribution of one score: ``tens`` are counts of 0–9.9, 10–19.9, … 90–100 (ten of them)."""

    n: int
    absent: int
    tens: tuple[int, ...]
    median: float | None
    tenth: float | None
    """One record in ten scores this or less; the lower end of the range in which four fifths lie."""
    ninetieth: float | None
    good: float | None
    """Share (0 to 1) at 90 or more."""
    poor: float | None
    """Share (0 to 1) under 60."""


@dataclass(frozen=True, slots=True)
class DimensionSpread:
    """The distribution of one dimension's score."""

    dimension: Dimension
    spread: Spread


def spread(tally: Tally) -> Spread:
    """What a tally says. Quantiles are to a tenth of a point, the lower of two."""
    counts = tally.counts
    n = sum(counts)
    tens = [sum(counts[start : start + 100]) for start in range(0, _STEPS, 100)]
    tens[-1] += counts[_STEPS]
    return Spread(
        n=n,
        absent=tally.absent,
        tens=tuple(tens),
        median=_quantile(counts, n, 0.5),
        tenth=_quantile(counts, n, 0.1),
        ninetieth=_quantile(counts, n, 0.9),
        good=sum(counts[900:]) / n if n else None,
        poor=sum(counts[:600]) / n if n else None,
    )


def _quantile(counts: list[int], n: int, part: float) -> float | None:
    """The smallest score that at least ``part`` of all do not exceed (Hyndman and Fan's type 1)."""
    seen = 0
    for tenth, count in enumerate(counts):
        seen += count
        if count and seen >= part * n:
            return tenth / 10
    return None
