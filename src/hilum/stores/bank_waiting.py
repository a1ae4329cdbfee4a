"""Who waits for what, which rules are set aside, and the audit trail."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Row, bindparam, delete, select

from hilum.model.record import Kind
from hilum.operation import AuditRecord
from hilum.registry.stored import Waiver
from hilum.stores.bank_session import Session
from hilum.stores.bank_statements import asked
from hilum.stores.tables import AUDIT, AWAITS, PLACES, RECORDS, WAIVERS

_WAITING = (
    select(AWAITS.c.record, RECORDS.c.n)
    .join(RECORDS, RECORDS.c.id == AWAITS.c.record)
    .where(AWAITS.c.kind == bindparam("kind"), asked(AWAITS.c.key))
)
_FORGET = delete(AWAITS).where(AWAITS.c.record == bindparam("waiter"))
_LEAVE = delete(PLACES).where(PLACES.c.record == bindparam("placed"))
_WAIVED = select(WAIVERS).where(asked(WAIVERS.c.record)).order_by(WAIVERS.c.record, WAIVERS.c.rule)


class WaitingPart(Session):
    """Held records and what was decided about them."""

    def put_awaits(self, record_id: str, wanted: Collection[tuple[Kind, str]]) -> None:
        self.connection.execute(_FORGET, {"waiter": record_id})
        self.insert(AWAITS, [(kind.value, key, record_id) for kind, key in dict.fromkeys(wanted)])

    def awaiting(self, arrived: Collection[tuple[Kind, str]]) -> list[str]:
        keys: dict[Kind, list[str]] = {}
        for kind, key in arrived:
            keys.setdefault(kind, []).append(key)
        waiting: dict[str, int] = {}
        for kind, wanted in keys.items():
            waiting |= dict(self.look_up(_WAITING, wanted, kind.value))
        return sorted(waiting, key=waiting.__getitem__)

    def put_places(self, places: Mapping[str, tuple[str, str] | None]) -> None:
        gone = [{"placed": record_id} for record_id in places]
        if gone:
            self.connection.execute(_LEAVE, gone)
        self.insert(PLACES, [(record_id, *place) for record_id, place in places.items() if place is not None])

    def put_waiver(self, waiver: Waiver) -> None:
        """Insert, or replace the one for the same record and rule."""
        asked = (waiver.record, waiver.rule, waiver.reason, waiver.requested_by, waiver.requested_at)
        self.replace(
            WAIVERS,
            [(*asked, waiver.approved_by, waiver.approved_at, waiver.expires_on, waiver.withdrawn)],
            ("record", "rule"),
        )

    def waivers(self, record_ids: Collection[str]) -> dict[str, list[Waiver]]:
        """By record, in the order of their rules; withdrawn and expired ones too."""
        found: dict[str, list[Waiver]] = {}
        for row in self.look_up(_WAIVED, record_ids):
            found.setdefault(row.record, []).append(_waiver(row))
        return found

    def all_waivers(self) -> list[Waiver]:
        rows = self.connection.execute(select(WAIVERS).order_by(WAIVERS.c.record, WAIVERS.c.rule))
        return [_waiver(row) for row in rows]

    def audit(self, entries: Iterable[AuditRecord]) -> None:
        written = list(entries)
        first = self.number(AUDIT.c.n, len(written))
        rows = [
            (
                first + offset,
                entry.at,
                entry.actor,
                entry.operation,
                entry.subject,
                entry.outcome,
                entry.before,
                entry.after,
                entry.reason,
                entry.batch,
            )
            for offset, entry in enumerate(written)
        ]
        self.insert(AUDIT, rows)

    def audit_trail(self, *, subject: str = "", batch: str = "", limit: int = 100) -> list[AuditRecord]:
        """Newest first."""
        query = select(*[column for column in AUDIT.c if column.name != "n"]).order_by(AUDIT.c.n.desc()).limit(limit)
        for column, value in ((AUDIT.c.subject, subject), (AUDIT.c.batch, batch)):
            if value:
                query = query.where(column == value)
        return [AuditRecord(**row._mapping) for row in self.connection.execute(query)]


def _waiver(row: "Row[Any]") -> Waiver:
    return Waiver(**{**row._mapping, "withdrawn": bool(row.withdrawn)})
