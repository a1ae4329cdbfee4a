"""The tables of the OMOP Common Data Model 5.4 that Hilum reads or writes, and how each is known by its header.

Column names are those of the OHDSI CommonDataModel 5.4 specification, in its order.
"""

from collections.abc import Collection

READ: dict[str, frozenset[str]] = {
    "person": frozenset({"person_id", "gender_concept_id", "year_of_birth"}),
    "death": frozenset({"person_id", "death_date", "cause_concept_id"}),
    "visit_occurrence": frozenset({"visit_occurrence_id", "person_id", "visit_concept_id", "visit_start_date"}),
    "specimen": frozenset({"specimen_id", "person_id", "specimen_concept_id", "specimen_date"}),
    "condition_occurrence": frozenset(
        {"condition_occurrence_id", "person_id", "condition_concept_id", "condition_start_date"}
    ),
    "drug_exposure": frozenset({"drug_exposure_id", "person_id", "drug_concept_id", "drug_exposure_start_date"}),
    "procedure_occurrence": frozenset(
        {"procedure_occurrence_id", "person_id", "procedure_concept_id", "procedure_date"}
    ),
    "measurement": frozenset({"measurement_id", "person_id", "measurement_concept_id", "measurement_date"}),
    "observation": frozenset({"observation_id", "person_id", "observation_concept_id", "observation_date"}),
}
"""Tables whose rows become records, in the order they are read, each with the columns it is known by."""

UNREAD: dict[str, frozenset[str]] = {
    "visit_detail": frozenset({"visit_detail_id", "person_id", "visit_detail_concept_id"}),
    "observation_period": frozenset({"observation_period_id", "person_id", "observation_period_start_date"}),
    "device_exposure": frozenset({"device_exposure_id", "person_id", "device_concept_id"}),
    "note": frozenset({"note_id", "person_id", "note_text"}),
    "note_nlp": frozenset({"note_nlp_id", "note_id", "note_nlp_concept_id"}),
    "episode": frozenset({"episode_id", "person_id", "episode_concept_id"}),
    "episode_event": frozenset({"episode_id", "event_id", "episode_event_field_concept_id"}),
    "fact_relationship": frozenset({"domain_concept_id_1", "fact_id_1", "domain_concept_id_2"}),
    "cost": frozenset({"cost_id", "cost_event_id", "cost_domain_id"}),
    "payer_plan_period": frozenset({"payer_plan_period_id", "person_id", "payer_plan_period_start_date"}),
    "condition_era": frozenset({"condition_era_id", "person_id", "condition_concept_id"}),
    "drug_era": frozenset({"drug_era_id", "person_id", "drug_concept_id"}),
    "dose_era": frozenset({"dose_era_id", "person_id", "drug_concept_id"}),
    "cohort": frozenset({"cohort_definition_id", "subject_id", "cohort_start_date"}),
}
"""Tables that tell of persons and have no place in the vocabulary: their rows are counted and told."""

REFERENCE: dict[str, frozenset[str]] = {
    "concept": frozenset({"concept_id", "concept_name", "domain_id", "vocabulary_id", "concept_code"}),
    "concept_ancestor": frozenset({"ancestor_concept_id", "descendant_concept_id"}),
    "concept_class": frozenset({"concept_class_id", "concept_class_name"}),
    "concept_relationship": frozenset({"concept_id_1", "concept_id_2", "relationship_id"}),
    "concept_synonym": frozenset({"concept_id", "concept_synonym_name"}),
    "domain": frozenset({"domain_id", "domain_name", "domain_concept_id"}),
    "relationship": frozenset({"relationship_id", "relationship_name", "relationship_concept_id"}),
    "vocabulary": frozenset({"vocabulary_id", "vocabulary_name", "vocabulary_concept_id"}),
    "drug_strength": frozenset({"drug_concept_id", "ingredient_concept_id"}),
    "source_to_concept_map": frozenset({"source_code", "source_vocabulary_id", "target_concept_id"}),
    "cohort_definition": frozenset({"cohort_definition_id", "cohort_definition_name"}),
    "cdm_source": frozenset({"cdm_source_name", "cdm_source_abbreviation", "cdm_version"}),
    "metadata": frozenset({"metadata_concept_id", "metadata_type_concept_id"}),
    "location": frozenset({"location_id", "location_source_value"}),
    "care_site": frozenset({"care_site_id", "place_of_service_concept_id"}),
    "provider": frozenset({"provider_id", "specialty_concept_id"}),
}
"""Tables that tell of no person: dictionaries and descriptions, looked up where a fact needs them."""

ALL: dict[str, frozenset[str]] = READ | UNREAD | REFERENCE
_ORDER = tuple(READ)


def table_of(header: Collection[str]) -> str | None:
    """The table whose columns these are (names in lower case), or ``None`` for some other file."""
    found = frozenset(header)
    return next((name for name, needed in ALL.items() if needed <= found), None)


def rank_of(table: str, first: int) -> int:
    """Persons are read before what happened to them, deaths and specimens before what hangs on them."""
    return first + (_ORDER.index(table) if table in _ORDER else len(_ORDER))
