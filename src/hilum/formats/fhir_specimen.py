"""A FHIR Specimen (R4, R5 and biobank profiles) and the custody steps told of it, as records.

One Specimen gives a specimen, a collection where method or site is told, for every step of its processing a preparation
or, for a stay in storage, a storage record, and a condition for every diagnosis of its content (MIABIS on FHIR).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from hilum.formats import fhir_codes as codes
from hilum.formats.fhir_draft import NOTHING, OWN, Draft, Json, begin, every, sub, when
from hilum.formats.fhir_references import References, contained, displays, identifier, kind_of
from hilum.formats.fhir_temperature import NOWHERE, Kept, kept
from hilum.formats.json_stream import decoded, encoded
from hilum.formats.miabis_names import type_code
from hilum.formats.miabis_records import diagnosed
from hilum.model.record import Kind
from hilum.terms.units import dimension

_DIAGNOSIS = ("miabis-sample-diagnosis-extension", "/SampleDiagnosis")
_WARMTH = "processing temperature"
_LEVEL = "mii-ex-biobank-ebene"
_NAMES = ("donor_id", "specimen_id")
_NUCLEIC = ("DNA", "RNA", "Protein")
_REMEMBERED = 4_096
_STORED = frozenset({"store"})
_MOMENTS = {"centrifuge": "centrifuged_at", "freeze": "frozen_at", "fix": "fixed_at"}


def specimen(resource: Json, refs: References) -> Iterator[Draft]:
    """The records of one Specimen."""
    draft = begin(Kind.SPECIMEN, resource)
    draft.put_all(
        {
            "specimen_id": identifier(resource),
            "donor_id": refs.name(resource.get("subject"), resource),
            "parent_id": refs.name(sub(resource, "parent"), resource) if "parent" in resource else None,
        }
    )
    _kind(draft, resource)
    collection = sub(resource, "collection")
    draft.put_all(
        {
            "collected_at": when(collection, "collected")[0] if collection else None,
            "received_at": resource.get("receivedTime"),
            "status": resource.get("status"),
        }
    )
    if "collector" in collection:
        collector = sub(collection, "collector")
        draft.first("collected_by", [*displays([collector]), refs.name(collector, resource)])
    _container(draft, resource, collection, refs)
    names = draft.only(_NAMES)
    steps = _steps(draft, resource, names) if "processing" in resource else ()
    yield draft
    if collection:
        yield from _collection(resource, collection, names)
    yield from steps
    if "extension" in resource:
        yield from _diagnoses(resource, names)


def _kind(draft: Draft, resource: Json) -> None:
    told = resource.get("type")
    if told:
        draft.merge(_type_of(encoded(told)))
    if "extension" in resource:
        level = next((code for _, code, _ in codes.codings(extension(resource, _LEVEL).get("valueCoding"))), "")
        draft.put("level", codes.LEVELS.get(level))
        warmth = kept(resource)
        draft.put_all({"storage_c": warmth.degrees, "storage_band": warmth.band})


@lru_cache(maxsize=_REMEMBERED)
def _type_of(raw: bytes) -> Draft:
    """A specimen's type: what of a draft is the same wherever the concept stands."""
    told = decoded(raw)
    words = codes.text_of(told)
    draft = Draft(Kind.SPECIMEN)
    known = codes.known_code(told, "specimen_type", codes.SPECIMEN_TYPES) or _miabis_type(told, words)
    draft.put("specimen_type", known or words)
    draft.put("sample_type", words)
    return draft


def _miabis_type(concept: object, words: str | None) -> str | None:
    """Our code for a type in MIABIS's code or words, where no other coding says more."""
    told = [one for coding in codes.codings(concept) for one in coding[1:]]
    found = [code for one in (*told, words or "") if one and (code := type_code(one))]
    return next((code for code in found if code != "Other"), found[0] if found else None)


def extension(parent: Json, name: str) -> Json:
    """The extension whose URL ends in ``name``."""
    return next((one for one in every(parent, "extension") if str(one.get("url")).endswith(name)), NOTHING)


def _container(draft: Draft, resource: Json, collection: Json, refs: References) -> None:
    held = sub(resource, "container")
    device = sub(held, "device")  # R5
    described = (contained(resource, str(device.get("reference"))) if device else None) or NOTHING
    for concept in (held.get("additiveCodeableConcept"), held.get("type"), described.get("type")):
        if concept:
            one = concept[0] if isinstance(concept, list) else concept
            draft.put("tube", codes.known_code(one, "tube", codes.TUBES))
    if device or "identifier" in held:
        draft.put("barcode_2d", sub(held, "identifier").get("value") or sub(device, "identifier").get("value"))
    if "location" in held:
        place = sub(held, "location")
        draft.first("location", [*displays([place]), refs.name(place, resource) if place else None])
    quantity = sub(held, "specimenQuantity") or sub(collection, "quantity")
    if quantity:
        draft.measure(_measured(quantity, draft), quantity)


def _measured(quantity: Json, draft: Draft) -> str:
    if _is_mass(str(quantity.get("code") or quantity.get("unit") or "")):
        return "amount_ug" if draft.fields.get("specimen_type") in _NUCLEIC else "weight_mg"
    return "volume_ul"


@lru_cache(maxsize=1_024)
def _is_mass(unit: str) -> bool:
    return dimension(unit) == "mass"


def _collection(resource: Json, collection: Json, names: Draft) -> Iterator[Draft]:
    method, site = collection.get("method"), collection.get("bodySite")
    if method is None and site is None and not _own_kind(collection):
        return
    draft = begin(Kind.COLLECTION, collection, names)
    draft.put_all({"method": codes.text_of(method), "anatomic_site": codes.text_of(site)})
    if "condition" in resource:
        disease = sub(resource, "condition")
        draft.put("site_of_disease", codes.text_of(disease) if "concept" in disease else None)
    yield draft


def _diagnoses(resource: Json, names: Draft) -> Iterator[Draft]:
    """The diagnoses of the content, each named after the specimen and itself."""
    sample, donor = names.fields.get("specimen_id"), names.fields.get("donor_id")
    for one in every(resource, "extension"):
        if not str(one.get("url")).endswith(_DIAGNOSIS):
            continue
        told = one.get("valueCodeableConcept") or one.get("valueCoding") or one.get("valueCode")
        for text in list(dict.fromkeys(_diagnosis_codes(told))):
            yield diagnosed(None if sample is None else str(sample), None if donor is None else str(donor), text)


def _diagnosis_codes(told: object) -> Iterator[str]:
    """The ICD-10 codes of a concept; its words where it has none."""
    found = [code for system, code, _ in codes.codings(told) if code and "icd" in system.lower()]
    words = codes.text_of(told)
    yield from found or ([words] if words else [])


@dataclass(frozen=True, slots=True)
class _Done:
    """What a step of processing did, by its concept: our codes, the fields of the specimen that say when, and what of
    a preparation is the same wherever the concept stands."""

    codes: frozenset[str]
    moments: tuple[str, ...]
    prepared: Draft


@lru_cache(maxsize=_REMEMBERED)
def _done(raw: bytes) -> _Done:
    concept = decoded(raw)
    told = list(codes.codings(concept))
    done = {code for _, one, _ in told if (code := codes.STEPS.get(one))}
    if not done and (known := codes.known_code(concept, "process_step", codes.STEPS)):
        done = {known}
    named = [display or code for _, code, display in told if codes.STEPS.get(code) != "store" and (display or code)]
    words = [*named[:1], codes.text_of(concept)]
    moments = [_MOMENTS[one] for one in sorted(done & _MOMENTS.keys())]
    draft = Draft(Kind.PREPARATION)
    draft.first("protocol", words)
    draft.put("step", min(done - _STORED, default=None))
    return _Done(frozenset(done), tuple(moments), draft)


def _steps(draft: Draft, resource: Json, names: Draft) -> list[Draft]:
    made: list[Draft] = []
    last: tuple[str, Kept] = ("", NOWHERE)
    for step in every(resource, "processing"):
        did = _done(encoded(step.get("procedure") or step.get("method")))  # R4, R5
        done = did.codes or (_STORED if _only_kept(step) else did.codes)
        begun, ended = when(step, "time")
        own = _own_kind(step) if "extension" in step else ""
        if own:
            done = frozenset({"store"}) if own == Kind.STORAGE else done - {"store"}
        else:
            for moment in did.moments:
                draft.put(moment, begun)
        if "additive" in step:
            _fixative(draft, step)
        if "store" in done:
            stored, warmth = _storage(step, names, begun)
            since = begun if isinstance(begun, str) else ""
            if ended is None and not own and warmth is not NOWHERE and since >= last[0]:
                last = (since, warmth)
            made.append(stored)
        if done != _STORED:
            made.append(_preparation(step, did, names, (begun, ended)))
    draft.put_all({"storage_c": last[1].degrees, "storage_band": last[1].band})
    return made


def _only_kept(step: Json) -> bool:
    """Whether a step tells of nothing but a temperature, as MIABIS on FHIR has it."""
    return "procedure" not in step and "method" not in step and kept(step).band is not None


def _own_kind(element: Json) -> str:
    """The kind of fact our own export says a piece of a Specimen is."""
    found = extension(element, OWN + "kind").get("valueString") if "extension" in element else None
    return found if isinstance(found, str) else ""


def _fixative(draft: Draft, step: Json) -> None:
    for additive in every(step, "additive"):
        draft.put("fixation", codes.known_code(additive, "fixation", codes.FIXATIVES))


def _storage(step: Json, names: Draft, begun: object) -> tuple[Draft, Kept]:
    """A stay in storage; a band of temperatures stands beside, for the record of a stay has degrees only."""
    draft = begin(Kind.STORAGE, step, names)
    draft.put("stored_at", begun)
    warmth = kept(step)
    draft.put("storage_c", warmth.degrees)
    if warmth.words and warmth.degrees is None:
        draft.extra[_WARMTH] = warmth.words
    return draft, warmth


def _preparation(step: Json, did: _Done, names: Draft, times: tuple[object, object]) -> Draft:
    draft = begin(Kind.PREPARATION, step, names)
    draft.merge(did.prepared)
    if "description" in step:
        draft.put("protocol", step["description"])
        draft.put("protocol_name", step["description"])
    draft.put_all({"started_at": times[0], "ended_at": times[1]})
    if "performer" in step:
        draft.first("operator", displays([sub(step, "performer")]))
    return draft


def custody(resource: Json, refs: References) -> Iterator[Draft]:
    """The custody steps a Provenance tells of its specimens."""
    targets = [one for one in every(resource, "target") if kind_of(one, resource) == "Specimen"]
    begun, _ = when(resource, "occurred")
    activity = resource.get("activity")
    agents: list[Mapping[str, object]] = [sub(one, "who") for one in every(resource, "agent")]
    for target in targets:
        draft = begin(Kind.CUSTODY, resource)
        named = refs.name(target, resource)
        own = identifier(resource)
        draft.put("custody_id", f"{own}/{named}" if own and len(targets) > 1 else own)
        draft.put("specimen_id", named)
        draft.put("action", codes.known_code(activity, "custody_action", {}) or codes.text_of(activity))
        draft.put("happened_at", begun or (None if _own_kind(resource) else resource.get("recorded")))
        draft.first("performed_by", [*displays(agents), *(refs.name(one, resource) for one in agents)])
        place = sub(resource, "location")
        draft.first("location", [*displays([place]), refs.name(place, resource) if place else None])
        draft.put("reason", codes.text_of(sub(resource, "reason") or sub(resource, "authorization")))
        yield draft
