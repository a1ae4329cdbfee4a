"""Intake end to end: parse, judge, score, store, audit. ``python benchmarks/intake.py FOLDER [COHORT…]``.

Takes the cohorts' archives in, in one command each time on a fresh bank: first one, then four, then all, each in its
own process. Prints records, seconds of CPU and wall time, records per second, and peak memory, which must not grow with
the input. Beside us in the same run, the floor: the same archives only unpacked and split into cells, nothing judged
and nothing kept. ``--profile`` prints where the CPU of the first run went.
"""

import argparse
import csv
import io
import json
import resource
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

STEPS = (1, 4, 12)


def main() -> None:
    """Run the steps and print the table."""
    options = _options()
    if options.child:
        print(json.dumps(_floor(options.paths) if options.child == "floor" else _intake(options.paths)))
        return
    archives = sorted(Path(options.paths[0]).glob("*.tar.xz")) if len(options.paths) == 1 else options.paths
    archives = sorted(map(Path, archives), key=lambda file: file.stat().st_size)
    print(f"{'':>8} {'archives':>8} {'records':>9} {'CPU s':>8} {'wall s':>8} {'records/s':>10} {'peak MiB':>9}")
    for step in sorted({min(one, len(archives)) for one in STEPS}):
        chosen = archives[:step]
        for what in ("floor", "intake"):
            row = _run(what, chosen)
            rate = row["records"] / row["wall"]
            print(
                f"{what:>8} {step:>8} {row['records']:>9,.0f} {row['cpu']:>8.1f} {row['wall']:>8.1f} "
                f"{rate:>10,.0f} {row['peak']:>9.0f}",
                flush=True,
            )
    if options.profile:
        _profile(archives[:1])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--child", default="", help=argparse.SUPPRESS)
    parser.add_argument("--profile", action="store_true")
    return parser.parse_args()


def _run(what: str, archives: list[Path]) -> dict[str, float]:
    command = [sys.executable, __file__, "--child", what, *map(str, archives)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    row: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return row


def _measured(records: int, started: tuple[float, float]) -> dict[str, float]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "records": records,
        "cpu": time.process_time() - started[0],
        "wall": time.perf_counter() - started[1],
        "peak": peak,
    }


def _floor(paths: list[str]) -> dict[str, float]:
    """Unpack and split into cells; the rows are counted and thrown away."""
    started = (time.process_time(), time.perf_counter())
    rows = 0
    for path in paths:
        with tarfile.open(path) as archive:
            for member in archive:
                file = archive.extractfile(member) if member.isfile() else None
                if file is not None:
                    text = io.TextIOWrapper(file, encoding="latin-1", newline="")
                    rows += sum(1 for _ in csv.reader(text, delimiter="\t", quoting=csv.QUOTE_NONE))
    return _measured(rows, started)


def _intake(paths: list[str]) -> dict[str, float]:
    from hilum.app.founding import found
    from hilum.app.intake import intake
    from hilum.app.reading import Readers
    from hilum.app.running import actor_of, open_hilum

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "bank"
        started = (time.process_time(), time.perf_counter())
        found(home, "benchmark", "bench", "en")
        with open_hilum(home) as app:
            actor = actor_of(app.settings, "bench")
            summary = intake(app, actor, [Path(path) for path in paths], Readers(home / "mappings", "bench"))
        return _measured(summary.records, started)


def _profile(archives: list[Path]) -> None:
    import cProfile
    import pstats

    profile = cProfile.Profile()
    profile.runcall(_intake, [str(one) for one in archives])
    pstats.Stats(profile).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
