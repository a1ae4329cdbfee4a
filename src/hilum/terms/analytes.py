"""Analytes: names, molar mass, and the limits outside which a value cannot be a living person's.

The data stand in ``analytes.toml``, each figure with where it comes from. These are hard limits (a reading error, a
wrong unit or a slipped decimal point is the only explanation), never reference intervals: patients are ill.
"""

import tomllib
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import resources

from hilum.model.text import Bilingual


@dataclass(frozen=True, slots=True)
class Limits:
    """Lowest and highest value compatible with life in ``unit`` (a UCUM code)."""

    unit: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Analyte:
    """One analyte.

    ``limits`` begins with the usual unit and is empty where results are words. ``molar_mass`` is in g/mol; ``enzyme``
    says that an international unit (IU) means the enzyme unit U.
    """

    code: str
    label: Bilingual
    also: tuple[str, ...]
    limits: tuple[Limits, ...]
    limits_source: str
    molar_mass: Fraction | None = None
    mass_source: str = ""
    enzyme: bool = False
    loinc: tuple[str, ...] = ()

    @property
    def usual_unit(self) -> str:
        """The unit most laboratories use, empty for an analyte reported in words."""
        return self.limits[0].unit if self.limits else ""


@cache
def analytes() -> dict[str, Analyte]:
    """code -> :class:`Analyte`."""
    table = tomllib.loads((resources.files("hilum.terms") / "analytes.toml").read_text(encoding="utf-8"))
    return {code: _analyte(code, row) for code, row in table.items()}


def find(code: str) -> Analyte | None:
    """The analyte called ``code``, or ``None``."""
    return analytes().get(code)


def analyte_spellings() -> dict[str, tuple[str, ...]]:
    """code -> labels and other names."""
    return {code: (found.label.zh, found.label.en, *found.also) for code, found in analytes().items()}


@cache
def _by_loinc() -> dict[str, str]:
    return {number: code for code, found in analytes().items() for number in found.loinc}


def analyte_of_loinc(code: str) -> str | None:
    """The analyte a LOINC code (``718-7``) means, or ``None`` for a code nobody listed."""
    return _by_loinc().get(code)


def fitting_units(code: str, value: float) -> tuple[str, ...]:
    """The units of analyte ``code`` in which ``value`` would be possible; none for an unknown analyte."""
    found = find(code)
    return tuple(limit.unit for limit in found.limits if limit.low <= value <= limit.high) if found else ()


def _analyte(code: str, row: dict[str, object]) -> Analyte:
    limits = row["limits"]
    also = row.get("also", [])
    loinc = row.get("loinc", [])
    assert isinstance(limits, dict)  # the file is ours; the tests read every row
    assert isinstance(also, list)
    assert isinstance(loinc, list)
    return Analyte(
        code=code,
        label=Bilingual(zh=str(row["zh"]), en=str(row["en"])),
        also=tuple(str(word) for word in also),
        limits=tuple(Limits(unit, float(low), float(high)) for unit, (low, high) in limits.items()),
        limits_source=str(row["source"]),
        molar_mass=Fraction(str(row["molar_mass"])) if "molar_mass" in row else None,
        mass_source=str(row.get("mass_source", "")),
        enzyme=bool(row.get("enzyme", False)),
        loinc=tuple(str(number) for number in loinc),
    )
