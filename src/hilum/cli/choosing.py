"""How a person names records on the command line: by identifier, or all that match a filter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import click

from hilum.app.running import Hilum
from hilum.cli.frame import Frame
from hilum.errors import BadInputError
from hilum.model.party import Actor
from hilum.model.record import Kind
from hilum.registry.operations import LIST_QUEUE, ListQueue
from hilum.registry.ports import QueueFilter
from hilum.registry.quarantine import OPEN
from hilum.registry.stored import RecordState, StoredRecord

_EVERYTHING = 1_000_000


def filters(frame: Frame) -> list[click.Parameter]:
    """Options that narrow the queue."""
    return [
        click.Option(["--kind"], type=click.Choice([kind.value for kind in Kind]), help=frame.say("option.kind")),
        click.Option(["--rule"], default="", metavar="ID", help=frame.say("option.rule")),
        click.Option(["--source"], default="", metavar="ID", help=frame.say("option.source")),
        click.Option(["--key"], default="", metavar="KEY", help=frame.say("option.key")),
    ]


def chosen(frame: Frame) -> list[click.Parameter]:
    """Record identifiers, or ``--all`` with filters."""
    return [
        click.Argument(["records"], nargs=-1, metavar="[RECORD]..."),
        click.Option(["--all"], is_flag=True, help=frame.say("option.all")),
        *filters(frame),
    ]


@dataclass(frozen=True, slots=True)
class Choice:
    """What the person named: identifiers, or all that match."""

    records: tuple[str, ...] = ()
    all: bool = False
    kind: str | None = None
    rule: str = ""
    source: str = ""
    key: str = ""

    def filter(self, states: Sequence[RecordState], limit: int = _EVERYTHING, rule: str = "") -> QueueFilter:
        """The filter the options mean."""
        kinds = (Kind(self.kind),) if self.kind else ()
        return QueueFilter(
            states=tuple(states), kinds=kinds, rule=rule or self.rule, source=self.source, key=self.key, limit=limit
        )

    def resolve(self, app: Hilum, actor: Actor, rule: str = "") -> tuple[str, ...]:
        """The records meant. Raises :class:`BadInputError` when nothing, or both ways at once, was named."""
        if bool(self.records) == self.all:
            raise BadInputError("choose_records")
        return self.records or tuple(one.id for one in find(app, actor, self.filter(OPEN, rule=rule)))


def choosing(act: Callable[..., int | None]) -> Callable[..., int | None]:
    """Let ``act`` take one :class:`Choice` in place of its separate options."""

    def gathered(frame: Frame, **values: object) -> int | None:
        names = [field.name for field in fields(Choice) if field.name in values]
        choice = Choice(**{name: values.pop(name) for name in names})  # type: ignore[arg-type]  # click typed them
        return act(frame, choice, **values)

    return gathered


def find(app: Hilum, actor: Actor, wanted: QueueFilter) -> tuple[StoredRecord, ...]:
    """Records that match."""
    return app.run(LIST_QUEUE, actor, ListQueue(wanted)).records
