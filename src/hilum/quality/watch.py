"""What should have happened and did not, or went on too long: notices, and when they are raised and closed.

Whoever watches says at any instant what is amiss: its claims. A notice is a claim that was told: raised when it is
first seen, closed when it is made good. Both follow from the claims and the notices known, never from how often or in
which order anybody looked, so that the same stream with the same clock gives the same notices.

A claim and a notice of the same rule and subject whose stretches overlap are the same: a reading that comes late may
move the instant since when a box has been too warm, and the notice stays the one it was.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from hilum.clock import parse_stamp, stamp
from hilum.model import ids
from hilum.model.record import Value
from hilum.quality.rule import Dimension, Severity

NOTICE = "NTC"
_DETAIL = ":"
_EVER = float("inf")


class WatchRule(StrEnum):
    """What is watched. The words stand in the catalogue under ``watch.title.<rule>``, ``watch.why.…``,
    ``watch.hint.…``."""

    STEP = "WCH-SOP-001"
    OVERDUE = "WCH-TRP-001"
    STRANGER = "WCH-TRP-002"
    SILENT = "WCH-LOG-001"
    FAULT = "WCH-LOG-002"
    FLAT = "WCH-LOG-003"
    CLOCK = "WCH-LOG-004"
    OPENED = "WCH-TMP-001"
    OUTSIDE = "WCH-TMP-002"
    TOTAL = "WCH-TMP-003"
    KINETIC = "WCH-TMP-004"
    WAITING = "WCH-REC-001"


class CloseReason(StrEnum):
    """Why a notice was closed; the words stand under ``watch.reason.<reason>``."""

    LATE = "late"
    TOLD_LATE = "told_late"
    UNCLEAR = "unclear"
    NOT_ASKED = "not_asked"
    RECEIVED = "received"
    RESUMED = "resumed"
    SENSOR_BACK = "sensor_back"
    CLOCK_SET = "clock_set"
    BACK = "back"
    LASTING = "lasting"
    SETTLED = "settled"
    REJUDGED = "rejudged"


DIMENSIONS: Mapping[WatchRule, Dimension] = {
    WatchRule.STEP: Dimension.TIMELINESS,
    WatchRule.OVERDUE: Dimension.TIMELINESS,
    WatchRule.STRANGER: Dimension.AUTHENTICITY,
    WatchRule.SILENT: Dimension.COMPLETENESS,
    WatchRule.FAULT: Dimension.ACCURACY,
    WatchRule.FLAT: Dimension.AUTHENTICITY,
    WatchRule.CLOCK: Dimension.ACCURACY,
    WatchRule.OPENED: Dimension.TIMELINESS,
    WatchRule.OUTSIDE: Dimension.TIMELINESS,
    WatchRule.TOTAL: Dimension.TIMELINESS,
    WatchRule.KINETIC: Dimension.TIMELINESS,
    WatchRule.WAITING: Dimension.COMPLETENESS,
}
"""The dimension of quality each rule tells of."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What is amiss with ``subject`` since a second, and until which: ``None`` while it goes on.

    ``rule`` is a :class:`WatchRule`, with a detail behind a colon where one subject can break it in several ways (the
    constraint of an SOP, the probe in a box). ``facts`` fill the words; ``reason`` says why it is over.
    """

    rule: str
    subject: str
    since: int
    severity: Severity
    facts: Mapping[str, Value] = field(default_factory=dict)
    until: int | None = None
    reason: CloseReason = CloseReason.REJUDGED


@dataclass(frozen=True, slots=True)
class Notice:
    """A claim that was told. Instants are as :func:`hilum.clock.stamp` writes them; ``closed_at`` is empty while open.

    ``since`` is the instant the thing itself dates from, ``raised_at`` and ``closed_at`` when the watch saw it.
    ``body`` holds the claim's facts; ``until`` among them is when the thing itself ended, ``late`` says that data that
    came late changed what had been told, ``acknowledged_by``, ``acknowledged_at`` and ``acknowledged_why`` who has it
    in hand.
    """

    id: str
    rule: str
    subject: str
    severity: Severity
    raised_at: str
    since: str
    closed_at: str = ""
    reason: str = ""
    body: Mapping[str, Value] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return not self.closed_at

    @property
    def kind(self) -> WatchRule:
        """The rule without its detail."""
        return rule_of(self.rule)


def rule_of(rule: str) -> WatchRule:
    """The rule without its detail. Raises ``ValueError`` for one nobody knows."""
    return WatchRule(rule.partition(_DETAIL)[0])


def detailed(rule: WatchRule, detail: str) -> str:
    """A rule with what tells its claims about one subject apart."""
    return f"{rule.value}{_DETAIL}{detail}" if detail else rule.value


def instant_of(second: float) -> str:
    """A second as an instant the bank keeps."""
    return stamp(datetime.fromtimestamp(int(second), UTC))


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What changed: notices raised (some closed at once), closed, and told anew."""

    raised: tuple[Notice, ...] = ()
    closed: tuple[Notice, ...] = ()
    changed: tuple[Notice, ...] = ()

    @property
    def every(self) -> tuple[Notice, ...]:
        return (*self.raised, *self.closed, *self.changed)


def reconcile(
    known: Iterable[Notice],
    claims: Iterable[Claim],
    now: str,
    *,
    endings: Mapping[str, CloseReason] | None = None,
    late: bool = False,
) -> Reconciled:
    """What to raise, close and change so that the notices of one subject say what its claims say.

    ``known`` are its notices, open and closed. ``endings`` say why an open notice no longer claimed is over, by rule;
    ``late``: data that came late are among what the claims were made of.
    """
    sheet = _Sheet(now, late, endings or {})
    theirs = _by_rule(claims)
    mine = _by_rule(known)
    for rule in sorted(theirs.keys() | mine.keys()):
        sheet.settle(mine.get(rule, ()), theirs.get(rule, ()))
    return Reconciled(tuple(sheet.raised), tuple(sheet.closed), tuple(sheet.changed))


ThingT = TypeVar("ThingT", Claim, Notice)


def _by_rule(things: Iterable[ThingT]) -> dict[str, list[ThingT]]:
    found: dict[str, list[ThingT]] = {}
    for one in things:
        found.setdefault(one.rule, []).append(one)
    return found


@dataclass(slots=True)
class _Sheet:
    """One subject's reckoning."""

    now: str
    late: bool
    endings: Mapping[str, CloseReason]
    raised: list[Notice] = field(default_factory=list)
    closed: list[Notice] = field(default_factory=list)
    changed: list[Notice] = field(default_factory=list)

    def settle(self, notices: Sequence[Notice], claims: Sequence[Claim]) -> None:
        """Match each claim to the notice of the same stretch; what is left over is new, or over."""
        left = sorted(notices, key=lambda one: (one.since, one.id))
        for claim in sorted(claims, key=lambda one: (one.since, one.until or _EVER)):
            told = next((one for one in left if _overlap(one, claim)), None)
            if told is None:
                self._raise(claim)
            else:
                left.remove(told)
                self._keep(told, claim)
        for told in left:
            if told.is_open:
                reason = self.endings.get(told.rule, CloseReason.REJUDGED)
                self.closed.append(_ended(told, self.now, reason, self._marked({}, reason is CloseReason.REJUDGED)))

    def _raise(self, claim: Claim) -> None:
        since = instant_of(claim.since)
        over = claim.until is not None
        self.raised.append(
            Notice(
                id=notice_id(claim),
                rule=claim.rule,
                subject=claim.subject,
                severity=claim.severity,
                raised_at=self.now,
                since=since,
                closed_at=self.now if over else "",
                reason=claim.reason.value if over else "",
                body=self._marked(_body(claim)),
            )
        )

    def _keep(self, told: Notice, claim: Claim) -> None:
        """A notice and what is claimed now: ended, gone on again, or told otherwise."""
        body = {**told.body, **_body(claim)}
        if claim.until is None:
            body.pop(_UNTIL, None)
        if told.is_open and claim.until is not None:
            self.closed.append(_ended(told, self.now, claim.reason, self._marked(body)))
        elif not told.is_open and claim.until is None:
            self.changed.append(replace(told, closed_at="", reason="", body=body | {_LATE: True}))
        elif self.late and _differ(told.body, body):
            self.changed.append(replace(told, severity=claim.severity, body=body | {_LATE: True}))
        elif told.severity is not claim.severity and told.is_open:
            self.changed.append(replace(told, severity=claim.severity, body=body))

    def _marked(self, body: Mapping[str, Value], because: bool = True) -> dict[str, Value]:
        return {**body, _LATE: True} if self.late and because else dict(body)


_UNTIL, _LATE = "until", "late"


def _body(claim: Claim) -> dict[str, Value]:
    body = dict(claim.facts)
    if claim.until is not None:
        body[_UNTIL] = instant_of(claim.until)
    return body


def _ended(told: Notice, now: str, reason: CloseReason, body: Mapping[str, Value]) -> Notice:
    return replace(told, closed_at=now, reason=reason.value, body={**told.body, **body})


def _differ(before: Mapping[str, Value], after: Mapping[str, Value]) -> bool:
    names = (before.keys() | after.keys()) - {_LATE}
    return any(before.get(name) != after.get(name) for name in names)


def notice_id(claim: Claim) -> str:
    """The same thing since the same instant gets the same name, whoever sees it."""
    return ids.mint(NOTICE, claim.rule, claim.subject, instant_of(claim.since))


def _overlap(told: Notice, claim: Claim) -> bool:
    start = parse_stamp(told.since).timestamp()
    end = _end_of(told)
    return (start <= (_EVER if claim.until is None else claim.until) and claim.since < end) or start == claim.since


def _end_of(told: Notice) -> float:
    """When the thing itself ended; for ever while it goes on. Where nobody could say, nothing later is the same."""
    if told.is_open:
        return _EVER
    until = told.body.get(_UNTIL)
    return parse_stamp(until if isinstance(until, str) else told.since).timestamp()


def acknowledge(told: Notice, by: str, at: str, why: str) -> Notice:
    """The notice with who has it in hand, and why; it stays open until it is made good."""
    return replace(told, body={**told.body, "acknowledged_by": by, "acknowledged_at": at, "acknowledged_why": why})


def watermark(before: datetime, now: datetime) -> datetime:
    """The instant the watch goes by: the latest it has seen, so that a clock put back ends and begins nothing."""
    return max(before, now)
