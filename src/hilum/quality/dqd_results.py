"""What became of a check: counted rows, or why it could not be asked; failed, passed, not applicable or not evaluated.

The states exclude each other, and only ``passed`` is a pass: a check on an empty table or one that could not be
evaluated is never counted as one (after OHDSI/DataQualityDashboard, R/calculateNotApplicableStatus.R).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from hilum.quality.dqd import Check


class State(StrEnum):
    """What became of a check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"
    NOT_EVALUATED = "not_evaluated"


class Why(StrEnum):
    """Why a check does not apply, as DataQualityDashboard tells it."""

    TABLE_MISSING = "Table {table} does not exist."
    FIELD_MISSING = "Field {table}.{field} does not exist."
    TABLE_EMPTY = "Table {table} is empty."
    FIELD_EMPTY = "Field {table}.{field} is not populated."
    CONCEPT_MISSING = "{field}={concept} is missing from the {table} table."
    NO_CONDITIONS = "Table CONDITION_OCCURRENCE is empty."


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows that violate a check and rows it looked at; ``error`` says why they could not be counted."""

    violated: int | None
    denominator: int | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """One check and what became of it. ``reason`` is why it does not apply."""

    check: Check
    counted: Counted
    state: State
    reason: str = ""

    @property
    def share(self) -> float | None:
        """Violated rows as a part of the denominator; 0 of nothing."""
        if self.counted.violated is None or self.counted.denominator is None:
            return None
        return self.counted.violated / self.counted.denominator if self.counted.denominator else 0.0


@dataclass(frozen=True, slots=True)
class Extent:
    """What there is of one table: its rows, its fields, and the fields with no value in any row."""

    rows: int
    fields: frozenset[str]
    empty: frozenset[str]


Extents = Mapping[str, Extent]
"""Table in capitals -> what there is of it; tables that are absent are left out."""


def judged(check: Check, counted: Counted, extents: Extents) -> Result:
    """The state of a check by its counts and by what there is to look at."""
    reason = _inapplicable(check, counted, extents)
    if reason is not None:
        words = reason.format(table=check.table, field=check.fld, concept=check.concept)
        return Result(check, Counted(counted.violated, counted.denominator), State.NOT_APPLICABLE, words)
    if counted.error or counted.violated is None:
        return Result(check, counted, State.NOT_EVALUATED)
    failed = _fails(check, counted.violated, counted.denominator or 0)
    return Result(check, counted, State.FAILED if failed else State.PASSED)


def _fails(check: Check, violated: int, denominator: int) -> bool:
    if not check.threshold:
        return violated > 0
    return denominator > 0 and 100.0 * violated / denominator > check.threshold


def _inapplicable(check: Check, counted: Counted, extents: Extents) -> Why | None:
    """The first reason why a check does not apply, in DataQualityDashboard's order."""
    extent, name = extents.get(check.table), check.kind.name
    if name == "measureConditionEraCompleteness":
        conditions = extents.get("CONDITION_OCCURRENCE")
        return Why.NO_CONDITIONS if conditions is None or not conditions.rows else None
    if name == "cdmTable":
        return None
    if extent is None:
        return Why.TABLE_MISSING
    if name in ("cdmField", "measurePersonCompleteness"):
        return None
    return _unpopulated(check, counted, extent)


def _unpopulated(check: Check, counted: Counted, extent: Extent) -> Why | None:
    if check.fld and check.fld not in extent.fields:
        return Why.FIELD_MISSING
    if counted.error:
        return None
    if not extent.rows:
        return Why.TABLE_EMPTY
    if check.kind.name == "measureValueCompleteness":
        return None
    if check.fld in extent.empty:
        return Why.FIELD_EMPTY
    return Why.CONCEPT_MISSING if check.kind.level == "CONCEPT" and not counted.denominator else None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many checks ended in each state."""

    passed: int = 0
    failed: int = 0
    not_applicable: int = 0
    not_evaluated: int = 0

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.not_applicable + self.not_evaluated

    @property
    def percent_passed(self) -> float | None:
        """Of the checks that say something; ``None`` where none does."""
        known = self.passed + self.failed
        return round(100.0 * self.passed / known, 2) if known else None


def tally(results: Iterable[Result]) -> Tally:
    """The states of ``results`` counted."""
    counts = dict.fromkeys(State, 0)
    for one in results:
        counts[one.state] += 1
    return Tally(**{state.value: count for state, count in counts.items()})


def worst(results: Iterable[Result], limit: int) -> list[Result]:
    """The failed checks with the largest share of violated rows, gravest kind first."""
    grave = {"fatal": 0, "convention": 1}
    failed = [one for one in results if one.state is State.FAILED]
    return sorted(failed, key=lambda one: (grave.get(one.check.kind.severity, 2), -(one.share or 0), one.check.id))[
        :limit
    ]
