"""The attributes of MIABIS Sample, Sample donor and Event in their spellings, and its code lists in ours.

Names are compared without case, blanks and punctuation, so that ``Sample ID``, ``sampleId`` and ``SAMPLE_ID`` are one;
attribute codes (``MIABIS-SAMPLE-01``) are names too. Sources: MIABIS individual-level component V1.1 (BBMRI-ERIC 2024)
and MIABIS on FHIR's code systems; the older names are those of V1.0 and MIABIS 2.0 (Eklund et al. 2020).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

SAMPLE, DONOR, EVENT = "sample", "donor", "event"
_ATTRIBUTES: Mapping[str, str] = {
    "sample_id": "sampleid MIABIS-SAMPLE-01 MIABIS-39",
    "parent_id": "parentsampleid derivedfromsampleid MIABIS-40",
    "donor_id": "sampledonorid donorid MIABIS-SAMPLEDONOR-01",
    "type": "sampletype detailedsampletype detailedmaterialtype materialtype MIABIS-SAMPLE-02 MIABIS-41",
    "temperature": "samplestoragetemperature storagetemperature MIABIS-SAMPLE-03 MIABIS-42",
    "created": "samplecreationdateandtime samplecreationdatetime samplecreationdate creationdateandtime "
    "creationdatetime MIABIS-SAMPLE-04",
    "collected": "sampledtime samplecollectedtime samplecollectiontime samplecollectiondateandtime collecteddatetime "
    "MIABIS-43",
    "site_ontology": "anatomicalsiteontology MIABIS-SAMPLE-05 MIABIS-SAMPLE-05-01",
    "site_version": "anatomicalsiteontologyversion anatomicalsiteversion MIABIS-SAMPLE-06 MIABIS-SAMPLE-05-02",
    "site_code": "anatomicalsiteontologycode anatomicalsitecode MIABIS-SAMPLE-07 MIABIS-SAMPLE-05-03",
    "site_words": "anatomicalsiteontologydescription anatomicalsitedescription MIABIS-SAMPLE-08 MIABIS-SAMPLE-05-04",
    "site_text": "anatomicalsitefreetext anatomicalsite MIABIS-SAMPLE-09 MIABIS-SAMPLE-05-05 MIABIS-44",
    "diagnosis": "samplecontentdiagnosis MIABIS-SAMPLE-10",
    "conditions": "useandaccessconditions useaccessconditions userestrictions MIABIS-SAMPLE-11",
    "source": "samplesource MIABIS-SAMPLE-12",
    "collection": "samplecollectionid collectionid MIABIS-45",
    "sex": "sex biologicalsex MIABIS-SAMPLEDONOR-02",
    "datasets": "datasettype datasettypes MIABIS-SAMPLEDONOR-03",
    "birth": "birthdate dateofbirth MIABIS-SAMPLEDONOR-04",
    "event_id": "eventid MIABIS-EVENT-01",
    "event_at": "eventdateandtime eventdatetime eventdate MIABIS-EVENT-02",
    "age": "ageatevent MIABIS-EVENT-03",
    "age_unit": "ageateventunit ageunit MIABIS-EVENT-04",
    "event_name": "eventname eventtype MIABIS-EVENT-05",
    "event_words": "eventdescription MIABIS-EVENT-06",
    "event_contact": "eventcontactinformation MIABIS-EVENT-07",
}
UNUSED = frozenset({"conditions", "collection", "datasets", "event_contact", "site_version"})
"""Attributes that no field of ours holds; they are counted and told."""
_COMMON = frozenset({"sample_id", "donor_id", "type", "temperature", "sex", "birth", "collection", "parent_id"})
"""Names that many a hospital's own table has too."""
_OURS = frozenset({"sampledonorid", "detailedsampletype", "samplestoragetemperature"})
"""Spellings among them that only MIABIS has."""

_SPARED = re.compile(r"[\W_]+")


@lru_cache(maxsize=4_096)
def folded(name: str) -> str:
    """``name`` without case, blanks and punctuation."""
    return _SPARED.sub("", unicodedata.normalize("NFKC", name).replace("&", "and")).lower()


_KNOWN = {folded(name): key for key, names in _ATTRIBUTES.items() for name in names.split()}


@lru_cache(maxsize=4_096)
def attribute(name: str) -> str | None:
    """Our word for the attribute ``name``, or ``None`` where MIABIS has none of that name."""
    return _KNOWN.get(folded(name))


def is_miabis(names: Iterable[str]) -> bool:
    """Whether a table with these columns is MIABIS: all its names are, an identifier among them, and one is its own."""
    known = [(attribute(name), folded(name)) for name in names if name.strip()]
    keys = {key for key, _ in known}
    if None in keys or len(known) < 2 or not keys & {"sample_id", "donor_id", "event_id"}:
        return False
    return any(key not in _COMMON or name in _OURS or name.startswith("miabis") for key, name in known)


def entity(keys: Iterable[str]) -> str | None:
    """Which entity these attributes describe."""
    found = set(keys)
    if "event_id" in found or {"event_at", "age"} & found:
        return EVENT
    if "sample_id" in found:
        return SAMPLE
    return DONOR if "donor_id" in found else None


TYPES: Mapping[str, str] = {
    "Ascites fluid": "Ascites", "AscitesFluid": "Ascites", "Bone marrow aspirate": "BoneMarrow",
    "BoneMarrowAspirate": "BoneMarrow", "BoneMarrowWhole": "BoneMarrow", "Bone marrow, whole": "BoneMarrow",
    "BronchLavage": "BronchoalveolarLavage", "Cancer cell lines": "CellLine", "CancerCellLine": "CellLine",
    "Immortalized cell lines": "CellLine", "ImmortalizedCellLine": "CellLine", "IsolatedExosome": "Exosomes",
    "Isolated or enriched exosomes": "Exosomes", "Isolated Tumor Cell (neoplastic cell)": "CirculatingTumorCells",
    "IsolatedTumorCell": "CirculatingTumorCells", "Stem cells (and iPS cells)": "StemCells",
    "WholeBloodDried": "DriedBloodSpot", "Whole blood, dried (e.g. Guthrie cards)": "DriedBloodSpot",
    "Peripheral blood mononuclear cells (PBMC)": "PBMC", "Isolated microbes": "IsolatedMicrobe",
    "Organoids": "Organoid",
}  # fmt: skip
"""MIABIS's words and codes where ours differ."""
ELSEWHERE = frozenset({
    "Body cavity fluid", "BodyCavityFluid", "Dental pulp", "DentalPulp", "Digital sample", "Embryo",
    "Entire body organ", "EntireOrgan", "Fetal tissue", "FetalTissue", "Fibroblasts", "Fibroblast", "Food specimen",
    "FoodSpecimen", "Gas, exhaled (=breath)", "Gas", "Gastric fluid", "GastricFluid", "Menstrual blood",
    "MenstrualBlood", "Nasal washing", "NasalWashing", "Specimen from environment", "SpecimenEnvironment", "Sweat",
    "Teeth", "Umbilical cord", "UmbilicalCord", "Vitreous fluid", "VitreousFluid",
})  # fmt: skip
"""Types of MIABIS our list has no code for: ``Other``, with the words kept beside it."""
_TYPES = {folded(word): code for word, code in TYPES.items()} | {folded(word): "Other" for word in ELSEWHERE}


def type_code(text: str) -> str | None:
    """Our code for a type in MIABIS's words or code where ours differ, ``Other`` where our list has none."""
    return _TYPES.get(folded(text))


WRITTEN_TYPES: Mapping[str, str] = {
    "AmnioticFluid": "Amniotic fluid", "Ascites": "Ascites fluid", "Bile": "Bile", "Bone": "Bone",
    "BoneMarrow": "Bone marrow, whole", "BoneMarrowPlasma": "Bone marrow plasma", "BreastMilk": "Breast milk",
    "BronchoalveolarLavage": "Bronchoalveolar lavage", "BuffyCoat": "Buffy Coat",
    "CellLine": "Immortalized cell lines", "CerebrospinalFluid": "Cerebrospinal fluid",
    "CirculatingTumorCells": "Isolated Tumor Cell (neoplastic cell)", "CordBlood": "Cord blood", "DNA": "DNA",
    "DriedBloodSpot": "Whole blood, dried (e.g. Guthrie cards)", "Exosomes": "Isolated or enriched exosomes",
    "Faeces": "Faeces", "Hair": "Hair", "IsolatedMicrobe": "Isolated microbes", "Nail": "Nail", "Other": "Other",
    "Organoid": "Organoids", "PBMC": "Peripheral blood mononuclear cells (PBMC)",
    "PericardialFluid": "Pericardial fluid", "Placenta": "Placenta", "Plasma": "Plasma",
    "PleuralFluid": "Pleural fluid", "PostMortemTissue": "Post-mortem tissue", "PrimaryCells": "Primary cells",
    "Protein": "Protein", "RedBloodCells": "Red blood cells", "RNA": "RNA", "Saliva": "Saliva", "Semen": "Semen",
    "Serum": "Serum", "Sputum": "Sputum", "StemCells": "Stem cells (and iPS cells)", "Swab": "Swab",
    "SynovialFluid": "Synovial fluid", "Tears": "Tears", "TissueFFPE": "Tissue (FFPE)",
    "TissueFixed": "Tissue (fixed)", "TissueFreshFrozen": "Tissue (fresh frozen)", "Urine": "Urine",
    "UrineSediment": "Urine Sediment", "WholeBlood": "Whole blood",
}  # fmt: skip
"""Our specimen types in the words of the component V1.1."""
WRITTEN_BANDS: Mapping[str, str] = {
    "RT": "RT", "2to10": "2 °C to 10°C", "-18to-35": "-18 °C to -35 °C", "-60to-85": "-60 °C to -85 °C",
    "below-135": "<-135 °C", "LN": "<-135 °C", "LNvapour": "Liquid nitrogen vapor-phase",
    "LNliquid": "Liquid nitrogen liquid-phase", "Other": "Other",
}  # fmt: skip
YEARS = {"years": 1.0, "months": 12.0, "weeks": 365.25 / 7, "days": 365.25}
"""How many of each unit of age make a year; gestational weeks are no age after birth."""
