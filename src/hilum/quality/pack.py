"""Rule packs: YAML that a data manager reads and edits, checked whole when it is loaded.

A pack names itself (``pack``, ``title``) and lists ``rules``. Every predicate is parsed and type-checked against the
columns of its grain, every hint may only name columns that exist, every rule brings its own examples. A hospital's own
pack may replace a shipped rule (``overrides: ID`` in the rule) or switch one off (``disable`` with a reason); both are
part of the rule set's digest and are listed by :func:`changes`.
"""

from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources

from hilum.canonical import Json, digest
from hilum.errors import RuleError
from hilum.model.record import Kind
from hilum.model.text import Bilingual
from hilum.quality.pack_rule import disabling_at, rule_at, words_at
from hilum.quality.pack_text import read
from hilum.quality.rule import Rule, Ruleset
from hilum.quality.rule_change import Disabling, Replacement

_PACK_KEYS = frozenset({"pack", "title", "rules", "disable"})


@dataclass(frozen=True, slots=True)
class Change:
    """What an own pack did to a shipped rule: ``replaced`` by rule ``by``, or ``disabled``, and why."""

    rule: str
    what: str
    by: str
    reason: Bilingual
    place: str


def load_pack(text: str, name: str, *, proven: bool = False) -> tuple[Rule, ...]:
    """The rules of one pack. Raises :class:`RuleError` with file, line and remedy for anything it cannot mean.

    The predicates of a ``proven`` pack are not read again here (the gate reads them when it compiles them): the
    shipped packs were proved when they were built, and every command starts with them.
    """
    root = read(text, name, proven=proven).entries(_PACK_KEYS, frozenset({"pack"}))
    pack = root["pack"].text()
    if "title" in root:
        words_at(root["title"])
    rules = [rule_at(spot, pack) for spot in root["rules"].items()] if "rules" in root else []
    disabled = [disabling_at(spot, pack) for spot in root["disable"].items()] if "disable" in root else []
    _refuse_doubles((*rules, *disabled))
    return (*rules, *disabled)


@cache
def load_shipped() -> tuple[Rule, ...]:
    """The rules that come with Hilum, all packs in the order of their names."""
    folder = resources.files("hilum") / "rules"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)
    return tuple(rule for file in files for rule in load_pack(file.read_text(encoding="utf-8"), file.name, proven=True))


def build_ruleset(*groups: tuple[Rule, ...]) -> Ruleset:
    """One rule set of several groups, later ones allowed to override or disable rules of earlier ones.

    The digest covers every rule's whole content (not the line it stood on), and what was replaced or disabled.
    Raises :class:`RuleError` for two rules with one id (both places named) or a change to a rule that is not there.
    """
    rules: dict[str, Rule] = {}
    for group in groups:
        _apply(rules, group)
    ordered = tuple(sorted(rules.values(), key=lambda rule: (list(Kind).index(rule.grain), rule.id)))
    told: Json = [
        [change.rule, change.what, change.by, change.reason.zh, change.reason.en] for change in changes(*groups)
    ]
    return Ruleset(ordered, digest({"rules": [_content(rule) for rule in ordered], "changes": told}))


def changes(*groups: tuple[Rule, ...]) -> tuple[Change, ...]:
    """What the groups replace and disable, in order."""
    found = []
    for rule in (rule for group in groups for rule in group):
        if isinstance(rule, Disabling):
            found.append(Change(rule.id, "disabled", "", rule.why, rule.place))
        elif isinstance(rule, Replacement):
            found.append(Change(rule.overrides, "replaced", rule.id, rule.why, rule.place))
    return tuple(found)


def _apply(rules: dict[str, Rule], group: tuple[Rule, ...]) -> None:
    for rule in group:
        target = rule.id if isinstance(rule, Disabling) else rule.overrides if isinstance(rule, Replacement) else ""
        if target and rules.pop(target, None) is None:
            raise RuleError("pack_target_unknown", place=rule.place, rule=target)
        if isinstance(rule, Disabling):
            continue
        if rule.id in rules:
            raise RuleError("rule_twice", place=rule.place, rule=rule.id, other=rules[rule.id].place)
        rules[rule.id] = rule


def _refuse_doubles(rules: tuple[Rule, ...]) -> None:
    seen: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in seen:
            raise RuleError("rule_twice", place=rule.place, rule=rule.id, other=seen[rule.id].place)
        seen[rule.id] = rule


def _content(rule: Rule) -> Json:
    """Everything a rule says, as JSON; numbers as they are, the line it stood on left out."""
    told = asdict(rule)
    del told["place"]
    return _plain(told)


def _plain(value: object) -> Json:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, str | bool | int | float) or value is None:
        return str(value) if isinstance(value, str) else value
    raise TypeError(type(value).__name__)
