"""What is true of a data set: the ledger of plants and the list of all records, as JSON lines apart from the data.

A *record* is a row of a table (or the message, event or resource that tells of the same fact). It is called by where it
stands, ``<file>:<line>`` (``<file>!<sheet>:<row>`` in a workbook), or by its key, ``<kind>:<key>`` in formats without
lines. A record *hangs on* a plant when it belongs to a donor, specimen or parent whose own record the plant spoilt: a
judge may hold it for want of what it hangs on, and then it is counted neither as found nor as a false block.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from hilum.errors import BadInputError
from hilum.gatebench.classes import CLASSES
from hilum.model.record import Kind

Row = dict[str, object]
LEDGER, RECORDS = "ledger.jsonl", "records.jsonl"


@dataclass(frozen=True, slots=True)
class Planted:
    """One line of the ledger. ``records`` are the names of the group (any of which may be stopped), the first being
    the one that was changed; ``fixes`` the right corrections as (field, canonical value), any of them,
    whether or not the data tell them (:mod:`hilum.gatebench.classes`, ``correction``); ``log`` the logger file that
    counts as well; ``expressible`` whether the format can carry the defect at all."""

    id: str
    code: str
    level: str
    records: tuple[str, ...]
    field: str
    original: str
    planted: str
    fixes: tuple[tuple[str, str], ...] = ()
    log: str = ""
    expressible: bool = True


@dataclass(frozen=True, slots=True)
class Known:
    """One line of the list of records: name, kind, key, and the plants it hangs on."""

    record: str
    kind: str
    key: str
    hangs_on: tuple[str, ...] = ()


def write(folder: Path, planted: Iterable[Planted], records: Iterable[Known]) -> None:
    """Write both files into ``folder``."""
    _write(folder / LEDGER, planted)
    _write(folder / RECORDS, records)


def _write(path: Path, rows: Iterable[Planted | Known]) -> None:
    with path.open("w", encoding="utf-8", errors="surrogateescape") as file:
        file.writelines(json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in rows)


def read_ledger(path: Path) -> list[Planted]:
    """The plants in a ledger. Raises :class:`BadInputError`."""
    return [_planted(row, path, line) for line, row in _rows(path)]


def _planted(row: Row, path: Path, line: int) -> Planted:
    try:
        return Planted(
            id=str(row["id"]), code=_code(row["code"]), level=str(row["level"]), records=_texts(row["records"]),
            field=str(row["field"]), original=str(row["original"]), planted=str(row["planted"]),
            fixes=tuple((name, value) for name, value in map(_texts, _list(row["fixes"]))), log=str(row["log"]),
            expressible=bool(row["expressible"]),
        )  # fmt: skip
    except (TypeError, KeyError, ValueError) as wrong:
        raise BadInputError("gatebench_ledger", place=str(path), line=line) from wrong


def read_records(path: Path) -> list[Known]:
    """The list of records. Raises :class:`BadInputError`."""
    found = []
    for line, row in _rows(path):
        try:
            kind = Kind(str(row["kind"])).value
            found.append(Known(str(row["record"]), kind, str(row["key"]), _texts(row["hangs_on"])))
        except (TypeError, KeyError, ValueError) as wrong:
            raise BadInputError("gatebench_ledger", place=str(path), line=line) from wrong
    return found


def _code(value: object) -> str:
    if value not in CLASSES:
        raise ValueError(value)
    return str(value)


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(value)
    return value


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in _list(value))


def _rows(path: Path) -> Iterator[tuple[int, Row]]:
    if not path.is_file():
        raise BadInputError("path_missing", place=str(path))
    with path.open(encoding="utf-8", errors="surrogateescape") as file:
        for line, text in enumerate(file, 1):
            try:
                row = json.loads(text)
            except ValueError as wrong:
                raise BadInputError("gatebench_ledger", place=str(path), line=line) from wrong
            if not isinstance(row, Mapping):
                raise BadInputError("gatebench_ledger", place=str(path), line=line)
            yield line, dict(row)
