"""A data manager takes the rules out, into a file of each shape, and is told plainly when that cannot be."""

import csv
import json
from pathlib import Path

import pytest

from tests.flows.terminal import Terminal

SPECIMENS = "样本编号,供者编号,样本类型,采集时间,体积(mL)\nS-1,P-1,血清,2024-03-05 08:00,1.5\n"


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path / "bank", "en")


def test_a_pack_comes_out_as_it_was_written_ones_own_too(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "consent.yaml"
    terminal.type("rules", "export", "--pack", "consent", "--out", file)
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# 知情同意")
    terminal.type("init", terminal.home)
    own = terminal.home / "rules" / "own.yaml"
    own.parent.mkdir(exist_ok=True)
    rule = text[text.index("  - id: SPM-CNS-001") : text.index("  - id: SLD-CNS-001")]
    own.write_text("pack: own\nrules:\n\n" + rule.replace("SPM-CNS-001", "SPM-OWN-001"), encoding="utf-8")
    assert "pack: own" in terminal.type("rules", "export", "--pack", "own").stdout
    assert terminal.type("rules", "export", "--pack", "consent").stdout == text


def test_constraints_name_the_rules_and_list_what_no_constraint_can_see(terminal: Terminal) -> None:
    answer = terminal.table("rules", "export", "--to", "postgresql", "--pack", "consent")
    assert isinstance(answer["left_out"], dict)
    assert isinstance(answer["text"], str)
    assert answer["left_out"]
    for name in answer["left_out"]:
        assert f"-- {name}: " in answer["text"]
    made = answer["made"]
    assert isinstance(made, list)
    assert all(f'CONSTRAINT "{name}" CHECK' in answer["text"] for name in made)


def test_warnings_become_constraints_only_when_asked_for(terminal: Terminal) -> None:
    stopping = terminal.table("rules", "export", "--to", "duckdb")
    everything = terminal.table("rules", "export", "--to", "duckdb", "--all")
    assert isinstance(stopping["made"], list)
    assert isinstance(everything["made"], list)
    assert set(stopping["made"]) < set(everything["made"])


def test_a_pandera_module_is_python_that_names_every_rule(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "hilum_rules.py"
    terminal.type("rules", "export", "--to", "pandera", "--rule", "SPM-CNS-001", "--out", file)
    text = file.read_text(encoding="utf-8")
    compile(text, str(file), "exec")
    assert "'SPM-CNS-001'" in text
    assert "from hilum_rules import" in text


def test_results_over_the_bank_have_the_names_of_the_data_quality_dashboard(terminal: Terminal, tmp_path: Path) -> None:
    terminal.type("init", terminal.home)
    table = tmp_path / "样本.csv"
    table.write_text(SPECIMENS, encoding="utf-8")
    terminal.type("intake", table, "--yes", code=10)
    terminal.type("rules", "export", "--to", "dqd", "--out", tmp_path / "dqd")
    document = json.loads((tmp_path / "dqd" / "results.json").read_text(encoding="utf-8"))
    rows = document["CheckResults"]
    assert {"numViolatedRows", "numDenominatorRows", "checkName", "category", "failed", "notApplicable"} <= set(rows[0])
    with (tmp_path / "dqd" / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == len(rows)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--pack", "consnt"), "The nearest is consent"),
        (("--rule", "SPM-CNSX-001"), "SPM-CNS-001"),
    ],
)
def test_a_name_there_is_none_of_is_answered_with_the_nearest(
    terminal: Terminal, words: tuple[str, ...], said: str
) -> None:
    assert said in terminal.type("rules", "export", *words, code=5).stderr


def test_a_file_that_exists_is_left_alone_unless_told_otherwise(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("mine", encoding="utf-8")
    assert "--force" in terminal.type("rules", "export", "--pack", "consent", "--out", file, code=3).stderr
    assert file.read_text(encoding="utf-8") == "mine"
    terminal.type("rules", "export", "--pack", "consent", "--out", file, "--force")
    assert file.read_text(encoding="utf-8") != "mine"
