"""RFC 8785 (JSON Canonicalization Scheme) bytes and their SHA-256: the one way anything is hashed.

The ``rfc8785`` package is the reference. Records are small and come by the hundred thousand, so plain values whose
canonical form a fast encoder already writes take a shorter way; a property test holds both equal.
"""

import hashlib
from collections.abc import Mapping
from typing import cast

import msgspec
import rfc8785

Json = str | int | float | bool | None | list["Json"] | Mapping[str, "Json"]

_EXACT = 2**53
_SMALL, _BIG = 1e-3, 1e15
"""Between these ES6 and the fast encoder spell a fraction alike."""
_encode = msgspec.json.Encoder(order="sorted").encode


def canonical(value: Json) -> bytes:
    """Canonical UTF-8 bytes of ``value``. Raises ``ValueError`` for NaN, infinities or lone surrogates."""
    if type(value) is dict and (plain := _plain(value)) is not None:
        return _encode(plain)
    return rfc8785.dumps(cast("dict[str, rfc8785._impl._Value]", value))


def _plain(value: Mapping[str, Json]) -> dict[str, Json] | None:
    """``value`` as the fast encoder spells it canonically, or ``None`` where it might not."""
    plain: dict[str, Json] = {}
    for key, item in value.items():
        kind = type(item)
        if kind is float:
            number = cast(float, item)
            if number.is_integer() and abs(number) < _EXACT:
                plain[key] = int(number)
                continue
            if not _SMALL <= abs(number) < _BIG:
                return None
        elif kind is int:
            if not -_EXACT < cast(int, item) < _EXACT:
                return None
        elif kind is not str and item is not None and kind is not bool:
            return None
        if not key.isascii():
            return None
        plain[key] = item
    return plain


def digest(value: Json) -> str:
    """Lower-case hex SHA-256 of :func:`canonical`."""
    return hashlib.sha256(canonical(value)).hexdigest()


def digest_bytes(content: bytes) -> str:
    """Lower-case hex SHA-256 of bytes as received."""
    return hashlib.sha256(content).hexdigest()
