"""Where the entries of a data set stand in an OMOP export: its rows carry numbers instead of the sources' keys."""

import csv
from pathlib import Path

from hilum.formats.omop_ids import Numbers
from hilum.gatebench.asked import Asker
from hilum.gatebench.entry import Entry, Life
from hilum.gatebench.tables import Place, Places
from hilum.model.record import Kind

_TABLES = {
    Kind.DONOR: ("PERSON", "person_id"),
    Kind.ENCOUNTER: ("VISIT_OCCURRENCE", "visit_occurrence_id"),
    Kind.CONDITION: ("CONDITION_OCCURRENCE", "condition_occurrence_id"),
    Kind.OBSERVATION: ("MEASUREMENT", "measurement_id"),
    Kind.SPECIMEN: ("SPECIMEN", "specimen_id"),
}
"""Kind -> the table its facts are exported to, and that table's key."""
TABLES = ("donors", "encounters", "diagnoses", "tubes", "results")
"""What is exported; aliquots and extracts are the biobank's own, and their story has no place in OMOP."""


def places(life: Life, data: Path, asker: Asker) -> Places:
    """Entry number -> file and line. Entries the export left out (a fact without a date, say) have no place."""
    found: Places = {}
    lines = {kind: _lines(data / f"{table}.csv", key) for kind, (table, key) in _TABLES.items()}
    for kind, (table, _) in _TABLES.items():
        with Numbers() as numbers:
            for entry in life.everything():
                if entry.table in TABLES and entry.kind is kind and not entry.again:
                    line = lines[kind].get(numbers.of(_called(entry, asker)))
                    if line is not None:
                        found[entry.number] = Place(f"{table}.csv", line)
    return found


def _called(entry: Entry, asker: Asker) -> str:
    """What the export mints the number of a fact from."""
    record = asker.records(entry)[0]
    return record.donor or "" if record.kind is Kind.DONOR else f"{record.kind}|{record.key}"


def _lines(path: Path, key: str) -> dict[int, int]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        return {int(row[key]): reader.line_num for row in reader}
