"""What a benchmark data set is before it is written: entries, each one fact as a hospital would write it down.

Cells are texts by the field names of the vocabulary. Instants stand as ``2026-03-02 08:15`` in China Standard Time and
days as ``2026-03-02``; each hospital's way of writing them is put on when the files are written, so that a text that is
not of this form (a planted one) stays as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from hilum.model.record import Kind

Cells = dict[str, str]

TABLES: dict[str, Kind] = {
    "donors": Kind.DONOR,
    "consents": Kind.CONSENT,
    "encounters": Kind.ENCOUNTER,
    "diagnoses": Kind.CONDITION,
    "tubes": Kind.SPECIMEN,
    "tissues": Kind.SPECIMEN,
    "aliquots": Kind.SPECIMEN,
    "extracts": Kind.SPECIMEN,
    "steps": Kind.PREPARATION,
    "results": Kind.OBSERVATION,
    "manifest": Kind.TRANSPORT,
    "custody": Kind.CUSTODY,
    "requests": Kind.CUSTODY,
    "storage": Kind.STORAGE,
}
"""Table -> kind of its rows, in the order in which the files of a hospital are read: parents come first."""
SPECIMEN_TABLES = ("tubes", "tissues", "aliquots", "extracts")


@dataclass(slots=True, eq=False)
class Entry:
    """One row to be. ``site`` is the hospital (0-based); ``donor``, ``specimen``, ``parent`` and ``trip`` say what it
    truly belongs to, whatever its cells come to say after a defect was planted; ``again`` counts re-sent rows."""

    table: str
    site: int
    cells: Cells
    donor: str = ""
    specimen: str = ""
    parent: str = ""
    trip: str = ""
    again: int = 0
    number: int = -1
    """Position in the order of writing; set when all entries stand."""

    @property
    def kind(self) -> Kind:
        return TABLES[self.table]


@dataclass(slots=True, eq=False)
class Log:
    """One temperature logger's export: what it says of itself, and its readings (local time, text)."""

    trip: str
    site: int
    serial: str
    every: timedelta
    readings: list[tuple[datetime, str]] = field(default_factory=list)
    limits: tuple[str, str] = ("2", "8")
    unit: str = "℃"
    written: bool = True


@dataclass(frozen=True, slots=True)
class Trip:
    """A box on its way from a hospital to the biobank. Local clock times."""

    id: str
    site: int
    logger: str
    dispatched: datetime
    received: datetime
    packed_by: str
    received_by: str


@dataclass(slots=True)
class Life:
    """Everything of one data set: entries in their tables' order, logs and trips, and when the files are handed in."""

    seed: int
    first_day: date
    handed_in: datetime
    entries: dict[str, list[Entry]] = field(default_factory=lambda: {name: [] for name in TABLES})
    logs: list[Log] = field(default_factory=list)
    trips: dict[str, Trip] = field(default_factory=dict)

    def add(self, entry: Entry) -> Entry:
        self.entries[entry.table].append(entry)
        return entry

    def everything(self) -> Iterator[Entry]:
        """All entries, table after table."""
        for rows in self.entries.values():
            yield from rows

    @property
    def specimens(self) -> int:
        return sum(len(self.entries[name]) for name in SPECIMEN_TABLES)


def clock(at: datetime) -> str:
    """An instant as cells hold it."""
    return at.strftime("%Y-%m-%d %H:%M")


def read_clock(text: str) -> datetime:
    """The instant a cell holds. Raises ``ValueError``."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M")  # noqa: DTZ007 - local clock time, its zone is the hospital's
