"""Tissue of operated donors: pieces frozen in the theatre, blocks fixed and embedded, and RNA made of the frozen ones.

Times keep to common practice: frozen within half an hour of excision (SPREC 4.0), fixed within one hour and for 8 to 48
hours in neutral buffered formalin (ASCO/CAP 2018 asks for 6 to 72), embedded after that.
"""

from datetime import datetime, timedelta

from hilum.gatebench import rna
from hilum.gatebench.course import TYPE_WORDS, Course
from hilum.gatebench.donors import Patient
from hilum.gatebench.entry import Cells, Entry, clock

_OPERATED = 0.5
"""Share of inpatients with a tumour who are operated on in the week."""
_SNAP = ("液氮速冻", "速冻", "液氮速冻", "速冻")
_FORMALIN = ("10%中性缓冲福尔马林", "中性福尔马林", "NBF", "福尔马林")
_LAST_DAY_FOR_BLOCKS, _LAST_DAY_FOR_RNA = 4, 5
"""Days of the week (0-based) after which a block or an extract would not be finished when the files are handed in."""
_HOUR = 60


def run(course: Course, patient: Patient, number: int, *, inpatient: bool) -> None:
    """The donor's tissue, if there was an operation: one or two frozen pieces, mostly a block of the same tumour."""
    rng = course.rng
    if not (patient.tumour and inpatient and rng.random() < _OPERATED):
        return
    stem = f"Z{'ABCD'[patient.site]}{course.life.first_day:%y%m}-{number:06d}"
    excised = patient.drawn.replace(hour=10, minute=0) + timedelta(minutes=rng.randint(90, 330))
    surgeon, keeper = f"手术医生{rng.randint(1, 6)}", f"接收员{rng.randint(1, 4)}"
    for index in range(1, rng.choice((1, 2, 2)) + 1):
        piece = _frozen(course, patient, f"{stem}-T{index}", excised, surgeon)
        _hand_over(course, patient, piece, keeper)
        if index == 1 and _day(course, excised) <= _LAST_DAY_FOR_RNA and rng.random() < 0.6:
            made = excised + timedelta(hours=rng.randint(20, 30))
            rna.extract(course, piece, patient, made, (300, 900))
    if _day(course, excised) <= _LAST_DAY_FOR_BLOCKS and rng.random() < 0.8:
        block = _block(course, patient, f"{stem}-F1", excised, surgeon)
        _hand_over(course, patient, block, keeper)


def _day(course: Course, at: datetime) -> int:
    return (at.date() - course.life.first_day).days


def _piece(patient: Patient, barcode: str, excised: datetime, surgeon: str, more: Cells) -> Entry:
    cells = {
        "specimen_id": barcode, "donor_id": patient.id, "level": "原始样本", "collected_at": clock(excised),
        "received_at": "", "fixed_at": "", "frozen_at": "", "collected_by": surgeon,
        "status": "可用", "freeze_thaw_cycles": "", **more,
    }  # fmt: skip
    return Entry("tissues", patient.site, cells, patient.id, barcode)


def _frozen(course: Course, patient: Patient, barcode: str, excised: datetime, surgeon: str) -> Entry:
    rng, site = course.rng, patient.site
    frozen = excised + timedelta(minutes=rng.randint(6, 28))
    entry = _piece(patient, barcode, excised, surgeon, {
        "specimen_type": TYPE_WORDS["Tissue"][site], "fixation": _SNAP[site] if rng.random() < 0.9 else "",
        "frozen_at": clock(frozen), "weight_mg": str(rng.randint(40, 400)),
        "freeze_thaw_cycles": "0" if rng.random() < 0.9 else "",
    })  # fmt: skip
    return _stored(course, entry, "T", frozen + timedelta(minutes=rng.randint(20, 90)), patient)


def _block(course: Course, patient: Patient, barcode: str, excised: datetime, surgeon: str) -> Entry:
    rng, site = course.rng, patient.site
    fixed = excised + timedelta(minutes=rng.randint(12, 55))
    embedded = fixed + timedelta(minutes=rng.randint(8 * _HOUR, 48 * _HOUR))
    ended = embedded + timedelta(minutes=rng.randint(20, 60))
    entry = _piece(patient, barcode, excised, surgeon, {
        "specimen_type": TYPE_WORDS["Block"][site], "fixation": _FORMALIN[site], "fixed_at": clock(fixed),
        "weight_mg": "",
    })  # fmt: skip
    device = f"BMJ-{rng.randint(1, 3):02d}"
    course.step(entry, "包埋", embedded, ended, f"技师{rng.randint(1, 5)}", device)
    return _stored(course, entry, "P", ended + timedelta(minutes=rng.randint(2 * _HOUR, 20 * _HOUR)), patient)


def _stored(course: Course, entry: Entry, sort: str, at: datetime, patient: Patient) -> Entry:
    """Received at the biobank ten minutes before it is put away: pieces at -80 degrees, blocks in a cabinet."""
    entry.cells["received_at"] = clock(at - timedelta(minutes=10))
    return course.shelve(entry, sort, at, patient, "-80" if sort == "T" else "20")


def _hand_over(course: Course, patient: Patient, piece: Entry, keeper: str) -> None:
    theatre, cells = f"手术室{patient.site + 1}", piece.cells
    steps = (
        ("采集", cells["collected_at"], "", theatre, cells["collected_by"]),
        ("接收", cells["received_at"], theatre, "生物样本库", keeper),
    )
    for index, (action, at, giver, taker, who) in enumerate(steps, 1):
        course.custody("custody", patient, piece.specimen, {
            "custody_id": f"JJ-{piece.specimen}-{index}", "action": action, "happened_at": at, "from_party": giver,
            "to_party": taker, "performed_by": who, "transport_id": "",
        })  # fmt: skip
