"""``specimen show``, ``donor show``, ``sources``, ``audit``: reading the bank on both time axes."""

from collections.abc import Iterable

import click
from rich.console import Console
from rich.text import Text

from hilum.cli import words
from hilum.cli.frame import Frame, command, group
from hilum.cli.opening import opened
from hilum.cli.plain import event_json, fact_json, problem_json, record_json
from hilum.cli.sop import standing_lines
from hilum.model.event import Event
from hilum.model.record import Kind, Value
from hilum.quality.rule import Ruleset
from hilum.registry import operations
from hilum.registry.operations import AsOf, Lifeline


def commands(frame: Frame) -> list[click.Command]:
    """The commands of this module."""
    axes = [
        click.Option(["--as-of", "as_of"], default="", metavar="DATE", help=frame.say("option.as_of")),
        click.Option(["--day"], type=int, help=frame.say("option.day")),
        click.Option(["--known-at", "known_at"], default="", metavar="INSTANT", help=frame.say("option.known_at")),
    ]
    identify = click.Option(["--identify"], is_flag=True, help=frame.say("option.identify"))
    subject = click.Option(["--subject"], default="", metavar="ID", help=frame.say("option.subject"))
    limit = click.Option(["--limit"], default=50, type=click.IntRange(1), help=frame.say("option.limit"))
    specimen = command(
        frame, "show", show_specimen, [click.Argument(["specimen"], metavar="SPECIMEN"), *axes], key="specimen.show"
    )
    donor = command(
        frame, "show", show_donor, [click.Argument(["donor"], metavar="DONOR"), *axes, identify], key="donor.show"
    )
    return [
        group(frame, "specimen", [specimen]),
        group(frame, "donor", [donor]),
        command(frame, "sources", show_sources),
        command(frame, "audit", show_audit, [subject, limit]),
    ]


def _axes(as_of: str, day: int | None, known_at: str) -> AsOf:
    """A date alone means the whole of that day."""
    return AsOf(happened_by=_end_of_day(as_of), offset_by=day, known_by=_end_of_day(known_at))


def _end_of_day(text: str) -> str:
    return f"{text}T23:59:59.999999Z" if len(text) == len("2026-01-01") else text


def show_specimen(frame: Frame, specimen: str, as_of: str, day: int | None, known_at: str) -> int:
    """The lifeline of a specimen."""
    app, actor = opened(frame)
    with app:
        command_ = operations.ShowSpecimen(specimen, _axes(as_of, day, known_at))
        line = app.run(operations.SHOW_SPECIMEN, actor, command_)
        frame.answer(_lifeline_json(line, app.gate.ruleset, frame), lambda console: show_lifeline(frame, console, line))
    return 0


def show_donor(frame: Frame, donor: str, as_of: str, day: int | None, known_at: str, identify: bool) -> int:
    """The lifeline of a donor and of every specimen of the donor."""
    app, actor = opened(frame)
    with app:
        line = app.run(operations.SHOW_DONOR, actor, operations.ShowDonor(donor, _axes(as_of, day, known_at)))
        who: dict[str, Value] = {}
        if identify:
            who = app.run(operations.IDENTIFY_DONOR, actor, operations.IdentifyDonor(line.subject))

        def show(console: Console) -> None:
            for name, value in who.items():
                label = words.field_label(Kind.DONOR, name, frame.language)
                console.print(f"  {label}: {words.value_text(value)}", markup=False)
            show_lifeline(frame, console, line)

        frame.answer({"personal": dict(who), **_lifeline_json(line, app.gate.ruleset, frame)}, show)
    return 0


def _lifeline_json(line: Lifeline, ruleset: Ruleset, frame: Frame) -> dict[str, object]:
    return {
        "subject": line.subject,
        "lineage": [fact_json(one) for one in line.lineage],
        "facts": [fact_json(one) for one in line.facts],
        "events": [event_json(one) for one in line.events],
        "held": [record_json(one, ruleset, frame.language) for one in line.held],
        "process": [
            {"sop": one.sop, "version": one.version, "verdict": one.verdict.value, "pending_until": one.pending_until}
            for one in line.process
        ],
    }


def show_lifeline(frame: Frame, console: Console, line: Lifeline) -> None:
    """A lifeline in words: lineage, events oldest first, what is held."""
    console.print(Text(line.subject, style="bold"))
    if line.lineage:
        donor = next((one.donor for one in line.lineage if one.donor), None)
        chain = " ← ".join([*([donor] if donor else []), *(one.key for one in reversed(line.lineage)), line.subject])
        console.print(frame.say("lineage", chain=chain), markup=False)
    for event in sorted(line.events, key=_in_time):
        when, what = _when(event), words.term("event", event.kind.value, frame.language)
        known = frame.say("known", at=event.recorded_at[:16].replace("T", " "))
        console.print(Text.assemble((f"{when:>17}  ", "bold"), f"{what}  {event.key}  ", (known, "dim")))
        details = _details(frame, event)
        if details:
            console.print(f"{'':19}{details}", markup=False)
    console.print(frame.say("facts.total", count=len(line.facts)), markup=False)
    for told in standing_lines(line.process, frame.language):
        console.print(told, markup=False)
    for one in line.held:
        state = words.term("state", one.state.value, frame.language)
        kind = words.term("kind", one.kind.value, frame.language)
        console.print(frame.say("held.line", record=one.id, kind=kind, key=one.key, state=state), markup=False)


def _in_time(event: Event) -> tuple[int, str, int, int]:
    """Undated first, then days from the index event, then dates: the two cannot be compared, and are not mixed."""
    if event.moment.at:
        return (2, event.moment.at, 0, event.seq)
    days = event.moment.offset_days
    return (0, "", 0, event.seq) if days is None else (1, "", days, event.seq)


def _when(event: Event) -> str:
    if event.moment.at:
        return event.moment.at[:16].replace("T", " ")
    return "—" if event.moment.offset_days is None else f"{event.moment.offset_days:+d} d"


def _details(frame: Frame, event: Event) -> str:
    shown = list(_short(event.fields.items()))[:6]
    parts = [
        f"{words.field_label(event.fact, name, frame.language)} {words.value_text(value)}" for name, value in shown
    ]
    return " · ".join(parts)


def _short(fields: Iterable[tuple[str, Value]]) -> Iterable[tuple[str, Value]]:
    """The telling fields: no identifiers, which stand elsewhere in the row."""
    return ((name, value) for name, value in fields if value is not None and not name.endswith(("_id", "uuid")))


def show_sources(frame: Frame) -> int:
    """What was taken in, how far, and what was wrong with the files."""
    app, actor = opened(frame)
    with app:
        listed = app.run(operations.LIST_SOURCES, actor, operations.ListSources())

        def show(console: Console) -> None:
            table = frame.table("source", "name", "format", "items", "state")
            for one in listed.sources:
                state = words.term("source_state", one.state.value, frame.language)
                table.add_row(one.id, one.name, one.format, str(one.items_done), state)
            console.print(table)
            for problem in listed.problems:
                console.print(words.problem_text(problem, frame.language), markup=False)

        rows = [
            {
                "source": one.id,
                "name": one.name,
                "format": one.format,
                "sha256": one.digest,
                "size": one.size,
                "items": one.items_done,
                "state": one.state.value,
                "received_at": one.received_at,
                "delivery": one.parent,
            }
            for one in listed.sources
        ]
        frame.answer(
            {"sources": rows, "problems": [problem_json(one, frame.language) for one in listed.problems]}, show
        )
    return 0


def show_audit(frame: Frame, subject: str, limit: int) -> int:
    """Who did what, newest first."""
    app, actor = opened(frame)
    with app:
        entries = app.run(operations.SHOW_AUDIT, actor, operations.ShowAudit(subject=subject, limit=limit))

        def show(console: Console) -> None:
            table = frame.table("at", "actor", "operation", "subject", "before", "after", "reason", "batch")
            for one in entries:
                table.add_row(
                    one.at[:19], one.actor, one.operation, one.subject, one.before, one.after, one.reason, one.batch
                )
            console.print(table)

        names = ("at", "actor", "operation", "subject", "outcome", "before", "after", "reason", "batch")
        frame.answer([{name: getattr(one, name) for name in names} for one in entries], show)
    return 0
