"""A plasma SOP from adoption to judgement: the same files in any order, early or late, end in the same standing."""

from itertools import permutations
from pathlib import Path
from typing import cast

import pytest

from tests.flows.hospital import CONSENTS, DONORS, KNOWN_CONSENTS, KNOWN_DONORS, STOPPED, put, text
from tests.flows.terminal import Terminal

BLOOD = ("样本条码", "病案号", "样本级别", "样本类型", "采血管类型", "采集时间", "采集量(mL)", "接收时间", "离心时间")
TUBES = ("冻存管编号", "原管条码", "病案号", "样本级别", "样本类型", "采集时间", "分装体积（μL）", "冻存时间")
SOP = """
sop: our-plasma
version: 1
title: { zh: 院内血浆, en: Our plasma }
applies: specimen_type = 'Plasma'
steps: [consent, collect, receive, centrifuge, freeze, store]
constraints:
  - { id: consent-first, kind: precedes, step: consent, then: collect, same_day: true, hint: { zh: 核对, en: Check } }
  - { id: spun-in-time, kind: within, step: collect, then: centrifuge, minutes: 120, hint: { zh: 核对, en: Check } }
  - { id: frozen-in-time, kind: within, step: centrifuge, then: freeze, minutes: 60, hint: { zh: 核对, en: Check } }
  - { id: stored, kind: exists, step: store, deadline: { after: collect, minutes: 52560000 },
      hint: { zh: 补录, en: Record } }
"""
NEEDS: dict[str, set[str]] = {
    "donors": set(),
    "consents": set(),
    "blood": {"donors", "consents"},
    "tubes": {"donors", "consents", "blood"},
}
"""What must have come before for a file to be taken in without anything held."""

Standing = dict[str, object]


def files(folder: Path) -> dict[str, Path]:
    """One tube of blood spun in time and one too late, and a tube of plasma of each."""
    ward = ("原始样本", "全血", "EDTA抗凝管", "2026-03-16 07:50", "10.0", "2026-03-16 08:32")
    blood = [
        ("XB-1", "ZY26000001", *ward, "2026-03-16 09:00"),
        ("XB-2", "ZY26000002", *ward, "2026-03-16 10:20"),
    ]
    tubes = [
        ("XJ-1", "XB-1", "ZY26000001", "分样", "血浆", "2026-03-16 07:50", "800", "2026-03-16 09:40"),
        ("XJ-2", "XB-2", "ZY26000002", "分样", "血浆", "2026-03-16 07:50", "800", "2026-03-16 11:00"),
    ]
    return {
        "donors": put(folder, "供者登记.csv", text(DONORS, *KNOWN_DONORS)),
        "consents": put(folder, "知情同意.csv", text(CONSENTS, *KNOWN_CONSENTS)),
        "blood": put(folder, "采集登记.csv", text(BLOOD, *blood)),
        "tubes": put(folder, "分装登记.csv", text(TUBES, *tubes)),
    }


def standings(terminal: Terminal) -> list[Standing]:
    return cast("list[Standing]", terminal.table("sop", "check", "--all")["standing"])


def outcome(standing: Standing) -> dict[str, str]:
    return {one["constraint"]: one["outcome"] for one in cast("list[dict[str, str]]", standing["outcomes"])}


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, Path]:
    return files(tmp_path / "in")


def bank(home: Path, inputs: dict[str, Path], order: tuple[str, ...], *, sop_after: int) -> Terminal:
    """A bank that took the files in this order and adopted the SOP after so many of them."""
    terminal = Terminal(home)
    terminal.type("init", "--name", "测试样本库")
    sop = put(home.parent / "in", "sop.yaml", SOP)
    for number, name in enumerate(order):
        if number == sop_after:
            terminal.type("sop", "add", sop)
        waits = not NEEDS[name] <= set(order[:number])
        terminal.type("intake", inputs[name], "--yes", code=STOPPED if waits else 0)
    if sop_after >= len(order):
        terminal.type("sop", "add", sop)
    return terminal


def test_a_late_spin_is_seen_on_the_plasma_made_of_it_and_what_is_not_due_waits(
    tmp_path: Path, inputs: dict[str, Path]
) -> None:
    terminal = bank(tmp_path / "home", inputs, ("donors", "consents", "blood", "tubes"), sop_after=0)
    good, late = standings(terminal)
    assert (good["specimen"], good["verdict"], late["specimen"], late["verdict"]) == ("XJ-1", "pending", "XJ-2", "hold")
    assert outcome(good) == {
        "consent-first": "satisfied",
        "spun-in-time": "satisfied",
        "frozen-in-time": "satisfied",
        "stored": "pending",
    }
    assert outcome(late)["spun-in-time"] == "violated"
    shown = terminal.type("specimen", "show", "XJ-2").output
    assert "our-plasma" in shown
    assert "偏离" in shown
    assert "XJ-2" in terminal.type("sop", "check").output


ORDERS = [("donors", "consents", "blood", "tubes"), *list(permutations(("donors", "consents", "blood", "tubes")))[7::8]]


def test_any_order_of_arrival_and_adoption_ends_in_the_same_standing(tmp_path: Path, inputs: dict[str, Path]) -> None:
    ends = []
    for number, order in enumerate(ORDERS):
        terminal = bank(tmp_path / f"bank{number}", inputs, order, sop_after=number + 1)
        assert terminal.table("queue", "list")["total"] == 0, order
        ends.append(terminal.table("sop", "check")["standing"])
    assert ends[0]
    assert all(end == ends[0] for end in ends)


def test_the_standing_made_at_intake_is_the_one_made_again(tmp_path: Path, inputs: dict[str, Path]) -> None:
    terminal = bank(tmp_path / "home", inputs, ("donors", "consents", "blood", "tubes"), sop_after=0)
    assert terminal.table("sop", "check")["standing"] == standings(terminal)


def test_a_retired_sop_asks_for_nothing_and_comes_back_with_its_version(
    tmp_path: Path, inputs: dict[str, Path]
) -> None:
    terminal = bank(tmp_path / "home", inputs, ("donors", "consents", "blood", "tubes"), sop_after=0)
    before = standings(terminal)
    terminal.type("sop", "retire", "our-plasma", "--reason", "换版")
    assert standings(terminal) == []
    terminal.type("sop", "retire", "our-plasma", code=7)
    terminal.type("sop", "add", tmp_path / "in" / "sop.yaml")
    assert standings(terminal) == before
    trail = cast("list[dict[str, str]]", terminal.ask("audit", "--subject", "our-plasma"))
    assert [one["operation"] for one in trail] == ["sop.add", "sop.retire", "sop.add"]
    assert trail[1]["reason"] == "换版"


def test_other_content_under_the_same_version_is_refused(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "home")
    terminal.type("init", "--name", "测试样本库")
    terminal.type("sop", "add", put(tmp_path, "a.yaml", SOP))
    assert "第 1 版" in terminal.type("sop", "add", put(tmp_path, "b.yaml", SOP.replace("120", "90")), code=7).stderr
    terminal.type("sop", "add", put(tmp_path, "c.yaml", SOP.replace("120", "90").replace("version: 1", "version: 2")))
    listed = cast("list[dict[str, object]]", terminal.table("sop", "list")["sops"])
    assert [(one["version"], one["state"]) for one in listed] == [(1, "retired"), (2, "active")]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: within", "kind: soon", "soon"),
        ("then: centrifuge", "then: spin_it", "spin_it"),
        ("minutes: 120", "minutes: -3", "分钟"),
        ("specimen_type = 'Plasma'", "specimen_kind = 'Plasma'", "specimen_kind"),
        ("id: stored", "id: spun-in-time", "spun-in-time"),
        ("minutes: 60,", "", "minutes"),
    ],
)
def test_a_faulty_sop_is_refused_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    terminal = Terminal(tmp_path / "home")
    terminal.type("init", "--name", "测试样本库")
    refused = terminal.type("sop", "add", put(tmp_path, "bad.yaml", SOP.replace(old, new, 1)), code=4).stderr
    assert "bad.yaml:" in refused
    assert said in refused


def test_every_template_is_adopted_and_shown(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "home")
    terminal.type("init", "--name", "测试样本库")
    names = cast("list[str]", terminal.table("sop", "list")["templates"])
    assert len(names) >= 7
    for name in names:
        terminal.type("sop", "add", name)
        assert terminal.table("sop", "show", name)["sop"] == name
    assert "没有这个名字的模板" in terminal.type("sop", "add", "nothing-such", code=3).stderr
