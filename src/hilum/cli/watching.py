"""``watch list|ack|sweep``: what should have happened and did not, who has it in hand, and one sweep by hand."""

from collections.abc import Sequence
from dataclasses import replace

import click
from rich.console import Console

from hilum.app.watching import notice_json, sweep_all
from hilum.cli import words
from hilum.cli.frame import Frame, command, group
from hilum.cli.opening import opened
from hilum.quality import watch_words
from hilum.quality.watch import Notice
from hilum.registry.watch_stored import NoticeFilter
from hilum.registry.watching_operations import (
    ACKNOWLEDGE_NOTICE,
    LIST_NOTICES,
    AcknowledgeNotice,
    ListNotices,
)


def commands(frame: Frame) -> list[click.Command]:
    """The commands of this module."""
    listing = [
        click.Option(["--all", "everything"], is_flag=True, help=frame.say("option.notices_all")),
        click.Option(["--subject"], default="", metavar="ID", help=frame.say("option.notices_subject")),
        click.Option(["--since"], default="", metavar="INSTANT", help=frame.say("option.notices_since")),
        click.Option(["--limit"], default=50, type=click.IntRange(1), help=frame.say("option.limit")),
    ]
    acknowledging = [
        click.Argument(["notice"], metavar="NOTICE"),
        click.Option(["--reason"], default="", help=frame.say("option.reason")),
    ]
    return [
        group(
            frame,
            "watch",
            [
                command(frame, "list", list_notices, listing, key="notice.list"),
                command(frame, "ack", acknowledge, acknowledging, key="notice.acknowledge"),
                command(frame, "sweep", sweep, key="watch.sweep"),
            ],
        )
    ]


def list_notices(frame: Frame, everything: bool, subject: str, since: str, limit: int) -> int:
    """The open notices nobody has in hand, or all."""
    wanted = NoticeFilter(subject=subject, since=since, limit=limit)
    if not everything:
        wanted = replace(wanted, open=True, acknowledged=False)
    app, actor = opened(frame)
    with app:
        notices = app.run(LIST_NOTICES, actor, ListNotices(wanted))
    frame.answer([notice_json(one, frame.language) for one in notices], lambda console: _tell(frame, console, notices))
    return 0


def acknowledge(frame: Frame, notice: str, reason: str) -> int:
    """Take a notice in hand."""
    app, actor = opened(frame)
    with app:
        told = app.run(ACKNOWLEDGE_NOTICE, actor, AcknowledgeNotice(notice, reason))
    by = told.body["acknowledged_by"]
    frame.answer(
        notice_json(told, frame.language),
        lambda console: console.print(frame.say("watch.acknowledged", notice=told.id, by=by), markup=False),
    )
    return 0


def sweep(frame: Frame) -> int:
    """One sweep by hand: for a bank without the service running, and to see what it would find."""
    app, actor = opened(frame)
    with app:
        swept = sweep_all(app, actor)

    def tell(console: Console) -> None:
        counts = {"raised": len(swept.raised), "closed": len(swept.closed), "changed": len(swept.changed)}
        _tell(frame, console, swept.every)
        console.print(frame.say("watch.swept", **counts), markup=False)

    told = {name: [notice_json(one, frame.language) for one in getattr(swept, name)] for name in _PARTS}
    frame.answer({**told, "assessed": swept.assessed}, tell)
    return 0


_PARTS = ("raised", "closed", "changed")


def _tell(frame: Frame, console: Console, notices: Sequence[Notice]) -> None:
    table = frame.table("notice", "severity", "subject", "since", "title", "hint", "state")
    for one in notices:
        table.add_row(
            one.id,
            words.term("severity", one.severity.value, frame.language),
            one.subject,
            watch_words.shown_instant(one.since),
            watch_words.title(one, frame.language),
            watch_words.hint(one, frame.language) if one.is_open else "",
            _standing(frame, one),
        )
    console.print(table)
    console.print(frame.say("watch.total", count=len(notices)), markup=False)


def _standing(frame: Frame, one: Notice) -> str:
    """Open, in whose hands, or why it is over."""
    if not one.is_open:
        return watch_words.reason(one, frame.language)
    by = one.body.get("acknowledged_by")
    return frame.say("watch.in_hand", by=by) if by else frame.say("watch.open")
