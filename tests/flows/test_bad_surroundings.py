"""What surrounds the records goes wrong: rules, settings, the store, the disk, the user's Ctrl-C, a bug of ours."""

import functools
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hilum.app import running
from hilum.cli.stopping import INTERRUPTED, LOG, UNEXPECTED, USAGE
from hilum.stores.opening import open_bank
from tests.conftest import ROOT
from tests.flows.hospital import DONORS, STOPPED, TUBES, again, english, held, known, plasma, put, queue, text
from tests.flows.terminal import Terminal

NEWCOMER = ("ZY26000009", "王芳", "女", "1990-01-01", "2026-03-10")
OWN_RULE = """
  - id: {id}
    version: 1
    grain: donor
    title: {{zh: 须有姓名, en: A name is wanted}}
    assert: {condition}
    dimension: completeness
    kahn: completeness
    severity: warn
    weight: 1
    field: name
    source: {{standard: 本院规定, clause: '1'}}
    why: {{zh: 核对身份要用, en: It identifies}}
    hint: {{zh: 请补填, en: Fill it in}}
    examples: {{pass: [{{name: a}}], fail: [{{}}]}}
"""
PACK = "pack: own\ntitle: {zh: 本院, en: Our own}\nrules:\n"


def own_rule(identity: str = "OWN-001", condition: str = "name IS NOT NULL", more: str = "") -> str:
    """A rule of the hospital's own, as the text of its pack."""
    return OWN_RULE.format(id=identity, condition=condition) + more


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A bank in which two donors and their blood are known; nobody spoils this one."""
    folder = tmp_path_factory.mktemp("stocked")
    return known(folder / "home", folder / "incoming")


@pytest.fixture
def terminal(stocked: Terminal, tmp_path: Path) -> Terminal:
    """A copy of that bank."""
    return again(stocked, tmp_path / "home")


def refused(terminal: Terminal, *command: str | Path, code: int, zh: str, en: str, place: str = "") -> None:
    """A command that ends in words, in both languages, that name the place; the JSON says the same."""
    said = terminal.type(*command, code=code).output
    meant = english(terminal).type(*command, code=code).output
    assert zh in said
    assert en in meant
    assert place in said
    assert "怎么办" in said
    assert "What to do" in meant
    assert "Traceback" not in said + meant


def test_a_program_gets_its_errors_as_json(stocked: Terminal) -> None:
    for words, code, error in (("queue show REC-0", 5, "not_found"), ("nonsense", USAGE, "usage")):
        said = json.loads(stocked.type(*words.split(), "--json", code=code).stderr)
        assert set(said) == {"error", "reason", "message", "advice"}
        assert said["error"] == error


# rules ---------------------------------------------------------------------------------------------------------------


def test_an_own_rule_counts_and_is_explained(terminal: Terminal) -> None:
    put(terminal.home / "rules", "own.yaml", PACK + own_rule())
    assert "须有姓名" in terminal.type("rules", "explain", "OWN-001").output


PACKS: dict[str, tuple[str, str, str]] = {
    "a column nobody knows": (PACK + own_rule(condition="shoe_size > 40"), "shoe_size", "shoe_size"),
    "a key nobody knows": (PACK + own_rule(more="    colour: red\n"), "colour", "colour"),
    "an id twice": (PACK + own_rule() + own_rule(), "OWN-001", "OWN-001"),
    "an id that Hilum ships": (PACK + own_rule("DNR-REQ-001"), "DNR-REQ-001", "DNR-REQ-001"),
    "no YAML": (PACK + "  - [", "own.yaml", "own.yaml"),
    "no condition": (PACK + own_rule(condition="name +"), "读不懂这个条件", "cannot be read"),
}


@pytest.mark.parametrize("name", PACKS)
def test_a_broken_pack_stops_judging_and_names_the_place(terminal: Terminal, tmp_path: Path, name: str) -> None:
    content, zh, en = PACKS[name]
    put(terminal.home / "rules", "own.yaml", content)
    file = put(tmp_path, "供者.csv", text(DONORS, NEWCOMER))
    refused(terminal, "intake", file, "--yes", code=4, zh=zh, en=en, place="own.yaml")
    (terminal.home / "rules" / "own.yaml").unlink()
    assert terminal.table("intake", file, "--yes")["accepted"] == 1


def test_a_pack_in_another_encoding_is_named(terminal: Terminal) -> None:
    put(terminal.home / "rules", "own.yaml", PACK + own_rule(), "gb18030")
    refused(terminal, "rules", "list", code=3, zh="不是 UTF-8", en="not UTF-8", place="own.yaml")


def test_a_broken_pack_does_not_keep_the_bank_from_being_examined_and_backed_up(
    terminal: Terminal, tmp_path: Path
) -> None:
    put(terminal.home / "rules", "own.yaml", PACK + "  - [")
    refused(terminal, "rules", "list", code=4, zh="own.yaml", en="own.yaml", place="own.yaml")
    terminal.type("backup", "create", tmp_path / "bank.tar.gz")
    terminal.type("backup", "verify", tmp_path / "bank.tar.gz")
    assert "own.yaml" in terminal.type("doctor", code=9).output


# settings and store --------------------------------------------------------------------------------------------------

SETTINGS: dict[str, tuple[str | bytes, str, str]] = {
    "no TOML": ("name = [", "无法读取", "cannot be read"),
    "another encoding": ("name = '样本库'\n".encode("gb18030"), "无法读取", "cannot be read"),
    "a setting nobody knows": ("nmae = 'x'\n", "nmae", "nmae"),
    "a value that cannot be": ("batch = 0\n", "batch", "batch"),
    "no table of actors": ("actors = 3\n", "actors", "actors"),
    "a database that cannot be": ("database = 'mysql://x/y'\n", "数据库地址", "database address"),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_that_cannot_be_read_are_named(terminal: Terminal, name: str) -> None:
    content, zh, en = SETTINGS[name]
    put(terminal.home, "hilum.toml", content)
    code = 8 if "database" in name else 3
    refused(terminal, "queue", "list", code=code, zh=zh, en=en, place="" if code == 8 else "hilum.toml")


def test_where_there_is_no_bank_it_says_how_to_make_one(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "none")
    refused(terminal, "queue", "list", code=8, zh="hilum init", en="hilum init", place="none")
    assert not terminal.home.exists()


def spoil(home: Path, statement: str) -> None:
    """Change something in the bank behind its back."""
    with sqlite3.connect(home / "bank.db") as connection:
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    ("version", "zh", "en"), [("999", "版本是 999", "version 999"), ("0", "版本是 0", "version 0")]
)
def test_a_bank_of_another_version_is_left_alone(terminal: Terminal, version: str, zh: str, en: str) -> None:
    spoil(terminal.home, f"UPDATE meta SET value = '{version}' WHERE name = 'schema_version'")
    refused(terminal, "queue", "list", code=8, zh=zh, en=en, place="bank.db")
    assert "bank.db" in terminal.type("doctor", code=9).output


def test_a_damaged_store_is_named(terminal: Terminal) -> None:
    for rest in terminal.home.glob("bank.db-*"):
        rest.unlink()
    put(terminal.home, "bank.db", b"this is no database" * 1000)
    refused(terminal, "queue", "list", code=8, zh="损坏", en="damaged", place="bank.db")


def test_a_lost_pseudonym_key_is_never_made_anew(terminal: Terminal, tmp_path: Path) -> None:
    (terminal.home / "vault" / "key").unlink()
    file = put(tmp_path, "供者.csv", text(DONORS, NEWCOMER))
    refused(terminal, "intake", file, "--yes", code=8, zh="密钥", en="key")
    assert not (terminal.home / "vault" / "key").exists()


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Another program writes and does not finish."""
    connection = sqlite3.connect(home / "bank.db", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


def test_a_locked_bank_can_be_read_and_says_that_another_writes(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "open_bank", functools.partial(open_bank, patience_ms=100))
    file = put(tmp_path, "供者.csv", text(DONORS, NEWCOMER))
    with locked(terminal.home):
        assert queue(terminal) == []
        refused(terminal, "intake", file, "--yes", code=8, zh="请等另一次导入结束", en="other intake", place="bank.db")
    assert terminal.table("intake", file, "--yes")["accepted"] == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no small file system can be mounted here (needs root and the right to mount)")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_told_and_the_intake_goes_on_once_there_is_room(
    stocked: Terminal, small_disk: Path, tmp_path: Path
) -> None:
    terminal = again(stocked, small_disk / "home")
    rows = [(f"ZY3{index:07}", "甲", "男", "1990-01-01", "2026-03-10") for index in range(1_000)]
    file = put(tmp_path, "供者.csv", text(DONORS, *rows))
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"0" * max(0, shutil.disk_usage(small_disk).free - 300_000))
    refused(terminal, "intake", file, "--yes", code=8, zh="磁盘已满", en="disk is full")
    ballast.unlink()
    remount = ["mount", "-o", "remount,size=4g", str(small_disk)]
    subprocess.run(remount, check=True)
    terminal.type("intake", file, "--yes")
    assert terminal.table("donor", "show", "ZY30000999")["facts"]
    terminal.type("doctor", "--thorough")


# people and bugs -----------------------------------------------------------------------------------------------------


def program(terminal: Terminal, *words: str | Path) -> subprocess.Popen[str]:
    """The program itself, in a process of its own."""
    line = [sys.executable, "-m", "hilum", "--home", terminal.home, "--lang", terminal.language, *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(list(map(str, line)), cwd=ROOT, stdout=pipe, stderr=pipe, text=True)


def test_ctrl_c_ends_an_intake_with_words_and_it_goes_on_afterwards(terminal: Terminal, tmp_path: Path) -> None:
    settings = terminal.home / "hilum.toml"
    settings.write_text("batch = 5\n" + settings.read_text(encoding="utf-8"), encoding="utf-8")
    rows = [(f"ZY3{index:07}", "甲", "男", "1990-01-01", "2026-03-10") for index in range(2_000)]
    file = put(tmp_path, "供者.csv", text(DONORS, *rows))
    run = program(terminal, "intake", file, "--yes")
    wait_for(lambda: accepted(terminal.home) > 20)
    run.send_signal(signal.SIGINT)
    output, errors = run.communicate(timeout=60)
    assert run.returncode == INTERRUPTED, output + errors
    assert "已中断" in errors
    assert "重新执行同一条命令" in errors
    assert "Traceback" not in errors
    so_far = accepted(terminal.home)
    assert 8 < so_far < 2_008
    settings.write_text(settings.read_text(encoding="utf-8").replace("batch = 5\n", ""), encoding="utf-8")
    assert terminal.table("intake", file, "--yes")["accepted"] == 2_008 - so_far


def accepted(home: Path) -> int:
    """How many records the bank holds now, asked from outside."""
    connection = sqlite3.connect(f"file:{home}/bank.db?mode=ro", uri=True)
    try:
        return int(connection.execute("SELECT count(*) FROM records WHERE state = 'accepted'").fetchone()[0])
    finally:
        connection.close()


def wait_for(reached: Callable[[], bool]) -> None:
    """Until it is so; a minute at most."""
    patience = threading.Event()
    for _ in range(600):
        if reached():
            return
        patience.wait(0.1)
    raise AssertionError("it never came to that")


def test_a_bug_ends_in_words_and_leaves_a_log_without_anybodys_data(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        try:
            int("张伟 420111199001011234")
        except ValueError as cause:
            raise RuntimeError("the donor 张伟 cannot be") from cause

    monkeypatch.setattr("hilum.cli.showing.show_lifeline", broken)
    said = terminal.type("donor", "show", "ZY26000001", code=UNEXPECTED).output
    meant = english(terminal).type("donor", "show", "ZY26000001", code=UNEXPECTED).output
    assert "未预料的故障（RuntimeError）" in said
    assert "nobody foresaw (RuntimeError)" in meant
    assert str(terminal.home / LOG) in said
    log = (terminal.home / LOG).read_text(encoding="utf-8")
    assert "in broken" in log
    assert "ValueError" in log
    assert "hilum 0" in log
    assert not [secret for secret in ("张伟", "4201111", "ZY26000001", "cannot be") if secret in said + meant + log]
    assert (terminal.home / LOG).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("words", "zh", "en"),
    [
        (["nonsense"], "没有命令 nonsense", "no command nonsense"),
        (["queue", "nonsense"], "没有命令 nonsense", "no command nonsense"),
        (["release", "--nonsense"], "没有选项 --nonsense", "no option --nonsense"),
        (["rules", "list", "--kind", "shoe"], "specimen", "specimen"),
        (["queue", "list", "--limit", "many"], ">= 1", ">= 1"),
        (["queue", "list", "--source"], "--source", "--source"),
        (["waive", "request", "REC-1"], "缺少 --waive", "--waive is missing"),
    ],
)
def test_a_command_typed_wrongly_says_what_and_where_to_look(
    stocked: Terminal, words: list[str], zh: str, en: str
) -> None:
    refused(stocked, *words, code=USAGE, zh=zh, en=en)


def test_a_language_nobody_speaks_is_not_passed_over(stocked: Terminal) -> None:
    assert "zh, en" in Terminal(stocked.home, "fr").type("queue", "list", code=USAGE).output


def test_a_report_that_cannot_be_written_names_the_place(stocked: Terminal, tmp_path: Path) -> None:
    taken = put(tmp_path, "taken", "a file")
    refused(stocked, "report", "--out", taken, code=3, zh="系统不允许", en="refused", place="taken")


MEND: dict[str, tuple[list[str], int, str, str]] = {
    "a record nobody knows": (["queue", "show", "REC-NONE"], 5, "REC-NONE", "REC-NONE"),
    "a specimen nobody knows": (["specimen", "show", "NONE"], 5, "NONE", "NONE"),
    "a donor nobody knows": (["donor", "show", "NONE"], 5, "供者", "donor"),
    "a rule nobody knows": (["rules", "explain", "NONE"], 5, "NONE", "NONE"),
    "no records named": (["release"], 3, "记录", "record"),
    "neither hint nor value": (["fix", "REC-1"], 3, "--hint", "--hint"),
    "an instant that is none": (["specimen", "show", "XB-0001", "--as-of", "昨天"], 3, "昨天", "昨天"),
    "a batch nobody knows": (["undo", "CHG-NONE"], 5, "CHG-NONE", "CHG-NONE"),
    "a backup that is none": (["backup", "verify", "/nowhere.tar.gz"], 8, "nowhere", "nowhere"),
    "a bank twice": (["init"], 7, "已", "already"),
}


@pytest.mark.parametrize("name", MEND)
def test_what_is_not_there_or_cannot_be_is_answered_in_both_languages(stocked: Terminal, name: str) -> None:
    words, code, zh, en = MEND[name]
    refused(stocked, *words, code=code, zh=zh, en=en)


def test_a_value_that_cannot_be_is_not_taken_by_hand(terminal: Terminal, tmp_path: Path) -> None:
    terminal.type("intake", put(tmp_path, "分装.csv", text(TUBES, plasma("O1", "NEVER"))), "--yes", code=STOPPED)
    record = str(held(terminal, "O1")["record"])
    refused(terminal, "fix", record, "--set", "volume_ul=viel", code=3, zh="volume_ul", en="volume_ul")
    refused(terminal, "fix", record, "--set", "shoe=1", code=3, zh="shoe", en="shoe")
