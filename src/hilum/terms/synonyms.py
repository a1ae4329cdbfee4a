"""From what people write to the code that is meant: exact spellings only, never a guess.

A spelling nobody listed stays as it was written, so that the rule on the code list shows it to a curator.
"""

import re
import unicodedata
from functools import cache

from hilum.terms import valuesets
from hilum.terms.analytes import analyte_spellings

_STAGE_WORD = re.compile(r"^stage ?")
_BLANKS = re.compile(r"[\s_\-‐-―]+")


def folded(text: str) -> str:
    """``text`` without what never carries meaning here: width, case, hyphens against blanks, surrounding blanks."""
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


@cache
def _index(name: str) -> dict[str, str]:
    """Folded spelling -> code. A spelling listed for two codes belongs to neither (a test keeps the tables clean)."""
    listed = analyte_spellings() if name == "analyte" else valuesets.spellings(name)
    found: dict[str, str] = {}
    for code, spellings in listed.items():
        for spelling in spellings:
            found[_key(name, spelling)] = code
    return found | {_key(name, code): code for code in listed}


def _key(name: str, text: str) -> str:
    if name in ("comparator", "blood_group"):  # hyphens carry meaning here
        return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text).replace("−", "-").casefold()).strip()
    key = folded(text)
    return _STAGE_WORD.sub("", key) if name == "stage" else key


@cache
def _known(name: str) -> frozenset[str]:
    return valuesets.members(name)


def code_of(valueset: str, text: str) -> str | None:
    """The code of ``valueset`` that ``text`` stands for, or ``None`` when no listed spelling says so.

    Raises ``KeyError`` for a value set that does not exist.
    """
    if text in _known(valueset):
        return text
    return _index(valueset).get(_key(valueset, text))
