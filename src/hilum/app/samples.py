"""What a demonstration runs on: data that was given, or a synthetic hospital day."""

import shutil
from datetime import date, timedelta
from pathlib import Path

from hilum.app.running import Hilum
from hilum.clock import system_clock
from hilum.errors import BadInputError, ConflictError
from hilum.formats.hospital_day import DayLedger, write_day

MARK = ".hilum-demo"
SEED, SIZE, DAY = 20260316, 150, date(2026, 3, 16)


def yesterday() -> date:
    """The day a demonstration tells of, so that its records are fresh when they are taken in."""
    return system_clock().date() - timedelta(days=1)


def synthetic_day(folder: Path, seed: int = SEED, size: int = SIZE, on: date = DAY) -> DayLedger:
    """Write a synthetic hospital day into ``folder``; its files to take in are in ``incoming``."""
    return write_day(folder, seed, size, on)


def clear_demo(folder: Path) -> None:
    """Make room for a demonstration. Raises :class:`ConflictError` rather than delete what is not one."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise ConflictError("demo_folder_used", place=str(folder))
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).write_text("", encoding="utf-8")


def given(data: Path) -> list[Path]:
    """The archives or files at ``data``. Raises :class:`BadInputError` when there is nothing."""
    if not data.exists():
        raise BadInputError("path_missing", place=str(data))
    return [data]


def is_synthetic(app: Hilum) -> bool:
    """Whether the bank holds a synthetic day (its file names say so)."""
    with app.bank.read() as unit:
        return any("合成" in one.name or "synthetic" in one.name.lower() for one in unit.sources())
