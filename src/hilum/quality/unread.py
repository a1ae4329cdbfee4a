"""Values that could not be read: what a finding says of them, and what it offers instead.

A finding carries the shape of each such value under ``shape.<field>``; the hint turns it into a sentence. Nothing is
offered for a personal field: its shape alone is told.
"""

from collections.abc import Mapping
from functools import lru_cache

from hilum.model.record import Kind, Value
from hilum.model.vocabulary import vocabulary
from hilum.quality.finding import Fix
from hilum.quality.row import Row
from hilum.quality.shown import is_personal, iso_day
from hilum.terms.spoken_values import Spoken, spoken

SHAPE = "shape."
"""Before the field's name, in a finding's values."""
BASIS = "deterministic"


def explain(
    kind: Kind, names: tuple[str, ...], row: Row, unreadable: Mapping[str, str]
) -> tuple[dict[str, Value], tuple[Fix, ...]]:
    """Shapes and fixes for those of ``names`` that stand in ``unreadable``; ``row`` says when they were received."""
    received = row.get("received.on")
    today = iso_day(received) if isinstance(received, int | float) else ""
    shapes: dict[str, Value] = {}
    fixes: list[Fix] = []
    for name in names:
        if name in unreadable and name in vocabulary()[kind]:
            found = _spoken(kind, name, unreadable[name], today)
            shapes[SHAPE + name] = found.shape
            if not is_personal(kind, name):
                fixes += [Fix(name, one.value, BASIS, one.confidence, lossless=False) for one in found.candidates]
    return shapes, tuple(fixes)


@lru_cache(maxsize=4_096)
def _spoken(kind: Kind, name: str, text: str, today: str) -> Spoken:
    return spoken(vocabulary()[kind][name], text, today)
