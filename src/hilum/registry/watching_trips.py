"""Boxes on their way and fixed loggers, as the records tell of them: which logger goes with which, and since when.

A transport under way is one that was sent and not received. A logger that no transport names and that carries no
number of one is fixed: a freezer's, a room's. What a logger told before is kept for a day, or since the oldest trip it
is on was sent; a trip that was received is remembered for a day, so that readings that come late still find it.
"""

import heapq
from dataclasses import dataclass, field

from hilum.clock import parse_stamp
from hilum.model.record import Kind, Value
from hilum.model.vocabulary import FieldType
from hilum.quality.row import bounds, second_number
from hilum.quality.watch_limits import Band, Limits
from hilum.quality.watch_trip import OF_LOGGER, OF_TRIP, Journey, Probe, endings, judge
from hilum.quality.watch_window import Pulse, Window
from hilum.registry.stored import RecordState
from hilum.registry.watch_stored import Watched
from hilum.registry.watching_known import Known, Matter

_DAY = 86_400
_LEAD_S = 3_600
_DEAD = (RecordState.REJECTED, RecordState.REFUSED, RecordState.RETRACTED)
_RECEIVE = "receive"
_LOGGER, _TRIP = "L", "T"
"""Before the name of a subject: what it is."""


@dataclass(slots=True)
class _Logger:
    """What is known of one logger."""

    name: str
    window: Window
    pulse: Pulse
    band: Band = (None, None)
    carried: dict[str, int] = field(default_factory=dict)
    """Number of the transport -> when a reading first named it."""
    travels: bool = False
    """Whether it was ever on a transport: such a logger is no fixed one between its trips."""
    late: bool = False


@dataclass(slots=True)
class _Trip:
    """One transport: what its records (one per tube) say, each by its key."""

    number: str
    told: dict[str, "_Told"] = field(default_factory=dict)
    handed: int | None = None
    """When a custody record says that the box was received."""

    def first(self, name: str) -> int | None:
        return min((found for one in self.told.values() if (found := getattr(one, name)) is not None), default=None)

    @property
    def received(self) -> int | None:
        found = [one for one in (self.first("received"), self.handed) if one is not None]
        return min(found, default=None)

    @property
    def logger(self) -> str:
        return next((one.logger for one in self.told.values() if one.logger), "")

    def limit(self, name: str) -> float | None:
        return next((found for one in self.told.values() if (found := getattr(one, name)) is not None), None)


@dataclass(frozen=True, slots=True)
class _Told:
    """What one record says of its transport. ``sent`` and ``latest``: first and last second at which it may have
    left."""

    logger: str
    sent: int | None
    latest: int | None
    received: int | None
    low_c: float | None
    high_c: float | None


class Trips:
    """Everything under way, made from records in the order stored."""

    def __init__(self, limits: Limits, now: int) -> None:
        self._limits = limits
        self._loggers: dict[str, _Logger] = {}
        self._trips: dict[str, _Trip] = {}
        self._named: dict[str, set[str]] = {}
        """Serial number -> the transports that name it."""
        self._probes: dict[str, set[str]] = {}
        """Serial number -> the loggers heard under it: one with several probes is heard as several."""
        self._carriers: dict[str, set[str]] = {}
        """Number of a transport -> the loggers whose readings carry it."""
        self._dirty: set[str] = set()
        self._waits: list[tuple[int, str]] = []
        self._due: dict[str, int] = {}
        self._tidied = now
        self._kept = max(_DAY, round(3 * limits.trip_hours * 3600))
        """Seconds for which readings are kept: what is read out later than that is the business of the gate."""

    # what comes in ------------------------------------------------------------------------------------------------

    def see(self, one: Watched) -> None:
        """Take notice of a record; which subjects it touches is remembered."""
        if one.state in _DEAD:
            return
        if one.kind is Kind.READING:
            self._see_reading(one)
        elif one.kind is Kind.TRANSPORT:
            self._see_transport(one)
        elif one.kind is Kind.CUSTODY:
            self._see_custody(one)

    def _see_reading(self, one: Watched) -> None:
        name, second = str(one.fields.get("logger") or ""), _second(one.fields.get("read_at"))
        if not name or second is None:
            return
        logger = self._logger(name)
        low, high = (_number(one.fields.get(limit)) for limit in ("limit_low_c", "limit_high_c"))
        if low is not None or high is not None:
            logger.band = (low, high)
        received = int(parse_stamp(one.received_at).timestamp())
        logger.pulse.hear(one.received_at, received, second)
        if received - second <= self._kept or logger.pulse.off_since is not None:
            logger.late |= logger.window.put(second, _number(one.fields.get("value_c")))
        number = one.fields.get("transport_id")
        if isinstance(number, str) and number:
            logger.carried[number] = min(second, logger.carried.get(number, second))
            logger.travels = True
            self._carriers.setdefault(number, set()).add(name)
        self._touch(logger)

    def _logger(self, name: str) -> _Logger:
        found = self._loggers.get(name)
        if found is None:
            pulse = Pulse(round(self._limits.clock_min * 60))
            band = self._limits.loggers.get(name, (None, None))
            found = self._loggers[name] = _Logger(name, Window(), pulse, band)
            found.travels = bool(self._named.get(_base(name)))
            self._probes.setdefault(_base(name), set()).add(name)
        return found

    def _touch(self, logger: _Logger) -> None:
        self._dirty.add(_LOGGER + logger.name)
        numbers = self._named.get(_base(logger.name), set()) | logger.carried.keys()
        self._dirty |= {_TRIP + number for number in numbers if number in self._trips}

    def _see_transport(self, one: Watched) -> None:
        number = str(one.fields.get("transport_id") or one.key)
        trip = self._trips.setdefault(number, _Trip(number))
        told = _told(one)
        trip.told[one.key] = told
        self._dirty.add(_TRIP + number)
        if told.logger:
            self._named.setdefault(_base(told.logger), set()).add(number)
            for name in self._probes.get(_base(told.logger), ()):
                self._loggers[name].travels = True
                self._dirty.add(_LOGGER + name)

    def _see_custody(self, one: Watched) -> None:
        number, when = one.fields.get("transport_id"), _second(one.fields.get("happened_at"))
        if not isinstance(number, str) or one.fields.get("action") != _RECEIVE or when is None:
            return
        trip = self._trips.setdefault(number, _Trip(number))
        trip.handed = when if trip.handed is None else min(trip.handed, when)
        self._dirty.add(_TRIP + number)

    # what is amiss ------------------------------------------------------------------------------------------------

    def next(self) -> int | None:
        """The second after which something may be overdue or silent if nothing comes in."""
        return self._waits[0][0] if self._waits else None

    def matters(self, known: Known, now: int) -> list[Matter]:
        """What is amiss with everything touched, and with everything whose time has come."""
        while self._waits and self._waits[0][0] < now:
            second, subject = heapq.heappop(self._waits)
            if self._due.get(subject) == second:
                self._dirty.add(subject)
        touched = sorted(one for one in self._dirty if self._is_known(one))
        self._dirty.clear()
        found = [self._matter(subject, known, now) for subject in touched]
        for subject in touched:
            if subject.startswith(_LOGGER) and (logger := self._loggers.get(subject[1:])):
                logger.late = False
        if now - self._tidied > _LEAD_S:
            self._tidy(now)
        return found

    def _is_known(self, subject: str) -> bool:
        return subject[1:] in (self._trips if subject.startswith(_TRIP) else self._loggers)

    def _matter(self, subject: str, known: Known, now: int) -> Matter:
        name, on_trip = subject[1:], subject.startswith(_TRIP)
        rules = OF_TRIP if on_trip else OF_LOGGER
        mine = {one.rule for one in known.of(name, rules)}
        if not on_trip and self._loggers[name].travels:
            return Matter(name, rules, ())  # what was told of it while nobody knew of a trip is withdrawn
        journey, probes = self._trip(name) if on_trip else self._fixed(name)
        told = judge(journey, probes, self._limits, now)
        self._wait(subject, told.next)
        late = any(self._loggers[one.logger].late for one in probes)
        return Matter(name, rules, told.claims, endings(journey, mine, told.claims), late)

    def _wait(self, subject: str, second: int | None) -> None:
        if second is None:
            self._due.pop(subject, None)
        elif self._due.get(subject) != second:
            self._due[subject] = second
            heapq.heappush(self._waits, (second, subject))

    def _fixed(self, name: str) -> tuple[Journey, list[Probe]]:
        logger = self._loggers[name]
        probe = Probe(name, logger.window, logger.pulse, logger.pulse.heard_at is not None)
        return Journey(name, *logger.band), [probe]

    def _trip(self, number: str) -> tuple[Journey, list[Probe]]:
        trip = self._trips[number]
        loggers = self._aboard(trip)
        latest = trip.first("latest")
        low, high = trip.limit("low_c"), trip.limit("high_c")
        if low is None and high is None:
            low, high = next((one.band for one in loggers if one.band != (None, None)), (None, None))
        journey = Journey(
            subject=number,
            low_c=low,
            high_c=high,
            sent=trip.first("sent"),
            due=None if latest is None else latest + round(self._limits.trip_hours * 3600),
            received=trip.received,
            on_trip=True,
        )
        return journey, [self._probe(one, trip) for one in loggers]

    def _aboard(self, trip: _Trip) -> list[_Logger]:
        """The named logger with its probes, and those whose readings carry the number."""
        named = trip.logger
        probes = self._probes.get(_base(named), set()) if named else set()
        if named and not probes and self._limits.all_live:
            self._logger(named)  # expected to be heard, and not heard yet
            probes = {named}
        return [self._loggers[name] for name in sorted(probes | self._carriers.get(trip.number, set()))]

    def _probe(self, logger: _Logger, trip: _Trip) -> Probe:
        stranger = trip.logger if trip.logger and _base(trip.logger) != _base(logger.name) else ""
        expected = self._limits.all_live or logger.pulse.heard_at is not None
        carried = logger.carried.get(trip.number)
        return Probe(logger.name, logger.window, logger.pulse, expected, stranger, carried)

    # what is let go -----------------------------------------------------------------------------------------------

    def oldest(self, now: int) -> int:
        """The second from which readings are needed: a day back, or the start of the oldest trip still watched."""
        sent = (one.first("sent") for one in self._trips.values() if one.received is None or one.received > now - _DAY)
        first = min((one - _LEAD_S for one in sent if one is not None), default=now)
        return min(now - _DAY, max(first, now - self._kept))

    def _tidy(self, now: int) -> None:
        """Let go of trips long over, and of readings nobody asks for any more."""
        self._tidied = now
        stale = now - round(self._limits.look_back_days * _DAY)
        for number, trip in list(self._trips.items()):
            over, sent = trip.received, trip.first("latest")
            if (over is not None and over < now - _DAY) or (over is None and sent is not None and sent < stale):
                self._forget(trip)
                del self._trips[number]
        for name, logger in list(self._loggers.items()):
            numbers = self._named.get(_base(name), set()) | logger.carried.keys()
            starts = [self._trips[one].first("sent") for one in numbers if one in self._trips]
            first = min((one - _LEAD_S for one in starts if one is not None), default=now)
            logger.window.trim(min(now - _DAY, max(first, now - self._kept)))
            if not logger.window.times and (logger.pulse.heard_at or 0) < stale and not numbers & self._trips.keys():
                del self._loggers[name]
                self._probes[_base(name)].discard(name)

    def _forget(self, trip: _Trip) -> None:
        for told in trip.told.values():
            self._named.get(_base(told.logger), set()).discard(trip.number)
        for name in self._carriers.pop(trip.number, ()):
            if name in self._loggers:
                self._loggers[name].carried.pop(trip.number, None)


def _told(one: Watched) -> _Told:
    get = one.fields.get
    sent = _second(get("dispatched_at"))
    return _Told(
        logger=str(get("logger") or ""),
        sent=sent,
        latest=sent if sent is not None else _last(get("dispatched_on") or get("dispatched_at")),
        received=_second(get("received_at")) or _last(get("received_at")),
        low_c=_number(get("limit_low_c")),
        high_c=_number(get("limit_high_c")),
    )


def _base(logger: str) -> str:
    """The serial number of a logger without the number of its probe."""
    return logger.partition("/")[0].casefold()


def _second(value: Value) -> int | None:
    """The second an instant names; ``None`` for a day without an hour."""
    try:
        return second_number(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _last(value: Value) -> int | None:
    """The last second a day may stand for, in any time zone."""
    try:
        return bounds(FieldType.INSTANT, value)[1] if isinstance(value, str) else None
    except ValueError:
        return None


def _number(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
