"""Rules over whole columns in PostgreSQL, through a SQLAlchemy connection."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, text

from hilum.engines import query
from hilum.engines.engine import Columns, Counts, Violation, height, read, values_of, wanted
from hilum.engines.sql import POSTGRES, ROW, Printer
from hilum.errors import BadInputError
from hilum.model.record import Value
from hilum.quality.compiled import Checked
from hilum.quality.row import ColumnType
from hilum.quality.rule import Rule

BATCH = 200
"""Rules per query: PostgreSQL allows 1,664 columns in one."""

_TABLE = "hilum_records"
_TYPES = {ColumnType.NUMBER: "double precision", ColumnType.TEXT: "text", ColumnType.BOOLEAN: "boolean"}


class PostgresEngine:
    """Takes a table as :data:`~hilum.engines.engine.Columns` (sent as a temporary table) or by name.

    A named table must have the columns of :mod:`hilum.quality.row` that the rules read, and a column ``#row``.
    """

    name = "postgres"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._printer = Printer(POSTGRES)

    def counts(self, rules: Sequence[Rule | Checked], table: Columns | str) -> list[Counts]:
        """One :class:`Counts` per rule, in their order."""
        ready = read(rules)
        return query.counts(self._run, self._printer, ready, self._named(ready, table), BATCH)

    def violations(self, rules: Sequence[Rule | Checked], table: Columns | str) -> list[Violation]:
        """Every row and rule that did not pass, by row and then by rule."""
        ready = read(rules)
        return query.violations(self._run, self._printer, ready, self._named(ready, table), BATCH, ROW)

    def _run(self, sql: str) -> Iterable[Sequence[object]]:
        return [tuple(row) for row in self._connection.execute(text(sql.replace(":", r"\:")))]

    def _named(self, rules: Sequence[Checked], table: Columns | str) -> str:
        return table if isinstance(table, str) else self._sent(rules, table)

    def _sent(self, rules: Sequence[Checked], table: Columns) -> str:
        """A temporary table with what the rules read, gone at the end of the connection."""
        columns, rows = wanted(rules), height(table)
        names = list(columns)
        cells = "".join(f', "{name}" {_TYPES[type_]}' for name, type_ in columns.items())
        run = self._connection.exec_driver_sql
        run(f'DROP TABLE IF EXISTS pg_temp."{_TABLE}"')
        run(f'CREATE TEMPORARY TABLE "{_TABLE}" ("{ROW}" integer{cells})')
        values = {name: _sendable(table, name, type_, rows) for name, type_ in columns.items()}
        listed = "".join(f', "{name}"' for name in names)
        places = "".join(f", :v{index}" for index in range(len(names)))
        insert = text(f'INSERT INTO "{_TABLE}" ("{ROW}"{listed}) VALUES (:row{places})')  # noqa: S608 - names are ours
        batch: list[Mapping[str, Value]] = [
            {"row": row, **{f"v{index}": values[name][row] for index, name in enumerate(names)}} for row in range(rows)
        ]
        if batch:
            self._connection.execute(insert, batch)
        return _TABLE


def _sendable(table: Columns, name: str, type_: str, rows: int) -> Sequence[Value]:
    """A column as PostgreSQL can hold it. Raises :class:`BadInputError` for a text with a NUL character."""
    values = values_of(table, name, type_, rows)
    if type_ == ColumnType.NUMBER:
        return [_double(value) for value in values]
    for row, value in enumerate(values):
        if isinstance(value, str) and "\0" in value:
            raise BadInputError("table_value", column=name, row=row, wanted="text without NUL")
    return values


def _double(value: Value) -> float | None:
    try:
        return None if value is None else float(value)
    except OverflowError:
        return None
