"""The temperature log of a trip: which log belongs to a hand-over, its readings, and what the audit makes of them.

A hand-over (a transport record) names its logger or its transport number; the log names the same. One logger goes on
many trips, so a log found by the logger alone must lie on the trip's own hours, or beside them by a clock's error.
Readings count whether the gate accepted or held them: a fault code is held, and it is what the audit must see.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

from hilum.model.record import Kind, Value
from hilum.quality.row import LOG_COLUMNS, Row, day_number, second_number
from hilum.quality.temperature import Audit, Trip, audit, clock_skew
from hilum.quality.temperature_series import Reading
from hilum.registry.ports import Unit
from hilum.registry.stored import Fact, RecordState, StoredRecord

_COUNTED = (RecordState.ACCEPTED, RecordState.HELD)
_NEAR_S = 15 * 3_600
"""A clock in the wrong time zone is off by 14 hours at most."""
_LEAD_S = 3_600
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Heard:
    """What a bank holds about one trip's temperature: its logs, whose readings were audited, and the figures."""

    logs: tuple[Fact, ...]
    logger: str
    trip: Trip
    audit: Audit | None


@dataclass(slots=True)
class Trips:
    """The logs and readings around one batch; each trip is audited once, however many tubes were on it."""

    unit: Unit
    new: Mapping[str, StoredRecord] = field(default_factory=dict)
    states: Mapping[str, RecordState] = field(default_factory=dict)
    logs: dict[str, Fact] = field(default_factory=dict)
    """Log record key -> fact."""
    _seen: int = 0
    _fresh: dict[str, list[str]] = field(default_factory=dict)
    _heard: dict[tuple[object, ...], Heard] = field(default_factory=dict)

    def fetch(self, transports: Iterable[Fact]) -> None:
        """Look up the logs that these hand-overs may belong to, in one question."""
        names = {name for fact in transports for name in names_of_trip(fact)}
        if names:
            self.logs |= {fact.key: fact for fact in self.unit.named(Kind.LOG, sorted(names))}

    def accept(self, fact: Fact) -> None:
        """Lay an accepted log over the look-ups."""
        self.logs[fact.key] = fact
        self._heard.clear()

    def lose(self, fact: Fact) -> None:
        """Look as if this log were not there."""
        if self.logs.pop(fact.key, None) is not None:
            self._heard.clear()

    def on_desk(self, new: Mapping[str, StoredRecord], states: Mapping[str, RecordState]) -> None:
        """Count the readings of a batch that are not in the bank yet."""
        self.new, self.states = new, states

    def heard(self, transport: Fact) -> Heard:
        """What is known about the temperature of one hand-over."""
        self._notice_new()
        fields = transport.fields
        name = tuple(fields.get(one) for one in _TRIP_FIELDS)
        found = self._heard.get(name)
        if found is None:
            found = self._heard[name] = self._hear(fields)
        return found

    def _hear(self, fields: Mapping[str, Value]) -> Heard:
        start, end = _second(fields.get("dispatched_at")), _second(fields.get("received_at"))
        if start is not None and end is not None and start > end:
            start = end = None  # the sheet contradicts itself, and a rule of its own says so; the clock is not to blame
        logs = _logs_of_trip(fields, (start, end), sorted(self.logs.values(), key=lambda log: (log.seq, log.key)))
        logger = _logger_of(fields, logs)
        trip = Trip(start, end, *(_limit(fields, logs, name) for name in ("limit_low_c", "limit_high_c")))
        span = _span(trip, logs)
        if not logger or span is None or (trip.end is None and not logs):
            return Heard(tuple(logs), logger, trip, None)
        readings = self._readings(logger, span)
        return Heard(tuple(logs), logger, trip, audit(trip, readings) if readings else None)

    def _readings(self, logger: str, span: tuple[int, int]) -> list[Reading]:
        first, last = _instant(span[0]), _instant(span[1])
        stored = self.unit.readings(logger, first, last)
        found = [one for one in stored if self.states.get(one.record, one.state) in _COUNTED]
        readings = [(second_number(one.at), one.value_c) for one in found]
        for record_id in self._fresh.get(logger, ()):
            one = self.new[record_id]
            at = _second(one.fields.get("read_at"))
            if one.state in _COUNTED and at is not None and span[0] <= at <= span[1]:
                readings.append((at, _number(one.fields.get("value_c"))))
        readings.sort(key=lambda reading: reading[0])
        return readings

    def _notice_new(self) -> None:
        for record_id, one in islice(self.new.items(), self._seen, None):
            if one.kind is Kind.READING:
                self._fresh.setdefault(str(one.fields.get("logger") or ""), []).append(record_id)
                self._heard.clear()
        self._seen = len(self.new)


_TRIP_FIELDS = ("logger", "transport_id", "dispatched_at", "received_at", "limit_low_c", "limit_high_c")


def names_of_trip(fact: Fact) -> list[str]:
    """The names by which a hand-over and its log find each other: the logger's and the transport's."""
    return [name for name in (fact.alias, fact.barcode) if name]


def trip_columns(transport: Fact, trips: Trips, needs: Collection[str]) -> Row:
    """The ``log.*`` columns of a transport record (see :mod:`hilum.quality.row`)."""
    if not any(name.startswith("log.") for name in needs):
        return {"log.known": False}
    heard = trips.heard(transport)
    row: Row = {"log.known": bool(heard.logs) or (heard.audit is not None and heard.audit.readings > 0)}
    named = transport.fields.get("logger")
    if row["log.known"]:
        row["log.logger"] = heard.logger or None
        row["log.same_logger"] = None if not named or not heard.logger else _base(named) == _base(heard.logger)
        row.update(_calibration(heard))
    if heard.audit is not None and row["log.known"]:
        row.update(figures_of(heard.audit, heard.trip))
    return {name: value for name, value in row.items() if name in LOG_COLUMNS}


def _calibration(heard: Heard) -> Row:
    due = next((value for log in heard.logs if isinstance(value := log.fields.get("calibration_due_on"), str)), None)
    if due is None or len(due) != len("2024-03-05"):
        return {}
    used = heard.trip.end if heard.trip.end is not None else heard.trip.start
    days = None if used is None else day_number(due) - used // _DAY
    return {"log.calibration_due_on": day_number(due), "log.calibration_days": days}


def figures_of(figures: Audit, trip: Trip) -> Row:
    """The figures of an audit as ``log.*`` columns; what the trip gives no measure for is ``None``."""
    banded = trip.low_c is not None or trip.high_c is not None
    timed = trip.start is not None and trip.end is not None
    return {
        "log.readings": figures.readings,
        "log.interval_s": figures.interval_s,
        "log.coverage_percent": figures.coverage_percent if timed else None,
        "log.longest_gap_min": figures.longest_gap_min,
        "log.start_late_min": figures.start_late_min if timed else None,
        "log.end_early_min": figures.end_early_min if timed else None,
        "log.outside_min": figures.outside_min if banded else None,
        "log.longest_excursion_min": figures.longest_excursion_min if banded else None,
        "log.brief_excursions": figures.brief if banded else None,
        "log.fault_min": figures.fault_min,
        "log.flat_min": figures.flat_min,
        "log.mkt_c": figures.mkt_c,
        "log.min_c": figures.min_c,
        "log.max_c": figures.max_c,
        "log.skew_min": figures.skew_min,
        "log.skew_hours": figures.skew_hours,
        "log.unit_suspect": figures.unit_suspect or None,
        "log.conflicts": figures.conflicts,
    }


def _logs_of_trip(
    fields: Mapping[str, Value], window: tuple[int | None, int | None], logs: Sequence[Fact]
) -> list[Fact]:
    """The logs of this trip: those of its number, else those of its logger on its hours or beside them."""
    number, logger = fields.get("transport_id"), fields.get("logger")
    numbered = [log for log in logs if number is not None and log.fields.get("transport_id") == number]
    own = [log for log in logs if logger is not None and _base(log.fields.get("logger")) == _base(logger)]
    timely = [log for log in own if log in numbered or _is_timely(log, window)]
    return timely or numbered


def _is_timely(log: Fact, window: tuple[int | None, int | None]) -> bool:
    """Whether a log found by its logger alone lies on the hours of the trip, or beside them by a clock's error."""
    first, last = _second(log.fields.get("started_at")), _second(log.fields.get("ended_at"))
    start, end = window
    if first is None or last is None or start is None or end is None:
        return False
    if first <= end and last >= start:
        return True
    skew = clock_skew((first, last), (start, end))
    elsewhere = log.fields.get("transport_id") is not None
    return not elsewhere and skew is not None and skew % 3_600 == 0 and abs(skew) <= _NEAR_S


def _logger_of(fields: Mapping[str, Value], logs: Sequence[Fact]) -> str:
    named = str(fields.get("logger") or "")
    loggers = [str(found) for log in logs if (found := log.fields.get("logger"))]
    return named if named in loggers or not loggers else loggers[0]


def _limit(fields: Mapping[str, Value], logs: Sequence[Fact], name: str) -> float | None:
    """What the hand-over asks for, else what the logger was set to."""
    return next(
        (found for one in (fields, *(log.fields for log in logs)) if (found := _number(one.get(name))) is not None),
        None,
    )


def _span(trip: Trip, logs: Sequence[Fact]) -> tuple[int, int] | None:
    """From when to when readings are fetched: the logs' own hours, as far as they lie near the trip."""
    ends = [
        (first, last)
        for log in logs
        if (first := _second(log.fields.get("started_at"))) is not None
        and (last := _second(log.fields.get("ended_at"))) is not None
    ]
    if not ends:
        return None if trip.start is None or trip.end is None else (trip.start - _LEAD_S, trip.end + _LEAD_S)
    first, last = min(one for one, _ in ends), max(one for _, one in ends)
    if trip.start is None or trip.end is None or first > trip.end + _NEAR_S or last < trip.start - _NEAR_S:
        return first, last
    return max(first, trip.start - _NEAR_S), min(last, trip.end + _NEAR_S)


def _base(logger: Value) -> str:
    """The serial number of a logger without the number of its probe."""
    return str(logger or "").partition("/")[0].casefold()


def _second(value: Value) -> int | None:
    """The second an instant names; ``None`` for a day without an hour."""
    try:
        return second_number(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _number(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _instant(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
