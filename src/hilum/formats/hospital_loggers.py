"""The temperature loggers of the synthetic hospital day: one log per box, 2 to 8 degrees Celsius, every two minutes."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from hilum.formats.hospital_samples import Shipment

EVERY = timedelta(minutes=2)
_ABOVE = 6
"""Lines above the column names."""


@dataclass(slots=True)
class Log:
    """One logger's export before it is written: what it says of itself and its readings as text."""

    file: str
    serial: str
    shipment: str
    readings: list[tuple[datetime, str]] = field(default_factory=list)
    written: bool = True

    def line_of(self, index: int) -> int:
        """The physical line of reading ``index``."""
        return _ABOVE + 2 + index


def logs(rng: random.Random, shipments: Sequence[Shipment]) -> list[Log]:
    """A log for every shipment, from five minutes before it leaves to five minutes after it arrives."""
    return [_log(rng, shipment) for shipment in shipments]


def _log(rng: random.Random, shipment: Shipment) -> Log:
    log = Log(f"合成数据-08-温度记录-{shipment.id}.csv", shipment.logger, shipment.id)
    at, end = shipment.dispatched - timedelta(minutes=5), shipment.received + timedelta(minutes=5)
    value = rng.uniform(4.0, 5.0)
    while at <= end:
        value = min(max(value + rng.gauss(0, 0.15), 3.2), 6.8)
        log.readings.append((at, f"{value:.1f}"))
        at += EVERY
    return log


def write_log(folder: Path, log: Log) -> Path:
    """Write the log as such devices do: a block of facts, then numbered readings, in GB18030."""
    lines = [
        "温度记录报告（合成数据）",
        f"序列号：{log.serial}",
        f"运输编号：{log.shipment}",
        f"记录间隔：{EVERY.seconds // 60}分钟",
        "温度下限：2℃",
        "温度上限：8℃",
        "序号,记录时间,温度(℃)",
    ]
    lines += [f"{number},{at:%Y-%m-%d %H:%M:%S},{text}" for number, (at, text) in enumerate(log.readings, 1)]
    path = folder / log.file
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("gb18030"))
    return path
