"""Sensor elements of EPCIS events as temperature readings and logs.

A report with a value is a reading; one with only the lowest and highest value of a span is a log of that span. The
readings of one device in one event also give a log: first and last, interval, extremes, and the digest that binds
them (as a logger's own file does). EPCIS names units by UN/ECE Recommendation 20 (``CEL``), not by UCUM (``Cel``).
Source: EPCIS 2.0, 7.3.7; where no time stands in a report or its metadata, the event's time holds.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import pairwise
from statistics import median_low
from typing import Protocol

from hilum.canonical import canonical
from hilum.formats.epcis_names import name_of, word_of
from hilum.formats.fhir_draft import Draft, Json, every, instant, sub
from hilum.model.record import Kind
from hilum.quality.row import second_number
from hilum.quality.temperature_series import is_fault
from hilum.terms.units import conversion

_UNITS = {"CEL": "Cel", "FAH": "[degF]", "KEL": "K"}
_AFTER_S, _BEFORE_S = 86_400, 31 * 86_400
"""A reading so much later or earlier than its event belongs to another time, and that is told."""
_UNUSED = ("meanValue", "sDev", "percValue", "percRank", "stringValue", "booleanValue", "hexBinaryValue", "uriValue")


class Telling(Protocol):
    """Takes what is said about an event: a problem, or a thing that is counted because it has no place."""

    def tell(self, reason: str, /, **values: str | int) -> None: ...
    def count(self, what: str, /) -> None: ...


@dataclass(slots=True)
class Series:
    """What is kept of one device's readings in one event."""

    times: list[str] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    count: int = 0
    units: set[str] = field(default_factory=set)
    digest: bytes = b""

    def add(self, reading: Draft, unit: str) -> None:
        when, value = reading.fields.get("read_at"), reading.fields.get("value_c")
        self.count += 1
        self.units.add(unit)
        self.digest = sha256(self.digest + canonical([when, value])).digest()
        if isinstance(when, str):
            self.times.append(when)
        if isinstance(value, float) and not is_fault(value):
            self.values.append(value)


@dataclass(frozen=True, slots=True)
class About:
    """The event a sensor element stands in: its name for what has none of its own, its time, and its transport."""

    name: str
    at: str | None
    transport: str | None


def readings(event: Json, about: About, telling: Telling) -> Iterator[Draft]:
    """Readings in the order of the file, logs of spans among them, and then a log for each device."""
    series: dict[str, Series] = {}
    for place, element in enumerate(every(event, "sensorElementList"), 1):
        metadata = sub(element, "sensorMetadata")
        for number, report in enumerate(every(element, "sensorReport"), 1):
            type_ = word_of(str(report.get("type") or "?"))
            if type_ != "Temperature":
                telling.count(type_)
                continue
            for name in _UNUSED:
                if name in report:
                    telling.count(f"Temperature {name}")
            made = _report(report, metadata, about, telling)
            if made is None:
                continue
            if made.kind is Kind.READING:
                _enter(made, series, f"{about.name}#{place}.{number}", report)
            yield made
    for device, one in series.items():
        yield _log(device, one, about)


def _enter(made: Draft, series: dict[str, Series], name: str, report: Json) -> None:
    """A reading of a device goes into the device's log; one of no device is named by where it stood."""
    device = made.fields.get("logger")
    if isinstance(device, str):
        series.setdefault(device, Series()).add(made, str(report.get("uom") or ""))
    if not isinstance(device, str) or made.fields.get("read_at") is None:
        made.put("reading_id", name)


def _report(report: Json, metadata: Json, about: About, telling: Telling) -> Draft | None:
    device = report.get("deviceID") or metadata.get("deviceID")
    logger = name_of(device) if isinstance(device, str) else None
    if report.get("value") is not None:
        return _reading(report, metadata, logger, about, telling)
    if report.get("minValue") is not None or report.get("maxValue") is not None:
        return _span(report, metadata, logger, about, telling)
    if report.get("exception"):
        telling.tell("epcis_sensor_exception", exception=word_of(str(report["exception"]))[:60], logger=logger or "–")
    else:
        telling.tell("epcis_sensor_empty", logger=logger or "–")
    return None


def _reading(report: Json, metadata: Json, logger: str | None, about: About, telling: Telling) -> Draft:
    draft = Draft(Kind.READING)
    draft.put("logger", logger)
    draft.put("transport_id", about.transport)
    draft.put("read_at", report.get("time") or metadata.get("time") or about.at)
    _degrees(draft, "value_c", report.get("value"), report.get("uom"))
    _compare(draft.fields.get("read_at"), about, telling)
    return draft


def _span(report: Json, metadata: Json, logger: str | None, about: About, telling: Telling) -> Draft:
    draft = Draft(Kind.LOG)
    draft.put("logger", logger)
    draft.put("transport_id", about.transport)
    draft.put("started_at", metadata.get("startTime"))
    draft.put("ended_at", metadata.get("endTime"))
    _degrees(draft, "min_c", report.get("minValue"), report.get("uom"))
    _degrees(draft, "max_c", report.get("maxValue"), report.get("uom"))
    draft.put("unit_as_written", report.get("uom"))
    _compare(draft.fields.get("ended_at"), about, telling)
    return draft


def _compare(at: object, about: About, telling: Telling) -> None:
    days = _days_off(at, about.at)
    if days:
        telling.tell("epcis_sensor_time", days=days)


def _degrees(draft: Draft, name: str, value: object, unit: object) -> None:
    """A temperature in degrees Celsius; one whose unit is missing or no temperature stays as it stands."""
    if value is None:
        return
    number = _number(value)
    known = _UNITS.get(unit, unit) if isinstance(unit, str) else ""
    found = conversion(known, "Cel") if known else None
    if number is None or found is None:
        draft.fields[name] = None
        draft.unreadable[name] = f"{value} {unit or ''}".strip()[:200]
        return
    draft.put(name, float(f"{number * found[0] + found[1]:.12g}"))


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and abs(number) < 1e60 else None


def _days_off(read_at: object, event_at: str | None) -> int:
    """Days between a reading and its event where that is too many to be one happening, else 0."""
    event = instant(event_at) if event_at else None
    if not isinstance(read_at, str) or event is None:
        return 0
    try:
        seconds = second_number(read_at) - second_number(event)
    except ValueError:
        return 0
    return round(seconds / 86_400) if seconds > _AFTER_S or seconds < -_BEFORE_S else 0


def _log(device: str, series: Series, about: About) -> Draft:
    draft = Draft(Kind.LOG)
    draft.put("logger", device)
    draft.put("transport_id", about.transport)
    if series.times:
        draft.put("started_at", min(series.times))
        draft.put("ended_at", max(series.times))
    draft.put("readings", series.count)
    steps = [step for step in _steps(series.times) if step]
    draft.put("interval_s", float(median_low(steps)) if steps else None)
    draft.put("min_c", min(series.values, default=None))
    draft.put("max_c", max(series.values, default=None))
    draft.put("unit_as_written", ", ".join(sorted(one for one in series.units if one)))
    draft.put("digest", series.digest.hex())
    return draft


def _steps(times: list[str]) -> Iterator[int]:
    seconds = [second_number(one) for one in times if len(one) > 10]
    return (abs(later - earlier) for earlier, later in pairwise(seconds))
