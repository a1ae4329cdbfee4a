"""Codes of HL7 tables in our own words. What is not listed stays as it was written, for a curator to see.

Sources: HL7 v2.5.1 tables 0001, 0085, 0123, 0371, 0487, 0203; SNOMED CT concept identifiers of specimens.
"""

SEX = {"M": "male", "F": "female", "O": "other", "A": "other", "U": "unknown"}

RESULT_STATUS = {
    "A": "amended",
    "B": "appended",
    "C": "corrected",
    "D": "entered-in-error",
    "F": "final",
    "I": "registered",
    "N": "unknown",
    "O": "registered",
    "P": "preliminary",
    "R": "preliminary",
    "S": "partial",
    "U": "final",
    "V": "final",
    "W": "entered-in-error",
    "X": "cancelled",
}
"""Table 0085 (OBX-11): what has become of one result."""

REPORT_STATUS = {
    "A": "partial",
    "C": "corrected",
    "F": "final",
    "I": "registered",
    "M": "corrected",
    "O": "registered",
    "P": "preliminary",
    "R": "partial",
    "S": "registered",
    "X": "cancelled",
    "Y": "unknown",
    "Z": "unknown",
}
"""Table 0123 (OBR-25): what has become of one order."""

SPECIMEN_TYPE = {
    "AMN": "AmnioticFluid",
    "ASERU": "Serum",
    "BAL": "BronchoalveolarLavage",
    "BIFL": "Bile",
    "BLD": "WholeBlood",
    "BLDA": "WholeBlood",
    "BLDC": "WholeBlood",
    "BLDCO": "CordBlood",
    "BLDV": "WholeBlood",
    "BON": "Bone",
    "CBLD": "CordBlood",
    "CSERU": "Serum",
    "CSF": "CerebrospinalFluid",
    "DBS": "DriedBloodSpot",
    "FBLOOD": "WholeBlood",
    "HAR": "Hair",
    "MAR": "BoneMarrow",
    "MILK": "BreastMilk",
    "NAIL": "Nail",
    "PLAS": "Plasma",
    "PLC": "Placenta",
    "PLEU": "PleuralFluid",
    "PLR": "PleuralFluid",
    "RBC": "RedBloodCells",
    "SAL": "Saliva",
    "SEM": "Semen",
    "SER": "Serum",
    "SERU": "Serum",
    "SNV": "SynovialFluid",
    "SPT": "Sputum",
    "STL": "Faeces",
    "SYNVFL": "SynovialFluid",
    "TEAR": "Tears",
    "UR": "Urine",
    "URINE": "Urine",
    "WB": "WholeBlood",
    "119297000": "WholeBlood",
    "67922002": "Serum",
    "119364003": "Serum",
    "119361006": "Plasma",
    "122575003": "Urine",
    "78014005": "Urine",
    "119339001": "Faeces",
    "119342007": "Saliva",
    "119334006": "Sputum",
    "258450006": "CerebrospinalFluid",
    "119359002": "BoneMarrow",
    "258566005": "DNA",
    "441673008": "RNA",
}
"""Table 0487 and SNOMED CT (SPM-4)."""

TUBE = {
    "ACDA": "ACD",
    "ACDB": "ACD",
    "C32": "Citrate",
    "C38": "Citrate",
    "EDTK": "EDTA",
    "EDTK15": "EDTA",
    "EDTK75": "EDTA",
    "EDTN": "EDTA",
    "FL10": "Fluoride",
    "FL100": "Fluoride",
    "HEPL": "LithiumHeparin",
    "HEPN": "SodiumHeparin",
    "SST": "SerumGel",
}
"""Table 0371 (SPM-6): the additive names the tube."""

FIXATION = {"F10": "neutral_buffered_formalin", "FORM": "neutral_buffered_formalin"}

NOT_A_DONORS = frozenset("BCEFOQV")
"""Table 0369 (SPM-11): blind, calibrator, electronic control, proficiency and control specimens."""

RECORD_NUMBERS = ("MR", "MRN", "PI", "PT", "MRT")
"""Table 0203 (PID-3.5): a hospital's own numbers for a person, best first."""

NOT_A_NUMBER_OF_OURS = frozenset(
    {"SS", "NI", "NNCHN", "DL", "PPN", "MC", "MA", "HC", "NH", "SN", "NIIP", "BC", "DR", "EN", "VN", "AN", "USSSA"}
)
"""National, insurance, licence, account and visit numbers: the donor's identifier only when there is no other."""

NATIONAL = frozenset({"NI", "NNCHN", "SS"})

ICD10 = frozenset({"I10", "I10C", "ICD10", "ICD-10", "ICD10CM", "ICD-10-CM", "I10P", "ICD-10-CN"})

MERGES = frozenset({"A18", "A30", "A34", "A35", "A36", "A39", "A40", "A41", "A42", "A43", "A44", "A45", "A46", "A47"})
MERGES |= {"A48", "A49", "A50", "A51"}
DELETES = frozenset({"A23", "A29"})

VISIT_STATUS = {
    "A01": "admitted",
    "A03": "discharged",
    "A04": "registered",
    "A05": "preadmitted",
    "A11": "cancelled",
    "A12": "transfer cancelled",
    "A13": "discharge cancelled",
    "A38": "cancelled",
}
"""What an ADT event says of a visit."""
