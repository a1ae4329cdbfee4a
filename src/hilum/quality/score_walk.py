"""One pass over the score rows: distributions, sources, months and waiting times, in memory that does not grow."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hilum.quality.distribution import Tally
from hilum.quality.figures import JUDGED, SourceLike
from hilum.quality.rule import Dimension
from hilum.quality.state_counts import StateCounts

_DAY_EDGES = (7, 30, 90)
_DIMENSIONS = len(Dimension)
_BUNDLE = 10_000
ScoreRow = tuple[str, str, str, tuple[float | None, ...]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Held records by whole days since their file was received: under 7, 7–29, 30–89, 90 or more."""

    under_7: int = 0
    under_30: int = 0
    under_90: int = 0
    longer: int = 0
    oldest_days: int | None = None


@dataclass(slots=True)
class Walk:
    """What was counted on the way."""

    total: Tally = field(default_factory=Tally)
    dimensions: tuple[Tally, ...] = field(default_factory=lambda: tuple(Tally() for _ in range(_DIMENSIONS)))
    kinds: dict[str, Tally] = field(default_factory=dict)
    sources: dict[str, StateCounts] = field(default_factory=dict)
    """By the id of the outermost source (the archive)."""
    months: dict[str, StateCounts] = field(default_factory=dict)
    waiting: Waiting = Waiting()


def walk(rows: Iterable[ScoreRow], sources: Sequence[SourceLike], now: str) -> Walk:
    """Count ``rows`` (kind, state, source id, scores); rows in states that are history are left out."""
    seen = Walk()
    per_source: Counter[tuple[str, str]] = Counter()
    for (kind, state, source, scores), n in _bundled(rows):
        if state not in JUDGED:
            continue
        per_source[source, state] += n
        if scores:
            _score(seen, kind, scores, n)
    _place(seen, per_source, sources)
    seen.waiting = _waiting(per_source, sources, now)
    return seen


def _bundled(rows: Iterable[ScoreRow]) -> Iterator[tuple[ScoreRow, int]]:
    """Equal rows counted together, as most of a good bank's are; never more than a bounded number held at once."""
    held: Counter[ScoreRow] = Counter()
    for row in rows:
        held[row] += 1
        if len(held) >= _BUNDLE:
            yield from held.items()
            held.clear()
    yield from held.items()


def _score(seen: Walk, kind: str, scores: tuple[float | None, ...], n: int) -> None:
    seen.total.add(scores[0], n)
    seen.kinds.setdefault(kind, Tally()).add(scores[0], n)
    for tally, score in zip(seen.dimensions, scores[1:], strict=True):
        tally.add(score, n)


def _place(seen: Walk, per_source: Counter[tuple[str, str]], sources: Sequence[SourceLike]) -> None:
    outermost = roots(sources)
    month = {source.id: source.received_at[:7] for source in sources}
    for (source, state), n in per_source.items():
        root = outermost.get(source, source)
        seen.sources[root] = seen.sources.get(root, StateCounts()).plus(state, n)
        if source in month:
            name = month[source]
            seen.months[name] = seen.months.get(name, StateCounts()).plus(state, n)


def roots(sources: Sequence[SourceLike]) -> dict[str, str]:
    """source id -> id of the archive it came in, or its own; a circle of parents stands under one of them."""
    parents = {source.id: source.parent for source in sources}
    return {source.id: _root(source.id, parents) for source in sources}


def _root(source: str, parents: dict[str, str]) -> str:
    seen = {source}
    while (parent := parents.get(source, "")) in parents:
        if parent in seen:
            return min(seen)
        seen.add(parent)
        source = parent
    return source


def _waiting(per_source: Counter[tuple[str, str]], sources: Sequence[SourceLike], now: str) -> Waiting:
    received = {source.id: datetime.fromisoformat(source.received_at) for source in sources}
    at = datetime.fromisoformat(now)
    counted = [0, 0, 0, 0]
    oldest: int | None = None
    for (source, state), n in per_source.items():
        if state == "held" and source in received:
            days = max((at - received[source]).days, 0)
            counted[sum(days >= edge for edge in _DAY_EDGES)] += n
            oldest = days if oldest is None else max(oldest, days)
    return Waiting(counted[0], counted[1], counted[2], counted[3], oldest)
