"""What one row of each OMOP table says in the vocabulary of the bank: one pure function per table.

Concept numbers become names and codes where the vocabulary beside the data has them, and stay numbers where it has
not. Keys are the table's name and the row's number, since every table counts from one.
"""

import re
from collections.abc import Callable, Mapping

from hilum.formats import values
from hilum.formats.omop_cells import Draft, birth, is_blank
from hilum.formats.omop_concepts import Concept
from hilum.model.record import Kind
from hilum.terms import analytes
from hilum.terms.units import canonical_unit, conversion

GENDER = {"8507": "male", "8532": "female", "8521": "other", "8551": "unknown"}
VISIT = {"9201": "IMP", "8717": "IMP", "262": "IMP", "9202": "AMB", "581477": "AMB", "8756": "AMB", "9203": "EMER"} | {
    "8870": "EMER",
    "581476": "HH",
    "5083": "VR",
}
"""Standard visit concepts. An emergency visit that ended in admission (262) counts as a stay."""
COMPARATOR = {"4171756": "<", "4171754": "<=", "4172704": ">", "4171755": ">=", "4172703": ""}
CERTAIN = frozenset({*GENDER, *VISIT, *COMPARATOR})
"""Concepts whose meaning is known without a vocabulary."""
DEATH_KEY = "death|"
"""A follow-up under this key is a row of DEATH."""

_ICD10 = re.compile(r"ICD10")
_ICDO3 = re.compile(r"(\d{4}/\d)(?:-(C\d\d(?:\.\d)?))?", re.ASCII)
_MEASURES = (("volume_ul", "uL"), ("weight_mg", "mg"), ("amount_ug", "ug"))
_LOINC = re.compile(r"\d{1,5}-\d", re.ASCII)

Row = Mapping[str, str]
Made = tuple[Kind, str, Draft]
"""Kind, key, and the fields of one record."""


def person(row: Row, draft: Draft) -> list[Made]:
    """A donor; the date of birth is as exact as the three columns are."""
    born = birth(row["year_of_birth"], row["month_of_birth"], row["day_of_birth"])
    told = "-".join(text for text in (row["year_of_birth"], row["month_of_birth"], row["day_of_birth"]) if text)
    if is_blank(row["year_of_birth"]):
        draft.day("birth_on", row["birth_datetime"])
    else:
        draft.fields["birth_on"] = born
        if born is None:
            draft.unreadable["birth_on"] = told
    draft.fields["sex"] = GENDER.get(row["gender_concept_id"])
    if draft.fields["sex"] is None:
        draft.code("sex", "sex", row["gender_source_value"], draft.name(row["gender_concept_id"]))
    draft.text("race", draft.name(row["race_concept_id"], row["race_source_value"]))
    draft.text("ethnicity", draft.name(row["ethnicity_concept_id"], row["ethnicity_source_value"]))
    return [(Kind.DONOR, row["person_id"], draft)]


def death(row: Row, draft: Draft) -> list[Made]:
    """A follow-up that knows the day of death; the vocabulary has no place for the cause."""
    draft.day("died_on", row["death_date"])
    draft.day("form_completed_on", row["death_date"])
    draft.fields["vital_status"] = "dead"
    return [(Kind.FOLLOW_UP, DEATH_KEY + row["person_id"], draft)]


def visit(row: Row, draft: Draft) -> list[Made]:
    """An encounter."""
    key = _key("visit_occurrence", row, draft, "encounter_id")
    draft.fields["class"] = VISIT.get(row["visit_concept_id"])
    if draft.fields["class"] is None:
        draft.code("class", "encounter_class", draft.name(row["visit_concept_id"]), row["visit_source_value"])
    draft.instant("started_at", row["visit_start_date"], row["visit_start_datetime"])
    draft.instant("ended_at", row["visit_end_date"], row["visit_end_datetime"])
    return [(Kind.ENCOUNTER, key, draft)]


def condition(row: Row, draft: Draft) -> list[Made]:
    """A condition, with its ICD-10 or ICD-O-3 code where the source was coded so."""
    key = _key("condition_occurrence", row, draft, "condition_id")
    draft.text("diagnosis", draft.name(row["condition_concept_id"], row["condition_source_value"]))
    _classified(draft, draft.concept(row["condition_source_concept_id"]) or draft.concept(row["condition_concept_id"]))
    draft.day("diagnosed_on", row["condition_start_date"])
    status = draft.name(row["condition_status_concept_id"], row["condition_status_source_value"]).lower()
    if status.startswith("primary"):
        draft.fields["category"] = "primary"
    elif status.startswith("secondary"):
        draft.fields["category"] = "comorbidity"
    return [(Kind.CONDITION, key, draft)]


def _classified(draft: Draft, concept: Concept | None) -> None:
    if concept is None:
        return
    if _ICD10.match(concept.vocabulary):
        draft.fields["icd10"] = concept.code
    elif concept.vocabulary == "ICDO3" and (found := _ICDO3.fullmatch(concept.code)):
        draft.fields["icdo_histology"], draft.fields["icdo_site"] = found[1], found[2]


def drug(row: Row, draft: Draft) -> list[Made]:
    """A medication; quantity and days of supply are what was handed out, not a dose, and stay outside."""
    key = _key("drug_exposure", row, draft, "medication_id")
    draft.text("drug", draft.name(row["drug_concept_id"], row["drug_source_value"]))
    draft.day("started_on", row["drug_exposure_start_date"])
    ended = row["verbatim_end_date"]
    draft.day("ended_on", row["drug_exposure_end_date"] if is_blank(ended) else ended)
    draft.text("route", draft.name(row["route_concept_id"], row["route_source_value"]))
    return [(Kind.MEDICATION, key, draft)]


def procedure(row: Row, draft: Draft) -> list[Made]:
    """A procedure."""
    key = _key("procedure_occurrence", row, draft, "procedure_id")
    draft.text("type", draft.name(row["procedure_concept_id"], row["procedure_source_value"]))
    draft.day("started_on", row["procedure_date"])
    draft.day("ended_on", row["procedure_end_date"])
    return [(Kind.PROCEDURE, key, draft)]


def measurement(row: Row, draft: Draft) -> list[Made]:
    """A result: number, limits, unit, and the comparator of a censored one."""
    key = _key("measurement", row, draft, "observation_id")
    _analyte(
        draft, row["measurement_concept_id"], row["measurement_source_concept_id"], row["measurement_source_value"]
    )
    draft.number("value", row["value_as_number"])
    _unit(draft, row["unit_concept_id"], row["unit_source_value"])
    _qualitative(draft, row["value_as_concept_id"], row["value_source_value"])
    operator = row["operator_concept_id"]
    if not is_blank(operator) and operator != "0":
        draft.fields["comparator"] = COMPARATOR.get(operator, draft.name(operator)) or None
    draft.number("reference_low", row["range_low"])
    draft.number("reference_high", row["range_high"])
    draft.instant("observed_at", row["measurement_date"], row["measurement_datetime"], row["measurement_time"])
    return [(Kind.OBSERVATION, key, draft)]


def observation(row: Row, draft: Draft) -> list[Made]:
    """A result, where the row holds a number; answers to questionnaires and social facts have no place and are not
    used."""
    if is_blank(row["value_as_number"]):
        return []
    key = _key("observation", row, draft, "observation_id")
    _analyte(
        draft, row["observation_concept_id"], row["observation_source_concept_id"], row["observation_source_value"]
    )
    draft.number("value", row["value_as_number"])
    _unit(draft, row["unit_concept_id"], row["unit_source_value"])
    draft.instant("observed_at", row["observation_date"], row["observation_datetime"])
    return [(Kind.OBSERVATION, key, draft)]


def specimen(row: Row, draft: Draft) -> list[Made]:
    """A specimen, and the collection that says where it was taken and from what tissue."""
    key = row["specimen_source_id"].strip() or f"specimen-{row['specimen_id']}"
    draft.fields["specimen_id"] = key
    draft.code("specimen_type", "specimen_type", draft.name(row["specimen_concept_id"]), row["specimen_source_value"])
    draft.instant("collected_at", row["specimen_date"], row["specimen_datetime"])
    _quantity(draft, row)
    made = [(Kind.SPECIMEN, key, draft)]
    site = draft.name(row["anatomic_site_concept_id"], row["anatomic_site_source_value"])
    status = draft.name(row["disease_status_concept_id"], row["disease_status_source_value"])
    if site or status:
        taken = Draft(draft.concepts)
        taken.fields |= {"collection_id": f"specimen-{row['specimen_id']}", "specimen_id": key}
        taken.text("anatomic_site", site)
        taken.code("category", "collection_category", status)
        made.append((Kind.COLLECTION, f"specimen-{row['specimen_id']}", taken))
    return made


def _quantity(draft: Draft, row: Row) -> None:
    """A quantity in the field its unit belongs to; one in pieces or tubes has no field and stays unread."""
    if is_blank(row["quantity"]):
        return
    found = draft.concept(row["unit_concept_id"])
    unit = canonical_unit(found.code) if found else None
    unit = unit or canonical_unit(values.plain(row["unit_source_value"]))
    number = values.number(values.plain(row["quantity"]))
    for name, target in _MEASURES:
        scale = conversion(unit, target) if unit else None
        if scale is not None and number is not None:
            draft.fields[name] = float(f"{number * scale[0]:.12g}")
            return
    named = draft.name(row["unit_concept_id"], row["unit_source_value"])
    draft.unreadable["volume_ul"] = f"{row['quantity']} {named}".strip()


def _analyte(draft: Draft, concept: str, source: str, written: str) -> None:
    """The analyte by LOINC code, else by its name; a name nobody listed stays as it is written."""
    for found in (draft.concept(concept), draft.concept(source)):
        if found is not None and found.vocabulary == "LOINC" and (known := analytes.analyte_of_loinc(found.code)):
            draft.fields["analyte"] = known
            return
    if _LOINC.fullmatch(written) and (known := analytes.analyte_of_loinc(written)):
        draft.fields["analyte"] = known
        return
    draft.code("analyte", "analyte", draft.name(concept, written), written)


def _unit(draft: Draft, number: str, written: str) -> None:
    found = draft.concept(number)
    if found is not None and number != "0":
        draft.fields["unit"] = canonical_unit(found.code) or found.code
    elif not is_blank(written):
        plain = values.plain(written)
        draft.fields["unit"] = canonical_unit(plain) or plain
    else:
        draft.fields["unit"] = None if is_blank(number) or number == "0" else number


def _qualitative(draft: Draft, number: str, written: str) -> None:
    if not is_blank(number) and number != "0":
        draft.text("value_text", draft.name(number, written))
    elif draft.fields["value"] is None and "value" not in draft.unreadable and not is_blank(written):
        draft.number("value", written)
        if draft.unreadable.pop("value", None):
            draft.text("value_text", written)


def _key(table: str, row: Row, draft: Draft, field: str) -> str:
    key = f"{table}-{row[table + '_id']}"
    draft.fields[field] = key
    return key


MAKERS: dict[str, Callable[[Row, Draft], list[Made]]] = {
    "person": person,
    "death": death,
    "visit_occurrence": visit,
    "specimen": specimen,
    "condition_occurrence": condition,
    "drug_exposure": drug,
    "procedure_occurrence": procedure,
    "measurement": measurement,
    "observation": observation,
}
"""Table -> what a row of it says."""

CONCEPT_COLUMNS = frozenset(
    {"race_concept_id", "ethnicity_concept_id", "gender_concept_id", "visit_concept_id"}
    | {"condition_concept_id", "condition_source_concept_id", "condition_status_concept_id"}
    | {"drug_concept_id", "route_concept_id", "procedure_concept_id"}
    | {"measurement_concept_id", "measurement_source_concept_id", "operator_concept_id", "value_as_concept_id"}
    | {"unit_concept_id", "observation_concept_id", "observation_source_concept_id"}
    | {"specimen_concept_id", "anatomic_site_concept_id", "disease_status_concept_id"}
)
"""The columns whose concepts are looked up."""
