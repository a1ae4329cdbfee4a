"""``rules export``: the rules in other tools' words."""

from pathlib import Path

import click
from rich.console import Console

from hilum.app.rule_export import DATABASES, SHAPES, as_constraints, as_pandera, as_results, as_yaml, chosen, put
from hilum.app.rules import ruleset_of
from hilum.cli.frame import Frame, command
from hilum.cli.opening import opened
from hilum.quality.rule import Rule
from hilum.settings import load

_RESULTS = Path("dqd-results")


def export_command(frame: Frame) -> click.Command:
    """The command, for the ``rules`` group."""
    path = click.Path(path_type=Path)
    options: list[click.Parameter] = [
        click.Option(["--to", "shape"], type=click.Choice(SHAPES), default="yaml", help=frame.say("option.to_shape")),
        click.Option(["--pack", "packs"], multiple=True, help=frame.say("option.pack")),
        click.Option(["--rule", "ids"], multiple=True, help=frame.say("option.only_rule")),
        click.Option(["--all", "everything"], is_flag=True, help=frame.say("option.everything")),
        click.Option(["--out"], type=path, help=frame.say("option.export_out")),
        click.Option(["--force"], is_flag=True, help=frame.say("option.replace")),
    ]
    return command(frame, "export", export, options, key="rules.export")


def export(
    frame: Frame,
    shape: str,
    packs: tuple[str, ...],
    ids: tuple[str, ...],
    everything: bool,
    out: Path | None,
    force: bool,
) -> int:
    """Rules in another shape, into a file or to standard output."""
    settings = load(frame.home)
    rules = chosen(ruleset_of(settings), packs, ids)
    if shape == "dqd":
        return _results(frame, rules, out or _RESULTS)
    numbers: dict[str, object] = {"rules": len(rules)}
    if shape in DATABASES:
        script = as_constraints(rules, shape, everything=everything)
        text, numbers = script.text, {"made": script.made, "left_out": dict(script.left_out)}
        frame.note("rules.constraints", made=len(script.made), left=len(script.left_out))
    else:
        text = as_pandera(rules, out) if shape == "pandera" else as_yaml(settings, rules)
    return _given(frame, text, numbers, out, force)


def _given(frame: Frame, text: str, numbers: dict[str, object], out: Path | None, force: bool) -> int:
    if out is None:
        frame.answer({**numbers, "text": text}, lambda _: click.echo(text, nl=False))
        return 0
    file = put(text, out, force=force)
    _tell(frame, {**numbers, "files": [str(file)]}, [file])
    return 0


def _results(frame: Frame, rules: list[Rule], folder: Path) -> int:
    app, actor = opened(frame)
    with app:
        files = list(as_results(app, actor, rules, folder))
    _tell(frame, {"rules": len(rules), "files": [str(file) for file in files]}, files)
    return 0


def _tell(frame: Frame, answer: dict[str, object], files: list[Path]) -> None:
    def show(console: Console) -> None:
        for file in files:
            console.print(frame.say("rules.exported", file=file), markup=False)

    frame.answer(answer, show)
