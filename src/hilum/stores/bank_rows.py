"""Rows of the bank as the registry's values and back. JSON is written and read by msgspec."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Row, func, select

from hilum.model.event import Event, EventKind, Moment
from hilum.model.record import Kind, Locator, Value
from hilum.quality.finding import Judgement, Score, Verdict
from hilum.registry.fold import sums_of
from hilum.registry.stored import Fact, RecordState, Source, SourceState, StoredRecord
from hilum.stores.bank_statements import CellRow
from hilum.stores.tables import EVENTS, FACTS, RECORDS

_encode = msgspec.json.Encoder().encode
_read_fields = msgspec.json.Decoder(dict[str, Value]).decode
_read_texts = msgspec.json.Decoder(dict[str, str]).decode
_read_counts = msgspec.json.Decoder(dict[str, str | int]).decode
_read_judgement = msgspec.json.Decoder(Judgement).decode

DIMENSIONS = ("authenticity", "accuracy", "completeness", "consistency", "timeliness")

_KINDS = {kind.value: kind for kind in Kind}
_NO_SUMS = (None, None, None)


def json_text(value: Mapping[str, Value] | Mapping[str, str] | Mapping[str, str | int]) -> str:
    """JSON of a payload; an empty one, which most are, without asking the encoder."""
    return _encode(value).decode() if value else "{}"


def judgement_text(judgement: Judgement) -> str:
    """JSON of a judgement. All but its findings is the same for very many records and is spelt once."""
    head = _judgement_head(judgement.verdict, judgement.score, judgement.applied, judgement.ruleset)
    return f"{head}{_encode(judgement.findings).decode()}}}" if judgement.findings else f"{head}[]}}"


@lru_cache(maxsize=4096)
def _judgement_head(verdict: Verdict, score: Score, applied: int, ruleset: str) -> str:
    said = {"verdict": verdict, "score": score, "applied": applied, "ruleset": ruleset, "findings": ()}
    return _encode(said).decode().removesuffix("[]}")


def fields_from(text: str) -> dict[str, Value]:
    return _read_fields(text)


def counts_from(text: str) -> dict[str, str | int]:
    return _read_counts(text)


def source_row(source: Source) -> CellRow:
    return (
        source.id,
        source.digest,
        source.name,
        source.format,
        source.size,
        source.received_at,
        source.state.value,
        source.items_done,
        source.parent,
    )


def source_from(row: "Row[Any]") -> Source:
    values = row._mapping
    return Source(**{**values, "state": SourceState(values["state"])})


def score_cells(judgement: Judgement | None) -> CellRow:
    """The latest-judgement columns of a record: total and the five dimensions, in the tables' order."""
    if judgement is None:
        return (None,) * 6
    score = judgement.score
    dimensions = (score.authenticity, score.accuracy, score.completeness, score.consistency, score.timeliness)
    return (score.total, *dimensions)


def record_row(record: StoredRecord, n: int, judgement: int | None) -> CellRow:
    locator = record.locator
    return (
        n,
        record.id,
        record.state.value,
        record.kind.value,
        locator.source,
        record.donor,
        record.key,
        judgement,
        *score_cells(record.judgement),
        locator.line,
        locator.place,
        record.digest,
        record.received_at,
        record.corrects,
        json_text(record.fields),
        json_text(record.unreadable) if record.unreadable else None,
        json_text(record.extra) if record.extra else None,
    )


def record_from(row: "Row[Any]") -> StoredRecord:
    """A record from its columns and the ``body`` of its latest judgement."""
    return StoredRecord(
        id=row.id,
        kind=Kind(row.kind),
        key=row.key,
        donor=row.donor,
        digest=row.digest,
        locator=Locator(source=row.source, place=row.place, line=row.line),
        fields=_read_fields(row.fields),
        received_at=row.received_at,
        state=RecordState(row.state),
        unreadable=_read_texts(row.unreadable) if row.unreadable else {},
        extra=_read_texts(row.extra) if row.extra else {},
        corrects=row.corrects,
        judgement=_read_judgement(row.body) if row.body is not None else None,
    )


def event_row(event: Event, seq: int, record: int, fields: str | None) -> CellRow:
    """``record`` is the record's number; ``fields`` are left out where they are the record's own."""
    moment = event.moment
    return (
        seq,
        event.id,
        event.kind.value,
        event.fact.value,
        event.key,
        event.donor,
        event.parent,
        moment.at,
        moment.offset_days,
        event.recorded_at,
        record,
        fields,
    )


def event_from(row: "Sequence[Any]") -> Event:
    """An event from a row of ``EVENT_QUERY``."""
    seq, event_id, kind, fact, key, donor, parent, at, offset_days, recorded_at, record, fields = row
    moment = Moment(at, offset_days)
    said = _read_fields(fields)
    named = EventKind(kind), _KINDS[fact]
    return Event(seq, event_id, *named, key, donor, parent, moment, recorded_at, record, said)


def fact_row(fact: Fact, seq: int) -> CellRow:
    names = (seq, fact.key, fact.kind.value, fact.parent, fact.alias, fact.position, fact.barcode)
    return names + sums_of(fact) if fact.kind is Kind.SPECIMEN else names + _NO_SUMS


def fact_from(row: "Sequence[Any]") -> Fact:
    """A fact from a row of ``FACT_QUERY``."""
    kind, key, donor, parent, alias, position, barcode, record, source, digest, seq, fields = row
    names = key, donor, parent, alias, position, barcode
    return Fact(_KINDS[kind], *names, record, source, digest, seq, _read_fields(fields))


_ORIGIN = RECORDS.c.source, RECORDS.c.digest
_FIELDS = func.coalesce(EVENTS.c.fields, RECORDS.c.fields)
_OWN = [column for column in EVENTS.columns if column.name not in ("record", "fields")]
EVENT_QUERY = select(*_OWN, RECORDS.c.id.label("said_by"), _FIELDS).join(RECORDS, RECORDS.c.n == EVENTS.c.record)
"""Columns of :func:`event_from`."""

_LOOKED_UP = FACTS.c.parent, FACTS.c.alias, FACTS.c.position, FACTS.c.barcode
FACT_QUERY = (
    select(FACTS.c.kind, FACTS.c.key, EVENTS.c.donor, *_LOOKED_UP, RECORDS.c.id, *_ORIGIN, FACTS.c.seq, _FIELDS)
    .select_from(FACTS)
    .join(EVENTS, EVENTS.c.seq == FACTS.c.seq)
    .join(RECORDS, RECORDS.c.n == EVENTS.c.record)
)
"""Columns of :func:`fact_from`, in the order of a fact's own."""
