"""``demo``: the main job in front of the user, on real archives when given, else on a synthetic hospital day."""

import getpass
import math
import time
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from hilum.app.founding import found
from hilum.app.intake import Summary, intake
from hilum.app.reading import Readers
from hilum.app.reporting import FORMATS, report_of, write_report
from hilum.app.running import Hilum, actor_of, open_hilum
from hilum.app.samples import clear_demo, given, synthetic_day, yesterday
from hilum.cli import words
from hilum.cli.frame import Frame, command
from hilum.cli.progress import progress_bar
from hilum.cli.queueing import is_ready
from hilum.cli.showing import show_lifeline
from hilum.cli.taking import MAPPINGS, show_summary
from hilum.messages import LANGUAGES
from hilum.model.party import Actor
from hilum.model.record import Kind
from hilum.registry import operations
from hilum.registry.mending import FixRecords, ReleaseRecords
from hilum.registry.ports import QueueFilter
from hilum.registry.stored import RecordState, StoredRecord


def commands(frame: Frame) -> list[click.Command]:
    """The command of this module."""
    data = click.Option(["--data"], type=click.Path(path_type=Path), help=frame.say("option.data"))
    into = click.Option(["--into"], default="demo", type=click.Path(path_type=Path), help=frame.say("option.into"))
    return [command(frame, "demo", demo, [data, into])]


def demo(frame: Frame, data: Path | None, into: Path) -> int:
    """Read, judge, enter, hold, mend, score, report."""
    console = Console(stderr=frame.as_json)
    clear_demo(into)
    home = into / "bank"
    if data is None:
        paths: Sequence[Path] = [synthetic_day(into / "synthetic-day", on=yesterday()).incoming]
        console.print(Text(frame.say("demo.synthetic"), style="bold"))
    else:
        paths = given(data)
        console.print(Text(frame.say("demo.real", place=data.name), style="bold"))
    found(home, frame.say("demo.name"), getpass.getuser(), frame.language)
    with open_hilum(home) as app:
        actor = actor_of(app.settings, getpass.getuser())
        _step(frame, console, 1, "intake")
        _intake(frame, console, app, actor, paths)
        _step(frame, console, 2, "explain")
        _mend(frame, console, app, actor)
        _step(frame, console, 3, "lifeline")
        _lifeline(frame, console, app, actor)
        _step(frame, console, 4, "report")
        _report(frame, console, app, actor, into / "report", synthetic=data is None)
    console.print(frame.say("demo.end", home=home), markup=False)
    return 0


def _step(frame: Frame, console: Console, number: int, what: str) -> None:
    console.print(Text("\n" + frame.say("demo.step", number=number, what=frame.say(f"demo.{what}")), style="bold"))


def _intake(frame: Frame, console: Console, app: Hilum, actor: Actor, paths: Sequence[Path]) -> Summary:
    started = time.perf_counter()
    with progress_bar(frame) as bar:
        summary = intake(app, actor, paths, Readers(app.settings.home / MAPPINGS, actor.name, trusting=True), bar)
    seconds = time.perf_counter() - started
    show_summary(frame, app, summary, "intake", explained=0)
    rate = f"{summary.records / seconds:,.0f}"
    console.print(frame.say("demo.rate", seconds=f"{seconds:.1f}", rate=rate), markup=False)
    return summary


def _mend(frame: Frame, console: Console, app: Hilum, actor: Actor) -> None:
    """Show a held record with a hint, accept the hint, release what the gate then lets in."""
    wanted = QueueFilter(states=(RecordState.HELD,), limit=2_000)
    held = app.run(operations.LIST_QUEUE, actor, operations.ListQueue(wanted)).records
    chosen = next((one for one in held if _offers(one)), held[0] if held else None)
    if chosen is None:
        return
    _tell(frame, console, app, chosen)
    if not _offers(chosen):
        return
    reason = frame.say("demo.reason")
    (mended,) = app.run(operations.FIX, actor, FixRecords((chosen.id,), reason=reason))
    console.print(frame.say("demo.fixed", record=mended.record), markup=False)
    view = app.run(operations.SHOW_RECORD, actor, operations.ShowRecord(mended.record)).record
    if is_ready(view):
        app.run(operations.RELEASE, actor, ReleaseRecords((view.id,), reason=reason))
        console.print(frame.say("demo.released"), markup=False)


def _offers(record: StoredRecord) -> bool:
    return any(finding.fixes for finding in (record.judgement.findings if record.judgement else ()))


def _tell(frame: Frame, console: Console, app: Hilum, record: StoredRecord) -> None:
    kind = words.term("kind", record.kind.value, frame.language)
    console.print(f"{kind} {record.key}  ({record.locator.place}:{record.locator.line})", markup=False)
    if record.judgement is None:
        return
    console.print(words.score_line(record.judgement.score, frame.language), markup=False)
    for finding in words.gravest_first(record)[:3]:
        for line in words.finding_lines(record, finding, app.gate.ruleset, frame.language):
            console.print("  " + line, markup=False)


def _lifeline(frame: Frame, console: Console, app: Hilum, actor: Actor) -> None:
    """The last specimen down a lineage has the longest story."""
    wanted = QueueFilter(states=(RecordState.ACCEPTED,), kinds=(Kind.SPECIMEN,), limit=1)
    total = app.run(operations.LIST_QUEUE, actor, operations.ListQueue(wanted)).total
    if total:
        last = QueueFilter(states=(RecordState.ACCEPTED,), kinds=(Kind.SPECIMEN,), limit=1, offset=total - 1)
        (one,) = app.run(operations.LIST_QUEUE, actor, operations.ListQueue(last)).records
        show_lifeline(frame, console, app.run(operations.SHOW_SPECIMEN, actor, operations.ShowSpecimen(one.key)))


def _report(frame: Frame, console: Console, app: Hilum, actor: Actor, folder: Path, *, synthetic: bool) -> None:
    report = report_of(app, actor, synthetic=synthetic)
    fit = report.fit
    low, high = math.floor(fit.band[0] * 1e4) / 1e4, math.ceil(fit.band[1] * 1e4) / 1e4  # outward, as the report does
    console.print(
        frame.say("demo.trust", share=f"{fit.share or 0:.2%}", low=f"{low:.2%}", high=f"{high:.2%}", n=f"{fit.n:,}"),
        markup=False,
    )
    for language in LANGUAGES:
        for file in write_report(app, report, folder, FORMATS, language):
            console.print(frame.say("report.written", file=file), markup=False)
