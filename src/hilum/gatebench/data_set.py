"""A data set on disk: the files a judge gets, and the truth apart from them.

``write`` makes, under a folder::

    README.md       what this is, in Chinese and English
    data/           the files to take in; tables a format has no place for come as CSV beside it
    mappings/       confirmed mappings of the tables (CSV and XLSX)
    procedures/     the hospitals' own procedures, which a judge may use
    truth/          ledger.jsonl and records.jsonl: not for the judge
    about.json      generator version, seed, size, level, format, when the files are handed in, and how much there is
"""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from hilum.clock import stamp
from hilum.errors import BadInputError
from hilum.formats.export import About, Exporter
from hilum.gatebench import epcis_writer, facts, fhir_people, hl7_writer, omop_places, procedures, tables, truth
from hilum.gatebench.asked import Asker, canonical, key_of
from hilum.gatebench.classes import CLASSES
from hilum.gatebench.entry import SPECIMEN_TABLES, Entry, Life
from hilum.gatebench.forms import Form, form_of
from hilum.gatebench.life import received_at
from hilum.gatebench.plan import VERSION, spoilt
from hilum.gatebench.planting import Plant
from hilum.gatebench.tables import Place, Places
from hilum.gatebench.truth import Known, Planted
from hilum.messages import LANGUAGES, text

DATA, TRUTH, ABOUT, README = "data", "truth", "about.json", "README.md"
TABULAR = ("csv", "xlsx")
OWN_FORMATS = (*TABULAR, "hl7", "epcis")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which data set: seed, size, level, format, and classes (none: all)."""

    seed: int
    size: str
    level: str
    form: str = "csv"
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """What was made: folder, what was wanted, the instant (UTC) the files are handed in, how much there is, and the
    version of the generator that made it."""

    folder: Path
    wanted: Wanted
    received_at: str
    donors: int
    specimens: int
    records: int
    plants: int
    expressible: int
    generator: int = VERSION

    @property
    def data(self) -> Path:
        return self.folder / DATA

    @property
    def truth(self) -> Path:
        return self.folder / TRUTH


def write(folder: Path, wanted: Wanted, exporters: Mapping[str, Exporter]) -> Made:
    """Write the data set into ``folder``, which must be empty or absent. ``exporters`` are formats beyond our own.

    Raises :class:`BadInputError` for a folder in use and for a format, size, level or class that is none.
    """
    known = (*OWN_FORMATS, *exporters)
    if wanted.form not in known:
        raise BadInputError("gatebench_format", name=wanted.form, known=", ".join(known))
    if folder.exists() and any(folder.iterdir()):
        raise BadInputError("gatebench_folder", place=str(folder))
    life, plants = spoilt(wanted.seed, wanted.size, wanted.level, wanted.codes)
    for name in (DATA, TRUTH):
        (folder / name).mkdir(parents=True, exist_ok=True)
    procedures.write(folder / procedures.FOLDER)
    asker = Asker()
    form = form_of(wanted.form, asker)
    names = _Names(asker, _written(folder, life, form, exporters))
    planted = _ledger(life, plants, wanted, names, form)
    known_records = _known(life, plants, planted, names, form)
    truth.write(folder / TRUTH, planted, known_records)
    made = Made(
        folder, wanted, stamp(received_at(life)), len(life.entries["donors"]), life.specimens, len(known_records),
        len(planted), sum(one.expressible for one in planted),
    )  # fmt: skip
    _about(made)
    return made


def _written(folder: Path, life: Life, form: Form, exporters: Mapping[str, Exporter]) -> Places:
    """Write the files; answers where the rows of tables stand."""
    data = folder / DATA
    if form.name == "xlsx":
        places = tables.write_workbooks(life, data)
    else:
        _in_its_own_shape(data, life, form, exporters)
        beside = life if form.name != "omop" else _as_numbered(life, data)
        places = tables.write_csv(beside, data, lambda entry: not form.holds(entry))
        if form.name == "omop":
            places |= omop_places.places(life, data, form.asker)
    if form.name != "epcis":
        tables.write_logs(life, data)
    tables.write_mappings(life, folder / tables.MAPPINGS)
    return places


def _in_its_own_shape(data: Path, life: Life, form: Form, exporters: Mapping[str, Exporter]) -> None:
    if form.name == "hl7":
        hl7_writer.write(life, data)
    elif form.name == "epcis":
        epcis_writer.write(life, data)
    elif form.name in exporters:
        about = About("gate-bench", stamp(received_at(life)))
        written = exporters[form.name](facts.facts(life, form.asker, form.holds), data, about)
        for twin in [one for one in written.files if form.name == "miabis" and one.suffix == ".json"]:
            twin.unlink()  # the same rows a second time: taken in, they would all be told twice
        if form.name == "fhir":
            fhir_people.put_in(life, data / "Patient.ndjson")


def _as_numbered(life: Life, data: Path) -> Life:
    """The same entries, donors called by the numbers that OMOP's PERSON gave them: that is how the tables beside an
    OMOP store call them."""
    with (data / "PERSON.csv").open(encoding="utf-8", newline="") as file:
        numbers = {row["person_source_value"]: row["person_id"] for row in csv.DictReader(file)}
    other = Life(life.seed, life.first_day, life.handed_in)
    for entry in life.everything():
        cells = entry.cells | (
            {"donor_id": numbers[entry.cells["donor_id"]]} if entry.cells["donor_id"] in numbers else {}
        )
        other.add(replace(entry, cells=cells))
    return other


@dataclass(frozen=True, slots=True)
class _Names:
    """What records are called: by place where there is one, else by key."""

    asker: Asker
    places: Places

    def of(self, entry: Entry) -> str:
        place: Place | None = self.places.get(entry.number)
        return f"{place.file}:{place.line}" if place else self.key(entry)

    def key(self, entry: Entry) -> str:
        return key_of(self.asker.records(entry)[0])


def _ledger(life: Life, plants: Sequence[Plant], wanted: Wanted, names: _Names, form: Form) -> list[Planted]:
    logs = {log.trip: log for log in life.logs}
    found = []
    for number, plant in enumerate(plants, 1):
        first = plant.group[0]
        kind = first.kind
        fixes = tuple((name, canonical(kind, name, right)) for name, right in plant.fixes)
        in_logs = bool(plant.log) and form.name != "epcis"
        found.append(Planted(
            id=f"P{number:04d}", code=plant.code, level=wanted.level,
            records=tuple(names.of(one) for one in plant.group if one.number >= 0), field=plant.field,
            original=plant.original, planted=plant.planted, fixes=fixes,
            log=tables.log_name(logs[plant.log]) if in_logs else "",
            expressible=_expressible(plant, form, names.places),
        ))  # fmt: skip
    return found


def _expressible(plant: Plant, form: Form, places: Places) -> bool:
    """Whether the cell that was spoilt is told at all, and what contradicts it; a log always is."""
    standing = [one for one in plant.group if one.number >= 0 and _is_told(one, form, places)]
    spoilt = next((one for one in standing if plant.field in one.cells), standing[0] if standing else None)
    if plant.log or spoilt is None:
        return bool(plant.log)
    needs = CLASSES[plant.code].needs
    needed = [name for name in needs if name in spoilt.cells]
    elsewhere = [name.partition(".") for name in needs if "." in name]
    return all(form.carries(spoilt, name) for name in (plant.field, *needed)) and all(
        form.has_place(table, name) for table, _, name in elsewhere
    )


def _is_told(entry: Entry, form: Form, places: Places) -> bool:
    """Whether the entry is anywhere: in OMOP, what an export leaves out has no place."""
    if entry.number in places:
        return True
    return form.name != "omop" and form.holds(entry)


def _known(life: Life, plants: Sequence[Plant], planted: Sequence[Planted], names: _Names, form: Form) -> list[Known]:
    hanging = _hanging(life, plants, planted)
    return [
        Known(names.of(entry), entry.kind.value, names.key(entry), tuple(sorted(hanging(entry))))
        for entry in life.everything()
        if _is_told(entry, form, names.places)
    ]


def _hanging(life: Life, plants: Sequence[Plant], planted: Sequence[Planted]) -> Callable[[Entry], set[str]]:
    """Which plants an entry hangs on: its donor's, its specimen's, or its specimen's ancestors'."""
    donors: dict[str, set[str]] = {}
    specimens: dict[str, set[str]] = {}
    parents = {one.specimen: one.parent for name in SPECIMEN_TABLES for one in life.entries[name]}
    for plant, told in zip(plants, planted, strict=True):
        for entry in plant.group:
            if entry.table in ("donors", "consents"):
                donors.setdefault(entry.donor, set()).add(told.id)
            elif entry.table in SPECIMEN_TABLES:
                specimens.setdefault(entry.specimen, set()).add(told.id)

    def of(entry: Entry) -> set[str]:
        found = set(donors.get(entry.donor, ()))
        name = entry.specimen
        while name:
            found |= specimens.get(name, set())
            name = parents.get(name, "")
        return found

    return of


def _about(made: Made) -> None:
    content = asdict(made) | {"folder": "", "classes": sorted(CLASSES)}
    del content["folder"]
    (made.folder / ABOUT).write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    facts_of = asdict(made.wanted) | {
        "donors": made.donors, "specimens": made.specimens, "records": made.records, "plants": made.plants,
        "received_at": made.received_at, "generator": made.generator,
    }  # fmt: skip
    del facts_of["codes"]
    words = [text("gatebench.readme", language, **facts_of) for language in LANGUAGES]
    (made.folder / README).write_text("\n".join(words), encoding="utf-8")


def read_about(folder: Path) -> Made:
    """What ``about.json`` of a data set says. Raises :class:`BadInputError`."""
    path = folder / ABOUT
    if not path.is_file():
        raise BadInputError("path_missing", place=str(path))
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        del content["classes"]
        wanted = content.pop("wanted")
        wanted = Wanted(**wanted | {"codes": tuple(wanted["codes"])})
        return Made(folder, wanted, **{"generator": 1} | content)
    except (ValueError, TypeError, KeyError) as wrong:
        raise BadInputError("gatebench_ledger", place=str(path), line=0) from wrong
