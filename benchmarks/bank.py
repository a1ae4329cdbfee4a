"""Bank-at-a-time: rules over a million specimen rows. ``python benchmarks/bank.py [--rows N] [--runs N]``.

Prints CPU seconds (all threads of the process; the median of some runs, each in a fresh process), rows per CPU second
and peak memory: fifty common checks by our engines, by the bare query a person would write for the same engine, and by
pandera, pointblank and Great Expectations where they are installed; then two hundred rules. Synthetic rows, seeded.
"""

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

from benchmarks import checks, peers, workload
from hilum.engines.duckdb_engine import DuckDBEngine
from hilum.engines.engine import read
from hilum.engines.polars_engine import PolarsEngine
from hilum.model.record import Kind, Value
from hilum.quality.row import columns, own_columns
from hilum.quality.rule import Rule

DISTINCT = 20_000
_TYPES = {"number": pl.Float64, "text": pl.String, "boolean": pl.Boolean}

Measure = Callable[[pl.DataFrame], Callable[[], int]]
"""Prepares on a frame and answers what is measured, which answers how many violations it found."""


def main() -> None:
    """Measure everything and print the tables."""
    options = _options()
    if options.child:
        print(json.dumps(_child(options.child, Path(options.file))))
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "specimens.parquet"
        make(options.rows).write_parquet(file)
        for title, names in (("Fifty common checks", FIFTY), ("Two hundred rules", TWO_HUNDRED)):
            print(f"\n{title}, {options.rows:,} rows\n")
            print("| executor | CPU s | rows per CPU s | against ours | wall s | peak MiB | violations |")
            print("|---|---|---|---|---|---|---|")
            ours = 0.0
            for name in names:
                found = _runs(name, file, options.runs)
                if found is not None:
                    ours = ours or found["cpu"]
                    print(_line(name, found, options.rows, ours), flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--child", default="", help=argparse.SUPPRESS)
    parser.add_argument("--file", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


def make(rows: int) -> pl.DataFrame:
    """A frame of specimen rows as rules see them: some thousand distinct ones, drawn again and again."""
    chance = random.Random(20260305)
    made: list[dict[str, Value]] = []
    for _ in range(min(DISTINCT, rows)):
        fields = workload.specimen(chance)
        made.append({**own_columns(Kind.SPECIMEN, fields), **workload.context(fields)})
    known = columns(Kind.SPECIMEN)
    names = list(dict.fromkeys(name for row in made for name in row))
    frame = pl.DataFrame(
        {name: pl.Series([row.get(name) for row in made], dtype=_TYPES[known[name]], strict=False) for name in names}
    )
    return frame[pl.Series([chance.randrange(frame.height) for _ in range(rows)])]


def _runs(name: str, file: Path, runs: int) -> dict[str, float] | None:
    """Medians of some runs; ``None`` where what is measured is not installed."""
    found = []
    for _ in range(1 if name in SLOW else runs):
        command = [sys.executable, "-m", "benchmarks.bank", "--child", name, "--file", str(file)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            print(f"| {name} | not measured: {(ran.stderr.strip().splitlines() or ['?'])[-1][:100]} |")
            return None
        found.append(json.loads(ran.stdout.strip().splitlines()[-1]))
    return {key: statistics.median(run[key] for run in found) for key in found[0]}


def _line(name: str, found: dict[str, float], rows: int, ours: float) -> str:
    return (
        f"| {name} | {found['cpu']:.2f} | {rows / found['cpu']:,.0f} | {found['cpu'] / ours:.2f}x "
        f"| {found['wall']:.2f} | {found['peak']:.0f} | {found['violations']:,.0f} |"
    )


def _child(name: str, file: Path) -> dict[str, float]:
    run = MEASURES[name](pl.read_parquet(file))
    cpu, wall = time.process_time(), time.perf_counter()
    violations = run()
    spent = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "violations": violations}
    return spent | {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _ours(rules: Callable[[], list[Rule]]) -> Measure:
    def prepare(frame: pl.DataFrame) -> Callable[[], int]:
        ready = read(rules())
        return lambda: sum(each.failed + each.unknown for each in PolarsEngine().counts(ready, frame))

    return prepare


def _listed(rules: Callable[[], list[Rule]]) -> Measure:
    def prepare(frame: pl.DataFrame) -> Callable[[], int]:
        ready = read(rules())
        return lambda: PolarsEngine().violation_frame(ready, frame).height

    return prepare


def _duckdb(rules: Callable[[], list[Rule]]) -> Measure:
    def prepare(frame: pl.DataFrame) -> Callable[[], int]:
        connection = peers.duckdb_table(frame)
        ready = read(rules())
        engine = DuckDBEngine(connection)
        return lambda: sum(each.failed + each.unknown for each in engine.counts(ready, "specimens"))

    return prepare


def _specimen_rules() -> list[Rule]:
    return list(workload.ruleset().of(Kind.SPECIMEN))[: workload.WANTED]


MEASURES: dict[str, Measure] = {
    "Hilum, Polars": _ours(checks.rules),
    "bare Polars query": peers.bare_polars,
    "Hilum, DuckDB": _duckdb(checks.rules),
    "bare DuckDB query": peers.bare_duckdb,
    "pointblank (Polars)": peers.pointblank,
    "pandera (Polars)": peers.pandera_polars,
    "pandera (pandas)": peers.pandera_pandas,
    "Great Expectations (pandas)": peers.great_expectations,
    "Hilum, Polars, 200 rules": _ours(_specimen_rules),
    "Hilum, Polars, 200 rules, every violation listed": _listed(_specimen_rules),
    "Hilum, DuckDB, 200 rules": _duckdb(_specimen_rules),
}
FIFTY = [name for name in MEASURES if "200" not in name]
TWO_HUNDRED = [name for name in MEASURES if "200" in name]
SLOW = ("Great Expectations (pandas)",)

if __name__ == "__main__":
    main()
