"""The inbox as a person sees it: what came, what the gate said, what was set aside, and doing it again."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from hilum.app.answering import read_answer
from hilum.app.running import Hilum
from hilum.clock import parse_stamp, stamp
from hilum.errors import BadInputError
from hilum.model.party import Actor
from hilum.registry.arrivals import Arrival, ArrivalState, Backlog
from hilum.stores.inbox import Inbox
from hilum.stores.inbox_opening import open_inbox

_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class InboxPage:
    """Arrivals, and how many there are in which state."""

    arrivals: tuple[Arrival, ...]
    counts: Mapping[str, int]
    backlog: Backlog


@contextmanager
def _opened(app: Hilum) -> Iterator[Inbox]:
    inbox = open_inbox(app.settings)
    try:
        yield inbox
    finally:
        inbox.close()


def arrivals(
    app: Hilum, actor: Actor, states: Collection[ArrivalState] = (), since: int = 0, limit: int = 100
) -> InboxPage:
    """Arrivals after number ``since``."""
    app.authorise("inbox.list", "read", actor)
    with _opened(app) as inbox:
        found = inbox.listed(states=states, since=since, limit=limit)
        return InboxPage(tuple(found), inbox.counts(), inbox.backlog())


def arrival(app: Hilum, actor: Actor, identity: str) -> tuple[Arrival, Mapping[str, object]]:
    """One arrival and what the gate answered. Raises :class:`~hilum.errors.NotFoundError`."""
    app.authorise("inbox.show", "read", actor)
    with _opened(app) as inbox:
        found = inbox.find(identity)
        told = inbox.answers([found.n]).get(found.n)
        return found, read_answer(told[1]) if told else {}


def original(app: Hilum, actor: Actor, identity: str) -> bytes:
    """The bytes as received: personal data, so who asks is put on the audit trail first."""
    app.authorise("inbox.original", "identify", actor)
    with _opened(app) as inbox:
        found = inbox.find(identity)
        app.record("inbox.original", actor, found.id)
        return inbox.body(found.id)


def replay(app: Hilum, actor: Actor, since: int = 0, after: str = "", *, only_aside: bool = False) -> int:
    """Have the gate work again on what came after number ``since`` or after an instant; answers how many arrivals.

    Nothing is doubled: records the bank has are recognised. Raises :class:`BadInputError` for an unreadable instant.
    """
    app.authorise("inbox.replay", "operate", actor)
    states = [ArrivalState.ASIDE] if only_aside else []
    with _opened(app) as inbox:
        first = max(since, _number_before(inbox, after) if after else 0)
        app.record("inbox.replay", actor, f"after {first}")
        return inbox.replay(since=first, states=states)


def _number_before(inbox: Inbox, after: str) -> int:
    """The number of the last arrival that came before an instant."""
    try:
        wanted = stamp(parse_stamp(after))
    except ValueError as unreadable:
        raise BadInputError("instant_unreadable", value=after) from unreadable
    last = 0
    while page := inbox.listed(since=last, limit=_PAGE):
        for one in page:
            if one.received_at >= wanted:
                return last
            last = one.n
    return last
