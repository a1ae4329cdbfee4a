"""What the bank holds as OMOP CDM 5.4 tables in CSV files.

Persons are the donors whose year of birth is known, since OMOP lets nobody in without one; a fact needs its person and
the whole date its table asks for. What has no place is counted by kind. Instants are written in China Standard Time,
the time the reader takes them for; texts are cut at the lengths the model allows.
"""

import csv
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from hilum.formats.export import About, Exported, Facts, Written
from hilum.formats.omop_columns import CDM_VERSION, COLUMNS, EHR, ETHNICITY, GENDER
from hilum.formats.omop_facts import MAKERS, Day, Made, death_of, whole_day
from hilum.formats.omop_ids import Numbers
from hilum.model.record import Kind, Value

Cell = str | int | float | None
_FACTS = (
    Kind.ENCOUNTER,
    Kind.CONDITION,
    Kind.MEDICATION,
    Kind.PROCEDURE,
    Kind.OBSERVATION,
    Kind.FOLLOW_UP,
    Kind.SPECIMEN,
)
_SHORT, _LONG = 50, 60


def write(facts: Facts, folder: Path, about: About) -> Written:
    """Write the tables into ``folder``; memory grows with donors and collections only."""
    with ExitStack() as stack:
        export = _Export(facts, folder, about, stack)
        export.persons()
        export.facts()
        export.rest()
        return export.written


@dataclass(slots=True)
class _Span:
    first: str
    last: str


@dataclass(slots=True)
class _Person:
    """A donor's number, and the days between which something is known."""

    number: int
    span: _Span | None = None
    indexed: str | None = None
    dead: bool = False


@dataclass(slots=True)
class _Table:
    """A CSV file being written, and the numbers of its rows."""

    name: str
    path: Path
    put: Callable[[list[Cell]], object]
    numbers: Numbers
    rows: int = 0
    columns: tuple[str, ...] = field(default_factory=tuple)

    def row(self, cells: Mapping[str, Cell]) -> None:
        self.put([_cut(name, cells.get(name)) for name in self.columns])
        self.rows += 1


def _cut(name: str, cell: Cell) -> Cell:
    """A text at the length of its column in the model's DDL, on one line."""
    if not isinstance(cell, str):
        return cell
    limit = {"value_as_string": _LONG, "cdm_source_abbreviation": 25, "cdm_source_name": 255, "cdm_holder": 255}
    return " ".join(cell.split())[: limit.get(name, _SHORT)] if not name.endswith("_date") else cell


class _Export:
    def __init__(self, facts: Facts, folder: Path, about: About, stack: ExitStack) -> None:
        self._facts, self._about = facts, about
        self.written = Written()
        self._people: dict[str, _Person] = {}
        self._tables = {name: _opened(name, folder, stack) for name in COLUMNS}

    def persons(self) -> None:
        """PERSON, and whom the other tables may speak of."""
        indexed = self._indexed()
        table = self._tables["person"]
        for fact in self._facts(Kind.DONOR):
            year = _year(fact.fields) or indexed.get(fact.donor or "", (None, None))[1]
            if fact.donor is None or year is None or fact.donor in self._people:
                self._leave(fact.kind)
                continue
            number = table.numbers.of(fact.donor)
            self._people[fact.donor] = _Person(number, indexed=indexed.get(fact.donor, (None, None))[0])
            table.row({"person_id": number} | _person(fact, year))

    def _indexed(self) -> dict[str, tuple[str | None, int | None]]:
        """Donor -> the day of the primary diagnosis, and the year of birth by the age then."""
        found: dict[str, tuple[str | None, int | None]] = {}
        for fact in self._facts(Kind.CONDITION):
            if fact.donor is not None and (fact.donor not in found or fact.fields.get("category") == "primary"):
                day = whole_day(fact.fields.get("diagnosed_on"))
                found[fact.donor] = (day, _year(fact.fields))
        return found

    def facts(self) -> None:
        """The tables of what happened."""
        sites = self._sites()
        for kind in _FACTS:
            for fact in self._facts(kind):
                person = self._people.get(fact.donor or "")
                made = list(MAKERS[kind](fact, sites, self._about.made_at[:10])) if person else []
                if kind is Kind.FOLLOW_UP and person is not None:
                    made += self._death(fact, person)
                if person is None or not made:
                    self._leave(kind)
                    continue
                for one in made:
                    self._put(one, fact, person)

    def _put(self, made: Made, fact: Exported, person: _Person) -> None:
        table = self._tables[made.table]
        key = f"{table.name}_id"
        numbered: dict[str, Cell] = {} if made.table == "death" else {key: table.numbers.of(f"{fact.kind}|{fact.key}")}
        table.row(made.cells | numbered | {"person_id": person.number})
        for day in made.days:
            _widen(person, day)

    def _death(self, fact: Exported, person: _Person) -> list[Made]:
        """One row of DEATH a person: from OMOP's own date, or the days from a known diagnosis."""
        found = death_of(fact, person.indexed)
        if found is None or person.dead:
            return []
        person.dead = True
        return [found]

    def _sites(self) -> dict[str, tuple[Value, Value]]:
        """Specimen -> where it was taken and from what tissue."""
        found: dict[str, tuple[Value, Value]] = {}
        for fact in self._facts(Kind.COLLECTION):
            specimen = fact.fields.get("specimen_id")
            if isinstance(specimen, str):
                found[specimen] = (fact.fields.get("anatomic_site"), fact.fields.get("category"))
            else:
                self._leave(fact.kind)
        return found

    def rest(self) -> None:
        """Observation periods, the source, and how many facts of the other kinds have no table."""
        periods = self._tables["observation_period"]
        for donor, person in self._people.items():
            if person.span is not None:
                cells: dict[str, Cell] = {"observation_period_id": periods.numbers.of(donor)}
                cells |= {"person_id": person.number, "period_type_concept_id": EHR}
                cells["observation_period_start_date"] = person.span.first
                cells["observation_period_end_date"] = person.span.last
                periods.row(cells)
        self._tables["cdm_source"].row(_source(self._about))
        for kind in Kind:
            if kind not in (*_FACTS, Kind.DONOR, Kind.COLLECTION):
                for _ in self._facts(kind):
                    self._leave(kind)
        for table in self._tables.values():
            self.written.files.append(table.path)
            self.written.counts[table.name.upper()] = table.rows

    def _leave(self, kind: Kind) -> None:
        self.written.left_out[kind.value] = self.written.left_out.get(kind.value, 0) + 1


def _opened(name: str, folder: Path, stack: ExitStack) -> _Table:
    path = folder / f"{name.upper()}.csv"
    file = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS[name])
    return _Table(name, path, writer.writerow, stack.enter_context(Numbers()), columns=COLUMNS[name])


def _year(fields: Mapping[str, Value]) -> int | None:
    """The year of birth: as exported, else of the year of diagnosis and the age then (which may be a year off)."""
    born, age = fields.get("birth_on"), fields.get("age_years")
    if isinstance(born, str):
        return int(born[:4])
    diagnosed = fields.get("diagnosis_year") or str(fields.get("diagnosed_on") or "")[:4]
    if isinstance(age, int | float) and 0 <= age < 130 and str(diagnosed).isdecimal():
        return int(diagnosed) - int(age)
    return None


def _person(fact: Exported, year: int) -> dict[str, Cell]:
    fields = fact.fields
    born = str(fields.get("birth_on") or "")
    sex, race, ethnicity = (str(fields.get(name) or "") for name in ("sex", "race", "ethnicity"))
    return {
        "year_of_birth": year,
        "month_of_birth": int(born[5:7]) if born[5:7] else None,
        "day_of_birth": int(born[8:10]) if born[8:10] else None,
        "gender_concept_id": GENDER.get(sex, 0),
        "race_concept_id": 0,
        "ethnicity_concept_id": ETHNICITY.get(ethnicity.lower(), 0),
        "person_source_value": fact.donor,
        "gender_source_value": sex or None,
        "race_source_value": race or None,
        "ethnicity_source_value": ethnicity or None,
    }


def _widen(person: _Person, day: Day) -> None:
    if person.span is None:
        person.span = _Span(day, day)
    else:
        person.span.first = min(person.span.first, day)
        person.span.last = max(person.span.last, day)


def _source(about: About) -> dict[str, Cell]:
    made = about.made_at[:10]
    return {
        "cdm_source_name": about.bank or "Hilum",
        "cdm_source_abbreviation": about.bank or "Hilum",
        "cdm_holder": about.bank or "Hilum",
        "source_release_date": made,
        "cdm_release_date": made,
        "cdm_version": "5.4",
        "cdm_version_concept_id": CDM_VERSION,
        "vocabulary_version": "none",
    }
