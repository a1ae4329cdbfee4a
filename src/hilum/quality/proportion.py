"""A share of records and how surely it is known: never a bare average.

The band is Wilson's score interval (Wilson 1927, doi:10.1080/01621459.1927.10502953; recommended for shares near 0
or 1 by Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E), without continuity
correction: five perfect records out of five do not beat 4,990 out of 5,000.
"""

import math
from dataclasses import dataclass

Z_95 = 1.959964
"""Standard normal quantile of a two-sided 95 % band."""


def wilson(successes: int, n: int, z: float = Z_95) -> tuple[float, float]:
    """Lower and upper bound (0 to 1) of ``successes`` out of ``n``; (0, 1) when nothing was seen.

    Raises ``ValueError`` unless 0 ≤ ``successes`` ≤ ``n`` and ``z`` > 0.
    """
    if not 0 <= successes <= n or z <= 0:
        raise ValueError(f"not a share: {successes} of {n}, z {z}")
    if n == 0:
        return 0.0, 1.0
    share, square = successes / n, z * z
    middle = share + square / (2 * n)
    half = z * math.sqrt((share * (1 - share) + square / (4 * n)) / n)
    low, high = (middle - half) / (1 + square / n), (middle + half) / (1 + square / n)
    # the bounds are exact at the ends; floating point would leave them 1e-17 off
    return (0.0 if successes == 0 else low), (1.0 if successes == n else high)


@dataclass(frozen=True, slots=True)
class Proportion:
    """``successes`` of ``n`` with the 95 % Wilson band."""

    successes: int
    n: int

    @property
    def share(self) -> float | None:
        """0 to 1; ``None`` when nothing was counted."""
        return self.successes / self.n if self.n else None

    @property
    def band(self) -> tuple[float, float]:
        """The 95 % bounds, 0 to 1."""
        return wilson(self.successes, self.n)

    def __add__(self, other: "Proportion") -> "Proportion":
        return Proportion(self.successes + other.successes, self.n + other.n)


def is_clearly_below(one: Proportion, other: Proportion) -> bool:
    """Whether the whole band of ``one`` lies under the band of ``other``."""
    return one.n > 0 and other.n > 0 and one.band[1] < other.band[0]
