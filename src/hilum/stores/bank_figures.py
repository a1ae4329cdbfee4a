"""Figures over the whole bank, for reports and queues."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Column, func, select

from hilum.stores.bank_rows import DIMENSIONS
from hilum.stores.bank_session import Session, pages
from hilum.stores.bank_standing import CURRENT
from hilum.stores.bank_statements import CHUNK
from hilum.stores.tables import FINDINGS, RECORDS


class FigurePart(Session):
    """Counts and scores."""

    def counts(self) -> dict[tuple[str, str], int]:
        query = select(RECORDS.c.kind, RECORDS.c.state, func.count()).group_by(RECORDS.c.state, RECORDS.c.kind)
        return {(kind, state): count for kind, state, count in self.connection.execute(query)}

    def finding_counts(self, *, source: str = "") -> dict[tuple[str, str, str], int]:
        latest = (RECORDS.c.n == FINDINGS.c.record) & (RECORDS.c.judgement == FINDINGS.c.judgement)
        columns = FINDINGS.c.rule, FINDINGS.c.outcome, RECORDS.c.kind
        query = select(*columns, func.count()).select_from(FINDINGS.join(RECORDS, latest)).group_by(*columns)
        query = query.where(RECORDS.c.state.in_(CURRENT))
        if source:
            query = query.where(RECORDS.c.source == source)
        return {(rule, outcome, kind): count for rule, outcome, kind, count in self.connection.execute(query)}

    def score_rows(self) -> Iterator[tuple[str, str, str, tuple[float | None, ...]]]:
        """In the order the records were stored; a record nobody judged yet has no scores (all ``None``)."""
        columns: list[Column[Any]] = [
            RECORDS.c[name] for name in ("n", "kind", "state", "source", "total", *DIMENSIONS)
        ]

        def fetch(last: Sequence[Any] | None) -> Sequence[Sequence[Any]]:
            query = select(*columns).order_by(RECORDS.c.n).limit(CHUNK * 4)
            return self.connection.execute(query if last is None else query.where(RECORDS.c.n > last[0])).all()

        # states are told apart here: asked of the database, each page would be sorted out of the index on states
        for _, kind, state, source, *marks in pages(fetch):
            if state in CURRENT:
                yield kind, state, source, tuple(marks)
