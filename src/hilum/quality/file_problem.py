"""What was wrong with files rather than with records, grouped: a hostile file can cause a hundred thousand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hilum.model.record import Locator
from hilum.quality.figures import ProblemLike

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class ProblemPlace:
    """One place where a problem was met, and the values that fill its words."""

    source: str
    place: str
    line: int
    values: tuple[tuple[str, str | int], ...]


@dataclass(frozen=True, slots=True)
class ProblemFigures:
    """One kind of problem: catalogue key ``problem.<reason>``, how often, and the first places."""

    reason: str
    fatal: bool
    n: int
    places: tuple[ProblemPlace, ...]


def problems(found: Sequence[ProblemLike], names: Mapping[str, str]) -> tuple[ProblemFigures, ...]:
    """Problems by reason, those that ended the reading of a file first, then the commonest."""
    grouped: dict[tuple[str, bool], list[ProblemLike]] = {}
    for one in found:
        grouped.setdefault((one.reason, one.fatal), []).append(one)
    listed = [
        ProblemFigures(reason, fatal, len(ones), tuple(_place(one.locator, one.values, names) for one in ones[:_SHOWN]))
        for (reason, fatal), ones in grouped.items()
    ]
    return tuple(sorted(listed, key=lambda one: (not one.fatal, -one.n, one.reason)))


def _place(locator: Locator, values: Mapping[str, str | int], names: Mapping[str, str]) -> ProblemPlace:
    source = names.get(locator.source, locator.source)
    return ProblemPlace(source, locator.place, locator.line, tuple(sorted(values.items())))
