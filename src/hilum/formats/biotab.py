"""Reading TCGA BCR biotab files: tab-separated tables with one to three header rows, as published in 2015.

Every table gives the records ``biotab.toml`` says; columns nobody mapped are kept in ``extra``. A line that cannot be
read as a row is a problem with its line number, and the next line is read.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path, PurePosixPath

from hilum.formats import decoding
from hilum.formats.biotab_parts import UNREADABLE, Mark, Parts, parts_of
from hilum.formats.biotab_parts import donor as donor_of
from hilum.formats.biotab_plan import (
    ABSENT,
    KEY_SEPARATOR,
    REMARKS,
    Columns,
    Plan,
    RecordPlan,
    absent_keys,
    cell_text,
    columns,
    plan_for,
)
from hilum.formats.biotab_tables import Table, tables
from hilum.model.record import Item, Locator, Record, SourceProblem, Value

PREFIX = "tcga.biotab."
_HEAD_ROWS = 3
_PATIENT = "bcr_patient_barcode"
_NAME = re.compile(r"(?:^|[._/-])((?:biospecimen|clinical|auxiliary)[a-z0-9_.]*?)(?:\.txt|\.tsv)?$")
_VERSION = re.compile(r"_v\d+(?:\.\d+)*")
Line = tuple[int, str | None]


def table_of(place: str, header: str) -> str | None:
    """Which table a file with this label and first line is, or ``None`` for no biotab at all.

    The header must be a biotab's; then the published file name decides, and for a renamed file the columns do.
    """
    names = {cell.strip() for cell in header.split("\t")}
    if not any(name.startswith(("bcr_", "shipment_portion_bcr_")) for name in names):
        return None
    by_name = _table_by_name(PurePosixPath(place).name.lower())
    fitting = (table.name for table in tables().values() if all(names & set(either) for either in table.sign))
    return by_name or next(fitting, "unknown")


def _table_by_name(name: str) -> str | None:
    found = _NAME.search(name)
    if found is None:
        return None
    stem = _VERSION.sub("", found[1])
    shorter = stem.rsplit("_", 1)[0]  # without the cohort
    by_file = {table.file: table.name for table in tables().values()}
    return by_file.get(stem) or by_file.get(shorter)


def rank_of(table: str) -> int:
    """Order of reading: what others hang on has a lower rank."""
    known = tables().get(table)
    return known.rank if known else 98


def read(path: Path, place: str, source_id: str, form: str) -> Iterator[Item]:
    """Every record and problem of the biotab file at ``path``, line by line, in the file's order.

    ``form`` is the format, ``tcga.biotab.<table>``. Memory does not grow with the file.
    """
    table = tables().get(form.removeprefix(PREFIX))
    if table is None:
        yield SourceProblem("biotab_table_unknown", Locator(source_id, place, 1), {"place": place}, fatal=True)
        return
    lines = decoding.lines(path, decoding.detect(path))
    heads, waiting = _heads(lines)
    if not heads:
        yield SourceProblem("file_empty", Locator(source_id, place, 0), {"place": place}, fatal=True)
        return
    names, problems = _unique(heads[0], Locator(source_id, place, 1))
    yield from problems
    at = columns(names, next((head for head in heads[1:] if _is_older_names(head)), []))
    problems = list(_absent(table, at, Locator(source_id, place, 1)))
    yield from problems
    if not any(problem.fatal for problem in problems):
        yield from _rows(chain(waiting, lines), plan_for(table, at), source_id, place)


def _heads(lines: Iterator[Line]) -> tuple[list[list[str]], list[Line]]:
    """The header rows, and the line read too far."""
    heads: list[list[str]] = []
    for number, line in lines:
        cells = [cell.strip() for cell in line.split("\t")] if line is not None else []
        if not heads and line is not None:
            heads += [cells] if any(cells) else []
        elif heads and len(heads) < _HEAD_ROWS and line is not None and _is_head(cells, heads[0]):
            heads.append(cells)
        else:
            return heads, [(number, line)]
    return heads, []


def _is_head(cells: list[str], first: list[str]) -> bool:
    return not any(cells) or cells[0] == first[0] or any(cell.startswith("CDE_ID") for cell in cells)


def _is_older_names(cells: list[str]) -> bool:
    return any(cells) and not any(cell.startswith("CDE_ID") for cell in cells)


def _unique(heads: list[str], where: Locator) -> tuple[list[str], list[SourceProblem]]:
    """Column names with a number added to those that come twice, each of which is a problem."""
    names: list[str] = []
    problems: list[SourceProblem] = []
    for position, head in enumerate(heads, start=1):
        name, count = head or f"column_{position}", 2
        while name in names:
            name, count = f"{head}#{count}", count + 1
        if head and name != head:
            values: dict[str, str | int] = {"column": head, "position": position}
            problems.append(SourceProblem("duplicate_header", where, values))
        names.append(name)
    return names, problems


def _absent(table: Table, at: Columns, where: Locator) -> Iterator[SourceProblem]:
    needed = absent_keys(table, at)
    for name in needed:
        yield SourceProblem("biotab_key_missing", where, {"column": name, "table": table.name}, fatal=True)
    for name in table.wanted:
        if name not in at.index and name not in needed:
            yield SourceProblem("biotab_column_missing", where, {"column": name, "table": table.name})


def _rows(lines: Iterator[Line], plan: Plan, source_id: str, place: str) -> Iterator[Item]:
    width = len(plan.columns.names)
    for number, line in lines:
        where = Locator(source_id, place, number)
        if line is None:
            yield SourceProblem("line_too_long", where, {"line": number})
            continue
        row = line.split("\t")
        if len(row) > width and not any(row[width:]):
            del row[width:]
        if len(row) == width:
            yield from _items(plan, row, where)
        elif line.strip():
            yield SourceProblem("line_ragged", where, {"line": number, "found": len(row), "expected": width})


def _items(plan: Plan, row: list[str], where: Locator) -> Iterator[Item]:
    """The records of one row; a row of blanks gives none."""
    barcode = cell_text(row[plan.donor])
    if not barcode and not any(row):
        return
    parts = parts_of(barcode)
    donor = barcode or None if plan.table.donor == _PATIENT else donor_of(parts)
    spare: list[tuple[int, str]] = []
    made: list[RecordPlan] = []
    for one in plan.records:
        if not one.when or any(row[i] not in ABSENT and row[i] not in REMARKS for i in one.when):
            made.append(one)
        else:
            spare += one.spare
    for one in made:
        yield _record(one, row, donor, parts, where, _extra(plan, row, spare) if one.extra else {})


def _extra(plan: Plan, row: list[str], spare: list[tuple[int, str]]) -> dict[str, str]:
    """What no field took, as written: unmapped columns, and barcodes that disagree with the row's own."""
    extra = {name: row[i] for i, name in plan.leftover if row[i] not in ABSENT}
    for i, name in spare:
        if row[i] not in ABSENT:
            extra[name] = row[i]
    for i, name, whole in plan.same:
        if row[i] not in row[whole] and row[i] not in ABSENT:
            extra[name] = row[i]
    return extra


def _key(plan: RecordPlan, row: list[str], donor: str | None) -> str:
    """The natural key, empty when its first component has no value."""
    parts = [donor if getter is None else getter(row) for getter in plan.key]
    if len(parts) == 1 or not parts[0]:
        return str(parts[0] or "")
    return KEY_SEPARATOR.join([str(part or "").replace(KEY_SEPARATOR, "/") for part in parts])


def _record(
    plan: RecordPlan, row: list[str], donor: str | None, parts: Parts, where: Locator, extra: dict[str, str]
) -> Item:
    key = _key(plan, row, donor)
    if not key:
        return SourceProblem("row_without_key", where, {"line": where.line, "kind": str(plan.kind)})
    fields: dict[str, Value] = dict(plan.constants)
    unreadable: dict[str, str] = {}
    if donor is not None:
        fields["donor_id"] = donor
    if plan.key_field:
        fields[plan.key_field] = key
    fields |= {name: function(parts) for name, function in plan.parts}
    for name, position, memory, marks, column in plan.direct:
        value = memory[row[position]]
        if value is not None:
            fields[name] = value
        elif marks and (text := row[position]) in marks:
            _note(name, marks[text], ((text, column),), fields, unreadable, extra)
    for one in plan.derived:
        made = one.getter(row)
        if made is None or isinstance(made, Mark):
            _note(one.field, made, [(row[i], column) for i, column in one.cells], fields, unreadable, extra)
        else:
            fields[one.field] = made
    return Record(plan.kind, key, donor, fields, where, unreadable, extra)


def _note(
    name: str,
    mark: Mark | None,
    cells: Iterable[tuple[str, str]],
    fields: dict[str, Value],
    unreadable: dict[str, str],
    extra: dict[str, str],
) -> None:
    """A field without a value: keep what could not be read, or the source's remark on why there is none."""
    if mark is UNREADABLE:
        fields[name] = None
        unreadable[name] = " ".join(text for text, _ in cells if text not in ABSENT)
    else:
        extra.update({column: text for text, column in cells if text in REMARKS})
