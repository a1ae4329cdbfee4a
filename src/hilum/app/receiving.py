"""Between the doors and the inbox: many doors put at once, one commit makes them all safe, and answers find their way.

One thread writes: while a commit waits for the disk, whatever else arrives gathers for the next one, so that the disk
is asked once for many. Another looks for answers as long as somebody waits for one. Doors may be threads or coroutines.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Iterable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field

from hilum.app.answering import read_answer
from hilum.clock import Clock, stamp, system_clock
from hilum.errors import BadInputError, BusyError, ConflictError, HilumError
from hilum.registry.arrivals import Arrival, ArrivalState, Backlog, Incoming, Reply, arrival_of
from hilum.stores.inbox import Inbox, Put

_TOGETHER = 256
_LOOK_S = 0.002
_COUNT_S = 0.25
"""How old the count of what waits may be; between two counts what this process put is added."""
_CLOSE_S = 10.0


@dataclass(slots=True)
class _Putting:
    arrival: Arrival
    body: bytes
    done: "Future[Put]" = field(default_factory=Future)


class Receiver:
    """The doors' side of an inbox. Close it, so that nothing accepted is left unsaid."""

    def __init__(self, inbox: Inbox, *, waiting_limit: int, arrival_limit: int, clock: Clock = system_clock) -> None:
        self.inbox = inbox
        self._clock = clock
        self._waiting_limit = waiting_limit
        self._arrival_limit = arrival_limit
        self._puts: queue.SimpleQueue[_Putting | None] = queue.SimpleQueue()
        self._asked: dict[int, list[Future[bytes]]] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._closing = False
        self._backlog = Backlog(0, 0, "")
        self._counted_at = 0.0
        self._threads = [
            threading.Thread(target=self._write, name="inbox-writer", daemon=True),
            threading.Thread(target=self._look, name="answer-finder", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, incoming: Incoming) -> "Future[Put]":
        """Make the bytes safe; the future is done when they are. Raises :class:`BusyError`, :class:`BadInputError`."""
        if len(incoming.body) > self._arrival_limit:
            raise BadInputError("arrival_too_large", size=len(incoming.body), limit=self._arrival_limit)
        waiting = self.backlog().arrivals
        if waiting >= self._waiting_limit:
            raise BusyError("inbox_busy", arrivals=waiting, seconds=5)
        putting = _Putting(arrival_of(incoming, stamp(self._clock())), incoming.body)
        self._puts.put(putting)
        return putting.done

    def answer(self, n: int) -> "Future[bytes]":
        """The gate's answer to arrival ``n``, whenever it comes."""
        wanted: Future[bytes] = Future()
        with self._lock:
            self._asked.setdefault(n, []).append(wanted)
        self._wake.set()
        return wanted

    async def receive(self, incoming: Incoming, patience: float) -> Reply:
        """:data:`hilum.registry.arrivals.Receive`: safe first, then at most ``patience`` seconds for the answer."""
        put = await asyncio.wrap_future(self.submit(incoming))
        if patience <= 0 and put.arrival.state is ArrivalState.WAITING:
            return Reply(put.arrival, put.repeated)
        wanted = self.answer(put.arrival.n)
        try:
            body = await asyncio.wait_for(asyncio.wrap_future(wanted), patience)
        except TimeoutError:
            self._forget(put.arrival.n, wanted)
            return Reply(put.arrival, put.repeated)
        return Reply(put.arrival, put.repeated, read_answer(body))

    def backlog(self) -> Backlog:
        """What waits, at most a quarter of a second old."""
        now = time.monotonic()
        if now - self._counted_at > _COUNT_S:
            self._counted_at = now
            self._backlog = self.inbox.backlog()
        return self._backlog

    def close(self) -> None:
        """Write what was submitted, then stop."""
        self._puts.put(None)
        self._closing = True
        self._wake.set()
        for thread in self._threads:
            thread.join(_CLOSE_S)

    def _write(self) -> None:
        while (first := self._puts.get()) is not None:
            together = [first]
            last = False
            with suppress(queue.Empty):
                while len(together) < _TOGETHER:
                    more = self._puts.get_nowait()
                    if more is None:
                        last = True
                        break
                    together.append(more)
            self._commit(together)
            if last:
                return

    def _commit(self, together: list[_Putting]) -> None:
        try:
            answered = self.inbox.put([(one.arrival, one.body) for one in together])
        except HilumError as wrong:
            for one in together:
                one.done.set_exception(wrong)
            return
        except BaseException as wrong:  # whatever it was, nobody may wait for ever
            for one in together:
                one.done.set_exception(wrong)
            raise
        for one, put in zip(together, answered, strict=True):
            if isinstance(put, ConflictError):
                one.done.set_exception(put)
            else:
                one.done.set_result(put)

    def _look(self) -> None:
        while not self._closing:
            self._wake.wait()
            with self._lock:
                numbers = list(self._asked)
            if not numbers:
                self._wake.clear()
                with self._lock:
                    again = bool(self._asked) or self._closing
                if again:
                    self._wake.set()
                continue
            try:
                found = self.inbox.answers(numbers)
            except HilumError:  # the store is away for now; those who wait have their own patience
                time.sleep(_COUNT_S)
                continue
            self._tell((n, body) for n, (_, body) in found.items())
            time.sleep(_LOOK_S)

    def _tell(self, answers: Iterable[tuple[int, bytes]]) -> None:
        for n, body in answers:
            with self._lock:
                wanted = self._asked.pop(n, [])
            for one in wanted:
                if one.set_running_or_notify_cancel():
                    one.set_result(body)

    def _forget(self, n: int, wanted: "Future[bytes]") -> None:
        with self._lock:
            left = [one for one in self._asked.get(n, []) if one is not wanted]
            if left:
                self._asked[n] = left
            else:
                self._asked.pop(n, None)
