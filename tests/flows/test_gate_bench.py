"""The benchmark from the command line: make, run, score, on a small data set."""

from pathlib import Path
from typing import cast

import pytest

from hilum.gatebench.plan import VERSION
from hilum.messages import text
from tests.flows.terminal import Terminal

REFUSED = 3


def test_a_small_run_finds_what_was_planted_and_tells_by_class(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "bank")
    told = terminal.table("gate-bench", "run", "--size", "small", "--seed", "3", "--keep", tmp_path / "kept")
    whole = cast(dict[str, dict[str, float]], told["whole"])
    assert whole["recall"]["n"] > 10
    assert whole["recall"]["share"] > 0.5
    assert whole["false_blocks"]["n"] > 300
    basis = cast(dict[str, object], told["basis"])
    assert (basis["generator"], basis["seeds"], basis["format"]) == (VERSION, "3", "csv")
    kept = tmp_path / "kept" / "seed-3" / "set"
    truth, answers = kept / "truth" / "ledger.jsonl", kept / "hilum-answers.csv"
    again = terminal.table("gate-bench", "score", "--ledger", truth, "--result", answers)
    assert again["whole"] == whole


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_data_set_is_made_and_silence_scores_nought(tmp_path: Path, language: str) -> None:
    terminal = Terminal(tmp_path / "bank", language)
    terminal.type("gate-bench", "make", tmp_path / "set", "--size", "small")
    (tmp_path / "nothing.csv").write_text("record,verdict\n", encoding="utf-8")
    truth = tmp_path / "set" / "truth" / "ledger.jsonl"
    scored = terminal.type("gate-bench", "score", "--ledger", truth, "--result", tmp_path / "nothing.csv")
    assert "0.0000" in scored.output


def test_a_folder_in_use_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "mine.txt").write_text("mine", encoding="utf-8")
    terminal = Terminal(tmp_path / "bank")
    refused = terminal.type("gate-bench", "make", tmp_path / "set", "--size", "small", code=REFUSED)
    assert text("advice.gatebench_folder", "zh") in refused.output
    assert (tmp_path / "set" / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_the_classes_are_listed_with_what_they_deserve(tmp_path: Path) -> None:
    told = Terminal(tmp_path / "bank", "en").table("gate-bench", "classes")
    assert len(told) >= 30
    assert told["storage_sign"] == {
        "class": "Sign of storage temperature lost",
        "planted": "80 for -80",
        "due": "stop",
        "known_by": "the record itself",
        "correction": "follows",
    }
