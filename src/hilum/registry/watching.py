"""The watch over one bank: what it has seen, what is amiss, and the notices that say so.

It lives in memory beside the gate and is made again from the bank at will: everything it knows stands there. Nothing
here reads a clock; the watch goes by the latest instant it was given. Looking is apart from acting, so that a bank in
which nothing is amiss is only read.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from math import ceil, floor

from hilum.clock import parse_stamp, stamp
from hilum.model.record import Kind
from hilum.quality.rule import Severity
from hilum.quality.watch import Claim, CloseReason, Notice, WatchRule, detailed, watermark
from hilum.quality.watch_limits import Limits
from hilum.registry import process
from hilum.registry.ports import Unit
from hilum.registry.watch_stored import NoticeFilter, Waiting
from hilum.registry.watching_known import Known, Matter, Swept, Work
from hilum.registry.watching_steps import Steps, may_be_overdue
from hilum.registry.watching_stream import Stream
from hilum.registry.watching_trips import Trips

SPECIMENS = 100
"""Specimens looked at in one sweep; the rest is left for the next."""
_AGAIN = timedelta(seconds=60)
_SLOWLY = timedelta(hours=1)
_OVERLAP = timedelta(seconds=120)
"""Other processes may commit a little behind the clock they read; what they did is looked at again."""


_STEP, _WAIT = frozenset({WatchRule.STEP}), frozenset({WatchRule.WAITING})


class Watcher:
    """The watch over one bank, by the limits given."""

    def __init__(self, unit: Unit, now: datetime, limits: Limits) -> None:
        self.limits = limits
        self.known = Known()
        self.known.put(unit.open_notices())
        self.known.put(_recent(unit, stamp(now - self._look_back)))
        self.now = watermark(now, self.known.seen())
        self._trips = Trips(limits, int(self.now.timestamp()))
        self._stream = Stream(unit, self._trips, self.now, self._look_back)
        self._cursor = (stamp(self.now - self._look_back), "", "")
        self._again = self.now + _AGAIN
        self._ask = self.now

    @property
    def _look_back(self) -> timedelta:
        return timedelta(days=self.limits.look_back_days)

    def look(self, unit: Unit, now: datetime) -> Work:
        """What there is to do at ``now``; writes nothing."""
        self.now = watermark(self.now, now)
        by = stamp(self.now)
        due = tuple(unit.specimens_due(by, SPECIMENS))
        fresh, more = self._fresh(unit)
        matters = [*self._steps(unit, sorted({*due, *fresh})), *self._waiting(unit)]
        behind = self._stream.pull(unit)
        if self._stream.is_caught_up and not behind:
            matters += self._trips.matters(self.known, floor(self.now.timestamp()))
        changed = tuple(one for one in matters if one.reckon(self.known, by).every)
        return Work(due, changed, more or behind or len(due) == SPECIMENS)

    def due(self, unit: Unit) -> datetime:
        """When the next look will find something to do if nothing comes in."""
        earliest, second = unit.earliest_due(), self._trips.next()
        times = [self._again]
        times += [parse_stamp(earliest)] if earliest else []
        times += [datetime.fromtimestamp(second + 1, UTC)] if second is not None else []
        return min(times)

    def act(self, unit: Unit, work: Work) -> Swept:
        """Do what was found, in one transaction: assess what fell due, and write the notices."""
        now = stamp(self.now)
        if work.due:
            process.refresh(unit, process.active(unit), work.due, now)
        self._refresh(unit, work.matters, now)
        raised: list[Notice] = []
        closed: list[Notice] = []
        changed: list[Notice] = []
        for matter in work.matters:
            done = matter.reckon(self.known, now)
            self.known.put(done.every)
            raised += done.raised
            closed += done.closed
            changed += done.changed
        unit.put_notices([*raised, *closed, *changed])
        return Swept(tuple(raised), tuple(closed), tuple(changed), len(work.due), work.more)

    def _refresh(self, unit: Unit, matters: Iterable[Matter], now: str) -> None:
        """Know the notices about to be written as the bank has them: another process may have told of the same, and
        a person may have one in hand."""
        ids = [one.id for matter in matters for one in matter.reckon(self.known, now).every]
        if ids:
            self.known.put(unit.find_notices(NoticeFilter(ids=tuple(ids))))

    def _fresh(self, unit: Unit) -> tuple[set[str], bool]:
        """Specimens whose standing was made since the last look and may have something overdue in it."""
        found: set[str] = set()
        if self.now >= self._again:
            self._again = self.now + _AGAIN
            self._cursor = min(self._cursor, (stamp(self.now - _OVERLAP), "", ""))
            found |= self._unasked(unit)
            self.known.forget(stamp(self.now - self._look_back))
        made = unit.standings_made(self._cursor, SPECIMENS)
        if made:
            self._cursor = made[-1]
        standings = unit.process_standing(sorted({specimen for _, specimen, _ in made})) if made else {}
        found |= {name for name, mine in standings.items() if self._is_told(name) or any(map(may_be_overdue, mine))}
        return found, len(made) == SPECIMENS

    def _is_told(self, specimen: str) -> bool:
        return any(one.is_open for one in self.known.of(specimen, _STEP))

    def _unasked(self, unit: Unit) -> set[str]:
        """Specimens with an open notice whose standing is gone: they were taken back, or the SOP was retired."""
        told = self.known.open(_STEP)
        standings = unit.process_standing(sorted({one.subject for one in told}))
        asked = {(name, one.sop) for name, mine in standings.items() for one in mine}
        return {one.subject for one in told if (one.subject, str(one.body.get("sop"))) not in asked}

    def _steps(self, unit: Unit, specimens: Sequence[str]) -> list[Matter]:
        if not specimens:
            return []
        steps = Steps(unit, process.active(unit), specimens)
        now, oldest = ceil(self.now.timestamp()), int((self.now - self._look_back).timestamp())
        return [
            Matter(
                subject=one,
                rules=_STEP,
                claims=steps.claims(one, now, oldest),
                endings=steps.endings(one, self.known.of(one, _STEP)),
            )
            for one in steps.specimens
        ]

    def _waiting(self, unit: Unit) -> list[Matter]:
        """Held records that have waited for days, asked for now and then: nothing of it is a matter of minutes."""
        if self.now < self._ask:
            return []
        self._ask = self.now + _SLOWLY
        found: dict[str, list[Claim]] = {one.subject: [] for one in self.known.open(_WAIT)}
        for one in unit.waiting(stamp(self.now - timedelta(days=self.limits.waiting_days))):
            if one.kind is not Kind.CONDITION:  # whatever is held waits for a diagnosis too, and few need one
                found.setdefault(one.source, []).append(_claim_of(one))
        return [
            Matter(source, _WAIT, claims, {mine.rule: CloseReason.SETTLED for mine in self.known.of(source, _WAIT)})
            for source, claims in sorted(found.items())
        ]


def _claim_of(one: Waiting) -> Claim:
    return Claim(
        rule=detailed(WatchRule.WAITING, one.kind.value),
        subject=one.source,
        since=int(parse_stamp(one.since).timestamp()),
        severity=Severity.WARN,
        facts={"kind": one.kind.value, "count": one.count},
    )


def _recent(unit: Unit, since: str) -> Iterable[Notice]:
    last = ""
    while page := unit.find_notices(NoticeFilter(since=since, open=False, after=last, limit=1000)):
        yield from page
        last = page[-1].id
