"""How often an account may ask, and how often an address may try to log in; answered with 429 and ``Retry-After``."""

import ipaddress
import math
import time
from collections.abc import Callable

from fastapi import Request

from hilum.access.rate import Limiter, Rate
from hilum.api.asking import Asking
from hilum.errors import BusyError

LOGINS = Rate(per_second=1 / 6, burst=10)
"""Attempts to log in from one address; an account rests by itself after wrong passwords."""
_IPV6_NETWORK = 64


class Limits:
    """The limits of one process. Used on its event loop and its threads; a lost count lets one request more through."""

    def __init__(self, per_second: int, pulse: Callable[[], float] = time.monotonic) -> None:
        self._accounts = Limiter(Rate(per_second, 2 * per_second))
        self._logins = Limiter(LOGINS)
        self._pulse = pulse

    def check_account(self, account: str) -> None:
        """Raise :class:`BusyError` when the account asks too often."""
        _answer(self._accounts.wait(account, self._pulse()))

    def check_login(self, address: str) -> None:
        """Raise :class:`BusyError` when too many logins were tried from the address."""
        _answer(self._logins.wait(network_of(address), self._pulse()))


def network_of(address: str) -> str:
    """Whom an address belongs to: an IPv6 subscriber has a whole /64 of them."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, _IPV6_NETWORK), strict=False))
    return str(parsed)


def _answer(seconds: float) -> None:
    if seconds > 0:
        raise BusyError("rate_exceeded", seconds=max(1, math.ceil(seconds)))


def limits_of(request: Request) -> Limits:
    limits: Limits = request.app.state.limits
    return limits


async def limited(request: Request, by: Asking) -> None:
    """A dependency of every router with a known asker."""
    limits_of(request).check_account(by.actor.name)


def login_limited(request: Request) -> None:
    """A dependency of what anybody may call without having shown who it is."""
    limits_of(request).check_login(request.client.host if request.client else "")
