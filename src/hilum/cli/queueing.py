"""``queue``, ``fix``, ``release``, ``refuse``, ``waive``, ``undo``: a curator's work on what the gate stopped."""

from collections.abc import Sequence

import click
from rich.console import Console
from rich.text import Text

from hilum.app.editing import typed_values
from hilum.app.running import Hilum
from hilum.cli import words
from hilum.cli.choosing import Choice, choosing, chosen, filters, find
from hilum.cli.frame import Frame, command, group
from hilum.cli.opening import opened
from hilum.cli.plain import record_json
from hilum.errors import BadInputError
from hilum.quality import hint
from hilum.quality.finding import Verdict
from hilum.registry import operations
from hilum.registry.mending import (
    ApproveWaiver,
    FixRecords,
    Mended,
    PlaceRecord,
    RefuseRecords,
    ReleaseRecords,
    RequestWaiver,
    UndoBatch,
)
from hilum.registry.quarantine import OPEN
from hilum.registry.stored import RecordState, StoredRecord

_EVERYTHING = 10_000_000


def commands(frame: Frame) -> list[click.Command]:
    """The commands of this module."""
    reason = click.Option(["--reason"], default="", metavar="TEXT", help=frame.say("option.reason"))
    limit = click.Option(["--limit"], default=20, type=click.IntRange(1), help=frame.say("option.limit"))
    ready = click.Option(["--ready"], is_flag=True, help=frame.say("option.ready"))
    rule = click.Option(["--waive"], required=True, metavar="RULE", help=frame.say("option.waive"))
    expires = click.Option(["--expires"], default="", metavar="YYYY-MM-DD", help=frame.say("option.expires"))
    one = click.Argument(["record"], metavar="RECORD")
    location = click.Argument(["location"], metavar="LOCATION")
    queue = [
        command(frame, "list", choosing(list_queue), [*filters(frame), ready, limit], key="queue.list"),
        command(frame, "show", show_record, [one], key="queue.show"),
        command(frame, "place", place, [one, location], key="queue.place"),
    ]
    fixing = [
        click.Option(["--set", "changes"], multiple=True, metavar="FIELD=VALUE", help=frame.say("option.set")),
        click.Option(["--hint", "hinted"], is_flag=True, help=frame.say("option.hint")),
        click.Option(["--release", "and_release"], is_flag=True, help=frame.say("option.release")),
    ]
    return [
        group(frame, "queue", queue),
        command(frame, "fix", choosing(fix), [*chosen(frame), *fixing, reason]),
        command(frame, "release", choosing(release), [*chosen(frame), reason]),
        command(frame, "refuse", choosing(refuse), [*chosen(frame), reason]),
        group(
            frame,
            "waive",
            [
                command(
                    frame, "request", choosing(request), [*chosen(frame), rule, reason, expires], key="waive.request"
                ),
                command(frame, "approve", choosing(approve), [*chosen(frame), rule], key="waive.approve"),
            ],
        ),
        command(frame, "undo", undo, [click.Argument(["batch"], metavar="BATCH")]),
    ]


def list_queue(frame: Frame, choice: Choice, ready: bool, limit: int) -> int:
    """Held and rejected records, oldest first."""
    app, actor = opened(frame)
    with app:
        wanted = choice.filter(OPEN, limit=_EVERYTHING if ready else limit)
        page = app.run(operations.LIST_QUEUE, actor, operations.ListQueue(wanted))
        records = [one for one in page.records if not ready or is_ready(one)]
        total = len(records) if ready else page.total
        records = records[:limit]

        def show(console: Console) -> None:
            table = frame.table("record", "kind", "key", "verdict", "score", "leading")
            for one in records:
                table.add_row(*_queue_row(frame, app, one))
            console.print(table)
            console.print(frame.say("queue.total", shown=len(records), total=total), markup=False)

        frame.answer({"total": total, "records": [record_json(one, app.gate.ruleset) for one in records]}, show)
    return 0


def is_ready(record: StoredRecord) -> bool:
    """Whether the gate would let a held record in as it was last judged."""
    return record.judgement is not None and record.judgement.verdict is Verdict.ACCEPT


def _queue_row(frame: Frame, app: Hilum, one: StoredRecord) -> list[str]:
    judgement = one.judgement
    leading = ""
    for first in words.gravest_first(one)[:1]:
        rule = app.gate.ruleset.find(first.rule)
        leading = f"{first.rule} {hint.title(first, rule, frame.language)}" if rule else first.rule
    verdict = words.term("verdict", judgement.verdict.value, frame.language) if judgement else "—"
    total = words.points(judgement.score.total) if judgement else "—"
    return [one.id, words.term("kind", one.kind.value, frame.language), one.key, verdict, total, leading]


def show_record(frame: Frame, record: str) -> int:
    """One record with every finding explained."""
    app, actor = opened(frame)
    with app:
        view = app.run(operations.SHOW_RECORD, actor, operations.ShowRecord(record))
        one = view.record

        def show(console: Console) -> None:
            console.print(Text(f"{one.id}  {one.key}", style="bold"))
            state = words.term("state", one.state.value, frame.language)
            console.print(frame.say("record.where", place=one.locator.place, line=one.locator.line), markup=False)
            console.print(frame.say("record.state", state=state, at=one.received_at[:19]), markup=False)
            if one.judgement:
                console.print(words.score_line(one.judgement.score, frame.language), markup=False)
            for name, value in one.fields.items():
                label = words.field_label(one.kind, name, frame.language)
                console.print(f"  {label} ({name}): {words.value_text(value)}", markup=False)
            for finding in words.gravest_first(one):
                lines = words.finding_lines(one, finding, app.gate.ruleset, frame.language)
                console.print(Text("\n" + lines[0], style="bold"))
                for line in lines[1:]:
                    console.print("  " + line, markup=False)
            for entry in view.trail:
                console.print(frame.say("record.trail", at=entry.at[:19], actor=entry.actor, what=entry.operation))

        frame.answer(record_json(one, app.gate.ruleset, frame.language), show)
    return 0


def place(frame: Frame, record: str, location: str) -> int:
    """Say where a held specimen stands."""
    app, actor = opened(frame)
    with app:
        mended = app.run(operations.PLACE, actor, PlaceRecord(record, location))
        return _answer(frame, [mended], app.last_batch)


def fix(frame: Frame, choice: Choice, changes: tuple[str, ...], hinted: bool, and_release: bool, reason: str) -> int:
    """Correct records by their hints or by hand."""
    if bool(changes) == hinted:
        raise BadInputError("fix_how")
    app, actor = opened(frame)
    with app:
        ids = choice.resolve(app, actor)
        values = typed_values(app, actor, ids, changes) if changes else ()
        mended = app.run(operations.FIX, actor, FixRecords(ids, rule=choice.rule, values=values, reason=reason))
        batch = app.last_batch
        ready = tuple(one.record for one in mended if and_release and one.verdict is Verdict.ACCEPT and not one.note)
        if ready:
            released = app.run(operations.RELEASE, actor, ReleaseRecords(ready, reason=reason))
            mended = (*(one for one in mended if one.record not in ready), *released)
            batch = f"{batch}  {app.last_batch}"
        return _answer(frame, mended, batch)


def release(frame: Frame, choice: Choice, reason: str) -> int:
    """Judge once more and let in what passes; ``--all`` means all that are ready."""
    app, actor = opened(frame)
    with app:
        if choice.all and not choice.records:
            held = find(app, actor, choice.filter((RecordState.HELD,)))
            ids = tuple(one.id for one in held if is_ready(one))
        else:
            ids = choice.resolve(app, actor)
        mended = app.run(operations.RELEASE, actor, ReleaseRecords(ids, reason=reason))
        return _answer(frame, mended, app.last_batch)


def refuse(frame: Frame, choice: Choice, reason: str) -> int:
    """Keep records out, with the reason."""
    app, actor = opened(frame)
    with app:
        mended = app.run(operations.REFUSE, actor, RefuseRecords(choice.resolve(app, actor), reason))
        return _answer(frame, mended, app.last_batch)


def request(frame: Frame, choice: Choice, waive: str, reason: str, expires: str) -> int:
    """Ask for a waiver."""
    app, actor = opened(frame)
    with app:
        ids = choice.resolve(app, actor, rule=choice.rule or waive)
        mended = app.run(operations.REQUEST_WAIVER, actor, RequestWaiver(ids, waive, reason, expires))
        return _answer(frame, mended, app.last_batch)


def approve(frame: Frame, choice: Choice, waive: str) -> int:
    """Agree to a waiver as a second person."""
    app, actor = opened(frame)
    with app:
        ids = choice.resolve(app, actor, rule=choice.rule or waive)
        mended = app.run(operations.APPROVE_WAIVER, actor, ApproveWaiver(ids, waive))
        return _answer(frame, mended, app.last_batch)


def undo(frame: Frame, batch: str) -> int:
    """Take back everything one command did."""
    app, actor = opened(frame)
    with app:
        mended = app.run(operations.UNDO, actor, UndoBatch(batch))
        return _answer(frame, mended, app.last_batch)


def _answer(frame: Frame, mended: Sequence[Mended], batch: str) -> int:
    """Say what came of each record; the exit code is 10 when something is still not right."""
    rows = [
        {"record": one.record, "state": one.state.value, "verdict": one.verdict and one.verdict.value, "note": one.note}
        for one in mended
    ]

    def show(console: Console) -> None:
        table = frame.table("record", "state", "verdict", "note")
        for one in mended[:50]:
            verdict = words.term("verdict", one.verdict.value, frame.language) if one.verdict else "—"
            note = frame.say(f"note.{one.note}") if one.note else ""
            table.add_row(one.record, words.term("state", one.state.value, frame.language), verdict, note)
        console.print(table)
        console.print(frame.say("mended", count=len(mended), batch=batch), markup=False)

    frame.answer({"batch": batch, "records": rows}, show)
    return 10 if any(one.note in ("not_ready", "no_hint") for one in mended) else 0
