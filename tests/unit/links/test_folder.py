"""A watched folder: whole files, once each, moved aside with their verdict, whatever lies there."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hilum.links.folder import FolderWatch, Verdict, Watching


@dataclass
class Stage:
    """A folder, a watch on it, and a taker that keeps what it was handed."""

    path: Path
    quiet_s: float = 5.0
    marker: bool = False
    limit: int = 1_000
    time: float = 0.0
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    verdict: str = "taken"
    after: object = None

    def __post_init__(self) -> None:
        self.watch = self.fresh()

    def fresh(self) -> FolderWatch:
        """A watch that knows nothing yet, as after a start."""
        at = Watching(self.path, self.limit, self.quiet_s, self.marker)
        return FolderWatch(at, self._take, self._refuse, self._tell, lambda: self.time)

    async def _take(self, name: str, body: bytes) -> Verdict | None:
        self.taken.append((name, body))
        if callable(self.after):
            self.after()
        return Verdict(self.verdict, b'{"of": "' + body + b'"}', "words", "TAG") if self.verdict else None

    def _refuse(self, name: str, reason: str) -> Verdict:
        return Verdict("refused" if reason == "empty" else "", reason.encode(), reason, reason)

    def _tell(self, what: str, values: Mapping[str, object]) -> None:
        self.said.append(f"{what} {values}")

    def put(self, name: str, content: bytes) -> Path:
        file = self.path / name
        file.write_bytes(content)
        return file

    def look(self, after: float = 0.0) -> int:
        self.time += after
        return asyncio.run(self.watch.look())

    def names(self, place: str = "") -> set[str]:
        return {one.name for one in (self.path / place).iterdir() if one.is_file() or one.is_symlink()}


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_a_file_at_rest_is_taken_and_lies_beside_its_verdict(stage: Stage) -> None:
    stage.put("a.csv", b"1")
    assert [stage.look(), stage.look(4.9), stage.look(0.2)] == [0, 0, 1]
    assert stage.taken == [("a.csv", b"1")]
    assert stage.names() == set()
    assert stage.names("taken") == {"a.csv", "a.csv.verdict.json", "a.csv.verdict.txt"}


def test_a_file_that_is_still_written_is_left_until_it_rests(stage: Stage) -> None:
    file = stage.put("a.csv", b"")
    for length in range(1, 6):
        with file.open("ab") as growing:
            growing.write(b"x")
        os.utime(file, ns=(length, length))
        assert stage.look(4.0) == 0
    assert stage.look(5.1) == 1
    assert stage.taken == [("a.csv", b"xxxxx")]


def test_a_mark_beside_a_file_says_it_is_whole_at_once(stage: Stage) -> None:
    stage.put("a.csv", b"1")
    stage.put("a.csv.done", b"")
    assert stage.look() == 1
    assert stage.names() == set()


def test_where_marks_are_the_rule_a_file_without_one_is_left(tmp_path: Path) -> None:
    stage = Stage(tmp_path, marker=True)
    stage.put("a.csv", b"1")
    assert [stage.look(), stage.look(1_000)] == [0, 0]
    stage.put("a.csv.done", b"")
    assert stage.look() == 1


@pytest.mark.parametrize("name", [".hidden", "~$book.xlsx", "a.csv.tmp", "a.csv.part", "a.filepart", "b.verdict.txt"])
def test_names_of_files_in_the_making_are_not_looked_at(stage: Stage, name: str) -> None:
    stage.put(name, b"1")
    assert [stage.look(), stage.look(100)] == [0, 0]
    assert stage.taken == []


def test_two_files_of_one_name_are_both_kept(stage: Stage) -> None:
    for content in (b"1", b"2", b"3"):
        stage.put("a.csv", content)
        stage.look()
        assert stage.look(6) == 1
    kept = sorted(one.read_bytes() for one in (stage.path / "taken").glob("a*.csv"))
    assert kept == [b"1", b"2", b"3"]
    for file in (stage.path / "taken").glob("a*.csv"):
        assert file.read_bytes() in (stage.path / "taken" / f"{file.name}.verdict.json").read_bytes()


def test_a_stop_between_verdict_and_move_is_made_good(stage: Stage) -> None:
    stage.put("a.csv", b"1")
    (stage.path / "taken").mkdir()
    (stage.path / "taken" / "a.csv.verdict.json").write_bytes(b'{"of": "1"}')
    stage.look()
    assert stage.look(6) == 1
    assert stage.names("taken") == {"a.csv", "a.csv.verdict.json", "a.csv.verdict.txt"}


def test_a_file_nothing_can_be_said_of_yet_stays_and_is_tried_again_with_pauses(stage: Stage) -> None:
    stage.put("a.csv", b"1")
    stage.verdict = ""
    stage.look()
    assert [stage.look(6), stage.look(0.5), stage.look(0.6), stage.look(1.0)] == [0, 0, 0, 0]
    assert len(stage.taken) == 2
    stage.verdict = "taken"
    assert stage.look(100) == 1


def test_a_file_replaced_while_its_verdict_was_made_is_not_moved_under_it(stage: Stage) -> None:
    file = stage.put("a.csv", b"1")

    def replace() -> None:
        other = stage.path / ".new"
        other.write_bytes(b"22")
        other.replace(file)

    stage.after = replace
    stage.look()
    assert stage.look(6) == 0
    stage.after = None
    stage.look()
    assert stage.look(6) == 1
    assert [body for _, body in stage.taken] == [b"1", b"22"]
    assert (stage.path / "taken" / "a.csv").read_bytes() == b"22"


def test_a_link_is_not_followed(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret"
    secret.write_bytes(b"secret")
    (stage.path / "a.csv").symlink_to(secret)
    stage.look()
    stage.look(6)
    assert stage.taken == []
    assert "a.csv.verdict.txt" in stage.names()


def test_a_file_over_the_limit_stays_with_a_note_and_is_not_read_again(stage: Stage) -> None:
    file = stage.put("a.csv", b"x" * 1_001)
    stage.look()
    stage.look(6)
    assert (stage.path / "a.csv.verdict.txt").read_text() == "too_large"
    (stage.path / "a.csv.verdict.txt").unlink()
    stage.look(100_000)
    assert not (stage.path / "a.csv.verdict.txt").exists()
    file.write_bytes(b"small")
    stage.look()
    assert stage.look(6) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_stays_with_a_note_until_it_may(stage: Stage) -> None:
    file = stage.put("a.csv", b"1")
    file.chmod(0)
    stage.look()
    stage.look(6)
    assert "a.csv.verdict.txt" in stage.names()
    file.chmod(0o600)
    stage.look(1_000)
    assert stage.look(1_000) == 1
    assert stage.names() == set()


def test_an_empty_file_is_waited_for_and_then_refused(stage: Stage) -> None:
    stage.put("a.csv", b"")
    stage.look()
    assert [stage.look(6), stage.look(6), stage.look(30)] == [0, 0, 1]
    assert "a.csv" in stage.names("refused")


def test_a_folder_that_is_away_is_told_once_and_watched_again_when_it_is_back(tmp_path: Path) -> None:
    stage = Stage(tmp_path / "share")
    stage.look()
    stage.look(10)
    stage.path.mkdir()
    stage.put("a.csv", b"1")
    stage.look()
    assert stage.look(6) == 1
    assert [one.split()[0] for one in stage.said] == ["folder_away", "folder_back"]


def test_what_cannot_be_moved_is_told_without_its_name_and_tried_again(stage: Stage) -> None:
    stage.put("张三.csv", b"1")
    (stage.path / "taken").write_bytes(b"in the way")
    stage.watch = stage.fresh()
    stage.look()
    stage.look(6)
    assert any("folder_stuck" in one for one in stage.said)
    assert not any("张三" in one for one in stage.said)
    (stage.path / "taken").unlink()
    assert stage.look(1_000) >= 1


def test_a_name_as_long_as_a_name_may_be_gets_its_verdict(stage: Stage) -> None:
    stage.put("样" * 80 + ".csv", b"1")
    stage.look()
    assert stage.look(6) == 1
    assert len(stage.names("taken")) == 3


def test_a_name_that_is_no_text_is_taken(stage: Stage) -> None:
    (stage.path / os.fsdecode(b"\xff\xfe.csv")).write_bytes(b"1")
    stage.look()
    assert stage.look(6) == 1


def test_many_files_are_taken_oldest_first(stage: Stage) -> None:
    for number in range(300):
        file = stage.put(f"{299 - number:03}.csv", b"%d" % number)
        os.utime(file, (number + 1, number + 1))
    stage.look()
    assert stage.look(6) == 300
    assert [body for _, body in stage.taken] == [b"%d" % number for number in range(300)]
