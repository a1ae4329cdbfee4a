"""Bad input as a hospital would send it: tables with one spoilt cell a row, and what the bank says about each row."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

from tests.flows.hospital import Record, put, text
from tests.flows.terminal import Terminal

Cells = dict[str, str]
Test = TypeVar("Test", bound=Callable[..., None])

MAN, WOMAN = "ZY26000001", "ZY26000002"
"""Two donors whose consents are in order."""

TABLES: dict[str, Cells] = {
    "采集登记": {
        "样本条码": "", "病案号": MAN, "样本级别": "原始样本", "样本类型": "全血", "采血管类型": "EDTA抗凝管",
        "采集时间": "2026-03-16 07:50", "采集量(mL)": "10.0", "接收时间": "2026-03-16 08:32", "离心时间": "",
        "离心力(×g)": "", "离心时长(min)": "", "冻存时间": "", "储存温度(℃)": "", "存放位置": "", "采集人": "",
    },
    "分装登记": {
        "冻存管编号": "", "原管条码": "XB-0001", "病案号": MAN, "样本级别": "分样", "样本类型": "血浆",
        "采血管类型": "", "采集时间": "2026-03-16 07:50", "接收时间": "2026-03-16 08:32", "分装体积（μL）": "100",
        "存放位置": "", "储存温度(℃)": "",
    },
    "检验结果": {
        "检验编号": "", "病案号": MAN, "样本号": "", "检验项目": "肌酐", "结果": "80", "单位": "μmol/L",
        "检验时间": "2026-03-16 10:00",
    },
    "诊断": {
        "诊断编号": "", "病案号": MAN, "诊断类别": "合并症", "诊断名称": "慢性病", "ICD-10编码": "",
        "ICD-O部位": "", "ICD-O形态": "", "诊断日期": "2026-03-10", "诊断时年龄": "",
    },
    "供者登记": {"病案号": "", "姓名": "王芳", "性别": "女", "出生日期": "1990-01-01", "登记日期": "2026-03-10"},
    "知情同意": {
        "病案号": "", "知情同意书版本": "V2.1", "同意状态": "已同意", "签署日期": "2026-03-10", "撤回日期": "",
        "到期日期": "", "同意范围": "",
    },
    "就诊": {
        "就诊编号": "", "病案号": MAN, "就诊类别": "门诊", "就诊开始时间": "2026-03-16 07:00",
        "就诊结束时间": "2026-03-16 08:00",
    },
    "检测": {"检测编号": "", "病案号": MAN, "样本编号": "XB-0001", "检测类型": "mRNA", "检测平台": "测序仪"},
}  # fmt: skip
"""Tables by name: their columns, and what stands in a row nobody spoilt. The first column names the row."""


def page_line(*numbers: int) -> Callable[[Test], Test]:
    """Marks a test as the proof of lines of the manual's page on bad input (tests/docs/test_bad_input_page.py)."""
    assert all(number > 0 for number in numbers)
    return lambda test: test


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table with its spoilt cells, and the finding it must get.

    ``line`` is the line of the manual's page; ``fixes`` are values that must be offered; ``stops`` says that another
    finding holds the row too.
    """

    line: int
    name: str
    table: str
    cells: Cells
    rule: str
    field: str
    severity: str = "block"
    found: str | None = None
    fixes: tuple[object, ...] = ()
    stops: bool = False

    @property
    def holds(self) -> bool:
        return self.stops or self.severity in ("block", "reject")


def rows_as_text(table: str, rows: Iterable[Cells]) -> str:
    """A table with these rows, the cells they do not name as nobody spoilt them."""
    usual = TABLES[table]
    assert all(one.keys() <= usual.keys() for one in rows), table
    quoted = [[_quoted((usual | one)[header]) for header in usual] for one in rows]
    return text(list(usual), *quoted)


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(mark in cell for mark in ',"\n') else cell


def named(table: str, name: str, cells: Cells) -> Cells:
    """The cells of a row with its name in the first column, unless they spoil that one."""
    return {next(iter(TABLES[table])): name} | cells


@dataclass(frozen=True, slots=True)
class Judged:
    """A bank after a delivery: what stopped, by file and line."""

    terminal: Terminal
    answer: Record
    stopped: dict[tuple[str, int], Record]

    def accepted(self, kind: str, key: str, donor: str = MAN) -> Record:
        """An accepted record by its key."""
        facts = cast("list[Record]", self.terminal.table("donor", "show", donor)["facts"])
        (record,) = [str(one["record"]) for one in facts if (one["kind"], one["key"]) == (kind, key)]
        return self.terminal.table("queue", "show", record)


def hand_in(terminal: Terminal, folder: Path, rows: Sequence[Row]) -> Judged:
    """Take in the tables these rows make, each behind a row nobody spoilt (line 2)."""
    for table in TABLES:
        mine = [one for one in rows if one.table == table]
        if mine:
            cells = [named(table, one.name, one.cells) for one in mine]
            put(folder, f"{table}.csv", rows_as_text(table, [named(table, f"GOOD-{table_code(table)}", {}), *cells]))
    answer = terminal.table("intake", folder, "--yes", code=10)
    return judged(terminal, answer)


def judged(terminal: Terminal, answer: Record) -> Judged:
    """What stopped after a delivery."""
    records = cast("list[Record]", terminal.table("queue", "list", "--limit", "10000")["records"])
    return Judged(terminal, answer, {(str(one["place"]), int(str(one["line"]))): one for one in records})


def table_code(table: str) -> str:
    return str(list(TABLES).index(table))


def lines_of(rows: Sequence[Row]) -> dict[str, int]:
    """``table!name`` of a row -> the line of its file."""
    found: dict[str, int] = {}
    for table in TABLES:
        for number, one in enumerate([row for row in rows if row.table == table], 3):
            found[f"{table}!{one.name}"] = number
    return found


def findings(record: Record) -> list[Record]:
    return cast("list[Record]", record["findings"])


def finding(record: Record, rule: str) -> Record:
    """The one finding of a rule."""
    (one,) = [one for one in findings(record) if one["rule"] == rule]
    return one


def offered(one: Record) -> list[object]:
    """What a finding offers, best first."""
    fixes = cast("list[Record]", one["fixes"])
    return [fix["value"] for fix in sorted(fixes, key=lambda fix: -float(str(fix["confidence"])))]
