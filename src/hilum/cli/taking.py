"""``init``, ``intake``, ``check``, ``mapping``: a bank begins and files come in."""

import getpass
from pathlib import Path

import click
from rich.console import Console

from hilum.app import marking
from hilum.app.checking import check as try_out
from hilum.app.founding import found
from hilum.app.intake import Summary
from hilum.app.intake import intake as take_in
from hilum.app.reading import Readers, previews, suggested
from hilum.app.running import Hilum
from hilum.app.tables import confirm_tables, describe, read_mapping
from hilum.cli import words
from hilum.cli.frame import Frame, command, group
from hilum.cli.opening import opened
from hilum.cli.plain import problem_json, record_json
from hilum.cli.progress import progress_bar
from hilum.cli.sop import process_lines
from hilum.errors import BadInputError
from hilum.model.party import Actor
from hilum.registry.ports import Unit

MAPPINGS = "mappings"
_PROBLEMS_SHOWN = 20
_NUMBERS = ("records", "accepted", "held", "rejected", "unchanged", "corrections", "released", "already")
STOPPED = 10
"""Exit code of an intake or check in which something was held, rejected or could not be read."""


def commands(frame: Frame) -> list[click.Command]:
    """The commands of this module."""
    paths = click.Argument(["paths"], nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
    reading = [
        click.Option(["--mapping", "mapping_file"], type=click.Path(path_type=Path), help=frame.say("option.mapping")),
        click.Option(["--yes"], is_flag=True, help=frame.say("option.yes")),
        click.Option(["--marked"], type=click.Path(path_type=Path), help=frame.say("option.marked")),
    ]
    file = click.Argument(["file"], type=click.Path(path_type=Path), metavar="FILE")
    founding = [
        click.Argument(["folder"], required=False, type=click.Path(path_type=Path), metavar="[DIR]"),
        click.Option(["--name"], default="", help=frame.say("option.name")),
        click.Option(["--database"], default="", metavar="URL", help=frame.say("option.database")),
    ]
    return [
        command(frame, "init", init, founding),
        command(frame, "intake", intake, [paths, *reading]),
        command(frame, "check", check, [paths, *reading]),
        group(
            frame,
            "mapping",
            [
                command(frame, "suggest", suggest, [file], key="mapping.suggest"),
                command(frame, "confirm", confirm, [file, *reading[:1]], key="mapping.confirm"),
            ],
        ),
    ]


def init(frame: Frame, folder: Path | None, name: str, database: str) -> int:
    """A new bank."""
    home = folder or frame.home
    found(home, name, frame.account or getpass.getuser(), frame.language, database)
    frame.answer(
        {"home": str(home), "name": name},
        lambda console: console.print(frame.say("init.done", home=home), markup=False),
    )
    frame.note("warning.no_witness")
    return 0


def readers_of(frame: Frame, app: Hilum, actor: Actor, mapping_file: Path | None, yes: bool) -> Readers:
    """The readers of this bank; a suggestion is trusted only when the person said so."""
    given = read_mapping(mapping_file) if mapping_file else None
    return Readers(app.settings.home / MAPPINGS, actor.name, trusting=yes, given=given)


def intake(frame: Frame, paths: tuple[Path, ...], mapping_file: Path | None, yes: bool, marked: Path | None) -> int:
    """Take files in."""
    app, actor = opened(frame)
    with app, progress_bar(frame) as report:
        readers = readers_of(frame, app, actor, mapping_file, yes)
        wanted = _targets(paths, marked)
        summary = take_in(app, actor, paths, readers, report)
        if wanted:
            with app.bank.read() as unit:
                marking.answer(app, unit, paths, readers, wanted, frame.language)
        _tell_marked(frame, paths, marked, wanted)
        return show_summary(frame, app, summary, "intake")


def check(frame: Frame, paths: tuple[Path, ...], mapping_file: Path | None, yes: bool, marked: Path | None) -> int:
    """Say what an intake would come to."""
    app, actor = opened(frame)
    with app, progress_bar(frame) as report:
        readers = readers_of(frame, app, actor, mapping_file, yes)
        wanted = _targets(paths, marked)

        def answer(unit: Unit, dry: Readers) -> None:
            if wanted:
                marking.answer(app, unit, paths, dry, wanted, frame.language)

        summary = try_out(app, actor, paths, readers, report, answer)
        _tell_marked(frame, paths, marked, wanted)
        return show_summary(frame, app, summary, "check")


def _targets(paths: tuple[Path, ...], marked: Path | None) -> dict[Path, Path]:
    """Where marked workbooks go; a wrong place is told before anything is taken in."""
    return {} if marked is None else marking.targets(paths, marked)


def _tell_marked(frame: Frame, paths: tuple[Path, ...], marked: Path | None, wanted: dict[Path, Path]) -> None:
    for target in wanted.values():
        frame.note("marked.done", file=target)
    for path in paths if marked is not None else ():
        if path not in wanted:
            frame.note("marked.none", file=path)


def show_summary(frame: Frame, app: Hilum, summary: Summary, what: str, explained: int = 3) -> int:
    """Numbers, file problems, and the first stopped records explained."""
    numbers = {name: getattr(summary, name) for name in _NUMBERS}
    frame.answer(
        {
            **numbers,
            "process": dict(summary.process),
            "process_until": summary.process_until,
            "problems": [problem_json(one, frame.language) for one in summary.problems],
            "stopped": [record_json(one, app.gate.ruleset, frame.language) for one in summary.stopped],
        },
        lambda console: _tell_summary(frame, app, console, summary, what, explained),
    )
    return STOPPED if summary.needs_a_person else 0


def _tell_summary(frame: Frame, app: Hilum, console: Console, summary: Summary, what: str, explained: int) -> None:
    counts = {name: getattr(summary, name) for name in ("records", "accepted", "held", "rejected", "unchanged")}
    lines = [frame.say(f"{what}.numbers", **counts)]
    if summary.already:
        lines.append(frame.say("intake.already", count=summary.already))
    if summary.released or summary.corrections:
        lines.append(frame.say("intake.more", released=summary.released, corrections=summary.corrections))
    lines += process_lines(frame, summary.process, summary.process_until)
    lines += ["! " + words.problem_text(problem, frame.language) for problem in summary.problems[:_PROBLEMS_SHOWN]]
    if len(summary.problems) > _PROBLEMS_SHOWN:
        lines.append(frame.say("intake.problems", count=len(summary.problems)))
    for record in summary.stopped[:explained]:
        lines.append(f"\n{record.id}  {record.locator.place}:{record.locator.line}  {record.key}")
        for finding in words.gravest_first(record)[:2]:
            lines += ["  " + line for line in words.finding_lines(record, finding, app.gate.ruleset, frame.language)]
    if summary.held or summary.rejected:
        lines.append("\n" + frame.say("intake.next"))
    for line in lines:
        console.print(line, markup=False)


def suggest(frame: Frame, file: Path) -> int:
    """What the columns of a table are taken for."""
    if not file.is_file():
        raise BadInputError("path_missing", place=str(file))
    guesses = [(seen, suggested(seen)) for seen in previews(file)]

    def show(console: Console) -> None:
        for seen, guess in guesses:
            kinds = "、".join(words.term("kind", kind.value, frame.language) for kind in guess.kinds) or "—"
            console.print(
                frame.say("mapping.table", place=seen.place, line=seen.header_line, kinds=kinds), markup=False
            )
            table = frame.table("header", "field", "unit", "confidence", "basis", "doubts")
            for row in describe(guess, frame.language):
                table.add_row(*row)
            console.print(table)
        console.print(frame.say("mapping.next", file=file), markup=False)

    rows = [
        {"table": seen.place, "columns": [list(row) for row in describe(guess, frame.language)]}
        for seen, guess in guesses
    ]
    frame.answer(rows, show)
    return 0


def confirm(frame: Frame, file: Path, mapping_file: Path | None) -> int:
    """Keep the suggested (or an edited) mapping for all tables with these headers."""
    app, actor = opened(frame)
    with app:
        kept = confirm_tables(app, actor, file, mapping_file, app.settings.home / MAPPINGS)

    def show(console: Console) -> None:
        for one in kept:
            console.print(frame.say("mapping.kept", file=one), markup=False)

    frame.answer([str(one) for one in kept], show)
    return 0
