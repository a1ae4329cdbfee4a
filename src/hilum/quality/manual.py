"""The rules as pages a curator reads: the manual's table of rules, and the specification table of one pack."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime

from hilum.messages import Language, text
from hilum.model.record import Value
from hilum.model.vocabulary import FieldType, vocabulary
from hilum.quality.examples import trials
from hilum.quality.rule import Rule

_EPOCH = date(1970, 1, 1).toordinal()
_COLUMNS = ("id", "title", "applies", "severity", "dimension", "source", "hint")


def rules_page(rules: Sequence[Rule], language: Language) -> str:
    """The manual's page of rules: how to read and write a pack, then one table per pack, in Markdown."""
    parts = [text("manual.rules.title", language), text("manual.rules.intro", language, count=len(rules))]
    parts.append(_severities(language))
    for pack in _packs(rules):
        inside = [rule for rule in rules if rule.pack == pack]
        parts.append(f"## {text(f'manual.pack.{pack}', language)} ({pack}.yaml, {len(inside)})")
        parts.append(_table([text(f"manual.column.{name}", language) for name in _COLUMNS], _rows(inside, language)))
    return "\n\n".join(parts) + "\n"


def specification(rules: Sequence[Rule], pack: str) -> str:
    """Every rule of ``pack`` with every example and what the rule says of it, in Markdown; both languages."""
    parts = [f"# {text(f'manual.pack.{pack}', 'zh')} · {text(f'manual.pack.{pack}', 'en')}"]
    parts.append(text("manual.specification.intro", "zh") + "\n\n" + text("manual.specification.intro", "en"))
    for rule in (rule for rule in rules if rule.pack == pack):
        parts.append(f"## {rule.id} · {rule.title.zh} · {rule.title.en}")
        parts.append(f"`{rule.when or 'TRUE'}` → `{rule.condition}`")
        rows = [(_example(rule, trial.row), _outcome(trial.found.value)) for trial in trials(rule)]
        parts.append(_table(["", ""], rows))
    return "\n\n".join(parts) + "\n"


def packs(rules: Iterable[Rule]) -> tuple[str, ...]:
    """Names of the packs of ``rules``, in the order they first appear."""
    return tuple(_packs(rules))


def _packs(rules: Iterable[Rule]) -> dict[str, None]:
    return dict.fromkeys(rule.pack for rule in rules)


def _severities(language: Language) -> str:
    names = ("reject", "block", "warn", "info")
    return "\n".join(
        f"* **{text(f'manual.severity.{n}', language)}**: {text(f'manual.does.{n}', language)}" for n in names
    )


def _rows(rules: Iterable[Rule], language: Language) -> list[tuple[str, ...]]:
    return [
        (
            f"`{rule.id}`",
            rule.title.say(language),
            f"{text(f'manual.kind.{rule.grain.value}', language)}{_when(rule)}",
            text(f"manual.severity.{rule.severity.value}", language),
            text(f"manual.dimension.{rule.dimension.value}", language),
            rule.source.standard + (f", {rule.source.clause}" if rule.source.clause else ""),
            rule.hint.say(language),
        )
        for rule in rules
    ]


def _when(rule: Rule) -> str:
    return f": `{rule.when}`" if rule.when else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(cell: str) -> str:
    return " ".join(cell.replace("|", "\\|").split())


def _outcome(value: str) -> str:
    return f"{text(f'manual.outcome.{value}', 'zh')} {text(f'manual.outcome.{value}', 'en')}"


def _example(rule: Rule, row: Mapping[str, Value]) -> str:
    cells = [f"`{name}` {_value(rule, name, value)}" for name, value in row.items()]
    return ", ".join(cells) or "∅"


def _value(rule: Rule, name: str, value: Value) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        kind = _type(rule, name)
        if kind is FieldType.DATE:
            return date.fromordinal(value + _EPOCH).isoformat()
        if kind is FieldType.INSTANT:
            return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return "∅" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _type(rule: Rule, name: str) -> FieldType | None:
    """How a column's numbers are to be shown; a column of another record has the type of its last part."""
    if name in ("received.on", "received.at"):
        return FieldType.DATE if name == "received.on" else FieldType.INSTANT
    last = name.rpartition(".")[2]
    field = vocabulary()[rule.grain].get(last) or next(
        (fields[last] for fields in vocabulary().values() if last in fields), None
    )
    return field.type if field else None
