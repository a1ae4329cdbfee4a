"""Time as a port: nothing else in Hilum asks the machine what time it is."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The present instant in UTC, to the microsecond."""
    return datetime.now(UTC)


def fixed_clock(at: datetime) -> Clock:
    """A clock that always answers ``at``; for replay and tests."""
    return lambda: at


def stamp(at: datetime) -> str:
    """ISO 8601 in UTC with microseconds and ``Z``: the one spelling in which instants are stored, and it sorts."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse_stamp(text: str) -> datetime:
    """The instant a :func:`stamp` names. Raises ``ValueError`` for anything else without a zone."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"no time zone: {text}")
    return at.astimezone(UTC)
