"""Taking in from senders that wait by themselves (a broker, a folder): tried until the bytes are safe."""

import asyncio
from collections.abc import Callable, Mapping

from hilum.app.door_admission import Admit
from hilum.errors import AccessDenied, BusyError, HilumError, StoreError
from hilum.registry.arrivals import Incoming, Receive, Reply

Tell = Callable[[str, Mapping[str, object]], None]
_PAUSES_S = (0.2, 0.5, 1.0, 2.0, 5.0)
_DENIED_S = 10.0


async def until_safe(incoming: Incoming, receive: Receive, admit: Admit, tell: Tell) -> Reply | HilumError:
    """The reply once the bytes are safe; or the error that another try would not change.

    A busy or absent store, and an account that may not send now, are waited for: what is not acknowledged stays with
    the broker, and whoever does not take more tells it so by that.
    """
    tries = 0
    while True:
        try:
            admit(incoming.sender)
            return await receive(incoming, 0.0)
        except (BusyError, StoreError, AccessDenied) as wrong:
            if not tries:
                tell("door_waiting", {"door": incoming.door.value, "reason": wrong.reason})
            pause = _PAUSES_S[min(tries, len(_PAUSES_S) - 1)]
            tries += 1
            await asyncio.sleep(_DENIED_S if isinstance(wrong, AccessDenied) else pause)
        except HilumError as wrong:
            tell("door_refused", {"door": incoming.door.value, "reason": wrong.reason})
            return wrong


async def verdict_on(incoming: Incoming, receive: Receive, wait_s: float) -> Mapping[str, object]:
    """The gate's answer to what is safe already; empty when it does not speak in time."""
    try:
        return (await receive(incoming, wait_s)).content
    except HilumError:
        return {}


def refused_answer(incoming: Incoming, wrong: HilumError) -> dict[str, object]:
    """What is answered to something nobody will ever take."""
    return {
        "state": "refused",
        "reason": wrong.reason,
        "text": wrong.message(incoming.language),
        "advice": wrong.advice(incoming.language),
    }
