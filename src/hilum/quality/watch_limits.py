"""How long is too long: the limits the watch goes by, and what a hospital's own ``watch.toml`` changes of them.

The file names limits by their names here, and the band or limits of fixed loggers::

    trip_hours = 12
    all_live = true

    [loggers]
    "F01-TOP" = "-60to-85"
    "R02" = { low_c = 2, high_c = 8 }
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace

from hilum.errors import BadInputError
from hilum.quality.temperature import BRIEF_MIN

FILE = "watch.toml"
Band = tuple[float | None, float | None]
"""Lower and upper limit in degrees Celsius; ``None`` where there is none."""
BANDS: Mapping[str, Band] = {
    "RT": (15.0, 25.0),
    "2to10": (2.0, 10.0),
    "-18to-35": (None, -18.0),
    "-60to-85": (None, -60.0),
    "below-135": (None, -135.0),
    "LN": (None, -150.0),
    "LNvapour": (None, -150.0),
    "LNliquid": (None, -185.0),
}
"""Storage band (MIABIS) -> limits. Frozen specimens take no harm from more cold, so those have no lower one; room
temperature is that of USP <659> (controlled room temperature without its excursions)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits, in the unit each name ends in. ``excursion_min`` and ``total_min`` are those of the rules for logs
    (TRN-LOG-009, TRN-LOG-010), ``silence_min`` that for gaps (TRN-LOG-006)."""

    look_back_days: float = 30.0
    """How far back an overdue step is still somebody's errand; before that it is history."""
    silence_times: float = 3.0
    """A logger is silent after so many of its own intervals …"""
    silence_min: float = 10.0
    """… and at least so long."""
    usual_interval_s: float = 900.0
    """The interval of a logger that has not shown its own yet."""
    first_reading_min: float = 30.0
    """How long after dispatch the first reading may take."""
    excursion_min: float = BRIEF_MIN
    total_min: float = 30.0
    kinetic_min: float = 60.0
    """How much of a trip must have been heard before its mean kinetic temperature is judged."""
    clock_min: float = 10.0
    """How far a logger's clock may be from the instant its reading came."""
    trip_hours: float = 24.0
    """How long a trip may take; none of the records says when a box is expected."""
    waiting_days: float = 7.0
    """How long a held record may wait for what it hangs on."""
    all_live: bool = False
    """Whether every logger on a trip reports while it is under way; if not, only those that have done so are
    expected to."""
    loggers: Mapping[str, Band] = field(default_factory=dict)
    """Fixed loggers (of freezers, rooms) and their limits; readings that carry limits need no entry."""


def load_limits(text: str, place: str) -> Limits:
    """The limits with what the file changes. Raises :class:`BadInputError` naming the file and the entry."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        raise BadInputError("settings_unreadable", place=place, why=str(broken)) from broken
    known = {one.name: one.type for one in fields(Limits)}
    changes: dict[str, object] = {}
    for name, value in said.items():
        if name not in known:
            raise BadInputError("settings_unknown", place=place, name=name, known=", ".join(sorted(known)))
        changes[name] = _READ.get(name, _positive)(name, value, place)
    return replace(Limits(), **changes)  # type: ignore[arg-type]  # names and types checked above


def _positive(name: str, value: object, place: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e6:
        return float(value)
    raise BadInputError("settings_value", place=place, name=name, value=value)


def _flag(name: str, value: object, place: str) -> bool:
    if isinstance(value, bool):
        return value
    raise BadInputError("settings_value", place=place, name=name, value=value)


def _loggers(name: str, value: object, place: str) -> Mapping[str, Band]:
    if not isinstance(value, dict):
        raise BadInputError("settings_value", place=place, name=name, value=value)
    return {str(logger): _band(f"{name}.{logger}", told, place) for logger, told in value.items()}


def _band(name: str, value: object, place: str) -> Band:
    if isinstance(value, str) and value in BANDS:
        return BANDS[value]
    if not isinstance(value, dict) or not value or not value.keys() <= {"low_c", "high_c"}:
        raise BadInputError("settings_value", place=place, name=name, value=value)
    low, high = (value.get(one) for one in ("low_c", "high_c"))
    if all(one is None or (isinstance(one, int | float) and not isinstance(one, bool)) for one in (low, high)):
        return None if low is None else float(low), None if high is None else float(high)
    raise BadInputError("settings_value", place=place, name=name, value=value)


_READ: Mapping[str, Callable[[str, object, str], object]] = {"all_live": _flag, "loggers": _loggers}
