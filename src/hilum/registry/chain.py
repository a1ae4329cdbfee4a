"""What was done with a specimen just before: the chain of custody, and the same step of preparation done again.

Links stand in the order in which things happened, whatever the order they arrived in. What two links at one moment
came first nobody says: the one that hands on to the other goes before it, else the smaller key. A link whose time is
missing or only known to the day may lie anywhere within it; what precedes a record beyond it is then not known.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice

from hilum.model.record import Kind
from hilum.model.vocabulary import FieldType
from hilum.quality.row import bounds, is_partial, second_number
from hilum.registry.stored import Fact

CHAINED = (Kind.CUSTODY, Kind.PREPARATION)
"""Kinds whose records see what was done with their specimen before."""
_TIMES = {Kind.CUSTODY: ("happened_at",), Kind.PREPARATION: ("started_at", "ended_at")}
_MOST = 200
"""Links looked at to find what precedes one. Of more at one moment, or more without a party, nothing is claimed."""
_EVER = (float("-inf"), float("inf"))
Placed = tuple[float, str, Fact]
Counts = Callable[[Fact], bool]


@dataclass(frozen=True, slots=True)
class Before:
    """What precedes a record: the link immediately before it, and of custody the last one before it that says who took
    the specimen over (a step without a receiving party leaves the holder as it was). ``None`` where there is none, or
    where the times do not tell."""

    previous: Fact | None = None
    holder: Fact | None = None


@dataclass(slots=True)
class Strand:
    """The links of one specimen: all custody records, or all preparations of one step."""

    placed: list[Placed] = field(default_factory=list)
    """(second, key, link), sorted."""
    loose: dict[str, Fact] = field(default_factory=dict)
    """Links without an exact time, by their keys."""

    def add(self, link: Fact) -> None:
        first, last = span(link)
        if first == last:
            insort(self.placed, (first, link.key, link), key=_place)
        else:
            self.loose[link.key] = link

    def drop(self, link: Fact) -> None:
        first, last = span(link)
        if first != last:
            self.loose.pop(link.key, None)
            return
        at = bisect_left(self.placed, (first, link.key), key=_place)
        if at < len(self.placed) and _place(self.placed[at]) == (first, link.key):
            del self.placed[at]

    def before(self, link: Fact) -> Before:
        """What precedes ``link``, which need not be of the strand."""
        first, last = span(link)
        if first != last:
            return Before()
        return Before(self._last(link, first, _any), self._last(link, first, _takes))

    def _last(self, link: Fact, at: float, counts: Counts) -> Fact | None:
        found = _one_of(self._nearest(link, at, counts), link, at)
        since = span(found)[0] if found else _EVER[0]
        if len(self.loose) > _MOST or any(
            one.key != link.key and counts(one) and span(one)[0] <= at and span(one)[1] >= since
            for one in self.loose.values()
        ):
            return None
        return found

    def _nearest(self, link: Fact, at: float, counts: Counts) -> list[Placed] | None:
        """The links at the very moment ``at``, and those of the nearest moment before it; ``None``: too many."""
        end = bisect_right(self.placed, at, key=_when)
        found: list[Placed] = []
        for place in range(end - 1, -1, -1):
            if end - place > _MOST:
                return None
            one = self.placed[place]
            if one[1] == link.key or not counts(one[2]):
                continue
            if found and found[-1][0] not in (at, one[0]):
                break
            found.append(one)
        return found

    def after(self, link: Fact) -> Iterator[Fact]:
        """The links whose :class:`Before` may be another with ``link`` than without it."""
        first, last = span(link)
        start = bisect_left(self.placed, first, key=_when)
        for when, group in groupby(islice(self.placed, start, None), key=_when):
            links = [one[2] for one in group]
            yield from (one for one in links if one.key != link.key)
            if when > last and any(_takes(one) for one in links):
                return


@dataclass(slots=True)
class Chains:
    """The strands around one batch. A specimen goes by one name here: its key, where it is known."""

    strands: dict[tuple[Kind, str, str], Strand] = field(default_factory=dict)
    links: dict[tuple[Kind, str], tuple[Fact, str]] = field(default_factory=dict)
    """(kind, key) -> the link and the name of its specimen."""

    def add(self, link: Fact, specimen: str) -> None:
        """Put a link in its place; an earlier version of it leaves its own."""
        self.drop(link)
        self.links[link.kind, link.key] = link, specimen
        self._strand(link, specimen).add(link)

    def drop(self, link: Fact) -> None:
        """Take out what stands under the key of ``link``."""
        known = self.links.pop((link.kind, link.key), None)
        if known is not None:
            self._strand(*known).drop(known[0])

    def before(self, link: Fact, specimen: str) -> Before:
        """What precedes ``link``, were it of the chain."""
        strand = self.strands.get(_name(link, specimen))
        return strand.before(link) if strand else Before()

    def after(self, link: Fact, specimen: str) -> Iterator[Fact]:
        """The links that ``link`` may precede."""
        strand = self.strands.get(_name(link, specimen))
        return strand.after(link) if strand else iter(())

    def all(self) -> list[Fact]:
        """Every link."""
        return [link for link, _ in self.links.values()]

    def _strand(self, link: Fact, specimen: str) -> Strand:
        return self.strands.setdefault(_name(link, specimen), Strand())


def _name(link: Fact, specimen: str) -> tuple[Kind, str, str]:
    step = link.fields.get("step") if link.kind is Kind.PREPARATION else None
    return link.kind, specimen, str(step or "")


def span(link: Fact) -> tuple[float, float]:
    """First and last second at which it may have happened: the same one for an exact time, everything for none."""
    text = next((value for name in _TIMES[link.kind] if isinstance(value := link.fields.get(name), str)), None)
    if text is None:
        return _EVER
    try:
        if is_partial(FieldType.INSTANT, text):
            return bounds(FieldType.INSTANT, text)
        exact = second_number(text)
    except ValueError:
        return _EVER
    return exact, exact


def _one_of(links: Sequence[Placed] | None, link: Fact, at: float) -> Fact | None:
    """Of links at ``at`` and at one moment before it, the one that precedes ``link``."""
    if not links:
        return None
    tied = [one for when, _, one in links if when == at]
    earlier = [one for when, _, one in links if when != at]
    handing = [one for one in tied if _hands_to(one, link)]
    ends = [one for one in earlier if not any(_hands_to(one, other) for other in earlier if other is not one)]
    fitting = [one for one in ends if _hands_to(one, link)]
    smaller = [one for one in tied if one.key < link.key]
    chosen: Iterable[Fact] = handing or fitting or ends or earlier or smaller
    return max(chosen, key=lambda one: one.key, default=None)


def _hands_to(one: Fact, other: Fact) -> bool:
    taker = one.fields.get("to_party")
    return taker is not None and taker == other.fields.get("from_party")


def _takes(link: Fact) -> bool:
    """Whether the link says who has the specimen from then on; a repeated step needs no party."""
    return link.kind is not Kind.CUSTODY or link.fields.get("to_party") is not None


def _any(link: Fact) -> bool:
    return True


def _when(one: Placed) -> float:
    return one[0]


def _place(one: Placed) -> tuple[float, str]:
    return one[0], one[1]
