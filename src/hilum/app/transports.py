"""Transports and their temperature: what the bank knows of one, and the audit of a logger file without any bank."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hilum.app.running import Hilum
from hilum.clock import stamp
from hilum.errors import BadInputError, NotFoundError
from hilum.formats import logger, values
from hilum.formats.rows import CHINA_ZONE
from hilum.model.party import Actor
from hilum.model.record import Kind, Record, SourceProblem, Value
from hilum.operation import AuditRecord
from hilum.quality.finding import Judgement
from hilum.quality.gate import Gate
from hilum.quality.pack import build_ruleset, load_shipped
from hilum.quality.row import LOG_COLUMNS, Row, own_columns, second_number
from hilum.quality.rule import Ruleset
from hilum.quality.temperature import Audit, Trip, audit
from hilum.quality.temperature_series import Reading
from hilum.registry.desk import proposed_fact
from hilum.registry.log_binding import Binding, bound, last_bound
from hilum.registry.logs import Heard, Trips, figures_of
from hilum.registry.ports import QueueFilter, Unit
from hilum.registry.stored import Fact, RecordState, StoredRecord

_PACK = "temperature"
_MANY = 1_000_000


@dataclass(slots=True)
class TransportLine:
    """One transport in a list: its window and logger as the first hand-over says them, and how many specimens."""

    transport: str
    logger: str
    dispatched_at: str
    received_at: str
    accepted: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class TransportView:
    """One transport: its line, what was heard of its temperature, the binding as it is now and as it was recorded."""

    line: TransportLine
    heard: Heard
    specimens: tuple[str, ...]
    held: tuple[str, ...]
    binding: Binding | None
    recorded: AuditRecord | None

    @property
    def is_proved(self) -> bool:
        """Whether what stands in the bank now is what was bound."""
        return self.binding is not None and self.recorded is not None and self.binding.digest == self.recorded.after


@dataclass(frozen=True, slots=True)
class LoggerAudit:
    """One probe of a logger file audited by itself: figures, and what the gate's rules say of them."""

    logger: str
    trip: Trip
    audit: Audit
    digest: str
    judgement: Judgement
    ruleset: Ruleset


@dataclass(frozen=True, slots=True)
class FileAudit:
    """A logger file audited without a bank."""

    probes: tuple[LoggerAudit, ...]
    problems: tuple[SourceProblem, ...]


@dataclass(frozen=True, slots=True)
class AskedTrip:
    """The trip a file is audited against, as typed; empty parts are taken from the file."""

    start: str = ""
    end: str = ""
    low_c: float | None = None
    high_c: float | None = None


def transports(app: Hilum, actor: Actor) -> list[TransportLine]:
    """Every transport that went with a logger, limits or a log, in the order of their numbers."""
    app.authorise("transport.list", "read", actor)
    found: dict[str, TransportLine] = {}
    with app.bank.read() as unit:
        logged = {log.barcode for log in unit.all_facts(Kind.LOG) if log.barcode}
        for fact in unit.all_facts(Kind.TRANSPORT):
            if _is_cold(fact) or fact.barcode in logged:
                _line_of(found, fact).accepted += 1
        for one in unit.find_records(_held()):
            if _is_cold(fact := proposed_fact(one)) or fact.barcode in logged:
                _line_of(found, fact).held += 1
    return [found[name] for name in sorted(found)]


def transport(app: Hilum, actor: Actor, number: str) -> TransportView:
    """One transport. Raises :class:`NotFoundError` for a number the bank has never heard."""
    app.authorise("transport.show", "read", actor)
    with app.bank.read() as unit:
        known = [fact for fact in unit.named(Kind.TRANSPORT, [number]) if _number(fact) == number]
        held = [fact for one in _held_under(unit, number) if (fact := proposed_fact(one))]
        if not known and not held:
            raise NotFoundError("transport_unknown", transport=number)
        return _view(unit, number, known, held)


def _view(unit: Unit, number: str, known: list[Fact], held: list[Fact]) -> TransportView:
    found: dict[str, TransportLine] = {}
    for fact in known or held:
        _line_of(found, fact)
    found[number].accepted, found[number].held = len(known), len(held)
    trips = Trips(unit)
    trips.fetch([*known, *held])
    made = bound(number, known, trips)
    return TransportView(
        line=found[number],
        heard=made[1] if made else trips.heard(sorted(known or held, key=lambda fact: fact.key)[0]),
        specimens=tuple(sorted({fact.parent for fact in known if fact.parent})),
        held=tuple(sorted({fact.parent for fact in held if fact.parent})),
        binding=made[0] if made else None,
        recorded=last_bound(unit, number),
    )


def _held() -> QueueFilter:
    return QueueFilter(states=(RecordState.HELD,), kinds=(Kind.TRANSPORT,), limit=_MANY)


def _held_under(unit: Unit, number: str) -> list[StoredRecord]:
    return [one for one in unit.find_records(_held()) if one.fields.get("transport_id") == number]


def _number(fact: Fact) -> str:
    return fact.barcode or fact.key


def _is_cold(fact: Fact) -> bool:
    return any(fact.fields.get(name) is not None for name in ("logger", "limit_low_c", "limit_high_c"))


def _line_of(found: dict[str, TransportLine], fact: Fact) -> TransportLine:
    line = found.get(_number(fact))
    if line is None:
        logger_, start, end = (str(fact.fields.get(name) or "") for name in ("logger", "dispatched_at", "received_at"))
        line = found[_number(fact)] = TransportLine(_number(fact), logger_, start, end)
    return line


# a file by itself -------------------------------------------------------------------------------------------------


def audit_file(path: Path, asked: AskedTrip, now: Callable[[], datetime]) -> FileAudit:
    """Audit every probe of a logger file against ``asked``.

    Raises :class:`BadInputError` for a file that is no temperature log or a time that is none. The readings of one
    file are held in memory, a hundred bytes or so each.
    """
    if not path.is_file():
        raise BadInputError("path_missing", place=str(path))
    start, end = _typed(asked.start), _typed(asked.end)
    readings: dict[str, list[Reading]] = {}
    logs, problems = _taken_apart(logger.items(path, path.name, path.name, 0), readings)
    if not logs:
        raise BadInputError("transport_no_log", file=path.name)
    ruleset = build_ruleset(tuple(rule for rule in load_shipped() if rule.pack == _PACK))
    gate, received = Gate(ruleset), second_number(stamp(now()))
    found = []
    for log in logs:
        low, high = (_float(log.fields.get(name)) for name in ("limit_low_c", "limit_high_c"))
        low, high = asked.low_c if asked.low_c is not None else low, asked.high_c if asked.high_c is not None else high
        trip = Trip(start, end, low, high)
        figures = audit(trip, readings.get(_name(log), []))
        row = _row(log, trip, figures, received)
        judgement = gate.judge(Kind.TRANSPORT, row)
        found.append(LoggerAudit(_name(log), trip, figures, str(log.fields["digest"]), judgement, ruleset))
    return FileAudit(tuple(found), tuple(problems))


def _taken_apart(
    items: Iterable[Record | SourceProblem], readings: dict[str, list[Reading]]
) -> tuple[list[Record], list[SourceProblem]]:
    logs: list[Record] = []
    problems: list[SourceProblem] = []
    for item in items:
        if isinstance(item, SourceProblem):
            problems.append(item)
        elif item.kind is Kind.LOG:
            logs.append(item)
        elif isinstance(at := item.fields.get("read_at"), str):
            readings.setdefault(_name(item), []).append((second_number(at), _float(item.fields.get("value_c"))))
    return logs, problems


def _name(one: Record) -> str:
    """The probe a record is of: what stands before the instant in its key."""
    return one.key.removeprefix("log:").rpartition("@")[0]


def _row(log: Record, trip: Trip, figures: Audit, received: int) -> Row:
    row: Row = dict.fromkeys(LOG_COLUMNS)
    row |= own_columns(Kind.TRANSPORT, {"logger": log.fields.get("logger"), "limit_low_c": trip.low_c})
    row |= {"limit_high_c": trip.high_c, "dispatched_at": trip.start, "received_at": trip.end}
    row |= {"received.at": received, "received.on": received // 86_400}
    row |= {"log.known": True, "log.logger": log.fields.get("logger")} | figures_of(figures, trip)
    due = log.fields.get("calibration_due_on")
    if isinstance(due, str) and (used := trip.end or figures.last) is not None:
        days = second_number(f"{due}T00:00:00Z") // 86_400
        row |= {"log.calibration_due_on": days, "log.calibration_days": days - used // 86_400}
    return row


def _typed(text: str) -> int | None:
    if not text:
        return None
    found = values.instant(values.plain(text), CHINA_ZONE)
    try:
        return second_number(found or "")
    except ValueError as wrong:
        raise BadInputError("transport_time_unread", text=text) from wrong


def _float(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def instant(second: float | None) -> str:
    """An instant as people and programs read it; nothing for none."""
    return "" if second is None else datetime.fromtimestamp(int(second), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
