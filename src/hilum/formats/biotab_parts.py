"""What stands inside a TCGA barcode, and other values made from cells: the functions named in ``biotab.toml``.

A barcode grows with the hierarchy: ``TCGA-XX-YYYY`` donor, ``-01A`` sample type and vial, ``-11`` portion, ``D``
analyte, ``-A12B`` plate, ``-09`` centre (TCGA Code Tables, "TCGA barcode"). Missing cells arrive as empty text, and
``None`` as an answer means that there is nothing to say.
"""

from collections.abc import Callable
from enum import Enum

from hilum.formats import values
from hilum.model.record import Value
from hilum.terms.units import canonical_unit


class Mark(Enum):
    """Answers of a reader that are no value: it could not be read, or the source remarks on why there is none."""

    UNREADABLE = "unreadable"
    REMARK = "remark"


UNREADABLE, REMARK = Mark.UNREADABLE, Mark.REMARK
"""The members by names of their own: looking them up in the class costs more than reading a cell."""

Read = Value | Mark

_BLOOD = {"10": "WholeBlood", "03": "WholeBlood", "14": "BoneMarrow", "04": "BoneMarrow", "09": "BoneMarrow"}
_LEVELS = 7
_TISSUE = frozenset({"01", "02", "05", "06", "07", "11"})
_NUCLEIC_ACID = {"D": "DNA", "G": "DNA", "W": "DNA", "X": "DNA", "R": "RNA", "T": "RNA", "H": "RNA"}
_COMPARATORS = ("<=", ">=", "≤", "≥", "<", ">")
_COMPARATOR_CODES = {"≤": "<=", "≥": ">="}


Parts = list[str]


def parts_of(barcode: str) -> Parts:
    """A barcode cut at its hyphens, filled up with empty parts."""
    parts = barcode.split("-")
    return parts if len(parts) >= _LEVELS else parts + [""] * (_LEVELS - len(parts))


def donor(parts: Parts) -> str | None:
    """The donor's part: ``TCGA-XX-YYYY``."""
    return "-".join(parts[:3]) if parts[2] else None


def site(parts: Parts) -> str | None:
    """The tissue source site, characters 6 and 7."""
    return parts[1] or None


def sample(parts: Parts) -> str | None:
    """The sample's barcode: the first four parts."""
    return "-".join(parts[:4]) if parts[3] else None


def portion(parts: Parts) -> str | None:
    """The portion's barcode: an analyte's without the analyte letter."""
    return "-".join([*parts[:4], parts[4][:2]]) if parts[4] else None


def analyte(parts: Parts) -> str | None:
    """The analyte's barcode: the first five parts of an aliquot's."""
    return "-".join(parts[:5]) if parts[4] else None


def sample_code(parts: Parts) -> str | None:
    """Two digits of sample type."""
    return parts[3][:2] or None


def vial(parts: Parts) -> str | None:
    """The letter after the sample type."""
    return parts[3][2:] or None


def portion_number(parts: Parts) -> str | None:
    """Two digits of portion."""
    return parts[4][:2] or None


def analyte_code(parts: Parts) -> str | None:
    """The letter after the portion."""
    return parts[4][2:] or None


def nucleic_acid(parts: Parts) -> str | None:
    """DNA or RNA by the analyte letter."""
    return _NUCLEIC_ACID.get(parts[4][2:])


def tissue_type(barcode: str, is_ffpe: str) -> Read:
    """Specimen type of a sample or portion: blood and marrow by sample code, tissue by how it was kept.

    TCGA took tissue frozen unless it says FFPE; where it does not say, nothing is assumed.
    """
    code = sample_code(parts_of(barcode)) or ""
    if code in _TISSUE:
        return {"YES": "TissueFFPE", "NO": "TissueFreshFrozen"}.get(is_ffpe.upper())
    return _BLOOD.get(code)


def uuid(text: str) -> Read:
    """UUIDs differ in case between tables but not in meaning (RFC 9562): lower case."""
    return text.lower() or None


def unit(text: str) -> Read:
    """The UCUM code of a unit, or the unit as written when its spelling is not known."""
    return canonical_unit(text) or text or None


def day(year: str, month: str, day_: str) -> Read:
    """A date that stands in three cells."""
    if not (year and month and day_):
        return None
    return values.day(f"{year}-{month}-{day_}") or UNREADABLE


def listed_sample(listed: str, barcode: str) -> Read:
    """The sample a row lists beside its own barcode, where the two disagree; otherwise it only repeats the barcode."""
    return listed if listed and not barcode.startswith(listed) else None


def larger(first: str, second: str) -> Read:
    """The larger of two counts of one thing (positive nodes by two stains); one that cannot be read spoils both."""
    counts = [values.integer(text) for text in (first, second) if text]
    known = [count for count in counts if count is not None]
    return UNREADABLE if len(known) < len(counts) else max(known, default=None)


def lab_value(text: str) -> Read:
    """The number of a result, without its comparator; words are no unreadable number."""
    found = values.number(_bare(text))
    if found is not None:
        return found
    return UNREADABLE if any(letter.isdigit() for letter in text) else None


def lab_comparator(text: str) -> Read:
    """``<``, ``<=``, ``>`` or ``>=`` where a result is a limit of detection."""
    found = next((sign for sign in _COMPARATORS if text.startswith(sign)), None)
    return _COMPARATOR_CODES.get(found, found) if found else None


def lab_text(text: str) -> Read:
    """A result in words (``Low``, ``Normal``, ``Elevated``)."""
    return None if any(letter.isdigit() for letter in text) else text or None


def _bare(text: str) -> str:
    return text.lstrip("<>=≤≥ ")


OF_BARCODE: dict[str, Callable[[Parts], str | None]] = {
    function.__name__: function
    for function in (site, sample, portion, analyte, sample_code, vial, portion_number, analyte_code, nucleic_acid)
}
"""Functions of one barcode, already cut into its parts."""

OF_CELLS: dict[str, Callable[..., Read]] = {
    function.__name__: function
    for function in (tissue_type, uuid, unit, day, listed_sample, larger, lab_value, lab_comparator, lab_text)
}
"""Functions of one or more cells."""
