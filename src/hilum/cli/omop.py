"""``omop check|catalogue``: OMOP data against DataQualityDashboard's catalogue."""

from pathlib import Path

import click
from rich.console import Console

from hilum.app.omop import CATEGORIES, CONTEXTS, Outcome, State, check, kinds_of
from hilum.cli.frame import Frame, command, group
from hilum.cli.progress import progress_bar
from hilum.messages import text
from hilum.model.record import SourceProblem

FAILED = 10
"""Exit code when a check failed or could not be evaluated."""
_WORST = 20
_STATES = tuple(state.value for state in State)


def commands(frame: Frame) -> list[click.Command]:
    """The commands of this module."""
    folder = click.Option(
        ["--catalogue"],
        required=True,
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help=frame.say("option.dqd_catalogue"),
    )
    checking = [
        click.Argument(["data"], type=click.Path(path_type=Path), metavar="DATA"),
        folder,
        click.Option(["--out"], type=click.Path(path_type=Path), metavar="DIR", help=frame.say("option.out")),
    ]
    return [
        group(
            frame,
            "omop",
            [
                command(frame, "check", check_data, checking, key="omop.check"),
                command(frame, "catalogue", list_kinds, [folder], key="omop.catalogue"),
            ],
        )
    ]


def list_kinds(frame: Frame, catalogue: Path) -> int:
    """The kinds of check of a catalogue, and how many checks it makes of each."""
    kinds = kinds_of(catalogue)

    def show(console: Console) -> None:
        table = frame.table("dqd_level", "check", "dqd_checks", "dqd_rows")
        for kind in kinds:
            table.add_row(kind.level, kind.name, str(kind.checks), str(kind.rows))
        console.print(table)
        console.print(frame.say("omop.kinds", kinds=len(kinds), checks=sum(one.checks for one in kinds)), markup=False)

    rows = [{"level": one.level, "name": one.name, "checks": one.checks, "rows": one.rows} for one in kinds]
    frame.answer(rows, show)
    return 0


def check_data(frame: Frame, data: Path, catalogue: Path, out: Path | None) -> int:
    """Run the catalogue over OMOP tables."""
    with progress_bar(frame) as report:
        outcome = check(
            data, catalogue, lambda what, done, total: report(what or frame.say("omop.checking"), done, total)
        )
    if out is not None:
        outcome.write(out)
    answer = outcome.document() | {
        "tables": dict(outcome.tables),
        "problems": [_problem(frame, one) for one in outcome.problems],
    }
    frame.answer(answer, lambda console: _show(frame, console, outcome, out))
    whole = outcome.whole
    return FAILED if whole.failed or whole.not_evaluated or outcome.problems else 0


def _problem(frame: Frame, one: SourceProblem) -> dict[str, object]:
    message = text(f"problem.{one.reason}", frame.language, **one.values)
    return {"reason": one.reason, "place": one.locator.place, "line": one.locator.line, "message": message}


def _show(frame: Frame, console: Console, outcome: Outcome, out: Path | None) -> None:
    table = frame.table("dqd_category", "dqd_context", *_STATES, "dqd_total", "dqd_percent")
    parts = [(category, context, outcome.part(category, context)) for category in CATEGORIES for context in CONTEXTS]
    for category, context, part in [*parts, ("", "", outcome.whole)]:
        named = (frame.say(f"dqd.{category or 'all'}"), frame.say(f"dqd.{context}") if context else "")
        counts = [str(getattr(part, state)) for state in _STATES]
        percent = "-" if part.percent_passed is None else f"{part.percent_passed:.1f}"
        table.add_row(*named, *counts, str(part.total), percent)
    console.print(table)
    _show_worst(frame, console, outcome)
    for one in outcome.problems:
        console.print(str(_problem(frame, one)["message"]), markup=False)
    if out is not None:
        console.print(frame.say("omop.written", folder=str(out)), markup=False)


def _show_worst(frame: Frame, console: Console, outcome: Outcome) -> None:
    failed = outcome.worst(_WORST)
    if failed:
        table = frame.table("check", "dqd_place", "dqd_violated", "dqd_share", "dqd_threshold")
        for one in failed:
            place = ".".join(part for part in (one.check.table, one.check.fld, one.check.concept) if part)
            counts = f"{one.counted.violated} / {one.counted.denominator}"
            table.add_row(
                one.check.kind.name, place, counts, f"{one.share or 0:.1%}", f"{one.check.threshold or 0:g} %"
            )
        console.print(table)
    hidden = outcome.whole.failed - len(failed)
    if hidden:
        console.print(frame.say("omop.more", count=hidden), markup=False)
    for one in [result for result in outcome.results if result.state is State.NOT_EVALUATED][:_WORST]:
        console.print(frame.say("omop.not_evaluated", check=one.check.id, why=one.counted.error), markup=False)
