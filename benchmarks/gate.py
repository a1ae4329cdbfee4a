"""Record-at-a-time: bytes in, verdict bytes out. ``python -m benchmarks.gate [--records N]``.

Each message is decoded, judged by all rules of its kind topped up to two hundred, scored, told in words with hints and
fixes, and encoded again; no disk, no network. CPU time of the thread; a record's time is the median of five runs, as
the machine is seldom ours alone. Beside it pandera, pointblank and Great Expectations judge one record with fifty
checks, where they are installed; what they answer has no score, hint or decision. Synthetic records, seeded.
"""

import argparse
import gc
import random
import statistics
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec
import polars as pl

from benchmarks import bank, checks, peers, workload
from hilum.model.record import Kind, Value
from hilum.quality.compiled import CompiledRules
from hilum.quality.gate import Gate
from hilum.quality.row import own_columns
from hilum.quality.rule import Ruleset
from hilum.quality.wire import judge_bytes

T = TypeVar("T")
RUNS = 5
PEERS: dict[str, Callable[[pl.DataFrame], Callable[[], int]]] = {
    "pandera (pandas)": peers.pandera_pandas,
    "pandera (Polars)": peers.pandera_polars,
    "pointblank (Polars)": peers.pointblank,
    "Great Expectations (pandas)": peers.great_expectations,
}


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=3_000)
    count = parser.parse_args().records
    print("| what | CPU ms p50 | p99 | p99.9 | against ours (50 checks) |\n|---|---|---|---|---|")
    messages = make(count)
    rules = workload.ruleset()
    gate = Gate(rules)
    _line("whole gate, 200 rules, bytes to bytes", _times(lambda each: judge_bytes(gate, each), messages))
    rows = [_row(message) for message in messages]
    compiled = CompiledRules(rules.of(Kind.SPECIMEN))
    _line("of that, running the 200 rules", _times(compiled.evaluate, rows))
    fifty = Gate(Ruleset(tuple(checks.rules()), "fifty"))
    ours = _times(lambda each: judge_bytes(fifty, each), messages)
    _line("whole gate, 50 checks, bytes to bytes", ours)
    frame = bank.make(50)
    for name, prepare in PEERS.items():
        _peer(name, prepare, [frame.slice(row, 1) for row in range(frame.height)], statistics.median(ours))


def make(count: int) -> list[bytes]:
    """Messages as another system would send them."""
    chance = random.Random(1)
    fields = [workload.specimen(chance) for _ in range(count)]
    return [
        msgspec.json.encode({"kind": "specimen", "fields": each, "context": workload.context(each)}) for each in fields
    ]


def _row(message: bytes) -> dict[str, Value]:
    given = msgspec.json.decode(message)
    return {**own_columns(Kind.SPECIMEN, given["fields"]), **given["context"]}


def _times(run: Callable[[T], object], given: Sequence[T]) -> list[float]:
    """Milliseconds of CPU for each, in order of size."""
    for each in given[:200]:
        run(each)
    gc.collect()
    gc.freeze()
    spent: list[list[int]] = [[] for _ in given]
    for _ in range(RUNS):
        for place, each in enumerate(given):
            begun = time.thread_time_ns()
            run(each)
            spent[place].append(time.thread_time_ns() - begun)
    return sorted(statistics.median(each) / 1e6 for each in spent)


def _line(what: str, times: Sequence[float], ratio: str = "") -> None:
    p50, p99, p999 = (times[int(len(times) * share)] for share in (0.5, 0.99, 0.999))
    print(f"| {what} | {p50:.3f} | {p99:.3f} | {p999:.3f} | {ratio} |", flush=True)


def _peer(
    name: str, prepare: Callable[[pl.DataFrame], Callable[[], int]], records: Sequence[pl.DataFrame], ours: float
) -> None:
    """One line for a validator; its checks are prepared, and run once, before the clock starts."""
    try:
        runs = [prepare(record) for record in records[: 10 if "Great" in name else 50]]
    except ImportError as missing:
        print(f"| {name} | not measured: {missing} |", flush=True)
        return
    times = []
    for run in runs:
        run()
        begun = time.process_time()
        run()
        times.append((time.process_time() - begun) * 1e3)
    _line(f"{name}, 50 checks", sorted(times), f"{statistics.median(times) / ours:,.0f}x")


if __name__ == "__main__":
    main()
