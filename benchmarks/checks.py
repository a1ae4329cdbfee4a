"""Fifty common checks, said four times: as our rules, as a bare Polars query, to pandera, pointblank and GX.

20 values that must be there, 10 codes, 8 forms, 9 ranges, 3 comparisons of two columns. NULL passes every check but
the first kind, so that all five count the same.
"""

from dataclasses import dataclass

from hilum.quality.rule import Rule

NOT_NULL = (
    *("specimen_id", "donor_id", "parent_id", "level", "specimen_type", "sample_type", "sample_code", "analyte_code"),
    *(
        "vial",
        "portion_number",
        "uuid",
        "barcode_2d",
        "tube",
        "plate_id",
        "plate_row",
        "well",
        "center_code",
        "location",
    ),
    *("collected_by", "hemolysis"),
)
IN_SET = {
    "level": ("sample", "portion", "analyte", "aliquot"),
    "specimen_type": ("RNA", "DNA", "Serum", "Plasma"),
    "sample_type": ("Primary Tumor", "Solid Tissue Normal", "Blood Derived Normal"),
    "sample_code": ("01", "02", "10", "11"),
    "analyte_code": ("D", "R", "T", "W", "X", "H"),
    "vial": ("A", "B", "C"),
    "tube": ("EDTA", "ACD", "Citrate", "SerumGel"),
    "plate_row": ("A", "B", "C", "D", "E", "F", "G", "H"),
    "center_code": ("01", "07", "08", "13", "20"),
    "hemolysis": ("none", "slight", "moderate", "gross"),
}
FORMS = {
    "specimen_id": "TCGA-[0-9A-Z]{2}-[0-9A-Z]{4}-[0-9]{2}[A-Z]-[0-9]{2}[A-Z]-[0-9A-Z]{4}-[0-9]{2}",
    "donor_id": "TCGA-[0-9A-Z]{2}-[0-9A-Z]{4}",
    "barcode_2d": "[0-9A-Z]{8,14}",
    "plate_id": "[0-9A-Z]{4}",
    "well": "[A-P]([1-9]|0[1-9]|1[0-9]|2[0-4])",
    "portion_number": "[0-9]{2}",
    "center_code": "[0-9]{2}",
    "sample_code": "[0-9]{2}",
}
PATTERN_NAMES = {
    "specimen_id": "tcga_aliquot",
    "donor_id": "tcga_patient",
    "barcode_2d": "barcode_2d",
    "plate_id": "plate_id",
    "well": "well",
    "portion_number": "two_digits",
    "center_code": "two_digits",
    "sample_code": "two_digits",
}
RANGES = {
    "weight_mg": (0.0, 5000.0),
    "volume_ul": (0.0, 5000.0),
    "concentration": (0.0, 10.0),
    "amount_ug": (0.0, 5000.0),
    "a260_a280": (0.5, 3.0),
    "rin": (1.0, 10.0),
    "ratio_28s_18s": (0.0, 5.0),
    "storage_c": (-200.0, 30.0),
    "plate_column": (1.0, 24.0),
}
ORDERED = (("collected_at", "received_at"), ("received_at", "centrifuged_at"), ("centrifuged_at", "frozen_at"))


@dataclass(frozen=True, slots=True)
class Check:
    """One check in the rule language."""

    field: str
    condition: str


def checks() -> list[Check]:
    """The fifty checks."""
    found = [Check(name, f"{name} IS NOT NULL") for name in NOT_NULL]
    for name, codes in IN_SET.items():
        listed = ", ".join(f"'{code}'" for code in codes)
        found.append(Check(name, f"{name} IS NULL OR {name} IN ({listed})"))
    found += [Check(name, f"{name} IS NULL OR matches({name}, '{PATTERN_NAMES[name]}')") for name in FORMS]
    found += [Check(name, f"{name} IS NULL OR {name} BETWEEN {low} AND {high}") for name, (low, high) in RANGES.items()]
    for first, second in ORDERED:
        found.append(Check(second, f"{first} IS NULL OR {second} IS NULL OR {first} <= {second}"))
    return found


def rules() -> list[Rule]:
    """The fifty checks as rules."""
    from benchmarks.workload import rule

    return [rule(f"COMMON-{number:02d}", check.condition, check.field) for number, check in enumerate(checks(), 1)]
