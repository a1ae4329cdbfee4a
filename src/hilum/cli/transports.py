"""``transport``: what travelled together, the temperature on the way, and the audit of a logger file."""

from pathlib import Path

import click
from rich.console import Console

from hilum.app import transports as app_transports
from hilum.app.transports import AskedTrip, FileAudit, LoggerAudit, TransportLine, TransportView, instant
from hilum.cli import words
from hilum.cli.frame import Frame, command, group
from hilum.cli.opening import opened
from hilum.cli.taking import STOPPED
from hilum.clock import system_clock
from hilum.messages import text
from hilum.model.record import Value
from hilum.quality import hint
from hilum.quality.finding import Finding, Verdict
from hilum.quality.temperature import Audit, Trip
from hilum.registry.logs import figures_of

_SHOWN = 20


def commands(frame: Frame) -> list[click.Command]:
    """The commands of this module."""
    number = click.Argument(["number"], metavar="TRANSPORT")
    file = click.Argument(["file"], type=click.Path(path_type=Path), metavar="FILE")
    asked: list[click.Parameter] = [
        click.Option(["--from", "start"], default="", metavar="INSTANT", help=frame.say("option.trip_from")),
        click.Option(["--to", "end"], default="", metavar="INSTANT", help=frame.say("option.trip_to")),
        click.Option(["--low"], type=float, help=frame.say("option.trip_low")),
        click.Option(["--high"], type=float, help=frame.say("option.trip_high")),
    ]
    return [
        group(
            frame,
            "transport",
            [
                command(frame, "list", list_transports, key="transport.list"),
                command(frame, "show", show_transport, [number], key="transport.show"),
                command(frame, "audit", audit_file, [file, *asked], key="transport.audit"),
            ],
        )
    ]


def list_transports(frame: Frame) -> int:
    """Transports that went with a logger, limits or a log."""
    app, actor = opened(frame)
    with app:
        lines = app_transports.transports(app, actor)

    def show(console: Console) -> None:
        table = frame.table("transport", "logger", "dispatched_at", "received_at", "accepted", "held")
        for one in lines:
            table.add_row(*(str(cell) for cell in _line_json(one).values()))
        console.print(table)
        console.print(frame.say("transport.total", count=len(lines)), markup=False)

    frame.answer([_line_json(one) for one in lines], show)
    return 0


def show_transport(frame: Frame, number: str) -> int:
    """One transport: window, logger, audit, log, specimens, binding."""
    app, actor = opened(frame)
    with app:
        view = app_transports.transport(app, actor, number)
    frame.answer(_view_json(view), lambda console: _show_view(frame, console, view))
    return 0


def audit_file(frame: Frame, file: Path, start: str, end: str, low: float | None, high: float | None) -> int:
    """Audit a logger file by itself. Answers 2 when the gate would hold it."""
    found = app_transports.audit_file(file, AskedTrip(start, end, low, high), system_clock)
    frame.answer(_file_json(frame, found), lambda console: _show_file(frame, console, found))
    return 0 if all(one.judgement.verdict is Verdict.ACCEPT for one in found.probes) else STOPPED


def _line_json(one: TransportLine) -> dict[str, object]:
    window = {"dispatched_at": one.dispatched_at, "received_at": one.received_at}
    return {"transport": one.transport, "logger": one.logger, **window, "accepted": one.accepted, "held": one.held}


def _audit_json(figures: Audit | None, trip: Trip) -> dict[str, object] | None:
    if figures is None:
        return None
    excursions = [
        {"from": instant(one.start), "to": instant(one.end), "minutes": round(one.minutes, 3), "worst_c": one.worst_c}
        for one in figures.excursions
    ]
    plain = {name.removeprefix("log."): value for name, value in figures_of(figures, trip).items()}
    ends = {"first": instant(figures.first), "last": instant(figures.last)}
    return {**ends, **plain, "low_c": trip.low_c, "high_c": trip.high_c, "excursions": excursions}


def _view_json(view: TransportView) -> dict[str, object]:
    binding = view.binding
    return {
        **_line_json(view.line),
        "logs": [
            {"key": log.key, "logger": log.fields.get("logger"), "digest": log.fields.get("digest")}
            for log in view.heard.logs
        ],
        "audited_logger": view.heard.logger,
        "audit": _audit_json(view.heard.audit, view.heard.trip),
        "specimens": list(view.specimens),
        "held_specimens": list(view.held),
        "binding": binding.digest if binding else None,
        "recorded_binding": view.recorded.after if view.recorded else None,
        "recorded_at": view.recorded.at if view.recorded else None,
        "proved": view.is_proved,
    }


def _file_json(frame: Frame, found: FileAudit) -> dict[str, object]:
    return {
        "problems": [{"reason": one.reason, "line": one.locator.line} for one in found.problems],
        "probes": [
            {
                "logger": one.logger,
                "digest": one.digest,
                "verdict": one.judgement.verdict.value,
                "audit": _audit_json(one.audit, one.trip),
                "findings": [
                    {"rule": finding.rule, "outcome": finding.outcome.value, "hint": _hint(frame, one, finding)}
                    for finding in one.judgement.findings
                ],
            }
            for one in found.probes
        ],
    }


def _hint(frame: Frame, one: LoggerAudit, finding: Finding) -> str:
    return hint.hint(finding, one.ruleset.find(finding.rule), frame.language)


def _show_view(frame: Frame, console: Console, view: TransportView) -> None:
    line = view.line
    told = {"transport": line.transport, "logger": line.logger or "—"}
    window = {"start": line.dispatched_at or "—", "end": line.received_at or "—"}
    console.print(frame.say("transport.head", **told, **window), markup=False)
    for log in view.heard.logs:
        digest = log.fields.get("digest") or log.digest
        console.print(frame.say("transport.log", logger=log.fields.get("logger") or "—", digest=digest), markup=False)
    if not view.heard.logs:
        console.print(frame.say("transport.no_log"), markup=False)
    _show_audit(frame, console, view.heard.audit, view.heard.trip)
    _names(frame, console, "transport.specimens", view.specimens)
    _names(frame, console, "transport.held", view.held)
    if view.binding is not None:
        key = "transport.proved" if view.is_proved else "transport.not_proved"
        recorded = view.recorded.at if view.recorded else "—"
        console.print(frame.say(key, digest=view.binding.digest, at=recorded), markup=False)


def _names(frame: Frame, console: Console, key: str, names: tuple[str, ...]) -> None:
    more = "" if len(names) <= _SHOWN else " …"
    if names:
        console.print(frame.say(key, count=len(names), names=", ".join(names[:_SHOWN]) + more), markup=False)


def _show_audit(frame: Frame, console: Console, figures: Audit | None, trip: Trip) -> None:
    if figures is None:
        return
    table = frame.table("figure", "value")
    for name, value in figures_of(figures, trip).items():
        if value is not None:
            table.add_row(frame.say(f"figure.{name.removeprefix('log.')}"), _shown(value))
    console.print(table)
    for one in figures.excursions[:_SHOWN]:
        told = {"start": instant(one.start), "end": instant(one.end)}
        minutes, worst = f"{one.minutes:.1f}", f"{one.worst_c:g}"
        key = "transport.brief" if one.is_brief else "transport.excursion"
        console.print(frame.say(key, **told, minutes=minutes, worst=worst), markup=False)


def _shown(value: Value) -> str:
    return words.value_text(value)


def _show_file(frame: Frame, console: Console, found: FileAudit) -> None:
    for problem in found.problems[:_SHOWN]:
        said = text(f"problem.{problem.reason}", frame.language, **problem.values)
        console.print(said, markup=False)
    for one in found.probes:
        verdict = words.term("verdict", one.judgement.verdict.value, frame.language)
        console.print(frame.say("transport.probe", logger=one.logger, digest=one.digest, verdict=verdict), markup=False)
        _show_audit(frame, console, one.audit, one.trip)
        for finding in one.judgement.findings:
            rule = one.ruleset.find(finding.rule)
            title = hint.title(finding, rule, frame.language)
            console.print(
                frame.say("transport.finding", rule=finding.rule, title=title, hint=_hint(frame, one, finding)),
                markup=False,
            )
