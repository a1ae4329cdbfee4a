"""Which facts a format can carry. What it cannot comes beside it as CSV, as it does in hospitals.

A laboratory's interface sends messages and no consents; a biobank that lives on HL7 or OMOP keeps those in a register
of its own. So every data set is whole: the tables a format has no place for are written as CSV files, and only defects
in fields that the format itself loses are marked as not expressible there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hilum.gatebench import epcis_writer, hl7_writer
from hilum.gatebench.asked import Asker, is_text
from hilum.gatebench.entry import TABLES, Entry

ANY = frozenset({"*"})
Fields = Mapping[str, frozenset[str]]

_OMOP: Fields = {
    "donors": frozenset({"donor_id", "sex", "birth_on", "ethnicity"}),
    "encounters": frozenset({"encounter_id", "donor_id", "class", "started_at", "ended_at"}),
    "diagnoses": frozenset({"donor_id", "diagnosed_on"}),
    "tubes": frozenset({"specimen_id", "donor_id", "specimen_type", "collected_at", "volume_ul"}),
    "results": frozenset({"donor_id", "analyte", "value", "unit", "reference_low", "reference_high", "observed_at"}),
}
"""The columns of PERSON, VISIT_OCCURRENCE, CONDITION_OCCURRENCE, SPECIMEN and MEASUREMENT that these fields have. An
ICD-10 code stands there as a source value, which without the vocabulary's tables is a word and no code."""
_FHIR_KEPT_BESIDE = ("manifest",)
"""A trip is no resource of FHIR R4."""
_FHIR: Fields = {name: ANY for name in TABLES if name not in _FHIR_KEPT_BESIDE}
_MIABIS: Fields = {
    "donors": frozenset({"donor_id", "sex"}),
    "diagnoses": frozenset({"condition_id", "donor_id", "diagnosed_on"}),
    "tubes": frozenset({"specimen_id", "donor_id", "specimen_type", "collected_at"}),
    "extracts": frozenset({"specimen_id", "parent_id", "donor_id", "specimen_type", "created_on"}),
    "custody": frozenset({"custody_id", "specimen_id", "action", "happened_at"}),
}
"""The attributes of MIABIS Sample donor, Sample and Event that hold these fields exactly: a temperature becomes a band
there, and code and words of a diagnosis one text. Tissue and aliquots stay beside: the hospitals' procedures ask when
they were fixed, spun and frozen, and MIABIS has no attribute for that."""
_APART: Mapping[str, Mapping[str, frozenset[str]]] = {"miabis": {"custody": frozenset({"移交"})}}
"""Format -> table -> actions that stay beside: a hand-over without its parties, which MIABIS does not have, is none."""
TYPED: Mapping[str, Fields] = {"fhir": _FHIR, "omop": _OMOP, "miabis": _MIABIS}
"""Formats written from typed facts: a text that cannot be read as its field's type has no place in them."""
_AS_WRITTEN: Mapping[str, Fields] = {"hl7": hl7_writer.CARRIED, "epcis": epcis_writer.CARRIED}


@dataclass(frozen=True, slots=True)
class Form:
    """A format: what it carries of which table, whether values must be typed, and whether a trip's readings are in it
    (else the loggers' files come beside it)."""

    name: str
    carried: Fields
    typed: bool
    asker: Asker

    def holds(self, entry: Entry) -> bool:
        """Whether the entry itself stands in this format (and not beside it)."""
        if entry.cells.get("action") in _APART.get(self.name, {}).get(entry.table, ()):
            return False
        return entry.table in self.carried and not (entry.again and self.name != "epcis")

    def carries(self, entry: Entry, field: str) -> bool:
        """Whether a field of an entry can be told, in this format or beside it; the entry itself always can."""
        if not field or not self.holds(entry):
            return True
        if not self.has_place(entry.table, field):
            return False
        readable = field not in self.asker.records(entry)[0].unreadable and is_text(entry.cells.get(field))
        return not self.typed or readable

    def has_place(self, table: str, field: str) -> bool:
        """Whether a table's field is told at all: here, or with its whole table beside."""
        known = self.carried.get(table, ANY)
        return known is ANY or field in known


def form_of(name: str, asker: Asker) -> Form:
    """The format of that name; tables (CSV, XLSX) carry everything and hold nothing beside."""
    return Form(name, TYPED.get(name, {}) or _AS_WRITTEN.get(name, {}), name in TYPED, asker)
