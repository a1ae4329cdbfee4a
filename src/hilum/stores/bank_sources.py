"""Sources and their file-level problems."""

from collections.abc import Sequence

from sqlalchemy import select

from hilum.model.record import Locator
from hilum.registry.stored import Source, StoredProblem
from hilum.stores.bank_rows import counts_from, json_text, source_from, source_row
from hilum.stores.bank_session import Session
from hilum.stores.tables import PROBLEMS, SOURCES


class SourcePart(Session):
    """What was received, how far intake came, and what was wrong with the files themselves."""

    def source(self, source_id: str) -> Source | None:
        row = self.connection.execute(select(SOURCES).where(SOURCES.c.id == source_id)).one_or_none()
        return None if row is None else source_from(row)

    def sources(self) -> list[Source]:
        """In the order they were received."""
        rows = self.connection.execute(select(SOURCES).order_by(SOURCES.c.received_at, SOURCES.c.id))
        return [source_from(row) for row in rows]

    def put_source(self, source: Source) -> None:
        self.replace(SOURCES, [source_row(source)], ("id",))

    def add_problems(self, source_id: str, problems: Sequence[StoredProblem]) -> None:
        first = self.number(PROBLEMS.c.n, len(problems))
        rows = [
            (
                first + offset,
                source_id,
                problem.reason,
                problem.locator.source,
                problem.locator.place,
                problem.locator.line,
                json_text(problem.values),
                problem.fatal,
            )
            for offset, problem in enumerate(problems)
        ]
        self.insert(PROBLEMS, rows)

    def problems(self, source_id: str = "") -> list[StoredProblem]:
        """Of one source, or of all, in the order they were met."""
        wanted = select(PROBLEMS).order_by(PROBLEMS.c.n)
        if source_id:
            wanted = wanted.where(PROBLEMS.c.source == source_id)
        return [
            StoredProblem(
                reason=row.reason,
                locator=Locator(row.stood_in, row.place, row.line),
                values=counts_from(row._mapping["values"]),
                fatal=bool(row.fatal),
            )
            for row in self.connection.execute(wanted)
        ]
