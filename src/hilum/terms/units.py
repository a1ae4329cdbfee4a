"""Units as laboratories write them: spelling -> canonical UCUM code -> dimension -> conversion.

The catalogue is closed and finite, so that every engine can hold it as a table: the atoms of ``units.toml``, the
quotients listed here, and for each the spellings people use (``mg/dl``, ``毫克/分升``, ``×10^9/L`` and what Unicode
normalisation makes of ``×10⁹/L``, namely ``×109/L``). A bare ``C`` (coulomb) or ``M`` is no unit here: who means
degrees Celsius must say so. Mass and amount of substance convert by the analyte's molar mass; temperatures are affine.
"""

import tomllib
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any

from hilum.terms.analytes import find

_POWER_SIGNS = ("", "x", "X", "×", "*")
_ALIASES = {
    "g%": "g/dL",
    "mg%": "mg/dL",
    "次/分": "/min",
    "次/分钟": "/min",
    "次每分": "/min",
    "次每分钟": "/min",
    "bpm": "/min",
    "BPM": "/min",
    "/cumm": "/uL",
    "K/uL": "10*3/uL",
    "k/ul": "10*3/uL",
    "M/uL": "10*6/uL",
    "thou/uL": "10*3/uL",
}
_AMBIGUOUS = frozenset({"C", "M", "G/L"})
"""G/L is grams per litre where everything is in capitals, and 10^9 per litre where the litre of giga cells is meant."""
_CELSIUS = ("Cel", "CEL", "cel", "℃", "°C", "° C", "º C", "ºC", "degC", "deg C", "摄氏度", "度C")
_KELVIN = ("K", "开尔文")
_FAHRENHEIT = ("[degF]", "℉", "°F", "ºF", "degF", "deg F", "FAH", "华氏度")


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: UCUM code, dimension, and ``base = value * factor + offset``."""

    code: str
    dimension: str
    factor: Fraction
    offset: Fraction = Fraction(0)


def dimension(unit: str | None) -> str | None:
    """The dimension of ``unit`` in any known spelling (``mass/volume``, ``temperature`` …), or ``None``."""
    found = _unit(unit)
    return found.dimension if found else None


def canonical_unit(text: str | None) -> str | None:
    """The UCUM code of a unit as people write it, or ``None`` for a spelling that says no unit for certain."""
    return spellings().get(text) if text is not None else None


def conversion(unit: str, target: str, analyte: str = "") -> tuple[float, float] | None:
    """``(factor, offset)`` so that ``value_in_target = value_in_unit * factor + offset``; ``None`` if there is none.

    ``analyte`` (a code of value set ``analyte``) supplies the molar mass between mass and amount of substance, and
    says whether an international unit is the enzyme unit U.
    """
    source, goal = canonical_unit(unit), canonical_unit(target)
    return None if source is None or goal is None else _conversion(source, goal, analyte)


@cache
def _conversion(unit: str, target: str, analyte: str) -> tuple[float, float] | None:
    """:func:`conversion` between canonical codes; exact until the last step."""
    source, goal = _catalogue()[unit], _catalogue()[target]
    bridge = Fraction(1) if source.dimension == goal.dimension else _bridge(source.dimension, goal.dimension, analyte)
    if bridge is None:
        return None
    factor = source.factor * bridge / goal.factor
    return float(factor), float((source.offset - goal.offset) / goal.factor)


def convert(value: float, unit: str, target: str, analyte: str = "") -> float | None:
    """``value`` of ``unit`` in ``target``, or ``None`` when the two cannot be converted for this analyte."""
    found = conversion(unit, target, analyte)
    return None if found is None else value * found[0] + found[1]


def units() -> dict[str, str]:
    """Every known spelling (canonical codes among them) with its dimension."""
    return {word: _catalogue()[code].dimension for word, code in spellings().items()}


def _unit(text: str | None) -> Unit | None:
    code = canonical_unit(text)
    return _catalogue()[code] if code is not None else None


def _bridge(source: str, goal: str, analyte: str) -> Fraction | None:
    """Factor between base units of two different dimensions for ``analyte``, or ``None``."""
    facts = find(analyte)
    if facts is None:
        return None
    (quantity, _, per), (wanted, _, same) = source.partition("/"), goal.partition("/")
    if per != same:
        return None
    if facts.molar_mass is not None and {quantity, wanted} == {"mass", "substance"}:
        return 1 / facts.molar_mass if quantity == "mass" else facts.molar_mass
    if facts.enzyme and {quantity, wanted} == {"international_unit", "catalytic"}:
        one = Fraction(1, 60_000_000)  # 1 U = 1 umol/min = 1/60 000 000 kat
        return one if quantity == "international_unit" else 1 / one
    return None


@cache
def spellings() -> dict[str, str]:
    """Every known spelling with its canonical code: the finite table other engines may hold."""
    found: dict[str, str] = {}
    for table in _atoms().values():
        for code, (_, words) in table.items():
            found |= {word: code for word in words if code}
    for name, places in _quotients().items():
        found |= _quotient_spellings(name.split("/"), places)
    for code, words in {"Cel": _CELSIUS, "K": _KELVIN, "[degF]": _FAHRENHEIT}.items():
        found |= dict.fromkeys(words, code)
    return _other_cases(found | _ALIASES | {code: code for code in _catalogue()})


def _other_cases(found: dict[str, str]) -> dict[str, str]:
    """All-capital and all-small spellings too, where only one unit can be meant."""
    claims: dict[str, set[str]] = {}
    for word, code in found.items():
        for variant in (word.lower(), word.upper()):
            claims.setdefault(variant, set()).add(code)
    return {word: codes.pop() for word, codes in claims.items() if len(codes) == 1 and word not in _AMBIGUOUS} | found


def _quotient_spellings(names: list[str], places: list[list[str]]) -> dict[str, str]:
    """Spellings of every quotient; Chinese words stand with Chinese words only, and may be read aloud (毫克每升)."""
    words = [_spelt(name, codes) for name, codes in zip(names, places, strict=True)]
    grown = words[0]
    for part in words[1:]:
        grown = {f"{head}/{tail}": f"{code}/{unit}" for head, code in grown.items() for tail, unit in part.items()}
    kept = {word: code for word, code in grown.items() if _is_pure(word)}
    return kept | {word.replace("/", "每"): code for word, code in kept.items() if _is_spoken(word)}


def _spelt(name: str, codes: list[str]) -> dict[str, str]:
    return {word: code for code in codes for word in (code, *_atoms()[name][code][1])}


def _is_chinese(word: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in word)


def _is_spoken(word: str) -> bool:
    """Whether every part is a Chinese word, so that 每 can stand between them."""
    return all(_is_chinese(part) for part in word.split("/"))


def _is_pure(word: str) -> bool:
    """Whether all parts of a quotient are in one script; a count (``个``) may stand with symbols."""
    return len({_is_chinese(part) for part in word.split("/") if part and part != "个"}) < 2


@cache
def _catalogue() -> dict[str, Unit]:
    atoms = _atoms()
    found = {
        code: Unit(code, name, factor) for name, table in atoms.items() for code, (factor, _) in table.items() if code
    }
    for name, places in _quotients().items():
        parts = name.split("/")
        grown = {code: atoms[parts[0]][code][0] for code in places[0]}
        for part, codes in zip(parts[1:], places[1:], strict=True):
            grown = {f"{c}/{u}": f / atoms[part][u][0] for c, f in grown.items() for u in codes}
        found |= {code: Unit(code, name, factor) for code, factor in grown.items()}
    found["Cel"] = Unit("Cel", "temperature", Fraction(1))
    found["K"] = Unit("K", "temperature", Fraction(1), Fraction(-27315, 100))
    found["[degF]"] = Unit("[degF]", "temperature", Fraction(5, 9), Fraction(-160, 9))
    return found


@cache
def _tables() -> dict[str, dict[str, Any]]:
    return tomllib.loads((resources.files("hilum.terms") / "units.toml").read_text(encoding="utf-8"))


def _quotients() -> dict[str, list[list[str]]]:
    return _tables()["_quotients"]


@cache
def _atoms() -> dict[str, dict[str, tuple[Fraction, tuple[str, ...]]]]:
    """dimension -> code -> (factor, spellings), powers of ten in all their clothes."""
    return {
        name: {code: (Fraction(row["factor"]), (*row.get("also", ()), *_powers(code))) for code, row in table.items()}
        for name, table in _tables().items()
        if name != "_quotients"
    }


def _powers(code: str) -> tuple[str, ...]:
    """``10*9`` as ``×10^9``, ``10E9``, ``10⁹``, and ``×109``, which is what normalisation leaves of ``×10⁹``."""
    if not code.startswith("10*"):
        return ()
    power = code[3:]
    raised = power.translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    plain = [f"10^{power}", f"10*{power}", f"10E{power}", f"10{raised}"]
    return (*(f"{sign}{word}" for sign in _POWER_SIGNS for word in plain), *(f"{sign}10{power}" for sign in "×xX*"))
