"""The rules in force over everything in the bank: what would the gate say today?

The same rows the gate sees, handed to a columnar engine by the ten thousand; memory does not grow with the bank.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module

from hilum.app.running import Hilum
from hilum.clock import stamp
from hilum.engines.engine import Columns, Counts, Engine
from hilum.model.party import Actor
from hilum.model.record import Kind, Value
from hilum.quality.row import Row, row_of
from hilum.registry.context import columns_for, gather
from hilum.registry.desk import Desk, proposed_fact, restore
from hilum.registry.ports import QueueFilter
from hilum.registry.stored import RecordState, StoredRecord

_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class RuleCounts:
    """How many accepted records had each outcome of one rule."""

    rule: str
    kind: str
    passed: int
    failed: int
    unknown: int
    not_applicable: int


def scan(app: Hilum, actor: Actor, kind: Kind | None = None) -> list[RuleCounts]:
    """Counts of every rule over the accepted records of its kind."""
    app.authorise("rules.scan", "read", actor)
    found: list[RuleCounts] = []
    with app.bank.read() as unit:
        at = app.desk_on(unit, "rules.scan", actor, stamp(app.clock()))
        for one in [kind] if kind else list(Kind):
            found += _scan_kind(app, at, one)
    return found


def _scan_kind(app: Hilum, at: Desk, kind: Kind) -> list[RuleCounts]:
    rules = app.gate.ruleset.of(kind)
    if not rules:
        return []
    engine = _engine(app.settings.engine)
    totals = [Counts(0, 0, 0, 0)] * len(rules)
    for page in _pages(at, kind):
        counts = engine.counts(rules, _columns(_rows(at, page)))
        totals = [_sum(one, other) for one, other in zip(totals, counts, strict=True)]
    return [
        RuleCounts(rule.id, kind.value, one.passed, one.failed, one.unknown, one.not_applicable)
        for rule, one in zip(rules, totals, strict=True)
    ]


def _engine(name: str) -> Engine[Columns]:
    """The engine of that name, loaded now: most of a second that no other command should wait for."""
    made: Engine[Columns] = import_module("hilum.app.engines").engine_named(name)
    return made


def _sum(one: Counts, other: Counts) -> Counts:
    return Counts(
        one.passed + other.passed,
        one.failed + other.failed,
        one.unknown + other.unknown,
        one.not_applicable + other.not_applicable,
    )


def _pages(at: Desk, kind: Kind) -> Iterator[list[StoredRecord]]:
    offset = 0
    wanted = QueueFilter(states=(RecordState.ACCEPTED,), kinds=(kind,), limit=_PAGE)
    while page := at.unit.find_records(QueueFilter(wanted.states, wanted.kinds, limit=_PAGE, offset=offset)):
        yield page
        offset += len(page)


def _rows(at: Desk, page: Sequence[StoredRecord]) -> list[Row]:
    """What the gate would see of each record now."""
    parted = restore(at, page)
    facts = {one.stored.id: proposed_fact(one.stored) for one in parted}
    near = gather(at.unit, at.vault, parted, facts)
    rows = []
    for one in parted:
        needs = at.gate.needs(one.stored.kind)
        rows.append(row_of(one.whole, columns_for(one, facts[one.stored.id], near, needs)))
    return rows


def _columns(rows: Sequence[Row]) -> Columns:
    names = sorted({name for row in rows for name in row})
    table: dict[str, list[Value]] = {name: [row.get(name) for row in rows] for name in names}
    return table
