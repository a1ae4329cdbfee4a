"""Which facts a format can carry. What it cannot comes beside it as CSV, as it does in hospitals.

A laboratory's interface sends messages and no consents; a biobank that lives on HL7 or OMOP keeps those in a register
of its own. So every data set is whole: the tables a format has no place for are written as CSV files, and only defects
in fields that the format itself loses are marked as not expressible there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from hilum.gatebench import epcis_writer, hl7_writer
from hilum.gatebench.asked import Asker
from hilum.gatebench.entry import TABLES, Entry

ANY = frozenset({"*"})
Fields = Mapping[str, frozenset[str]]

_OMOP: Fields = {
    "donors": frozenset({"donor_id", "sex", "birth_on", "ethnicity"}),
    "encounters": frozenset({"encounter_id", "donor_id", "class", "started_at", "ended_at"}),
    "diagnoses": frozenset({"donor_id", "icd10", "diagnosed_on"}),
    "tubes": frozenset({"specimen_id", "donor_id", "specimen_type", "collected_at", "volume_ul"}),
    "results": frozenset({"donor_id", "analyte", "value", "unit", "reference_low", "reference_high", "observed_at"}),
}
"""The columns of PERSON, VISIT_OCCURRENCE, CONDITION_OCCURRENCE, SPECIMEN and MEASUREMENT that these fields have."""
_FHIR_KEPT_BESIDE = ("manifest",)
"""A trip is no resource of FHIR R4."""
_FHIR: Fields = {name: ANY for name in TABLES if name not in _FHIR_KEPT_BESIDE}
TYPED: Mapping[str, Fields] = {"fhir": _FHIR, "omop": _OMOP}
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
        return entry.table in self.carried and not (entry.again and self.name != "epcis")

    def carries(self, entry: Entry, field: str) -> bool:
        """Whether a field of an entry can be told, in this format or beside it; the entry itself always can."""
        if not field or not self.holds(entry):
            return True
        known = self.carried[entry.table]
        if known is not ANY and field not in known:
            return False
        return not self.typed or field not in self.asker.records(entry)[0].unreadable


def form_of(name: str, asker: Asker) -> Form:
    """The format of that name; tables (CSV, XLSX) carry everything and hold nothing beside."""
    return Form(name, TYPED.get(name, {}) or _AS_WRITTEN.get(name, {}), name in TYPED, asker)
