"""A whole day on the command line: found a bank, take a hospital day in, mend what was held, report, back up."""

import getpass
import re
from pathlib import Path
from typing import cast

import pytest

from tests.flows.terminal import Terminal

STOPPED = 10


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of one synthetic hospital day."""
    folder = tmp_path_factory.mktemp("day")
    Terminal(folder / "none").type("data", "day", "--into", folder, "--size", "40")
    return folder / "incoming"


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory, day: Path) -> Terminal:
    """A bank in which the day was taken in, and two accounts that may work in it."""
    made = Terminal(tmp_path_factory.mktemp("bank") / "home")
    made.type("init", "--name", "测试样本库")
    settings = made.home / "hilum.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text + '"li" = ["curator"]\n"auditor" = ["auditor"]\n', encoding="utf-8")
    made.type("intake", day, "--yes", code=STOPPED)
    return made


def _records(terminal: Terminal, *words: str) -> list[dict[str, object]]:
    return cast(list[dict[str, object]], terminal.table("queue", "list", "--limit", "1000", *words)["records"])


def _with_fix(terminal: Terminal) -> dict[str, object]:
    for one in _records(terminal):
        findings = cast(list[dict[str, object]], one["findings"])
        stoppers = [finding for finding in findings if finding["severity"] in ("block", "reject")]
        if stoppers and all(finding["fixes"] for finding in stoppers):
            return one
    raise AssertionError("no held record offers a fix for all that stops it")


def test_every_line_of_the_day_is_accounted_for(terminal: Terminal) -> None:
    sources = terminal.table("sources")
    names = {str(one["name"]) for one in cast(list[dict[str, object]], sources["sources"])}
    assert any("采集登记" in name for name in names)
    assert all(one["state"] == "done" for one in cast(list[dict[str, object]], sources["sources"]))


def test_the_same_files_again_change_nothing(terminal: Terminal, day: Path) -> None:
    answer = terminal.table("intake", day, "--yes")
    assert (answer["already"], answer["records"]) == (1, 0)


def test_a_table_nobody_confirmed_is_not_guessed_at(tmp_path: Path, day: Path) -> None:
    terminal = Terminal(tmp_path / "home")
    terminal.type("init")
    answer = terminal.table("intake", day, code=STOPPED)
    reasons = {str(one["reason"]) for one in cast(list[dict[str, object]], answer["problems"])}
    assert "mapping_needed" in reasons
    file = next(one for one in day.iterdir() if "采集登记" in one.name)
    assert "specimen_id" in terminal.type("mapping", "suggest", file).output
    terminal.type("mapping", "confirm", file)
    assert cast(int, terminal.table("check", file, code=STOPPED)["records"]) > 0


def test_a_dry_run_writes_nothing(terminal: Terminal, tmp_path: Path) -> None:
    other = tmp_path / "other"
    Terminal(tmp_path / "none").type("data", "day", "--into", other, "--size", "5", "--seed", "9")
    before = terminal.ask("audit", "--limit", "100000")
    answer = terminal.table("check", other / "incoming", "--yes", code=STOPPED)
    assert cast(int, answer["records"]) > 0
    assert terminal.ask("audit", "--limit", "100000") == before


def test_a_dry_run_keeps_no_mapping_either(tmp_path: Path, day: Path) -> None:
    terminal = Terminal(tmp_path / "home")
    terminal.type("init")
    assert int(str(terminal.table("check", day, "--yes", code=STOPPED)["records"])) > 0
    assert not list(terminal.home.glob("mappings/*"))


def test_a_held_record_is_explained_in_both_languages(terminal: Terminal) -> None:
    record = str(_records(terminal)[0]["record"])
    chinese = terminal.type("queue", "show", record).output
    english = Terminal(terminal.home, "en").type("queue", "show", record).output
    assert "提示" in chinese
    assert "Hint" in english
    assert not re.search("⟨", chinese + english)


def test_a_hint_is_accepted_released_and_taken_back(terminal: Terminal) -> None:
    one = _with_fix(terminal)
    fixed = terminal.table("fix", str(one["record"]), "--hint", "--reason", "核对标签")
    (mended,) = cast(list[dict[str, object]], fixed["records"])
    assert (mended["state"], mended["verdict"]) == ("held", "accept")
    released = terminal.table("release", str(mended["record"]))
    assert cast(list[dict[str, object]], released["records"])[0]["state"] == "accepted"
    terminal.type("undo", str(released["batch"]))
    terminal.type("undo", str(fixed["batch"]))
    assert str(one["record"]) in {str(other["record"]) for other in _records(terminal)}


def test_a_waiver_takes_two_people(terminal: Terminal) -> None:
    one = _with_fix(terminal)
    record = str(one["record"])
    finding = cast(list[dict[str, object]], one["findings"])[0]
    rule = str(finding["rule"])
    terminal.type("waive", "request", record, "--waive", rule, "--reason", "原始单据已核对")
    terminal.type("waive", "approve", record, "--waive", rule, code=6)
    approved = terminal.table("waive", "approve", record, "--waive", rule, "--as", "li")
    assert cast(list[dict[str, object]], approved["records"])[0]["note"] == "waiver_approved"
    entry = cast(list[dict[str, str]], terminal.ask("audit", "--subject", record))[0]
    assert entry["actor"] == f"li (via {getpass.getuser()})"


def test_an_auditor_reads_and_changes_nothing(terminal: Terminal) -> None:
    record = str(_records(terminal)[0]["record"])
    terminal.type("queue", "list", "--as", "auditor")
    terminal.type("refuse", record, "--reason", "x", "--as", "auditor", code=6)
    newest = cast(list[dict[str, str]], terminal.ask("audit", "--as", "auditor"))
    assert ("record.refuse", "denied") in {(one["operation"], one["outcome"]) for one in newest}


def test_a_stranger_may_do_nothing(terminal: Terminal) -> None:
    terminal.type("queue", "list", "--as", "nobody", code=6)


def test_a_donor_is_a_pseudonym_until_someone_with_the_right_asks(terminal: Terminal) -> None:
    specimen = next(one for one in _records(terminal, "--kind", "specimen") if one["donor"])
    donor = str(specimen["donor"])
    assert donor.startswith("DNR-")
    shown = terminal.table("donor", "show", donor)
    assert shown["personal"] == {}
    known = terminal.table("donor", "show", donor, "--identify")
    assert cast(dict[str, str], known["personal"])["donor_id"]
    terminal.type("donor", "show", donor, "--identify", "--as", "auditor", code=6)


def test_no_name_or_number_of_a_person_is_in_the_bank_itself(terminal: Terminal, day: Path) -> None:
    file = next(one for one in day.iterdir() if "供者登记" in one.name)
    rows = file.read_bytes().decode("gb18030").splitlines()
    bank = b"".join(one.read_bytes() for one in terminal.home.glob("bank.db*"))
    people = [row.split(",") for row in rows if re.search(r"\d{17}[\dX]", row)]
    assert len(people) > 20
    cells = {cell for row in people for cell in row if re.fullmatch(r"\d{17}[\dX]|1\d{10}", cell)}
    assert cells
    assert not [cell for cell in cells if cell.encode() in bank]


def test_the_bank_answers_as_of_a_day(terminal: Terminal) -> None:
    donor = str(next(one for one in _records(terminal, "--kind", "specimen") if one["donor"])["donor"])
    everything = cast(list[object], terminal.table("donor", "show", donor)["facts"])
    before = cast(list[object], terminal.table("donor", "show", donor, "--known-at", "2020-01-01")["facts"])
    assert len(everything) > 0
    assert before == []


def test_the_rules_hold_their_own_examples_and_scan_the_bank(terminal: Terminal) -> None:
    assert terminal.table("rules", "test")["failed"] == []
    scanned = cast(list[dict[str, object]], terminal.ask("rules", "scan", "--kind", "specimen"))
    by_rule = {str(one["rule"]): one for one in scanned}
    assert cast(int, by_rule["SPM-ID-001"]["passed"]) > 50


def test_the_report_is_written_in_three_forms(terminal: Terminal, tmp_path: Path) -> None:
    terminal.type("report", "--out", tmp_path)
    assert {one.name for one in tmp_path.iterdir()} == {"report.zh.html", "report.zh.xlsx", "report.zh.json"}


def test_the_bank_is_sound_and_comes_back_from_a_backup(terminal: Terminal, tmp_path: Path) -> None:
    terminal.type("doctor", "--thorough")
    backup = tmp_path / "bank.tar.gz"
    terminal.type("backup", "create", backup)
    terminal.type("backup", "verify", backup)
    terminal.type("backup", "restore", backup, "--into", tmp_path / "again")
    again = Terminal(tmp_path / "again")
    again.type("doctor")
    assert len(_records(again)) == len(_records(terminal))


def test_every_command_explains_itself_in_both_languages(terminal: Terminal) -> None:
    for language in ("zh", "en"):
        person = Terminal(terminal.home, language)
        for name in ("", "init", "intake", "check", "fix", "release", "report", "doctor", "demo", "undo"):
            shown = person.type(*([name] if name else []), "--help").output
            chinese = bool(re.search(r"[\u4e00-\u9fff]", shown))
            assert chinese == (language == "zh"), shown
