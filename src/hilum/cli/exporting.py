"""``export``: what was accepted, in the shape another system reads."""

from pathlib import Path

import click
from rich.console import Console

from hilum.app.exporting import EXPORTERS, export
from hilum.cli import words
from hilum.cli.frame import Frame, command
from hilum.cli.opening import opened
from hilum.cli.progress import progress_bar


def commands(frame: Frame) -> list[click.Command]:
    """The command of this module."""
    into = click.Argument(["into"], type=click.Path(path_type=Path), metavar="OUT")
    form = click.Option(
        ["--format", "form"], required=True, type=click.Choice(list(EXPORTERS)), help=frame.say("option.export_format")
    )
    return [command(frame, "export", out, [into, form])]


def out(frame: Frame, into: Path, form: str) -> int:
    """Write the accepted facts."""
    app, actor = opened(frame)
    with app, progress_bar(frame) as progress:
        written = export(app, actor, form, into, progress)

    def show(console: Console) -> None:
        for file in written.files:
            console.print(frame.say("export.written", file=file), markup=False)
        console.print(frame.say("export.done", count=sum(written.counts.values())), markup=False)
        for kind, count in written.left_out.items():
            console.print(
                frame.say("export.left_out", kind=words.term("kind", kind, frame.language), count=count), markup=False
            )

    answer = {"files": [str(file) for file in written.files], "counts": written.counts, "left_out": written.left_out}
    frame.answer(answer, show)
    return 0
