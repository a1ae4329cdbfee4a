"""Rules over whole columns with Polars: the default executor over a bank.

Every distinct condition becomes one boolean column, computed once in slices that stay in the processor's cache; what
is counted or listed afterwards is bits.
"""

import math
from collections.abc import Sequence
from typing import cast

import polars as pl

from hilum.engines.engine import Columns, Counts, Violation, height, read, values_of, wanted
from hilum.engines.polars_expression import TYPES
from hilum.engines.polars_plan import Plan
from hilum.errors import BadInputError
from hilum.quality.compiled import Checked
from hilum.quality.expression import LARGEST, SMALLEST, Expr
from hilum.quality.finding import RuleOutcome
from hilum.quality.row import ColumnType
from hilum.quality.rule import Rule

SLICE = 250_000
"""Rows judged at a time: bounds the memory, and planning 200 expressions is small beside judging that many rows."""


class PolarsEngine:
    """Takes a table as :data:`~hilum.engines.engine.Columns` or as a Polars frame."""

    name = "polars"

    def counts(self, rules: Sequence[Rule | Checked], table: Columns | pl.DataFrame) -> list[Counts]:
        """One :class:`Counts` per rule, in their order."""
        ready = read(rules)
        frame = in_domain(ready, frame_of(ready, table))
        plan = Plan(ready)
        tallies = [[0, 0, 0, 0] for _ in ready]
        for start in range(0, frame.height, SLICE):
            held = plan.held(frame.slice(start, SLICE))
            for tally, rule in zip(tallies, ready, strict=True):
                for place, count in enumerate(_tally(held, plan.conditions, rule)):
                    tally[place] += count
        return [Counts(*tally) for tally in tallies]

    def violations(self, rules: Sequence[Rule | Checked], table: Columns | pl.DataFrame) -> list[Violation]:
        """Every row and rule that did not pass, by row and then by rule."""
        frame = self.violation_frame(rules, table)
        outcomes = (RuleOutcome.FAIL, RuleOutcome.UNKNOWN)
        return [(row, rule, outcomes[unknown]) for row, rule, unknown in frame.rows()]

    def violation_frame(self, rules: Sequence[Rule | Checked], table: Columns | pl.DataFrame) -> pl.DataFrame:
        """The violations as a frame: ``row``, ``rule`` and ``unknown`` (0 failed, 1 unknown)."""
        ready = read(rules)
        frame = in_domain(ready, frame_of(ready, table))
        plan = Plan(ready)
        found = [_NONE]
        for start in range(0, frame.height, SLICE):
            held = plan.held(frame.slice(start, SLICE))
            for index, rule in enumerate(ready):
                found += _found(held, plan.conditions, rule, index, start)
        return pl.concat(found).sort("row", "rule")


_NONE = pl.DataFrame(schema={"row": pl.Int64, "rule": pl.Int64, "unknown": pl.Int64})


def frame_of(rules: Sequence[Checked], table: Columns | pl.DataFrame) -> pl.DataFrame:
    """The columns the rules read, in the language's types; and one more, so that no frame lacks height."""
    columns = wanted(rules)
    if isinstance(table, pl.DataFrame):
        rows, series = table.height, [_cast(table, name, type_) for name, type_ in columns.items()]
    else:
        rows = height(table)
        series = [
            pl.Series(name, values_of(table, name, type_, rows), dtype=TYPES[type_], strict=False)
            for name, type_ in columns.items()
        ]
    return pl.DataFrame([*series, pl.repeat(None, rows, dtype=pl.Boolean, eager=True).alias("")])


def in_domain(rules: Sequence[Checked], frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` with its numbers in the domain of the language."""
    numbers = [name for name, type_ in wanted(rules).items() if type_ == ColumnType.NUMBER]
    return frame.with_columns(_in_domain(name) for name in numbers if not _is_in_domain(frame[name]))


def _cast(frame: pl.DataFrame, name: str, type_: str) -> pl.Series:
    """A frame's own column in the language's type; an absent one is NULL. Raises :class:`BadInputError`."""
    if name not in frame.columns:
        return pl.repeat(None, frame.height, dtype=TYPES[type_], eager=True).alias(name)
    values = frame[name]
    fits = values.dtype.is_numeric() if type_ == ColumnType.NUMBER else values.dtype == TYPES[type_]
    if not fits and values.dtype != pl.Null:
        raise BadInputError("table_value", column=name, row=0, wanted=type_)
    return values.cast(TYPES[type_])


def _is_in_domain(values: pl.Series) -> bool:
    """Whether nothing must be changed: some quick looks spare most columns a rewrite."""
    lowest, highest = cast("float | None", values.min()), cast("float | None", values.max())
    if lowest is None or highest is None:
        return not values.is_nan().any()
    if lowest < -LARGEST or highest > LARGEST or not math.isfinite(values.sum()):
        return False
    if lowest >= SMALLEST or highest <= -SMALLEST:
        return True
    if cast(float, values.abs().min()) >= SMALLEST:
        return True
    return int(((values < SMALLEST) & (values > -SMALLEST)).sum()) == int((values == 0.0).sum())


def _in_domain(name: str) -> pl.Expr:
    magnitude = pl.col(name).abs()
    return pl.when(magnitude < SMALLEST).then(0.0).when(magnitude <= LARGEST).then(pl.col(name)).alias(name)


def _tally(held: pl.DataFrame, conditions: dict[Expr, str], rule: Checked) -> tuple[int, int, int, int]:
    condition = held[conditions[rule.condition]]
    rows = held.height
    if rule.when is None:
        passed, unknown = int(condition.sum()), condition.null_count()
        return passed, rows - passed - unknown, unknown, 0
    when = held[conditions[rule.when]]
    applied = int(when.sum())
    passed, failed = int((when & condition).sum()), int((when & ~condition).sum())
    return passed, failed, applied - passed - failed, rows - applied


def _found(
    held: pl.DataFrame, conditions: dict[Expr, str], rule: Checked, index: int, start: int
) -> list[pl.DataFrame]:
    condition = held[conditions[rule.condition]]
    bad = ~condition.fill_null(value=False)
    if rule.when is not None:
        bad = bad & held[conditions[rule.when]].fill_null(value=False)
    rows = bad.arg_true()
    if not rows.len():
        return []
    unknown = condition.is_null().gather(rows).cast(pl.Int64)
    return [
        pl.DataFrame(
            {
                "row": rows.cast(pl.Int64) + start,
                "rule": pl.repeat(index, rows.len(), dtype=pl.Int64, eager=True),
                "unknown": unknown,
            }
        )
    ]
