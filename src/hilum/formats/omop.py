"""OMOP CDM 5.4 tables as CSV as records.

A table is known by its columns, whatever its file is called. Persons are donors under their ``person_id``. Concepts
are looked up in the CONCEPT table beside the facts; without one their numbers are kept, and that is told.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from hilum.formats.member import Member
from hilum.formats.omop_cells import Draft, is_blank
from hilum.formats.omop_concepts import Concepts, load, referred
from hilum.formats.omop_records import CERTAIN, CONCEPT_COLUMNS, MAKERS, Made
from hilum.formats.omop_rows import Table, header_of
from hilum.formats.omop_tables import REFERENCE, UNREAD, rank_of, table_of
from hilum.formats.table import Notes
from hilum.model.record import Item, Kind, Locator, Record, SourceProblem

PREFIX = "omop."
RANK = 40
_NAMES = ("concept.csv", "concept.tsv", "concept.txt")


def sniff(head: bytes, name: str) -> tuple[str, int] | None:
    """Format and rank of a file that begins with ``head``, or ``None`` when it is something else."""
    wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = head.decode("utf-16" if wide else "utf-8-sig", errors="replace")
    first = next((line for line in text.split("\n", 20)[:20] if line.strip()), "")
    if "_id" not in first.lower():
        return None
    header, _ = header_of(first.rstrip("\r"))
    table = table_of(header)
    return (PREFIX + table, rank_of(table, RANK)) if table else None


def items(member: Member, source: str, skip: int) -> Iterator[Item]:
    """Records and problems of one table, the first ``skip`` left out."""
    return islice(_items(member, source), skip, None)


def _items(member: Member, source: str) -> Iterator[Item]:
    table = member.format.removeprefix(PREFIX)
    if table in REFERENCE:
        return
    reading = _Reading(member, source, table)
    if table in UNREAD:
        yield from reading.count()
    else:
        yield from reading.items()


class _DefaultRow(dict[str, str]):
    """Columns that newer or smaller versions of the model lack are blank."""

    def __missing__(self, key: str) -> str:
        return ""


class _Reading:
    """One table being read: its rows, its concepts, and what is told at the end."""

    def __init__(self, member: Member, source: str, table: str) -> None:
        self._member, self._source, self._name = member, source, table
        self._table = Table(member.path)
        self._notes = Notes(self._at)
        self._waiting: list[SourceProblem] = []

    def _at(self, line: int) -> Locator:
        return Locator(self._source, self._member.place, line)

    def _tell(self, reason: str, line: int) -> None:
        self._waiting += self._notes.note(reason, line, line=line)

    def count(self) -> Iterator[Item]:
        """How many rows there are in a table that has no place here."""
        rows = sum(1 for _ in self._table.rows(self._tell))
        if rows:
            yield SourceProblem("omop_table_not_read", self._at(1), {"table": self._name.upper(), "count": rows})

    def items(self) -> Iterator[Item]:
        concepts, told = self._concepts()
        yield from told
        make = MAKERS[self._name]
        unused = 0
        for line, cells in self._table.rows(self._tell):
            row = _DefaultRow(zip(self._table.header, cells, strict=True))
            if is_blank(row["person_id"]):
                self._tell("omop_person_missing", line)
            made = make(row, Draft(concepts))
            unused += not made
            for one in made:
                yield self._record(one, row["person_id"].strip(), line)
            if self._waiting:
                yield from self._take()
        yield from self._take()
        yield from self._notes.left_out()
        if unused:
            values: dict[str, str | int] = {"table": self._name.upper(), "count": unused}
            yield SourceProblem("omop_rows_not_used", self._at(1), values)

    def _take(self) -> list[SourceProblem]:
        found, self._waiting = self._waiting, []
        return found

    def _record(self, made: Made, person: str, line: int) -> Record:
        kind, key, draft = made
        donor = person or None
        draft.fields["donor_id"] = donor
        if kind is Kind.DONOR and donor is None:
            key = f"{self._source}:{self._member.place}:{line}"
        return Record(kind, key, donor, draft.fields, self._at(line), draft.unreadable)

    def _concepts(self) -> tuple[Concepts, list[SourceProblem]]:
        wanted = referred(self._table, CONCEPT_COLUMNS) - CERTAIN
        path = _vocabulary(self._member.beside)
        if not wanted:
            return {}, []
        table: dict[str, str | int] = {"table": self._name.upper(), "count": len(wanted)}
        if path is None:
            return {}, [SourceProblem("omop_concepts_absent", self._at(1), table)]
        found = load(path, wanted)
        lacking = len(wanted) - len(found)
        if not lacking:
            return found, []
        return found, [SourceProblem("omop_concepts_unknown", self._at(1), table | {"count": lacking})]


def _vocabulary(beside: Mapping[str, Path]) -> Path | None:
    return next((beside[name] for name in _NAMES if name in beside), None)
