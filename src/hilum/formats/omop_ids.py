"""Numbers for OMOP's integer keys: made from the bank's own keys, the same on every export, never twice in a table.

A number is the first 31 bits of a SHA-256 over the key, so that it fits PostgreSQL's ``integer``. Where another key has
taken it, the next 31 bits are tried, then a hash of the hash: keys keep their numbers as long as facts come in the
order they were accepted. What is taken is one bit per possible number in a sparse file, 256 MiB at most.
"""

import hashlib
import mmap
import tempfile
from types import TracebackType

_BITS = 31
_WORD = 4


class Numbers:
    """The numbers of one table. A context: the file of taken numbers goes when it is left."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed in __exit__
        self._file.truncate(1 << (_BITS - 3))
        self._taken = mmap.mmap(self._file.fileno(), 0)

    def __enter__(self) -> "Numbers":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._taken.close()
        self._file.close()

    def of(self, key: str) -> int:
        """A new number for ``key``, from 1 to 2³¹ - 1. Asked twice for a key, it gives two numbers."""
        digest = key.encode("utf-8", "surrogatepass")
        while True:
            digest = hashlib.sha256(digest).digest()
            for start in range(0, len(digest), _WORD):
                number = int.from_bytes(digest[start : start + _WORD], "big") >> 1
                if number and self._take(number):
                    return number

    def _take(self, number: int) -> bool:
        place, bit = number >> 3, 1 << (number & 7)
        if self._taken[place] & bit:
            return False
        self._taken[place] |= bit
        return True
