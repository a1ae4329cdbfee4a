"""Checking OMOP data with DataQualityDashboard's catalogue: which files are which tables, and the checks over them.

Needs no bank: nothing is kept, and what is unpacked for the work is removed when it ends.
"""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from hilum import __version__
from hilum.clock import Clock, stamp, system_clock
from hilum.engines.omop_checks import run
from hilum.engines.omop_tables import CsvTable, Warehouse
from hilum.errors import BadInputError
from hilum.formats import decoding, omop, reading
from hilum.formats.dqd_catalogue import read
from hilum.formats.member import Member
from hilum.formats.omop_results import Run, document, write
from hilum.formats.omop_rows import Table, silent
from hilum.model.record import SourceProblem
from hilum.quality.dqd import LEVELS, Catalogue, Check, checks, column_types
from hilum.quality.dqd_results import Result, State, Tally, tally, worst

Progress = Callable[[str, int, int], None]
CONTEXTS = ("Verification", "Validation")
CATEGORIES = ("Plausibility", "Conformance", "Completeness")
__all__ = ["CATEGORIES", "CONTEXTS", "Outcome", "State", "check", "kinds_of"]


@dataclass(frozen=True, slots=True)
class KindCount:
    """One kind of check: its level, how many checks the catalogue makes of it, and how many rows its level has."""

    level: str
    name: str
    checks: int
    rows: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Every result, the tables read with their rows, and what was wrong with the files."""

    results: tuple[Result, ...]
    tables: Mapping[str, int]
    problems: tuple[SourceProblem, ...]
    run: Run

    @property
    def whole(self) -> Tally:
        return tally(self.results)

    def part(self, category: str, context: str) -> Tally:
        """The results of one Kahn category in one context."""
        kinds = ((one, one.check.kind) for one in self.results)
        return tally(one for one, kind in kinds if (kind.category, kind.context) == (category, context))

    def worst(self, limit: int) -> list[Result]:
        return worst(self.results, limit)

    def document(self) -> dict[str, object]:
        """The content of ``results.json``."""
        return document(self.results, self.run)

    def write(self, folder: Path) -> tuple[Path, Path]:
        """``results.json`` and ``results.csv`` in ``folder``."""
        return write(self.results, self.run, folder)


def kinds_of(folder: Path) -> list[KindCount]:
    """The kinds of check of the catalogue in ``folder`` in its order, each with its number of checks."""
    catalogue = read(folder)
    made = Counter(one.kind.name for one in checks(catalogue))
    rows = {level: len(catalogue.rows[level]) for level in LEVELS}
    return [KindCount(kind.level, kind.name, made[kind.name], rows[kind.level]) for kind in catalogue.kinds]


def check(data: Path, catalogue: Path, progress: Progress = lambda *_: None, clock: Clock = system_clock) -> Outcome:
    """Run the catalogue in the folder ``catalogue`` over the OMOP tables in ``data`` (folder, archive or file).

    Raises :class:`BadInputError` when there is no such catalogue, no table, two files of one table, or a file that is
    no well-formed CSV.
    """
    known = read(catalogue)
    wanted = checks(known)
    with tempfile.TemporaryDirectory(prefix="hilum-omop-") as work:
        return _checked(data, known, wanted, Path(work), progress, clock)


def _checked(
    data: Path, catalogue: Catalogue, wanted: tuple[Check, ...], work: Path, progress: Progress, clock: Clock
) -> Outcome:
    started = clock()
    types = column_types(catalogue)
    tables, problems = _tables(data, work, frozenset(types))
    warehouse = Warehouse(work)
    try:
        for index, (name, member) in enumerate(sorted(tables.items())):
            progress(name.upper(), index, len(tables))
            warehouse.load(_csv(name, member, work), types[name])
        warehouse.seal()
        results = run(warehouse, wanted, types, started.date(), lambda done, total: progress("", done, total))
        rows = {name: loaded.rows for name, loaded in warehouse.tables.items()}
    finally:
        warehouse.close()
    ended = clock()
    told = _source(tables.get("cdm_source"))
    run_ = Run(stamp(started), stamp(ended), (ended - started).total_seconds(), told, __version__)
    return Outcome(tuple(results), rows, tuple(problems), run_)


def _tables(data: Path, work: Path, known: frozenset[str]) -> tuple[dict[str, Member], list[SourceProblem]]:
    """Table -> its file; a file says by its name which table it is, else by its columns."""
    found: dict[str, Member] = {}
    problems: list[SourceProblem] = []
    unpacked = work / "unpacked"
    unpacked.mkdir()
    for member in reading.members(data, unpacked):
        if isinstance(member, SourceProblem):
            problems.append(member)
            continue
        name = _named(member, known)
        if name in found:
            raise BadInputError("omop_twice", table=name.upper(), first=found[name].place, second=member.place)
        if name:
            found[name] = member
    if not found:
        raise BadInputError("omop_no_tables", data=data.name)
    return found, problems


def _named(member: Member, known: frozenset[str]) -> str:
    path = PurePosixPath(member.place)
    stem = path.stem.lower()
    if stem in known and path.suffix.lower() in (".csv", ".tsv", ".txt"):
        return stem
    told = member.format.removeprefix(omop.PREFIX)
    return told if member.format.startswith(omop.PREFIX) and told in known else ""


def _csv(name: str, member: Member, work: Path) -> CsvTable:
    """The member as DuckDB can read it: in UTF-8."""
    table, path = Table(member.path), member.path
    encoding = decoding.detect(member.path)
    if encoding != "utf-8":
        path = work / "utf-8.csv"
        with (
            member.path.open(encoding=encoding, errors="replace", newline="") as source,
            path.open("w", encoding="utf-8", newline="") as target,
        ):
            shutil.copyfileobj(source, target, 1 << 20)
    return CsvTable(name, path, table.header, table.delimiter, member.place)


def _source(member: Member | None) -> dict[str, str]:
    """What the first row of CDM_SOURCE says of the data."""
    if member is None:
        return {}
    table = Table(member.path)
    row = next((cells for _, cells in table.rows(silent)), None)
    return dict(zip(table.header, row, strict=True)) if row else {}
