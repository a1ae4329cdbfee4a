"""Donors of the benchmark: who they are, what they agreed to, when they came, and what they suffer from.

Tumours carry topography, morphology, TNM categories and stage groups that agree with the AJCC Cancer Staging Manual,
8th edition (anatomic or, for thyroid, age-dependent stage); the rest are common conditions of hospital patients.
"""

import random
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from hilum.formats.hospital_people import Person, people
from hilum.gatebench.entry import Entry, Life, clock

SITES = ("合成数据第一医院", "合成数据第二医院", "合成数据肿瘤医院", "合成数据县医院")
SEX_WORDS = ({"男": "男", "女": "女"}, {"男": "男性", "女": "女性"}, {"男": "M", "女": "F"}, {"男": "男", "女": "女"})
"""How each hospital writes the sex."""
_SCOPES = ("生物样本与临床资料科研使用", "生物样本科研使用", "样本、临床资料及基因数据科研使用，可共享")
_VERSIONS = ("V2.0", "V2.1", "V2.1", "V3.0")
_DEPARTMENTS = ("肿瘤内科", "胸外科", "胃肠外科", "乳腺外科", "妇科", "泌尿外科", "内分泌科", "心内科", "体检中心")


@dataclass(frozen=True, slots=True)
class Tumour:
    """Words, codes, whom it befalls, whether the organ is paired, and (T, N, M, stage, positive nodes) as AJCC 8
    groups them."""

    words: str
    icd10: str
    site: str
    histology: str
    sexes: str
    paired: bool
    stages: tuple[tuple[str, str, str, str, int], ...]


TUMOURS = (
    Tumour("肺腺癌", "C34.1", "C34.1", "8140/3", "男女", True,
           (("T1a", "N0", "M0", "IA1", 0), ("T2a", "N0", "M0", "IB", 0), ("T1c", "N1", "M0", "IIB", 2),
            ("T2a", "N2", "M0", "IIIA", 4))),
    Tumour("肺鳞状细胞癌", "C34.3", "C34.3", "8070/3", "男女", True,
           (("T2a", "N0", "M0", "IB", 0), ("T3", "N0", "M0", "IIB", 0))),
    Tumour("乙状结肠腺癌", "C18.7", "C18.7", "8140/3", "男女", False,
           (("T2", "N0", "M0", "I", 0), ("T3", "N0", "M0", "IIA", 0), ("T3", "N1a", "M0", "IIIB", 1))),
    Tumour("直肠腺癌", "C20", "C20.9", "8140/3", "男女", False,
           (("T2", "N0", "M0", "I", 0), ("T3", "N0", "M0", "IIA", 0))),
    Tumour("胃体腺癌", "C16.2", "C16.2", "8140/3", "男女", False,
           (("T1a", "N0", "M0", "IA", 0), ("T2", "N0", "M0", "IB", 0), ("T3", "N0", "M0", "IIA", 0),
            ("T3", "N1", "M0", "IIB", 2))),
    Tumour("肝细胞癌", "C22.0", "C22.0", "8170/3", "男女", False,
           (("T1b", "N0", "M0", "IB", 0), ("T2", "N0", "M0", "II", 0))),
    Tumour("肾透明细胞癌", "C64", "C64.9", "8310/3", "男女", True,
           (("T1a", "N0", "M0", "I", 0), ("T1b", "N0", "M0", "I", 0), ("T2a", "N0", "M0", "II", 0))),
    Tumour("乳腺浸润性导管癌", "C50.4", "C50.4", "8500/3", "女", True,
           (("T1c", "N0", "M0", "IA", 0), ("T2", "N0", "M0", "IIA", 0), ("T2", "N1a", "M0", "IIB", 2))),
    Tumour("宫颈鳞状细胞癌", "C53.9", "C53.9", "8070/3", "女", False,
           (("T1b1", "N0", "M0", "IB1", 0), ("T2a1", "N0", "M0", "IIA1", 0))),
    Tumour("卵巢高级别浆液性癌", "C56", "C56.9", "8461/3", "女", True,
           (("T1a", "N0", "M0", "IA", 0), ("T3c", "N0", "M0", "IIIC", 0))),
    Tumour("前列腺腺癌", "C61", "C61.9", "8140/3", "男", False,
           (("T2", "N0", "M0", "IIB", 0), ("T3a", "N0", "M0", "IIIB", 0))),
)  # fmt: skip
COMORBIDITIES = (
    ("原发性高血压", "I10"),
    ("2型糖尿病", "E11.9"),
    ("高脂血症", "E78.5"),
    ("慢性乙型病毒性肝炎", "B18.1"),
    ("冠状动脉粥样硬化性心脏病", "I25.1"),
)
_GRADES = ("G1", "G2", "G2", "G3")


@dataclass(frozen=True, slots=True)
class Patient:
    """A donor of the data set: the person, the hospital, when the blood is drawn, the tumour if there is one."""

    person: Person
    site: int
    drawn: datetime
    tumour: Tumour | None

    @property
    def id(self) -> str:
        return self.person.donor_id

    def age(self) -> int:
        """Whole years on the day of the draw."""
        born, on = self.person.born, self.drawn.date()
        return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def patients(rng: random.Random, count: int, first_day: date, days: int) -> list[Patient]:
    """``count`` donors, their draws spread over ``days`` mornings (few on weekends), in the order of their numbers."""
    found = []
    for index, person in enumerate(people(rng, count, first_day)):
        site = index % len(SITES)
        day = _day(rng, first_day, days)
        drawn = datetime.combine(day, time(7, 0)) + timedelta(minutes=rng.randint(0, 200))
        named = replace(person, donor_id=f"{'ABCD'[site]}{first_day:%y}{index + 1:06d}")
        tumour = None
        if rng.random() < 0.6:
            tumour = rng.choice([one for one in TUMOURS if person.sex in one.sexes])
        found.append(Patient(named, site, drawn, tumour))
    return found


def _day(rng: random.Random, first_day: date, days: int) -> date:
    while True:
        day = first_day + timedelta(days=rng.randrange(days))
        if day.weekday() < 5 or rng.random() < 0.25:
            return day


def register(rng: random.Random, life: Life, patient: Patient, number: int) -> None:
    """The entries that tell of a donor: registration, consent, encounter and diagnoses."""
    person = patient.person
    life.add(Entry("donors", patient.site, _donor(rng, patient), donor=patient.id))
    life.add(Entry("consents", patient.site, _consent(rng, patient), donor=patient.id))
    started = patient.drawn - timedelta(days=rng.randint(0, 6), minutes=rng.randint(30, 400))
    inpatient = rng.random() < 0.6
    ended = patient.drawn + timedelta(days=rng.randint(1, 9)) if inpatient and rng.random() < 0.3 else None
    encounter = {
        "encounter_id": f"JZ{patient.site}{life.first_day:%y%m}{number:06d}", "donor_id": person.donor_id,
        "class": "住院" if inpatient else "门诊", "started_at": clock(started),
        "ended_at": clock(ended) if ended and ended < life.handed_in else "", "department": rng.choice(_DEPARTMENTS),
    }  # fmt: skip
    life.add(Entry("encounters", patient.site, encounter, donor=patient.id))
    for cells in _diagnoses(rng, patient, number, life.first_day):
        life.add(Entry("diagnoses", patient.site, cells, donor=patient.id))


def _donor(rng: random.Random, patient: Patient) -> dict[str, str]:
    person = patient.person
    optional = rng.random()
    return {
        "donor_id": person.donor_id, "name": person.name, "sex": SEX_WORDS[patient.site][person.sex],
        "national_id": person.national_id, "birth_on": person.born.isoformat(), "phone": person.phone,
        "blood_group": person.blood_group if optional > 0.1 else "", "ethnicity": person.ethnicity,
        "height_cm": str(person.height_cm) if optional > 0.04 else "",
        "weight_kg": str(person.weight_kg) if optional > 0.06 else "",
        "site": SITES[patient.site], "vital_status": "存活", "form_completed_on": patient.drawn.date().isoformat(),
    }  # fmt: skip


def _consent(rng: random.Random, patient: Patient) -> dict[str, str]:
    before = rng.randint(0, 28) if rng.random() < 0.8 else rng.randint(29, 700)
    signed = patient.drawn.date() - timedelta(days=before)
    years = rng.choice((5, 10, 10, 20))
    return {
        "donor_id": patient.id, "form": "生物样本库知情同意书", "form_version": rng.choice(_VERSIONS),
        "status": "已同意" if patient.site != 1 else "同意", "scope": rng.choice(_SCOPES),
        "consented_on": signed.isoformat(),
        "expires_on": (signed + timedelta(days=365 * years)).isoformat() if rng.random() < 0.85 else "",
        "withdrawn_on": "", "signed_by": "本人" if rng.random() < 0.95 else "家属",
    }  # fmt: skip


def _diagnoses(rng: random.Random, patient: Patient, number: int, first_day: date) -> list[dict[str, str]]:
    found = []
    on = patient.drawn.date() - timedelta(days=rng.randint(3, 60))
    stem = f"BL{patient.site}{first_day:%y}{number:06d}"
    tumour = patient.tumour
    if tumour:
        t, n, m, stage, positive = rng.choice(tumour.stages)
        found.append({
            "condition_id": stem, "donor_id": patient.id, "diagnosis": tumour.words, "category": "原发诊断",
            "icd10": tumour.icd10, "icdo_site": tumour.site, "icdo_histology": tumour.histology,
            "laterality": rng.choice(("左", "右")) if tumour.paired else "", "diagnosed_on": on.isoformat(),
            "tnm_edition": "第8版", "pathologic_t": t, "pathologic_n": n, "pathologic_m": m,
            "pathologic_stage": stage, "grade": rng.choice(_GRADES) if rng.random() > 0.1 else "",
            "nodes_examined": str(positive + rng.randint(12, 24)), "nodes_positive": str(positive),
        })  # fmt: skip
    if not tumour or rng.random() < 0.25:
        words, code = rng.choice(COMORBIDITIES)
        found.append({
            "condition_id": f"{stem}-2", "donor_id": patient.id, "diagnosis": words,
            "category": "合并症" if tumour else "主要诊断", "icd10": code, "diagnosed_on": on.isoformat(),
        })  # fmt: skip
    return found
