"""What is said between a broker's link and whoever takes its messages; needs no broker's library."""

import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Listened:
    """One channel: ``index`` is what it is known by to whoever takes its messages."""

    index: int
    topic: str
    stream: str = ""


@dataclass(frozen=True, slots=True)
class Connection:
    """Which broker, as whom, and what to listen to. ``group`` is the reader's name there."""

    name: str
    url: str
    group: str
    channels: tuple[Listened, ...]
    user: str = ""
    password: str = ""
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """One message: of which channel, its bytes, what the sender calls it (or nothing), where it wants the answer."""

    channel: int
    body: bytes
    key: str = ""
    reply_to: str = ""


Answering = Callable[[], Awaitable[tuple[str, bytes] | None]]
Take = Callable[[Delivered], Awaitable[Answering | None]]
"""Make a message safe; done when it is, or when nobody will ever take it. The answer, if there is to be one, comes as
topic and payload from what is returned."""
