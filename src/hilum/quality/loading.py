"""Columns of a row as the compiled rules want them: typed, numbers as doubles, quickly.

Rows of one kind mostly have values of the same types in the same places. Which places must be turned from whole
numbers into doubles is remembered per pattern of types, so that a row of a known pattern costs one look-up.
"""

from collections.abc import Sequence

from hilum.quality.expression import in_domain
from hilum.quality.row import ColumnType

_REMEMBERED = 4_096
_BEYOND = 10**300
_WHOLE: dict[str, type] = {ColumnType.TEXT: str, ColumnType.BOOLEAN: bool}

Pattern = tuple[type, ...]


class Loader:
    """What is known of the columns of one compiled function."""

    def __init__(self, names: Sequence[str], types: Sequence[str]) -> None:
        self._names, self._types = tuple(names), tuple(types)
        self.patterns: dict[Pattern, tuple[int, ...]] = {}

    def learn(self, values: list[object], bad: list[str]) -> tuple[int, ...]:
        """The places of whole numbers in a row of a pattern not seen before.

        A value that is not of its column's type becomes NULL and its column goes on the ``bad`` list.
        """
        pattern, known = tuple(map(type, values)), len(bad)
        whole = []
        for place, (value, wanted) in enumerate(zip(values, self._types, strict=True)):
            if value is None or isinstance(value, _WHOLE.get(wanted, float)):
                continue
            if wanted == ColumnType.NUMBER and isinstance(value, int) and not isinstance(value, bool):
                whole.append(place)
            else:
                values[place] = None
                bad.append(self._names[place])
        if len(bad) == known:
            if len(self.patterns) >= _REMEMBERED:
                self.patterns.clear()
            self.patterns[pattern] = tuple(whole)
        return tuple(whole)


def as_number(value: object) -> float | None:
    """A value as a number of the language, NULL where it is none."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _BEYOND:
        return in_domain(float(value))
    return None


def to_doubles(values: list[object], places: Sequence[int]) -> None:
    """Turn whole numbers into doubles where one is too large for it: that one is NULL, as every number so large."""
    for place in places:
        value = values[place]
        if isinstance(value, int):
            values[place] = float(value) if abs(value) < _BEYOND else None
