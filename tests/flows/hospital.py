"""A small hospital to spoil: its tables as text, and a bank in which two donors and their blood are known."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from tests.flows.terminal import Terminal

STOPPED = 10
Record = dict[str, object]

DONORS = ("病案号", "姓名", "性别", "出生日期", "登记日期")
CONSENTS = ("病案号", "知情同意书版本", "同意状态", "签署日期")
SPECIMENS = ("样本条码", "病案号", "样本级别", "样本类型", "采血管类型", "采集时间", "采集量(mL)", "接收时间")
TUBES = ("冻存管编号", "原管条码", "病案号", "样本级别", "样本类型", "采集时间", "接收时间", "分装体积（μL）")

KNOWN_DONORS = (
    ("ZY26000001", "张伟", "男", "1970-03-05", "2026-03-10"),
    ("ZY26000002", "李娜", "女", "1982-11-23", "2026-03-10"),
)
KNOWN_CONSENTS = (
    ("ZY26000001", "V2.1", "已同意", "2026-03-10"),
    ("ZY26000002", "V2.1", "已同意", "2026-03-10"),
)


def text(headers: Sequence[str], *rows: Sequence[str]) -> str:
    """A CSV file's text."""
    return "".join(",".join(row) + "\r\n" for row in (headers, *rows))


def blood(barcode: str, donor: str = "ZY26000001", at: str = "2026-03-16 07:50") -> tuple[str, ...]:
    """One tube of blood as the ward registers it."""
    return (barcode, donor, "原始样本", "全血", "EDTA抗凝管", at, "10.0", "2026-03-16 08:32")


def plasma(barcode: str, parent: str, donor: str = "ZY26000001", volume: str = "800") -> tuple[str, ...]:
    """One tube of plasma as the laboratory registers it."""
    return (barcode, parent, donor, "分样", "血浆", "2026-03-16 07:50", "2026-03-16 08:32", volume)


def put(folder: Path, name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
    """A file of the hospital's."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
    return file


def known(home: Path, folder: Path) -> Terminal:
    """A bank in which the two donors, their consents and one tube of blood each are."""
    terminal = Terminal(home)
    terminal.type("init", "--name", "测试样本库")
    put(folder, "供者登记.csv", text(DONORS, *KNOWN_DONORS))
    put(folder, "知情同意.csv", text(CONSENTS, *KNOWN_CONSENTS))
    put(folder, "采集登记.csv", text(SPECIMENS, blood("XB-0001"), blood("XB-0002", "ZY26000002")))
    put(
        folder,
        "分装登记.csv",
        text(TUBES, plasma("XB-0001-P1", "XB-0001"), plasma("XB-0002-P1", "XB-0002", "ZY26000002")),
    )
    answer = terminal.table("intake", folder, "--yes")
    assert (answer["records"], answer["accepted"], answer["problems"]) == (8, 8, [])
    return terminal


def again(terminal: Terminal, home: Path) -> Terminal:
    """A copy of that bank, to be spoilt."""
    shutil.copytree(terminal.home, home)
    return Terminal(home)


def english(terminal: Terminal) -> Terminal:
    """The same bank, spoken to in English."""
    return Terminal(terminal.home, "en")


def queue(terminal: Terminal, *words: str) -> list[Record]:
    """What is held or rejected."""
    return cast(list[Record], terminal.table("queue", "list", "--limit", "1000", *words)["records"])


def held(terminal: Terminal, key: str) -> Record:
    """The one held record of this key."""
    (one,) = queue(terminal, "--key", key)
    return one


def rules_of(record: Record) -> set[str]:
    """Which rules a record was stopped by."""
    findings = cast(list[dict[str, str]], record["findings"])
    return {one["rule"] for one in findings if one["severity"] in ("block", "reject")}


def reasons(answer: dict[str, object]) -> list[str]:
    """Which problems an intake found with the files."""
    return [str(one["reason"]) for one in cast(list[Record], answer["problems"])]


def problem(answer: dict[str, object], reason: str) -> Record:
    """The one problem of this sort."""
    (one,) = [one for one in cast(list[Record], answer["problems"]) if one["reason"] == reason]
    return one
