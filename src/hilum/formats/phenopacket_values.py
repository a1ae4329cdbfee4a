"""Phenopacket building blocks read as our values: ontology classes, time elements, quantities, TNM findings.

Source: GA4GH Phenopacket Schema 2.0 (ISO 4454:2022), base elements.
"""

import re
from collections.abc import Callable, Mapping

from hilum.formats.fhir_draft import Draft, Json, sub
from hilum.terms.analytes import analyte_of_loinc
from hilum.terms.synonyms import code_of
from hilum.terms.units import canonical_unit

Count = Callable[[str], None]
"""Takes the name of something that no field of ours holds."""

_DURATION = re.compile(r"P(?=\d)(?:(\d+(?:\.\d+)?)Y)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?"
                       r"(?:T[\dHMS.]+)?", re.ASCII)  # fmt: skip
_IN_YEARS = (1.0, 12.0, 365.25 / 7, 365.25)
_TNM = re.compile(r"[cpyra]*([TNM])([0-4X](?:[a-d][1-3]?)?|is|a)?(?:\(.{0,20}\))?", re.IGNORECASE)
_STAGE = re.compile(r"(?:^|.* )stage ", re.IGNORECASE)
_GRADE = re.compile(r"(?:.* )?grade ([1-4])(?: .*)?", re.IGNORECASE)
_ICD10 = re.compile(r"ICD-?10(?:-?(?:CM|GM|WHO|CN))?:([A-Z]\d{2}(?:\.?[\dA-Z]{1,4})?)", re.IGNORECASE)
_HISTOLOGY = re.compile(r"ICD-?O(?:-?3)?:(\d{4}/\d)", re.IGNORECASE)
_SITE = re.compile(r"ICD-?O(?:-?3)?:(C\d{2}(?:\.\d)?)", re.IGNORECASE)
_TYPES: Mapping[str, str] = {
    "UBERON:0000178": "WholeBlood", "UBERON:0001969": "Plasma", "UBERON:0001977": "Serum", "UBERON:0001088": "Urine",
    "UBERON:0001836": "Saliva", "UBERON:0001359": "CerebrospinalFluid", "UBERON:0007311": "Sputum",
    "UBERON:0001988": "Faeces", "UBERON:0002371": "BoneMarrow", "UBERON:0001913": "BreastMilk",
    "UBERON:0012168": "CordBlood", "OBI:0000655": "WholeBlood", "OBI:0100016": "Plasma", "OBI:0100017": "Serum",
    "OBI:0000651": "Urine", "OBI:0001051": "DNA", "OBI:0000880": "RNA",
}  # fmt: skip
PROGRESSION: Mapping[str, str] = {
    "NCIT:C84509": "primary", "NCIT:C95606": "new_primary", "NCIT:C3261": "metastasis", "NCIT:C4813": "recurrence",
}  # fmt: skip
"""Tumour progression -> category of a condition."""
NEGATIVE = "NCIT:C38757"
"""Negative finding: the sample holds normal tissue."""


def words(concept: object) -> str | None:
    """The label of an ontology class, else its id."""
    if not isinstance(concept, Mapping):
        return None
    found = next((one for name in ("label", "id") if isinstance(one := concept.get(name), str) and one.strip()), None)
    return found.strip() if found else None


def code(concept: object) -> str:
    """The id of an ontology class."""
    found = concept.get("id") if isinstance(concept, Mapping) else None
    return found.strip() if isinstance(found, str) else ""


def specimen_type(concept: object) -> str | None:
    """Our code for a type of sample or a sampled fluid, or ``None``."""
    told = words(concept)
    return _TYPES.get(code(concept)) or (code_of("specimen_type", told) if told else None)


def analyte(concept: object) -> str | None:
    """The analyte an assay measures: by LOINC code, by a listed spelling, else as written."""
    name = code(concept)
    found = analyte_of_loinc(name.partition(":")[2]) if name.upper().startswith(("LOINC:", "LN:")) else None
    told = words(concept)
    return found or (code_of("analyte", told) if told else None) or told


def unit(concept: object) -> str | None:
    """A unit: by its UCUM code or a known spelling, else as written."""
    name = code(concept)
    found = canonical_unit(name.partition(":")[2]) if name.upper().startswith("UCUM:") else None
    told = words(concept)
    return found or canonical_unit(told) or told


def years(duration: str) -> float | None:
    """The years of an ISO 8601 duration (``P45Y6M``); the time of day in it is left away."""
    found = _DURATION.fullmatch(duration.strip())
    if found is None:
        return None
    parts = zip(found.groups(), _IN_YEARS, strict=True)
    return float(f"{sum(float(part) / number for part, number in parts if part):.12g}")


def put_time(draft: Draft, element: object, age: str, at: str, count: Count) -> None:
    """A time element into the field ``age`` (years) or ``at``; one of another sort is counted (an empty name: too)."""
    if not isinstance(element, Mapping):
        return
    if isinstance(element.get("timestamp"), str) and at:
        draft.put(at, element["timestamp"])
        return
    told = sub(element, "age").get("iso8601duration") or (element.get("age") if age else None)
    if isinstance(told, str) and age:
        put_age(draft, age, told)
        return
    for name in element:
        count(f"time {name}")


def put_age(draft: Draft, name: str, duration: str) -> None:
    found = years(duration)
    draft.fields[name] = found
    if found is None:
        draft.unreadable[name] = duration[:200]


def born(timestamp: str) -> str:
    """A date of birth as exact as it is: the schema rounds an unknown month or day down to the first, so that a first
    of the month may be any day of it, and a first of January any day of the year."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}(?:T00:00(?::00(?:\.0+)?)?(?:Z|[+-]00:00)?)?", timestamp, re.ASCII):
        return timestamp
    if timestamp[5:10] == "01-01":
        return timestamp[:4]
    return timestamp[:7] if timestamp[8:10] == "01" else timestamp[:10]


def put_findings(draft: Draft, findings: list[Json], prefix: str, count: Count) -> None:
    """TNM findings (``pT2b Stage Finding``) into ``<prefix>_t``, ``_n`` and ``_m``."""
    for one in findings:
        first = (words(one) or "").split(" ", 1)[0]
        found = _TNM.fullmatch(first)
        if found is None or found[2] is None:
            count("TNM finding")
            continue
        draft.put(f"{prefix}_{found[1].lower()}", found[1].upper() + found[2])


def stage(concept: object) -> str | None:
    """A stage as our code, or as written."""
    told = words(concept)
    if told is None:
        return None
    return code_of("stage", told) or code_of("stage", _STAGE.sub("", told)) or told


def grade(concept: object) -> str | None:
    """A grade as our code, or as written."""
    told = words(concept)
    found = _GRADE.fullmatch(told) if told else None
    return f"G{found[1]}" if found else told


def put_disease(draft: Draft, concept: object) -> None:
    """A disease: its ICD-10 or ICD-O-3 code where it is one, and its words."""
    name = code(concept)
    if found := _ICD10.fullmatch(name):
        draft.put("icd10", found[1].upper())
    elif found := _HISTOLOGY.fullmatch(name):
        draft.put("icdo_histology", found[1])
    draft.put("diagnosis", words(concept))


def put_site(draft: Draft, concept: object) -> None:
    """A site of the body: its ICD-O-3 code where it is one, and its words."""
    if found := _SITE.fullmatch(code(concept)):
        draft.put("icdo_site", found[1].upper())
    draft.put("anatomic_site", words(concept))
