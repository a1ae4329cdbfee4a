"""``sop add|list|show|retire|check``: procedures as data, and how specimens stand to them."""

from collections.abc import Mapping
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.text import Text

from hilum.app.sop import adopt, check_all, check_due, read_sop, standing_of
from hilum.cli.frame import Frame, command, group
from hilum.cli.opening import opened
from hilum.clock import stamp
from hilum.messages import Language, text
from hilum.quality.process import Outcome, ProcessOutcome, ProcessVerdict
from hilum.quality.sop import Constraint, Sop, SopNotice, known_steps
from hilum.quality.sop_text import as_data, load_sop, templates
from hilum.registry.process_operations import LIST_SOPS, RETIRE_SOP, SHOW_SOP, ListSops, ProcessPage, RetireSop, ShowSop
from hilum.registry.process_stored import ProcessStanding, StoredSop


def commands(frame: Frame) -> list[click.Command]:
    """The commands of this module."""
    file = click.Argument(["file"], metavar="FILE|TEMPLATE")
    sop = click.Argument(["sop"], metavar="SOP")
    reason = click.Option(["--reason"], default="", help=frame.say("option.reason"))
    adding = [
        file,
        click.Option(["--id", "sop_id"], default="", metavar="ID", help=frame.say("option.sop_id")),
        click.Option(["--applies"], default="", metavar="PREDICATE", help=frame.say("option.applies")),
        reason,
    ]
    checking = [
        click.Argument(["specimen"], required=False, default="", metavar="[SPECIMEN]"),
        click.Option(["--all", "everything"], is_flag=True, help=frame.say("option.sop_all")),
        click.Option(["--limit"], default=50, type=click.IntRange(1), help=frame.say("option.limit")),
    ]
    return [
        group(
            frame,
            "sop",
            [
                command(frame, "add", add, adding, key="sop.add"),
                command(frame, "list", list_all, [], key="sop.list"),
                command(frame, "show", show, [sop], key="sop.show"),
                command(frame, "retire", retire, [sop, reason], key="sop.retire"),
                command(frame, "check", check, checking, key="sop.check"),
            ],
        )
    ]


def add(frame: Frame, file: str, sop_id: str, applies: str, reason: str) -> int:
    """Adopt an SOP and ask it of every specimen."""
    sop, notices = read_sop(file, sop_id, applies)
    app, actor = opened(frame)
    with app:
        adopted = adopt(app, actor, sop, notices, reason)

    def tell(console: Console) -> None:
        for one in notices:
            console.print("! " + notice_text(one, frame.language), markup=False)
        numbers = {"count": len(sop.constraints), "assessed": adopted.assessed}
        console.print(frame.say("sop.added", sop=sop.id, version=sop.version, **numbers), markup=False)

    told = [{"reason": one.reason, "message": notice_text(one, frame.language)} for one in notices]
    frame.answer({**_stored_json(adopted.stored), "assessed": adopted.assessed, "notices": told}, tell)
    return 0


def notice_text(notice: SopNotice, language: Language) -> str:
    """What of a foreign SOP was left out, in words."""
    return text(f"sop.notice.{notice.reason}", language, **dict(notice.values))


def list_all(frame: Frame) -> int:
    """SOPs of the bank, then the shipped templates."""
    app, actor = opened(frame)
    with app:
        page = app.run(LIST_SOPS, actor, ListSops())

    def tell(console: Console) -> None:
        table = frame.table("sop", "version", "state", "title", "standing")
        for one in page.sops:
            counts = "、".join(
                f"{text(f'process.{verdict}', frame.language)} {count}"
                for sop, verdict, count in page.counts
                if sop == one.id and one.state.value == "active"
            )
            title = load_sop(one.body, one.id).title.say(frame.language)
            table.add_row(one.id, str(one.version), text(f"sop_state.{one.state.value}", frame.language), title, counts)
        console.print(table)
        console.print(frame.say("sop.templates", names=", ".join(templates())), markup=False)

    counts = [{"sop": sop, "verdict": verdict, "specimens": count} for sop, verdict, count in page.counts]
    rows = [_stored_json(one) for one in page.sops]
    frame.answer({"sops": rows, "standing": counts, "templates": sorted(templates())}, tell)
    return 0


def _stored_json(one: StoredSop) -> dict[str, object]:
    return {
        "sop": one.id,
        "version": one.version,
        "state": one.state.value,
        "digest": one.digest,
        "added_at": one.added_at,
        "added_by": one.added_by,
    }


def show(frame: Frame, sop: str) -> int:
    """One SOP of the bank, or a shipped template."""
    if sop in templates():
        found = _of_bank(frame, sop) or templates()[sop]
    else:
        app, actor = opened(frame)
        with app:
            found = load_sop(app.run(SHOW_SOP, actor, ShowSop(sop)).body, sop)
    frame.answer(as_data(found), lambda console: _tell_sop(frame, console, found))
    return 0


def _of_bank(frame: Frame, sop: str) -> Sop | None:
    """The bank's own version of what is a template too; a bank is not needed to look at one."""
    if not frame.home.is_dir():
        return None
    app, actor = opened(frame)
    with app:
        known = [one for one in app.run(LIST_SOPS, actor, ListSops()).sops if one.id == sop]
    return load_sop(known[-1].body, sop) if known else None


def _tell_sop(frame: Frame, console: Console, sop: Sop) -> None:
    language = frame.language
    console.print(Text(f"{sop.id} v{sop.version}  {sop.title.say(language)}", style="bold"))
    console.print(frame.say("sop.applies", applies=sop.applies or frame.say("always")), markup=False)
    steps = " → ".join(known_steps()[step].say(language) for step in sop.steps)
    console.print(frame.say("sop.steps", steps=steps), markup=False)
    table = frame.table("constraint", "demand", "severity", "origin")
    for one in sop.constraints:
        source = f"{one.source.standard} {one.source.clause}".strip()
        table.add_row(one.id, demand(one, language), text(f"severity.{one.severity.value}", language), source)
    console.print(table)


def demand(one: Constraint, language: Language) -> str:
    """What a constraint asks for, in one sentence."""
    steps = known_steps()
    said = {
        "step": steps[one.step].say(language),
        "then": steps[one.then].say(language) if one.then else "",
        "minutes": f"{one.minutes:g}",
        "count": one.count,
    }
    sentence = text(f"sop.demand.{one.kind.value}", language, **said)
    if one.deadline is None:
        return sentence
    after = steps[one.deadline.after].say(language)
    return sentence + text("sop.demand_by", language, after=after, minutes=f"{one.deadline.minutes:g}")


def retire(frame: Frame, sop: str, reason: str) -> int:
    """Ask for an SOP no more."""
    app, actor = opened(frame)
    with app:
        stored = app.run(RETIRE_SOP, actor, RetireSop(sop, reason))
    frame.answer(
        _stored_json(stored),
        lambda console: console.print(frame.say("sop.retired", sop=stored.id, version=stored.version), markup=False),
    )
    return 0


def check(frame: Frame, specimen: str, everything: bool, limit: int) -> int:
    """Assess what has fallen due (or everything), then show who is not as they should be."""
    app, actor = opened(frame)
    with app:
        if everything:
            check_all(app, actor)
        else:
            check_due(app, actor)
        page = standing_of(app, actor, specimen, limit)
    sops = {(one.id, one.version): load_sop(one.body, one.id) for one in page.sops}

    def tell(console: Console) -> None:
        table = frame.table("specimen", "sop", "constraint", "outcome", "until", "hint", "evidence")
        for standing in page.standings:
            for row in rows(standing, sops[standing.sop, standing.version], frame.language, every=bool(specimen)):
                table.add_row(*row)
        console.print(table)
        console.print(_counted(frame, page), markup=False)

    shown = [standing_json(one, sops[one.sop, one.version], frame.language) for one in page.standings]
    counts = [{"sop": sop, "verdict": verdict, "specimens": count} for sop, verdict, count in page.counts]
    frame.answer({"standing": shown, "counts": counts}, tell)
    return 0


def _counted(frame: Frame, page: ProcessPage) -> str:
    if not page.counts:
        return frame.say("sop.nothing")
    return "\n".join(
        frame.say("sop.count", sop=sop, verdict=text(f"process.{verdict}", frame.language), count=count)
        for sop, verdict, count in page.counts
    )


_NOT_SHOWN = (ProcessOutcome.SATISFIED, ProcessOutcome.NOT_APPLICABLE)


def rows(standing: ProcessStanding, sop: Sop, language: Language, *, every: bool) -> list[tuple[str, ...]]:
    """A standing as rows of words; with ``every`` also what is as it should be."""
    constraints = {one.id: one for one in sop.constraints}
    return [
        (
            standing.specimen,
            standing.sop,
            demand(constraints[one.constraint], language),
            text(f"process_outcome.{one.outcome.value}", language),
            _until(one).replace("T", " ").removesuffix(".000000Z")[:16],
            "" if one.outcome in _NOT_SHOWN else constraints[one.constraint].hint.say(language),
            " ".join(one.evidence),
        )
        for one in standing.outcomes
        if every or one.outcome not in _NOT_SHOWN
    ]


def _until(one: Outcome) -> str:
    return "" if one.until is None else stamp(datetime.fromtimestamp(one.until, UTC))


def standing_json(standing: ProcessStanding, sop: Sop, language: Language) -> dict[str, object]:
    """A standing for programs."""
    constraints = {one.id: one for one in sop.constraints}
    return {
        "specimen": standing.specimen,
        "sop": standing.sop,
        "version": standing.version,
        "verdict": standing.verdict.value,
        "pending_until": standing.pending_until or None,
        "outcomes": [
            {
                "constraint": one.constraint,
                "outcome": one.outcome.value,
                "severity": constraints[one.constraint].severity.value,
                "until": _until(one) or None,
                "hint": constraints[one.constraint].hint.say(language),
                "evidence": list(one.evidence),
            }
            for one in standing.outcomes
        ],
    }


def standing_lines(standings: tuple[ProcessStanding, ...], language: Language) -> list[str]:
    """How a specimen stands, a line per SOP, for the lifeline."""
    lines = []
    for one in standings:
        broken = sum(each.outcome is ProcessOutcome.VIOLATED for each in one.outcomes)
        verdict = text(f"process.{one.verdict.value}", language)
        line = text("cli.sop.line", language, sop=one.sop, version=one.version, verdict=verdict, broken=broken)
        if one.pending_until:
            line += text("cli.sop.line_until", language, until=one.pending_until[:16].replace("T", " "))
        lines.append(line)
    return lines


def process_lines(frame: Frame, process: Mapping[str, int], until: str) -> list[str]:
    """What an intake meant for the SOPs, for its summary; nothing where no SOP speaks of what came in."""
    if not process:
        return []
    numbers = {one.value: process.get(one.value, 0) for one in ProcessVerdict if one is not ProcessVerdict.CONFORM}
    lines = [frame.say("process.numbers", **numbers)]
    if until:
        lines.append(frame.say("process.until", until=until[:16].replace("T", " ")))
    return [*lines, frame.say("process.next")] if any(numbers.values()) else lines
