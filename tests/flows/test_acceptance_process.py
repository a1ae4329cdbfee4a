"""What each deviation from an SOP gets: late, missing, twice, out of order, by the wrong hands, uncalibrated."""

from typing import cast

import pytest

from tests.flows.acceptance import MAN, page_line
from tests.flows.hospital import TUBES, Record, english, held, known, plasma, put, rules_of, text
from tests.flows.terminal import Terminal

WORK = ("制备编号", "病案号", "样本编号", "工序", "开始时间", "结束时间", "操作人", "离心机编号", "设备校准到期日")
SOP = """
sop: spun-and-frozen
version: 1
title: { zh: 离心与冻存, en: Spun and frozen }
applies: specimen_type = 'Plasma'
steps: [collect, centrifuge, freeze]
constraints:
  - { id: in-time, kind: within, step: collect, then: centrifuge, minutes: 120, hint: { zh: 核对时间, en: Check } }
  - { id: once, kind: exactly_once, step: centrifuge, deadline: { after: collect, minutes: 240 },
      hint: { zh: 核对次数, en: Check } }
  - { id: order, kind: precedes, step: centrifuge, then: freeze, hint: { zh: 核对先后, en: Check } }
  - { id: two-people, kind: different_actor, step: centrifuge, then: freeze, hint: { zh: 核对人员, en: Check } }
  - { id: calibrated, kind: device_calibrated, step: centrifuge, hint: { zh: 核对校准, en: Check } }
  - { id: frozen, kind: exists, step: freeze, deadline: { after: collect, minutes: 480 },
      hint: { zh: 补录冻存, en: Record it } }
"""
SPUN, FROZEN = "09:00", "09:40"
DEVIATES: dict[str, set[str]] = {
    "LATE": {"in-time"},
    "UNSPUN": {"in-time", "once", "order"},
    "TWICE": {"once"},
    "EARLY": {"order"},
    "ALONE": {"two-people"},
    "DEVICE": {"in-time", "once", "order"},
    "THAWED": {"frozen"},
}
"""Tube -> what its SOP finds violated. The run on a device out of calibration is itself held, and so is no run yet."""


def step(tube: str, name: str, hour: str, by: str = "李技师", due: str = "2027-01-01") -> tuple[str, ...]:
    """One row of the laboratory's work sheet."""
    key = f"{tube}-{name}-{hour.replace(':', '')}"
    minute = f"2026-03-16 {hour[:3]}{int(hour[3:]) + 10:02}"
    return (key, MAN, f"W-{tube}", name, f"2026-03-16 {hour}", minute, by, "C-01", due)


def work(tube: str) -> list[tuple[str, ...]]:
    """What the laboratory did with a tube."""
    spun = {"LATE": "11:00", "EARLY": "09:45"}.get(tube, SPUN)
    frozen = {"LATE": "11:30", "EARLY": "09:05"}.get(tube, FROZEN)
    rows = (
        [] if tube == "UNSPUN" else [step(tube, "离心", spun, due="2026-01-01" if tube == "DEVICE" else "2027-01-01")]
    )
    if tube == "TWICE":
        rows.append(step(tube, "离心", "09:30"))
    if tube != "THAWED":
        rows.append(step(tube, "冻存", frozen, "李技师" if tube == "ALONE" else "王技师"))
    return rows


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A bank with that SOP and a tube of each sort."""
    folder = tmp_path_factory.mktemp("process")
    terminal = known(folder / "home", folder / "incoming")
    terminal.type("sop", "add", put(folder, "sop.yaml", SOP))
    tubes = ["FINE", *DEVIATES]
    put(folder / "in", "分装登记.csv", text(TUBES, *(plasma(f"W-{tube}", "XB-0001", volume="100") for tube in tubes)))
    put(folder / "in", "工作单.csv", text(WORK, *(row for tube in tubes for row in work(tube))))
    terminal.table("intake", folder / "in", "--yes", code=10)
    return terminal


def standing(terminal: Terminal, tube: str) -> Record:
    every = cast("list[Record]", terminal.table("sop", "check", "--all")["standing"])
    (one,) = [one for one in every if one["specimen"] == f"W-{tube}"]
    return one


@page_line(17, 18)
@pytest.mark.parametrize("tube", DEVIATES)
def test_a_deviation_is_told_by_its_constraint_and_no_other(terminal: Terminal, tube: str) -> None:
    one = standing(terminal, tube)
    outcomes = {str(each["constraint"]): each["outcome"] for each in cast("list[Record]", one["outcomes"])}
    assert {name for name, outcome in outcomes.items() if outcome == "violated"} == DEVIATES[tube]
    assert outcomes.keys() == {"in-time", "once", "order", "two-people", "calibrated", "frozen"}
    assert one["verdict"] == "hold"


@page_line(18)
def test_a_run_on_a_device_out_of_calibration_is_held(terminal: Terminal) -> None:
    one = held(terminal, "DEVICE-离心-0900")
    assert rules_of(one) == {"PRP-CAL-001"}


@page_line(17, 18)
def test_the_specimen_itself_says_that_its_process_deviates(terminal: Terminal) -> None:
    assert "偏离" in terminal.type("specimen", "show", "W-LATE").output
    assert "deviates" in english(terminal).type("specimen", "show", "W-LATE").output
    assert "偏离" not in terminal.type("specimen", "show", "W-FINE").output
