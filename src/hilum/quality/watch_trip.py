"""What is amiss with a box on its way, or with a freezer, as far as its loggers have told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from hilum.model.record import Value
from hilum.quality.rule import Severity
from hilum.quality.temperature import Trip, audit
from hilum.quality.temperature_series import Reading, flat_line, in_order
from hilum.quality.watch import Claim, CloseReason, WatchRule, detailed, instant_of
from hilum.quality.watch_limits import Limits
from hilum.quality.watch_stretch import Stretch, faulty, outside
from hilum.quality.watch_window import Pulse, Window

OF_LOGGER = frozenset(
    {WatchRule.SILENT, WatchRule.FAULT, WatchRule.FLAT, WatchRule.CLOCK, WatchRule.OPENED, WatchRule.OUTSIDE}
)
"""What may be amiss with any logger."""
OF_TRIP = OF_LOGGER | {WatchRule.OVERDUE, WatchRule.STRANGER, WatchRule.TOTAL, WatchRule.KINETIC}
ENDINGS: Mapping[WatchRule, CloseReason] = {
    WatchRule.OVERDUE: CloseReason.RECEIVED,
    WatchRule.SILENT: CloseReason.RESUMED,
    WatchRule.FAULT: CloseReason.SENSOR_BACK,
    WatchRule.FLAT: CloseReason.SENSOR_BACK,
    WatchRule.CLOCK: CloseReason.CLOCK_SET,
    WatchRule.KINETIC: CloseReason.BACK,
}
"""Why a notice no longer claimed is over, where nothing else says."""
_EVER = 1 << 60


@dataclass(frozen=True, slots=True)
class Journey:
    """What is being watched: a trip, or (without ``sent``) the standing of a fixed logger.

    ``sent`` and ``received`` are seconds; ``due`` is until when it is expected. ``subject`` is the number of the
    transport, or the logger.
    """

    subject: str
    low_c: float | None = None
    high_c: float | None = None
    sent: int | None = None
    due: int | None = None
    received: int | None = None
    on_trip: bool = False

    @property
    def is_over(self) -> bool:
        return self.received is not None


@dataclass(frozen=True, slots=True)
class Probe:
    """One logger on the journey. ``expected``: it is known to report while it is under way."""

    logger: str
    window: Window
    pulse: Pulse
    expected: bool
    stranger_to: str = ""
    """The logger the hand-over names, where this is another."""
    first_carried: int | None = None
    """When it first said that it is on this transport."""


@dataclass(frozen=True, slots=True)
class Told:
    """The claims, and when the next one will be due if nothing comes in (``None``: never)."""

    claims: tuple[Claim, ...]
    next: int | None


def judge(journey: Journey, probes: Sequence[Probe], limits: Limits, now: int) -> Told:
    """What is amiss at second ``now``."""
    claims: list[Claim] = []
    waits: list[int] = []
    if journey.due is not None and not journey.is_over:
        waits.append(journey.due)
        if now > journey.due:
            claims.append(_overdue(journey))
    for probe in probes:
        deadline = _silent_from(journey, probe, probes, limits)
        if deadline is not None:
            waits.append(deadline[1])
            if now > deadline[1]:
                claims.append(_silent(journey, probe, *deadline))
        claims += _of_probe(journey, probe, limits)
    later = [one for one in waits if one >= now]
    return Told(tuple(_over(journey, one) for one in claims), min(later, default=None))


def _over(journey: Journey, claim: Claim) -> Claim:
    """Whatever still went on when the box was received ended there: from then on the rules for logs speak."""
    if journey.received is None or claim.until is not None:
        return claim
    return replace(claim, until=max(journey.received, claim.since), reason=CloseReason.RECEIVED)


def _overdue(journey: Journey) -> Claim:
    assert journey.due is not None
    facts: dict[str, Value] = {"dispatched_at": None if journey.sent is None else instant_of(journey.sent)}
    return Claim(WatchRule.OVERDUE.value, journey.subject, journey.due, Severity.BLOCK, facts)


def _rule(journey: Journey, rule: WatchRule, probe: Probe) -> str:
    return detailed(rule, probe.logger if journey.on_trip else "")


# silence and clock ------------------------------------------------------------------------------------------------


def _silent_from(journey: Journey, probe: Probe, probes: Sequence[Probe], limits: Limits) -> tuple[int, int] | None:
    """Since when nothing was heard, and until when that may be."""
    if journey.is_over or not probe.expected or any(one.stranger_to == probe.logger for one in probes):
        return None
    heard = probe.pulse.heard_at
    if heard is None or (journey.sent is not None and heard < journey.sent):
        return None if journey.sent is None else (journey.sent, journey.sent + round(limits.first_reading_min * 60))
    interval = probe.window.interval(limits.usual_interval_s)
    return heard, heard + ceil(max(limits.silence_times * interval, limits.silence_min * 60))


def _silent(journey: Journey, probe: Probe, since: int, until: int) -> Claim:
    facts: dict[str, Value] = {"logger": probe.logger, "allowed_min": round((until - since) / 60)}
    return Claim(_rule(journey, WatchRule.SILENT, probe), journey.subject, since, Severity.BLOCK, facts)


def _clock(journey: Journey, probe: Probe) -> Iterable[Claim]:
    since = probe.pulse.off_since
    if since is not None and (journey.received is None or since <= journey.received):
        facts: dict[str, Value] = {"logger": probe.logger, "offset_min": round(probe.pulse.offset_s / 60)}
        yield Claim(_rule(journey, WatchRule.CLOCK, probe), journey.subject, since, Severity.WARN, facts)


# temperature ------------------------------------------------------------------------------------------------------


def _of_probe(journey: Journey, probe: Probe, limits: Limits) -> list[Claim]:
    claims = [*_clock(journey, probe), *_stranger(journey, probe)]
    if probe.window.is_calm(journey.low_c, journey.high_c, may_stand=not journey.on_trip):
        return claims
    start = _start(journey, probe)
    if start is None:
        return claims
    offset = probe.pulse.offset_s
    first, last = start + offset, (journey.received if journey.received is not None else _EVER) + offset
    readings = [(second - offset, value) for second, value in probe.window.between(first, last)]
    claims += _faults(journey, probe, readings)
    if journey.on_trip:
        claims += _flat(journey, probe, readings)
    if journey.low_c is None and journey.high_c is None:
        return claims
    apart = 2 * probe.window.interval(limits.usual_interval_s)
    stretches = outside(readings, journey.low_c, journey.high_c, apart)
    claims += [_stretch(journey, probe, one, limits) for one in stretches]
    if journey.on_trip and stretches:
        claims += _totals(journey, probe, readings, stretches, limits)
    return claims


def _start(journey: Journey, probe: Probe) -> int | None:
    """From when its readings are those of the journey; ``None`` where nobody says."""
    if not journey.on_trip:
        return -_EVER
    return journey.sent if journey.sent is not None else probe.first_carried


def _faults(journey: Journey, probe: Probe, readings: Sequence[Reading]) -> Iterable[Claim]:
    for one in faulty(readings):
        until = None if one.end is None else int(one.end)
        yield Claim(
            rule=_rule(journey, WatchRule.FAULT, probe),
            subject=journey.subject,
            since=int(one.start),
            severity=Severity.WARN,
            facts={"logger": probe.logger},
            until=until,
            reason=CloseReason.SENSOR_BACK,
        )


def _flat(journey: Journey, probe: Probe, readings: Sequence[Reading]) -> Iterable[Claim]:
    found = flat_line(in_order(readings)) if readings else None
    if found is None:
        return
    minutes = round((found.end - found.start) / 60, 1)
    yield Claim(
        rule=_rule(journey, WatchRule.FLAT, probe),
        subject=journey.subject,
        since=found.start,
        severity=Severity.WARN,
        facts={"logger": probe.logger, "value_c": found.value_c, "minutes": minutes},
        until=None if found.end == readings[-1][0] else found.end,
        reason=CloseReason.SENSOR_BACK,
    )


def _stretch(journey: Journey, probe: Probe, one: Stretch, limits: Limits) -> Claim:
    """An opened box while it is short, an excursion once it is longer than allowed."""
    long = one.minutes > limits.excursion_min
    rule, severity = (WatchRule.OUTSIDE, Severity.BLOCK) if long else (WatchRule.OPENED, Severity.INFO)
    facts: dict[str, Value] = {"minutes": round(one.minutes, 1), "worst_c": one.worst_c}
    return Claim(
        rule=_rule(journey, rule, probe),
        subject=journey.subject,
        since=int(one.start),
        severity=severity,
        facts={"logger": probe.logger, "low_c": journey.low_c, "high_c": journey.high_c, **facts},
        until=None if one.end is None else ceil(one.end),
        reason=CloseReason.BACK,
    )


def _totals(
    journey: Journey, probe: Probe, readings: Sequence[Reading], stretches: Sequence[Stretch], limits: Limits
) -> Iterable[Claim]:
    """The whole way so far: minutes outside the limits, and the mean kinetic temperature."""
    figures = audit(Trip(journey.sent, None, journey.low_c, journey.high_c), readings)
    facts: dict[str, Value] = {"logger": probe.logger, "low_c": journey.low_c, "high_c": journey.high_c}
    facts["mkt_c"] = figures.mkt_c
    minutes = 0.0
    since = None
    for one in stretches:
        minutes += one.minutes
        since = int(one.start) if since is None and minutes > limits.total_min else since
    if since is not None:
        rule = _rule(journey, WatchRule.TOTAL, probe)
        yield Claim(rule, journey.subject, since, Severity.BLOCK, {**facts, "minutes": round(minutes, 1)})
    heard = readings[-1][0] - readings[0][0] >= limits.kinetic_min * 60
    if heard and journey.high_c is not None and figures.mkt_c is not None and figures.mkt_c > journey.high_c:
        rule = _rule(journey, WatchRule.KINETIC, probe)
        yield Claim(rule, journey.subject, int(stretches[0].start), Severity.WARN, facts)


def _stranger(journey: Journey, probe: Probe) -> Iterable[Claim]:
    if probe.stranger_to and probe.first_carried is not None:
        facts: dict[str, Value] = {"logger": probe.logger, "named": probe.stranger_to}
        rule = _rule(journey, WatchRule.STRANGER, probe)
        yield Claim(rule, journey.subject, probe.first_carried, Severity.BLOCK, facts)


def endings(journey: Journey, rules: Iterable[str], claims: Iterable[Claim]) -> dict[str, CloseReason]:
    """Why notices under these rules that are claimed no more are over."""
    outside_now = {one.rule.partition(":")[2] for one in claims if one.rule.startswith(WatchRule.OUTSIDE.value)}
    found: dict[str, CloseReason] = {}
    for rule in rules:
        name, _, probe = rule.partition(":")
        reason = ENDINGS.get(WatchRule(name), CloseReason.REJUDGED)
        if WatchRule(name) is WatchRule.OPENED and probe in outside_now:
            reason = CloseReason.LASTING
        found[rule] = CloseReason.RECEIVED if journey.is_over else reason
    return found
