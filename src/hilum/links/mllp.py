"""MLLP over TCP or TLS: many lines at once, each with its messages in order, each message answered on its line.

What a message means and what is answered is not known here: ``hear`` gives the answers, the first of which keeps the
order in which the messages came; ``refuse`` words an answer to what was not even kept. A sender that stops half-way
gets no answer, and one that is not answered sends again.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from hilum.links.mllp_framing import Dropped, Frame, Framer, Heard, Noise, Unfinished, framed
from hilum.links.tls import names_in

Tell = Callable[[str, Mapping[str, object]], None]
"""What happened (a word) and figures about it; never a value from a message."""

_READ = 1 << 16
_PAUSE_S = 1.0
_PATIENCE_S, _SLOWEST = 60.0, 10_000
"""A frame must end within a minute, and a second for each so many bytes of it."""
_ANSWERS_LEFT_S = 30.0
_TOGETHER = 32
_ROOM = 256 << 20
"""Bytes of unfinished and unanswered messages kept over all lines."""
_NOISE_LIMIT = 1 << 16
_BACKLOG = 512


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is on the line: address, and the names in its verified certificate if it showed one."""

    address: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listening:
    """Where to listen and how much to take."""

    host: str
    port: int
    largest: int
    connections: int
    tls: ssl.SSLContext | None = None


Hear = Callable[[bytes, Peer], AsyncIterator[bytes]]
Refuse = Callable[[bytes, str], bytes]
"""The beginning of what was not kept and why (``too_large``, ``busy``, ``unframed``): the answer, or nothing."""


@dataclass(slots=True)
class _Room:
    """What all lines together keep in memory."""

    limit: int
    taken: int = 0


class MllpServer:
    """One listening port."""

    def __init__(self, at: Listening, hear: Hear, refuse: Refuse, tell: Tell, room: int = _ROOM) -> None:
        self._at, self._hear, self._refuse, self._tell = at, hear, refuse, tell
        self._room = _Room(room)
        self._lines: set[_Line] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        """Listen; answers the port. Raises ``OSError`` when the address cannot be had."""
        tls = self._at.tls
        self._server = await asyncio.start_server(
            self._accept,
            self._at.host,
            self._at.port,
            ssl=tls,
            ssl_handshake_timeout=10.0 if tls else None,
            backlog=_BACKLOG,
            limit=_READ,
        )
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self, grace_s: float = 10.0) -> None:
        """Take no more, answer what was taken, hang up."""
        if self._server is not None:
            self._server.close()
        for line in self._lines:
            line.stop()
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=grace_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._lines) >= self._at.connections:
            self._tell("mllp_full", {"connections": self._at.connections})
            writer.transport.abort()
            return
        line = _Line(self, reader, writer)
        task = asyncio.current_task()
        assert task is not None
        self._lines.add(line)
        self._tasks.add(task)
        try:
            await line.run()
        except (ConnectionError, ssl.SSLError, TimeoutError):
            self._tell("mllp_lost", {"peer": line.peer.address})
        finally:
            line.forget()
            self._lines.discard(line)
            self._tasks.discard(task)
            writer.transport.abort()

    @property
    def lines(self) -> int:
        """How many are connected."""
        return len(self._lines)


@dataclass(slots=True)
class _Turn:
    """One message being answered; ``spoken`` once its first answer is out."""

    size: int
    spoken: asyncio.Event = field(default_factory=asyncio.Event)


class _Line:
    """One connection."""

    def __init__(self, server: MllpServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server, self._reader, self._writer = server, reader, writer
        self._framer = Framer(server._at.largest)
        self._turns: dict[asyncio.Task[None], _Turn] = {}
        self._before: _Turn | None = None
        self._freed = asyncio.Event()
        self._stopping = asyncio.Event()
        self._began = 0.0
        self._taken = 0
        self._gone = False
        address = writer.get_extra_info("peername")
        shown = f"{address[0]}:{address[1]}" if isinstance(address, tuple) else ""
        self.peer = Peer(shown, names_in(writer.get_extra_info("peercert")))

    def stop(self) -> None:
        self._stopping.set()

    def forget(self) -> None:
        """Nothing of this line is in memory any more."""
        self._server._room.taken -= self._taken
        self._gone = True

    async def run(self) -> None:
        """Until the other side hangs up, breaks the rules, or the service stops."""
        stopping: asyncio.Task[object] = asyncio.create_task(self._stopping.wait())
        try:
            while not self._stopping.is_set():
                data = await self._next(stopping)
                if data is None:
                    break
                if not await self._take(self._framer.feed(data) if data else self._framer.pause()):
                    break
            await self._take(self._framer.finish())
            if self._turns:
                await asyncio.wait(set(self._turns), timeout=_ANSWERS_LEFT_S)
            with suppress(ConnectionError):
                await self._writer.drain()
                self._writer.close()
                await asyncio.wait_for(self._writer.wait_closed(), _PAUSE_S)
        finally:
            stopping.cancel()
            for task in list(self._turns):
                task.cancel()

    async def _next(self, stopping: "asyncio.Task[object]") -> bytes | None:
        """More bytes; none when nothing came for a while; ``None`` at the end or when patience is over."""
        reading = asyncio.create_task(self._reader.read(_READ))
        both: tuple[asyncio.Task[object], ...] = (reading, stopping)
        try:
            quiet = bool(self._framer.begun or self._framer.noise)
            await asyncio.wait(both, timeout=_PAUSE_S if quiet else None, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                data = reading.result()
                return data if data and self._in_time() else None
            return b"" if not stopping.done() and self._in_time() else None
        finally:
            if not reading.done():
                reading.cancel()
                with suppress(asyncio.CancelledError):
                    await reading

    def _in_time(self) -> bool:
        """Whether the frame under way comes fast enough."""
        now = asyncio.get_running_loop().time()
        size = self._framer.begun
        if not size:
            self._began = now
            return True
        if now - self._began <= _PATIENCE_S + size / _SLOWEST:
            return True
        self._server._tell("mllp_slow", {"peer": self.peer.address, "size": size})
        return False

    async def _take(self, heard: list[Heard]) -> bool:
        """Work on what came; answers whether the line stays open."""
        for one in heard:
            if isinstance(one, Frame):
                await self._begin(one.body)
            elif isinstance(one, Dropped):
                self._say_no(one.head, "mllp_busy" if one.crowded else "mllp_too_large", one.size)
            elif isinstance(one, Noise):
                self._say_no(one.head, "mllp_unframed", one.size)
            elif isinstance(one, Unfinished):
                self._server._tell("mllp_unfinished", {"peer": self.peer.address, "size": one.size})
        self._count()
        return self._framer.noise <= _NOISE_LIMIT

    def _say_no(self, head: bytes, what: str, size: int) -> None:
        self._server._tell(what, {"peer": self.peer.address, "size": size})
        answer = self._server._refuse(head, what.removeprefix("mllp_"))
        if answer:
            self._writer.write(framed(answer))

    def _count(self) -> None:
        """Keep the account of what is in memory; where there is no room left, this line's large frame gives way."""
        room = self._server._room
        if self._gone:
            return
        now = self._framer.held + sum(turn.size for turn in self._turns.values())
        room.taken += now - self._taken
        self._taken = now
        if room.taken > room.limit and self._framer.held > _READ:
            self._framer.drop()

    async def _begin(self, body: bytes) -> None:
        while len(self._turns) >= _TOGETHER or (
            self._turns and sum(turn.size for turn in self._turns.values()) > self._server._at.largest
        ):
            self._freed.clear()
            await self._freed.wait()
        turn, before = _Turn(len(body)), self._before
        task = asyncio.create_task(self._answer(body, turn, before))
        self._before = turn
        self._turns[task] = turn
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._turns.pop(task, None)
        self._freed.set()
        self._count()
        if not task.cancelled() and (wrong := task.exception()) is not None:
            self._server._tell("mllp_broken", {"peer": self.peer.address, "why": type(wrong).__name__})

    async def _answer(self, body: bytes, turn: _Turn, before: _Turn | None) -> None:
        try:
            async for answer in self._server._hear(body, self.peer):
                if before is not None:
                    await before.spoken.wait()
                self._writer.write(framed(answer))
                await self._writer.drain()
                turn.spoken.set()
        finally:
            turn.spoken.set()
