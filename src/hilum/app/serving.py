"""The intake service of one bank: the parts every door shares, and the gate's own loop."""

import gc
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from hilum.app.gatekeeping import Drained, Gatekeeper
from hilum.app.identity import Identity
from hilum.app.reading import Readers
from hilum.app.receiving import Receiver
from hilum.app.running import Hilum, open_hilum
from hilum.app.watching import Watch
from hilum.clock import Clock, system_clock
from hilum.errors import HilumError, StoreError
from hilum.model.record import Kind
from hilum.stores.inbox_opening import leading, open_inbox

MAPPINGS = "mappings"
_IDLE_S = 0.002
_STANDBY_S = 1.0
_TROUBLE_S = 1.0
_SWEEP_S, _SWEEP_AGAIN_S = 1.0, 60.0


class Service:
    """What the doors of one process work with: the bank to read from, and the inbox to put into."""

    def __init__(self, app: Hilum, receiver: Receiver, identity: Identity) -> None:
        self.app = app
        self.settings = app.settings
        self.receiver = receiver
        self.identity = identity

    def close(self) -> None:
        self.receiver.close()
        self.receiver.inbox.close()
        self.identity.close()
        self.app.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_service(home: Path, clock: Clock = system_clock) -> Service:
    """Open the doors' side of a bank. No rules are read: the gate has them."""
    app = open_hilum(home, clock)
    settings = app.settings
    receiver = Receiver(
        open_inbox(settings),
        waiting_limit=settings.inbox_limit,
        arrival_limit=settings.arrival_limit,
        clock=clock,
    )
    return Service(app, receiver, Identity(app))


def keep_gate(
    home: Path,
    stop: threading.Event,
    say: Callable[[str], None] = lambda _: None,
    tell: Callable[[Drained], None] = lambda _: None,
    clock: Clock = system_clock,
) -> None:
    """Work from the inbox, and watch for what should have come and did not, until ``stop`` is set. While another
    process does, stand by and take over when it ends. ``say`` hears the kind of error that stopped the watch."""
    with open_hilum(home, clock) as app:
        inbox = open_inbox(app.settings)
        keeper = Gatekeeper(app, inbox, Readers(app.settings.home / MAPPINGS, "gate"))
        watching = _Watching(app, say)
        _warm(app)
        try:
            while not stop.is_set():
                with leading(app.settings) as mine:
                    if mine:
                        _work(keeper, watching, stop, tell)
                    else:
                        stop.wait(_STANDBY_S)
        finally:
            inbox.close()


def _warm(app: Hilum) -> None:
    """Compile the rules before anybody waits for a verdict; and what is loaded by now will stay, so that the collector
    of garbage need not look at it again and again (8 % of the gate's time)."""
    for kind in Kind:
        app.gate.needs(kind)
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


class _Watching:
    """The watch beside the gate. Whatever goes wrong with it, records are judged: it is said, and tried again later."""

    def __init__(self, app: Hilum, say: Callable[[str], None]) -> None:
        self._app = app
        self._say = say
        self._watch: Watch | None = None
        self._due = 0.0

    def look(self, *, fresh: bool) -> None:
        """Sweep when something has just come in, and otherwise once a second."""
        now = time.monotonic()
        if now < self._due and not (fresh and self._watch is not None):
            return
        try:
            self._watch = self._watch or Watch(self._app)
            more = self._watch.sweep().more
            self._due = now if more else now + _SWEEP_S
        except StoreError:
            self._due = now + _SWEEP_S
        except Exception as broken:  # whatever it was, the gate goes on
            self._watch = None
            self._due = now + _SWEEP_AGAIN_S
            self._say(broken.reason if isinstance(broken, HilumError) else type(broken).__name__)


def _work(keeper: Gatekeeper, watching: _Watching, stop: threading.Event, tell: Callable[[Drained], None]) -> None:
    while not stop.is_set():
        try:
            done = keeper.drain()
        except StoreError:
            stop.wait(_TROUBLE_S)
            continue
        watching.look(fresh=done.arrivals > 0)
        if done.arrivals:
            tell(done)
        else:
            stop.wait(_IDLE_S)
