"""MQTT: subscribed once and for all, acknowledged when safe, connected again whenever the broker is back.

Everything is subscribed with QoS 1 and a session the broker keeps: what is published with QoS 2 comes as QoS 1 then,
so that the broker gives a message up only when this side has acknowledged it, after the bytes are safe. (With QoS 2 the
receiving library would own the message before anybody else has it.) When messages come faster than they can be made
safe, the socket is not read any more. Source: MQTT 3.1.1, 4.3 (quality of service), 4.6 (order).
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from aiomqtt import Client, MqttError
from aiomqtt.message import Message
from paho.mqtt.client import Client as Paho
from paho.mqtt.client import MQTTMessage

Tell = Callable[[str, Mapping[str, object]], None]

_QOS = 1
_TOGETHER = 256
_HIGH, _LOW = 1_000, 200
"""Messages waiting in memory above which the socket rests, and below which it is read again."""
_ANSWERING = 1_000
_PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_GRACE_S = 10.0
_KEEP_ALIVE_S = 30


@dataclass(frozen=True, slots=True)
class Connection:
    """Which broker, as whom, and what to listen to."""

    host: str
    port: int
    client: str
    filters: tuple[str, ...]
    user: str = ""
    password: str = ""
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class Got:
    """One message. ``retained``: it was published some time ago; ``again``: the broker has sent it before."""

    topic: str
    payload: bytes
    retained: bool = False
    again: bool = False


Answering = Callable[[], Awaitable[tuple[str, bytes] | None]]
Take = Callable[[Got], Awaitable[Answering | None]]
"""Make a message safe; done when it is, or when nobody will ever take it. The answer, if there is to be one, comes as
topic and payload from what is returned."""


class _Client(Client):
    """aiomqtt's client with acknowledgement by hand, the mark of a repeat, and a socket that can rest."""

    def __init__(self, at: Connection) -> None:
        super().__init__(
            at.host,
            at.port,
            username=at.user or None,
            password=at.password or None,
            identifier=at.client,
            clean_session=False,
            keepalive=_KEEP_ALIVE_S,
            tls_context=at.tls,
            timeout=10.0,
        )
        self._client.manual_ack_set(True)
        self._resting = False
        self.repeats: set[int] = set()
        """Numbers of messages that came with the mark of a repeat."""

    def _on_message(self, client: Paho, userdata: object, message: MQTTMessage) -> None:
        try:
            super()._on_message(client, userdata, message)
        except UnicodeDecodeError:  # a topic that is no text; nobody subscribed to it by name
            self.confirm(message.mid, message.qos)
            return
        if message.dup:
            self.repeats.add(message.mid)
        if self._queue.qsize() > _HIGH and not self._resting:
            self._rest()

    def confirm(self, number: int, qos: int) -> None:
        """Tell the broker that it may forget this message."""
        if qos and not self._disconnected.done():
            self._client.ack(number, qos)

    def _rest(self) -> None:
        handle = self._socket()
        if handle >= 0:
            self._loop.remove_reader(handle)
            self._resting = True

    def go_on(self) -> None:
        """Read again, if the socket rests and there is room."""
        if self._resting and self._queue.qsize() < _LOW:
            handle = self._socket()
            self._resting = False
            if handle >= 0:
                self._loop.add_reader(handle, self._read)
                self._read()

    def _socket(self) -> int:
        found = self._client.socket()
        return found.fileno() if found is not None else -1

    def _read(self) -> None:
        try:
            self._client.loop_read()
            while (found := self._client.socket()) is not None and isinstance(found, ssl.SSLSocket) and found.pending():
                self._client.loop_read()
        except Exception as wrong:  # as aiomqtt does: whatever it was, this connection is over
            if not self._disconnected.done():
                self._disconnected.set_exception(wrong)


class MqttLink:
    """One subscriber."""

    def __init__(self, at: Connection, take: Take, tell: Tell) -> None:
        self._at, self._take, self._tell = at, take, tell
        self._tasks: set[asyncio.Task[None]] = set()
        self._answers: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(_TOGETHER)
        self._client: _Client | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until ``stop``, whatever the broker does."""
        failures = 0
        while not stop.is_set():
            try:
                async with _Client(self._at) as client:
                    await client.subscribe([(one, _QOS) for one in self._at.filters])
                    self._tell("mqtt_connected", {"host": self._at.host, "port": self._at.port})
                    failures, self._client = 0, client
                    await self._listen(client, stop)
            except MqttError as wrong:
                if not failures:
                    self._tell("mqtt_away", {"host": self._at.host, "port": self._at.port, "why": _why(wrong)})
                failures += 1
            finally:
                self._client = None
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _PAUSES_S[min(failures, len(_PAUSES_S) - 1)])

    async def _listen(self, client: _Client, stop: asyncio.Event) -> None:
        listening = asyncio.create_task(self._messages(client))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({listening, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if listening.done():
                listening.result()
        finally:
            for task in (listening, stopping):
                task.cancel()
            await asyncio.gather(listening, stopping, return_exceptions=True)
            await self._finish()

    async def _finish(self) -> None:
        """What is under way is made safe and acknowledged while the line stands."""
        waiting = self._tasks | self._answers
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=_GRACE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _messages(self, client: _Client) -> None:
        before: asyncio.Event | None = None
        async for message in client.messages:
            await self._slots.acquire()
            mine = asyncio.Event()
            task = asyncio.create_task(self._one(client, message, before, mine))
            before = mine
            self._tasks.add(task)
            task.add_done_callback(self._done)
            client.go_on()

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        self._slots.release()
        if not task.cancelled() and (wrong := task.exception()) is not None:
            self._tell("mqtt_broken", {"why": type(wrong).__name__})

    async def _one(self, client: _Client, message: Message, before: asyncio.Event | None, mine: asyncio.Event) -> None:
        """One message: safe, then acknowledged in its turn, then answered."""
        again = message.mid in client.repeats
        client.repeats.discard(message.mid)
        try:
            answering = await self._take(Got(str(message.topic), bytes(message.payload), message.retain, again))
            if before is not None:
                await before.wait()
            client.confirm(message.mid, message.qos)
        finally:
            mine.set()
        if answering is not None and len(self._answers) < _ANSWERING:
            task = asyncio.create_task(self._answer(answering))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)

    async def _answer(self, answering: Answering) -> None:
        answer = await answering()
        client = self._client
        if answer is not None and client is not None:
            with suppress(MqttError):
                await client.publish(answer[0], answer[1], qos=_QOS)


def _why(wrong: MqttError) -> str:
    """The first line of what the library says; it names hosts and codes, never a password."""
    return str(wrong).partition("\n")[0][:200]
