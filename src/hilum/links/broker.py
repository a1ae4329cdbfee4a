"""A broker's channels as doors: delivered, made safe, acknowledged, answered. What NATS, RabbitMQ and Kafka share.

FastStream does the talking; :mod:`broker_nats <hilum.links.broker_nats>` and its two neighbours say how a channel is
declared there. A message is acknowledged after its bytes are safe and never before; one that comes again has no second
effect, which is the business of whoever takes it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol

from faststream import AckPolicy
from faststream.message import StreamMessage

from hilum.links.broker_channel import Answering, Connection, Delivered, Listened, Take

Tell = Callable[[str, Mapping[str, object]], None]

TOGETHER = 100
"""Messages of one channel under way at once."""
MANUAL = AckPolicy.MANUAL
_ANSWERING = 1_000
_PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_GRACE_S = 10.0
_KEYS = ("idempotency-key", "nats-msg-id")


Message = StreamMessage[Any]
Handle = Callable[[Message], Awaitable[None]]


class Talking(Protocol):
    """A connection that has been declared."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def say(self, topic: str, body: bytes, correlation: str) -> None:
        """Publish an answer."""
        ...


Declare = Callable[[Connection, Callable[[Listened], Handle]], Talking]
"""Declare every channel of a connection with what handles it."""


async def whole(message: Message) -> Message:
    """FastStream's decoder for handlers that want the bytes and the headers: the message itself."""
    return message


class BrokerLink:
    """One broker with its channels."""

    def __init__(self, at: Connection, declare: Declare, take: Take, tell: Tell) -> None:
        self._at, self._declare, self._take, self._tell = at, declare, take, tell
        self._answers: set[asyncio.Task[None]] = set()
        self._under_way = 0
        self._talking: Talking | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until ``stop``; where the broker cannot be reached, again and again."""
        failures = 0
        while not stop.is_set():
            talking = self._declare(self._at, self._handle)
            try:
                await talking.start()
                self._tell("broker_connected", {"broker": self._at.name})
                failures, self._talking = 0, talking
                await stop.wait()
            except Exception as wrong:  # each client has its own errors: whatever it was, it is tried again
                if not failures:
                    self._tell("broker_away", {"broker": self._at.name, "why": type(wrong).__name__})
                failures += 1
            finally:
                await self._end(talking)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _PAUSES_S[min(failures, len(_PAUSES_S) - 1)])

    async def _end(self, talking: Talking) -> None:
        if self._answers:
            await asyncio.wait(set(self._answers), timeout=_GRACE_S)
        for task in list(self._answers):
            task.cancel()
        self._talking = None
        with suppress(Exception):  # as above
            await asyncio.wait_for(talking.stop(), _GRACE_S)

    def _handle(self, channel: Listened) -> Handle:
        async def handle(message: Message) -> None:
            body = message.body if isinstance(message.body, bytes) else b""
            delivered = Delivered(channel.index, body, _key(message.headers), message.reply_to or "")
            answering = await self._take(delivered)
            await message.ack()
            if answering is not None and len(self._answers) < _ANSWERING:
                task = asyncio.create_task(self._answer(answering, message.correlation_id or ""))
                self._answers.add(task)
                task.add_done_callback(self._answers.discard)

        return handle

    async def _answer(self, answering: Answering, correlation: str) -> None:
        answer = await answering()
        talking = self._talking
        if answer is not None and talking is not None:
            try:
                await talking.say(answer[0], answer[1], correlation)
            except Exception as wrong:  # as above; the answer can be asked for over HTTP
                self._tell("broker_unanswered", {"broker": self._at.name, "why": type(wrong).__name__})


def _key(headers: Mapping[str, object]) -> str:
    for name, value in headers.items():
        if name.lower() in _KEYS and isinstance(value, str | bytes):
            return (value if isinstance(value, str) else value.decode("utf-8", "replace"))[:200]
    return ""
