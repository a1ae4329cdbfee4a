"""What each sort of bad temperature log gets: hand-over sheet and loggers' exports of ten boxes in one delivery."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.flows.acceptance import MAN, Judged, finding, findings, judged, page_line
from tests.flows.hospital import STOPPED, known, put, text
from tests.flows.terminal import Terminal

SHEET = ("运单号", "样本编号", "病案号", "发送方", "接收方", "发出时间", "接收时间", "温度记录仪编号", "温度下限(℃)",
         "温度上限(℃)")  # fmt: skip
LEFT = datetime(2026, 3, 16, 9, 30)  # noqa: DTZ001 - as the logger's own clock shows it
Readings = Sequence[float | None]
USUAL = [round(4.5 + math.sin(number / 3), 1) for number in range(31)]
"""An hour at two minutes a reading, inside 2 to 8 Cel."""


def with_(value: float | None, first: int, last: int) -> list[float | None]:
    """The usual hour, but for the readings from ``first`` to ``last``."""
    return [value if first <= number <= last else usual for number, usual in enumerate(USUAL)]


LOGS: dict[str, Readings] = {
    "good": USUAL,
    "gap": with_(None, 10, 18),
    "fault": with_(882.6, 10, 13),
    "broken": with_(-127, 5, 25),
    "flat": with_(4.5, 5, 30),
    "part": USUAL[:12],
    "fahrenheit": [round(value * 1.8 + 32, 1) for value in USUAL],
    "warm": with_(25.0, 10, 28),
}
SAID: dict[str, set[str]] = {
    "gap": {"TRN-LOG-005", "TRN-LOG-006"},
    "fault": {"TRN-LOG-013"},
    "broken": {"TRN-LOG-013"},
    "part": {"TRN-LOG-005", "TRN-LOG-008"},
    "fahrenheit": {"TRN-LOG-014"},
    "warm": {"TRN-LOG-009", "TRN-LOG-010", "TRN-LOG-011"},
    "absent": {"TRN-LOG-001"},
    "wrong": {"TRN-LOG-003"},
}
"""Box -> the rules that speak of it, notes aside; those of the other boxes say nothing."""
EXCURSION = {"TRN-LOG-009", "TRN-LOG-010", "TRN-LOG-011"}


def log(serial: str, trip: str, values: Readings) -> str:
    """A logger's export."""
    lines = ["温度记录仪报告", f"序列号：{serial}", f"运输编号：{trip}", "记录间隔：2分钟", "序号,记录时间,温度(℃)"]
    for number, value in enumerate(values):
        if value is not None:
            lines.append(f"{number + 1},{LEFT + timedelta(minutes=2 * number):%Y-%m-%d %H:%M:%S},{value}")
    return "\r\n".join(lines) + "\r\n"


def box(name: str) -> tuple[str, ...]:
    hours = ("2026-03-16 09:30", "2026-03-16 10:30")
    return (f"T-{name}", "XB-0001", MAN, "病房", "样本库", *hours, f"L-{name}", "2", "8")


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """The bank after the hand-over sheet and all logs came in."""
    folder = tmp_path_factory.mktemp("trips")
    terminal = known(folder / "home", folder / "incoming")
    boxes = [*LOGS, "absent", "wrong"]
    put(folder / "in", "交接单.csv", text(SHEET, *map(box, boxes)))
    for name, values in LOGS.items():
        put(folder / "in", f"记录-{name}.csv", log(f"L-{name}", f"T-{name}", values))
    put(folder / "in", "记录-wrong.csv", log("L-other", "T-wrong", USUAL))
    return judged(terminal, terminal.table("intake", folder / "in", "--yes", code=STOPPED))


def spoken(bank: Judged, name: str) -> set[str]:
    line = [*LOGS, "absent", "wrong"].index(name) + 2
    record = bank.stopped.get(("交接单.csv", line)) or bank.accepted("transport", f"T-{name}|XB-0001")
    return {str(one["rule"]) for one in findings(record) if one["severity"] != "info"}


@page_line(26)
@pytest.mark.parametrize("name", SAID)
def test_a_bad_log_holds_its_box_with_its_own_reason(bank: Judged, name: str) -> None:
    assert spoken(bank, name) == SAID[name]


@page_line(26)
def test_a_good_log_says_nothing_and_a_flat_one_is_only_told(bank: Judged) -> None:
    assert spoken(bank, "good") == set()
    assert spoken(bank, "flat") == {"TRN-LOG-012"}
    held = {line for file, line in bank.stopped if file == "交接单.csv"}
    assert held == {[*LOGS, "absent", "wrong"].index(name) + 2 for name in SAID}


@page_line(27)
def test_a_broken_probe_is_a_fault_and_no_excursion(bank: Judged) -> None:
    for name, minutes in (("fault", "10"), ("broken", "44")):
        assert not spoken(bank, name) & EXCURSION
        line = [*LOGS].index(name) + 2
        assert finding(bank.stopped["交接单.csv", line], "TRN-LOG-013")["found"] == minutes
    faults = {record["key"]: record for (file, _), record in bank.stopped.items() if file == "记录-fault.csv"}
    assert len(faults) == 4
    assert all(finding(record, "RDG-TMP-001")["found"] == "882.6" for record in faults.values())


@page_line(26)
def test_a_log_that_comes_later_frees_its_box(bank: Judged, tmp_path: Path) -> None:
    terminal: Terminal = bank.terminal
    file = put(tmp_path, "补交.csv", log("L-absent", "T-absent", USUAL))
    answer = terminal.table("intake", file, "--yes")
    assert answer["released"] == 1
    assert {str(one["rule"]) for one in findings(bank.accepted("transport", "T-absent|XB-0001"))} <= {"TRN-LATE-001"}
