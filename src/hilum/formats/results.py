"""A laboratory result as it is written, taken apart without loss: comparator, number, range, unit, words.

``<0.5`` is a comparator and a limit, ``60~120`` the bounds of a range, ``12.5 g/L`` a number and its unit, ``阴性``,
``++`` and ``1:40`` are qualitative results. What fits none of these stays unread.
"""

import re

from hilum.formats.values import number, plain, spoken_number
from hilum.model.record import Value
from hilum.terms.spoken_values import quantity
from hilum.terms.synonyms import code_of
from hilum.terms.units import canonical_unit

_CENSORED = re.compile(
    r"(<=|>=|=<|=>|≤|≥|≦|≧|<|>|小于等于|大于等于|小于或等于|大于或等于|小于|大于|低于|高于|不超过|不高于|不低于|不少于|超过)\s*(.+)"
)
_SIGNS = {
    "小于或等于": "<=", "大于或等于": ">=", "不超过": "<=", "不少于": ">=", "超过": ">",
}  # fmt: skip
_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)\s*(?:~|-|–|—|——|--|至|到)\s*(\d+(?:\.\d+)?)(?: ?(\D.*))?", re.ASCII)
_WORDS = re.compile(
    r"(?:弱|强)?[阴阳]性?(?:\([^()]*\))?|(?:阴|阳)性 ?\S*"
    r"|[(\[]?[+±-]{1,5}[)\]]?|[(\[]?\+/-[)\]]?|[1-4] ?\+|\+ ?[1-4]|(?:[<>≤≥]=?)? ?1 ?: ?\d{1,6}"
    r"|(?:弱|强)?[阴阳]性 ?[(]?(?:[+±-]{1,4}|[1-4]\+|1:\d{1,6})[)]?|[<>] ?(?:LOD|LOQ|LLOD|LLOQ|ULOQ)",
    re.I,
)

Fields = dict[str, Value]


def take_apart(fields: Fields, unreadable: dict[str, str]) -> None:
    """Put an unreadable ``value`` of an observation where its parts belong, or leave it as it is."""
    text = plain(unreadable.get("value", ""))
    if not text or "\ufffd" in text:
        return
    if _censored(fields, text) or _bounds(fields, text) or _measured(fields, text) or _worded(fields, text):
        del unreadable["value"]


def _censored(fields: Fields, text: str) -> bool:
    found = _CENSORED.fullmatch(text)
    if found is None or fields.get("comparator") is not None:
        return False
    sign = _SIGNS.get(found[1]) or code_of("comparator", found[1])
    limit = spoken_number(found[2])
    if sign is None:
        return False
    if limit is not None:
        fields["value"] = limit
    elif not _measured(fields, found[2]):
        return False
    fields["comparator"] = sign
    return True


def _bounds(fields: Fields, text: str) -> bool:
    """``60~120`` and ``60-120``; not where the second is the smaller one (a date, a slip) or bounds are known."""
    found = _RANGE.fullmatch(text)
    low, high = (number(found[1]), number(found[2])) if found else (None, None)
    if found is None or low is None or high is None or low >= high:
        return False
    if fields.get("value_low") is not None or fields.get("value_high") is not None:
        return False
    if found[3] and not _agree(fields, canonical_unit(found[3])):
        return False
    fields["value_low"], fields["value_high"] = low, high
    return True


def _measured(fields: Fields, text: str) -> bool:
    found = quantity(text)
    if found is None or not _agree(fields, found.unit):
        return False
    fields["value"] = found.number
    return True


def _agree(fields: Fields, unit: str | None) -> bool:
    """Whether a unit written with the number is the one beside it, or can be put there because there is none."""
    if unit is None:
        return False
    beside = fields.get("unit")
    if beside is None:
        fields["unit"] = unit
        return True
    return canonical_unit(str(beside)) == unit


def _worded(fields: Fields, text: str) -> bool:
    """Words and the signs that stand for them; a text with a number in it only where it is one of those."""
    if fields.get("value_text") or not (_WORDS.fullmatch(text) or not any(letter.isdigit() for letter in text)):
        return False
    if text.lower().lstrip("+-") in ("inf", "infinity", "∞") or text.startswith("#"):
        return False
    fields["value_text"] = text
    return True
