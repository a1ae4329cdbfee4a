"""One phenopacket as records: the subject, biosamples, diseases, measurements and medical actions.

What has no field of ours (phenotypic features, interpretations, files, ages of a kind no field takes) is counted. Our
keys never hold the subject's identifier, which is personal: where a fact has no natural name it is named by its place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hilum.formats import phenopacket_values as values
from hilum.formats.fhir_draft import Draft, Json, every, sub
from hilum.formats.phenopacket_values import Count, words
from hilum.formats.rows import with_own_unit
from hilum.model.record import Kind
from hilum.model.vocabulary import vocabulary
from hilum.terms.synonyms import code_of

_VITAL = {"ALIVE": "alive", "DECEASED": "dead"}
_SEX = {"MALE": "male", "FEMALE": "female", "OTHER_SEX": "other", "UNKNOWN_SEX": "unknown"}
_REFERENCE, _ABNORMAL = "EFO:0009654", "EFO:0009655"
_HUMAN = "NCBITaxon:9606"
_PACKET = frozenset({"id", "subject", "biosamples", "diseases", "measurements", "medicalActions", "metaData"})
_SUBJECT = frozenset({"id", "dateOfBirth", "timeAtLastEncounter", "vitalStatus", "sex", "taxonomy"})
_BIOSAMPLE = frozenset({
    "id", "individualId", "derivedFromId", "sampledTissue", "sampleType", "measurements", "taxonomy",
    "timeOfCollection", "histologicalDiagnosis", "tumorProgression", "tumorGrade", "pathologicalStage",
    "pathologicalTnmFinding", "procedure", "materialSample", "sampleProcessing", "sampleStorage",
})  # fmt: skip
_DISEASE = frozenset({
    "term", "excluded", "onset", "ageOfOnset", "diseaseStage", "clinicalTnmFinding", "primarySite", "laterality",
})  # fmt: skip
_ACTION = frozenset({"procedure", "treatment", "radiationTherapy", "therapeuticRegimen", "responseToTreatment"})
_MOMENTS = {
    Kind.OBSERVATION: ("observation_id", ("analyte", "observed_at")),
    Kind.MEDICATION: ("medication_id", ("drug", "started_on")),
    Kind.PROCEDURE: ("procedure_id", ("type", "started_on")),
    Kind.CONDITION: ("condition_id", ("diagnosis",)),
}
"""What names a fact of a kind beside its donor, and the identifier it gets by its place where that is lacking."""


@dataclass(slots=True)
class Packet:
    """One phenopacket being read: who it is about, where it stands, and who counts what is not used."""

    donor: str | None
    place: str
    count: Count
    made: int = 0

    def named(self, draft: Draft) -> Draft:
        """The draft with its donor, and an identifier where nothing else would tell it from its like."""
        draft.put("donor_id", self.donor)
        self.made += 1
        name, parts = _MOMENTS[draft.kind]
        if any(draft.fields.get(part) is None for part in parts):
            draft.put(name, f"{self.place}#{self.made}")
        return draft

    def rest(self, element: Json, known: frozenset[str], where: str = "") -> None:
        """Count what is not read of ``element``."""
        for name, value in element.items():
            if name not in known and value not in (None, "", [], {}):
                self.count(f"{where}{name}")


def records(packet: Json, place: str, count: Count) -> Iterator[Draft]:
    """The records of one phenopacket; ``place`` names what has no name of its own."""
    subject = sub(packet, "subject")
    told = subject.get("id")
    about = Packet(told if isinstance(told, str) else None, place, count)
    about.rest(packet, _PACKET)
    if subject:
        yield from _subject(subject, about)
    for disease in every(packet, "diseases"):
        yield from _disease(disease, about)
    for measurement in every(packet, "measurements"):
        yield from _measurement(measurement, about, None)
    for sample in every(packet, "biosamples"):
        yield from _biosample(sample, about)
    for action in every(packet, "medicalActions"):
        yield from _action(action, about)


def _subject(subject: Json, about: Packet) -> Iterator[Draft]:
    about.rest(subject, _SUBJECT, "subject ")
    _species(subject, about)
    draft = Draft(Kind.DONOR)
    draft.put("donor_id", about.donor)
    birth = subject.get("dateOfBirth")
    draft.put("birth_on", values.born(birth) if isinstance(birth, str) else birth)
    draft.put("sex", _SEX.get(str(subject.get("sex")), subject.get("sex")))
    vital = sub(subject, "vitalStatus")
    status = _VITAL.get(str(vital.get("status")))
    draft.put("vital_status", status)
    values.put_time(draft, vital.get("timeOfDeath"), "", "died_on", about.count)
    if status == "dead":
        draft.put("death_offset_days", vital.get("survivalTimeInDays"))
    if vital.get("causeOfDeath"):
        about.count("causeOfDeath")
    yield draft
    seen = Draft(Kind.FOLLOW_UP)
    values.put_time(seen, subject.get("timeAtLastEncounter"), "", "form_completed_on", about.count)
    if seen.fields or seen.unreadable:
        seen.put("donor_id", about.donor)
        seen.put("vital_status", status)
        yield seen


def _species(element: Json, about: Packet) -> None:
    if (named := values.code(element.get("taxonomy"))) and named != _HUMAN:
        about.count(f"taxonomy {named}")


def _disease(disease: Json, about: Packet) -> Iterator[Draft]:
    if disease.get("excluded") is True:
        about.count("excluded disease")
        return
    about.rest(disease, _DISEASE, "disease ")
    draft = Draft(Kind.CONDITION)
    values.put_disease(draft, disease.get("term"))
    values.put_time(draft, disease.get("onset") or disease.get("ageOfOnset"), "age_years", "diagnosed_on", about.count)
    values.put_findings(draft, every(disease, "clinicalTnmFinding"), "clinical", about.count)
    stages = every(disease, "diseaseStage")
    for one in stages[:1]:
        draft.put("clinical_stage", values.stage(one))
    for _ in stages[1:]:
        about.count("diseaseStage")
    values.put_site(draft, disease.get("primarySite"))
    draft.put("laterality", words(disease.get("laterality")))
    yield about.named(draft)


def _biosample(sample: Json, about: Packet) -> Iterator[Draft]:
    about.rest(sample, _BIOSAMPLE, "biosample ")
    _species(sample, about)
    owner = sample.get("individualId")
    its = Packet(owner if isinstance(owner, str) and owner else about.donor, about.place, about.count, about.made)
    draft = Draft(Kind.SPECIMEN)
    draft.put("specimen_id", sample.get("id"))
    draft.put("donor_id", its.donor)
    draft.put("parent_id", sample.get("derivedFromId"))
    type_, tissue = sample.get("sampleType"), sample.get("sampledTissue")
    draft.put("specimen_type", values.specimen_type(type_) or words(type_) or values.specimen_type(tissue))
    draft.put("sample_type", words(type_) or words(tissue))
    values.put_time(draft, sample.get("timeOfCollection"), "", "collected_at", about.count)
    values.put_time(draft, sub(sample, "procedure").get("performed"), "", "collected_at", about.count)
    _kept(draft, sample, about)
    yield draft
    yield from _collection(sample, its)
    yield from _pathology(sample, its)
    for measurement in every(sample, "measurements"):
        name = sample.get("id")
        yield from _measurement(measurement, its, name if isinstance(name, str) else None)
    about.made = its.made


def _kept(draft: Draft, sample: Json, about: Packet) -> None:
    """How the sample is processed and stored, where that is one of our codes or a temperature."""
    processed, stored = words(sample.get("sampleProcessing")), words(sample.get("sampleStorage"))
    if processed and (known := code_of("fixation", processed)):
        draft.put("fixation", known)
    elif processed:
        about.count("sampleProcessing")
    if not stored:
        return
    degrees, readable = with_own_unit(vocabulary()[Kind.SPECIMEN]["storage_c"], stored)
    if known := code_of("storage_band", stored):
        draft.put("storage_band", known)
    elif readable:
        draft.put("storage_c", degrees)
    else:
        about.count("sampleStorage")


def _collection(sample: Json, about: Packet) -> Iterator[Draft]:
    draft = Draft(Kind.COLLECTION)
    procedure = sub(sample, "procedure")
    draft.put("method", words(procedure.get("code")))
    draft.first("anatomic_site", [words(procedure.get("bodySite")), words(sample.get("sampledTissue"))])
    draft.put("histology", words(sample.get("histologicalDiagnosis")))
    material = values.code(sample.get("materialSample"))
    if material == _REFERENCE:
        draft.put("category", "normal")
    elif material == _ABNORMAL and (sample.get("tumorProgression") or sample.get("tumorGrade")):
        draft.put("category", "tumor")
    elif sample.get("materialSample"):
        about.count("materialSample")
    if draft.fields:
        draft.put("specimen_id", sample.get("id"))
        draft.put("donor_id", about.donor)
        yield draft


def _pathology(sample: Json, about: Packet) -> Iterator[Draft]:
    """The pathologist's findings on a sample, as a condition named after the sample."""
    told = sample.get("histologicalDiagnosis")
    if values.code(told) == values.NEGATIVE:
        return
    draft = Draft(Kind.CONDITION)
    values.put_findings(draft, every(sample, "pathologicalTnmFinding"), "pathologic", about.count)
    draft.put("pathologic_stage", values.stage(sample.get("pathologicalStage")))
    draft.put("grade", values.grade(sample.get("tumorGrade")))
    progression = sample.get("tumorProgression")
    draft.put("category", values.PROGRESSION.get(values.code(progression)))
    if progression and draft.fields.get("category") is None:
        about.count("tumorProgression")
    if not any(value is not None for value in draft.fields.values()):
        return
    values.put_disease(draft, told)
    draft.put("histology", words(told))
    values.put_time(draft, sample.get("timeOfCollection"), "age_years", "diagnosed_on", about.count)
    name = sample.get("id")
    draft.put("condition_id", f"{name}/pathology" if isinstance(name, str) else None)
    yield about.named(draft)


def _measurement(measurement: Json, about: Packet, specimen: str | None) -> Iterator[Draft]:
    about.rest(measurement, frozenset({"assay", "value", "complexValue", "timeObserved"}), "measurement ")
    told = sub(measurement, "value")
    parts: list[tuple[object, Json]] = [(measurement.get("assay"), told)] if told else []
    for typed in every(sub(measurement, "complexValue"), "typedQuantities"):
        parts.append((typed.get("type"), {"quantity": typed.get("quantity")}))
    for assay, value in parts:
        draft = Draft(Kind.OBSERVATION)
        draft.put("specimen_id", specimen)
        draft.put("analyte", values.analyte(assay))
        _value(draft, value)
        values.put_time(draft, measurement.get("timeObserved"), "", "observed_at", about.count)
        yield about.named(draft)
    if not parts:
        about.count("measurement without a value")


def _value(draft: Draft, value: Json) -> None:
    quantity = sub(value, "quantity")
    draft.put("value", quantity.get("value"))
    draft.put("unit", values.unit(quantity.get("unit")))
    limits = sub(quantity, "referenceRange")
    draft.put("reference_low", limits.get("low"))
    draft.put("reference_high", limits.get("high"))
    draft.put("value_text", words(value.get("ontologyClass")))


def _action(action: Json, about: Packet) -> Iterator[Draft]:
    about.rest(action, _ACTION, "action ")
    makers = (_procedure, _treatment, _radiation, _regimen)
    for name, make in zip(("procedure", "treatment", "radiationTherapy", "therapeuticRegimen"), makers, strict=True):
        told = sub(action, name)
        for draft in make(told, about) if told else ():
            draft.put("response", words(action.get("responseToTreatment")))
            yield about.named(draft)


def _procedure(told: Json, about: Packet) -> Iterator[Draft]:
    draft = Draft(Kind.PROCEDURE)
    draft.put("type", words(told.get("code")))
    draft.put("anatomic_site", words(told.get("bodySite")))
    values.put_time(draft, told.get("performed"), "", "started_on", about.count)
    yield draft


def _treatment(told: Json, about: Packet) -> Iterator[Draft]:
    """A medication for each interval of dosing, since each has its own dose and begins on its own day."""
    about.rest(told, frozenset({"agent", "routeOfAdministration", "doseIntervals", "cumulativeDose"}), "treatment ")
    for interval in every(told, "doseIntervals") or [{}]:
        draft = Draft(Kind.MEDICATION)
        draft.put("drug", words(told.get("agent")))
        draft.put("route", words(told.get("routeOfAdministration")))
        _dose(draft, "dose", sub(interval, "quantity"))
        _dose(draft, "total_dose", sub(told, "cumulativeDose"))
        span = sub(interval, "interval")
        draft.put("started_on", span.get("start"))
        draft.put("ended_on", span.get("end"))
        if interval.get("scheduleFrequency"):
            about.count("scheduleFrequency")
        yield draft


def _dose(draft: Draft, name: str, quantity: Mapping[str, object]) -> None:
    draft.put(name, quantity.get("value"))
    draft.put(f"{name}_unit", values.unit(quantity.get("unit")))


def _radiation(told: Json, about: Packet) -> Iterator[Draft]:
    """Radiotherapy; the schema counts its dose in gray."""
    draft = Draft(Kind.PROCEDURE)
    draft.put("category", "radiation")
    draft.put("type", words(told.get("modality")))
    draft.put("anatomic_site", words(told.get("bodySite")))
    draft.put("dose", told.get("dosage"))
    draft.put("dose_unit", "Gy" if told.get("dosage") is not None else None)
    draft.put("fractions", told.get("fractions"))
    yield draft


def _regimen(told: Json, about: Packet) -> Iterator[Draft]:
    draft = Draft(Kind.MEDICATION)
    outside = sub(told, "externalReference")
    draft.first("therapy", [words(told.get("ontologyClass")), outside.get("description"), outside.get("id")])
    values.put_time(draft, told.get("startTime"), "", "started_on", about.count)
    values.put_time(draft, told.get("endTime"), "", "ended_on", about.count)
    status = told.get("regimenStatus")
    if status in ("STARTED", "COMPLETED", "DISCONTINUED"):
        draft.put("ongoing", status == "STARTED")
    yield draft
