"""Codes and identifiers that may have been meant: the nearest words of a list, full stops and letters that look alike.

Nothing here is ever applied by itself, and nothing is offered for a personal field.
"""

import re
import unicodedata
from collections.abc import Iterator

from hilum.model.record import Kind
from hilum.quality.finding import Fix
from hilum.quality.shown import field_of
from hilum.terms.near import near

_DICTIONARY, _DETERMINISTIC = "dictionary", "deterministic"
_STOPS = str.maketrans({"。": ".", ",": ".", "、": ".", "·": ".", "．": ".", "｡": "."})
_SCRIPTS = str.maketrans("АВСЕНІЈКМОРЅТХУавсеіјкморѕтхуΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABCEHIJKMOPSTXYabceijkmopstxyABEZHIKMNOPTYX")
_NOUGHT = re.compile(r"(?<=[0-9])[OoQ](?=[0-9])|(?<=[0-9])[OoQ](?=[OoQ]*[0-9])|(?<![A-Za-z])[OoQ](?=[0-9])")
_ONE = re.compile(r"(?<=[0-9])[lI](?=[0-9])|(?<![A-Za-z0-9])[lI](?=[0-9])")
_TRAILING = re.compile(r"(?<=[0-9]{2})[OolI](?![A-Za-z0-9])")


def near_codes(kind: Kind, name: str, text: str) -> tuple[Fix, ...]:
    """The codes of the field's list whose spellings are nearest to ``text``, surest first; none where it has no list.

    Confidence is the similarity, a little less; and half of it for each that another comes close to.
    """
    field = field_of(kind, name)
    if field is None or not field.values or field.personal:
        return ()
    found = near(field.values, text)
    contested = len(found) > 1 and found[0].similarity - found[1].similarity < 0.1
    return tuple(
        Fix(name, one.code, _DICTIONARY, round(one.similarity * (0.5 if contested else 0.9), 2), lossless=False)
        for one in found
    )


def respelt(text: str) -> str:
    """``text`` as a code of Latin letters and digits is written: no full-width characters, blanks or other stops."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text).translate(_STOPS)).upper()


def unmistaken(text: str) -> str:
    """An identifier with Latin letters for Cyrillic and Greek ones that look the same, and digits for the letters O, l
    and I among digits."""
    plain = text.translate(_SCRIPTS)
    return _TRAILING.sub(_digit, _ONE.sub("1", _NOUGHT.sub("0", plain)))


def _digit(found: re.Match[str]) -> str:
    return "0" if found[0] in "Oo" else "1"


def near_identifiers(kind: Kind, name: str, text: str) -> Iterator[Fix]:
    """The identifier without look-alike letters, where that makes a difference."""
    field = field_of(kind, name)
    if field is not None and not field.personal and unmistaken(text) != text:
        yield Fix(name, unmistaken(text), _DETERMINISTIC, 0.8, lossless=False)
