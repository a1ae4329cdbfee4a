"""The whole story on PostgreSQL: the same files, corrections and questions end in the same bank as on SQLite."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from hilum.app.running import open_hilum
from hilum.app.samples import synthetic_day
from hilum.clock import fixed_clock
from hilum.model.record import Kind
from hilum.registry.ports import QueueFilter
from hilum.testing.postgres import PostgresUnavailable, temporary_postgres
from tests.flows.terminal import Terminal

STOPPED = 10
NOW = datetime(2026, 3, 17, 9, tzinfo=UTC)
Answer = dict[str, object]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """An empty PostgreSQL."""
    try:
        with temporary_postgres() as made:
            yield made
    except PostgresUnavailable as absent:
        pytest.skip(f"PostgreSQL cannot be started here: {absent}")


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of one synthetic hospital day."""
    return synthetic_day(tmp_path_factory.mktemp("day"), seed=7, size=8, on=date(2026, 3, 16)).incoming


@pytest.fixture(scope="module")
def clock() -> Iterator[None]:
    """It is always the same instant, so that two banks can be compared to the letter."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hilum.cli.opening.open_hilum", partial(open_hilum, clock=fixed_clock(NOW)))
        yield


@pytest.fixture(scope="module")
def banks(clock: None, url: str, day: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Terminal, Terminal]:
    """Two banks with the same secret and the same day, one on each store."""
    folder = tmp_path_factory.mktemp("banks")
    small, large = Terminal(folder / "sqlite"), Terminal(folder / "postgresql")
    small.type("init", "--name", "对照")
    large.type("init", "--name", "对照", "--database", url)
    assert not (large.home / "bank.db").exists()
    shutil.copy(small.home / "vault" / "key", large.home / "vault" / "key")
    for bank in (small, large):
        bank.type("intake", day, "--yes", code=STOPPED)
        _mend(bank)
    return small, large


def _records(bank: Terminal) -> list[Answer]:
    return cast(list[Answer], bank.table("queue", "list", "--limit", "1000")["records"])


def _mend(bank: Terminal) -> None:
    """What a curator does with it: accept every hint and release, refuse one, take one step back."""
    bank.type("fix", "--all", "--hint", "--reason", "核对标签", code=STOPPED)
    bank.type("release", "--all", "--reason", "已核对")
    first = min(str(one["record"]) for one in _records(bank))
    refused = bank.table("refuse", first, "--reason", "查无此管")
    bank.type("undo", str(refused["batch"]))
    bank.type("refuse", first, "--reason", "查无此管")


def content(bank: Terminal) -> dict[str, object]:
    """Everything a bank says."""
    with open_hilum(bank.home) as app, app.bank.read() as unit:
        records = unit.find_records(QueueFilter(limit=1_000_000))
        facts = [fact for kind in Kind for fact in unit.all_facts(kind)]
        return {
            "records": sorted(map(repr, records)),
            "events": sorted(repr(event) for event in unit.all_events()),
            "facts": sorted(map(repr, facts)),
            "sources": sorted((one.name, one.items_done, one.state, one.digest) for one in unit.sources()),
            "problems": sorted((one.reason, repr(one.locator), repr(one.values)) for one in unit.problems()),
            "findings": sorted(unit.finding_counts().items()),
            "audit": [repr(one) for one in unit.audit_trail(limit=100_000)],
        }


def test_both_banks_say_the_same_to_the_letter(banks: tuple[Terminal, Terminal]) -> None:
    small, large = map(content, banks)
    assert len(cast(list[object], small["records"])) > 100
    assert len(cast(list[object], small["findings"])) > 5
    for part, said in small.items():
        assert large[part] == said, part


QUESTIONS = {
    "queue": ["queue", "list", "--limit", "1000"],
    "queue of one kind": ["queue", "list", "--kind", "specimen"],
    "sources": ["sources"],
    "rules scan": ["rules", "scan"],
    "audit": ["audit", "--limit", "1000"],
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_has_the_same_answer_on_both(banks: tuple[Terminal, Terminal], name: str) -> None:
    small, large = (bank.ask(*QUESTIONS[name]) for bank in banks)
    assert small
    assert small == large


def test_a_specimen_has_the_same_life_as_of_any_time_on_both(banks: tuple[Terminal, Terminal]) -> None:
    with open_hilum(banks[0].home) as app, app.bank.read() as unit:
        tubes = sorted(fact.key for fact in unit.all_facts(Kind.SPECIMEN) if fact.parent)[:1]
    for tube in tubes:
        for when in ([], ["--as-of", "2026-03-16T02:00:00Z"], ["--known-at", "2026-03-16"]):
            small, large = (bank.table("specimen", "show", tube, *when) for bank in banks)
            assert small == large
        assert small["facts"] == []
        assert cast(list[object], small["events"])


def test_the_reports_say_the_same(banks: tuple[Terminal, Terminal], tmp_path: Path) -> None:
    made = []
    for bank in banks:
        folder = tmp_path / bank.home.name
        bank.type("report", "--out", folder)
        assert (folder / "report.zh.html").stat().st_size > 10_000
        made.append(json.loads((folder / "report.zh.json").read_text(encoding="utf-8")))
    assert made[0] == made[1]


def test_the_doctor_finds_both_sound(banks: tuple[Terminal, Terminal]) -> None:
    for bank in banks:
        checks = cast(list[Answer], bank.ask("doctor", "--thorough"))
        assert not [one for one in checks if one["level"] == "fail"]


def test_the_same_files_again_change_nothing(banks: tuple[Terminal, Terminal], day: Path) -> None:
    before = content(banks[1])["records"]
    answer = banks[1].table("intake", day, "--yes")
    assert (answer["already"], answer["records"]) == (1, 0)
    assert content(banks[1])["records"] == before


def test_a_dry_run_leaves_nothing_behind(banks: tuple[Terminal, Terminal], tmp_path: Path) -> None:
    other = synthetic_day(tmp_path, seed=8, size=3, on=date(2026, 3, 16)).incoming
    before = content(banks[1])
    answers = [bank.table("check", other, "--yes", code=STOPPED) for bank in banks]
    assert cast(int, answers[0]["records"]) > 0
    assert answers[0] == answers[1]
    assert content(banks[1]) == before


def test_a_bank_on_postgresql_is_not_made_twice(banks: tuple[Terminal, Terminal], url: str, tmp_path: Path) -> None:
    assert "已" in Terminal(tmp_path / "again").type("init", "--database", url, code=7).output


def test_a_server_that_is_not_there_is_named_without_its_password(tmp_path: Path) -> None:
    database = "postgresql://hilum:geheim@127.0.0.1:1/none"
    for language in ("zh", "en"):
        said = Terminal(tmp_path / language, language).type("init", "--database", database, code=8).output
        assert "127.0.0.1:1" in said
        assert "geheim" not in said
