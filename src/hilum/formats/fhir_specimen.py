"""A FHIR Specimen (R4, R5 and biobank profiles) and the custody steps told of it, as records.

One Specimen gives a specimen, a collection where method or site is told, and for every step of its processing a
preparation or, for a stay in storage, a storage record. A storage temperature given as a range is taken at its middle.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from hilum.formats import fhir_codes as codes
from hilum.formats.fhir_draft import NOTHING, OWN, Draft, Json, begin, every, sub, when
from hilum.formats.fhir_references import References, contained, displays, identifier, kind_of
from hilum.formats.json_stream import decoded_object, encoded
from hilum.model.record import Kind
from hilum.terms.units import conversion, dimension

_TEMPERATURE = "Temperaturbedingungen"
_MIABIS_TEMPERATURE = "miabis-sample-storage-temperature-extension"
_LEVEL = "mii-ex-biobank-ebene"
_NUCLEIC = ("DNA", "RNA", "Protein")
_MOMENTS = {"centrifuge": "centrifuged_at", "freeze": "frozen_at", "fix": "fixed_at"}


def specimen(resource: Json, refs: References) -> Iterator[Draft]:
    """The records of one Specimen."""
    name, donor = identifier(resource), refs.name(resource.get("subject"), resource)
    draft = begin(Kind.SPECIMEN, resource)
    draft.put("specimen_id", name)
    draft.put("donor_id", donor)
    draft.put("parent_id", refs.name(sub(resource, "parent"), resource))
    _kind(draft, resource)
    collection = sub(resource, "collection")
    begun, _ = when(collection, "collected")
    draft.put("collected_at", begun)
    draft.put("received_at", resource.get("receivedTime"))
    draft.put("status", resource.get("status"))
    draft.first(
        "collected_by", [*displays([sub(collection, "collector")]), refs.name(sub(collection, "collector"), resource)]
    )
    _container(draft, resource, collection, refs)
    steps = list(_steps(draft, resource, name, donor))
    yield draft
    yield from _collection(resource, collection, name, donor)
    yield from steps


def _kind(draft: Draft, resource: Json) -> None:
    told = resource.get("type")
    known = codes.known_code(told, "specimen_type", codes.SPECIMEN_TYPES)
    draft.put("specimen_type", known or codes.text_of(told))
    draft.put("sample_type", codes.text_of(told))
    level = next((code for _, code, _ in codes.codings(extension(resource, _LEVEL).get("valueCoding"))), "")
    draft.put("level", codes.LEVELS.get(level))


def extension(parent: Json, name: str) -> Json:
    """The extension whose URL ends in ``name``."""
    return next((one for one in every(parent, "extension") if str(one.get("url")).endswith(name)), NOTHING)


def _container(draft: Draft, resource: Json, collection: Json, refs: References) -> None:
    held = sub(resource, "container")
    device = sub(held, "device")  # R5
    described = contained(resource, str(device.get("reference", ""))) or NOTHING
    for concept in (sub(held, "additiveCodeableConcept"), sub(held, "type"), sub(described, "type")):
        draft.put("tube", codes.known_code(concept, "tube", codes.TUBES))
    draft.put("barcode_2d", sub(held, "identifier").get("value") or sub(device, "identifier").get("value"))
    place = sub(held, "location")
    draft.first("location", [*displays([place]), refs.name(place, resource) if place else None])
    for quantity in (sub(held, "specimenQuantity"), sub(collection, "quantity")):
        if quantity:
            draft.measure(_measured(quantity, draft), quantity)
            return


def _measured(quantity: Json, draft: Draft) -> str:
    kind = dimension(str(quantity.get("code") or quantity.get("unit") or ""))
    if kind == "mass":
        return "amount_ug" if draft.fields.get("specimen_type") in _NUCLEIC else "weight_mg"
    return "volume_ul"


def _collection(resource: Json, collection: Json, name: str | None, donor: str | None) -> Iterator[Draft]:
    method, site = collection.get("method"), collection.get("bodySite")
    if method is None and site is None and not _own_kind(collection):
        return
    draft = begin(Kind.COLLECTION, collection)
    draft.put("donor_id", donor)
    draft.put("specimen_id", name)
    draft.put("method", codes.text_of(method))
    draft.put("anatomic_site", codes.text_of(site))
    draft.put(
        "site_of_disease",
        codes.text_of(sub(resource, "condition")) if "concept" in sub(resource, "condition") else None,
    )
    yield draft


def _steps(draft: Draft, resource: Json, name: str | None, donor: str | None) -> Iterator[Draft]:
    last: tuple[str, float] | None = None
    for step in every(resource, "processing"):
        concept = step.get("procedure") or step.get("method")  # R4, R5
        done = {code for _, one, _ in codes.codings(concept) if (code := codes.STEPS.get(one))}
        if not done and (known := codes.known_code(concept, "process_step", codes.STEPS)):
            done = {known}
        begun, ended = when(step, "time")
        own = _own_kind(step)
        if own:
            done = {"store"} if own == Kind.STORAGE else done - {"store"}
        for one in (done & _MOMENTS.keys()) if not own else ():
            draft.put(_MOMENTS[one], begun)
        _fixative(draft, step)
        if "store" in done:
            stored = _storage(step, name, donor, begun)
            degrees = stored.fields.get("storage_c")
            if ended is None and not own and isinstance(degrees, float) and isinstance(begun, str):
                last = max(last or ("", 0.0), (begun, degrees))
            yield stored
        if done != {"store"}:
            yield _preparation(step, concept, done, name, donor, (begun, ended))
    if last is not None:
        draft.put("storage_c", last[1])


def _own_kind(element: Json) -> str:
    """The kind of fact our own export says a piece of a Specimen is."""
    found = extension(element, OWN + "kind").get("valueString")
    return found if isinstance(found, str) else ""


def _fixative(draft: Draft, step: Json) -> None:
    for additive in every(step, "additive"):
        draft.put("fixation", codes.known_code(additive, "fixation", codes.FIXATIVES))


def _storage(step: Json, name: str | None, donor: str | None, begun: object) -> Draft:
    draft = begin(Kind.STORAGE, step)
    draft.put("donor_id", donor)
    draft.put("specimen_id", name)
    draft.put("stored_at", begun)
    draft.put("storage_c", temperature(step))
    return draft


def temperature(step: Json) -> float | None:
    """Degrees Celsius a step says it was done at: the middle of its range, or of the MIABIS class it names."""
    told = step.get("extension")
    return _temperature(encoded({"extension": told})) if told else None


@lru_cache(maxsize=1_024)
def _temperature(raw: bytes) -> float | None:
    """The same few temperatures stand in every Specimen of a file."""
    step = decoded_object(raw)
    told = sub(extension(step, _TEMPERATURE), "valueRange")
    ends = [_degrees(sub(told, "low")), _degrees(sub(told, "high"))]
    known = [one for one in ends if one is not None]
    if known:
        return round(sum(known) / len(known), 2)
    named = extension(step, _MIABIS_TEMPERATURE).get("valueCodeableConcept")
    span = next(
        (codes.STORAGE_RANGES[code] for _, code, _ in codes.codings(named) if code in codes.STORAGE_RANGES), None
    )
    return sum(span) / 2 if span else None


def _degrees(quantity: Json) -> float | None:
    value = quantity.get("value")
    found = conversion(str(quantity.get("code") or quantity.get("unit") or ""), "Cel")
    if isinstance(value, bool) or not isinstance(value, int | float) or found is None:
        return None
    return round(value * found[0] + found[1], 4)


def _preparation(
    step: Json, concept: object, done: set[str], name: str | None, donor: str | None, times: tuple[object, object]
) -> Draft:
    draft = begin(Kind.PREPARATION, step)
    draft.put("donor_id", donor)
    draft.put("specimen_id", name)
    named = [one for one in codes.codings(concept) if codes.STEPS.get(one[1]) != "store"]
    told = next((display or code for _, code, display in named if display or code), None)
    draft.first("protocol", [told, codes.text_of(concept), step.get("description")])
    draft.put("protocol_name", step.get("description"))
    draft.put("step", min(done - {"store"}, default=None))
    draft.put("started_at", times[0])
    draft.put("ended_at", times[1])
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
