"""What every executor of rules over many rows offers, and how a table is given to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Protocol, TypeVar

from hilum.errors import BadInputError
from hilum.model.record import Value
from hilum.quality.compiled import Checked, checked
from hilum.quality.expression import Column, walk
from hilum.quality.finding import RuleOutcome
from hilum.quality.row import ColumnType
from hilum.quality.rule import Rule

Columns = Mapping[str, Sequence[Value]]
"""A table: column name (:mod:`hilum.quality.row`) -> its values, all equally long. An absent column is all NULL."""

Violation = tuple[int, int, RuleOutcome]
"""Row index, index of the rule, and whether it failed or is unknown."""

_TYPES = {
    ColumnType.NUMBER: frozenset({int, float, NoneType}),
    ColumnType.TEXT: frozenset({str, NoneType}),
    ColumnType.BOOLEAN: frozenset({bool, NoneType}),
}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows had each outcome of one rule."""

    passed: int
    failed: int
    unknown: int
    not_applicable: int


TableT_contra = TypeVar("TableT_contra", contravariant=True)


class Engine(Protocol[TableT_contra]):
    """An executor. All of them answer the same for the same rules and table."""

    @property
    def name(self) -> str: ...

    def counts(self, rules: Sequence[Rule | Checked], table: TableT_contra) -> list[Counts]:
        """One :class:`Counts` per rule, in their order."""

    def violations(self, rules: Sequence[Rule | Checked], table: TableT_contra) -> list[Violation]:
        """Every row and rule that did not pass, by row and then by rule."""


def read(rules: Sequence[Rule | Checked]) -> tuple[Checked, ...]:
    """The rules with their conditions read. Raises :class:`BadInputError` when they are of several kinds."""
    ready = tuple(rule if isinstance(rule, Checked) else checked(rule) for rule in rules)
    kinds = sorted({rule.rule.grain.value for rule in ready})
    if len(kinds) > 1:
        raise BadInputError("table_grain", kinds=", ".join(kinds))
    return ready


def wanted(rules: Sequence[Checked]) -> dict[str, str]:
    """The columns the rules read, with their types, in a stable order."""
    trees = (tree for rule in rules for tree in (rule.when, rule.condition) if tree is not None)
    return {node.name: node.type for tree in trees for node in walk(tree) if isinstance(node, Column)}


def height(table: Columns) -> int:
    """The number of rows. Raises :class:`BadInputError` for columns of different lengths."""
    rows = len(next(iter(table.values()), ()))
    for name, values in table.items():
        if len(values) != rows:
            raise BadInputError("table_length", column=name, found=len(values), wanted=rows)
    return rows


def values_of(table: Columns, name: str, type_: str, rows: int) -> Sequence[Value]:
    """One column, checked to be of its type. Raises :class:`BadInputError` naming column and row of a wrong value."""
    values = table.get(name)
    if values is None:
        return [None] * rows
    allowed = _TYPES[type_]
    if not set(map(type, values)) <= allowed:
        row = next(index for index, value in enumerate(values) if type(value) not in allowed)
        raise BadInputError("table_value", column=name, row=row, wanted=type_)
    return values
