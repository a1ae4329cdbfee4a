"""Parts of a collection side by side: kinds of record, sources, sites, months; each share with its band."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from hilum.model.record import Kind
from hilum.quality.distribution import Spread, Tally, spread
from hilum.quality.figures import ProblemLike, SourceLike
from hilum.quality.proportion import Proportion, is_clearly_below
from hilum.quality.score_walk import Walk, roots
from hilum.quality.state_counts import StateCounts

SMALL = 30
"""Under this many judged records a share is flagged: its band is too wide to compare."""


class Standing(StrEnum):
    """How a part compares with the whole: clear only where the two 95 % bands do not touch."""

    BELOW = "below"
    ABOVE = "above"
    LEVEL = "level"
    SMALL = "small"


@dataclass(frozen=True, slots=True)
class KindFigures:
    """One kind of record: how many in each state, share fit for use, distribution of the total score."""

    kind: Kind
    states: StateCounts
    score: Spread

    @property
    def fit(self) -> Proportion:
        return self.states.fit


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """One site or one month (``YYYY-MM`` of reception)."""

    name: str
    states: StateCounts
    standing: Standing

    @property
    def fit(self) -> Proportion:
        return self.states.fit


@dataclass(frozen=True, slots=True)
class SourceFigures:
    """One file or archive as received, its members counted in."""

    id: str
    name: str
    format: str
    size: int
    digest: str
    received_at: str
    state: str
    members: tuple[str, ...]
    """Ids of the sources that came inside it."""
    states: StateCounts
    standing: Standing
    problems: int
    fatal_problems: int

    @property
    def fit(self) -> Proportion:
        return self.states.fit


def standing(part: Proportion, whole: Proportion) -> Standing:
    """Where ``part`` stands to ``whole``."""
    if part.n < SMALL:
        return Standing.SMALL
    if is_clearly_below(part, whole):
        return Standing.BELOW
    return Standing.ABOVE if is_clearly_below(whole, part) else Standing.LEVEL


def kinds(counts: Mapping[tuple[str, str], int], seen: Walk) -> tuple[KindFigures, ...]:
    """The kinds that occur, in the vocabulary's order."""
    found: dict[str, StateCounts] = {}
    for (kind, state), n in counts.items():
        found[kind] = found.get(kind, StateCounts()).plus(state, n)
    return tuple(
        KindFigures(kind, found[kind], spread(seen.kinds.get(kind, Tally()))) for kind in Kind if kind in found
    )


def groups(counted: Mapping[str, StateCounts], whole: Proportion, *, by_name: bool = False) -> tuple[GroupFigures, ...]:
    """Parts ordered by the lower bound of their band, weakest first (or by name)."""
    listed = [GroupFigures(name, states, standing(states.fit, whole)) for name, states in counted.items()]
    return tuple(sorted(listed, key=(lambda one: one.name) if by_name else (lambda one: (one.fit.band[0], one.name))))


def sources(
    received: Sequence[SourceLike], found: Sequence[ProblemLike], seen: Walk, whole: Proportion
) -> tuple[SourceFigures, ...]:
    """The outermost sources in the order of reception, with what stands in their members."""
    outermost = roots(received)
    members: dict[str, list[str]] = {}
    for source, root in outermost.items():
        if source != root:
            members.setdefault(root, []).append(source)
    every = Counter(outermost.get(one.locator.source, one.locator.source) for one in found)
    fatal = Counter(outermost.get(one.locator.source, one.locator.source) for one in found if one.fatal)
    listed = [source for source in received if outermost[source.id] == source.id]
    return tuple(
        SourceFigures(
            id=source.id,
            name=source.name,
            format=source.format,
            size=source.size,
            digest=source.digest,
            received_at=source.received_at,
            state=str(source.state),
            members=tuple(members.get(source.id, ())),
            states=seen.sources.get(source.id, StateCounts()),
            standing=standing(seen.sources.get(source.id, StateCounts()).fit, whole),
            problems=every[source.id],
            fatal_problems=fatal[source.id],
        )
        for source in sorted(listed, key=lambda one: (one.received_at, one.name))
    )
