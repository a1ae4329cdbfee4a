"""Rules that change or break: a verdict names the rule set it was made under, and the same rules make it again."""

from pathlib import Path
from typing import cast

from tests.flows.acceptance import page_line
from tests.flows.hospital import DONORS, STOPPED, Record, put, text
from tests.flows.terminal import Terminal

NAMELESS = ("ZY26000009", "", "女", "1990-01-01", "2026-03-10")
PACK = """
pack: own
title: {zh: 本院, en: Our own}
rules:
  - id: OWN-001
    version: 1
    grain: donor
    title: {zh: 须有姓名, en: A name is wanted}
    assert: name IS NOT NULL
    dimension: completeness
    kahn: completeness
    severity: block
    field: name
    source: {standard: 本院规定, clause: '1'}
    why: {zh: 核对身份要用, en: It identifies}
    hint: {zh: 请补填, en: Fill it in}
    examples: {pass: [{name: a}], fail: [{}]}
"""


def ruleset(terminal: Terminal) -> str:
    return str(terminal.table("rules", "list")["ruleset"])


@page_line(33)
def test_the_rules_of_then_give_the_verdict_of_then(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "home")
    terminal.type("init")
    file = put(tmp_path, "供者.csv", text(DONORS, NAMELESS))
    pack = terminal.home / "rules" / "own.yaml"
    old = ruleset(terminal)
    assert terminal.table("check", file, "--yes")["accepted"] == 1
    put(pack.parent, pack.name, PACK)
    new = ruleset(terminal)
    answer = terminal.table("check", file, "--yes", code=STOPPED)
    (stopped,) = cast("list[Record]", answer["stopped"])
    assert (stopped["verdict"], stopped["ruleset"]) == ("hold", new)
    assert new != old
    pack.unlink()
    assert ruleset(terminal) == old
    assert terminal.table("check", file, "--yes")["accepted"] == 1


@page_line(33)
def test_a_verdict_keeps_the_rules_it_was_made_under_until_it_is_judged_again(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "home")
    terminal.type("init")
    old = ruleset(terminal)
    put(terminal.home / "rules", "own.yaml", PACK)
    new = ruleset(terminal)
    terminal.type("intake", put(tmp_path, "供者.csv", text(DONORS, NAMELESS)), "--yes", code=STOPPED)
    (terminal.home / "rules" / "own.yaml").unlink()
    records = cast("list[Record]", terminal.table("queue", "list")["records"])
    assert [(one["verdict"], one["ruleset"]) for one in records] == [("hold", new)]
    terminal.type("release", str(records[0]["record"]))
    after = terminal.table("queue", "show", str(records[0]["record"]))
    assert (after["state"], after["verdict"], after["ruleset"]) == ("accepted", "accept", old)
