"""Killed at any instant and started again, intake ends in the bank one uninterrupted run makes."""

import random
import shutil
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from hilum.app.founding import found
from hilum.app.running import open_hilum
from hilum.app.samples import synthetic_day
from hilum.model.record import Kind
from hilum.registry.ports import QueueFilter

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "tests.flows.killed"]


def _bank(home: Path, settings: str) -> None:
    found(home, "test", "root", "zh")
    file = home / "hilum.toml"
    file.write_text(settings + file.read_text(encoding="utf-8"), encoding="utf-8")


def _content(home: Path) -> dict[str, object]:
    """Everything a bank says."""
    with open_hilum(home) as app, app.bank.read() as unit:
        records = unit.find_records(QueueFilter(limit=1_000_000))
        facts = [fact for kind in Kind for fact in unit.all_facts(kind)]
        return {
            "records": sorted(repr(one) for one in records),
            "events": sorted((event.kind, event.key, event.record) for event in unit.all_events()),
            "facts": sorted((fact.kind, fact.key, fact.record, repr(fact.fields)) for fact in facts),
            "sources": sorted((one.name, one.items_done, one.state) for one in unit.sources()),
            "problems": sorted((one.reason, repr(one.locator)) for one in unit.problems()),
            "findings": sorted(unit.finding_counts().items()),
        }


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3])
def test_a_run_killed_at_random_instants_ends_in_the_same_bank(tmp_path: Path, seed: int) -> None:
    folder = synthetic_day(tmp_path / "day", seed=seed, size=30, on=date(2026, 3, 16)).incoming
    settings = "batch = 20\n"
    _bank(tmp_path / "whole", settings)
    shutil.copytree(tmp_path / "whole" / "vault", tmp_path / "vault")
    subprocess.run([*COMMAND, str(tmp_path / "whole"), str(folder)], cwd=ROOT, check=True, capture_output=True)
    _bank(tmp_path / "killed", settings)
    shutil.rmtree(tmp_path / "killed" / "vault")
    shutil.copytree(tmp_path / "vault", tmp_path / "killed" / "vault")
    kills = _kill_until_done([*COMMAND, str(tmp_path / "killed"), str(folder)], random.Random(seed))
    assert kills > 0
    assert _content(tmp_path / "killed") == _content(tmp_path / "whole")


def _kill_until_done(command: list[str], rng: random.Random) -> int:
    """Start, kill after a random while, start again; the while grows so that it ends."""
    kills = 0
    for attempt in range(60):
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
            try:
                patience = rng.uniform(0.5, 2.5) + attempt * 0.5 if attempt else rng.uniform(0.3, 0.6)
                output, errors = run.communicate(timeout=patience)
            except subprocess.TimeoutExpired:
                run.send_signal(signal.SIGKILL)
                run.communicate()
                kills += 1
                continue
        assert run.returncode == 0, errors.decode()
        assert output.decode().strip() == "done"
        return kills
    raise AssertionError("the run never came to its end")
