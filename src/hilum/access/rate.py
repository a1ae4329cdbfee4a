"""How often somebody may ask: a token bucket per asker, with the clock as argument.

Source of the method: the token bucket as RFC 2697 describes it for one rate and one burst.
"""

from collections import OrderedDict
from dataclasses import dataclass

ASKERS = 10_000
"""How many askers are kept in mind; the one that asked longest ago is forgotten first."""


@dataclass(frozen=True, slots=True)
class Rate:
    """``burst`` requests at once, and ``per_second`` in the long run."""

    per_second: float
    burst: float


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many requests were left to an asker at an instant (seconds of any clock that only goes on)."""

    left: float
    at: float


def take(bucket: Bucket | None, rate: Rate, now: float) -> tuple[Bucket, float]:
    """The bucket after one more request, and how many seconds to wait: 0 when the request may go on now.

    A refused request takes nothing, so that impatience does not lengthen the wait. A clock that steps back gives
    nothing and takes nothing.
    """
    if bucket is None:
        bucket = Bucket(rate.burst, now)
    passed = max(0.0, now - bucket.at)
    left = min(rate.burst, bucket.left + passed * rate.per_second)
    at = max(now, bucket.at)
    if left >= 1.0:
        return Bucket(left - 1.0, at), 0.0
    return Bucket(left, at), (1.0 - left) / rate.per_second


class Limiter:
    """One rate for many askers, each with its own bucket; memory stays bounded."""

    def __init__(self, rate: Rate, askers: int = ASKERS) -> None:
        self._rate = rate
        self._askers = askers
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def wait(self, asker: str, now: float) -> float:
        """Seconds the asker has to wait before this request; 0 when it may go on."""
        self._buckets[asker], seconds = take(self._buckets.get(asker), self._rate, now)
        self._buckets.move_to_end(asker)
        if len(self._buckets) > self._askers:
            self._buckets.popitem(last=False)
        return seconds

    def __len__(self) -> int:
        return len(self._buckets)
