"""Which of very many identifiers were seen: some twelve bytes each, where a set of texts takes two hundred."""

from array import array
from collections.abc import Iterable

_LOW = 52
"""Bits of a hash below those that name its part: parts stay short enough to be searched from end to end."""


class Remembered:
    """A bag of texts that keeps their 64-bit hashes. Among ten million, one foreign text in two million million is
    mistaken for a member; what is counted here is shown to people and decides nothing."""

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        self._parts: dict[int, array[int]] = {}

    def __contains__(self, one: object) -> bool:
        known = hash(one)
        return known in self._parts.get(known >> _LOW, ())

    def add(self, one: str) -> None:
        """Take ``one`` in. Twice is the same as once."""
        known = hash(one)
        part = self._parts.get(known >> _LOW)
        if part is None:
            part = self._parts[known >> _LOW] = array("q")
        part.append(known)

    def take_out(self, some: Iterable[str]) -> int:
        """Forget ``some``; answers how many of them were here."""
        return sum(map(self._forget, some))

    def _forget(self, one: str) -> bool:
        known = hash(one)
        part, found = self._parts.get(known >> _LOW), False
        while part is not None and known in part:
            part.remove(known)
            found = True
        return found
