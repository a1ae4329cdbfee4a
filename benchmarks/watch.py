"""What the watch notices of a replayed day, and how soon a reading becomes a notice.

    python -m benchmarks.watch

The days are those of ``tests/flows/replayed_day.py``, one per seed. The delay is measured on a bank on disk (SQLite,
every commit synced) with fifty loggers and a day of their readings: a reading is taken in by the gate with all rules,
and the sweep after it raises or closes a notice; an idle sweep is one that finds nothing new.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from tests.flows.replayed_day import MEANT, figures, replay
from tests.flows.watched import START, Ward, reading, ward

DAYS, LOGGERS, EVERY_MIN, FRESH = 5, 50, 15, 400
LIMITS = {"limit_high_c": -60}


def main() -> None:
    print("## A replayed day\n")
    days()
    print("\n## From a reading to its notice\n")
    with tempfile.TemporaryDirectory() as folder, ward(Path(folder) / "bank") as bank:
        delays(bank)


def days() -> None:
    """Planted, noticed by the rule meant for it, and notices no planted fault explains."""
    planted: Counter[str] = Counter()
    noticed: Counter[str] = Counter()
    raised = false = 0
    for seed in range(DAYS):
        with tempfile.TemporaryDirectory() as folder:
            faults, notices = replay(Path(folder), seed)
        found, wrong = figures(faults, notices)
        planted.update({name: one.planted for name, one in found.items()})
        noticed.update({name: one.noticed for name, one in found.items()})
        raised, false = raised + len(notices), false + len(wrong)
    print("| fault | rule | planted | noticed |\n|---|---|---|---|")
    for name, rule in MEANT.items():
        print(f"| {name} | {rule.value} | {planted[name]} | {noticed[name]} |")
    print(f"\nnotices {raised}, of which no planted fault explains {false}")


def delays(bank: Ward) -> None:
    """One logger after another turns warm and cold again; every reading is a message of its own."""
    for minute in range(0, 24 * 60, EVERY_MIN):
        bank.move(minute)
        at = bank.at(minute)
        bank.take(*(reading(f"F-{n}", at, -80.0 + (minute + n) % 7 / 10, **LIMITS) for n in range(LOGGERS)))
    bank.sweep()
    taken, swept, idle = [], [], []
    for number in range(FRESH):
        bank.clock.now = START + timedelta(days=1, seconds=number)
        warm = number // LOGGERS % 2 == 0
        before = time.perf_counter()
        bank.take(reading(f"F-{number % LOGGERS}", bank.clock.now, -40.0 if warm else -79.9, **LIMITS))
        middle = time.perf_counter()
        assert bank.sweep().every
        after = time.perf_counter()
        bank.sweep()
        idle.append(time.perf_counter() - after)
        taken.append(middle - before)
        swept.append(after - middle)
    print("| part | p50 ms | p99 ms | most ms |\n|---|---|---|---|")
    whole = [one + other for one, other in zip(taken, swept, strict=True)]
    for name, times in (("gate", taken), ("sweep", swept), ("reading to notice", whole), ("idle sweep", idle)):
        print(f"| {name} | {_at(times, 0.5)} | {_at(times, 0.99)} | {_at(times, 1)} |")


def _at(times: Sequence[float], share: float) -> str:
    ordered = sorted(times)
    return f"{1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]:.1f}"


if __name__ == "__main__":
    main()
