"""Binding a temperature log to what travelled under it, so that it can be proved later that neither was exchanged.

Whenever a batch lets in a hand-over or a log of a trip, the trip is bound anew: one digest over the digests of its
logs, the number of the transport, the specimens that travelled, and the figures the gate saw. It stands on the audit
trail, which only grows; the latest one holds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hilum.canonical import Json, digest
from hilum.model.record import Kind, Value
from hilum.operation import AuditRecord
from hilum.quality.row import LOG_COLUMNS
from hilum.registry.logs import Heard, Trips, trip_columns
from hilum.registry.ports import Unit
from hilum.registry.stored import Fact

OPERATION = "transport.bind"


@dataclass(frozen=True, slots=True)
class Binding:
    """What one trip was at one time: logs (their digests), specimens, figures, and the digest over all of it."""

    transport: str
    logs: tuple[str, ...]
    specimens: tuple[str, ...]
    figures: Mapping[str, Value]
    digest: str


def bound(transport: str, hand_overs: Iterable[Fact], trips: Trips) -> tuple[Binding, Heard] | None:
    """The binding of a trip as the bank holds it now; ``None`` where it has no log."""
    facts = sorted(hand_overs, key=lambda fact: fact.key)
    if not facts:
        return None
    heard = trips.heard(facts[0])
    logs = tuple(sorted(str(log.fields.get("digest") or log.digest) for log in heard.logs))
    if not logs:
        return None
    specimens = tuple(sorted({fact.parent for fact in facts if fact.parent}))
    figures = trip_columns(facts[0], trips, LOG_COLUMNS)
    said: Json = {"transport": transport, "logs": list(logs), "specimens": list(specimens), "figures": figures}
    return Binding(transport, logs, specimens, figures, digest(said)), heard


def last_bound(unit: Unit, transport: str) -> AuditRecord | None:
    """The latest binding of a trip on the audit trail."""
    trail = unit.audit_trail(subject=transport, limit=1_000)
    return next((one for one in trail if one.operation == OPERATION), None)


def bind(unit: Unit, changed: Iterable[Fact], at: str, actor: str, batch: str) -> list[AuditRecord]:
    """What goes on the audit trail after ``changed`` facts entered: a line for each trip now bound otherwise."""
    touched = [fact for fact in changed if fact.kind in (Kind.TRANSPORT, Kind.LOG)]
    names = sorted({name for fact in touched for name in (fact.alias, fact.barcode) if name})
    logs = {fact.key: fact for fact in unit.named(Kind.LOG, names)} if names else {}
    if not logs:
        return []
    loggers = {log.alias for log in logs.values() if log.alias}
    numbers = {log.barcode for log in logs.values() if log.barcode}
    found: dict[str, list[Fact]] = {}
    for fact in unit.named(Kind.TRANSPORT, sorted({*names, *loggers, *numbers})):
        found.setdefault(fact.barcode or fact.key, []).append(fact)
    trips = Trips(unit)
    trips.fetch(fact for facts in found.values() for fact in facts)
    records = (_record(unit, bound(name, facts, trips), (at, actor, batch)) for name, facts in sorted(found.items()))
    return [one for one in records if one is not None]


def _record(unit: Unit, made: tuple[Binding, Heard] | None, said: tuple[str, str, str]) -> AuditRecord | None:
    if made is None:
        return None
    binding, before = made[0], last_bound(unit, made[0].transport)
    if before is not None and before.after == binding.digest:
        return None
    at, actor, batch = said
    return AuditRecord(
        at=at,
        actor=actor,
        operation=OPERATION,
        subject=binding.transport,
        before=before.after if before else "",
        after=binding.digest,
        reason=f"log {' '.join(binding.logs)}; specimens {len(binding.specimens)}",
        batch=batch,
    )
