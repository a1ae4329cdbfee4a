"""FHIR's clinical resources as records, R4 with the R5 names of the same things beside them."""

import re
from collections.abc import Callable, Iterator, Mapping

from hilum.formats import fhir_codes as codes
from hilum.formats.fhir_draft import Draft, Json, begin, every, sub, unit_of, when
from hilum.formats.fhir_references import References, contained, displays, identifier, kind_of
from hilum.formats.fhir_specimen import custody, extension, specimen
from hilum.formats.values import number, plain
from hilum.model.record import Kind
from hilum.terms.synonyms import code_of
from hilum.terms.units import conversion

_CENSORED = re.compile(r"(<=|>=|≤|≥|<|>)\s*([\d.]+)")
_RANGE = re.compile(r"([\d.]+)\s*[~\-–—]\s*([\d.]+)")
_NATIONAL = frozenset({"NI", "NNCHN"})
_CHINESE_NUMBER = re.compile(r"\d{17}[\dXx]", re.ASCII)
_ONGOING = {"active": True, "in-progress": True, "completed": False, "stopped": False}
_CONSENT = {"active": "consented", "inactive": "withdrawn", "rejected": "refused", "not-done": "refused"}


def patient(resource: Json, refs: References) -> Iterator[Draft]:
    """A donor."""
    draft = begin(Kind.DONOR, resource)
    draft.put("donor_id", identifier(resource))
    draft.first("name", (_full_name(one) for one in every(resource, "name")))
    for one in every(resource, "identifier"):
        kinds = {code for _, code, _ in codes.codings(sub(one, "type"))}
        value = one.get("value")
        if not _NATIONAL.isdisjoint(kinds) or (isinstance(value, str) and _CHINESE_NUMBER.fullmatch(value)):
            draft.put("national_id", value)
    draft.first(
        "phone", (one.get("value") for one in every(resource, "telecom") if one.get("system") in ("phone", "sms"))
    )
    draft.put("birth_on", resource.get("birthDate"))
    draft.put("sex", resource.get("gender"))
    for field, url in (("race", "us-core-race"), ("ethnicity", "us-core-ethnicity")):
        draft.put(field, extension(extension(resource, url), "text").get("valueString"))
    dead = resource.get("deceasedDateTime") or resource.get("deceasedBoolean")
    if dead is not None or "deceasedBoolean" in resource:
        draft.put("vital_status", "dead" if dead else "alive")
    keeper = sub(resource, "managingOrganization")
    draft.first("site", [*displays([keeper]), refs.name(keeper, resource) if keeper else None])
    yield draft


def _full_name(name: Json) -> str | None:
    """As written in one piece, else family and given names: together in Chinese, apart elsewhere."""
    told = name.get("text")
    if isinstance(told, str) and told:
        return told
    given = name.get("given")
    parts = [name.get("family"), *(given if isinstance(given, list) else [given])]
    words = [one for one in parts if isinstance(one, str) and one]
    if not words:
        return None
    return "".join(words) if all(not word.isascii() for word in words) else " ".join(words)


def observation(resource: Json, refs: References) -> Iterator[Draft]:
    """One record for the value, one for each component; a panel without a value of its own has components only."""
    parts = every(resource, "component")
    if not parts or any(name.startswith("value") for name in resource):
        yield _result(resource, resource, refs)
    for part in parts:
        yield _result(resource, part, refs)


def _result(resource: Json, part: Json, refs: References) -> Draft:
    draft = begin(Kind.OBSERVATION, part)
    draft.put("observation_id", identifier(resource))
    draft.put("donor_id", refs.name(resource.get("subject"), resource))
    about = [sub(resource, "specimen"), *every(resource, "focus"), sub(resource, "subject")]
    found = [one for one in about[:1] if one] + [one for one in about[1:] if kind_of(one, resource) == "Specimen"]
    draft.first("specimen_id", (refs.name(one, resource) for one in found))
    if kind_of(sub(resource, "subject"), resource) == "Specimen":
        draft.fields["donor_id"] = None
    draft.put("analyte", codes.analyte(part.get("code")))
    _value(draft, part)
    _limits(draft, part)
    draft.put("status", resource.get("status"))
    begun, _ = when(resource, "effective")
    draft.put("observed_at", begun)
    return draft


def _value(draft: Draft, part: Json) -> None:
    quantity = sub(part, "valueQuantity")
    if quantity:
        draft.put("value", quantity.get("value"))
        draft.put("comparator", quantity.get("comparator"))
        draft.put("unit", unit_of(quantity))
        return
    span = sub(part, "valueRange")
    if span:
        draft.put("value_low", sub(span, "low").get("value"))
        draft.put("value_high", sub(span, "high").get("value"))
        draft.put("unit", unit_of(sub(span, "low")) or unit_of(sub(span, "high")))
    elif isinstance(part.get("valueString"), str):
        _written(draft, str(part["valueString"]))
    elif "valueInteger" in part:
        draft.put("value", part["valueInteger"])
    elif "valueRatio" in part:
        ratio = sub(part, "valueRatio")
        draft.put("value_text", f"{sub(ratio, 'numerator').get('value')}:{sub(ratio, 'denominator').get('value')}")
    elif "valueBoolean" in part:
        draft.put("value_text", {True: "true", False: "false"}.get(part["valueBoolean"] is True))
    else:
        draft.put("value_text", codes.text_of(part.get("valueCodeableConcept")))
        for name in ("valueDateTime", "valueTime"):
            draft.put("value_text", part.get(name))
        if any(name in part for name in ("valueSampledData", "valuePeriod", "valueAttachment")):
            draft.unreadable["value"] = next(name for name in part if name.startswith("value"))


def _written(draft: Draft, text: str) -> None:
    """A result somebody typed: a number, a limit, a range, or words."""
    folded = plain(text)
    censored, span = _CENSORED.fullmatch(folded), _RANGE.fullmatch(folded)
    if censored and number(censored[2]) is not None:
        draft.put("comparator", code_of("comparator", censored[1]))
        draft.put("value", number(censored[2]))
    elif span and number(span[1]) is not None and number(span[2]) is not None:
        draft.put("value_low", number(span[1]))
        draft.put("value_high", number(span[2]))
    elif number(folded) is not None:
        draft.put("value", number(folded))
    else:
        draft.put("value_text", text)


def _limits(draft: Draft, part: Json) -> None:
    """Reference limits, in the unit of the value; those in a unit that cannot become it are left out as unreadable."""
    ranges = every(part, "referenceRange")
    unit = draft.fields.get("unit")
    for name, end in (("reference_low", "low"), ("reference_high", "high")):
        limit = sub(ranges[0], end) if ranges else {}
        own, value = unit_of(limit), limit.get("value")
        if own is None or own == unit or not isinstance(unit, str) or not isinstance(value, int | float):
            draft.put(name, value)
            continue
        found = conversion(own, unit, str(draft.fields.get("analyte") or ""))
        if found is None:
            draft.unreadable[name] = f"{value} {own}"
        else:
            draft.put(name, float(f"{value * found[0] + found[1]:.12g}"))


def condition(resource: Json, refs: References) -> Iterator[Draft]:
    """A diagnosis. Diagnosed on: onset, else the day it was recorded."""
    draft = begin(Kind.CONDITION, resource)
    draft.put("condition_id", identifier(resource))
    draft.put("donor_id", refs.name(resource.get("subject"), resource))
    for one in every(resource, "category"):
        draft.put("category", codes.known_code(one, "condition_category", {}))
    for system, code, _ in [
        one for part in ("code", "bodySite") for each in every(resource, part) for one in codes.codings(each)
    ]:
        folded = system.lower()
        if "icd-10" in folded or "2.16.840.1.113883.6.90" in folded or folded[8:] == "2.16.840.1.113883.6.3":
            draft.put("icd10", code)
        elif "icd-o" in folded:
            draft.put("icdo_histology" if "/" in code else "icdo_site", code)
    told = codes.text_of(resource.get("code"))
    draft.put("diagnosis", told if told != draft.fields.get("icd10") else None)
    draft.put("anatomic_site", codes.text_of(sub(resource, "bodySite")))
    for stage in every(resource, "stage"):
        kind = str(codes.text_of(stage.get("type")) or "").lower()
        told = codes.text_of(stage.get("summary"))
        draft.put("pathologic_stage" if "path" in kind or "病理" in kind else "clinical_stage", told)
    begun, _ = when(resource, "onset")
    draft.put("diagnosed_on", begun or resource.get("recordedDate") or resource.get("assertedDate"))
    age = sub(resource, "onsetAge")
    if age:
        draft.measure("age_years", age)
    yield draft


def procedure(resource: Json, refs: References) -> Iterator[Draft]:
    """A procedure; R5 calls when it was ``occurrence``."""
    draft = begin(Kind.PROCEDURE, resource)
    draft.put("procedure_id", identifier(resource))
    draft.put("donor_id", refs.name(resource.get("subject"), resource))
    classes = dict.fromkeys(codes.SURGERY, "surgery") | dict.fromkeys(codes.BIOPSY, "biopsy")
    for one in every(resource, "category"):
        draft.put("category", codes.known_code(one, "procedure_category", classes))
    draft.put("type", codes.text_of(resource.get("code")))
    draft.put("anatomic_site", codes.text_of(sub(resource, "bodySite")))
    _times(draft, resource, ("performed", "occurrence"))
    draft.put("ongoing", _ONGOING.get(str(resource.get("status"))))
    yield draft


def _times(draft: Draft, resource: Json, names: tuple[str, ...]) -> None:
    for name in names:
        begun, ended = when(resource, name)
        draft.put("started_on", begun)
        draft.put("ended_on", ended)


def medication(resource: Json, refs: References) -> Iterator[Draft]:
    """A medication given, ordered or stated."""
    draft = begin(Kind.MEDICATION, resource)
    draft.put("medication_id", identifier(resource))
    draft.put("donor_id", refs.name(resource.get("subject") or resource.get("patient"), resource))
    draft.put("drug", codes.text_of(resource.get("medicationCodeableConcept") or resource.get("medication")))
    named = sub(resource, "medicationReference") or sub(sub(resource, "medication"), "reference")
    held = contained(resource, str(named.get("reference"))) if str(named.get("reference", "")).startswith("#") else None
    draft.first("drug", [codes.text_of(sub(held, "code")) if held else None, *displays([named])])
    draft.put("drug", refs.name(named, resource) if named else None)
    dosage = sub(resource, "dosage") or sub(resource, "dosageInstruction")
    dose = sub(dosage, "dose") or sub(sub(dosage, "doseAndRate"), "doseQuantity")
    draft.put("dose", dose.get("value"))
    draft.put("dose_unit", unit_of(dose))
    draft.put("route", codes.text_of(dosage.get("route")))
    _times(draft, resource, ("effective", "occurrence", "occurence"))
    draft.put("started_on", resource.get("authoredOn"))
    draft.put("ongoing", _ONGOING.get(str(resource.get("status"))))
    yield draft


def encounter(resource: Json, refs: References) -> Iterator[Draft]:
    """A visit; R5 has its class as a list and its time as ``actualPeriod``."""
    draft = begin(Kind.ENCOUNTER, resource)
    draft.put("encounter_id", identifier(resource))
    draft.put("donor_id", refs.name(resource.get("subject") or resource.get("patient"), resource))
    told = sub(resource, "class")
    draft.put("class", codes.known_code(told, "encounter_class", {}) or codes.text_of(told) or resource.get("class"))
    draft.put("status", resource.get("status"))
    period = sub(resource, "period") or sub(resource, "actualPeriod")
    draft.put("started_at", period.get("start"))
    draft.put("ended_at", period.get("end"))
    draft.first(
        "department", [codes.text_of(sub(resource, "serviceType")), *displays([sub(resource, "serviceProvider")])]
    )
    draft.first("reason", (codes.text_of(one) for one in every(resource, "reasonCode")))
    yield draft


def consent(resource: Json, refs: References) -> Iterator[Draft]:
    """A consent: active is given (refused where its provision denies), inactive withdrawn, rejected refused."""
    draft = begin(Kind.CONSENT, resource)
    draft.put("donor_id", refs.name(resource.get("patient") or resource.get("subject"), resource))
    provision = sub(resource, "provision")
    status = resource.get("status")
    denied = provision.get("type") == "deny" and not every(provision, "provision")
    denied = denied or resource.get("decision") == "deny"
    draft.put("status", "refused" if denied and status == "active" else _CONSENT.get(str(status), status))
    draft.first("form", [codes.text_of(sub(resource, "policyRule")), sub(resource, "sourceAttachment").get("title")])
    draft.first("form", [*displays([sub(resource, "sourceReference")]), identifier(resource)])
    draft.first("form_version", [sub(resource, "policy").get("uri"), sub(resource, "policyBasis").get("url")])
    draft.put("scope", "; ".join(dict.fromkeys(_scopes(resource))) or None)
    draft.put("consented_on", resource.get("dateTime") or resource.get("date"))
    draft.put("expires_on", (sub(provision, "period") or sub(resource, "period")).get("end"))
    signer = kind_of(sub(resource, "performer") or sub(resource, "grantor"), resource)
    draft.put("signed_by", {"Patient": "donor", "RelatedPerson": "representative"}.get(signer))
    yield draft


def _scopes(resource: Json) -> Iterator[str]:
    """What is permitted: the codes of the permitting provisions, else their purposes, else the scope of the form."""
    outer = sub(resource, "provision")
    inner = [*every(outer, "provision"), *(every(resource, "provision")[1:])]
    permitted = [one for one in inner if one.get("type") != "deny"] or [outer]
    told = [
        text
        for one in permitted
        for part in ("code", "purpose")
        for concept in every(one, part)
        if (text := codes.text_of(concept))
    ]
    yield from told or [text for text in [codes.text_of(sub(resource, "scope"))] if text]


def report(resource: Json, refs: References) -> Iterator[Draft]:
    """A diagnostic report."""
    draft = begin(Kind.REPORT, resource)
    draft.put("report_id", identifier(resource))
    draft.put("donor_id", refs.name(resource.get("subject"), resource))
    draft.put("specimen_id", refs.name(sub(resource, "specimen"), resource))
    draft.put("category", codes.text_of(sub(resource, "category")))
    draft.put("title", codes.text_of(resource.get("code")))
    draft.put("status", resource.get("status"))
    draft.put("effective_at", when(resource, "effective")[0])
    draft.put("issued_at", resource.get("issued"))
    draft.put("conclusion", resource.get("conclusion"))
    draft.put("results", len(every(resource, "result")))
    yield draft


Maker = Callable[[Json, References], Iterator[Draft]]

MAKERS: Mapping[str, Maker] = {
    "Patient": patient,
    "Specimen": specimen,
    "Observation": observation,
    "Condition": condition,
    "Procedure": procedure,
    "MedicationAdministration": medication,
    "MedicationRequest": medication,
    "MedicationStatement": medication,
    "MedicationOrder": medication,
    "Encounter": encounter,
    "Consent": consent,
    "DiagnosticReport": report,
    "Provenance": custody,
}
"""Resource type -> the records it gives."""
