"""Laboratory results of the benchmark: values that depend on age and sex, in the units and spellings hospitals use.

Reference limits are those of the Chinese national standards WS/T 405 (blood count) and WS/T 404 (chemistry) rounded,
by sex where the standards say so; results are drawn so that some patients lie outside them, as patients do.
"""

import random
from dataclasses import dataclass
from datetime import timedelta

from hilum.gatebench.donors import Patient
from hilum.gatebench.entry import Entry, Life, clock


@dataclass(frozen=True, slots=True)
class Test:
    """A test: names and unit spellings by hospital, reference limits of men and women, centre and spread of both,
    decimals, and how much the centre moves per year of age over fifty."""

    code: str
    names: tuple[str, ...]
    units: tuple[str, ...]
    men: tuple[str, str, float, float]
    women: tuple[str, str, float, float]
    decimals: int
    ageing: float = 0.0
    sexes: str = "男女"


TESTS = (
    Test("hemoglobin", ("血红蛋白", "HGB", "血红蛋白", "血红蛋白"), ("g/L", "g/L", "克/升", "g/l"),
         ("130", "175", 148, 12), ("115", "150", 130, 11), 0, -0.2),
    Test("leukocytes", ("白细胞计数", "WBC", "白细胞", "白细胞计数"), ("10^9/L", "×10^9/L", "10*9/L", "10^9/L"),
         ("3.5", "9.5", 6.3, 1.5), ("3.5", "9.5", 6.1, 1.5), 2),
    Test("platelets", ("血小板计数", "PLT", "血小板", "血小板计数"), ("10^9/L", "×10^9/L", "10*9/L", "10^9/L"),
         ("125", "350", 215, 48), ("125", "350", 232, 50), 0),
    Test("alt", ("丙氨酸氨基转移酶", "ALT", "谷丙转氨酶", "丙氨酸氨基转移酶"), ("U/L", "U/L", "IU/L", "U/L"),
         ("9", "50", 26, 10), ("7", "40", 19, 8), 0),
    Test("creatinine", ("肌酐", "CREA", "血肌酐", "肌酐"), ("μmol/L", "umol/L", "微摩尔/升", "µmol/L"),
         ("57", "111", 78, 12), ("41", "81", 60, 9), 1, 0.25),
    Test("albumin", ("白蛋白", "ALB", "白蛋白", "白蛋白"), ("g/L", "g/L", "克/升", "g/L"),
         ("40", "55", 44.5, 3), ("40", "55", 44, 3), 1, -0.05),
    Test("glucose", ("葡萄糖", "GLU", "葡萄糖", "血糖"), ("mmol/L", "mmol/L", "毫摩尔/升", "mmol/l"),
         ("3.9", "6.1", 5.4, 0.9), ("3.9", "6.1", 5.2, 0.8), 2, 0.01),
    Test("potassium", ("钾", "K", "钾", "血钾"), ("mmol/L", "mmol/L", "毫摩尔/升", "mmol/L"),
         ("3.5", "5.3", 4.2, 0.35), ("3.5", "5.3", 4.1, 0.35), 2),
    Test("cholesterol_total", ("总胆固醇", "TC", "总胆固醇", "总胆固醇"), ("mmol/L", "mmol/L", "mmol/L", "mmol/L"),
         ("", "5.2", 4.7, 0.9), ("", "5.2", 4.8, 0.9), 2),
    Test("cea", ("癌胚抗原", "CEA", "癌胚抗原", "癌胚抗原"), ("ng/mL", "ng/ml", "μg/L", "ng/mL"),
         ("", "5", 2.4, 1.2), ("", "5", 2.1, 1.1), 2),
    Test("psa", ("前列腺特异性抗原", "PSA", "总前列腺特异性抗原", "前列腺特异性抗原"),
         ("ng/mL", "ng/ml", "μg/L", "ng/mL"),
         ("", "4", 1.6, 0.9), ("", "4", 0, 0), 2, 0.03, "男"),
)  # fmt: skip


def measure(rng: random.Random, life: Life, patient: Patient, tube: str, number: int) -> None:
    """Four to seven results of the donor's first tube, reported one to five hours after the draw."""
    open_to = [test for test in TESTS if patient.person.sex in test.sexes]
    reported = patient.drawn + timedelta(minutes=rng.randint(75, 300))
    for index, test in enumerate(rng.sample(open_to, rng.randint(4, 7)), 1):
        low, high, centre, spread = test.women if patient.person.is_woman else test.men
        middle = centre + test.ageing * (patient.age() - 50)
        value = max(rng.gauss(middle, spread), middle * 0.35)
        shown = f"{value:.{test.decimals}f}"
        if test.code in ("cea", "psa") and value < 0.8:
            shown = "<0.50"
        life.add(Entry("results", patient.site, {
            "observation_id": f"JY{patient.site}{life.first_day:%y%m}{number:06d}{index:02d}",
            "donor_id": patient.id, "specimen_id": tube, "analyte": test.names[patient.site], "value": shown,
            "unit": test.units[patient.site], "reference_low": low, "reference_high": high,
            "observed_at": clock(reported + timedelta(minutes=index)),
            "status": "最终" if rng.random() > 0.2 else "",
        }, donor=patient.id, specimen=tube))  # fmt: skip
