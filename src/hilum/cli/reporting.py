"""``report``: what the bank comes to, for the file."""

from pathlib import Path

import click
from rich.console import Console

from hilum.app.reporting import FORMATS, report_of, write_report
from hilum.app.samples import is_synthetic
from hilum.cli.frame import Frame, command
from hilum.cli.opening import opened


def commands(frame: Frame) -> list[click.Command]:
    """The command of this module."""
    out = click.Option(["--out"], default="report", type=click.Path(path_type=Path), help=frame.say("option.out"))
    formats = click.Option(
        ["--format", "formats"], multiple=True, type=click.Choice(FORMATS), help=frame.say("option.format")
    )
    return [command(frame, "report", report, [out, formats])]


def report(frame: Frame, out: Path, formats: tuple[str, ...]) -> int:
    """Write the report."""
    app, actor = opened(frame)
    with app:
        made = report_of(app, actor, synthetic=is_synthetic(app))
        files = write_report(app, made, out, formats or FORMATS, frame.language)

        def show(console: Console) -> None:
            for file in files:
                console.print(frame.say("report.written", file=file), markup=False)

        frame.answer([str(file) for file in files], show)
    return 0
