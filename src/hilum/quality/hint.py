"""The words of a finding: what is wrong, what was expected, why it matters and what to do, in either language.

A rule's texts are templates: ``{storage_c}`` and ``{donor.sex}`` are filled with the finding's values, ``{found}``
with the value of the rule's field as received, ``{abs:storage_c}`` with a number without its sign. Codes are shown by
their words, a value that is missing as （空）.
"""

import re
from functools import cache, lru_cache

from hilum.messages import Language, text
from hilum.model.record import Kind, Value
from hilum.quality.finding import Finding
from hilum.quality.rule import Rule
from hilum.quality.shown import field_of, plain
from hilum.quality.unread import SHAPE
from hilum.terms.analytes import find
from hilum.terms.valuesets import label

_PLACE = re.compile(r"\{(?:(abs):)?([A-Za-z0-9_.]+)\}")
FOUND = "found"


def placeholders(rule: Rule) -> frozenset[str]:
    """The columns named in a rule's title, why and hint, in either language."""
    texts = (words for said in (rule.title, rule.why, rule.hint) for words in (said.zh, said.en))
    return frozenset(name for words in texts for _, name in _PLACE.findall(words)) - {FOUND}


def title(finding: Finding, rule: Rule | None, language: Language) -> str:
    """What is wrong, in one line."""
    if rule is None:
        return _built_in(finding, "title", language)
    return _filled(rule.title.say(language), finding, rule.grain, language)


def why(finding: Finding, rule: Rule | None, language: Language) -> str:
    """Why it matters."""
    if rule is None:
        return _built_in(finding, "why", language)
    return _filled(rule.why.say(language), finding, rule.grain, language)


def hint(finding: Finding, rule: Rule | None, language: Language) -> str:
    """What to do about it; says so when the rule broke."""
    if finding.broken:
        return text("gate.broken", language)
    if rule is None:
        return _built_in(finding, "hint", language)
    return _filled(rule.hint.say(language), finding, rule.grain, language) + _shapes(finding, rule.grain, language)


def _shapes(finding: Finding, kind: Kind, language: Language) -> str:
    """A sentence for every value that could not be read: what it looks like, and what to write instead."""
    names = [name.removeprefix(SHAPE) for name in finding.values if name.startswith(SHAPE)]
    return "".join(" " + shape(finding, kind, name, language) for name in names)


def shape(finding: Finding, kind: Kind, name: str, language: Language) -> str:
    """What the unreadable value of field ``name`` looks like, in a sentence; empty where the finding says nothing."""
    found, field = finding.values.get(SHAPE + name), field_of(kind, name)
    if found is None or field is None:
        return ""
    unit = field.unit or text("gate.no_unit", language)
    return text(f"shape.{found}", language, field=field.label.say(language), unit=unit)


def expected(finding: Finding, rule: Rule | None, language: Language) -> str:
    """The condition that had to hold, in the rule's own words."""
    if rule is None:
        return ""
    if rule.when.strip():
        return text("gate.expected_when", language, when=_one_line(rule.when), condition=_one_line(rule.condition))
    return text("gate.expected", language, condition=_one_line(rule.condition))


def _one_line(condition: str) -> str:
    return " ".join(condition.split())


def _built_in(finding: Finding, part: str, language: Language) -> str:
    try:
        return text(f"{finding.rule}.{part}", language)
    except KeyError:
        return finding.rule


@cache
def _pieces(template: str) -> tuple[tuple[str, bool, str], ...]:
    """The template as (text, whether a magnitude is wanted, name) triples; the last name is empty."""
    pieces, start = [], 0
    for place in _PLACE.finditer(template):
        pieces.append((template[start : place.start()], place[1] is not None, place[2]))
        start = place.end()
    return (*pieces, (template[start:], False, ""))


def _filled(template: str, finding: Finding, kind: Kind, language: Language) -> str:
    if "{" not in template:
        return template
    words, values = "", finding.values
    for before, magnitude, name in _pieces(template):
        if not name:
            return words + before
        value = values.get(name)
        if isinstance(value, float):
            words += before + plain(abs(value) if magnitude else value)
        else:
            words += before + _of_others(finding, name, kind, language, magnitude=magnitude)
    return words


def _of_others(finding: Finding, name: str, kind: Kind, language: Language, *, magnitude: bool) -> str:
    value = finding.values.get(name)
    if name == FOUND and value is None:
        value = finding.found
    elif magnitude and type(value) is int:
        value = abs(value)
    if name == "unreadable" and isinstance(value, str):
        fields = ((one, field_of(kind, one)) for one in value.split(","))
        return text("gate.joint", language).join(field.label.say(language) if field else one for one, field in fields)
    return _word(kind, name, value, language) or plain(value) or _empty(language)


@cache
def _empty(language: Language) -> str:
    return text("gate.empty", language)


def _word(kind: Kind, column: str, value: Value, language: Language) -> str:
    """The word for a code, a yes or a no; empty for a value that is neither or has no word."""
    if isinstance(value, bool):
        return text("gate.yes" if value else "gate.no", language)
    return _label(kind, column, value, language) if isinstance(value, str) else ""


@lru_cache(maxsize=4_096)
def _label(kind: Kind, column: str, code: str, language: Language) -> str:
    field = field_of(kind, column)
    if field is None or not field.values:
        return ""
    known = find(code) if field.values == "analyte" else None
    found = known.label if known else label(field.values, code)
    return found.say(language) if found else ""
