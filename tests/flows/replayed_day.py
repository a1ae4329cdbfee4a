"""A day of the synthetic hospital, replayed: every box reports as it travels, every tube as it is handled.

The boxes of the generated day each suffer one mishap of their logger; beside each travels another in which all is
well. Tubes are to be spun within two hours: of some the record never comes, of some the deed is late, of some only the
record is. ``python -m benchmarks.watch`` prints,
for several days, what the watch noticed of each.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hilum.app.sop import adopt
from hilum.clock import stamp
from hilum.formats.hospital_day import write_day
from hilum.formats.logger import items
from hilum.model.party import Actor, Role
from hilum.model.record import Kind, Record
from hilum.quality.row import second_number
from hilum.quality.sop_text import load_sop
from hilum.quality.watch import Notice, WatchRule
from tests.flows.watched import Ward, ward

CURATOR = Actor("curator", frozenset({Role.CURATOR, Role.DATA_MANAGER}))
SOP = load_sop(
    """
sop: blood
version: 1
title: { zh: 全血, en: Blood }
applies: specimen_type = 'WholeBlood'
steps: [collect, centrifuge]
constraints:
  - { id: spun, kind: within, step: collect, then: centrifuge, minutes: 120, hint: { zh: 核对, en: Check } }
""",
    "replayed day",
)
MEANT = {
    "log_sentinel_value": WatchRule.FAULT,
    "log_with_a_gap": WatchRule.SILENT,
    "log_flat_line": WatchRule.FLAT,
    "log_ends_early": WatchRule.SILENT,
    "temperature_excursion": WatchRule.OUTSIDE,
    "log_of_another_logger": WatchRule.STRANGER,
    "log_missing": WatchRule.SILENT,
    "log_clock_off": WatchRule.CLOCK,
    "step_missing": WatchRule.STEP,
    "step_late": WatchRule.STEP,
    "step_told_late": WatchRule.STEP,
}
"""Planted fault -> the rule that should notice it."""
FORERUNNER = WatchRule.OPENED
"""An excursion is first told of as an opened box: no notice of its own."""
_ZONE = timedelta(hours=8)
_TUBES = 30


@dataclass(frozen=True, slots=True)
class Planted:
    """One fault: its class and the subject whose notice should tell of it."""

    name: str
    subject: str


@dataclass(frozen=True, slots=True)
class Sent:
    """Something told to the bank at an instant: (kind, fields)."""

    at: datetime
    kind: str
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of one fault class: planted, noticed, and notices of its rule about subjects without a fault of it."""

    planted: int
    noticed: int


def replay(folder: Path, seed: int) -> tuple[list[Planted], list[Notice]]:
    """Replay the day of ``seed``, minute by minute; answers what was planted and every notice."""
    on = date(2026, 3, 16)
    planted, sent = _boxes(folder / "day", seed, on)
    steps, told = _tubes(seed, on)
    stream = sorted([*sent, *told], key=lambda one: one.at)
    with ward(folder / "bank", "all_live = true", stream[0].at - timedelta(hours=1)) as bank:
        adopt(bank.app, CURATOR, SOP)
        for number in range(_TUBES):
            bank.take(
                ("donor", {"donor_id": f"P-{number}", "sex": "female", "birth_on": "1970-01-02"}),
                ("consent", {"donor_id": f"P-{number}", "form": "A", "status": "given", "consented_on": "2026-01-01"}),
            )
        _play(bank, stream)
        return [*planted, *steps], bank.notices()


def _play(bank: Ward, stream: list[Sent]) -> None:
    """Each message at its instant, and a sweep after it; the clock moves on a minute at a time."""
    waiting = list(reversed(stream))
    end = stream[-1].at + timedelta(hours=3)
    bank.clock.now = stream[0].at
    while bank.clock.now < end:
        while waiting and waiting[-1].at <= bank.clock.now:
            one = waiting.pop()
            bank.take((one.kind, one.fields))
        bank.sweep()
        bank.clock.now += timedelta(minutes=1)


def _boxes(folder: Path, seed: int, on: date) -> tuple[list[Planted], list[Sent]]:
    ledger = write_day(folder, seed, 40, on)
    names = {f.name: f for f in ledger.files}
    planted: list[Planted] = []
    sent: list[Sent] = []
    left = datetime(on.year, on.month, on.day, 7, 30, tzinfo=UTC) - _ZONE
    for number, defect in enumerate(one for one in ledger.defects if "温度记录" in one.file):
        transport = defect.file.removesuffix(".csv").rpartition("记录-")[2]
        planted.append(Planted(defect.name, transport))
        shift = _ZONE if defect.name == "log_clock_off" else timedelta()
        readings = _readings(names[defect.file]) if defect.file in names else []
        dispatched = left + timedelta(minutes=30 * number)
        received = dispatched + timedelta(minutes=36)
        logger = f"TL{on:%y%m}{number + 1:03d}"
        sent += _trip(transport, logger, dispatched, received)
        sent += [
            Sent(_at(one) - shift + timedelta(seconds=1), "reading", one.fields)
            for one in readings
            if _at(one) - shift <= received
        ]
        sent += _well(random.Random(f"{seed}/{number}"), f"{transport}-W", dispatched, received)
    return planted, sent


def _trip(transport: str, logger: str, dispatched: datetime, received: datetime) -> Iterator[Sent]:
    fields = {
        "transport_id": transport,
        "specimen_id": f"SP-{transport}",
        "logger": logger,
        "limit_low_c": 2,
        "limit_high_c": 8,
    }
    leaving = {**fields, "dispatched_at": stamp(dispatched)}
    yield Sent(dispatched, "transport", leaving)
    yield Sent(received, "transport", {**leaving, "received_at": stamp(received)})


def _well(rng: random.Random, transport: str, dispatched: datetime, received: datetime) -> Iterator[Sent]:
    """A box in which nothing is wrong, with a logger that wavers as real ones do."""
    logger = f"W-{transport}"
    yield from _trip(transport, logger, dispatched, received)
    at, value = dispatched - timedelta(minutes=5), rng.uniform(4.0, 5.0)
    while at <= received:
        value = min(max(value + rng.gauss(0, 0.15), 3.2), 6.8)
        fields = {"logger": logger, "transport_id": transport, "read_at": stamp(at), "value_c": round(value, 1)}
        yield Sent(at + timedelta(seconds=1), "reading", {**fields, "limit_low_c": 2, "limit_high_c": 8})
        at += timedelta(minutes=2)


def _readings(file: Path) -> list[Record]:
    found = [one for one in items(file, file.name, "SRC", 0) if isinstance(one, Record) and one.kind is Kind.READING]
    return [replace(one, fields=dict(one.fields)) for one in found]


def _at(reading: Record) -> datetime:
    return datetime.fromtimestamp(second_number(str(reading.fields["read_at"])), UTC)


def _tubes(seed: int, on: date) -> tuple[list[Planted], list[Sent]]:
    """Tubes of blood drawn through the morning: one in five has a step missing, late, or told of late."""
    rng = random.Random(f"tubes/{seed}")
    planted: list[Planted] = []
    sent: list[Sent] = []
    for number in range(_TUBES):
        drawn = datetime(on.year, on.month, on.day, tzinfo=UTC) + timedelta(minutes=rng.randint(0, 180))
        tube = f"XB-{number}"
        fields = {"specimen_id": tube, "donor_id": f"P-{number}", "level": "sample", "specimen_type": "WholeBlood"}
        sent.append(
            Sent(drawn + timedelta(minutes=2), "specimen", {**fields, "tube": "EDTA", "collected_at": stamp(drawn)})
        )
        fault = {0: "step_missing", 1: "step_late", 2: "step_told_late"}.get(number % 15, "")
        spun = drawn + timedelta(minutes=rng.randint(130, 170) if fault == "step_late" else rng.randint(30, 115))
        told = drawn + timedelta(minutes=150) if fault == "step_told_late" else spun + timedelta(minutes=1)
        if fault:
            planted.append(Planted(fault, tube))
        if fault != "step_missing":
            fields = {"preparation_id": f"LX-{number}", "specimen_id": tube, "donor_id": f"P-{number}"}
            sent.append(Sent(told, "preparation", {**fields, "step": "centrifuge", "started_at": stamp(spun)}))
    return planted, sent


def figures(planted: list[Planted], notices: list[Notice]) -> tuple[dict[str, Figures], list[Notice]]:
    """Per fault class how many were noticed by the rule meant for it, and the notices that no fault explains."""
    told = {(one.subject, one.kind) for one in notices}
    counted = Counter(one.name for one in planted)
    noticed = Counter(one.name for one in planted if (one.subject, MEANT[one.name]) in told)
    explained = {(one.subject, MEANT[one.name]) for one in planted}
    excursions = {one.subject for one in planted if one.name == "temperature_excursion"}
    false = [
        one
        for one in notices
        if (one.subject, one.kind) not in explained and not (one.kind is FORERUNNER and one.subject in excursions)
    ]
    return {name: Figures(counted[name], noticed[name]) for name in MEANT}, false
