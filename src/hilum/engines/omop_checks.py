"""The checks of DataQualityDashboard's catalogue run over OMOP tables in DuckDB.

Checks of one row are printed from the rule language, many to a query; checks that look further are asked one by one.
A check whose fields are missing, or hold what cannot be read, is not evaluated: it says so and never passes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from hilum.engines.omop_sql import set_check
from hilum.engines.omop_tables import Warehouse, quoted
from hilum.engines.sql import DUCKDB, Printer
from hilum.quality.dqd import Check
from hilum.quality.dqd_results import Counted, Result, judged
from hilum.quality.dqd_rows import COMPLETENESS, RowCheck, predicate_types, row_check
from hilum.quality.predicate import columns_of, parse

Types = Mapping[str, Mapping[str, str]]
Progress = Callable[[int, int], None]
BATCH = 40
"""Checks of one table per query: DuckDB's planning grows faster than the number of expressions."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A check of one row made ready: its two conditions as SQL."""

    check: Check
    when: str
    condition: str


def run(warehouse: Warehouse, checks: Sequence[Check], types: Types, today: date, report: Progress) -> list[Result]:
    """A result for each of ``checks``, in their order. ``today`` is the day limits such as "tomorrow" count from."""
    runner = _Runner(warehouse, types, today)
    extents = {name.upper(): loaded.extent for name, loaded in warehouse.tables.items()}
    counted: dict[str, Counted] = {}
    for found in runner.counts(checks):
        counted |= found
        report(len(counted), len(checks))
    return [judged(check, counted[check.id], extents) for check in checks]


class _Runner:
    def __init__(self, warehouse: Warehouse, types: Types, today: date) -> None:
        self._warehouse, self._types, self._today = warehouse, types, today
        self._printer = Printer(DUCKDB)

    def counts(self, checks: Sequence[Check]) -> Iterator[dict[str, Counted]]:
        """Check id -> counts, some at a time."""
        waiting: dict[str, list[_Asked]] = {}
        for check in checks:
            found = self._known(check) or self._prepared(check, waiting)
            if found is not None:
                yield {check.id: found}
            ready = waiting.get(check.table, [])
            if len(ready) >= BATCH:
                yield self._asked(check.table, waiting.pop(check.table))
        for table, ready in waiting.items():
            yield self._asked(table, ready)

    def _known(self, check: Check) -> Counted | None:
        """What loading the tables has already told, or ``None``."""
        loaded, fld = self._warehouse.tables.get(check.table.lower()), check.fld.lower()
        name = check.kind.name
        if name == "cdmTable":
            return Counted(int(loaded is None), 1)
        if loaded is None:
            return Counted(None, None, f"Table {check.table} does not exist.")
        if name == "cdmField":
            return Counted(int(fld not in loaded.filled), 1)
        if fld and fld not in loaded.filled:
            return Counted(None, None, f"Field {check.table}.{check.fld} does not exist.")
        if name == "cdmDatatype":
            return Counted(loaded.not_whole.get(fld, 0), loaded.rows)
        if name in COMPLETENESS:
            return Counted(loaded.rows - loaded.filled[fld], loaded.rows)
        return None

    def _prepared(self, check: Check, waiting: dict[str, list[_Asked]]) -> Counted | None:
        asked = set_check(check)
        if asked is not None:
            wrong = self._missing(asked.reads)
            return Counted(None, None, wrong) if wrong else self._pair(asked.violated, asked.denominator)
        row = row_check(check, self._today)
        if row is None:
            return Counted(None, None, f"Check {check.kind.name} is not known.")
        return self._row(check, row, waiting)

    def _row(self, check: Check, row: RowCheck, waiting: dict[str, list[_Asked]]) -> Counted | None:
        table = check.table.lower()
        types = predicate_types(self._types.get(table, {}))
        condition = parse(row.condition, types, check.id)
        when = parse(row.when, types, check.id) if row.when else None
        reads = columns_of(condition) | (columns_of(when) if when is not None else frozenset())
        wrong = self._missing({table: reads})
        if wrong:
            return Counted(None, None, wrong)
        shown = self._printer.condition(when) if when is not None else "TRUE"
        waiting.setdefault(check.table, []).append(_Asked(check, shown, self._printer.condition(condition)))
        return None

    def _pair(self, violated: str, denominator: str) -> Counted:
        found = self._warehouse.row(f"SELECT ({violated}), ({denominator})")
        return Counted(found[0] or 0, found[1] or 0)

    def _asked(self, table: str, ready: Sequence[_Asked]) -> dict[str, Counted]:
        sums = [
            f"count(*) FILTER (({one.when}) AND ({one.condition}) IS NOT TRUE), count(*) FILTER ({one.when})"
            for one in ready
        ]
        found = self._warehouse.row(f"SELECT {', '.join(sums)} FROM {quoted(table.lower())}")  # noqa: S608
        return {one.check.id: Counted(found[2 * index], found[2 * index + 1] or 0) for index, one in enumerate(ready)}

    def _missing(self, reads: Mapping[str, frozenset[str]]) -> str:
        """Why a check that reads these fields cannot be evaluated; empty when it can."""
        for table, fields in sorted(reads.items()):
            loaded = self._warehouse.tables.get(table)
            if loaded is None:
                return f"Table {table.upper()} does not exist."
            for name in sorted(fields):
                if name not in loaded.filled:
                    return f"Field {table.upper()}.{name.upper()} does not exist."
                if loaded.unreadable.get(name):
                    wrong = loaded.unreadable[name]
                    return f"{wrong} values of {table.upper()}.{name.upper()} cannot be read as the model's type."
        return ""
