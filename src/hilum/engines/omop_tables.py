"""OMOP tables from CSV files into DuckDB, typed by the model, on disk beside the work and not in memory.

Every cell comes in as text and is then read as what the model says it is: a day as its number, a whole number as such.
What cannot be read is counted per field, so that a check that needs it can say that it could not be evaluated. The
connection loads no extension, and once the tables are in it reads no file any more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hilum.errors import BadInputError
from hilum.quality.dqd_results import Extent
from hilum.quality.dqd_rows import DAY, NUMBER, WHOLE, kind_of

try:
    import duckdb
except ModuleNotFoundError:  # pragma: no cover - an optional dependency
    duckdb = None  # type: ignore[assignment]

MEMORY = "1GB"
_LONGEST_LINE = 10_000_000
_WHOLE = r"[+-]?[0-9]{1,18}"
_LOOSE = r"[+-]?[0-9]{1,18}(\.0*)?"
_NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?"
_RAW = "raw cells"


@dataclass(frozen=True, slots=True)
class CsvTable:
    """One table's file: UTF-8 text, its columns in lower case in their order, and its delimiter."""

    name: str
    path: Path
    columns: tuple[str, ...]
    delimiter: str
    place: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded of one table: rows, and per field the cells filled, not readable, and not whole numbers."""

    rows: int
    filled: Mapping[str, int]
    unreadable: Mapping[str, int]
    not_whole: Mapping[str, int]

    @property
    def extent(self) -> Extent:
        empty = frozenset(name.upper() for name, count in self.filled.items() if not count)
        return Extent(self.rows, frozenset(name.upper() for name in self.filled), empty)


def quoted(name: str) -> str:
    """An identifier in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text constant in single quotes."""
    return "'" + text.replace("'", "''") + "'"


class Warehouse:
    """The tables of one data set in a database file under ``folder``, which the caller removes.

    Raises :class:`BadInputError` when DuckDB is not installed, and from :meth:`load` for a file DuckDB cannot read.
    """

    def __init__(self, folder: Path) -> None:
        if duckdb is None:  # pragma: no cover - an optional dependency
            raise BadInputError("engine_missing", engine="duckdb", package="hilum[duckdb]")
        self._folder = folder
        self.tables: dict[str, Loaded] = {}
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": MEMORY,
            "threads": 2,
            "temp_directory": str(folder / "spill"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": False,
        }
        self._connection = duckdb.connect(str(folder / "omop.duckdb"), config=config)

    def close(self) -> None:
        self._connection.close()

    def seal(self) -> None:
        """From now on no file is read and no setting changed."""
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")

    def row(self, sql: str) -> Sequence[int | None]:
        """The one row of a query of counts."""
        found = self._connection.execute(sql).fetchone()
        return [None if cell is None else int(cell) for cell in found or ()]

    def load(self, table: CsvTable, types: Mapping[str, str]) -> None:
        """Take ``table`` in; fields the model does not know are left out."""
        known = [name for name in dict.fromkeys(table.columns) if name in types]
        try:
            self._take(table, known)
            self._type(table.name, {name: kind_of(types[name]) for name in known})
        except duckdb.Error as wrong:
            raise BadInputError("omop_csv", place=table.place, why=_first_line(wrong)) from wrong

    def _take(self, table: CsvTable, known: Sequence[str]) -> None:
        plain = self._folder / "table.csv"  # a name without wildcards, whatever the file is called
        plain.unlink(missing_ok=True)
        plain.symlink_to(table.path.resolve())
        names = _unrepeated(table.columns)
        columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
        quote = "" if table.delimiter == "\t" else '"'
        cells = ", ".join(f"nullif(nullif({quoted(name)}, ''), '\\N') AS {quoted(name)}" for name in known) or "1 AS x"
        source = (
            f"read_csv({literal(str(plain))}, auto_detect = false, header = true, delim = {literal(table.delimiter)}, "
            f"quote = {literal(quote)}, escape = {literal(quote)}, columns = {{{columns}}}, "
            f"max_line_size = {_LONGEST_LINE}, strict_mode = true)"
        )
        self._connection.execute(f"CREATE OR REPLACE TABLE {quoted(_RAW)} AS SELECT {cells} FROM {source}")  # noqa: S608
        plain.unlink()

    def _type(self, name: str, kinds: Mapping[str, str]) -> None:
        cells = ", ".join(f"{_typed(quoted(one), kind)} AS {quoted(one)}" for one, kind in kinds.items()) or "1 AS x"
        self._connection.execute(f"CREATE OR REPLACE TABLE {quoted(name)} AS SELECT {cells} FROM {quoted(_RAW)}")  # noqa: S608
        raw = self._counts(_RAW, [f"count({quoted(one)})" for one in kinds])
        read = self._counts(name, [f"count({quoted(one)})" for one in kinds])
        whole = [one for one, kind in kinds.items() if kind == WHOLE]
        loose = self._counts(_RAW, [f"count({quoted(one)}) FILTER (NOT {_fits(quoted(one), _WHOLE)})" for one in whole])
        filled = dict(zip(kinds, raw[1:], strict=True))
        self.tables[name] = Loaded(
            rows=raw[0],
            filled=filled,
            unreadable={one: filled[one] - count for one, count in zip(kinds, read[1:], strict=True)},
            not_whole=dict(zip(whole, loose[1:], strict=True)),
        )
        self._connection.execute(f"DROP TABLE {quoted(_RAW)}")

    def _counts(self, table: str, cells: Sequence[str]) -> list[int]:
        counts = self.row(f"SELECT {', '.join(['count(*)', *cells])} FROM {quoted(table)}")  # noqa: S608
        return [int(count or 0) for count in counts]


def _unrepeated(names: Sequence[str]) -> list[str]:
    """Names each of which stands once: a repeated or blank one gets its number."""
    seen: set[str] = set()
    found: list[str] = []
    for index, name in enumerate(names):
        found.append(f"#{index}" if not name or name in seen else name)
        seen.add(name)
    return found


def _fits(cell: str, pattern: str) -> str:
    return f"regexp_full_match(trim({cell}), {literal(pattern)})"


def _typed(cell: str, kind: str) -> str:
    """The cell as its kind; NULL where it does not read as that."""
    if kind == WHOLE:
        return f"CASE WHEN {_fits(cell, _LOOSE)} THEN TRY_CAST(split_part(trim({cell}), '.', 1) AS BIGINT) END"
    if kind == NUMBER:
        return f"CASE WHEN {_fits(cell, _NUMBER)} THEN TRY_CAST(trim({cell}) AS DOUBLE) END"
    if kind != DAY:
        return cell
    dashed = f"WHEN {_fits(cell, '[0-9]{4}-[0-9]{2}-[0-9]{2}([ T].*)?')} THEN TRY_CAST(left(trim({cell}), 10) AS DATE)"
    compact = f"WHEN {_fits(cell, '[0-9]{8}')} THEN CAST(try_strptime(trim({cell}), '%Y%m%d') AS DATE)"
    return f"CAST(CASE {dashed} {compact} END - DATE '1970-01-01' AS BIGINT)"


def _first_line(wrong: Exception) -> str:
    """What DuckDB says first, without the cells it quotes further down."""
    return str(wrong).strip().splitlines()[0][:200]
