"""What concept numbers stand for, from the CONCEPT table beside the facts: only the concepts that are referred to.

A full vocabulary has more than six million concepts; one table of facts refers to some thousands of them. The facts
are read once for the numbers they name, then the vocabulary once for those numbers, so that memory grows with the
concepts in use and not with the vocabulary.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from hilum.formats.omop_rows import Table, silent

_COLUMNS = ("concept_id", "concept_name", "vocabulary_id", "concept_code")
_MOST = 2_000_000
"""Concepts one table may refer to; more than that are not looked up but kept as numbers."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One concept: its name, its vocabulary (``LOINC``, ``SNOMED``, ``UCUM`` …) and its code there."""

    name: str
    vocabulary: str
    code: str


Concepts = Mapping[str, Concept]
"""Concept number as text -> concept."""


def referred(table: Table, columns: Collection[str]) -> set[str]:
    """The concept numbers that stand in ``columns`` of ``table``, 0 and blanks left out."""
    indices = [index for index, name in enumerate(table.header) if name in columns]
    found: set[str] = set()
    for _, cells in table.rows(silent):
        for index in indices:
            found.add(cells[index])
        if len(found) > _MOST:
            break
    return found - {"", "0"}


def load(path: Path, wanted: Collection[str]) -> dict[str, Concept]:
    """The ``wanted`` concepts of the CONCEPT table at ``path``; those it lacks are left out."""
    table = Table(path)
    if not set(_COLUMNS) <= set(table.header) or not wanted:
        return {}
    number, name, vocabulary, code = (table.header.index(one) for one in _COLUMNS)
    rows = table.of(wanted) if number == 0 else (cells for _, cells in table.rows(silent) if cells[number] in wanted)
    return {
        cells[number]: Concept(cells[name].strip(), cells[vocabulary].strip(), cells[code].strip()) for cells in rows
    }
