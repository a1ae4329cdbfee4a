"""Nothing from the folder of real data beside the project may ever become part of the project."""

import hashlib
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT, SHARED

SMALLEST = 64
"""Files under this many bytes say nothing about where they came from."""

EVERYONES = ("LICENSE", "COPYING")
"""The text of a licence is the same wherever it stands."""


def _project_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a git work tree: nothing tells which files are the project's")
    return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


def test_no_file_of_the_project_is_one_of_the_shared_files() -> None:
    if not SHARED.is_dir():
        pytest.skip("no shared folder beside the project to compare with")
    sizes: dict[int, list[Path]] = {}
    for path in SHARED.rglob("*"):
        if path.is_file() and path.stat().st_size >= SMALLEST and not path.name.startswith(EVERYONES):
            sizes.setdefault(path.stat().st_size, []).append(path)
    assert sizes
    copied = [
        f"{mine.relative_to(ROOT)} = {theirs.relative_to(SHARED)}"
        for mine in _project_files()
        for theirs in sizes.get(mine.stat().st_size, [])
        if _digest(mine) == _digest(theirs)
    ]
    assert not copied


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
