"""Transport temperature loggers: CSV of readings under a block of ``key: value`` lines, in Chinese or English.

Every reading is a record; behind them comes one log record for each probe: the logger's serial number, first and last
reading, interval, extremes, and a digest of the readings by which they can be bound to what they travelled with.
Impossible values (882.6, 85.0, -127: what a broken probe reports) stay as they are: whether a value is a fault or an
excursion is for the audit to say.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta, timezone
from hashlib import sha256
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Protocol

from hilum.canonical import canonical
from hilum.formats import decoding, values
from hilum.formats.headers import fold, take_apart
from hilum.formats.rows import CHINA_ZONE
from hilum.formats.tabular import detect_delimiter
from hilum.model.record import Item, Kind, Locator, Record, SourceProblem, Value
from hilum.quality.row import second_number
from hilum.quality.temperature_series import is_fault
from hilum.terms.units import canonical_unit, conversion

_BLOCK = 60
"""The readings begin within so many lines."""
_STEPS = 1_000
"""Different intervals remembered; a log has one, and a few where it was restarted."""
_TIMES = frozenset({"时间", "记录时间", "测量时间", "采样时间", "日期时间", "读数时间", "timestamp", "datetime", "time",
                    "datetime24h", "readat", "recordtime"})  # fmt: skip
_DAYS = frozenset({"日期", "记录日期", "date"})
_TEMPERATURES = ("温度", "temperature", "temp", "value")
_COUNTERS = frozenset({"序号", "no", "index", "编号", "记录号", "id"})
_SERIAL = frozenset({
    "序列号", "设备序列号", "设备编号", "仪器编号", "记录仪编号", "记录仪序列号", "温度记录仪编号", "机号",
    "sn", "serial", "serialnumber", "serialno", "deviceid", "loggerid", "loggerserial",
})  # fmt: skip
_SHIPMENT = frozenset({"运输编号", "运单号", "转运编号", "转运单号", "交接单号", "运输单号", "shipment", "shipmentid",
                       "tripnumber", "tripid", "waybill"})  # fmt: skip
_LOW = frozenset({"下限", "温度下限", "报警下限", "低温报警", "低限", "lowlimit", "lowerlimit", "lowalarm", "low"})
_HIGH = frozenset({"上限", "温度上限", "报警上限", "高温报警", "高限", "highlimit", "upperlimit", "highalarm", "high"})
_UNIT = frozenset({"单位", "温度单位", "unit", "units", "temperatureunit"})
_CALIBRATION = frozenset({
    "校准有效期", "校准有效期至", "校准到期", "校准到期日", "校准到期日期", "下次校准", "下次校准日期", "检定有效期",
    "检定有效期至", "有效期至", "calibrationdue", "calibrationduedate", "calibrationdueon", "calibrationexpires",
    "calibrationexpirydate", "nextcalibration", "nextcalibrationdate", "caldue", "calduedate",
})  # fmt: skip
_ZONE = frozenset({"时区", "timezone", "zone", "utcoffset"})
_PAIR = re.compile(r"\s*([^:：,\t;]{1,40}?)\s*[:：,\t;]\s*(.*?)[\s,;\t]*$")
_NUMBER_UNIT = re.compile(r"([+\-−]?\d+(?:\.\d+)?)\s*(\S*)")
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+\-−])\s*(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Layout:
    """What the top of a logger file says: where the columns are and what holds for all readings."""

    delimiter: str
    line: int
    when: tuple[int, ...]
    channels: tuple[int, ...]
    width: int
    unit: str
    serial: str | None
    shipment: str | None
    low_c: float | None
    high_c: float | None
    zone: timezone
    calibration_due_on: str | None


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


@dataclass(slots=True)
class _Probe:
    """What is kept of one probe's readings while they pass: nothing that grows with the file."""

    first: str | None = None
    last: str | None = None
    low: float | None = None
    high: float | None = None
    count: int = 0
    before: int | None = None
    steps: Counter[int] = field(default_factory=Counter)
    digest: _Hash = field(default_factory=sha256)

    def add(self, when: str | None, value: float | None) -> None:
        self.count += 1
        self.digest.update(canonical([when, value]) + b"\n")
        if when is not None:
            self.first = min(self.first or when, when)
            self.last = max(self.last or when, when)
            self._step(second_number(when))
        if value is not None and not is_fault(value):
            self.low = value if self.low is None else min(self.low, value)
            self.high = value if self.high is None else max(self.high, value)

    def _step(self, second: int) -> None:
        step = 0 if self.before is None else abs(second - self.before)
        if step and (step in self.steps or len(self.steps) < _STEPS):
            self.steps[step] += 1
        self.before = second

    @property
    def interval_s(self) -> float | None:
        """Median seconds between readings as they stand in the file."""
        half, passed = self.steps.total() / 2, 0
        for step in sorted(self.steps):
            passed += self.steps[step]
            if passed >= half:
                return float(step)
        return None


def looks_like_logger(first_lines: Sequence[str]) -> bool:
    """Whether a text file that begins so is a temperature log: a time column, a temperature column, little else."""
    layout = _layout([(number, line) for number, line in enumerate(first_lines, 1)])
    if layout is None:
        return False
    rows = [_split(line, layout.delimiter) for line in first_lines[layout.line :] if line.strip()]
    timed = sum(_when(row, layout) is not None for row in rows)
    return bool(rows) and timed * 2 > len(rows)


def items(path: Path, place: str, source_id: str, skip: int) -> Iterator[Item]:
    """Readings of the log, then a log record for each probe, the first ``skip`` items left out; problems among them.

    Values are answered in degrees Celsius and instants in UTC; a log that names no unit is taken as Celsius and one
    without a zone as China Standard Time, both said aloud in a problem or in the manual. Never raises for bad content.
    """
    yield from islice(_items(path, place, source_id), skip, None)


def _items(path: Path, place: str, source_id: str) -> Iterator[Item]:
    def at(line: int) -> Locator:
        return Locator(source_id, place, line)

    encoding = decoding.detect(path)
    head = [(number, text or "") for number, text in islice(decoding.lines(path, encoding), _BLOCK)]
    layout = _layout(head)
    if layout is None:
        yield SourceProblem("logger_unrecognised", at(1), {}, fatal=True)
        return
    yield from _about(layout, at)
    name = layout.serial or PurePosixPath(place).stem
    probes = [_Probe() for _ in layout.channels]
    for line, text in decoding.lines(path, encoding):
        if line <= layout.line or (text is not None and not text.strip(" \t,;\r\0\x1a")):
            continue
        if text is None:
            yield SourceProblem("line_too_long", at(line), {"line": line})
        else:
            yield from _readings(_split(text.replace("\0", ""), layout.delimiter), layout, name, probes, at(line))
    for number, probe in enumerate(probes, 1):
        yield _log(layout, _named(name, number), probe, at(layout.line))


def _about(layout: Layout, at: Callable[[int], Locator]) -> Iterator[SourceProblem]:
    if not layout.serial:
        yield SourceProblem("logger_serial_missing", at(layout.line), {})
    if not layout.unit:
        yield SourceProblem("logger_unit_missing", at(layout.line), {})


# the block on top -------------------------------------------------------------------------------------------------


def _layout(lines: Sequence[tuple[int, str]]) -> Layout | None:
    delimiter = detect_delimiter([text for _, text in lines if text])
    facts: dict[str, str] = {}
    for line, text in lines:
        cells = _split(text, delimiter)
        when, channels = _columns(cells)
        if when and channels:
            return _made(facts, cells, when, channels, (line, delimiter))
        pair = _PAIR.match(values.plain(text))
        if pair:
            facts.setdefault(fold(take_apart(pair[1]).name), pair[2].strip().strip('"'))
            unit = take_apart(pair[1]).unit
            if unit:
                facts.setdefault(f"{take_apart(pair[1]).name}@unit", unit)
    return None


def _columns(cells: Sequence[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Where the time (one column, or a day and a clock time) and the temperatures stand, if this is the header."""
    names = [take_apart(cell).name for cell in cells]
    days = [index for index, name in enumerate(names) if name in _DAYS]
    times = [index for index, name in enumerate(names) if name in _TIMES]
    channels = tuple(index for index, name in enumerate(names) if _is_temperature(name))
    when = (days[0], times[0]) if days and times else tuple((times or days)[:1])
    known = {*when, *channels} | {index for index, name in enumerate(names) if not name or name in _COUNTERS}
    return (when, channels) if len(known) * 2 >= len(names) else ((), ())


def _is_temperature(name: str) -> bool:
    bare = re.sub(r"(ch|通道|探头|probe|传感器)?\d*$", "", re.sub(r"^(ch|通道|探头|probe|传感器)\d*", "", name))
    return bare in _TEMPERATURES or bare in ("温度值", "实测温度", "箱内温度", "temperaturevalue")


def _made(
    facts: dict[str, str], cells: Sequence[str], when: tuple[int, ...], channels: tuple[int, ...], at: tuple[int, str]
) -> Layout:
    unit = take_apart(cells[channels[0]]).unit or canonical_unit(_fact(facts, _UNIT) or "") or ""
    return Layout(
        delimiter=at[1],
        line=at[0],
        when=when,
        channels=channels,
        width=len(cells),
        unit=unit if conversion(unit, "Cel") else "",
        serial=_fact(facts, _SERIAL),
        shipment=_fact(facts, _SHIPMENT),
        low_c=_limit(facts, _LOW, unit),
        high_c=_limit(facts, _HIGH, unit),
        zone=_zone(_fact(facts, _ZONE) or ""),
        calibration_due_on=values.day(values.plain(_fact(facts, _CALIBRATION) or "")),
    )


def _fact(facts: dict[str, str], names: frozenset[str]) -> str | None:
    return next((facts[name] for name in facts if name in names and not values.is_missing(facts[name])), None)


def _limit(facts: dict[str, str], names: frozenset[str], unit: str) -> float | None:
    text = _fact(facts, names)
    found = _NUMBER_UNIT.fullmatch(values.plain(text)) if text else None
    number = values.number(found[1]) if found else None
    if found is None or number is None:
        return None
    beside = next((facts[f"{name}@unit"] for name in facts if name in names and f"{name}@unit" in facts), "")
    return _celsius(number, canonical_unit(found[2]) or beside or unit)


def _zone(text: str) -> timezone:
    found = _OFFSET.search(values.plain(text))
    if found is None or int(found[2]) > 14:
        return CHINA_ZONE
    sign = -1 if found[1] in "-−" else 1
    return timezone(sign * timedelta(hours=int(found[2]), minutes=int(found[3] or 0)))


# readings ---------------------------------------------------------------------------------------------------------


def _split(text: str, delimiter: str) -> list[str]:
    return [cell.strip().strip('"').strip() for cell in text.split(delimiter)]


def _when(cells: Sequence[str], layout: Layout) -> str | None:
    return _hour(values.instant(values.plain(_when_text(cells, layout)), layout.zone))


def _when_text(cells: Sequence[str], layout: Layout) -> str:
    return " ".join(cells[index] for index in layout.when if index < len(cells))


def _celsius(number: float, unit: str) -> float:
    factor, offset = conversion(unit, "Cel") or (1.0, 0.0)
    return number if (factor, offset) == (1.0, 0.0) else float(f"{number * factor + offset:.6g}")


def _named(logger: str, number: int) -> str:
    """The first probe goes by the logger's own name, the others by a number behind it."""
    return logger if number == 1 else f"{logger}/{number}"


def _readings(cells: list[str], layout: Layout, name: str, probes: Sequence[_Probe], at: Locator) -> Iterator[Record]:
    text = _when_text(cells, layout)
    when = _hour(values.instant(values.plain(text), layout.zone))
    for number, (index, probe) in enumerate(zip(layout.channels, probes, strict=True), 1):
        found = cells[index] if index < len(cells) else ""
        folded, beside = _without_unit(found)
        read = values.number(folded)
        value = None if read is None else _celsius(read, beside or layout.unit)
        unreadable = {"read_at": text} if when is None and text else {}
        if value is None and not values.is_missing(found):
            unreadable["value_c"] = found
        probe.add(when, value)
        yield _reading(layout, _named(name, number), (when, value), unreadable, at)


def _hour(when: str | None) -> str | None:
    """A day without an hour is no time of a reading."""
    return when if when is not None and len(when) > len("2024-03-05") else None


def _without_unit(text: str) -> tuple[str, str]:
    """``4.5℃`` is 4.5 in degrees Celsius: loggers print the unit after each value."""
    folded = values.plain(text)
    found = _NUMBER_UNIT.fullmatch(folded)
    unit = canonical_unit(found[2]) if found and found[2] else None
    return (found[1].replace("−", "-"), unit) if found and unit and conversion(unit, "Cel") else (folded, "")


def _reading(
    layout: Layout, logger: str, read: tuple[str | None, float | None], unreadable: dict[str, str], at: Locator
) -> Record:
    key = f"{logger}@{read[0]}" if read[0] else f"{logger}@{at.source}:{at.line}"
    fields: dict[str, Value] = {
        "reading_id": key,
        "logger": logger if layout.serial else None,
        "transport_id": layout.shipment,
        "read_at": read[0],
        "value_c": read[1],
        "limit_low_c": layout.low_c,
        "limit_high_c": layout.high_c,
    }
    return Record(Kind.READING, key, None, fields, at, unreadable)


def _log(layout: Layout, logger: str, probe: _Probe, at: Locator) -> Record:
    """The log of one probe as a whole."""
    key = f"log:{logger}@{probe.first or at.source}"
    fields: dict[str, Value] = {
        "log_id": key,
        "logger": logger if layout.serial else None,
        "transport_id": layout.shipment,
        "started_at": probe.first,
        "ended_at": probe.last,
        "readings": probe.count,
        "interval_s": probe.interval_s,
        "min_c": probe.low,
        "max_c": probe.high,
        "limit_low_c": layout.low_c,
        "limit_high_c": layout.high_c,
        "unit_as_written": layout.unit or None,
        "calibration_due_on": layout.calibration_due_on,
        "digest": probe.digest.hexdigest(),
    }
    return Record(Kind.LOG, key, None, fields, at)
