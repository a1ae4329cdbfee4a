"""SPREC, the standard pre-analytical code: seven elements, each a code of its own list.

A fluid reads ``PL1-PED-A-B-N-A-A``: type of sample, primary container, delay before centrifugation, first and second
centrifugation, delay after it, long-term storage. A solid reads ``TIS-SRG-A-B-NBF-E-P``: type of sample, type of
collection, warm and cold ischaemia, fixation, time of fixation, long-term storage. The lists stand in ``sprec.toml``
and are value sets of :mod:`hilum.terms.valuesets` under the names given here.
"""

from dataclasses import dataclass

FLUID = (
    "sprec_fluid_type",
    "sprec_container",
    "sprec_precentrifugation",
    "",
    "",
    "sprec_postcentrifugation",
    "",
)
SOLID = ("sprec_solid_type", "", "sprec_ischaemia", "sprec_ischaemia", "sprec_fixation", "sprec_fixation_time", "")
"""Value set of each element; empty where the shipped lists do not cover one and its form alone is known."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a code: its value set (or "") and the code written there."""

    values: str
    code: str


def elements(text: str) -> tuple[Element, ...] | None:
    """The seven elements of a SPREC code, or ``None`` for a text that does not have its form."""
    parts = text.split("-")
    shapes: dict[tuple[int, ...], tuple[str, ...]] = {(3, 3, 1, 1, 1, 1, 1): FLUID, (3, 3, 1, 1, 3, 1, 1): SOLID}
    sets = shapes.get(tuple(len(part) for part in parts))
    if sets is None or not all(_is_code(part) for part in parts):
        return None
    return tuple(Element(values, part) for values, part in zip(sets, parts, strict=True))


def _is_code(part: str) -> bool:
    """Capital letters, and digits in three-character codes (``U24``): a lone digit never stands for a letter."""
    return part.isascii() and part.isalnum() and part == part.upper() and not (len(part) == 1 and part.isdigit())
