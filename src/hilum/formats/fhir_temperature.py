"""At which temperature a FHIR Specimen says it is kept: degrees where one is told, a band where a band is, never a
number made of one.

Read are the extensions of the German biobank module (a range in degrees), of MIABIS on FHIR and of its forerunner at
BBMRI (a code for a band), which stand on a step of processing or on the Specimen itself.
"""

from dataclasses import dataclass
from functools import lru_cache

from hilum.formats import fhir_codes as codes
from hilum.formats.fhir_draft import Json, every, sub
from hilum.formats.json_stream import decoded_object, encoded
from hilum.terms.synonyms import code_of
from hilum.terms.units import conversion

_RANGE = "Temperaturbedingungen"
_BAND = ("miabis-sample-storage-temperature-extension", "/StorageTemperature")
_REMEMBERED, _SHOWN = 1_024, 60


@dataclass(frozen=True, slots=True)
class Kept:
    """Degrees Celsius, or a band (a code of ``storage_band``, or the code as written where it is none), and both as
    the source has it."""

    degrees: float | None = None
    band: str | None = None
    words: str = ""


NOWHERE = Kept()


def kept(element: Json) -> Kept:
    """What the extensions of a step or of a Specimen say."""
    told = element.get("extension")
    return _kept(encoded({"extension": told})) if told else NOWHERE


@lru_cache(maxsize=_REMEMBERED)
def _kept(raw: bytes) -> Kept:
    """The same few temperatures stand in every Specimen of a file."""
    element = decoded_object(raw)
    low, high, words = _limits(element)
    band, written = _named(element)
    words = "; ".join(one for one in (words, written) if one)
    if low is not None and low == high:
        return Kept(low, band, words)
    return Kept(None, band or _around(low, high), words)


def _limits(element: Json) -> tuple[float | None, float | None, str]:
    """Both ends of the range in degrees Celsius, and its words."""
    for one in every(element, "extension"):
        if str(one.get("url")).endswith(_RANGE):
            span = sub(one, "valueRange")
            ends = [sub(span, "low"), sub(span, "high")]
            low, high = (_degrees(end) for end in ends)
            words = "~".join(
                f"{end.get('value', '')} {end.get('code') or end.get('unit') or ''}".strip() for end in ends
            )
            return low, high, words.strip("~") and words
    return None, None, ""


def _words(quantity: Json) -> str:
    return f"{quantity.get('value', '')} {quantity.get('code') or quantity.get('unit') or ''}".strip()[:_SHOWN]


def _degrees(quantity: Json) -> float | None:
    value = quantity.get("value")
    found = conversion(str(quantity.get("code") or quantity.get("unit") or ""), "Cel")
    if isinstance(value, bool) or not isinstance(value, int | float) or found is None:
        return None
    return round(value * found[0] + found[1], 4)


def _named(element: Json) -> tuple[str | None, str]:
    """The band an extension names by code, and its words."""
    for one in every(element, "extension"):
        if str(one.get("url")).endswith(_BAND):
            told = one.get("valueCodeableConcept") or one.get("valueCoding") or one.get("valueCode")
            words = codes.text_of(told) or ""
            written = [code for _, code, _ in codes.codings(told) if code] or [words]
            known = codes.known_code(told, "storage_band", {}) if isinstance(told, dict) else None
            return known or code_of("storage_band", words) or written[0] or None, written[0]
    return None, ""


def _around(low: float | None, high: float | None) -> str | None:
    """The narrowest band of MIABIS that a range lies in as a whole; half a range lies in none."""
    if low is None or high is None or low > high:
        return None
    held = [
        (span[1] - span[0], code) for code, span in codes.STORAGE_RANGES.items() if span[0] <= low <= high <= span[1]
    ]
    return min(held)[1] if held else None
