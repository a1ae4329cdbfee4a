"""Digit preference over a whole bank: last digits counted as records stream by, tested once at the end.

The test is the one of :mod:`hilum.quality.authenticity`, made from counts: a series (one field at one site) keeps how
often each last digit stood at each number of decimals and a thin sample of its values, never the values themselves.
Departures are told only where Holm's p-value and the size of the effect (Cohen's w, Cohen 1988, *Statistical Power
Analysis for the Behavioral Sciences*, ISBN 978-0805802832, chapter 7) agree, for among a million values any trifle is
significant.
"""

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate

from hilum.model.record import Kind, Value
from hilum.quality.authenticity import MIN_VALUES, DigitTest, chi_square_tail

FIELDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.DONOR: ("age_years", "height_cm", "weight_kg", "smoking_pack_years"),
    Kind.CONDITION: ("age_years",),
    Kind.OBSERVATION: ("value",),
    Kind.COLLECTION: (
        *("tumor_nuclei_percent", "tumor_necrosis_percent", "weight_mg"),
        *("dna_concentration", "dna_volume_ul"),
    ),
    Kind.SPECIMEN: ("weight_mg", "volume_ul", "concentration", "a260_a280", "rin", "ratio_28s_18s"),
    Kind.SLIDE: (
        *("tumor_cells_percent", "tumor_nuclei_percent", "normal_cells_percent", "stromal_cells_percent"),
        *("necrosis_percent", "lymphocyte_percent", "monocyte_percent", "neutrophil_percent"),
    ),
}
"""Numbers that people read off and type. Settings, counts, intervals in days, amounts (a product of concentration and
volume) and what a program wrote are left out."""

LEAST_DONORS = 5
"""A series of fewer donors is not shown: it would speak of one person's values."""

ALPHA = 0.05
LEAST_EFFECT = 0.1
"""Cohen's w from which a departure is at least small."""

MOST_SERIES = 10_000
_STANDS_OUT = 2.81  # two-sided, 5 % shared among ten digits
_ALL = 0.99
_MOSTLY = 0.5
_STEPS = 20
_SAMPLE = 1_024
_PRECISION = ".12g"  # less than a float holds: what converting a unit adds at the end was never written


@dataclass(frozen=True, slots=True, order=True)
class Series:
    """Which values belong together: of one site (empty: none given), one field, and for laboratory values one
    analyte in one unit."""

    site: str
    kind: Kind
    field: str
    analyte: str = ""
    unit: str = ""


class Look(StrEnum):
    """What most often lies behind such digits, what calls for a look first."""

    ROUNDED = "rounded"
    """0 and 5: estimating, rounding."""
    OTHER = "other"
    MIXED = "mixed"
    """Most values have fewer decimals than the finest: nominal and measured ones side by side, or some rounded."""
    EVEN = "even"
    """A scale in steps of two."""
    COARSE = "coarse"
    """Nearly all end in 0: a coarse scale or a converted unit."""


@dataclass(frozen=True, slots=True)
class Preferred:
    """A series whose last digits are not those of free measurement; ``digits`` are (digit, share), commonest first."""

    series: Series
    n: int
    decimals: int
    chi_square: float
    adjusted: float
    effect: float
    digits: tuple[tuple[int, float], ...]
    look: Look


@dataclass(frozen=True, slots=True)
class DigitFigures:
    """The section's figures: how many series were tested and not, values beyond the series that are followed, and
    what stands out, the most striking first."""

    tested: int
    untested: int
    left_out: int
    preferred: tuple[Preferred, ...]


_Key = tuple[str, str, str, str]  # site, field, analyte, unit
NO_DIGITS = DigitFigures(0, 0, 0, ())


@dataclass(slots=True)
class _Tally:
    """One series in little room, however long it is."""

    ends: dict[int, list[int]] = field(default_factory=dict)
    donors: set[str] = field(default_factory=set)
    sample: "array[float]" = field(default_factory=lambda: array("d"))
    stride: int = 1
    n: int = 0
    latest: tuple[str, float] = ("", math.nan)

    def add(self, value: float, donor: str) -> None:
        if self.latest == (donor, value):
            return  # aliquots of one tube carry what was measured once
        self.latest = (donor, value)
        places, digit = _written(value)
        ends = self.ends.get(places)
        if ends is None:
            ends = self.ends[places] = [0] * 10
        ends[digit] += 1
        if len(self.donors) < LEAST_DONORS:
            self.donors.add(donor)
        if self.n % self.stride == 0:
            self.sample.append(abs(value))
            if len(self.sample) == _SAMPLE:
                del self.sample[1::2]  # every second is kept, so that the sample stays evenly spread
                self.stride *= 2
        self.n += 1

    def test(self) -> DigitTest | None:
        """As :func:`hilum.quality.authenticity.terminal_digits` of all the values."""
        if self.n < MIN_VALUES:
            return None
        decimals = self._decimals()
        counts = list(self.ends.get(decimals, [0] * 10))
        counts[0] += sum(sum(ends) for places, ends in self.ends.items() if places < decimals)
        n = sum(counts)
        if n < MIN_VALUES or not self._is_spread(decimals):
            return None
        square = sum((count - n / 10) ** 2 for count in counts) / (n / 10)
        return DigitTest(n, decimals, tuple(counts), square, chi_square_tail(square))

    def _decimals(self) -> int:
        ordered = sorted(self.ends)
        reached = accumulate(sum(self.ends[places]) for places in ordered)
        return next(places for places, n in zip(ordered, reached, strict=True) if n >= self.n * _ALL)

    def _is_spread(self, decimals: int) -> bool:
        kept = sorted(value for value in self.sample if _written(value)[0] <= decimals)
        if not kept:
            return False
        middle_half = kept[(3 * len(kept)) // 4] - kept[len(kept) // 4]
        return middle_half > (_STEPS - 0.5) * 10.0**-decimals


@lru_cache(maxsize=8_192)
def _written(value: float) -> tuple[int, int]:
    """How many decimals a value is written to, and its last digit there."""
    text = format(abs(value), _PRECISION)
    if "e" in text:
        text = format(Decimal(text), "f")
    _, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    return (len(fraction), int(fraction[-1])) if fraction else (0, int(text.partition(".")[0][-1]))


class DigitCounts:
    """Counts last digits series by series. Memory grows with the number of series, up to :data:`MOST_SERIES`, not with
    the number of records."""

    def __init__(self) -> None:
        # plain tuples within a kind: hashing a dataclass and an enum took most of the time of a count
        self._tallies: dict[Kind, dict[_Key, _Tally]] = {kind: {} for kind in FIELDS}
        self._series = 0
        self._left_out = 0

    def add(self, site: str, kind: Kind, donor: str, fields: Mapping[str, Value]) -> None:
        """Count one current record; ``donor`` is a pseudonym and only tells how many donors there are. Records of a
        kind without such numbers are passed over."""
        analyte = unit = ""
        if kind is Kind.OBSERVATION:
            if fields.get("comparator"):
                return  # "<5" is the assay's limit, nobody read it off
            analyte, unit = str(fields.get("analyte") or ""), str(fields.get("unit") or "")
            if not analyte:
                return
        for name in FIELDS.get(kind, ()):
            value = fields.get(name)
            if value is None or isinstance(value, str | bool) or not math.isfinite(value):
                continue
            tally = self._tally(kind, (site, name, analyte, unit))
            if tally is not None:
                tally.add(float(value), donor)

    def _tally(self, kind: Kind, key: _Key) -> _Tally | None:
        tallies = self._tallies[kind]
        found = tallies.get(key)
        if found is None and self._series < MOST_SERIES:
            found = tallies[key] = _Tally()
            self._series += 1
        self._left_out += found is None
        return found

    def figures(self) -> DigitFigures:
        """Every series that can be tested, tested together; of these, the ones that stand out."""
        tested = {
            Series(site, kind, name, analyte, unit): test
            for kind, tallies in self._tallies.items()
            for (site, name, analyte, unit), tally in tallies.items()
            if len(tally.donors) >= LEAST_DONORS and (test := tally.test()) is not None
        }
        found = [_preferred(series, tested[series], p) for series, p in _holm(tested)]
        notable = [one for one in found if one.adjusted < ALPHA and one.effect >= LEAST_EFFECT]
        notable.sort(key=lambda one: (list(Look).index(one.look), -one.effect, one.series))
        return DigitFigures(len(tested), self._series - len(tested), self._left_out, tuple(notable))


def _holm(tested: Mapping[Series, DigitTest]) -> Sequence[tuple[Series, float]]:
    """Holm 1979, as :func:`hilum.quality.authenticity.preferences` does it."""
    ranked = sorted(tested, key=lambda one: (tested[one].p, one))
    least, found = 0.0, []
    for rank, series in enumerate(ranked):
        least = max(least, min(1.0, tested[series].p * (len(ranked) - rank)))
        found.append((series, least))
    return found


def _preferred(series: Series, test: DigitTest, adjusted: float) -> Preferred:
    due = test.n / 10
    far = [digit for digit, count in enumerate(test.counts) if (count - due) / math.sqrt(due * 0.9) > _STANDS_OUT]
    most = max(range(10), key=lambda digit: test.counts[digit])
    digits = sorted(far or [most], key=lambda digit: (-test.counts[digit], digit))
    return Preferred(
        series=series,
        n=test.n,
        decimals=test.decimals,
        chi_square=test.chi_square,
        adjusted=adjusted,
        effect=math.sqrt(test.chi_square / test.n),
        digits=tuple((digit, test.counts[digit] / test.n) for digit in digits),
        look=_look(test, frozenset(digits)),
    )


def _look(test: DigitTest, digits: frozenset[int]) -> Look:
    zeros = test.counts[0] / test.n
    if zeros >= _ALL:
        return Look.COARSE
    if test.decimals > 0 and zeros >= _MOSTLY:
        return Look.MIXED
    if digits <= {0, 5}:
        return Look.ROUNDED
    return Look.EVEN if all(digit % 2 == 0 for digit in digits) else Look.OTHER
