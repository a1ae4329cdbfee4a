"""RNA: blood in PAXgene tubes, left to lyse and frozen whole, and the extracts made of them or of frozen tissue.

A PAXgene tube stands at room temperature for two hours to three days before it is frozen (PreAnalytiX, instructions for
use); RNA of good tissue or blood has a RIN of 6 to 10 and an A260/A280 near 2.
"""

from datetime import datetime, timedelta

from hilum.gatebench.course import Course
from hilum.gatebench.donors import Patient
from hilum.gatebench.entry import Entry, Trip

_GIVEN = 0.15
"""Share of donors who give a PAXgene tube."""
_LAST_DAY = 4
"""Day of the week (0-based) after which an extract would not be finished when the files are handed in."""


def run(course: Course, patient: Patient, trip: Trip, number: int) -> None:
    """The donor's PAXgene tube, if there is one, and mostly the RNA made of it two days later."""
    rng, life = course.rng, course.life
    if rng.random() >= _GIVEN:
        return
    barcode = f"X{'ABCD'[patient.site]}{life.first_day:%y%m}-{number:06d}-R"
    tube = course.tube(patient, trip, barcode, "PAXgene", patient.drawn + timedelta(minutes=6))
    frozen = max(tube.received, tube.drawn + timedelta(hours=2)) + timedelta(minutes=rng.randint(20, 240))
    ended = frozen + timedelta(minutes=rng.randint(10, 40))
    course.step(tube.entry, "冻存", frozen, ended, f"技师{rng.randint(1, 5)}", f"BX-{rng.randint(1, 4):02d}")
    put = course.put_away(patient.site, "F", ended + timedelta(minutes=rng.randint(5, 30)), "-80")
    life.add(Entry("storage", patient.site, {"specimen_id": barcode, "donor_id": patient.id, **put},
                   patient.id, barcode))  # fmt: skip
    if (tube.drawn.date() - life.first_day).days <= _LAST_DAY and rng.random() < 0.7:
        extract(course, tube.entry, patient, frozen + timedelta(hours=rng.randint(40, 48)), (40, 120))


def extract(course: Course, parent: Entry, patient: Patient, made: datetime, strength: tuple[int, int]) -> None:
    """RNA of a tube or a piece of tissue: ``strength`` is the least and the greatest concentration in ng/µL."""
    rng = course.rng
    concentration, volume = round(rng.uniform(*strength), 1), rng.choice((30, 40, 50, 80))
    barcode = f"{parent.specimen}-N1"
    cells = {
        "specimen_id": barcode, "parent_id": parent.specimen, "donor_id": parent.donor, "level": "提取物",
        "specimen_type": "RNA", "created_on": made.date().isoformat(), "concentration": str(concentration),
        "volume_ul": str(volume), "amount_ug": f"{concentration * volume / 1000:.3f}",
        "a260_a280": f"{rng.uniform(1.93, 2.12):.2f}", "rin": f"{min(rng.gauss(8.2, 0.7), 9.8):.1f}",
        "quantified_by": rng.choice(("NanoDrop", "Qubit")),
    }  # fmt: skip
    entry = Entry("extracts", parent.site, cells, parent.donor, barcode, parent.specimen)
    course.shelve(entry, "F", made + timedelta(minutes=rng.randint(90, 240)), patient)
