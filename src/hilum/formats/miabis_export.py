"""Accepted facts as MIABIS Sample, Sample donor and Event: a CSV and a JSON file of each.

Names and code lists are those of the individual-level component V1.1. Donors are pseudonyms, and dates of birth stay
here; an event of a donor is therefore written by age where one is known, and by date elsewhere, never by both. Links
(``Sample donor ID``, ``Parent sample ID``) are added to the attributes, since MIABIS leaves them to the database.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from hilum.formats.export import About, Exported, Facts, Written
from hilum.formats.miabis_names import ELSEWHERE, WRITTEN_BANDS, WRITTEN_TYPES, folded
from hilum.model.record import Kind, Value

Row = dict[str, str]
_SAMPLE = ("Sample ID", "Sample donor ID", "Parent sample ID", "Sample type", "Sample storage temperature",
           "Sample creation date and time", "Anatomical site free text", "Sample source")  # fmt: skip
_DONOR = ("Sample donor ID", "Sex")
_EVENT = ("Event ID", "Sample donor ID", "Sample ID", "Event date and time", "Age at event", "Age at event unit",
          "Event name", "Event description")  # fmt: skip
_SEX = {"male": "Male", "female": "Female", "other": "Undifferentiated"}
_BANDS = (("RT", 15, 30), ("2to10", 2, 10), ("-18to-35", -35, -18), ("-60to-85", -85, -60), ("below-135", -273, -135.1))
_ELSEWHERE = {folded(word): word for word in sorted(ELSEWHERE, reverse=True)}
_EVENTS = (Kind.CONDITION, Kind.CUSTODY)


def write(facts: Facts, folder: Path, about: About) -> Written:
    """``sample``, ``sample_donor`` and ``event`` as ``.csv`` and ``.json`` in ``folder``. Memory grows with the number
    of collections only, whose sites stand in their samples."""
    done = Written()
    sites, lost = _sites(facts)
    with ExitStack() as stack:
        samples = _Table(folder, "sample", _SAMPLE, stack)
        for fact in facts(Kind.SPECIMEN):
            samples.put(_sample(fact, sites.pop(_id(fact), "")))
        donors = _Table(folder, "sample_donor", _DONOR, stack)
        for fact in facts(Kind.DONOR):
            donors.put(
                {"Sample donor ID": fact.donor or fact.key, "Sex": _SEX.get(str(fact.fields.get("sex")), "Unknown")}
            )
        events = _Table(folder, "event", _EVENT, stack)
        for kind in _EVENTS:
            for fact in facts(kind):
                events.put(_event(fact))
        for table in (samples, donors, events):
            table.end()
            done.files += table.files
            done.counts[table.name] = table.rows
    _count_left_out(facts, done, lost + len(sites))
    return done


def _count_left_out(facts: Facts, done: Written, collections: int) -> None:
    for kind in Kind:
        if kind in (Kind.SPECIMEN, Kind.DONOR, *_EVENTS):
            continue
        left = collections if kind is Kind.COLLECTION else sum(1 for _ in facts(kind))
        if left:
            done.left_out[kind.value] = left


def _sites(facts: Facts) -> tuple[dict[str, str], int]:
    """Specimen -> anatomical site, and how many collections have nothing a sample could carry."""
    found: dict[str, str] = {}
    lost = 0
    for fact in facts(Kind.COLLECTION):
        specimen, site = fact.fields.get("specimen_id"), fact.fields.get("anatomic_site")
        if isinstance(specimen, str) and isinstance(site, str):
            lost += specimen in found
            found[specimen] = site
        else:
            lost += 1
    return found, lost


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    text: TextIO


class _Table:
    """One entity being written twice: rows of a CSV file, objects of a JSON array."""

    def __init__(self, folder: Path, name: str, columns: tuple[str, ...], stack: ExitStack) -> None:
        self.name, self.rows, self._columns = name, 0, columns
        self._csv = _opened(folder / f"{name}.csv", stack)
        self._json = _opened(folder / f"{name}.json", stack)
        self._writer = csv.writer(self._csv.text, lineterminator="\n")
        self._writer.writerow(columns)
        self._json.text.write("[")

    @property
    def files(self) -> list[Path]:
        return [self._csv.path, self._json.path]

    def put(self, row: Mapping[str, str]) -> None:
        """A row; attributes without a value are left out of its JSON object."""
        self._writer.writerow([row.get(name, "") for name in self._columns])
        said = {name: row[name] for name in self._columns if row.get(name)}
        self._json.text.write((",\n" if self.rows else "\n") + json.dumps(said, ensure_ascii=False))
        self.rows += 1

    def end(self) -> None:
        """Close the JSON array."""
        self._json.text.write("\n]\n")


def _opened(path: Path, stack: ExitStack) -> _File:
    return _File(path, stack.enter_context(path.open("w", encoding="utf-8", errors="replace", newline="")))


def _id(fact: Exported) -> str:
    found = fact.fields.get("specimen_id")
    return found if isinstance(found, str) else fact.key


def _sample(fact: Exported, site: str) -> Row:
    fields = fact.fields
    return {
        "Sample ID": _id(fact),
        "Sample donor ID": fact.donor or "",
        "Parent sample ID": _said(fields.get("parent_id")),
        "Sample type": _type(fields),
        "Sample storage temperature": _temperature(fields),
        "Sample creation date and time": next(_times(fields), ""),
        "Anatomical site free text": site,
        "Sample source": "Human",
    }


def _times(fields: Mapping[str, Value]) -> Iterator[str]:
    """When the sample came to be in its present form: made of another, it was made when it was made."""
    order = ("created_on", "collected_at") if fields.get("parent_id") is not None else ("collected_at", "created_on")
    return (found for name in order if isinstance(found := fields.get(name), str))


def _type(fields: Mapping[str, Value]) -> str:
    words = _ELSEWHERE.get(folded(_said(fields.get("sample_type"))))
    code = fields.get("specimen_type")
    if code == "Other" and words:
        return words
    return WRITTEN_TYPES.get(str(code), "Other")


def _temperature(fields: Mapping[str, Value]) -> str:
    """The band on record, else the band the temperature on record lies in, else nothing."""
    band, degrees = fields.get("storage_band"), fields.get("storage_c")
    if isinstance(band, str):
        return WRITTEN_BANDS.get(band, "Other")
    if isinstance(degrees, bool) or not isinstance(degrees, int | float):
        return ""
    return next((WRITTEN_BANDS[code] for code, low, high in _BANDS if low <= degrees <= high), "Other")


def _event(fact: Exported) -> Row:
    fields = fact.fields
    row = {"Event ID": fact.key, "Sample donor ID": fact.donor or "", "Sample ID": _said(fields.get("specimen_id"))}
    if fact.kind is Kind.CUSTODY:
        row["Event date and time"] = _said(fields.get("happened_at"))
        row["Event name"] = _said(fields.get("action"))
        row["Event description"] = _said(fields.get("reason"))
        return row
    age = fields.get("age_years")
    if age is not None:
        row |= {"Age at event": _said(age), "Age at event unit": "years"}
    else:
        row["Event date and time"] = _said(fields.get("diagnosed_on"))
    row["Event name"] = _said(fields.get("event_type")) or "Diagnosis"
    row["Event description"] = " ".join(_said(fields[name]) for name in ("icd10", "diagnosis") if fields.get(name))
    return row


def _said(value: Value) -> str:
    if value is None:
        return ""
    return f"{value:.12g}" if isinstance(value, float) else str(value)
