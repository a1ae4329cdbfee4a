"""The columns of the OMOP CDM 5.4 tables Hilum writes, and the concepts whose numbers are certain.

A number stands here only where the meaning is certain without asking anybody: units by their UCUM code, vital signs,
sex, ethnicity, kind of visit. Everything else is written as 0 with the source's own text beside it, which is what OMOP
asks for until somebody has mapped it.
"""

_EVENT = "provider_id,visit_occurrence_id,visit_detail_id"
COLUMNS: dict[str, tuple[str, ...]] = {
    name: tuple(text.replace("\n", "").replace(" ", "").split(","))
    for name, text in {
        "person": """person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth,birth_datetime,
            race_concept_id,ethnicity_concept_id,location_id,provider_id,care_site_id,person_source_value,
            gender_source_value,gender_source_concept_id,race_source_value,race_source_concept_id,
            ethnicity_source_value,ethnicity_source_concept_id""",
        "observation_period": """observation_period_id,person_id,observation_period_start_date,
            observation_period_end_date,period_type_concept_id""",
        "visit_occurrence": """visit_occurrence_id,person_id,visit_concept_id,visit_start_date,visit_start_datetime,
            visit_end_date,visit_end_datetime,visit_type_concept_id,provider_id,care_site_id,visit_source_value,
            visit_source_concept_id,admitted_from_concept_id,admitted_from_source_value,discharged_to_concept_id,
            discharged_to_source_value,preceding_visit_occurrence_id""",
        "condition_occurrence": f"""condition_occurrence_id,person_id,condition_concept_id,condition_start_date,
            condition_start_datetime,condition_end_date,condition_end_datetime,condition_type_concept_id,
            condition_status_concept_id,stop_reason,{_EVENT},condition_source_value,condition_source_concept_id,
            condition_status_source_value""",
        "drug_exposure": f"""drug_exposure_id,person_id,drug_concept_id,drug_exposure_start_date,
            drug_exposure_start_datetime,drug_exposure_end_date,drug_exposure_end_datetime,verbatim_end_date,
            drug_type_concept_id,stop_reason,refills,quantity,days_supply,sig,route_concept_id,lot_number,{_EVENT},
            drug_source_value,drug_source_concept_id,route_source_value,dose_unit_source_value""",
        "procedure_occurrence": f"""procedure_occurrence_id,person_id,procedure_concept_id,procedure_date,
            procedure_datetime,procedure_end_date,procedure_end_datetime,procedure_type_concept_id,
            modifier_concept_id,quantity,{_EVENT},procedure_source_value,procedure_source_concept_id,
            modifier_source_value""",
        "measurement": f"""measurement_id,person_id,measurement_concept_id,measurement_date,measurement_datetime,
            measurement_time,measurement_type_concept_id,operator_concept_id,value_as_number,value_as_concept_id,
            unit_concept_id,range_low,range_high,{_EVENT},measurement_source_value,measurement_source_concept_id,
            unit_source_value,unit_source_concept_id,value_source_value,measurement_event_id,
            meas_event_field_concept_id""",
        "observation": f"""observation_id,person_id,observation_concept_id,observation_date,observation_datetime,
            observation_type_concept_id,value_as_number,value_as_string,value_as_concept_id,qualifier_concept_id,
            unit_concept_id,{_EVENT},observation_source_value,observation_source_concept_id,unit_source_value,
            qualifier_source_value,value_source_value,observation_event_id,obs_event_field_concept_id""",
        "specimen": """specimen_id,person_id,specimen_concept_id,specimen_type_concept_id,specimen_date,
            specimen_datetime,quantity,unit_concept_id,anatomic_site_concept_id,disease_status_concept_id,
            specimen_source_id,specimen_source_value,unit_source_value,anatomic_site_source_value,
            disease_status_source_value""",
        "death": """person_id,death_date,death_datetime,death_type_concept_id,cause_concept_id,cause_source_value,
            cause_source_concept_id""",
        "cdm_source": """cdm_source_name,cdm_source_abbreviation,cdm_holder,source_description,
            source_documentation_reference,cdm_etl_reference,source_release_date,cdm_release_date,cdm_version,
            cdm_version_concept_id,vocabulary_version""",
    }.items()
}

EHR = 32817
"""Type concept: the fact comes from an electronic record."""
CDM_VERSION = 756265
GENDER = {"male": 8507, "female": 8532}
VISIT = {"IMP": 9201, "AMB": 9202, "EMER": 9203}
COMPARATOR = {"<": 4171756, "<=": 4171754, ">": 4172704, ">=": 4171755}
ETHNICITY = {"hispanic or latino": 38003563, "not hispanic or latino": 38003564}
VITAL_SIGNS = {
    "body_temperature": 3020891,
    "heart_rate": 3027018,
    "systolic_pressure": 3004249,
    "diastolic_pressure": 3012888,
}
UNITS = {
    "kg": 9529,
    "g": 8504,
    "mg": 8576,
    "ug": 9655,
    "mL": 8587,
    "uL": 9665,
    "cm": 8582,
    "s": 8555,
    "%": 8554,
    "/min": 8541,
    "mm[Hg]": 8876,
    "mm/h": 8752,
    "kg/m2": 9531,
    "fL": 8583,
    "pg": 8564,
    "g/L": 8636,
    "g/dL": 8713,
    "mg/dL": 8840,
    "mg/L": 8751,
    "ug/L": 8748,
    "ug/dL": 8837,
    "ng/mL": 8842,
    "ng/dL": 8817,
    "ng/L": 8725,
    "pg/mL": 8845,
    "mmol/L": 8753,
    "umol/L": 8749,
    "nmol/L": 8736,
    "pmol/L": 8729,
    "U/L": 8645,
    "[iU]/L": 8923,
    "[iU]/mL": 8985,
    "10*9/L": 9444,
    "10*12/L": 8734,
    "10*3/uL": 8848,
    "10*6/uL": 8815,
    "Cel": 586323,
}
"""UCUM code -> concept of the Unit domain."""
