"""Small biotab texts of our own making: every table kind, and everything that can be wrong with a file."""

import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path

import pytest

from hilum.formats import biotab
from hilum.formats.biotab_tables import tables
from hilum.model.record import Item, Kind, Record, SourceProblem
from hilum.model.vocabulary import FieldType, vocabulary
from hilum.terms.valuesets import members

DONOR = "TCGA-ZZ-0001"
SAMPLE = f"{DONOR}-01A"
PORTION = f"{SAMPLE}-11"
ANALYTE = f"{PORTION}D"
ALIQUOT = f"{ANALYTE}-A0B1-09"


def _text(rows: Sequence[Mapping[str, str]], older: Mapping[str, str] | None = None) -> str:
    """A biotab of ``rows``; with ``older`` names a clinical one of three header rows, else one of two."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    heads = [names]
    if older is not None:
        heads.append([older.get(name, name) for name in names])
    heads.append(["CDE_ID:1" if position == 1 else "" for position in range(len(names))])
    body = [[row.get(name, "[Not Available]") for name in names] for row in rows]
    return "\n".join("\t".join(line) for line in heads + body) + "\n"


def _read(tmp_path: Path, table: str, text: str | bytes) -> list[Item]:
    path = tmp_path / f"{table}.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(biotab.read(path, path.name, "SRC", biotab.PREFIX + table))


def _records(tmp_path: Path, table: str, text: str | bytes) -> list[Record]:
    found = [item for item in _read(tmp_path, table, text) if isinstance(item, Record)]
    assert found
    return found


def _problems(items: list[Item]) -> list[tuple[str, int]]:
    return [(item.reason, item.locator.line) for item in items if isinstance(item, SourceProblem)]


def _one(tmp_path: Path, table: str, row: Mapping[str, str], older: Mapping[str, str] | None = None) -> Record:
    (record,) = _records(tmp_path, table, _text([row], older))
    return record


# --- the mapping ---------------------------------------------------------------------------------------------------


def test_every_mapped_field_is_in_the_vocabulary_and_every_constant_code_in_its_value_set() -> None:
    for table in tables().values():
        for made in table.records:
            for name in (*made.fields, *made.constants):
                assert name in vocabulary()[made.kind], f"{table.name}: {name}"
            for name, value in made.constants.items():
                field = vocabulary()[made.kind][name]
                if field.type is FieldType.CODE and value not in ("msi", "hpv"):
                    assert value in members(field.values), f"{table.name}: {value}"


def test_exactly_one_record_of_a_row_takes_the_columns_nobody_mapped() -> None:
    for table in tables().values():
        assert sum(made.extra for made in table.records) == 1, table.name


def test_the_mapping_file_names_twenty_tables_with_their_ranks() -> None:
    text = (resources.files("hilum.formats") / "biotab.toml").read_text(encoding="utf-8")
    assert set(tomllib.loads(text)) == set(tables())
    order = ["patient", "sample", "portion", "analyte", "aliquot", "slide", "follow_up"]
    assert sorted(order, key=biotab.rank_of) == order
    assert biotab.rank_of("never heard of") > max(table.rank for table in tables().values())


# --- which table ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "header", "expected"),
    [
        ("a/nationwidechildrens.org_biospecimen_aliquot_zz.txt", "bcr_patient_uuid\tx", "aliquot"),
        ("nationwidechildrens.org_biospecimen_shipment_portion_zz.txt", "bcr_patient_uuid\tx", "shipment_portion"),
        ("nationwidechildrens.org_clinical_follow_up_v4.0_zz.txt", "bcr_patient_uuid\tx", "follow_up"),
        ("nationwidechildrens.org_clinical_follow_up_v4.4_nte_zz.txt", "bcr_patient_uuid\tx", "follow_up_nte"),
        ("nationwidechildrens.org_clinical_omf_v4.0_zz.txt", "bcr_patient_uuid\tx", "omf"),
        ("nationwidechildrens.org_clinical_cqcf_zz.txt", "bcr_patient_uuid\tx", "clinical_cqcf"),
        ("nationwidechildrens.org_auxiliary_zz.txt", "bcr_patient_barcode\tx", "auxiliary"),
        ("renamed.txt", "bcr_aliquot_barcode\tbiospecimen_barcode_bottom", "aliquot"),
        ("renamed.txt", "bcr_patient_barcode\tnew_tumor_event_type", "nte"),
        ("renamed.txt", "bcr_patient_barcode\tbcr_followup_barcode\tnew_tumor_event_type", "follow_up_nte"),
        ("renamed.txt", "bcr_patient_barcode\tnew_table", "unknown"),
        ("nationwidechildrens.org_biospecimen_aliquot_zz.txt", "<html>", None),
        ("table.csv", "barcode,name", None),
    ],
)
def test_the_table_is_told_by_its_name_and_a_renamed_one_by_its_columns(
    place: str, header: str, expected: str | None
) -> None:
    assert biotab.table_of(place, header) == expected


# --- biospecimen ---------------------------------------------------------------------------------------------------


def test_a_sample_is_a_specimen_without_a_parent(tmp_path: Path) -> None:
    record = _one(
        tmp_path,
        "sample",
        {
            "bcr_patient_uuid": "U-1",
            "bcr_sample_barcode": SAMPLE,
            "bcr_sample_uuid": "AB-CD",
            "days_to_collection": "12",
            "initial_weight": "740",
            "is_ffpe": "NO",
            "oct_embedded": "true",
            "sample_type": "Primary Tumor",
            "sample_type_id": "01",
            "vial_number": "A",
            "shortest_dimension": "0.3",
        },
    )
    assert (record.kind, record.key, record.donor, record.locator.line) == (Kind.SPECIMEN, SAMPLE, DONOR, 3)
    assert record.fields == {
        "specimen_id": SAMPLE,
        "donor_id": DONOR,
        "level": "sample",
        "specimen_type": "TissueFreshFrozen",
        "sample_type": "Primary Tumor",
        "sample_code": "01",
        "vial": "A",
        "uuid": "ab-cd",
        "is_ffpe": False,
        "oct_embedded": True,
        "weight_mg": 740.0,
    }
    assert record.extra == {"shortest_dimension": "0.3", "days_to_collection": "12"}


@pytest.mark.parametrize(
    ("barcode", "is_ffpe", "expected"),
    [
        (f"{DONOR}-01A", "YES", "TissueFFPE"),
        (f"{DONOR}-11A", "NO", "TissueFreshFrozen"),
        (f"{DONOR}-01A", "[Not Available]", None),
        (f"{DONOR}-10A", "NO", "WholeBlood"),
        (f"{DONOR}-14A", "[Not Available]", "BoneMarrow"),
    ],
)
def test_the_specimen_type_is_not_assumed_where_the_source_does_not_say(
    tmp_path: Path, barcode: str, is_ffpe: str, expected: str | None
) -> None:
    record = _one(tmp_path, "sample", {"bcr_sample_barcode": barcode, "is_ffpe": is_ffpe, "sample_type_id": "01"})
    assert record.fields.get("specimen_type") == expected


def test_portion_analyte_and_shipped_portion_hang_on_what_their_barcodes_say(tmp_path: Path) -> None:
    portion = _one(
        tmp_path, "portion", {"bcr_portion_barcode": PORTION, "weight": "30.00", "date_of_creation": "2012-1-9"}
    )
    analyte = _one(tmp_path, "analyte", {"bcr_analyte_barcode": ANALYTE, "amount": "9.66", "analyte_type": "Total RNA"})
    shipped, sent = _records(
        tmp_path,
        "shipment_portion",
        _text(
            [
                {
                    "shipment_portion_bcr_aliquot_barcode": f"{SAMPLE}-21-A0C2-20",
                    "center_id": "20",
                    "plate_id": "A0C2",
                    "shipment_portion_day_of_shipment": "4",
                    "shipment_portion_month_of_shipment": "3",
                    "shipment_portion_year_of_shipment": "2011",
                }
            ]
        ),
    )
    assert (portion.fields["parent_id"], analyte.fields["parent_id"]) == (SAMPLE, PORTION)
    assert (portion.fields["weight_mg"], portion.fields["created_on"]) == (30.0, "2012-01-09")
    assert (analyte.fields["amount_ug"], analyte.fields["specimen_type"]) == (9.66, "RNA")
    assert (shipped.fields["level"], shipped.fields["parent_id"]) == ("shipped_portion", SAMPLE)
    assert (shipped.fields["shipped_on"], sent.fields["dispatched_on"]) == ("2011-03-04", "2011-03-04")
    assert (sent.kind, sent.key) == (Kind.TRANSPORT, f"{SAMPLE}-21-A0C2-20|2011-03-04")


def test_an_impossible_date_in_three_cells_stays_visible(tmp_path: Path) -> None:
    row = {
        "shipment_portion_bcr_aliquot_barcode": f"{SAMPLE}-21-A0C2-20",
        "shipment_portion_day_of_shipment": "31",
        "shipment_portion_month_of_shipment": "2",
        "shipment_portion_year_of_shipment": "2011",
    }
    shipped, sent = _records(tmp_path, "shipment_portion", _text([row]))
    assert shipped.fields["shipped_on"] is None
    assert shipped.unreadable == {"shipped_on": "2011 2 31"}
    assert sent.unreadable == {"dispatched_on": "2011 2 31"}


ALIQUOT_ROW = {
    "bcr_sample_barcode": SAMPLE,
    "bcr_aliquot_barcode": ALIQUOT,
    "bcr_aliquot_uuid": "AB",
    "biospecimen_barcode_bottom": "0174189503",
    "center_id": "09",
    "concentration": "0.16",
    "date_of_shipment": "2014-05-28",
    "plate_column": "3",
    "plate_id": "A0B1",
    "plate_row": "B",
    "quantity": "1.07",
    "source_center": "23",
    "volume": "6.70",
}


def test_an_aliquot_is_a_specimen_and_a_transport(tmp_path: Path) -> None:
    aliquot, sent = _records(tmp_path, "aliquot", _text([ALIQUOT_ROW]))
    assert [aliquot.fields[name] for name in ("center_code", "barcode_2d", "plate_column")] == ["09", "0174189503", 3]
    assert (aliquot.fields["parent_id"], aliquot.fields["specimen_type"]) == (ANALYTE, "DNA")
    assert [aliquot.fields[name] for name in ("amount_ug", "volume_ul", "concentration")] == [1.07, 6.7, 0.16]
    assert (sent.kind, sent.key) == (Kind.TRANSPORT, f"{ALIQUOT}|2014-05-28")
    assert sent.fields == {
        "transport_id": f"{ALIQUOT}|2014-05-28",
        "donor_id": DONOR,
        "specimen_id": ALIQUOT,
        "sender": "23",
        "receiver": "09",
        "dispatched_on": "2014-05-28",
        "plate_id": "A0B1",
        "plate_row": "B",
        "plate_column": 3,
    }
    assert not aliquot.extra
    assert sent.locator == aliquot.locator


def test_the_older_amount_of_an_aliquot_is_a_volume(tmp_path: Path) -> None:
    row = ALIQUOT_ROW | {"amount": "26.70", "volume": "[Not Available]", "quantity": "[Not Available]"}
    aliquot, _ = _records(tmp_path, "aliquot", _text([row]))
    assert aliquot.fields["volume_ul"] == 26.7
    assert "amount_ug" not in aliquot.fields


def test_an_aliquot_that_never_left_has_no_transport_and_loses_nothing(tmp_path: Path) -> None:
    row = ALIQUOT_ROW | {"date_of_shipment": "[Not Available]", "plate_row": "[Not Available]"}
    aliquot = _one(tmp_path, "aliquot", row)
    assert aliquot.extra == {"source_center": "23"}


def test_a_sample_barcode_that_disagrees_with_the_aliquots_own_is_a_field_for_the_rules(tmp_path: Path) -> None:
    aliquot = _records(tmp_path, "aliquot", _text([ALIQUOT_ROW | {"bcr_sample_barcode": f"{DONOR}-10A"}]))[0]
    assert aliquot.fields["listed_sample_id"] == f"{DONOR}-10A"
    same = _records(tmp_path, "aliquot", _text([ALIQUOT_ROW]))[0]
    assert "listed_sample_id" not in same.fields
    assert "bcr_sample_barcode" not in same.extra


@pytest.mark.parametrize(
    ("by_stain", "by_antibody", "expected"),
    [("0", "8", 8), ("3", "[Not Available]", 3), ("[Not Available]", "[Not Available]", None), ("two", "1", None)],
)
def test_positive_nodes_are_the_larger_of_the_counts_by_two_stains(
    tmp_path: Path, by_stain: str, by_antibody: str, expected: int | None
) -> None:
    row = {"bcr_patient_barcode": DONOR, "lymph_nodes_examined_he_count": by_stain}
    records = _records(tmp_path, "patient", _text([row | {"lymph_nodes_examined_ihc_count": by_antibody}]))
    condition = next(record for record in records if record.kind is Kind.CONDITION)
    assert condition.fields.get("nodes_positive") == expected
    assert ("nodes_positive" in condition.unreadable) == (by_stain == "two")


def test_slides_hang_on_the_sample(tmp_path: Path) -> None:
    slide = _one(
        tmp_path,
        "slide",
        {"bcr_sample_barcode": SAMPLE, "bcr_slide_barcode": f"{SAMPLE}-01-TS1", "section_location": "TOP"},
    )
    diagnostic = _one(tmp_path, "diagnostic_slides", {"bcr_sample_barcode": SAMPLE, "ffpe_slide_uuid": "AB-1"})
    assert (slide.key, slide.fields["specimen_id"], slide.fields["section"]) == (f"{SAMPLE}-01-TS1", SAMPLE, "top")
    assert (diagnostic.key, diagnostic.fields["section"], diagnostic.fields["is_ffpe"]) == ("ab-1", "diagnostic", True)


def test_controls_and_tumour_samples_name_the_specimen_by_its_uuid(tmp_path: Path) -> None:
    normal = _one(
        tmp_path,
        "normal_control",
        {"bcr_patient_barcode": DONOR, "bcr_sample_uuid": "AB-CD", "ncedna_dna_conc": ".05", "ncedna_dna_qty": "20"},
    )
    tumor = _one(
        tmp_path, "tumor_sample", {"bcr_patient_barcode": DONOR, "bcr_sample_uuid": "EF", "tumor_weight": "200"}
    )
    assert (normal.kind, normal.key, normal.fields["specimen_id"]) == (Kind.COLLECTION, "ab-cd|normal", "ab-cd")
    assert (normal.fields["dna_concentration"], normal.fields["dna_amount_ug"]) == (0.05, 20.0)
    assert (tumor.key, tumor.fields["category"], tumor.fields["weight_mg"]) == ("ef|tumor", "tumor", 200.0)


def test_a_quality_form_gives_consent_and_collection(tmp_path: Path) -> None:
    row = {
        "bcr_patient_barcode": DONOR,
        "consent_or_death_status": "Exemption 4",
        "country": "Canada",
        "days_to_sample_procurement": "-3",
        "path_confirm_diagnosis_matching": "YES",
    }
    consent, collected = _records(tmp_path, "cqcf", _text([row]))
    assert (consent.key, consent.fields["status"], consent.fields["country"]) == (
        f"{DONOR}|bcr_cqcf",
        "exemption",
        "Canada",
    )
    assert (collected.key, collected.fields["category"]) == (f"{DONOR}|case", "case")
    assert (collected.fields["collected_offset_days"], collected.fields["diagnosis_confirmed"]) == (-3, True)


def test_microsatellite_status_is_an_observation_on_the_aliquot(tmp_path: Path) -> None:
    record = _one(
        tmp_path,
        "auxiliary",
        {
            "bcr_patient_barcode": DONOR,
            "bcr_aliquot_uuid": "AB",
            "mononucleotide_and_dinucleotide_marker_panel_analysis_status": "MSI-H",
        },
    )
    assert (record.kind, record.key) == (Kind.OBSERVATION, f"{DONOR}|msi")
    assert (record.fields["specimen_id"], record.fields["value_text"]) == ("ab", "MSI-H")


# --- clinical ------------------------------------------------------------------------------------------------------

PATIENT = {
    "bcr_patient_uuid": "U-1",
    "bcr_patient_barcode": DONOR,
    "patient_id": "0001",
    "tissue_source_site": "ZZ",
    "form_completion_date": "2014-5-9",
    "gender": "FEMALE",
    "vital_status": "Alive",
    "informed_consent_verified": "YES",
    "birth_days_to": "-20000",
    "icd_10": "C22.0",
    "ajcc_pathologic_tumor_stage": "Stage IIA",
    "ajcc_staging_edition": "7th",
    "vascular_invasion": "None",
}


def test_a_patient_is_a_donor_and_a_primary_condition(tmp_path: Path) -> None:
    donor, condition = _records(tmp_path, "patient", _text([PATIENT], {}))
    assert (donor.kind, donor.key, donor.locator.line) == (Kind.DONOR, DONOR, 4)
    assert donor.fields == {
        "donor_id": DONOR,
        "sex": "female",
        "site": "ZZ",
        "vital_status": "alive",
        "birth_offset_days": -20000,
        "consent_verified": True,
        "form_completed_on": "2014-05-09",
    }
    assert (condition.key, condition.fields["category"]) == (f"{DONOR}|primary", "primary")
    assert (condition.fields["pathologic_stage"], condition.fields["tnm_edition"]) == ("IIA", "7")
    assert condition.extra == {"vascular_invasion": "None"}


def test_a_column_is_found_by_its_older_name_too(tmp_path: Path) -> None:
    row = {**PATIENT, "age_new_name": "62", "diagnosis_text": "A"}
    older = {"age_new_name": "age_at_initial_pathologic_diagnosis", "diagnosis_text": "histological_type"}
    donor, condition = _records(tmp_path, "patient", _text([row], older))
    assert donor.fields["age_years"] == 62.0
    assert condition.fields["histology"] == "A"


def test_a_laboratory_value_brings_its_sites_own_limits(tmp_path: Path) -> None:
    row = {
        **PATIENT,
        "serum_albumin_preresection": "4.3",
        "serum_albumin_norm_range_lower": "3.5",
        "serum_albumin_norm_range_upper": "5.0",
        "creatinine_level_preresection": "0.9",
    }
    older = {"creatinine_level_preresection": "creatinine_value_in_mg_dl"}
    creatinine, albumin = _records(tmp_path, "patient", _text([row], older))[2:]
    assert (albumin.key, albumin.kind) == (f"{DONOR}|albumin|preresection", Kind.OBSERVATION)
    assert albumin.fields == {
        "donor_id": DONOR,
        "analyte": "albumin",
        "value": 4.3,
        "reference_low": 3.5,
        "reference_high": 5.0,
    }
    assert creatinine.fields["unit"] == "mg/dL"


@pytest.mark.parametrize(
    ("text", "fields", "unreadable"),
    [
        ("<0.5", {"value": 0.5, "comparator": "<"}, {}),
        ("≥ 90", {"value": 90.0, "comparator": ">="}, {}),
        ("Normal", {"value_text": "Normal"}, {}),
        ("12 U/L", {"value": None}, {"value": "12 U/L"}),
    ],
)
def test_a_laboratory_value_is_a_number_a_limit_words_or_visibly_unreadable(
    tmp_path: Path, text: str, fields: Mapping[str, object], unreadable: Mapping[str, str]
) -> None:
    record = _records(tmp_path, "patient", _text([{**PATIENT, "ldh_level": text}], {}))[2]
    assert record.fields == {"donor_id": DONOR, "analyte": "ldh", **fields}
    assert record.unreadable == unreadable


def test_a_limit_without_a_value_is_kept_with_the_condition(tmp_path: Path) -> None:
    row = {**PATIENT, "ldh_level": "[Not Available]", "ldh_norm_range_upper": "450"}
    _, condition = _records(tmp_path, "patient", _text([row], {}))
    assert condition.extra["ldh_norm_range_upper"] == "450"


def test_follow_up_new_event_other_malignancy_drug_and_radiation(tmp_path: Path) -> None:
    follow_up = _one(
        tmp_path,
        "follow_up",
        {"bcr_patient_barcode": DONOR, "bcr_followup_barcode": f"{DONOR}-F1", "followup_lost_to": "YES",
         "new_tumor_event_dx_indicator": "NO", "last_contact_days_to": "402"},
        {},
    )  # fmt: skip
    event = _one(
        tmp_path,
        "nte",
        {"bcr_patient_barcode": DONOR, "new_tumor_event_type": "Locoregional|Distant",
         "new_tumor_event_dx_days_to": "40"},
        {"new_tumor_event_type": "new_neoplasm_event_type",
         "new_tumor_event_dx_days_to": "days_to_new_tumor_event_after_initial_treatment"},
    )  # fmt: skip
    other = _one(
        tmp_path,
        "omf",
        {"bcr_patient_barcode": DONOR, "bcr_omf_barcode": f"{DONOR}-O1", "other_malignancy_laterality": "Both"},
        {},
    )
    drug = _one(
        tmp_path,
        "drug",
        {"bcr_patient_barcode": DONOR, "bcr_drug_barcode": f"{DONOR}-D1",
         "pharmaceutical_therapy_drug_name": "Cisplatin", "prescribed_dose": "60+600",
         "pharmaceutical_tx_dose_units": "[iU]/kg"},
        {},
    )  # fmt: skip
    radiation = _one(
        tmp_path,
        "radiation",
        {"bcr_patient_barcode": DONOR, "bcr_radiation_barcode": f"{DONOR}-R1", "radiation_total_dose": "2000",
         "radiation_adjuvant_units": "cGy", "radiation_therapy_ongoing_indicator": "NO"},
        {},
    )  # fmt: skip
    assert (follow_up.key, follow_up.fields["lost"], follow_up.fields["new_tumor_event"]) == (
        f"{DONOR}-F1",
        True,
        False,
    )
    assert event.key == f"{DONOR}|new_tumor_event|40|Locoregional/Distant||"
    assert "condition_id" not in event.fields  # it would carry the donor's identifier into the bank
    assert (other.fields["category"], other.fields["laterality"]) == ("other_malignancy", "bilateral")
    assert drug.unreadable == {"dose": "60+600"}
    assert drug.fields["dose_unit"]
    assert (radiation.fields["dose"], radiation.fields["dose_unit"], radiation.fields["ongoing"]) == (
        2000.0,
        "cGy",
        False,
    )


def test_consent_of_the_clinical_form_has_its_own_key(tmp_path: Path) -> None:
    row = {
        "bcr_patient_barcode": DONOR,
        "patient_consent_status": "Consented",
        "patient_consent_days_to": "[Completed]",
    }
    record = _one(tmp_path, "clinical_cqcf", row, {})
    assert (record.key, record.fields["status"]) == (f"{DONOR}|clinical_cqcf", "consented")
    assert record.extra == {"patient_consent_days_to": "[Completed]"}


# --- what can be wrong with a file ---------------------------------------------------------------------------------


def test_a_remark_instead_of_a_value_is_kept(tmp_path: Path) -> None:
    record = _one(tmp_path, "sample", {"bcr_sample_barcode": SAMPLE, "is_ffpe": "[Discrepancy]", "vial_number": "A"})
    assert "is_ffpe" not in record.fields
    assert record.extra == {"is_ffpe": "[Discrepancy]"}


def test_what_cannot_be_read_as_its_type_stays_visible(tmp_path: Path) -> None:
    record = _one(
        tmp_path, "portion", {"bcr_portion_barcode": PORTION, "weight": "30 mg", "date_of_creation": "2011-8-00"}
    )
    assert (record.fields["weight_mg"], record.fields["created_on"]) == (None, "2011-08")
    assert record.unreadable == {"weight_mg": "30 mg"}


def test_many_different_unreadable_values_all_stay_visible(tmp_path: Path) -> None:
    rows = [{"bcr_portion_barcode": f"{SAMPLE}-{n:04d}", "weight": f"{n} mg"} for n in range(2500)]
    found = _records(tmp_path, "portion", _text(rows))
    assert [record.unreadable["weight_mg"] for record in found] == [f"{n} mg" for n in range(2500)]


@pytest.mark.parametrize("heads", [1, 2, 3])
def test_one_to_three_header_rows_are_read_and_lines_keep_their_numbers(tmp_path: Path, heads: int) -> None:
    names = "bcr_portion_barcode\tweight"
    above = [names, names, "CDE_ID:\tCDE_ID:64"][:heads]
    record = _records(tmp_path, "portion", "\n".join([*above, f"{PORTION}\t30"]) + "\n")[0]
    assert (record.locator.line, record.fields["weight_mg"]) == (heads + 1, 30.0)


def test_crlf_blank_lines_and_a_missing_last_line_end_do_not_matter(tmp_path: Path) -> None:
    content = f"bcr_portion_barcode\tweight\r\n\t\r\n\r\n{PORTION}\t30\r\n\r\n\t\r\n{PORTION}2\t31"
    assert [(r.key, r.locator.line) for r in _records(tmp_path, "portion", content)] == [
        (PORTION, 4),
        (f"{PORTION}2", 7),
    ]


def test_a_ragged_line_is_a_problem_and_the_next_is_read(tmp_path: Path) -> None:
    content = f"bcr_portion_barcode\tweight\n{PORTION}\n{PORTION}\t30\t40\n{PORTION}\t30\t\t\n{PORTION}\t31\n"
    found = _read(tmp_path, "portion", content)
    assert [item for item in _problems(found) if item[0] == "line_ragged"] == [("line_ragged", 2), ("line_ragged", 3)]
    assert [item.locator.line for item in found if isinstance(item, Record)] == [4, 5]


def test_a_line_that_never_ends_is_a_problem_and_the_next_is_read(tmp_path: Path) -> None:
    content = f"bcr_portion_barcode\tweight\n{'x' * 1_200_000}\n{PORTION}\t30\n"
    found = _read(tmp_path, "portion", content)
    assert ("line_too_long", 2) in _problems(found)
    assert [item.locator.line for item in found if isinstance(item, Record)] == [3]


def test_a_header_that_comes_twice_is_a_problem_and_both_columns_are_kept(tmp_path: Path) -> None:
    content = f"bcr_portion_barcode\tweight\tweight\n{PORTION}\t30\t31\n"
    found = _read(tmp_path, "portion", content)
    record = found[-1]
    assert ("duplicate_header", 1) in _problems(found)
    assert isinstance(record, Record)
    assert (record.fields["weight_mg"], record.extra) == (30.0, {"weight#2": "31"})


def test_a_new_column_goes_to_extra_and_a_missing_one_is_told(tmp_path: Path) -> None:
    found = _read(tmp_path, "portion", f"bcr_portion_barcode\tbrand_new\n{PORTION}\tx\n")
    record = found[-1]
    assert isinstance(record, Record)
    assert record.extra == {"brand_new": "x"}
    missing = [item.values["column"] for item in found if isinstance(item, SourceProblem)]
    assert missing == ["bcr_portion_uuid", "date_of_creation", "is_ffpe", "portion_number", "weight"]


def test_without_the_column_that_names_the_rows_nothing_is_read(tmp_path: Path) -> None:
    found = _read(tmp_path, "portion", "bcr_patient_uuid\tweight\nU\t30\n")
    fatal = [item for item in found if isinstance(item, SourceProblem) and item.fatal]
    assert [(item.reason, item.values["column"]) for item in fatal] == [("biotab_key_missing", "bcr_portion_barcode")]
    assert not any(isinstance(item, Record) for item in found)


def test_a_row_without_its_barcode_is_a_problem(tmp_path: Path) -> None:
    found = _read(tmp_path, "portion", f"bcr_portion_barcode\tweight\n[Not Available]\t30\n{PORTION}\t31\n")
    assert ("row_without_key", 2) in _problems(found)
    assert [item.key for item in found if isinstance(item, Record)] == [PORTION]


def test_a_barcode_that_is_none_leaves_the_donor_open(tmp_path: Path) -> None:
    record = _records(tmp_path, "portion", "bcr_portion_barcode\tweight\nXYZ\t30\n")[0]
    assert (record.key, record.donor) == ("XYZ", None)
    assert "donor_id" not in record.fields


def test_two_rows_with_one_key_are_both_kept(tmp_path: Path) -> None:
    content = f"bcr_portion_barcode\tweight\n{PORTION}\t30\n{PORTION}\t31\n"
    assert [record.fields["weight_mg"] for record in _records(tmp_path, "portion", content)] == [30.0, 31.0]


def test_windows_1252_is_read(tmp_path: Path) -> None:
    content = f"bcr_portion_barcode\tremark\n{PORTION}\tGu\xe9rin\x96\n".encode("latin-1")
    assert _records(tmp_path, "portion", content)[0].extra == {"remark": "Guérin–"}


def test_an_empty_file_and_an_unknown_table_are_problems(tmp_path: Path) -> None:
    assert _problems(_read(tmp_path, "portion", "")) == [("file_empty", 0)]
    assert _problems(_read(tmp_path, "portion", "\n\n")) == [("file_empty", 0)]
    assert _problems(_read(tmp_path, "unknown", "bcr_x\ty\n")) == [("biotab_table_unknown", 1)]
