"""What the watch goes by and what it comes to: the notices known, what is amiss with one subject, one sweep."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hilum.clock import parse_stamp
from hilum.quality.watch import Claim, CloseReason, Notice, Reconciled, WatchRule, reconcile

BEGINNING = "0001-01-01T00:00:00.000000Z"


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep came to. ``more``: it did not get to the end and should be called again at once."""

    raised: tuple[Notice, ...] = ()
    closed: tuple[Notice, ...] = ()
    changed: tuple[Notice, ...] = ()
    assessed: int = 0
    more: bool = False

    @property
    def every(self) -> tuple[Notice, ...]:
        return (*self.raised, *self.closed, *self.changed)

    def __add__(self, after: "Swept") -> "Swept":
        """Both sweeps as one; whether there is more the later one says."""
        notices = (self.raised + after.raised, self.closed + after.closed, self.changed + after.changed)
        return Swept(*notices, self.assessed + after.assessed, after.more)


@dataclass(slots=True)
class Known:
    """The notices the watch goes by, under their subjects: the open ones, and those closed not long ago."""

    notices: dict[str, dict[str, Notice]] = field(default_factory=dict)

    def put(self, notices: Iterable[Notice]) -> None:
        for one in notices:
            self.notices.setdefault(one.subject, {})[one.id] = one

    def of(self, subject: str, rules: Collection[WatchRule]) -> list[Notice]:
        return [one for one in self.notices.get(subject, {}).values() if one.kind in rules]

    def open(self, rules: Collection[WatchRule]) -> list[Notice]:
        return [one for mine in self.notices.values() for one in mine.values() if one.is_open and one.kind in rules]

    def seen(self) -> datetime:
        """The latest instant at which anything was told: a watch begun anew goes on from there."""
        told = (max(one.raised_at, one.closed_at) for mine in self.notices.values() for one in mine.values())
        return parse_stamp(max(told, default=BEGINNING))

    def forget(self, before: str) -> None:
        """Let go of what was closed before an instant."""
        for subject, mine in list(self.notices.items()):
            kept = {name: one for name, one in mine.items() if one.is_open or one.closed_at >= before}
            if kept:
                self.notices[subject] = kept
            else:
                del self.notices[subject]


@dataclass(frozen=True, slots=True)
class Matter:
    """What is amiss with one subject as far as some rules go, and why what is not any more is over."""

    subject: str
    rules: Collection[WatchRule]
    claims: Sequence[Claim]
    endings: Mapping[str, CloseReason] = field(default_factory=dict)
    late: bool = False

    def reckon(self, known: Known, now: str) -> Reconciled:
        """What it means for the notices known."""
        mine = known.of(self.subject, self.rules)
        return reconcile(mine, self.claims, now, endings=self.endings, late=self.late)


@dataclass(frozen=True, slots=True)
class Work:
    """What a look found to do: specimens whose standing fell due, and matters whose notices change."""

    due: tuple[str, ...] = ()
    matters: tuple[Matter, ...] = ()
    more: bool = False

    @property
    def is_nothing(self) -> bool:
        return not self.due and not self.matters
