"""Records and their judgements: content is written once; state and latest judgement move on."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Select, bindparam, func, select, update

from hilum.errors import ConflictError, NotFoundError
from hilum.model.record import Kind
from hilum.quality.finding import Judgement
from hilum.registry.ports import QueueFilter
from hilum.registry.privacy import KEY_SEPARATOR
from hilum.registry.stored import RecordState, StoredReading, StoredRecord
from hilum.stores.bank_rows import DIMENSIONS, fields_from, judgement_text, record_from, record_row, score_cells
from hilum.stores.bank_session import Session
from hilum.stores.bank_statements import CellRow, asked, chunks
from hilum.stores.tables import FINDINGS, JUDGEMENTS, RECORDS

GATE = "gate"
"""Actor of the judgement a record is stored with."""

_WITH_JUDGEMENT = RECORDS.outerjoin(JUDGEMENTS, JUDGEMENTS.c.n == RECORDS.c.judgement)
_WHOLE = select(RECORDS, JUDGEMENTS.c.body).select_from(_WITH_JUDGEMENT)
_BY_ID = _WHOLE.where(asked(RECORDS.c.id))
_KNOWN = select(RECORDS.c.id).where(asked(RECORDS.c.id))
_STOOD = [state.value for state in (RecordState.ACCEPTED, RecordState.HELD, RecordState.SUPERSEDED)]
_READINGS = (
    select(RECORDS.c.id, RECORDS.c.state, RECORDS.c.fields)
    .where(RECORDS.c.kind == Kind.READING.value, RECORDS.c.state.in_(_STOOD))
    .order_by(RECORDS.c.key, RECORDS.c.n)
)
_SCORES = ("total", *DIMENSIONS)


class RecordPart(Session):
    """Every record ever received, and every judgement of it."""

    def add_records(self, records: Sequence[StoredRecord]) -> None:
        first = self.number(RECORDS.c.n, len(records))
        judged = self.number(JUDGEMENTS.c.n, sum(record.judgement is not None for record in records))
        rows: list[CellRow] = []
        spoken: list[tuple[int, int, str, str, Judgement]] = []
        for n, record in enumerate(records, first):
            if record.judgement is None:
                rows.append(record_row(record, n, None))
                continue
            rows.append(record_row(record, n, judged))
            spoken.append((judged, n, record.received_at, GATE, record.judgement))
            judged += 1
        try:
            self.insert(RECORDS, rows)
        except ConflictError as clash:
            raise ConflictError("record_known") from clash
        self.fresh.update({record.id: (n, record.fields) for n, record in enumerate(records, first)})
        self._write_judgements(spoken)

    def add_judgements(self, judgements: Sequence[tuple[str, Judgement]], at: str, actor: str) -> None:
        """Raises :class:`NotFoundError` for a record that is not stored."""
        numbers = self.numbers_of([record_id for record_id, _ in judgements])
        judged = self.number(JUDGEMENTS.c.n, len(judgements))
        spoken = [
            (judged + offset, numbers[record_id], at, actor, judgement)
            for offset, (record_id, judgement) in enumerate(judgements)
        ]
        self._write_judgements(spoken)
        latest = update(RECORDS).where(RECORDS.c.n == bindparam("record_n"))
        changes = [
            {"record_n": n, "judgement": number, **dict(zip(_SCORES, score_cells(judgement), strict=True))}
            for number, n, _, _, judgement in spoken
        ]
        if changes:
            self.connection.execute(latest, changes)

    def set_states(self, states: Sequence[tuple[str, RecordState]]) -> None:
        """Raises :class:`NotFoundError` for a record that is not stored."""
        wanted: dict[RecordState, list[str]] = {}
        for record_id, state in dict(states).items():
            wanted.setdefault(state, []).append(record_id)
        changed = 0
        for state, ids in wanted.items():
            for part in chunks(ids):
                moved = update(RECORDS).where(RECORDS.c.id.in_(part)).values(state=state.value)
                changed += self.connection.execute(moved).rowcount
        if changed != len(dict(states)):
            known = self.known_records(list(dict(states)))
            missing = next(record_id for record_id, _ in states if record_id not in known)
            raise NotFoundError("record_missing", record=missing)

    def records(self, ids: Collection[str]) -> dict[str, StoredRecord]:
        found = {row.id: record_from(row) for row in self.look_up(_BY_ID, ids)}
        return {record_id: found[record_id] for record_id in ids if record_id in found}

    def find_records(self, wanted: QueueFilter) -> list[StoredRecord]:
        # numbers first: a sort of whole records would read every match to show a hundred
        numbers = _narrow(select(RECORDS.c.n), wanted).order_by(RECORDS.c.n)
        query = _WHOLE.where(RECORDS.c.n.in_(numbers.limit(wanted.limit).offset(wanted.offset))).order_by(RECORDS.c.n)
        return [record_from(row) for row in self.connection.execute(query)]

    def readings(self, logger: str, first: str, last: str) -> list[StoredReading]:
        found: list[StoredReading] = []
        for mark in ("@", KEY_SEPARATOR):
            # not BETWEEN: PostgreSQL takes no collated value before its AND
            low, high = f"{logger}{mark}{first}", f"{logger}{mark}{last}"
            for row in self.connection.execute(_READINGS.where(RECORDS.c.key >= low, RECORDS.c.key <= high)):
                fields = fields_from(row.fields)
                value = fields.get("value_c")
                number = float(value) if isinstance(value, int | float) else None
                found.append(StoredReading(row.id, RecordState(row.state), str(fields.get("read_at")), number))
        return found

    def count_records(self, wanted: QueueFilter) -> int:
        """How many there are in all; limit and offset do not count."""
        query = _narrow(select(func.count()).select_from(RECORDS), wanted)
        return int(self.connection.execute(query).scalar_one())

    def known_records(self, ids: Collection[str]) -> set[str]:
        return {row[0] for row in self.look_up(_KNOWN, ids)}

    def _write_judgements(self, spoken: Sequence[tuple[int, int, str, str, Judgement]]) -> None:
        self.insert(JUDGEMENTS, [(number, n, at, actor, judgement_text(body)) for number, n, at, actor, body in spoken])
        self.insert(FINDINGS, list(_finding_rows(spoken)))


def _finding_rows(spoken: Iterable[tuple[int, int, str, str, Judgement]]) -> "Iterable[CellRow]":
    """One row per rule and outcome of a judgement: what queues filter by and reports count."""
    for number, n, _, _, judgement in spoken:
        for rule, outcome in {(finding.rule, finding.outcome.value): None for finding in judgement.findings}:
            yield (rule, number, outcome, n)


def _narrow(query: "Select[Any]", wanted: QueueFilter) -> "Select[Any]":
    if wanted.states:
        query = query.where(RECORDS.c.state.in_([state.value for state in wanted.states]))
    if wanted.kinds:
        query = query.where(RECORDS.c.kind.in_([kind.value for kind in wanted.kinds]))
    for column, value in (("source", wanted.source), ("donor", wanted.donor), ("key", wanted.key)):
        if value:
            query = query.where(RECORDS.c[column] == value)
    return query.where(RECORDS.c.n.in_(_found_by(wanted.rule))) if wanted.rule else query


def _found_by(rule: str) -> "Select[tuple[int]]":
    """Numbers of the records whose latest judgement has a finding of ``rule``."""
    latest = RECORDS.alias("latest")
    return (
        select(FINDINGS.c.record)
        .join(latest, (latest.c.n == FINDINGS.c.record) & (latest.c.judgement == FINDINGS.c.judgement))
        .where(FINDINGS.c.rule == rule)
    )
