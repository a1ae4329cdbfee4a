"""Several processes that are one service: started together, started again when one dies, stopped in order.

The parts talk to each other through the bank and the inbox only, so that any of them may be killed at any instant.
"""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

GRACE_S = 20.0
"""How long a part may take to finish what it has begun when it is asked to stop."""
_LOOK_S = 0.2
_PAUSES_S = (0.2, 1.0, 5.0, 15.0)
_STEADY_S = 60.0


@dataclass(slots=True)
class _Child:
    name: str
    arguments: tuple[str, ...]
    passed: tuple[int, ...]
    process: "subprocess.Popen[bytes] | None" = None
    began: float = 0.0
    deaths: int = 0
    due: float = field(default=0.0)


def supervise(
    parts: Mapping[str, Sequence[str]],
    stop: threading.Event,
    tell: Callable[[str, str], None],
    passed: Sequence[int] = (),
) -> None:
    """Keep a ``hilum`` process per part running until ``stop`` is set, then end them: doors first, the gate last.

    ``parts``: name -> arguments of the command, in the order in which they start. ``passed`` are open descriptors (a
    listening socket) all inherit. ``tell`` hears (part, ``started`` | ``died`` | ``stopped``).
    """
    children = [_Child(name, tuple(arguments), tuple(passed)) for name, arguments in parts.items()]
    try:
        while not stop.wait(_LOOK_S):
            for child in children:
                _look_after(child, tell)
    finally:
        for child in reversed(children):
            _end(child, tell)


def _look_after(child: _Child, tell: Callable[[str, str], None]) -> None:
    now = time.monotonic()
    if child.process is not None and child.process.poll() is not None:
        tell(child.name, "died")
        child.deaths = 0 if now - child.began > _STEADY_S else child.deaths + 1
        child.due = now + _PAUSES_S[min(child.deaths, len(_PAUSES_S) - 1)]
        child.process = None
    if child.process is None and now >= child.due:
        command = [sys.executable, "-m", "hilum", *child.arguments]
        child.process = subprocess.Popen(command, pass_fds=child.passed, start_new_session=True)
        child.began = now
        tell(child.name, "started")


def _end(child: _Child, tell: Callable[[str, str], None]) -> None:
    if child.process is None:
        return
    child.process.send_signal(signal.SIGTERM)
    try:
        child.process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        child.process.kill()
        child.process.wait()
    tell(child.name, "stopped")
