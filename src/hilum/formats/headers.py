"""How hospitals name the columns of their sheets, and which field of which kind each name means.

Three sources, best first: the vocabulary's own labels (Chinese, English, field name), the synonyms below, and a
fuzzy match for typing slips. A unit written in the header (``体积(mL)``, ``volume_ml``) is taken apart from the name.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz import fuzz, process

from hilum.formats.header_words import AFFIXES, SYNONYMS
from hilum.formats.values import plain
from hilum.model.record import Kind
from hilum.model.vocabulary import vocabulary
from hilum.terms.units import canonical_unit

_BRACKETED = re.compile(r"[(\[【<{]([^()\[\]【】<>{}]*)[)\]】>}]")
_TRAILING = re.compile(r"^(.+?)\s*[/_,\s]\s*([A-Za-zμµ%°℃℉][A-Za-z0-9μµ%°/℃℉^]*)$")
_NOISE = re.compile(r"[\s_\-./*:;,#★☆●※'\"、。；：，]+")
_FUZZY_FROM = 5
"""Shorter names differ by one letter and mean something else: nothing is guessed there."""
_FUZZY_CUTOFF = 80.0


@dataclass(frozen=True, slots=True)
class Meaning:
    """One thing a header can mean: a field of a kind, how sure (0 to 1), and on what ground."""

    kind: Kind
    field: str
    confidence: float
    basis: str


@dataclass(frozen=True, slots=True)
class Label:
    """A header taken apart: the bare name for comparing and the unit written with it, canonical UCUM or empty."""

    name: str
    unit: str


def fold(text: str) -> str:
    """The name as it is compared: NFKC, lower case, without blanks, dashes, stars and other decoration."""
    return _NOISE.sub("", plain(text).lower())


@lru_cache(maxsize=4096)
def take_apart(header: str) -> Label:
    """``体积（mL）`` -> (``体积``, ``mL``). Brackets without a unit are remarks (必填, yyyy-mm-dd) and are dropped."""
    text = plain(header)
    found = ""
    for inside in _BRACKETED.findall(text):
        found = found or (canonical_unit(inside.strip()) or "" if inside.strip() else "")
    bare = _BRACKETED.sub(" ", text).strip() or text
    if not found and fold(bare) not in _exact():
        tail = _TRAILING.match(bare)
        unit = canonical_unit(tail[2]) if tail else None
        if tail and unit:
            bare, found = tail[1], unit
    return Label(fold(bare), found)


def meanings(header: str) -> tuple[Meaning, ...]:
    """Everything ``header`` can mean, surest first; empty when nothing is close enough to say."""
    name = take_apart(header).name
    if not name:
        return ()
    exact = _exact()
    if name in exact:
        return exact[name]
    return _without_affix(name) or _close_to(name)


def is_known(header: str) -> bool:
    """Whether ``header`` is a column name by the letter, affixes aside (no fuzzy guess)."""
    name = take_apart(header).name
    return bool(name) and (name in _exact() or bool(_without_affix(name)))


def _without_affix(name: str) -> tuple[Meaning, ...]:
    for affix in AFFIXES:
        rest = name.removeprefix(affix)
        if rest != name and rest in _exact():
            return tuple(_weaker(meaning, 0.92, "affix") for meaning in _exact()[rest])
    return ()


def _close_to(name: str) -> tuple[Meaning, ...]:
    if len(name) < _FUZZY_FROM:
        return ()
    near = process.extractOne(name, _names(), scorer=fuzz.ratio, score_cutoff=_FUZZY_CUTOFF)
    if near is None or len(near[0]) < _FUZZY_FROM - 1:
        return ()
    return tuple(_weaker(meaning, 0.8 * near[1] / 100, "fuzzy") for meaning in _exact()[near[0]])


def _weaker(meaning: Meaning, factor: float, basis: str) -> Meaning:
    return Meaning(meaning.kind, meaning.field, round(meaning.confidence * factor, 3), basis)


@cache
def _names() -> tuple[str, ...]:
    return tuple(_exact())


@cache
def _exact() -> dict[str, tuple[Meaning, ...]]:
    """folded name -> meanings; a better ground for the same field of the same kind wins."""
    best: dict[str, dict[tuple[Kind, str], Meaning]] = {}
    for name, meaning in _all_words():
        places = best.setdefault(name, {})
        old = places.get((meaning.kind, meaning.field))
        if old is None or meaning.confidence > old.confidence:
            places[meaning.kind, meaning.field] = meaning
    return {name: tuple(sorted(found.values(), key=lambda m: -m.confidence)) for name, found in best.items()}


def _all_words() -> Iterable[tuple[str, Meaning]]:
    for kind, fields in vocabulary().items():
        for name, field in fields.items():
            yield fold(field.label.zh), Meaning(kind, name, 1.0, "label_zh")
            yield fold(field.label.en), Meaning(kind, name, 1.0, "label_en")
            yield fold(name), Meaning(kind, name, 1.0, "field")
    for scope, words in SYNONYMS.items():
        for kind, fields in vocabulary().items():
            if scope in ("*", kind.value):
                for name in words.keys() & fields.keys():
                    for word in words[name].split():
                        yield fold(word), Meaning(kind, name, 0.96, "synonym")
