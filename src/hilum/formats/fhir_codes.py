"""Codes that FHIR resources carry, in the words of our value sets: SNOMED CT, HL7 v2 tables and MIABIS.

Only codes that mean the same are listed; a code that is not here keeps its text, and the gate says so. The SNOMED CT
codes of specimen types and fixatives follow the SPREC concept maps of the Medical Informatics Initiative (CC BY 4.0).
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from hilum.formats.json_stream import decoded_object, encoded
from hilum.terms.analytes import analyte_of_loinc
from hilum.terms.synonyms import code_of

_REMEMBERED = 4_096
"""Concepts come again and again: what they mean is remembered by their text."""
_found: dict[tuple[str, bytes], str | None] = {}

SNOMED, LOINC, UCUM = "http://snomed.info/sct", "http://loinc.org", "http://unitsofmeasure.org"
MIABIS_TYPE = "https://fhir.bbmri-eric.eu/fhir/CodeSystem/miabis-detailed-samply-type-cs"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
ICDO = "http://terminology.hl7.org/CodeSystem/icd-o-3"

SPECIMEN_TYPES: Mapping[str, str] = {
    # SNOMED CT
    "309201001": "Ascites",
    "168139001": "Ascites",
    "119373006": "AmnioticFluid",
    "258607008": "BronchoalveolarLavage",
    "258580003": "WholeBlood",
    "119297000": "WholeBlood",
    "396997002": "BoneMarrow",
    "119359002": "BoneMarrow",
    "446676001": "BreastMilk",
    "258587000": "BuffyCoat",
    "404798000": "PBMC",
    "430268003": "Bone",
    "122556008": "CordBlood",
    "258450006": "CerebrospinalFluid",
    "119326000": "Hair",
    "119327009": "Nail",
    "119403008": "Placenta",
    "418564007": "PleuralFluid",
    "119351004": "RedBloodCells",
    "119347001": "Semen",
    "119334006": "Sputum",
    "119332005": "SynovialFluid",
    "122594008": "Tears",
    "119364003": "Serum",
    "119342007": "Saliva",
    "119339001": "Faeces",
    "122575003": "Urine",
    "276833005": "Urine",
    "278020009": "Urine",
    "258575007": "Urine",
    "409821005": "Urine",
    "122567004": "UrineSediment",
    "119294007": "DriedBloodSpot",
    "119361006": "Plasma",
    "258566005": "DNA",
    "441673008": "RNA",
    "258500001": "Swab",
    "441652008": "TissueFFPE",
    "16214131000119104": "TissueFFPE",
    # HL7 v2 table 0487
    "BLD": "WholeBlood",
    "BLDV": "WholeBlood",
    "BLDCO": "CordBlood",
    "SER": "Serum",
    "PLAS": "Plasma",
    "PLC": "Placenta",
    "UR": "Urine",
    "URINE": "Urine",
    "URNS": "UrineSediment",
    "CSF": "CerebrospinalFluid",
    "STL": "Faeces",
    "SAL": "Saliva",
    "SPT": "Sputum",
    "SMN": "Semen",
    "SNV": "SynovialFluid",
    "PLR": "PleuralFluid",
    "AMN": "AmnioticFluid",
    "BIFL": "Bile",
    "BBL": "BronchoalveolarLavage",
    "BON": "Bone",
    "MAR": "BoneMarrow",
    "HAR": "Hair",
    "TEAR": "Tears",
    "BUF": "BuffyCoat",
    # SPREC 4.0
    "DWB": "DriedBloodSpot",
    "PL1": "Plasma",
    "PL2": "Plasma",
    "URN": "Urine",
    "U24": "Urine",
    "URM": "Urine",
    "URT": "Urine",
    "CEL": "PBMC",
    "BMA": "BoneMarrow",
    "CRD": "CordBlood",
    "ASC": "Ascites",
    "RBC": "RedBloodCells",
}
PREFERRED_TYPES: Mapping[str, str] = {
    **{found: code for code, found in reversed(list(SPECIMEN_TYPES.items())) if code.isdigit()},
    "Urine": "122575003",
    "WholeBlood": "258580003",
    "BoneMarrow": "119359002",
    "Ascites": "309201001",
    "TissueFFPE": "441652008",
}
"""Our code -> the SNOMED CT code an export writes beside it."""

TUBES: Mapping[str, str] = {
    "702284002": "LithiumHeparin",
    "702285001": "LithiumHeparin",
    "767390000": "LithiumHeparin",
    "767382000": "SodiumHeparin",
    "702287009": "Fluoride",
    "702296009": "Citrate",
    "702297000": "SerumGel",
    "767384004": "SerumGel",
    "702256007": "SerumPlain",
    "702278000": "SerumPlain",
    "702280006": "PAXgeneRNA",
    "706047007": "StoolContainer",
    # additives: SNOMED CT substances and HL7 v2 table 0371
    "69519002": "EDTA",
    "EDTK": "EDTA",
    "EDTK15": "EDTA",
    "EDTK75": "EDTA",
    "EDTN": "EDTA",
    "HEPL": "LithiumHeparin",
    "HEPN": "SodiumHeparin",
    "SST": "SerumGel",
    "PPT": "EDTAGel",
    "ACDA": "ACD",
    "ACDB": "ACD",
    "C32": "Citrate",
    "C38": "Citrate",
    "NAF": "Fluoride",
    "KOX": "Fluoride",
}
STEPS: Mapping[str, str] = {
    "1186936003": "store",
    "85457002": "centrifuge",
    "73373003": "centrifuge",
    "27872000": "freeze",
    "702943006": "extract",
    "434473001": "extract",
    "9265001": "embed",
    "430267007": "fix",
    "107731005": "thaw",
    "762482005": "aliquot",
    "ACID": "other",
    "CENTRIFUGATION": "centrifuge",
    "FRZ": "freeze",
}
"""What was done to a specimen; ``store`` becomes a storage record."""
FIXATIVES: Mapping[str, str] = {
    "434162003": "neutral_buffered_formalin",
    "431510009": "non_buffered_formalin",
    "333164008": "alcohol",
    "433469005": "oct",
}
STORAGE_RANGES: Mapping[str, tuple[float, float]] = {
    "RT": (15.0, 25.0),
    "2to10": (2.0, 10.0),
    "-18to-35": (-35.0, -18.0),
    "-60to-85": (-85.0, -60.0),
    "LN": (-196.0, -150.0),
}
"""MIABIS storage temperatures in degrees Celsius."""
LEVELS = {"MASTER": "sample", "ALIQUOT": "aliquot"}
SURGERY = frozenset({"387713003"})
BIOPSY = frozenset({"86273004", "129314006"})


def codings(concept: object) -> Iterator[tuple[str, str, str]]:
    """``(system, code, display)`` of a CodeableConcept, a Coding, or R5's CodeableReference."""
    if not isinstance(concept, dict):
        return
    if "concept" in concept:
        concept = concept["concept"]
    found = concept.get("coding") if isinstance(concept, dict) else None
    several = found if isinstance(found, list) else [concept] if isinstance(concept, dict) else []
    for one in several:
        if isinstance(one, dict):
            yield _word(one.get("system")), _word(one.get("code")), _word(one.get("display"))


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def text_of(concept: object) -> str | None:
    """The words of a concept: its text, else a display, else a code."""
    if not isinstance(concept, dict):
        return concept if isinstance(concept, str) else None
    return _text_of(encoded(concept))


@lru_cache(maxsize=_REMEMBERED)
def _text_of(raw: bytes) -> str | None:
    concept = decoded_object(raw)
    inner = concept.get("concept")
    told = _word((inner if isinstance(inner, dict) else concept).get("text"))
    if told:
        return told
    found = list(codings(concept))
    return next((display for _, _, display in found if display), None) or next(
        (code for _, code, _ in found if code), None
    )


def known_code(concept: object, valueset: str, table: Mapping[str, str]) -> str | None:
    """The code of ``valueset`` a concept stands for: by a listed code, by the code itself, or by a listed spelling.

    A value set is always asked for with the same table."""
    if not concept:
        return None
    raw = encoded(concept)
    key = (valueset, raw)
    if key not in _found:
        if len(_found) >= _REMEMBERED:
            _found.clear()
        _found[key] = _known_code(concept, valueset, table)
    return _found[key]


def _known_code(concept: object, valueset: str, table: Mapping[str, str]) -> str | None:
    found = list(codings(concept))
    for _, code, _ in reversed(found):
        mapped = table.get(code) or (code_of(valueset, code) if code else None)
        if mapped:
            return mapped
    spelt = (code_of(valueset, text) for text in (text_of(concept), *(one[2] for one in found)) if text)
    return next((code for code in spelt if code), None)


def analyte(concept: object) -> str | None:
    """The analyte an observation's code means; the source's own words where it means none we know."""
    found = list(codings(concept))
    for system, code, _ in found:
        named = analyte_of_loinc(code) if system == LOINC else None
        if named:
            return named
    spelt = (
        code_of("analyte", text) for text in (text_of(concept), *(part for one in found for part in one[1:])) if text
    )
    return next((code for code in spelt if code), None) or text_of(concept)
