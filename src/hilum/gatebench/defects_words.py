"""Defects of words and codes: diagnoses against sex, organ or stage, terms nobody knows, text that is a command."""

from hilum.gatebench.donors import TUMOURS, Tumour
from hilum.gatebench.entry import Entry
from hilum.gatebench.planting import Make, Plant, Planter

_BY_WORDS = {one.words: one for one in TUMOURS}
_MISTYPED = {
    "easy": {
        "血浆": "？？？",
        "血清": "？？？",
        "Plasma": "???",
        "Serum": "???",
        "白膜层": "？？？",
        "白细胞层": "？？？",
        "新鲜冷冻组织": "？？？",
        "冻存组织": "？？？",
        "冰冻组织": "？？？",
        "石蜡包埋组织": "？？？",
        "石蜡块": "？？？",
        "FFPE": "???",
        "石蜡组织": "？？？",
    },
    "middle": {
        "血浆": "血将",
        "血清": "血青",
        "Plasma": "Plsama",
        "Serum": "Serrum",
        "白膜层": "白摸层",
        "白细胞层": "白细包层",
        "新鲜冷冻组织": "新鲜冷冻组只",
        "冻存组织": "冻存组职",
        "冰冻组织": "冰冻祖织",
        "石蜡包埋组织": "石蜡包理组织",
        "石蜡块": "石腊块",
        "FFPE": "FFEP",
        "石蜡组织": "石腊组织",
    },
    "hard": {
        "血浆": "血浆血清",
        "血清": "血淸样",
        "Plasma": "PLM",
        "Serum": "SRM",
        "白膜层": "白膜血浆",
        "白细胞层": "细胞层",
        "新鲜冷冻组织": "新鲜石蜡组织",
        "冻存组织": "组织块",
        "冰冻组织": "冰组织",
        "石蜡包埋组织": "冷冻包埋组织",
        "石蜡块": "石块",
        "FFPE": "FP",
        "石蜡组织": "蜡组织",
    },
}


def _tumour(entry: Entry) -> Tumour | None:
    return _BY_WORDS.get(entry.cells["diagnosis"])


def sex_against_diagnosis(planter: Planter) -> Plant | None:
    """The diagnosis of the other sex. Easy: words and codes. Middle: the ICD-10 code. Hard: only the topography."""
    women = planter.rng.random() < 0.5
    sexes = {one.donor: one.cells["sex"] in ("女", "女性", "F") for one in planter.life.entries["donors"]}
    entry = planter.one(("diagnoses",), lambda one: _tumour(one) is not None and sexes[one.donor] == women)
    if entry is None:
        return None
    other = _BY_WORDS["前列腺腺癌" if women else "宫颈鳞状细胞癌"]
    name, planted = ("icdo_site", other.site) if planter.level == "hard" else ("icd10", other.icd10)
    original = entry.cells[name]
    if planter.level == "easy":
        entry.cells |= {
            "diagnosis": other.words,
            "icdo_site": other.site,
            "icdo_histology": other.histology,
            "laterality": "",
        }
    entry.cells[name] = planted
    fixes = () if planter.level == "easy" else ((name, original),)
    return Plant("sex_against_diagnosis", (entry,), name, original, planted, fixes)


def site_against_code(planter: Planter) -> Plant | None:
    """Topography and ICD-10 of two organs. Easy: lung and breast. Hard: neighbours."""
    entry = planter.one(
        ("diagnoses",), lambda one: _tumour(one) is not None and one.cells["icd10"][:3] not in ("C18", "C20")
    )
    if entry is None:
        return None
    return planter.spoil("site_against_code", entry, "icdo_site", planter.at("C44.3", "C18.7", "C19.9"))


def code_against_words(planter: Planter) -> Plant | None:
    """The ICD-10 code of another organ than the words (and the topography) say."""
    entry = planter.one(
        ("diagnoses",), lambda one: one.cells["diagnosis"] in ("肺腺癌", "肺鳞状细胞癌", "胃体腺癌", "肝细胞癌")
    )
    if entry is None:
        return None
    lung = entry.cells["diagnosis"].startswith("肺")
    planted = planter.at("C73", "C18.7", "C38.4" if lung else "C15.5")
    plant = planter.spoil("code_against_words", entry, "icd10", planted)
    if planter.level == "hard":
        entry.cells["icdo_site"] = planted  # both codes agree: only the words know
    return plant


def code_malformed(planter: Planter) -> Plant | None:
    entry = planter.one(("diagnoses",), lambda one: "." in one.cells["icd10"])
    if entry is None:
        return None
    code = entry.cells["icd10"]
    planted = planter.at("未编码1", code.replace(".", "。"), code.replace(".", ",").replace("C", "c"))
    plant = planter.spoil("code_malformed", entry, "icd10", planted)
    return plant if planter.level != "easy" else Plant(plant.code, plant.group, "icd10", code, planted)


def stage_against_tnm(planter: Planter) -> Plant | None:
    """Easy: a distant metastasis in an early stage. Middle: the stage group of another T. Hard: by one step."""
    entry = planter.one(("diagnoses",), lambda one: one.cells.get("pathologic_stage", "")[:1] == "I")
    if entry is None:
        return None
    if planter.level == "easy":
        return planter.change("stage_against_tnm", entry, "pathologic_m", "M1", ("pathologic_m", "M0"))
    if planter.level == "middle":
        stage = entry.cells["pathologic_stage"]
        return planter.change("stage_against_tnm", entry, "pathologic_stage", "IV", ("pathologic_stage", stage))
    stage = entry.cells["pathologic_stage"]
    wrong = {"I": "II", "IA": "IB", "IB": "IA", "IIA": "IIB", "IIB": "IIA"}.get(
        stage, "IIIA" if stage[:3] != "III" else "IIB"
    )
    return planter.change("stage_against_tnm", entry, "pathologic_stage", wrong, ("pathologic_stage", stage))


def nodes_over(planter: Planter) -> Plant | None:
    """More positive lymph nodes than were examined; on the hard level: as many as were, in an N0 patient."""
    entry = planter.one(("diagnoses",), lambda one: one.cells.get("pathologic_n") == "N0")
    if entry is None:
        return None
    examined = int(entry.cells["nodes_examined"])
    planted = str(int(planter.at_number(examined * 10, examined + 2, examined)))
    return planter.change("nodes_over", entry, "nodes_positive", planted)


def term_unknown(planter: Planter) -> Plant | None:
    """A specimen type nobody knows; a typing error on the middle level, so that the right word is near."""
    words = _MISTYPED[planter.level]
    entry = planter.of_lineage(
        planter.either(("aliquots",), ("tissues",)), lambda one: one.cells["specimen_type"] in words
    )
    if entry is None:
        return None
    original = entry.cells["specimen_type"]
    plant = planter.spoil("term_unknown", entry, "specimen_type", words[original])
    return plant if planter.level == "middle" else Plant(plant.code, plant.group, plant.field, original, plant.planted)


def name_unknown(planter: Planter) -> Plant | None:
    """The name of a test with a wrong character."""
    wrong = {
        "血红蛋白": "血红旦白",
        "白蛋白": "白旦白",
        "肌酐": "肌肝",
        "血肌酐": "血肌肝",
        "葡萄糖": "葡葡糖",
        "白细胞计数": "白细包计数",
    }
    entry = planter.one(("results",), lambda one: one.cells["analyte"] in wrong)
    if entry is None:
        return None
    original = entry.cells["analyte"]
    planted = planter.at("？？", wrong[original], wrong[original])
    plant = planter.spoil("test_unknown", entry, "analyte", planted)
    return plant if planter.level != "easy" else Plant(plant.code, plant.group, "analyte", original, planted)


def command_in_text(planter: Planter) -> Plant | None:
    """A spreadsheet formula, markup, or an instruction where a name should stand."""
    entry = planter.of_lineage(planter.either(("tubes",), ("tissues",)))
    if entry is None:
        return None
    planted = planter.at('=HYPERLINK("http://example.invalid","护士1")', "<script>alert(1)</script>", "=1+1")
    return planter.change("command_in_text", entry, "collected_by", planted)


MAKERS: dict[str, Make] = {
    "sex_against_diagnosis": sex_against_diagnosis,
    "site_against_code": site_against_code,
    "code_against_words": code_against_words,
    "code_malformed": code_malformed,
    "stage_against_tnm": stage_against_tnm,
    "nodes_over": nodes_over,
    "term_unknown": term_unknown,
    "test_unknown": name_unknown,
    "command_in_text": command_in_text,
}
