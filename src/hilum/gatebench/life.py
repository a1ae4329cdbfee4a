"""A whole clean data set from a seed and a size: one week at four hospitals, handed in on the day after."""

import random
from datetime import UTC, date, datetime, time, timedelta

from hilum.errors import BadInputError
from hilum.gatebench import donors, laboratory, rna, tissue, trips
from hilum.gatebench.course import Course, Freezer
from hilum.gatebench.entry import Entry, Life

SIZES = {"small": 200, "standard": 2_000, "large": 20_000}
"""Specimens, about."""
DAYS = 7
FIRST_DAY = date(2026, 3, 2)
"""A Monday."""
_PER_DONOR = 6.2
"""Specimens a donor gives on average."""
_RESENT = 0.01


def live(seed: int, size: str) -> Life:
    """The clean life cycles. Raises :class:`BadInputError` for a size that is none."""
    if size not in SIZES:
        raise BadInputError("gatebench_size", size=size, known=", ".join(SIZES))
    rng = random.Random(seed)  # noqa: S311 - repeatable made-up data, nothing secret
    handed_in = datetime.combine(FIRST_DAY + timedelta(days=DAYS), time(18, 0))
    life = Life(seed, FIRST_DAY, handed_in)
    boxes = trips.trips(rng, life, DAYS)
    freezer = Freezer(f"{FIRST_DAY:%y%m}")
    course = Course(rng, life, freezer)
    apart = Course(random.Random(f"{seed} tissue and RNA"), life, freezer)  # noqa: S311 - as above
    used = set()
    for number, patient in enumerate(donors.patients(rng, round(SIZES[size] / _PER_DONOR), FIRST_DAY, DAYS), 1):
        trip = trips.next_trip(boxes, patient.site, patient.drawn + timedelta(minutes=6))
        if trip is None:
            continue
        used.add(trip.id)
        donors.register(rng, life, patient, number)
        laboratory.measure(rng, life, patient, course.run(patient, trip, number), number)
        rna.run(apart, patient, trip, number)
        tissue.run(apart, patient, number, inpatient=life.entries["encounters"][-1].cells["class"] == "住院")
    for trip in boxes:
        if trip.id in used:
            life.trips[trip.id] = trip
            life.logs.append(trips.record(rng, trip))
    _correct(rng, life)
    return life


def received_at(life: Life) -> datetime:
    """The instant the files are handed in, in UTC."""
    return life.handed_in.replace(tzinfo=UTC) - timedelta(hours=8)


def _correct(rng: random.Random, life: Life) -> None:
    """Some results are sent again with a changed value, in a later file: corrections, not conflicts."""
    results = life.entries["results"]
    for entry in rng.sample(results, max(1, round(len(results) * _RESENT))):
        if entry.cells["value"].replace(".", "").isdigit():
            decimals = len(entry.cells["value"].partition(".")[2])
            cells = entry.cells | {"value": f"{float(entry.cells['value']) * rng.uniform(0.93, 1.07):.{decimals}f}"}
            cells["status"] = "已更正"
            results.append(Entry("results", entry.site, cells, entry.donor, entry.specimen, again=1))
