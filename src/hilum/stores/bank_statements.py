"""Statements of the bank as each database takes them fastest. The only place where SQLite and PostgreSQL differ.

SQLAlchemy Core spells them once; rows then go to the driver as plain tuples, because bookkeeping per row and column
would cost more than the writing itself. SQLite takes many rows in one prepared statement. PostgreSQL takes them as one
JSON parameter, because pg8000 sends one row per round trip and reads statements with a thousand places very slowly.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Protocol, TypeVar

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, Dialect, Insert, Select, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from hilum.errors import ConflictError

CHUNK = 500
"""Values per look-up, and rows per statement."""

Cell = str | int | float | bool | None
CellRow = tuple[Cell, ...]
ValueT = TypeVar("ValueT")

_ASKED = "asked"
_GAP = f"IN (__[POSTCOMPILE_{_ASKED}])"


def asked(column: "Column[str]") -> "ColumnElement[bool]":
    """Whether ``column`` is one of the values asked for: the last condition of a query for :meth:`Statements.fetch`."""
    return column.in_(bindparam(_ASKED, expanding=True))


class Statements(Protocol):
    """What a unit of work asks of its database. One per bank; keeps spelt statements for reuse."""

    def write(
        self, connection: Connection, table: Table, rows: Sequence[CellRow], replacing: tuple[str, ...] = ()
    ) -> None:
        """Insert rows (cells in the table's column order), replacing those with the same ``replacing`` columns.

        No key may stand twice in ``rows`` then. Raises :class:`ConflictError` for one that is there already.
        """

    def fetch(
        self, connection: Connection, query: "Select[Any]", fixed: CellRow, values: Sequence[str]
    ) -> Iterable[Any]:
        """Rows of a query that ends in :func:`asked`; ``fixed`` fill the places before it."""


class SqliteStatements:
    """:class:`Statements` for SQLite."""

    def __init__(self, dialect: Dialect) -> None:
        self._spelt = _Spelt(dialect)

    def write(
        self, connection: Connection, table: Table, rows: Sequence[CellRow], replacing: tuple[str, ...] = ()
    ) -> None:
        if rows:
            with _conflicts():
                connection.exec_driver_sql(self._spelt.insert(table, replacing), list(rows))

    def fetch(
        self, connection: Connection, query: "Select[Any]", fixed: CellRow, values: Sequence[str]
    ) -> Iterable[Any]:
        places = f"IN ({', '.join('?' * len(values))})"
        return connection.exec_driver_sql(self._spelt.query(query).replace(_GAP, places), (*fixed, *values)).all()


class PostgresqlStatements:
    """:class:`Statements` for PostgreSQL through pg8000."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._spelt = _Spelt(dialect)
        self._writes: dict[tuple[str, tuple[str, ...]], str] = {}

    def write(
        self, connection: Connection, table: Table, rows: Sequence[CellRow], replacing: tuple[str, ...] = ()
    ) -> None:
        names = [column.name for column in table.columns]
        words = self._writes.get((table.name, replacing))
        if words is None:
            words = self._writes[table.name, replacing] = self._from_json(table, replacing)
        for part in chunks(rows):
            given = msgspec.json.encode([dict(zip(names, row, strict=True)) for row in part]).decode()
            with _conflicts():
                connection.exec_driver_sql(words, (given,))

    def fetch(
        self, connection: Connection, query: "Select[Any]", fixed: CellRow, values: Sequence[str]
    ) -> Iterable[Any]:
        words = self._spelt.query(query).replace(_GAP, "= ANY (%s::TEXT[])")
        return connection.exec_driver_sql(words, (*fixed, list(values))).all()

    def _from_json(self, table: Table, replacing: tuple[str, ...]) -> str:
        """The insert with its ``VALUES`` read from one JSON parameter."""
        spelt = self._spelt.insert(table, replacing)
        start = spelt.index("VALUES (")
        end = spelt.index(")", start) + 1
        quote = self._dialect.identifier_preparer.quote
        names = ", ".join(quote(column.name) for column in table.columns)
        types = (column.type.compile(self._dialect).removesuffix(' COLLATE "C"') for column in table.columns)
        given = ", ".join(f"{quote(column.name)} {kind}" for column, kind in zip(table.columns, types, strict=True))
        # only names of our own tables stand in it
        return f"{spelt[:start]}SELECT {names} FROM json_to_recordset(%s::json) AS given({given}){spelt[end:]}"  # noqa: S608


def statements_for(dialect: Dialect) -> Statements:
    """The statements of a bank's database."""
    return SqliteStatements(dialect) if dialect.name == "sqlite" else PostgresqlStatements(dialect)


class _Spelt:
    """Core statements as text, each spelt once."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._inserts: dict[tuple[str, tuple[str, ...]], str] = {}
        self._queries: dict[int, tuple[Select[Any], str]] = {}

    def insert(self, table: Table, replacing: tuple[str, ...]) -> str:
        name = (table.name, replacing)
        if name not in self._inserts:
            statement = _upsert(table, self._dialect, replacing) if replacing else table.insert()
            names = [column.name for column in table.columns]
            self._inserts[name] = str(statement.compile(dialect=self._dialect, column_keys=names))
        return self._inserts[name]

    def query(self, query: "Select[Any]") -> str:
        spelt = self._queries.get(id(query))
        if spelt is None:
            # the query is kept beside its words, so that its id stays its own
            spelt = self._queries[id(query)] = query, str(query.compile(dialect=self._dialect))
        return spelt[1]


def _upsert(table: Table, dialect: Dialect, keys: tuple[str, ...]) -> Insert:
    rest = [column.name for column in table.columns if column.name not in keys]
    if dialect.name == "sqlite":
        lite = sqlite.insert(table)
        return lite.on_conflict_do_update(index_elements=keys, set_={name: lite.excluded[name] for name in rest})
    post = postgresql.insert(table)
    return post.on_conflict_do_update(index_elements=keys, set_={name: post.excluded[name] for name in rest})


class _conflicts:  # noqa: N801 - reads as a statement
    """Turns a broken uniqueness or reference into :class:`ConflictError`."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, IntegrityError):
            raise ConflictError("row_exists") from error


def chunks(values: Iterable[ValueT], size: int = CHUNK) -> Iterator[list[ValueT]]:
    """``values`` in lists of at most ``size``."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part
