"""Rules over whole columns with DuckDB (optional: ``pip install 'hilum[duckdb]'``)."""

from collections.abc import Iterable, Sequence

import polars as pl

from hilum.engines import query
from hilum.engines.engine import Columns, Counts, Violation, read, wanted
from hilum.engines.polars_engine import frame_of
from hilum.engines.sql import DUCKDB, ROW, Printer
from hilum.errors import BadInputError
from hilum.quality.compiled import Checked
from hilum.quality.rule import Rule

try:
    import duckdb
except ModuleNotFoundError:  # pragma: no cover - an optional dependency
    duckdb = None  # type: ignore[assignment]

BATCH = 50
"""Rules per query: the time DuckDB needs to plan a query grows faster than the number of expressions in it."""

_TABLE, _STREAM = "hilum_records", "hilum_stream"


class DuckDBEngine:
    """Takes a table as :data:`~hilum.engines.engine.Columns`, as a Polars frame, or by name in its connection.

    A named table must be a base table with the columns of :mod:`hilum.quality.row`; its rows are numbered by DuckDB's
    ``rowid``. Raises :class:`BadInputError` when DuckDB is not installed.
    """

    name = "duckdb"

    def __init__(self, connection: "duckdb.DuckDBPyConnection | None" = None) -> None:
        if duckdb is None:  # pragma: no cover - an optional dependency
            raise BadInputError("engine_missing", engine=self.name, package="hilum[duckdb]")
        self._connection = connection or duckdb.connect()

    def counts(self, rules: Sequence[Rule | Checked], table: Columns | pl.DataFrame | str) -> list[Counts]:
        """One :class:`Counts` per rule, in their order."""
        ready = read(rules)
        name, _ = self._named(ready, table)
        return query.counts(self._run, self._printer(ready, name), ready, name, BATCH)

    def violations(self, rules: Sequence[Rule | Checked], table: Columns | pl.DataFrame | str) -> list[Violation]:
        """Every row and rule that did not pass, by row and then by rule."""
        ready = read(rules)
        name, row = self._named(ready, table)
        return query.violations(self._run, self._printer(ready, name), ready, name, BATCH, row)

    def _run(self, sql: str) -> Iterable[Sequence[object]]:
        return self._connection.execute(sql).fetchall()

    def _printer(self, rules: Sequence[Checked], name: str) -> Printer:
        table = '"' + name.replace('"', '""') + '"'
        present = {str(column[0]) for column in self._run(f"DESCRIBE {table}")}
        return Printer(DUCKDB, frozenset(wanted(rules)) - present)

    def _named(self, rules: Sequence[Checked], table: Columns | pl.DataFrame | str) -> tuple[str, str]:
        """Name of the table in the connection and of the column that numbers its rows."""
        if isinstance(table, str):
            return table, "rowid"
        frame = frame_of(rules, table).with_row_index(ROW)
        self._connection.register(_STREAM, _Stream(frame))
        self._run(f"CREATE OR REPLACE TEMP TABLE {_TABLE} AS SELECT * FROM {_STREAM}")  # noqa: S608 - both names ours
        self._connection.unregister(_STREAM)
        return _TABLE, ROW


class _Stream:
    """A frame as an Arrow stream: the one way in that needs no further package."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)
