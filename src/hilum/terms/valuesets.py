"""Value sets: which codes a field may hold, with the words for each in both languages.

The data stand in ``valuesets.toml`` and, for the elements of SPREC codes, ``sprec.toml``. Codes are canonical; what
people write is turned into them by :mod:`hilum.terms.synonyms`.
"""

import tomllib
from functools import cache
from importlib import resources

from hilum.model.text import Bilingual


@cache
def _tables() -> dict[str, dict[str, dict[str, str | list[str]]]]:
    folder = resources.files("hilum.terms")
    parts = [tomllib.loads((folder / name).read_text(encoding="utf-8")) for name in ("valuesets.toml", "sprec.toml")]
    return parts[0] | parts[1]


@cache
def _sets() -> dict[str, frozenset[str]]:
    found = {name: frozenset(codes) for name, codes in _tables().items() if name != "_ranges"}
    for name, spans in _tables()["_ranges"].items():
        found[name] = frozenset(code for span in spans for code in _expand(str(span)))
    analytes = tomllib.loads((resources.files("hilum.terms") / "analytes.toml").read_text(encoding="utf-8"))
    return found | {"analyte": frozenset(analytes)}


def _expand(span: str) -> list[str]:
    """``C51-C58`` as its three-character categories."""
    first, last = span.split("-")
    return [f"{first[0]}{number:02d}" for number in range(int(first[1:]), int(last[1:]) + 1)]


def names() -> frozenset[str]:
    """Names of all value sets."""
    return frozenset(_sets())


def members(name: str) -> frozenset[str]:
    """The codes of value set ``name``. Raises ``KeyError`` when there is no such set."""
    return _sets()[name]


def label(name: str, code: str) -> Bilingual | None:
    """The words for ``code`` in value set ``name``, or ``None`` where the set keeps none or lacks the code."""
    entry = _tables().get(name, {}).get(code) if name != "_ranges" else None
    return Bilingual(zh=str(entry["zh"]), en=str(entry["en"])) if entry else None


def spellings(name: str) -> dict[str, tuple[str, ...]]:
    """code -> the spellings that stand for it beside the code itself: labels, then what people write."""
    table = _tables().get(name, {}) if name != "_ranges" else {}
    return {code: (str(entry["zh"]), str(entry["en"]), *entry.get("also", ())) for code, entry in table.items()}
