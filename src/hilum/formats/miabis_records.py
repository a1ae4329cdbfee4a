"""One MIABIS sample, donor or event as records.

A storage temperature is a band in MIABIS and stays one: no degrees are made of it. An event of a sample is a custody
step, an event of a donor a condition; date and age are both taken, and that only one may stand is the gate's to say.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from hilum.formats.fhir_draft import Draft
from hilum.formats.miabis_names import DONOR, EVENT, YEARS, type_code
from hilum.formats.rows import with_own_unit
from hilum.formats.values import plain
from hilum.model.record import Kind
from hilum.model.vocabulary import vocabulary
from hilum.terms.synonyms import code_of

Attributes = Mapping[str, Sequence[str]]
"""Our word for an attribute -> its values, without empty ones."""
_ICD10 = re.compile(r"(?:ICD-?10[ :]*)?([A-Z]\d{2}(?:\.?\d{1,3})?)", re.IGNORECASE)


def records(kind: str, told: Attributes) -> Iterator[Draft]:
    """The records of one entity."""
    if kind == DONOR:
        yield _donor(told)
    elif kind == EVENT:
        yield _event(told)
    else:
        yield _sample(told)
        yield from _collection(told)
        yield from _diagnoses(told)


def _first(told: Attributes, key: str) -> str | None:
    return next(iter(told.get(key, ())), None)


def _donor(told: Attributes) -> Draft:
    draft = Draft(Kind.DONOR)
    draft.put("donor_id", _first(told, "donor_id"))
    draft.put("sex", _first(told, "sex"))
    draft.put("birth_on", _first(told, "birth"))
    return draft


def _sample(told: Attributes) -> Draft:
    draft = Draft(Kind.SPECIMEN)
    draft.put("specimen_id", _first(told, "sample_id"))
    draft.put("donor_id", _first(told, "donor_id"))
    draft.put("parent_id", _first(told, "parent_id"))
    _type(draft, ", ".join(told.get("type", ())))
    _temperature(draft, ", ".join(told.get("temperature", ())))
    draft.put("collected_at", _first(told, "collected"))
    made_of_another = draft.fields.get("parent_id") is not None
    draft.put("created_on" if made_of_another else "collected_at", _first(told, "created"))
    return draft


def _type(draft: Draft, text: str) -> None:
    if not text:
        return
    draft.put("specimen_type", type_code(text) or code_of("specimen_type", plain(text)) or text)
    draft.put("sample_type", text)


def _temperature(draft: Draft, text: str) -> None:
    """A band is a band; a temperature somebody wrote with its unit is one too."""
    if not text:
        return
    if code_of("storage_band", plain(text)) is None:
        degrees, readable = with_own_unit(vocabulary()[Kind.SPECIMEN]["storage_c"], text)
        if readable:
            draft.put("storage_c", degrees)
            return
    draft.put("storage_band", text)


def _site(told: Attributes) -> str:
    """Code and words of the anatomical site, or what was written freely."""
    coded = [one for key in ("site_code", "site_words") for one in told.get(key, ())]
    return " ".join(dict.fromkeys(coded or told.get("site_text", ())))


def _collection(told: Attributes) -> Iterator[Draft]:
    site = _site(told)
    if not site:
        return
    draft = Draft(Kind.COLLECTION)
    draft.put("donor_id", _first(told, "donor_id"))
    draft.put("specimen_id", _first(told, "sample_id"))
    draft.put("anatomic_site", site)
    yield draft


def _diagnoses(told: Attributes) -> Iterator[Draft]:
    """The diagnoses of a sample's content, each named after the sample and itself."""
    for text in dict.fromkeys(told.get("diagnosis", ())):
        yield diagnosed(_first(told, "sample_id"), _first(told, "donor_id"), text)


def diagnosed(sample: str | None, donor: str | None, text: str) -> Draft:
    """A diagnosis of a sample's content: an ICD-10 code, or words."""
    draft = Draft(Kind.CONDITION)
    draft.put("condition_id", f"{sample}/{text}" if sample else None)
    draft.put("donor_id", donor)
    found = _ICD10.fullmatch(plain(text))
    draft.put("icd10", found[1].upper() if found else None)
    draft.put("diagnosis", None if found else text)
    return draft


def _event(told: Attributes) -> Draft:
    name = _first(told, "event_name")
    sample = _first(told, "sample_id")
    if sample is not None:
        draft = Draft(Kind.CUSTODY)
        draft.put("custody_id", _first(told, "event_id"))
        draft.put("specimen_id", sample)
        draft.put("action", name)
        draft.put("happened_at", _first(told, "event_at"))
        draft.put("reason", _first(told, "event_words"))
    else:
        draft = Draft(Kind.CONDITION)
        draft.put("condition_id", _first(told, "event_id"))
        draft.put("event_type", name)
        draft.put("diagnosis", _first(told, "event_words"))
        draft.put("diagnosed_on", _first(told, "event_at"))
        _age(draft, _first(told, "age"), _first(told, "age_unit"))
    draft.put("donor_id", _first(told, "donor_id"))
    return draft


def _age(draft: Draft, text: str | None, unit: str | None) -> None:
    """An age in years; one whose unit is missing or counts from conception stays as it stands."""
    if text is None:
        return
    draft.put("age_years", text)
    age = draft.fields.get("age_years")
    in_a_year = YEARS.get(plain(unit).lower().rstrip("s") + "s") if unit else None
    if not isinstance(age, float) or in_a_year == 1:
        return
    if in_a_year is None:
        draft.fields["age_years"] = None
        draft.unreadable["age_years"] = f"{text} {unit or ''}".strip()[:200]
    else:
        draft.fields["age_years"] = float(f"{age / in_a_year:.12g}")
