"""The clinical side of the synthetic hospital day: registration, consent, pathology and laboratory results.

Diagnoses carry topography, morphology, TNM categories and stage groups that agree with the AJCC Cancer Staging Manual,
8th edition (anatomic stage); results lie within the usual ranges of Chinese adult patients and carry their own limits.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from hilum.formats.hospital_people import Person
from hilum.formats.hospital_sheets import Row, Sheet, clock, day

DONOR_HEADERS = (
    "病案号", "姓名", "性别", "身份证号", "出生日期", "联系电话", "血型", "民族", "身高(cm)", "体重(kg)", "来源医院",
    "存活状态", "登记日期",
)  # fmt: skip
CONSENT_HEADERS = (
    "病案号",
    "姓名",
    "知情同意书版本",
    "同意状态",
    "同意范围",
    "签署日期",
    "有效期至",
    "撤回日期",
    "见证人",
)
DIAGNOSIS_HEADERS = (
    "病理号", "病案号", "诊断名称", "诊断类别", "ICD-10编码", "ICD-O部位编码", "ICD-O形态编码", "侧别", "诊断日期",
    "TNM版本",
    "病理T分期", "病理N分期", "病理M分期", "病理分期", "组织学分级", "检出淋巴结数", "阳性淋巴结数",
)  # fmt: skip
RESULT_HEADERS = (
    "检验流水号", "病案号", "样本条码", "检验项目", "结果", "单位", "参考下限", "参考上限", "检验时间", "检验者",
)  # fmt: skip
HOSPITAL = "合成数据示范医院"


@dataclass(frozen=True, slots=True)
class _Tumour:
    """A tumour: words, codes, whom it befalls, and its (T, N, M, stage, positive nodes) as AJCC 8 groups them."""

    words: str
    icd10: str
    site: str
    histology: str
    sexes: str
    paired: bool
    stages: tuple[tuple[str, str, str, str, int], ...]


_TUMOURS = (
    _Tumour("肺腺癌", "C34.1", "C34.1", "8140/3", "男女", True,
            (("T1a", "N0", "M0", "IA1", 0), ("T2a", "N0", "M0", "IB", 0), ("T1c", "N1", "M0", "IIB", 2),
             ("T2a", "N2", "M0", "IIIA", 4))),
    _Tumour("乙状结肠腺癌", "C18.7", "C18.7", "8140/3", "男女", False,
            (("T2", "N0", "M0", "I", 0), ("T3", "N0", "M0", "IIA", 0), ("T3", "N1a", "M0", "IIIB", 1))),
    _Tumour("胃体腺癌", "C16.2", "C16.2", "8140/3", "男女", False,
            (("T1a", "N0", "M0", "IA", 0), ("T2", "N0", "M0", "IB", 0), ("T3", "N0", "M0", "IIA", 0),
             ("T3", "N1", "M0", "IIB", 2))),
    _Tumour("甲状腺乳头状癌", "C73", "C73.9", "8260/3", "男女", False,
            (("T1a", "N0", "M0", "I", 0), ("T2", "N0", "M0", "I", 0))),
    _Tumour("乳腺浸润性导管癌", "C50.4", "C50.4", "8500/3", "女", True,
            (("T1c", "N0", "M0", "IA", 0), ("T2", "N0", "M0", "IIA", 0), ("T2", "N1a", "M0", "IIB", 2))),
    _Tumour("宫颈鳞状细胞癌", "C53.9", "C53.9", "8070/3", "女", False,
            (("T1b1", "N0", "M0", "IB1", 0), ("T2a1", "N0", "M0", "IIA1", 0))),
    _Tumour("前列腺腺癌", "C61", "C61.9", "8140/3", "男", False,
            (("T2", "N0", "M0", "IIB", 0), ("T3a", "N0", "M0", "IIIB", 0))),
)  # fmt: skip
_GRADES = ("G1", "G2", "G2", "G3")


@dataclass(frozen=True, slots=True)
class _Test:
    """A laboratory test: its name, unit, reference limits, centre and spread of the results, decimals."""

    name: str
    unit: str
    low: str
    high: str
    centre: float
    spread: float
    decimals: int


_TESTS = (
    _Test("血红蛋白", "g/L", "115", "175", 135, 13, 0),
    _Test("白细胞计数", "10^9/L", "3.5", "9.5", 6.4, 1.3, 2),
    _Test("血小板计数", "10^9/L", "125", "350", 228, 45, 0),
    _Test("丙氨酸氨基转移酶", "U/L", "7", "50", 25, 7, 0),
    _Test("肌酐", "μmol/L", "41", "111", 70, 12, 1),
    _Test("白蛋白", "g/L", "40", "55", 44, 2.5, 1),
    _Test("癌胚抗原", "ng/mL", "", "5", 2.6, 1.3, 2),
)


def donors(everyone: Sequence[Person], on: date) -> Sheet:
    """``供者登记``: GB18030, as an older registration system exports it."""
    rows = [
        dict(zip(DONOR_HEADERS, (
            person.donor_id, person.name, person.sex, person.national_id, day(person.born), person.phone,
            person.blood_group, person.ethnicity, str(person.height_cm), str(person.weight_kg), HOSPITAL, "存活",
            day(on),
        ), strict=True))
        for person in everyone
    ]  # fmt: skip
    return Sheet("合成数据-01-供者登记.csv", DONOR_HEADERS, encoding="gb18030", rows=rows)


def consents(rng: random.Random, everyone: Sequence[Person], on: date) -> Sheet:
    """``知情同意登记表``: one row per donor, signed up to four weeks before the day."""
    rows: list[Row] = []
    for person in everyone:
        signed = on - timedelta(days=rng.randint(0, 28))
        row = dict.fromkeys(CONSENT_HEADERS, "")
        row |= {"病案号": person.donor_id, "姓名": person.name, "知情同意书版本": rng.choice(("V2.0", "V2.1")),
                "同意状态": "已同意", "同意范围": rng.choice(("生物样本与临床资料科研使用", "生物样本科研使用")),
                "签署日期": day(signed), "有效期至": day(signed + timedelta(days=3650)),
                "见证人": f"护士{rng.randint(1, 6)}"}  # fmt: skip
        rows.append(row)
    types = {"签署日期": "d", "有效期至": "d", "撤回日期": "d"}
    title = f"{HOSPITAL}知情同意登记表（合成数据）"
    return Sheet("合成数据-02-知情同意登记表.xlsx", CONSENT_HEADERS, "知情同意", (title,), types=types, rows=rows)


def diagnoses(rng: random.Random, everyone: Sequence[Person], on: date) -> Sheet:
    """``病理诊断``: one primary tumour per donor, reported within the last sixty days."""
    rows = [_diagnosis(rng, number, person, on) for number, person in enumerate(everyone, 1)]
    return Sheet("合成数据-06-病理诊断.csv", DIAGNOSIS_HEADERS, encoding="utf-8-sig", rows=rows)


def _diagnosis(rng: random.Random, number: int, person: Person, on: date) -> Row:
    tumour = rng.choice([tumour for tumour in _TUMOURS if person.sex in tumour.sexes])
    t, n, m, stage, positive = rng.choice(tumour.stages)
    values = (
        f"BL{on:%y}{number:05d}", person.donor_id, tumour.words, "原发诊断", tumour.icd10, tumour.site,
        tumour.histology,
        rng.choice(("左", "右")) if tumour.paired else "", day(on - timedelta(days=rng.randint(3, 60))), "第8版",
        t, n, m, stage, rng.choice(_GRADES), str(positive + rng.randint(12, 24)), str(positive),
    )  # fmt: skip
    return dict(zip(DIAGNOSIS_HEADERS, values, strict=True))


def results(rng: random.Random, tubes: Sequence[Row], on: date) -> Sheet:
    """``检验结果``: a few tests of every donor's EDTA tube, on the day itself; CEA may be <0.50."""
    rows: list[Row] = []
    for tube in tubes:
        drawn = datetime.fromisoformat(tube["采集时间"])
        for test in rng.sample(_TESTS, 3):
            number = max(rng.gauss(test.centre, test.spread), test.centre / 5)
            shown = f"{number:.{test.decimals}f}"
            if test.name == "癌胚抗原" and rng.random() < 0.3:
                shown = "<0.50"
            values = (
                f"JY{on:%y%m%d}{len(rows) + 1:05d}", tube["病案号"], tube["样本条码"], test.name, shown, test.unit,
                test.low,
                test.high, clock(drawn + timedelta(minutes=rng.randint(90, 240))), f"检验员{rng.randint(1, 5)}",
            )  # fmt: skip
            rows.append(dict(zip(RESULT_HEADERS, values, strict=True)))
    return Sheet("合成数据-05-检验结果.csv", RESULT_HEADERS, rows=rows)
