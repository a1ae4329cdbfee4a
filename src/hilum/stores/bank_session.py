"""What every part of a unit of work writes and reads with: one connection, one numbering, rows by the hundred."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, select

from hilum.errors import NotFoundError
from hilum.model.record import Value
from hilum.stores.bank_statements import Cell, CellRow, Statements, ValueT, asked, chunks
from hilum.stores.tables import RECORDS

_NUMBER = select(RECORDS.c.id, RECORDS.c.n).where(asked(RECORDS.c.id))


class Session:
    """One transaction: its connection, the statements, and the next number of every numbered table."""

    def __init__(self, connection: Connection, statements: Statements) -> None:
        self.connection = connection
        self.statements = statements
        self.fresh: dict[str, tuple[int, Mapping[str, Value]]] = {}
        """record id -> number and fields of the records this unit stored."""
        self._last: dict[str, int] = {}

    def look_up(self, query: "Select[Any]", values: Iterable[str], *fixed: Cell) -> Iterator[Any]:
        """Rows of a query ending in ``asked``, each value asked for once; ``fixed`` fill the places before."""
        for part in chunks(dict.fromkeys(values)):
            yield from self.statements.fetch(self.connection, query, fixed, part)

    def number(self, column: "Column[int]", count: int) -> int:
        """Take ``count`` numbers of a table; answers the first. There is one writer, so nobody else takes them."""
        name = column.table.name
        if name not in self._last:
            # plain words: asked some times in every batch, and only names of our own tables stand in it
            question = f"SELECT coalesce(max({column.name}), 0) FROM {name}"  # noqa: S608
            self._last[name] = self.connection.exec_driver_sql(question).scalar_one()
        first = self._last[name] + 1
        self._last[name] += count
        return first

    def numbers_of(self, ids: Collection[str]) -> dict[str, int]:
        """record id -> its number. Raises :class:`NotFoundError` for a record that is not stored."""
        found = {record_id: self.fresh[record_id][0] for record_id in ids if record_id in self.fresh}
        if len(found) == len(ids):
            return found
        found |= dict(self.look_up(_NUMBER, [record_id for record_id in ids if record_id not in found]))
        missing = [record_id for record_id in ids if record_id not in found]
        if missing:
            raise NotFoundError("record_missing", record=missing[0])
        return found

    def insert(self, table: Table, rows: Sequence[CellRow]) -> None:
        """Raises :class:`~hilum.errors.ConflictError` for a row that is there already."""
        self.statements.write(self.connection, table, rows)

    def replace(self, table: Table, rows: Sequence[CellRow], by: tuple[str, ...]) -> None:
        """Insert rows, each in the place of the one with the same ``by`` columns if there is one."""
        self.statements.write(self.connection, table, rows, by)


def pages(fetch: "Callable[[ValueT | None], Sequence[ValueT]]") -> Iterator[ValueT]:
    """Rows page by page, each page asked for with the last row of the one before; memory stays flat."""
    last: ValueT | None = None
    while page := fetch(last):
        yield from page
        last = page[-1]
