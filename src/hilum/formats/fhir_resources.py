"""One accepted fact as one FHIR R4 resource. What R4 requires and the fact lacks is told as unknown, never made up."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping

from hilum.formats.export import About, Exported
from hilum.formats.fhir_codes import PREFERRED_TYPES, SNOMED, UCUM
from hilum.formats.fhir_draft import OWN as FIELD
from hilum.formats.fhir_draft import UNNAMED
from hilum.formats.values import is_missing, number, plain
from hilum.model.record import Kind, Value
from hilum.model.vocabulary import FieldType, vocabulary
from hilum.terms.units import canonical_unit

Resource = dict[str, object]
TEMPERATURE = (
    "https://www.medizininformatik-initiative.de/fhir/ext/modul-biobank/StructureDefinition/Temperaturbedingungen"
)
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T.*Z")
_VALUES = {FieldType.NUMBER: "valueDecimal", FieldType.INTEGER: "valueInteger", FieldType.BOOLEAN: "valueBoolean"} | {
    FieldType.DATE: "valueDate",
    FieldType.INSTANT: "valueDateTime",
    FieldType.TEXT: "valueString",
    FieldType.CODE: "valueString",
}
_OBSERVATION = {"registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error"}
_REPORT = _OBSERVATION | {"partial", "appended"}
_SPECIMEN = {"available", "unavailable", "unsatisfactory", "entered-in-error"}
_ENCOUNTER = {"planned", "arrived", "triaged", "in-progress", "onleave", "finished", "cancelled", "entered-in-error"}
_CLASS = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_CONSENT = {"consented": "active", "withdrawn": "inactive", "refused": "rejected"}
_ABSENT = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
_STORED = {"coding": [{"system": SNOMED, "code": "1186936003", "display": "Storage of specimen (procedure)"}]}


class _Fields:
    """The fields of one fact, each taken once; what nobody took becomes an extension."""

    def __init__(self, fact: Exported) -> None:
        self.kind = fact.kind
        self._left: dict[str, Value] = {name: value for name, value in fact.fields.items() if value is not None}

    def take(self, name: str) -> Value:
        return self._left.pop(name, None)

    def text(self, name: str) -> str | None:
        found = self._left.get(name)
        return str(self._left.pop(name)) if isinstance(found, str) else None

    def among(self, name: str, allowed: Iterable[str], otherwise: str = "unknown") -> str:
        """The value where R4 allows it; elsewhere ``otherwise``, and the value goes into an extension."""
        found = self._left.get(name)
        return str(self._left.pop(name)) if found in set(allowed) else otherwise

    def rest(self) -> list[Resource]:
        known = vocabulary()[self.kind]
        return [
            {"url": FIELD + name, _VALUES[known[name].type]: value}
            for name, value in self._left.items()
            if name in known and not known[name].personal
        ]


def logical_id(name: str) -> str:
    """``name`` where it may be a FHIR id, else a digest of it."""
    return name if _ID.fullmatch(name) else hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:48]


def _start(type_: str, name: object, fact: Exported) -> Resource:
    if isinstance(name, str):
        return {"resourceType": type_, "id": logical_id(name), "identifier": [{"value": name}]}
    return {"resourceType": type_, "id": UNNAMED + logical_id(fact.record)[:50]}


def _end(resource: Resource, fields: _Fields) -> Resource:
    rest = fields.rest()
    if rest:
        resource["extension"] = rest
    return {name: value for name, value in resource.items() if value not in (None, [], {})}


def _reference(type_: str, name: object) -> Resource | None:
    if not isinstance(name, str):
        return None
    return {"reference": f"{type_}/{logical_id(name)}", "identifier": {"value": name}}


def _donor(fact: Exported) -> Resource:
    return _reference("Patient", fact.donor) or {"display": "unknown"}


def _concept(text: object) -> Resource | None:
    return {"text": text} if isinstance(text, str) else None


def _span(begun: object, ended: object) -> Resource | None:
    found = {name: value for name, value in (("start", begun), ("end", ended)) if value is not None}
    return found or None


def _quantity(value: object, unit: object, comparator: object = None) -> Resource:
    found: Resource = {"value": value}
    if comparator is not None:
        found["comparator"] = comparator
    if isinstance(unit, str):
        found["unit"] = unit
        if canonical_unit(unit) == unit:
            found |= {"system": UCUM, "code": unit}
    return found


def patient(fact: Exported, about: About) -> Resource:
    """Patient under the donor's pseudonym."""
    fields = _Fields(fact)
    resource = _start("Patient", fact.key, fact)
    resource["gender"] = fields.among("sex", ("male", "female", "other"), "")
    vital = fields.take("vital_status")
    if vital in ("alive", "dead"):
        resource["deceasedBoolean"] = vital == "dead"
    return _end({name: value for name, value in resource.items() if value != ""}, fields)


def specimen(fact: Exported, about: About) -> Resource:
    """Specimen; its storage, preparations and collection are put inside by the exporter."""
    fields = _Fields(fact)
    resource = _start("Specimen", fields.take("specimen_id") or fact.key, fact)
    status = fields.among("status", _SPECIMEN, "")
    if status:
        resource["status"] = status
    type_ = fields.text("specimen_type")
    if type_ is not None:
        resource["type"] = _typed(type_)
    resource["subject"] = _reference("Patient", fact.donor)
    resource["receivedTime"] = fields.text("received_at")
    parent = _reference("Specimen", fields.take("parent_id"))
    resource["parent"] = [parent] if parent else None
    collected = fields.text("collected_at")
    if collected is not None:
        resource["collection"] = {"collectedDateTime": collected}
    for name, unit in (("volume_ul", "uL"), ("weight_mg", "mg")):
        measured = fields.take(name)
        if measured is None:
            continue
        if "container" in resource:
            resource.setdefault("extension", [{"url": FIELD + name, "valueDecimal": measured}])
        else:
            resource["container"] = [{"specimenQuantity": _quantity(measured, unit)}]
    held = resource.pop("extension", [])
    done = _end(resource, fields)
    if isinstance(held, list) and held:
        done["extension"] = [*held, *fields.rest()]
    return done


def _typed(type_: str) -> Resource:
    code = PREFERRED_TYPES.get(type_)
    return {"coding": [{"system": SNOMED, "code": code}], "text": type_} if code else {"text": type_}


def observation(fact: Exported, about: About) -> Resource:
    """Observation of one analyte."""
    fields = _Fields(fact)
    resource = _start("Observation", fields.take("observation_id"), fact)
    resource["status"] = fields.among("status", _OBSERVATION)
    resource["code"] = _concept(fields.take("analyte")) or {"text": "unknown"}
    resource["subject"] = _reference("Patient", fact.donor)
    resource["effectiveDateTime"] = fields.text("observed_at")
    resource["specimen"] = _reference("Specimen", fields.take("specimen_id"))
    _put_value(resource, fact.fields, fields)
    unit = fact.fields.get("unit")
    ends = {end: fields.take(f"reference_{end}") for end in ("low", "high")}
    limits = {end: _quantity(value, unit) for end, value in ends.items() if value is not None}
    resource["referenceRange"] = [limits] if limits else None
    return _end(resource, fields)


def _put_value(resource: Resource, told: Mapping[str, Value], fields: _Fields) -> None:
    words = told.get("value_text")
    if told.get("value") is not None:
        resource["valueQuantity"] = _quantity(fields.take("value"), fields.take("unit"), _comparator(fields))
    elif told.get("value_low") is not None or told.get("value_high") is not None:
        ends = {end: fields.take(f"value_{end}") for end in ("low", "high")}
        unit = fields.take("unit")
        resource["valueRange"] = {end: _quantity(value, unit) for end, value in ends.items() if value is not None}
    elif isinstance(words, str) and _is_words(words):
        resource["valueString"] = fields.take("value_text")


def _comparator(fields: _Fields) -> Value:
    found = fields.among("comparator", ("<", "<=", ">", ">="), "")
    return found or None


def _is_words(text: str) -> bool:
    """Whether a reader would take the text for words, and not for a number or for nothing."""
    folded = plain(text)
    return not is_missing(text) and number(folded) is None and not any(letter.isdigit() for letter in folded)


def condition(fact: Exported, about: About) -> Resource:
    """Condition, its ICD-10 code as a coding."""
    fields = _Fields(fact)
    resource = _start("Condition", fields.take("condition_id"), fact)
    icd = fields.text("icd10")
    coding = [{"system": "http://hl7.org/fhir/sid/icd-10", "code": icd}] if icd and " " not in icd else []
    code = (_concept(fields.take("diagnosis")) or {}) | ({"coding": coding} if coding else {})
    resource["code"] = code or None
    resource["subject"] = _donor(fact)
    resource["onsetDateTime"] = fields.text("diagnosed_on")
    return _end(resource, fields)


def procedure(fact: Exported, about: About) -> Resource:
    """Procedure."""
    fields = _Fields(fact)
    resource = _start("Procedure", fields.take("procedure_id"), fact)
    resource["status"] = (
        {True: "in-progress", False: "completed"}.get(fields.take("ongoing") is True)
        if (fact.fields.get("ongoing") is not None)
        else "unknown"
    )
    resource["code"] = _concept(fields.take("type"))
    resource["subject"] = _donor(fact)
    resource["performedPeriod"] = _span(fields.take("started_on"), fields.take("ended_on"))
    return _end(resource, fields)


def medication(fact: Exported, about: About) -> Resource:
    """MedicationStatement: what is known to have been taken or given."""
    fields = _Fields(fact)
    resource = _start("MedicationStatement", fields.take("medication_id"), fact)
    ongoing = fields.take("ongoing")
    resource["status"] = "unknown" if ongoing is None else "active" if ongoing else "completed"
    resource["medicationCodeableConcept"] = _concept(fields.take("drug")) or {"text": "unknown"}
    resource["subject"] = _donor(fact)
    resource["effectivePeriod"] = _span(fields.take("started_on"), fields.take("ended_on"))
    dosage: Resource = {}
    if fact.fields.get("dose") is not None:
        dosage["doseAndRate"] = [{"doseQuantity": _quantity(fields.take("dose"), fields.take("dose_unit"))}]
    route = _concept(fields.take("route"))
    if route:
        dosage["route"] = route
    resource["dosage"] = [dosage] if dosage else None
    return _end(resource, fields)


def encounter(fact: Exported, about: About) -> Resource:
    """Encounter."""
    fields = _Fields(fact)
    resource = _start("Encounter", fields.take("encounter_id"), fact)
    resource["status"] = fields.among("status", _ENCOUNTER)
    class_ = fields.text("class")
    resource["class"] = (
        {"system": _CLASS, "code": class_}
        if class_ and " " not in class_
        else {"display": class_}
        if class_
        else {"extension": [_ABSENT]}
    )
    resource["subject"] = _donor(fact)
    resource["period"] = _span(fields.take("started_at"), fields.take("ended_at"))
    reason = _concept(fields.take("reason"))
    resource["reasonCode"] = [reason] if reason else None
    return _end(resource, fields)


def consent(fact: Exported, about: About) -> Resource:
    """Consent; states R4 does not know (waiver, expired …) stand in an extension beside ``active`` or ``inactive``."""
    fields = _Fields(fact)
    resource = _start("Consent", None, fact)
    status = fact.fields.get("status")
    mapped = _CONSENT.get(str(status))
    if mapped is not None:
        fields.take("status")
    resource["status"] = mapped or ("inactive" if status == "expired" else "active" if status else "proposed")
    resource["scope"] = _concept(fields.take("scope")) or {"text": "unknown"}
    resource["category"] = [{"text": "biobank"}]
    resource["patient"] = _reference("Patient", fact.donor)
    resource["dateTime"] = fields.text("consented_on")
    resource["policyRule"] = _concept(fields.take("form")) or {"text": "unknown"}
    expires = fields.text("expires_on")
    resource["provision"] = {"period": {"end": expires}} if expires else None
    return _end(resource, fields)


def report(fact: Exported, about: About) -> Resource:
    """DiagnosticReport without its conclusion, which may name the patient."""
    fields = _Fields(fact)
    resource = _start("DiagnosticReport", fields.take("report_id"), fact)
    resource["status"] = fields.among("status", _REPORT)
    category = _concept(fields.take("category"))
    resource["category"] = [category] if category else None
    resource["code"] = _concept(fields.take("title")) or {"text": "unknown"}
    resource["subject"] = _reference("Patient", fact.donor)
    resource["effectiveDateTime"] = fields.text("effective_at")
    issued = fact.fields.get("issued_at")
    if isinstance(issued, str) and _INSTANT.fullmatch(issued):
        resource["issued"] = fields.take("issued_at")
    named = _reference("Specimen", fields.take("specimen_id"))
    resource["specimen"] = [named] if named else None
    return _end(resource, fields)


def custody(fact: Exported, about: About) -> Resource:
    """Provenance of a specimen."""
    fields = _Fields(fact)
    resource = _start("Provenance", None, fact)
    named = fields.take("custody_id")
    if isinstance(named, str) and _ID.fullmatch(named):
        resource["id"] = named
    elif isinstance(named, str):
        resource["extension"] = [{"url": FIELD + "custody_id", "valueString": named}]
    resource["target"] = [
        _reference("Specimen", fields.take("specimen_id")) or {"type": "Specimen", "display": "unknown"}
    ]
    happened = fields.text("happened_at")
    resource["occurredDateTime"] = happened
    resource["recorded"] = happened if happened and _INSTANT.fullmatch(happened) else about.made_at
    resource["activity"] = _concept(fields.take("action"))
    resource["agent"] = [{"who": {"display": fields.text("performed_by") or "unknown"}}]
    place = fields.text("location")
    resource["location"] = {"display": place} if place else None
    own = resource.pop("extension", [])
    if happened is None and isinstance(own, list):  # ``recorded`` is the export's own time
        own = [*own, {"url": FIELD + "kind", "valueString": fact.kind.value}]
    done = _end(resource, fields)
    if isinstance(own, list) and own:
        done["extension"] = [*own, *fields.rest()]
    return done


def inner(fact: Exported) -> Resource:
    """A storage, preparation or collection as the piece of a Specimen that tells of it."""
    fields = _Fields(fact)
    fields.take("specimen_id")
    piece: Resource = {}
    extensions: list[Resource] = []
    if fact.kind is Kind.COLLECTION:
        piece = {"method": _concept(fields.take("method")), "bodySite": _concept(fields.take("anatomic_site"))}
    elif fact.kind is Kind.STORAGE:
        degrees = fact.fields.get("storage_c")
        if degrees is not None:
            end = _quantity(degrees, "Cel")
            extensions = [{"url": TEMPERATURE, "valueRange": {"low": end, "high": end}}]
        piece = {"procedure": _STORED, "timeDateTime": fields.text("stored_at")}
    else:
        told = fields.text("protocol")
        piece = {"procedure": {"text": told or "unknown"}}
        piece["timePeriod"] = _span(fields.take("started_at"), fields.take("ended_at"))
    extensions += fields.rest()
    extensions.append({"url": FIELD + "kind", "valueString": fact.kind.value})
    piece["extension"] = extensions
    return {name: value for name, value in piece.items() if value is not None}


INSIDE = (Kind.COLLECTION, Kind.PREPARATION, Kind.STORAGE)
"""Kinds that FHIR keeps inside their Specimen."""

BUILDERS: Mapping[Kind, tuple[str, Callable[[Exported, About], Resource]]] = {
    Kind.DONOR: ("Patient", patient),
    Kind.CONSENT: ("Consent", consent),
    Kind.ENCOUNTER: ("Encounter", encounter),
    Kind.CONDITION: ("Condition", condition),
    Kind.PROCEDURE: ("Procedure", procedure),
    Kind.MEDICATION: ("MedicationStatement", medication),
    Kind.SPECIMEN: ("Specimen", specimen),
    Kind.CUSTODY: ("Provenance", custody),
    Kind.OBSERVATION: ("Observation", observation),
    Kind.REPORT: ("DiagnosticReport", report),
}
"""Kind -> resource type and its builder, donors before what is theirs."""
