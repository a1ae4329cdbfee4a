"""The organ of a tumour, said three times: in words, as an ICD-10 code, as an ICD-O-3 topography.

Where two of the three agree, the third was probably miscopied and may be what the others say; where there are but two,
either may be wrong and both ways are offered, less surely. :mod:`hilum.quality.slip` drops what would contradict
anything else (the donor's sex, the stage, the histology).

For carcinomas the topographies of ICD-O-3 are the ICD-10 categories C00 to C80 with their fourth character (WHO
ICD-O-3, introduction, "Topography"); lymphomas, melanomas, mesotheliomas and the like have ICD-10 codes of their own
and are left alone.
"""

from collections.abc import Iterator

from hilum.quality.row import Row
from hilum.quality.slip import Slip
from hilum.terms.valuesets import members, spellings

WORDS, CODE, SITE = "diagnosis", "icd10", "icdo_site"
SAID = (WORDS, CODE, SITE)
"""The three fields of a condition that name its organ."""

_ORGANS = {
    "liver": "C22.9", "lung": "C34.9", "breast": "C50.9", "stomach": "C16.9", "colon": "C18.9", "rectum": "C20",
    "oesophagus": "C15.9", "pancreas": "C25.9", "kidney": "C64", "bladder": "C67.9", "prostate": "C61",
    "cervix": "C53.9", "corpus_uteri": "C54.9", "ovary": "C56", "thyroid": "C73", "nasopharynx": "C11.9",
}  # fmt: skip
"""Organ of a set ``words_of_…_cancer`` -> the ICD-10 code that says no more than its words."""
_UNDIVIDED = frozenset(
    {
        "C01",
        "C07",
        "C12",
        "C19",
        "C20",
        "C23",
        "C33",
        "C37",
        "C52",
        "C55",
        "C56",
        "C58",
        "C61",
        "C64",
        "C65",
        "C66",
        "C73",
    }
)
"""Categories without a fourth character in ICD-10; ICD-O writes them with a 9."""
_NO_ORGAN = frozenset({"C42", "C44", "C47", "C49", "C70", "C76", "C77", "C78", "C79", "C80", "C97"})
"""Topographies and codes that do not name the organ of a carcinoma, or not in both classifications."""
_OWN_CODES = ("872", "873", "874", "875", "876", "877", "878", "879", "905", "914", "959")
"""Beginnings of morphologies that ICD-10 codes by type and not by organ; blood and lymph (9590 on) as well."""
_AGREED, _ALONE, _AGAINST = 0.8, 0.5, 0.25
_OF_WORDS = 0.6
"""How sure a code made of words is, against one copied from the other classification: it says less."""


def near_sites(row: Row) -> Iterator[Slip]:
    """Slips by which one of the three statements becomes what another says."""
    words, code, site = (_text(row, name) for name in SAID)
    organs = {WORDS: _organ_of_words(words), CODE: _organ(code), SITE: _organ(site)}
    if _has_own_code(_text(row, "icdo_histology")):
        return
    for wrong, right, value in (
        (CODE, SITE, _as_code(site)),
        (SITE, CODE, _as_site(code)),
        (CODE, WORDS, _ORGANS.get(_set_of(words), "")),
        (WORDS, CODE, _words_of(code, words)),
    ):
        if value and organs[right] and organs[right] != organs[wrong]:
            sure = _sure(organs, wrong, right)
            yield Slip(((wrong, value),), round(sure * _OF_WORDS if WORDS in (wrong, right) else sure, 2))


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""


def _sure(organs: dict[str, str], wrong: str, right: str) -> float:
    (third,) = set(organs) - {wrong, right}
    if organs[third] == organs[right]:
        return _AGREED
    return _AGAINST if organs[third] and organs[third] == organs[wrong] else _ALONE


def _organ(code: str) -> str:
    """The three characters of a code that names an organ; empty for others."""
    category = code[:3]
    return category if category in members("icd10_malignant") and category not in _NO_ORGAN else ""


def _set_of(words: str) -> str:
    return next((organ for organ in _ORGANS if words in members(f"words_of_{organ}_cancer")), "")


def _organ_of_words(words: str) -> str:
    return _ORGANS.get(_set_of(words), "")[:3] if words else ""


def _has_own_code(morphology: str) -> bool:
    """Whether ICD-10 codes this morphology by its type, or as benign, in situ or of uncertain behaviour."""
    return bool(morphology) and (
        morphology.startswith(_OWN_CODES) or morphology[:4] >= "9590" or not morphology.endswith("/3")
    )


def _as_code(site: str) -> str:
    """The ICD-10 code of a primary carcinoma of a topography; empty where there is none."""
    organ = _organ(site)
    return organ if organ in _UNDIVIDED else site if organ and len(site) == len("C34.1") else ""


def _as_site(code: str) -> str:
    """The topography of an ICD-10 code, without what national editions add behind its fourth character."""
    organ = _organ(code)
    if not organ:
        return ""
    return f"{organ}.{code[4]}" if len(code) > len("C34.") and code[4].isdigit() else f"{organ}.9"


def _words_of(code: str, instead_of: str) -> str:
    """The plainest words for the organ of a code (a set begins with them), in the language of those they replace."""
    organ = next((name for name, known in _ORGANS.items() if _organ(code) == known[:3]), "")
    if not organ or not instead_of:
        return ""
    listed = spellings(f"words_of_{organ}_cancer")
    return next((one for one in listed if one.isascii() == instead_of.isascii()), "")
