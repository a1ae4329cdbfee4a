"""Identifiers: a prefix that says of what, Crockford base-32 of a digest, and a check character.

Identifiers are minted here and nowhere else, from content, so that the same fact taken in twice gets the same name.
The check character is ISO/IEC 7064 MOD 37-2, which catches every single wrong character and every swap of two
neighbours; a scanner or a tired hand cannot turn one identifier into another.
"""

import base64
import hashlib
import hmac

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"
_VALUE = {letter: value for value, letter in enumerate(_ALPHABET[:-1])}
_TO_CROCKFORD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _CROCKFORD.encode("ascii"))
_LENGTH = 13  # 65 bits: one chance in a million of any clash among eight million identifiers

DONOR, RECORD, SOURCE, EVENT, ARRIVAL = "DNR", "REC", "SRC", "EVT", "ARR"


def mint(prefix: str, *parts: str) -> str:
    """Identifier of ``parts``, e.g. ``REC-7Q2…-X``. The same parts give the same identifier."""
    body = hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).digest()
    return _spell(prefix, body)


def pseudonym(key: bytes, external: str) -> str:
    """Donor pseudonym of an outside identifier: HMAC-SHA-256 under the vault's key, so that it cannot be guessed."""
    return _spell(DONOR, hmac.digest(key, external.encode("utf-8", "surrogatepass"), "sha256"))


def _spell(prefix: str, body: bytes) -> str:
    letters = base64.b32encode(body[:10]).translate(_TO_CROCKFORD)[:_LENGTH].decode("ascii")
    return f"{prefix}-{letters}-{check_character(prefix + letters)}"


def check_character(text: str) -> str:
    """ISO/IEC 7064 MOD 37-2 character over digits and capital letters; other characters raise ``KeyError``."""
    remainder = 0
    for letter in text:
        remainder = (remainder + _VALUE[letter]) * 2 % 37
    return _ALPHABET[(38 - remainder) % 37]


def is_valid(identifier: str) -> bool:
    """Whether ``identifier`` is spelt as one of ours and its check character agrees."""
    pieces = identifier.split("-")
    if len(pieces) != 3 or len(pieces[1]) != _LENGTH or not set(pieces[0] + pieces[1]) <= set(_ALPHABET[:-1]):
        return False
    return check_character(pieces[0] + pieces[1]) == pieces[2]
