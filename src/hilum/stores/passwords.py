"""Passwords as they are kept: Argon2id (RFC 9106), and the only module that knows how.

One verification takes 46 MiB and one core for some tens of milliseconds; two at a time at most, so that a crowd at the
login neither fills the memory of a small server nor takes the cores from the gate.
"""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hilum.access.passwords import plain
from hilum.errors import BusyError

_AT_ONCE = 2
_PATIENCE_S = 5.0
_MEMORY_KIB, _PASSES, _LANES = 47_104, 2, 1
"""OWASP's first choice asks for one pass over 46 MiB; a second costs a person nothing and a guesser twice."""

_hasher = PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES)
_turns = threading.BoundedSemaphore(_AT_ONCE)
_nobody = "$argon2id$v=19$m=47104,t=2,p=1$" + "c29tZXNhbHRzb21lc2FsdA$" + "A" * 43


def hashed(password: str) -> str:
    """The hash to keep of a password. Slow: not on an event loop."""
    with _turn():
        return _hasher.hash(_bytes(password))


def matches(kept: str, password: str) -> bool:
    """Whether ``password`` is the one that ``kept`` was made of. As slow for an account without a password (``kept``
    empty), so that the time says nothing about who exists. Raises :class:`BusyError` when too many ask at once."""
    with _turn():
        try:
            return _hasher.verify(kept or _nobody, _bytes(password)) and bool(kept)
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(kept)


def _bytes(password: str) -> bytes:
    return plain(password).encode("utf-8", "surrogatepass")


class _turn:  # noqa: N801 - reads as a statement
    """One of the few places at the hasher."""

    def __enter__(self) -> None:
        if not _turns.acquire(timeout=_PATIENCE_S):
            raise BusyError("login_busy", seconds=int(_PATIENCE_S))

    def __exit__(self, *_: object) -> None:
        _turns.release()
