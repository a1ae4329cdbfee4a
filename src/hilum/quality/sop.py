"""What a standard operating procedure asks of a specimen's life, as data: which steps, in which order, how soon.

A step is named by its code in the value sets ``process_step`` and ``custody_action``, or is ``consent``. Constraints
are those of declarative process languages (van der Aalst, Pesic, Schonenberg 2009, doi:10.1007/s00450-009-0057-9)
with limits in minutes, the persons who act and the devices they use.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from hilum.model.record import Value
from hilum.model.text import Bilingual
from hilum.quality.rule import Dimension, Severity, Source
from hilum.terms import valuesets
from hilum.terms.synonyms import code_of, folded

CONSENT = "consent"
NO_SOURCE = Source("")
_SETS = ("process_step", "custody_action")
_NO_STEP = frozenset({"other"})
_CONSENT_WORDS = frozenset({"consent", "informed consent", "obtain consent", "obtain informed consent"}) | frozenset(
    {"知情同意", "签署知情同意", "签署知情同意书", "知情同意书签署", "获取知情同意"}
)
_FOREIGN = re.compile(r"[^a-z0-9._-]+")


class ConstraintKind(StrEnum):
    """What a constraint asks for; :mod:`hilum.quality.process` says exactly what each means."""

    EXISTS = "exists"
    EXACTLY_ONCE = "exactly_once"
    AT_MOST = "at_most"
    ABSENT = "absent"
    PRECEDES = "precedes"
    WITHIN = "within"
    NOT_BEFORE = "not_before"
    SAME_ACTOR = "same_actor"
    DIFFERENT_ACTOR = "different_actor"
    DEVICE_CALIBRATED = "device_calibrated"


K = ConstraintKind
OF_TWO_STEPS = frozenset({K.PRECEDES, K.WITHIN, K.NOT_BEFORE, K.SAME_ACTOR, K.DIFFERENT_ACTOR})
WITH_MINUTES = frozenset({K.WITHIN, K.NOT_BEFORE})
WITH_DEADLINE = frozenset({K.EXISTS, K.EXACTLY_ONCE})
WITH_SAME_DAY = frozenset({K.PRECEDES, K.NOT_BEFORE})
DIMENSIONS: Mapping[ConstraintKind, Dimension] = {
    K.EXISTS: Dimension.COMPLETENESS,
    K.EXACTLY_ONCE: Dimension.COMPLETENESS,
    K.AT_MOST: Dimension.CONSISTENCY,
    K.ABSENT: Dimension.CONSISTENCY,
    K.PRECEDES: Dimension.CONSISTENCY,
    K.WITHIN: Dimension.TIMELINESS,
    K.NOT_BEFORE: Dimension.TIMELINESS,
    K.SAME_ACTOR: Dimension.AUTHENTICITY,
    K.DIFFERENT_ACTOR: Dimension.AUTHENTICITY,
    K.DEVICE_CALIBRATED: Dimension.ACCURACY,
}
"""The dimension of quality a constraint tells of where the SOP names none."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A step is due this many minutes after ``after`` first happened."""

    after: str
    minutes: float


@dataclass(frozen=True, slots=True)
class Constraint:
    """One demand. ``then`` is the second step of the kinds in ``OF_TWO_STEPS``; ``count`` is the ``n`` of at_most.

    ``same_day``: where times are known too roughly to tell which of two steps came first, order is taken as kept.
    """

    id: str
    kind: ConstraintKind
    step: str
    hint: Bilingual
    severity: Severity = Severity.BLOCK
    then: str = ""
    minutes: float = 0
    count: int = 0
    weight: int = 1
    dimension: Dimension = Dimension.CONSISTENCY
    deadline: Deadline | None = None
    same_day: bool = False
    source: Source = NO_SOURCE

    @property
    def steps(self) -> tuple[str, ...]:
        """Every step it looks at."""
        named = (self.step, self.then, self.deadline.after if self.deadline else "")
        return tuple(dict.fromkeys(step for step in named if step))


@dataclass(frozen=True, slots=True)
class Sop:
    """One version of one procedure. ``applies`` is a predicate over the specimen's row (its own columns and
    ``parent.*``); empty means every specimen. ``steps`` are listed in the order in which they are usual."""

    id: str
    version: int
    title: Bilingual
    steps: tuple[str, ...]
    constraints: tuple[Constraint, ...]
    applies: str = ""
    source: Source = NO_SOURCE


@dataclass(frozen=True, slots=True)
class SopNotice:
    """Something of a foreign SOP left out, or understood with a doubt: catalogue key ``sop.notice.<reason>``."""

    reason: str
    values: Mapping[str, Value] = field(default_factory=dict)


def slug(text: str) -> str:
    """``text`` as an SOP id may be spelt; empty when nothing of it can stand in one."""
    return _FOREIGN.sub("-", text.casefold()).strip("-._")[:80]


def step_named(text: str) -> str | None:
    """The step that people's words stand for, or ``None`` when no listed spelling says so."""
    if folded(text) in _CONSENT_WORDS:
        return CONSENT
    found = next((code for name in _SETS if (code := code_of(name, text)) is not None), None)
    return None if found in _NO_STEP else found


@cache
def known_steps() -> dict[str, Bilingual]:
    """Step code -> its words."""
    found = {CONSENT: Bilingual(zh="知情同意", en="Informed consent")}
    for name in _SETS:
        for code in sorted(valuesets.members(name) - _NO_STEP):
            words = valuesets.label(name, code)
            if words is not None:
                found.setdefault(code, words)
    return found
