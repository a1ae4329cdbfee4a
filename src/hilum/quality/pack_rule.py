"""One rule of a pack, read strictly: every key known, every text in both languages, every predicate parsed."""

import re

from hilum.model.record import Kind, Value
from hilum.model.text import Bilingual
from hilum.quality.hint import FOUND
from hilum.quality.pack_text import Spot
from hilum.quality.predicate import parse, parse_value
from hilum.quality.row import ColumnType, columns, day_number, second_number
from hilum.quality.rule import Dimension, Examples, FixSpec, Kahn, Rule, Severity, Source
from hilum.quality.rule_change import Disabling, Replacement

_REQUIRED = frozenset(
    {"id", "version", "grain", "title", "why", "hint", "assert", "dimension", "kahn", "severity", "field", "source"}
    | {"examples"}
)
_RULE_KEYS = _REQUIRED | {"when", "weight", "topic", "fixes", "overrides"}
_PLACEHOLDER = re.compile(r"\{(?:abs:)?([A-Za-z0-9_.]+)\}")
_BASES = frozenset({"deterministic", "dictionary", "statistical", "model"})
TOPICS = frozenset(
    {"identity", "completeness", "format", "terminology", "numeric", "unit", "order", "duration", "trace", "custody"}
    | {"consent", "process", "duplicate", "conformance"}
)


def rule_at(spot: Spot, pack: str) -> Rule:
    """The rule written at ``spot`` of pack ``pack``. Raises :class:`~hilum.errors.RuleError`."""
    told = spot.entries(_RULE_KEYS, _REQUIRED)
    grain = Kind(told["grain"].choice(frozenset(Kind)))
    known = columns(grain)
    field = told["field"].choice(known)
    parts = {
        "id": told["id"].text(),
        "version": told["version"].whole(1, 9999),
        "grain": grain,
        "title": _words(told["title"], known),
        "why": _words(told["why"], known),
        "hint": _words(told["hint"], known),
        "condition": _predicate(told["assert"], known),
        "dimension": Dimension(told["dimension"].choice(frozenset(Dimension))),
        "kahn": Kahn(told["kahn"].choice(frozenset(Kahn))),
        "severity": Severity(told["severity"].choice(frozenset(Severity))),
        "field": field,
        "source": _source(told["source"]),
        "when": _predicate(told["when"], known) if "when" in told else "",
        "weight": told["weight"].whole(1, 10) if "weight" in told else 1,
        "topic": told["topic"].choice(TOPICS) if "topic" in told else "conformance",
        "fixes": tuple(_fix(fix, grain, known) for fix in told["fixes"].items()) if "fixes" in told else (),
        "examples": _examples(told["examples"], known),
        "pack": pack,
        "place": spot.place,
    }
    if "overrides" in told:
        return Replacement(**parts, overrides=told["overrides"].text())  # type: ignore[arg-type]  # keys as spelt above
    return Rule(**parts)  # type: ignore[arg-type]  # keys as spelt above


def disabling_at(spot: Spot, pack: str) -> Disabling:
    """The word at ``spot`` that a rule is switched off."""
    told = spot.entries(frozenset({"id", "reason"}), frozenset({"id", "reason"}))
    reason = words_at(told["reason"])
    return Disabling(
        id=told["id"].text(),
        version=1,
        grain=Kind.DONOR,
        title=reason,
        why=reason,
        hint=reason,
        condition="",
        dimension=Dimension.CONSISTENCY,
        kahn=Kahn.CONFORMANCE,
        severity=Severity.INFO,
        field="",
        source=Source(pack),
        pack=pack,
        place=spot.place,
    )


def _predicate(spot: Spot, known: dict[str, str]) -> str:
    text = " ".join(spot.text().split())
    if not spot.proven:
        parse(text, known, spot.place)
    return text


def words_at(spot: Spot) -> Bilingual:
    """A statement in both languages."""
    told = spot.entries(frozenset({"zh", "en"}), frozenset({"zh", "en"}))
    return Bilingual(zh=told["zh"].text(), en=told["en"].text())


def _words(spot: Spot, known: dict[str, str]) -> Bilingual:
    """Words in both languages, whose ``{column}`` and ``{abs:column}`` places all name columns of the grain."""
    words = words_at(spot)
    for text in (words.zh, words.en):
        named = _PLACEHOLDER.findall(text)
        if text.count("{") != len(named) or text.count("}") != len(named):
            raise spot.error("pack_hint_braces")
        unknown = next((name for name in named if name not in known and name != FOUND), None)
        if unknown is not None:
            raise spot.error("pack_hint_column", column=unknown)
    return words


def _source(spot: Spot) -> Source:
    told = spot.entries(frozenset({"standard", "clause"}), frozenset({"standard"}))
    return Source(told["standard"].text(), told["clause"].text() if "clause" in told else "")


def _fix(spot: Spot, grain: Kind, known: dict[str, str]) -> FixSpec:
    keys = frozenset({"field", "set", "when", "confidence", "basis", "lossless"})
    told = spot.entries(keys, frozenset({"field", "set"}))
    own = {name: type_ for name, type_ in known.items() if "." not in name and name != "unreadable"}
    field = told["field"].choice(own)
    set_to = " ".join(told["set"].text().split())
    if not spot.proven:
        parse_value(set_to, known, told["set"].place)
    return FixSpec(
        field=field,
        set_to=set_to,
        when=_predicate(told["when"], known) if "when" in told else "",
        confidence=told["confidence"].share() if "confidence" in told else 0.5,
        basis=told["basis"].choice(_BASES) if "basis" in told else "deterministic",
        lossless=told["lossless"].truth() if "lossless" in told else False,
    )


def _examples(spot: Spot, known: dict[str, str]) -> Examples:
    told = spot.entries(frozenset({"pass", "fail", "na"}), frozenset({"pass", "fail"}))

    def rows(key: str) -> tuple[dict[str, Value], ...]:
        return tuple(_row(row, known) for row in told[key].items()) if key in told else ()

    return Examples(passes=rows("pass"), fails=rows("fail"), not_applicable=rows("na"))


def _row(spot: Spot, known: dict[str, str]) -> dict[str, Value]:
    """An example row; dates and instants may be written as such and become day and second numbers."""
    found: dict[str, Value] = {}
    for name, cell in spot.entries(None).items():
        if name not in known:
            raise cell.error("pack_example_column", column=name)
        found[name] = _cell(cell, known[name])
    return found


def _cell(spot: Spot, type_: str) -> Value:
    value = spot.value()
    if value is None or (type_ == ColumnType.BOOLEAN) is isinstance(value, bool):
        if isinstance(value, str) and type_ == ColumnType.NUMBER:
            return _time(value, spot)
        if value is None or isinstance(value, str) is (type_ == ColumnType.TEXT):
            return value
    raise spot.error("pack_example_type", type=type_)


def _time(text: str, spot: Spot) -> int:
    try:
        return second_number(text) if "T" in text else day_number(text)
    except ValueError as broken:
        raise spot.error("pack_example_type", type=ColumnType.NUMBER) from broken
