"""``doctor``, ``backup``, ``data``: the bank itself kept sound, and data from outside."""

from pathlib import Path

import click
from rich.console import Console

from hilum.app.keeping import back_up, bring_back, check_backup, examine, fetch
from hilum.app.samples import SEED, SIZE, synthetic_day
from hilum.cli import words
from hilum.cli.frame import Frame, command, group
from hilum.cli.opening import opened
from hilum.cli.progress import progress_bar

UNSOUND = 9
"""Exit code of ``doctor`` when a check failed."""


def commands(frame: Frame) -> list[click.Command]:
    """The commands of this module."""
    thorough = click.Option(["--thorough"], is_flag=True, help=frame.say("option.thorough"))
    path = click.Argument(["path"], type=click.Path(path_type=Path), metavar="PATH")
    into = click.Option(["--into"], required=True, type=click.Path(path_type=Path), help=frame.say("option.into"))
    seed = click.Option(["--seed"], default=SEED, type=int, help=frame.say("option.seed"))
    size = click.Option(["--size"], default=SIZE, type=int, help=frame.say("option.size"))
    cohort = click.Argument(["name"], metavar="tcga/COHORT")
    return [
        command(frame, "doctor", doctor, [thorough]),
        group(
            frame,
            "backup",
            [
                command(frame, "create", create, [path], key="backup.create"),
                command(frame, "verify", verify, [path], key="backup.verify"),
                command(frame, "restore", restore, [path, into], key="backup.restore"),
            ],
        ),
        group(
            frame,
            "data",
            [
                command(frame, "get", get, [cohort, into], key="data.get"),
                command(frame, "day", day, [into, seed, size], key="data.day"),
            ],
        ),
    ]


def doctor(frame: Frame, thorough: bool) -> int:
    """Examine the bank."""
    checks = examine(frame.home, thorough=thorough)
    warned = sum(one.level == "warn" for one in checks)
    failed = sum(one.level == "fail" for one in checks)

    def show(console: Console) -> None:
        table = frame.table("result", "check")
        for one in checks:
            table.add_row(words.term("check", one.level.value, frame.language), one.message(frame.language))
        console.print(table)
        console.print(frame.say("doctor.done", count=len(checks), warn=warned, fail=failed), markup=False)

    rows = [
        {"check": one.key, "level": one.level.value, "message": one.message(frame.language), "values": dict(one.values)}
        for one in checks
    ]
    frame.answer(rows, show)
    return UNSOUND if failed else 0


def create(frame: Frame, path: Path) -> int:
    """Make a backup."""
    app, actor = opened(frame)
    with app, progress_bar(frame) as report:
        manifest = back_up(app, actor, path, report)
    size = sum(one.size for one in manifest.files)
    facts = {"path": str(path), "files": len(manifest.files), "bytes": size}
    frame.answer(facts, lambda console: console.print(frame.say("backup.done", **facts), markup=False))
    return 0


def verify(frame: Frame, path: Path) -> int:
    """Check a backup."""
    with progress_bar(frame) as report:
        manifest = check_backup(path, report)
    facts = {"path": str(path), "files": len(manifest.files), "made_at": manifest.at}
    frame.answer(facts, lambda console: console.print(frame.say("backup.whole", **facts), markup=False))
    return 0


def restore(frame: Frame, path: Path, into: Path) -> int:
    """Restore a backup."""
    with progress_bar(frame) as report:
        manifest = bring_back(path, into, report)
    facts = {"path": str(into), "files": len(manifest.files)}
    frame.answer(facts, lambda console: console.print(frame.say("backup.restored", **facts), markup=False))
    return 0


def get(frame: Frame, name: str, into: Path) -> int:
    """Fetch open-access files."""
    with progress_bar(frame) as report:
        got = fetch(name, into, report)
    facts = {"files": len(got.files), "folder": str(got.folder), "fetched": got.fetched, "bytes": got.bytes}
    frame.answer(facts, lambda console: console.print(frame.say("data.got", **facts), markup=False))
    return 0


def day(frame: Frame, into: Path, seed: int, size: int) -> int:
    """Write a synthetic hospital day."""
    ledger = synthetic_day(into, seed, size)
    facts = {"files": len(ledger.files), "folder": str(ledger.incoming), "defects": len(ledger.defects)}
    frame.answer(facts, lambda console: console.print(frame.say("day.written", **facts), markup=False))
    return 0
