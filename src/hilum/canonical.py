"""RFC 8785 (JSON Canonicalization Scheme) bytes and their SHA-256: the one way anything is hashed.

The ``rfc8785`` package is the reference. Records are small and come by the hundred thousand, so plain values whose
canonical form the standard library already writes take a shorter way; a property test holds both equal.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import cast

import rfc8785

Json = str | int | float | bool | None | list["Json"] | Mapping[str, "Json"]

_EXACT = 2**53
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def canonical(value: Json) -> bytes:
    """Canonical UTF-8 bytes of ``value``. Raises ``ValueError`` for NaN, infinities or lone surrogates."""
    if isinstance(value, dict):
        plain = {key: int(item) if type(item) is float and item.is_integer() else item for key, item in value.items()}
        if all(map(_is_plain, plain, plain.values())):
            return _encode(plain).encode("utf-8")
    return rfc8785.dumps(cast("dict[str, rfc8785._impl._Value]", value))


def _is_plain(key: object, item: object) -> bool:
    """Whether the standard encoder spells this member as RFC 8785 does (ES6 numbers differ outside this range)."""
    kind = type(item)
    plain = (
        kind is str
        or item is None
        or kind is bool
        or (kind is int and -_EXACT < cast(int, item) < _EXACT)
        or (kind is float and 1e-3 <= abs(cast(float, item)) < 1e15)
    )
    return plain and type(key) is str and key.isascii()


def digest(value: Json) -> str:
    """Lower-case hex SHA-256 of :func:`canonical`."""
    return hashlib.sha256(canonical(value)).hexdigest()


def digest_bytes(content: bytes) -> str:
    """Lower-case hex SHA-256 of bytes as received."""
    return hashlib.sha256(content).hexdigest()
