"""``inbox``: what came through the doors, what was set aside, and doing it again."""

import sys
from pathlib import Path

import click
from rich.console import Console

from hilum.app import inboxing
from hilum.cli.frame import Frame, command, group
from hilum.cli.opening import opened
from hilum.registry.arrivals import Arrival, ArrivalState

_STATES = tuple(state.value for state in ArrivalState)


def commands(frame: Frame) -> list[click.Command]:
    """The commands of this module."""
    arrival = click.Argument(["arrival"], metavar="ARRIVAL")
    since = click.Option(["--since"], default=0, type=click.IntRange(0), help=frame.say("option.inbox_since"))
    listing: list[click.Parameter] = [
        click.Option(["--state"], type=click.Choice(_STATES), multiple=True, help=frame.say("option.inbox_state")),
        since,
        click.Option(["--limit"], default=50, type=click.IntRange(1, 10_000), help=frame.say("option.limit")),
    ]
    again: list[click.Parameter] = [
        since,
        click.Option(["--after"], default="", metavar="INSTANT", help=frame.say("option.inbox_after")),
        click.Option(["--aside"], is_flag=True, help=frame.say("option.inbox_aside")),
    ]
    into = click.Option(["--into"], type=click.Path(path_type=Path), help=frame.say("option.inbox_into"))
    return [
        group(
            frame,
            "inbox",
            [
                command(frame, "list", list_arrivals, listing, key="inbox.list"),
                command(frame, "show", show, [arrival], key="inbox.show"),
                command(frame, "original", original, [arrival, into], key="inbox.original"),
                command(frame, "replay", replay, again, key="inbox.replay"),
            ],
        )
    ]


def list_arrivals(frame: Frame, state: tuple[str, ...], since: int, limit: int) -> int:
    """What came, and how much waits."""
    app, actor = opened(frame)
    with app:
        page = inboxing.arrivals(app, actor, [ArrivalState(one) for one in state], since, limit)

    def tell(console: Console) -> None:
        table = frame.table("number", "arrival", "door", "sender", "state", "size", "received_at")
        for one in page.arrivals:
            shown = frame.say(f"inbox.state.{one.state.value}")
            table.add_row(str(one.n), one.id, one.door, one.sender, shown, str(one.size), one.received_at)
        console.print(table)
        counts = {name: page.counts.get(name, 0) for name in _STATES}
        console.print(frame.say("inbox.counts", **counts), markup=False)

    frame.answer(
        {"arrivals": [_as_json(one) for one in page.arrivals], "counts": dict(page.counts)},
        tell,
    )
    return 0


def show(frame: Frame, arrival: str) -> int:
    """One arrival and what the gate answered."""
    app, actor = opened(frame)
    with app:
        found, answer = inboxing.arrival(app, actor, arrival)

    def tell(console: Console) -> None:
        for name, value in _as_json(found).items():
            console.print(f"{name}: {value}", markup=False)
        console.print_json(data=dict(answer), ensure_ascii=False)

    frame.answer(_as_json(found) | {"answer": dict(answer)}, tell)
    return 0


def original(frame: Frame, arrival: str, into: Path | None) -> int:
    """The bytes as received."""
    app, actor = opened(frame)
    with app:
        body = inboxing.original(app, actor, arrival)
    if into is None:
        sys.stdout.buffer.write(body)
    else:
        into.touch(mode=0o600)
        into.write_bytes(body)
        frame.note("inbox.original_written", file=into)
    return 0


def replay(frame: Frame, since: int, after: str, aside: bool) -> int:
    """Have the gate work on arrivals again."""
    app, actor = opened(frame)
    with app:
        count = inboxing.replay(app, actor, since, after, only_aside=aside)
    frame.answer(
        {"arrivals": count}, lambda console: console.print(frame.say("inbox.replayed", count=count), markup=False)
    )
    return 0


def _as_json(one: Arrival) -> dict[str, object]:
    return {
        "n": one.n,
        "arrival": one.id,
        "door": one.door,
        "sender": one.sender,
        "media": one.media,
        "name": one.name,
        "digest": one.digest,
        "size": one.size,
        "received_at": one.received_at,
        "state": one.state.value,
        "reason": one.reason,
    }
