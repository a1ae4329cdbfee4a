"""Digit preference: whether the last digits of many measurements look measured.

An instrument that resolves finely leaves last digits that are close to uniform; people who round, guess or invent
prefer 0 and 5 and shun others (Mosimann et al. 1995, doi:10.1080/08989629508573866; Buyse et al. 1999, Stat Med
18:3435-3451). Pearson's chi-square against the uniform distribution, ten classes; the p-values of all series tested
together are adjusted after Holm 1979 (Scand J Stat 6:65-70). A small p-value asks for a look at the source, it proves
nothing: scales that round to 5 do this lawfully. Benford's law is not used, for measurements of bodies and tubes span
too few powers of ten.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

MIN_VALUES = 50
"""Fewer than this are not tested: each digit is then expected less than five times."""

_STEPS = 20
"""Half of the values must spread over at least this many steps of the last digit, else uniformity is not due."""

_SHARE = 0.99
_DEGREES = 9


@dataclass(frozen=True, slots=True)
class DigitTest:
    """One series: ``n`` values written to ``decimals`` places, how often each last digit stood there, chi-square with
    nine degrees of freedom and its p-value."""

    n: int
    decimals: int
    counts: tuple[int, ...]
    chi_square: float
    p: float

    @property
    def rounded(self) -> float:
        """The share of last digits that are 0 or 5; a fifth is due."""
        return (self.counts[0] + self.counts[5]) / self.n


@dataclass(frozen=True, slots=True)
class Preference:
    """The test of one series (a field at a site, or of one person), its p-value adjusted for all tested together."""

    series: str
    test: DigitTest
    adjusted: float


def preferences(series: Mapping[str, Sequence[float]]) -> tuple[Preference, ...]:
    """Every series that can be tested, the most striking first; ``adjusted`` is Holm's p-value (0 to 1)."""
    tested = [(name, test) for name, values in series.items() if (test := terminal_digits(values)) is not None]
    tested.sort(key=lambda one: (one[1].p, one[0]))
    found: list[Preference] = []
    least = 0.0
    for rank, (name, test) in enumerate(tested):
        least = max(least, min(1.0, test.p * (len(tested) - rank)))
        found.append(Preference(name, test, least))
    return tuple(found)


def terminal_digits(values: Sequence[float]) -> DigitTest | None:
    """The test of one series, or ``None`` where it would say nothing: fewer than :data:`MIN_VALUES` values, or values
    so close together that their last digits cannot be uniform."""
    written = [Decimal(repr(float(value))) for value in values if math.isfinite(value)]
    if len(written) < MIN_VALUES:
        return None
    decimals = _decimals(written)
    scale = Decimal(10) ** decimals
    steps = sorted(int(abs(value * scale)) for value in written if value * scale == int(value * scale))
    n = len(steps)
    if n < MIN_VALUES or steps[(3 * n) // 4] - steps[n // 4] < _STEPS:
        return None
    digits = Counter(step % 10 for step in steps)
    counts = tuple(digits[digit] for digit in range(10))
    square = sum((count - n / 10) ** 2 for count in counts) / (n / 10)
    return DigitTest(n, decimals, counts, square, chi_square_tail(square))


def _decimals(written: Sequence[Decimal]) -> int:
    """How many decimals the series is written to: enough for all but the odd value that was computed."""
    places = sorted(max(0, -int(value.normalize().as_tuple().exponent)) for value in written)
    return places[min(len(places) - 1, math.ceil(len(places) * _SHARE) - 1)]


def chi_square_tail(square: float) -> float:
    """The probability of a chi-square of nine degrees of freedom of at least ``square``.

    The closed form for odd degrees of freedom (Abramowitz and Stegun 1964, 26.4.4). Raises ``ValueError`` below 0.
    """
    if square < 0:
        raise ValueError(square)
    term, total = 1.0, 0.0
    for odd in range(1, _DEGREES - 1, 2):
        total += term
        term *= square / (odd + 2)
    return math.erfc(math.sqrt(square / 2)) + math.sqrt(2 * square / math.pi) * math.exp(-square / 2) * total
