"""From the ward's table to the report: rounded weights of one site are told, those read off at another are not."""

import json
import random
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.flows.hospital import STOPPED, put, text
from tests.flows.terminal import Terminal

HEADERS = ("病案号", "性别", "出生日期", "登记日期", "来源机构", "体重(kg)")


HELD_EVERY = 10
"""Every tenth donor has a sex that cannot be read, and is held; what was typed for him counts all the same."""


def ward(site: str, first: int, *, rounded: bool) -> list[tuple[str, ...]]:
    chance = random.Random(first)
    rows: list[tuple[str, ...]] = []
    for number in range(first, first + 120):
        weight = chance.gauss(64, 12)
        shown = f"{round(weight / 5) * 5}.0" if rounded and chance.random() < 0.8 else f"{weight:.1f}"
        sex = "?!" if number % HELD_EVERY == 0 else "男"
        rows.append((f"ZY26{number:06d}", sex, "1970-03-05", "2026-03-10", site, shown))
    return rows


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("digits")
    terminal = Terminal(made / "home")
    terminal.type("init", "--name", "测试样本库")
    rows = ward("一分院", 1, rounded=True) + ward("二分院", 1_001, rounded=False)
    put(made / "in", "供者登记.csv", text(HEADERS, *rows))
    terminal.type("intake", made / "in", "--yes", code=STOPPED)
    terminal.type("report", "--out", made / "out")
    return made / "out"


def test_the_rounded_site_is_told_in_every_format(folder: Path) -> None:
    figures = json.loads((folder / "report.zh.json").read_text(encoding="utf-8"))["preferred_digits"]
    assert figures["tested"] == 2
    (found,) = figures["found"]
    assert (found["site"], found["kind"], found["field"], found["n"]) == ("一分院", "donor", "weight_kg", 120)
    assert found["digits"][0]["digit"] == 0
    page = (folder / "report.zh.html").read_text(encoding="utf-8")
    section = page[page.index('id="digits"') : page.index('id="files"')]
    assert ("一分院" in section, "二分院" in section) == (True, False)
    sheet = load_workbook(folder / "report.zh.xlsx")["尾数偏好"]
    assert [row[1] for row in sheet.values] == ["机构", "一分院"]


def test_no_donor_is_named(folder: Path) -> None:
    page = (folder / "report.zh.html").read_text(encoding="utf-8")
    section = page[page.index('id="digits"') : page.index('id="files"')]
    assert not [part for part in ("ZY26", "DNR-") if part in section]
