"""The story of one specimen so far, step by step: advanced by one happening at a time in constant time."""

from collections.abc import Iterable
from dataclasses import dataclass

SAME = 15 * 60
"""Seconds within which records of different kinds tell of one happening. Clocks of a ward, a laboratory system and a
paper form differ by minutes; repeats of a step lie further apart."""

Interval = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Happening:
    """A step that a record tells of. ``first`` and ``last`` are the seconds between which it lies (equal when exact,
    ``None`` when undated); ``device_ok`` whether its device was in calibration; ``rank`` orders the kinds of record
    that may tell of it, the most specific first."""

    step: str
    record: str
    first: int | None = None
    last: int | None = None
    actor: str | None = None
    device_ok: bool | None = None
    rank: int = 0


class StepTrace:
    """What is known of one step of one specimen. ``kept`` are its dated intervals without confirmations."""

    __slots__ = ("_all", "_kept", "actors", "devices", "records", "undated")

    def __init__(self) -> None:
        self._all: list[tuple[int, int, int]] = []
        self._kept: list[Interval] | None = None
        self.records: set[str] = set()
        self.actors: set[str] = set()
        self.devices: set[bool] = set()
        self.undated = 0

    def add(self, one: Happening) -> None:
        self.records.add(one.record)
        if one.actor:
            self.actors.add(one.actor)
        if one.device_ok is not None:
            self.devices.add(one.device_ok)
        if one.first is None or one.last is None:
            self.undated += 1
        else:
            self._all.append((one.first, one.last, one.rank))
            self._kept = None

    @property
    def kept(self) -> list[Interval]:
        """In order of their beginnings. Exact times told twice by one kind of record are one."""
        if self._kept is None:
            self._kept = _kept(self._all)
        return self._kept

    @property
    def at_least(self) -> int:
        """Happenings there certainly were: kept intervals of which no two can be one."""
        count, end = 0, None
        for first, last in sorted(self.kept, key=lambda one: one[1]):
            if end is None or first > end:
                count, end = count + 1, last
        return max(count, 1)

    @property
    def at_most(self) -> int:
        """Happenings there may have been."""
        return len(self.kept) or self.undated


Trace = dict[str, StepTrace]
"""Step -> what is known of it; a step nobody told of is absent."""


def advance(trace: Trace, happening: Happening) -> None:
    """Let ``trace`` know of one more happening, whenever it took place."""
    state = trace.get(happening.step)
    if state is None:
        state = trace[happening.step] = StepTrace()
    state.add(happening)


def trace_of(happenings: Iterable[Happening]) -> Trace:
    """The trace of all of ``happenings``."""
    trace: Trace = {}
    for one in happenings:
        advance(trace, one)
    return trace


def _kept(tellings: list[tuple[int, int, int]]) -> list[Interval]:
    if len(tellings) == 1:
        return [tellings[0][:2]]
    kept = [one for one in tellings if not any(_confirms(one, other) for other in tellings)]
    exact = {(first, last) for first, last, _ in kept if first == last}
    return sorted([*exact, *((first, last) for first, last, _ in kept if first != last)])


def _confirms(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    """Whether ``one`` adds nothing to ``other``: of another kind, no better known, and near it."""
    if one[2] == other[2] or (one[0] != one[1], one[2]) <= (other[0] != other[1], other[2]):
        return False
    return one[0] <= other[1] + SAME and other[0] <= one[1] + SAME
