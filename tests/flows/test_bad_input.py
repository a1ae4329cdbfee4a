"""Bad input is normal input: each sort gets a reason, a place and a remedy in both languages, and the rest goes on."""

import io
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from tests.conftest import ROOT
from tests.flows.hospital import (
    CONSENTS,
    DONORS,
    KNOWN_CONSENTS,
    KNOWN_DONORS,
    SPECIMENS,
    STOPPED,
    TUBES,
    again,
    blood,
    english,
    held,
    known,
    plasma,
    problem,
    put,
    queue,
    reasons,
    rules_of,
    text,
)
from tests.flows.terminal import Terminal

NEWCOMER = ("ZY26000009", "王芳", "女", "1990-01-01", "2026-03-10")
OTHER = ("ZY26000010", "赵磊", "男", "1991-01-01", "2026-03-10")


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A bank in which two donors and their blood are known; nobody spoils this one."""
    folder = tmp_path_factory.mktemp("stocked")
    return known(folder / "home", folder / "incoming")


@pytest.fixture
def terminal(stocked: Terminal, tmp_path: Path) -> Terminal:
    """A copy of that bank."""
    return again(stocked, tmp_path / "home")


def told(terminal: Terminal, place: str, chinese: str, words: str) -> None:
    """The files' problems say where and what, in both languages."""
    said, meant = (one.type("sources").output for one in (terminal, english(terminal)))
    assert any(place in line and chinese in line for line in said.splitlines()), said
    assert any(place in line and words in line for line in meant.splitlines()), meant


def explained(terminal: Terminal, key: str, rule: str, chinese: str, words: str) -> None:
    """A held record says which rule stopped it and what to do, in both languages."""
    record = str(held(terminal, key)["record"])
    said, meant = (one.type("queue", "show", record).output for one in (terminal, english(terminal)))
    assert rule in said
    assert chinese in said
    assert words in meant


# archives ------------------------------------------------------------------------------------------------------------


def tar(file: Path, **members: str) -> Path:
    """A tar.gz with these members."""
    with tarfile.open(file, "w:gz") as pack:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content.encode())
            pack.addfile(entry, io.BytesIO(content.encode()))
    return file


def test_of_a_truncated_archive_what_came_before_the_cut_is_taken_in(terminal: Terminal, tmp_path: Path) -> None:
    noise = os.urandom(200_000).hex()
    whole = tar(tmp_path / "whole.tar.gz", **{"供者.csv": text(DONORS, NEWCOMER), "噪声.csv": f"a,b\n{noise},1\n"})
    cut = put(tmp_path, "cut.tar.gz", whole.read_bytes()[:100_000])
    answer = terminal.table("intake", cut, "--yes", code=STOPPED)
    assert answer["accepted"] == 1
    assert problem(answer, "archive_truncated")["place"] == "cut.tar.gz"
    told(terminal, "cut.tar.gz", "不完整", "is cut off")
    told(terminal, "cut.tar.gz", "重新获取", "Fetch the whole archive")


def test_a_zip_bomb_is_stopped_while_it_unpacks_and_other_files_are_taken_in(
    terminal: Terminal, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    put(folder, "供者.csv", text(DONORS, NEWCOMER))
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as pack, pack.open("b.csv", "w") as member:
        for _ in range(300):
            member.write(b"0" * (1 << 20))
    answer = terminal.table("intake", folder, "--yes", code=STOPPED)
    assert answer["accepted"] == 1
    assert "archive_bomb" in reasons(answer)
    told(terminal, "bomb.zip", "压缩炸弹", "decompression bomb")


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_a_path_that_leads_out_of_an_archive_is_refused(terminal: Terminal, tmp_path: Path, kind: str) -> None:
    members = {"../../escaped.csv": "a,b\n1,2\n", "/escaped.csv": "a,b\n1,2\n", "供者.csv": text(DONORS, NEWCOMER)}
    archive = tmp_path / f"hostile.{kind}"
    if kind == "tar":
        tar(archive, **members)
    else:
        with zipfile.ZipFile(archive, "w") as pack:
            for name, content in members.items():
                pack.writestr(name, content)
    answer = terminal.table("intake", archive, "--yes", code=STOPPED)
    assert answer["accepted"] == 1
    assert reasons(answer).count("archive_outside") == 2
    assert not list(tmp_path.parent.rglob("*escaped*"))
    assert not Path("/escaped.csv").exists()
    told(terminal, archive.name, "包外的路径", "points outside")


# text ----------------------------------------------------------------------------------------------------------------


def test_a_gbk_file_with_a_few_broken_bytes_is_read_and_only_the_broken_record_is_held(
    terminal: Terminal, tmp_path: Path
) -> None:
    content = text(DONORS, NEWCOMER, OTHER).encode("gbk").replace("赵磊".encode("gbk"), b"\xd5\xff\xc0\xda")
    answer = terminal.table("intake", put(tmp_path, "供者.csv", content), "--yes", code=STOPPED)
    assert (answer["accepted"], answer["held"]) == (1, 1)
    assert problem(answer, "bytes_undecodable")["line"] == 3
    told(terminal, "供者.csv:3", "无法按 gb18030 解码", "mean nothing in gb18030")
    (one,) = queue(terminal, "--kind", "donor")
    assert "DNR-READ-001" in rules_of(one)


def test_an_identifier_with_a_hole_in_it_is_never_an_identifier(terminal: Terminal, tmp_path: Path) -> None:
    content = text(DONORS, NEWCOMER, OTHER).encode().replace(b"ZY26000010", b"ZY2600\xff010")
    terminal.table("intake", put(tmp_path, "供者.csv", content), "--yes", code=STOPPED)
    (one,) = queue(terminal, "--kind", "donor")
    assert rules_of(one) & {"DNR-READ-001", "DNR-ID-001"}
    assert "ZY2600" not in str(one["key"])


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "gb18030", "utf-8-sig", "big5hkscs"])
def test_a_chinese_table_is_read_in_the_encoding_it_came_in(terminal: Terminal, tmp_path: Path, encoding: str) -> None:
    if encoding == "big5hkscs":
        content = b"a,b\r\n" + "病歷號,姓名\r\n".encode(encoding)
        answer = terminal.table("intake", put(tmp_path, "big5.csv", content), "--yes", code=STOPPED)
        assert reasons(answer) == ["mapping_needed"]
        return
    answer = terminal.table("intake", put(tmp_path, "供者.csv", text(DONORS, NEWCOMER), encoding), "--yes")
    assert (answer["accepted"], answer["problems"]) == (1, [])


def test_a_western_file_keeps_its_accents(terminal: Terminal, tmp_path: Path) -> None:
    content = "Patient ID,Name,Sex,Date of birth\r\nP1,José Núñez,male,1990-01-01\r\n"
    terminal.type("intake", put(tmp_path, "donors.csv", content, "cp1252"), "--yes")
    shown = terminal.table("donor", "show", "P1", "--identify")
    assert cast(dict[str, str], shown["personal"])["name"] == "José Núñez"


LONG_LINE = """
import resource, sys
from hilum.cli.main import perform
try:
    perform(sys.argv[1:], {})
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


def peak(terminal: Terminal, file: Path) -> int:
    """Kilobytes a process of its own needs at most to take ``file`` in."""
    line = [sys.executable, "-c", LONG_LINE, "--home", str(terminal.home), "--json", "intake", str(file), "--yes"]
    done = subprocess.run(line, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == STOPPED, done.stderr
    assert "line_too_long" in done.stdout
    return int(done.stderr.split()[-1])


def test_a_line_of_fifty_megabytes_is_skipped_in_flat_memory(stocked: Terminal, tmp_path: Path) -> None:
    sizes = {}
    for megabytes in (2, 60):
        terminal = again(stocked, tmp_path / f"home{megabytes}")
        file = tmp_path / f"long{megabytes}.csv"
        with file.open("wb") as out:
            out.write(text(DONORS, NEWCOMER).encode())
            for _ in range(megabytes):
                out.write(b"x" * (1 << 20))
            out.write(b"\r\n" + ",".join(OTHER).encode() + b"\r\n")
        sizes[megabytes] = peak(terminal, file)
        told(terminal, f"{file.name}:3", "超过一百万个字符", "more than a million characters")
        assert len(cast(list[object], terminal.table("donor", "show", OTHER[0])["facts"])) == 1
    assert sizes[60] < sizes[2] + 20_000


# tables --------------------------------------------------------------------------------------------------------------


def test_a_header_that_stands_there_twice_is_told_and_read_once(terminal: Terminal, tmp_path: Path) -> None:
    content = "病案号,姓名,性别,性别,出生日期,登记日期\r\nZY26000012,甲,男,女,1990-01-01,2026-03-10\r\n"
    answer = terminal.table("intake", put(tmp_path, "供者.csv", content), "--yes")
    assert answer["accepted"] == 1
    assert problem(answer, "duplicate_header")["values"] == {"column": "性别"}
    told(terminal, "供者.csv:1", "出现了不止一次", "more than once")


def test_a_column_missing_against_the_confirmed_mapping_stops_the_table_and_names_the_column(
    terminal: Terminal, tmp_path: Path
) -> None:
    put(tmp_path / "in", "供者.csv", text(DONORS[:4], NEWCOMER[:4]))
    put(tmp_path / "in", "采集.csv", text(SPECIMENS, blood("XB-0009")))
    answer = terminal.table("intake", tmp_path / "in", code=STOPPED)
    assert answer["accepted"] == 1
    assert cast(dict[str, object], problem(answer, "column_missing")["values"])["columns"] == "登记日期"
    told(terminal, "供者.csv:1", "缺少 1 列：登记日期", "missing: 登记日期")


def test_a_new_column_is_told_and_the_known_ones_are_read(terminal: Terminal, tmp_path: Path) -> None:
    content = text((*DONORS, "备用列"), (*NEWCOMER, "x"))
    answer = terminal.table("intake", put(tmp_path, "供者.csv", content))
    assert answer["accepted"] == 1
    assert cast(dict[str, object], problem(answer, "column_new")["values"])["columns"] == "备用列"
    told(terminal, "供者.csv:1", "映射中没有的 1 列：备用列", "not in the mapping: 备用列")


def test_a_row_with_more_cells_than_the_header_is_left_out_and_says_so(terminal: Terminal, tmp_path: Path) -> None:
    content = text(DONORS, NEWCOMER, ("ZY26000010", "赵,磊", "男", "1991-01-01", "2026-03-10"))
    answer = terminal.table("intake", put(tmp_path, "供者.csv", content), "--yes", code=STOPPED)
    assert answer["accepted"] == 1
    told(terminal, "供者.csv:3", "有 6 格", "has 6 cells")


def test_a_formula_is_kept_as_text_and_cannot_run_in_the_report(terminal: Terminal, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    formula = '=cmd|"/c calc"!A1'
    quoted = '"' + formula.replace('"', '""') + '"'
    content = text(TUBES, plasma(quoted, "XB-0001"), plasma("+1+1", "NEVER"), plasma("@SUM(A1)", "NEVER"))
    answer = terminal.table("intake", put(tmp_path, "分装.csv", content), "--yes", code=STOPPED)
    assert cast(dict[str, object], problem(answer, "formula_cell")["values"])["column"] == "冻存管编号"
    told(terminal, "分装.csv:2", "公式形式", "run as a formula")
    keys = {str(one["key"]) for one in queue(terminal)}
    assert {"+1+1", "@SUM(A1)"} <= keys
    terminal.type("report", "--out", tmp_path / "out", "--format", "xlsx")
    book = load_workbook(tmp_path / "out" / "report.zh.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    risky = [cell for cell in cells if str(cell.value)[:1] in ("=", "+", "@")]
    assert any("SUM(A1)" in str(cell.value) for cell in risky)
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert all(cell.quotePrefix for cell in risky)


def test_nan_is_missing_and_infinity_is_no_number(terminal: Terminal, tmp_path: Path) -> None:
    volumes = {"N1": "NaN", "N2": "inf", "N3": "-Infinity", "N4": "1e999", "N5": "-5"}
    content = text(TUBES, *(plasma(key, "XB-0001", volume=volume) for key, volume in volumes.items()))
    answer = terminal.table("intake", put(tmp_path, "分装.csv", content), "--yes", code=STOPPED)
    assert (answer["accepted"], answer["held"]) == (1, 4)
    for key in ("N2", "N3", "N4"):
        one = held(terminal, key)
        assert one["unreadable"] == {"volume_ul": volumes[key]}
        assert cast(dict[str, object], one["fields"]).get("volume_ul") is None
        explained(terminal, key, "SPM-READ-001", "读不出的字段", "Unreadable fields")
    explained(terminal, "N5", "SPM-NUM-002", "提示", "Hint")


def test_a_date_that_is_none_or_cannot_be_is_held(terminal: Terminal, tmp_path: Path) -> None:
    births = {"1990-02-30": "DNR-READ-001", "0000-00-00": "DNR-READ-001", "2090-01-01": "DNR-TIM-001"}
    births["1790-01-01"] = "DNR-TIM-002"
    rows = [(f"ZY2700000{index}", "甲", "男", day, "2026-03-10") for index, day in enumerate(births)]
    terminal.table("intake", put(tmp_path, "供者.csv", text(DONORS, *rows)), "--yes", code=STOPPED)
    found = queue(terminal, "--kind", "donor")
    assert sorted(min(rules_of(one)) for one in found) == sorted(births.values())
    shown = english(terminal).type("queue", "show", str(found[0]["record"])).output
    assert "Hint" in shown


# records and what they hang on ---------------------------------------------------------------------------------------


def test_a_child_that_came_before_its_parent_is_let_in_by_itself(terminal: Terminal, tmp_path: Path) -> None:
    first = put(tmp_path, "分装.csv", text(TUBES, plasma("XB-0007-P1", "XB-0007")))
    assert terminal.table("intake", first, "--yes", code=STOPPED)["held"] == 1
    explained(terminal, "XB-0007-P1", "SPM-CUS-001", "找不到母样本 XB-0007", "Parent XB-0007 is not known")
    second = put(tmp_path, "采集.csv", text(SPECIMENS, blood("XB-0007")))
    answer = terminal.table("intake", second, "--yes")
    assert (answer["accepted"], answer["released"]) == (1, 1)
    assert queue(terminal) == []
    assert len(cast(list[object], terminal.table("specimen", "show", "XB-0007-P1")["lineage"])) == 1


def test_within_one_delivery_a_child_may_stand_before_its_parent(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "home")
    terminal.type("init")
    put(tmp_path / "in", "a.csv", text(TUBES, plasma("XB-0001-P1", "XB-0001")))
    put(tmp_path / "in", "b.csv", text(SPECIMENS, blood("XB-0001")))
    put(tmp_path / "in", "c.csv", text(CONSENTS, *KNOWN_CONSENTS))
    put(tmp_path / "in", "d.csv", text(DONORS, *KNOWN_DONORS))
    answer = terminal.table("intake", tmp_path / "in", "--yes")
    assert (answer["accepted"], answer["held"], answer["stopped"]) == (6, 0, [])
    assert queue(terminal) == []


def test_a_child_whose_parent_never_comes_stays_held_with_the_reason(terminal: Terminal, tmp_path: Path) -> None:
    terminal.type("intake", put(tmp_path, "分装.csv", text(TUBES, plasma("O1", "NEVER"))), "--yes", code=STOPPED)
    terminal.type("release", "--all")
    record = str(held(terminal, "O1")["record"])
    terminal.type("release", record, code=STOPPED)
    explained(terminal, "O1", "SPM-CUS-001", "找不到母样本 NEVER", "Parent NEVER is not known")


def test_a_cycle_of_parents_is_held_and_does_not_go_round(terminal: Terminal, tmp_path: Path) -> None:
    rows = [plasma("C1", "C2"), plasma("C2", "C3"), plasma("C3", "C1"), plasma("S1", "S1"), plasma("G1", "XB-0001")]
    answer = terminal.table("intake", put(tmp_path, "分装.csv", text(TUBES, *rows)), "--yes", code=STOPPED)
    assert (answer["accepted"], answer["held"]) == (1, 4)
    for key in ("C1", "C2", "C3"):
        explained(terminal, key, "SPM-CUS-001", "找不到母样本", "is not known")
        assert terminal.table("specimen", "show", key)["lineage"] == []
    assert "SPM-ID-017" in rules_of(held(terminal, "S1"))


def test_full_width_and_invisible_letters_do_not_make_another_tube(terminal: Terminal, tmp_path: Path) -> None:
    content = text(TUBES, plasma("ＸＢ－0001－Ｐ2", "XB\u200b-0001"), plasma("XB-0001-P\u200b3", "ＸＢ-0001"))
    answer = terminal.table("intake", put(tmp_path, "分装.csv", content), "--yes")
    assert answer["accepted"] == 2
    for key in ("XB-0001-P2", "XB-0001-P3"):
        assert len(cast(list[object], terminal.table("specimen", "show", key)["lineage"])) == 1
    told(terminal, "分装.csv:2", "看不见的字符（U+200B）", "invisible character (U+200B)")


def test_a_value_cannot_give_orders_to_the_terminal(terminal: Terminal, tmp_path: Path) -> None:
    content = text(TUBES, plasma("XB-0001-\x1b[31mP9", "XB-0001", volume="8\x1b[2J"))
    answer = terminal.table("intake", put(tmp_path, "分装.csv", content), "--yes", code=STOPPED)
    assert "invisible_character" in reasons(answer)
    one = held(terminal, "XB-0001-[31mP9")
    assert one["unreadable"] == {"volume_ul": "8\x1b[2J"}
    shown = [terminal.type(*words).output for words in (("queue", "list"), ("queue", "show", str(one["record"])))]
    assert not [output for output in shown if "\x1b" in output]
    assert "8\ufffd[2J" in shown[1]


# files that are not what they should be ------------------------------------------------------------------------------


def not_a_file(folder: Path) -> Path:
    """What is neither file nor folder."""
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


SPOILT: dict[str, tuple[Callable[[Path], Path], str, str, str]] = {
    "nothing in it": (lambda at: put(at, "空.csv", b""), "file_empty", "是空的", "is empty"),
    "a header alone": (
        lambda at: put(at, "空表.csv", text(DONORS)),
        "table_without_rows",
        "只有表头",
        "no rows",
    ),
    "a PDF called CSV": (
        lambda at: put(at, "报告.csv", b"%PDF-1.7\n\x00\x01\x02,,,\xff" * 50),
        "format_unknown",
        "无法识别",
        "not recognised",
    ),
    "a CSV called XLSX": (
        lambda at: put(at, "供者.xlsx", text(DONORS, NEWCOMER)),
        "workbook_unreadable",
        "工作簿无法读取",
        "cannot be read",
    ),
    "an old Excel called CSV": (
        lambda at: put(at, "旧表.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600),
        "format_unknown",
        "无法识别",
        "not recognised",
    ),
    "a CSV called tar.gz": (
        lambda at: put(at, "供者.tar.gz", "没有表格"),
        "format_unknown",
        "无法识别",
        "not recognised",
    ),
    "a pipe": (not_a_file, "archive_special", "不是普通文件", "no ordinary file"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_file_that_is_not_what_it_should_be_is_named_and_the_others_are_taken_in(
    terminal: Terminal, tmp_path: Path, name: str
) -> None:
    make, reason, chinese, words = SPOILT[name]
    bad = make(tmp_path)
    good = put(tmp_path, "好.csv", text(DONORS, OTHER))
    code = 0 if reason == "table_without_rows" else STOPPED
    answer = terminal.table("intake", bad, good, "--yes", code=code)
    assert (answer["accepted"], reasons(answer)) == (1, [reason])
    told(terminal, bad.name, chinese, words)


def test_a_name_that_is_no_unicode_does_not_stop_the_others(terminal: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    put(folder, "好.csv", text(DONORS, OTHER))
    (folder / os.fsdecode("供者登记.csv".encode("gbk"))).write_text(text(DONORS, NEWCOMER), encoding="utf-8")
    assert terminal.table("intake", folder, "--yes")["accepted"] == 2
    assert "供者登记.csv" in terminal.type("sources").output


def test_a_path_that_is_not_there_ends_the_command_before_anything_is_taken_in(
    terminal: Terminal, tmp_path: Path
) -> None:
    good = put(tmp_path, "好.csv", text(DONORS, OTHER))
    before = terminal.ask("sources")
    for command in ("intake", "check"):
        assert "找不到" in terminal.type(command, good, tmp_path / "无此文件.csv", code=3).output
        assert "There is no" in english(terminal).type(command, tmp_path / "none.csv", code=3).output
    assert terminal.ask("sources") == before


def test_an_empty_folder_is_no_delivery(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "空").mkdir()
    assert "没有可读的文件" in terminal.type("intake", tmp_path / "空", code=3).output
    assert "no file to read" in english(terminal).type("intake", tmp_path / "空", code=3).output


def test_what_may_not_be_opened_is_named_and_the_rest_is_taken_in(terminal: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    put(folder, "好.csv", text(DONORS, OTHER))
    locked = put(folder, "锁.csv", text(DONORS, NEWCOMER))
    locked.chmod(0)
    if os.access(locked, os.R_OK):
        pytest.skip("this account may read everything (root): run as an ordinary user to see this")
    (folder / "关").mkdir(mode=0)
    answer = terminal.table("intake", folder, "--yes", code=STOPPED)
    assert (answer["accepted"], reasons(answer)) == (1, ["file_unreadable"] * 2)
    told(terminal, "锁.csv", "无法打开", "cannot be opened")
    told(terminal, "关", "无法打开", "cannot be opened")
