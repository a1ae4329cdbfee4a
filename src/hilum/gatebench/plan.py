"""How many defects of which class a data set gets, and in which order; the clean life cycles with them put in."""

import random
from collections.abc import Sequence

from hilum.errors import BadInputError
from hilum.gatebench.classes import CLASSES, SET, TRIP
from hilum.gatebench.entry import Life
from hilum.gatebench.life import live
from hilum.gatebench.planting import LEVELS, Plant, Planter

_PER_CLASS = {"small": 1, "standard": 4, "large": 30}
_PER_SHARED = {"small": 1, "standard": 2, "large": 4}
"""Classes that spoil a whole trip or many records at once come less often."""
_AT_MOST = {"small": 20}
"""Plants of a size that is too small for every class: another seed plants others."""
VERSION = 2
"""Of the generator: one version makes the same bytes of the same seed, another may not. 1: blood and urine; 2: tissue,
PAXgene tubes and RNA besides, and defects planted in them. A published figure names the version it was measured on."""
DEVELOPMENT_SEEDS = (1, 2, 3, 4, 5)
TEST_SEEDS = (101, 102, 103, 104, 105)
"""For published figures only: whoever writes rules does not look at what is planted there."""


def spoilt(seed: int, size: str, level: str, codes: Sequence[str] = ()) -> tuple[Life, list[Plant]]:
    """The life cycles of ``seed`` with defects of ``level`` (of ``codes`` only, where given), and what was planted.

    ``level`` may be ``clean``. Raises :class:`BadInputError` for a level, size or class that is none.
    """
    if level not in (*LEVELS, "clean"):
        raise BadInputError("gatebench_level", level=level, known=", ".join((*LEVELS, "clean")))
    for code in codes:
        if code not in CLASSES:
            raise BadInputError("gatebench_class", name=code, known=", ".join(CLASSES))
    life = live(seed, size)
    plants: list[Plant] = []
    if level != "clean":
        plants = _planted(life, seed, size, level, codes or tuple(CLASSES))
    for number, entry in enumerate(life.everything()):
        entry.number = number
    return life, plants


def _planted(life: Life, seed: int, size: str, level: str, codes: Sequence[str]) -> list[Plant]:
    """Round after round, one of every class that is still due; a class that finds no victim twice is done."""
    rng = random.Random(f"{seed} {size} {level}")  # noqa: S311 - repeatable made-up data, nothing secret
    planter = Planter(life, rng, level)
    order = list(codes)
    rng.shuffle(order)
    due = {code: (_PER_SHARED if CLASSES[code].known_by in (TRIP, SET) else _PER_CLASS)[size] for code in order}
    found: list[Plant] = []
    most = _AT_MOST.get(size, len(due) * max(due.values()))
    while due and len(found) < most:
        for code in [one for one in order if one in due]:
            plant = next((made for _ in range(3) if (made := CLASSES[code].make(planter))), None)
            due[code] -= 1
            if plant is not None:
                found.append(plant)
            if plant is None or due[code] == 0:
                del due[code]
            if len(found) >= most:
                break
    return found
