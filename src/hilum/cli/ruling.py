"""``rules list|explain|test|scan|export``: the rules as data, read by people."""

from dataclasses import asdict

import click
from rich.console import Console
from rich.text import Text

from hilum.app.rules import ruleset_of, trials_of
from hilum.app.scanning import scan
from hilum.cli import words
from hilum.cli.frame import Frame, command, group
from hilum.cli.opening import opened
from hilum.cli.rule_exporting import export_command
from hilum.errors import NotFoundError
from hilum.model.record import Kind
from hilum.quality.rule import Dimension, Rule, Ruleset, Severity
from hilum.settings import load


def commands(frame: Frame) -> list[click.Command]:
    """The commands of this module."""
    narrow = [
        click.Option(["--kind"], type=click.Choice([kind.value for kind in Kind]), help=frame.say("option.kind")),
        click.Option(
            ["--dimension"], type=click.Choice([one.value for one in Dimension]), help=frame.say("option.dimension")
        ),
        click.Option(
            ["--severity"], type=click.Choice([one.value for one in Severity]), help=frame.say("option.severity")
        ),
    ]
    rule = click.Argument(["rule"], metavar="RULE")
    return [
        group(
            frame,
            "rules",
            [
                command(frame, "list", list_rules, narrow, key="rules.list"),
                command(frame, "explain", explain, [rule], key="rules.explain"),
                command(frame, "test", test, [], key="rules.test"),
                command(frame, "scan", scan_bank, narrow[:1], key="rules.scan"),
                export_command(frame),
            ],
        )
    ]


def _rules(frame: Frame) -> Ruleset:
    """The rules of the bank, or the shipped ones where there is no bank."""
    return ruleset_of(load(frame.home))


def list_rules(frame: Frame, kind: str | None, dimension: str | None, severity: str | None) -> int:
    """Rules in force."""
    ruleset = _rules(frame)
    chosen = [
        rule
        for rule in ruleset.rules
        if kind in (None, rule.grain.value)
        and dimension in (None, rule.dimension.value)
        and severity in (None, rule.severity.value)
    ]

    def show(console: Console) -> None:
        table = frame.table("rule", "kind", "severity", "dimension", "title")
        for rule in chosen:
            table.add_row(
                rule.id,
                words.term("kind", rule.grain.value, frame.language),
                words.term("severity", rule.severity.value, frame.language),
                words.term("dimension", rule.dimension.value, frame.language),
                rule.title.say(frame.language),
            )
        console.print(table)
        console.print(frame.say("rules.total", count=len(chosen), digest=ruleset.digest[:12]), markup=False)

    frame.answer({"ruleset": ruleset.digest, "rules": [rule_json(rule) for rule in chosen]}, show)
    return 0


def rule_json(rule: Rule) -> dict[str, object]:
    """One rule as data."""
    return {
        "id": rule.id,
        "version": rule.version,
        "grain": rule.grain.value,
        "when": rule.when,
        "assert": rule.condition,
        "dimension": rule.dimension.value,
        "kahn": rule.kahn.value,
        "severity": rule.severity.value,
        "weight": rule.weight,
        "field": rule.field,
        "source": {"standard": rule.source.standard, "clause": rule.source.clause},
        "title": {"zh": rule.title.zh, "en": rule.title.en},
        "why": {"zh": rule.why.zh, "en": rule.why.en},
        "hint": {"zh": rule.hint.zh, "en": rule.hint.en},
        "pack": rule.pack,
    }


def explain(frame: Frame, rule: str) -> int:
    """One rule in full."""
    found = _rules(frame).find(rule)
    if found is None:
        raise NotFoundError("rule_unknown", rule=rule)
    wanted = found

    def show(console: Console) -> None:
        language = frame.language
        console.print(Text(f"{wanted.id} v{wanted.version}  {wanted.title.say(language)}", style="bold"))
        lines = {
            "kind": words.term("kind", wanted.grain.value, language),
            "severity": words.term("severity", wanted.severity.value, language),
            "dimension": words.term("dimension", wanted.dimension.value, language),
            "when": wanted.when or frame.say("always"),
            "assert": wanted.condition,
            "why": wanted.why.say(language),
            "hint": wanted.hint.say(language),
            "origin": f"{wanted.source.standard} {wanted.source.clause}".strip(),
            "pack": f"{wanted.pack} {wanted.place}".strip(),
        }
        for name, value in lines.items():
            console.print(f"  {frame.say(f'column.{name}')}: {value}", markup=False)
        for outcome, rows in (
            ("pass", wanted.examples.passes),
            ("fail", wanted.examples.fails),
            ("not_applicable", wanted.examples.not_applicable),
        ):
            for row in rows:
                console.print(f"  {words.term('outcome', outcome, language)}: {dict(row)}", markup=False)

    frame.answer(rule_json(wanted), show)
    return 0


def test(frame: Frame) -> int:
    """Run every rule's own examples."""
    tried, failures = trials_of(_rules(frame))

    def show(console: Console) -> None:
        for one in failures:
            console.print(
                frame.say(
                    "rules.failed",
                    rule=one.rule,
                    expected=words.term("outcome", one.expected.value, frame.language),
                    found=words.term("outcome", one.found.value, frame.language),
                    row=dict(one.row),
                ),
                markup=False,
            )
        console.print(frame.say("rules.tested", tried=tried, failed=len(failures)), markup=False)

    frame.answer(
        {"examples": tried, "failed": [{**asdict(one), "row": dict(one.row)} for one in failures]},
        show,
    )
    return 4 if failures else 0


def scan_bank(frame: Frame, kind: str | None) -> int:
    """Run the rules in force over everything in the bank, on the columnar engine."""
    app, actor = opened(frame)
    with app:
        results = scan(app, actor, Kind(kind) if kind else None)

        def show(console: Console) -> None:
            table = frame.table("rule", "kind", "passed", "failed", "unknown", "not_applicable")
            for one in results:
                if one.failed or one.unknown:
                    counts = (one.passed, one.failed, one.unknown, one.not_applicable)
                    table.add_row(one.rule, words.term("kind", one.kind, frame.language), *map(str, counts))
            console.print(table)
            console.print(frame.say("rules.scanned", rules=len(results)), markup=False)

        names = ("rule", "kind", "passed", "failed", "unknown", "not_applicable")
        frame.answer([{name: getattr(one, name) for name in names} for one in results], show)
    return 0
