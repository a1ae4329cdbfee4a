"""Results that may have been meant: a decimal point that slipped, a unit that was left out.

The only yardsticks are the record's own reference limits and the limits of life in :mod:`hilum.terms.analytes`.
"""

from collections.abc import Sequence

from hilum.model.record import Value
from hilum.quality.row import Row
from hilum.quality.slip import Slip
from hilum.terms.analytes import Limits, find

POWERS = (0.1, 10.0, 0.01, 100.0, 0.001, 1000.0)
_ILL = 2.0
"""How many times above (or below) the reference limits a sick person's result is still ordinary."""
_BY_REFERENCE, _BY_LIMITS, _BY_RANGE, _ONE_UNIT, _USUAL_UNIT = 0.8, 0.5, 0.4, 0.6, 0.4


def slipped(row: Row) -> tuple[Slip, ...]:
    """The one power of ten that brings an observation's ``value`` to where its reference limits are.

    Where there are no limits, all six: at most one of them is then let through by :func:`only`.
    """
    value = _number(row.get("value"))
    if value is None or value <= 0:
        return ()
    low, high = _number(row.get("reference_low")), _number(row.get("reference_high"))
    scaled = [float(f"{value * power:.12g}") for power in POWERS]
    if low is None or high is None or not 0 <= low < high:
        return tuple(Slip((("value", one),), _BY_LIMITS) for one in scaled)
    for reach in (1.0, _ILL):
        near = [one for one in scaled if low / reach <= one <= high * reach]
        if near:
            return (Slip((("value", near[0]),), _BY_REFERENCE),) if len(near) == 1 else ()
    return ()


def moved(row: Row, name: str, *, whole: bool) -> tuple[Slip, ...]:
    """The number in column ``name`` with its decimal point moved; :func:`only` says whether one of them is possible."""
    value = _number(row.get(name))
    if not value:
        return ()
    scaled = (float(f"{value * power:.12g}") for power in POWERS)
    return tuple(
        Slip(((name, int(one) if whole else one),), _BY_RANGE) for one in scaled if not whole or one.is_integer()
    )


def only(slips: Sequence[Slip]) -> Sequence[Slip]:
    """The slip when it is the only one: where two powers of ten are possible, nothing tells which."""
    return slips if len(slips) == 1 else ()


def units(row: Row) -> tuple[Slip, ...]:
    """Units that a result without one may be in, the likeliest first: those in which the value and its reference
    limits are possible; the usual unit before others, as ``limits`` lists them."""
    analyte, value = row.get("analyte"), _number(row.get("value"))
    known = find(analyte) if isinstance(analyte, str) else None
    if known is None or value is None or row.get("unit") is not None:
        return ()
    asked = [value, *(one for name in ("reference_low", "reference_high") if (one := _number(row.get(name))))]
    fitting = [limits.unit for limits in known.limits if all(_within(one, limits) for one in asked)]
    sure = _ONE_UNIT if len(fitting) == 1 else _USUAL_UNIT
    return tuple(Slip((("unit", unit),), sure if index == 0 else sure / 2) for index, unit in enumerate(fitting[:3]))


def _within(value: float, limits: Limits) -> bool:
    return limits.low <= value <= limits.high


def _number(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
