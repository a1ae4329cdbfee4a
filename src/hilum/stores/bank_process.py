"""SOPs, what hangs on a specimen, and how specimens stand to the SOPs."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import Row, bindparam, delete, func, select, tuple_

from hilum.model.record import Kind
from hilum.quality.process import Outcome, ProcessOutcome, ProcessVerdict
from hilum.registry.process_stored import ProcessFilter, ProcessStanding, SopState, StoredSop
from hilum.registry.stored import Fact
from hilum.stores.bank_rows import FACT_QUERY, fact_from
from hilum.stores.bank_session import Session
from hilum.stores.bank_statements import CellRow, asked, chunks
from hilum.stores.tables import FACTS, PROCESS, SOPS

_ABOUT = FACT_QUERY.where(FACTS.c.kind == bindparam("kind"), asked(FACTS.c.parent))
_OF_SPECIMENS = select(PROCESS).where(asked(PROCESS.c.specimen))
_KEY = ("specimen", "sop")

_Told = tuple[str, str, int | None, tuple[str, ...]]
_read = msgspec.json.Decoder(list[_Told]).decode


class ProcessPart(Session):
    """The process side of a unit of work."""

    def put_sop(self, sop: StoredSop) -> None:
        told = (sop.id, sop.version, sop.state.value, sop.digest, sop.added_at, sop.added_by, sop.body)
        self.replace(SOPS, [told], ("id", "version"))

    def sops(self) -> list[StoredSop]:
        rows = self.connection.execute(select(SOPS).order_by(SOPS.c.id, SOPS.c.version))
        return [StoredSop(**{**row._mapping, "state": SopState(row.state)}) for row in rows]

    def facts_about(self, kinds: Collection[Kind], specimens: Collection[str]) -> dict[str, list[Fact]]:
        found: dict[str, list[Fact]] = {}
        for kind in kinds:
            for row in self.look_up(_ABOUT, specimens, kind.value):
                fact = fact_from(row)
                found.setdefault(str(fact.parent), []).append(fact)
        for facts in found.values():
            facts.sort(key=lambda fact: fact.seq)
        return found

    def put_process(self, specimens: Collection[str], standings: Sequence[ProcessStanding]) -> None:
        """Rows that stay are replaced in their place; only what no longer applies is deleted."""
        kept = {(one.specimen, one.sop) for one in standings}
        gone = [(one.specimen, one.sop) for some in self.process_standing(specimens).values() for one in some]
        for part in chunks(name for name in gone if name not in kept):
            self.connection.execute(delete(PROCESS).where(tuple_(PROCESS.c.specimen, PROCESS.c.sop).in_(part)))
        self.replace(PROCESS, [_row(one) for one in standings], _KEY)

    def drop_process(self, sop: str) -> None:
        self.connection.execute(delete(PROCESS).where(PROCESS.c.sop == sop))

    def process_standing(self, specimens: Collection[str]) -> dict[str, list[ProcessStanding]]:
        found: dict[str, list[ProcessStanding]] = {}
        for one in sorted(map(_standing, self.look_up(_OF_SPECIMENS, specimens)), key=lambda one: one.sop):
            found.setdefault(one.specimen, []).append(one)
        return found

    def find_process(self, wanted: ProcessFilter) -> list[ProcessStanding]:
        query = select(PROCESS).order_by(PROCESS.c.specimen, PROCESS.c.sop).limit(wanted.limit)
        if wanted.specimens:
            query = query.where(PROCESS.c.specimen.in_(wanted.specimens))
        if wanted.verdicts:
            query = query.where(PROCESS.c.verdict.in_([one.value for one in wanted.verdicts]))
        if wanted.sop:
            query = query.where(PROCESS.c.sop == wanted.sop)
        if wanted.due_by:
            query = query.where(PROCESS.c.pending_until < wanted.due_by)
        if wanted.since:
            query = query.where(PROCESS.c.at >= wanted.since)
        if wanted.after:
            query = query.where(PROCESS.c.specimen > wanted.after)
        return [_standing(row) for row in self.connection.execute(query)]

    def process_counts(self, since: str = "") -> dict[tuple[str, str], int]:
        query = select(PROCESS.c.sop, PROCESS.c.verdict, func.count()).group_by(PROCESS.c.sop, PROCESS.c.verdict)
        if since:
            query = query.where(PROCESS.c.at >= since)
        return {(sop, verdict): count for sop, verdict, count in self.connection.execute(query)}

    def process_until(self, since: str = "") -> str:
        query = select(func.min(PROCESS.c.pending_until)).where(PROCESS.c.at >= since)
        return str(self.connection.execute(query).scalar_one() or "")


def _row(one: ProcessStanding) -> CellRow:
    told = [(each.constraint, each.outcome.value, each.until, each.evidence) for each in one.outcomes]
    outcomes = msgspec.json.encode(told).decode()
    return (one.specimen, one.sop, one.version, one.verdict.value, one.pending_until or None, one.at, outcomes)


def _standing(row: "Row[Any]") -> ProcessStanding:
    outcomes = tuple(
        Outcome(constraint, ProcessOutcome(outcome), until, evidence)
        for constraint, outcome, until, evidence in _read(row.outcomes)
    )
    return ProcessStanding(
        specimen=row.specimen,
        sop=row.sop,
        version=row.version,
        verdict=ProcessVerdict(row.verdict),
        pending_until=row.pending_until or "",
        at=row.at,
        outcomes=outcomes,
    )
