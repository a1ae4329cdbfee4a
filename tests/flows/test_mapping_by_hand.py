"""A table nobody can guess: a data manager writes down what its columns mean, and it is read from then on."""

import json
from pathlib import Path
from typing import cast

import pytest

from tests.flows.hospital import STOPPED, english, problem, put, reasons
from tests.flows.terminal import Terminal

TABLE = "ID#,nickname,m/w,geb.\r\nP1,小李,m,1990-01-01\r\nP2,小王,w,1991-05-06\r\n"
HEADERS = ["ID#", "nickname", "m/w", "geb."]
COLUMNS = {"ID#": "donor_id", "nickname": "name", "geb.": "birth_on"}


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    made = Terminal(tmp_path / "home")
    made.type("init")
    return made


def written(folder: Path, **changed: object) -> Path:
    """The mapping as a person writes it."""
    part = {"kind": "donor", "columns": COLUMNS, "constants": {"blood_group": "A"}}
    content = {"version": 1, "headers": HEADERS, "parts": [part], **changed}
    return put(folder, "my.mapping.json", json.dumps(content, ensure_ascii=False))


def test_what_cannot_be_guessed_is_not_read_until_somebody_says_what_it_is(terminal: Terminal, tmp_path: Path) -> None:
    file = put(tmp_path, "list.csv", TABLE)
    answer = terminal.table("intake", file, "--yes", code=STOPPED)
    assert reasons(answer) == ["mapping_needed"]
    assert "nickname" in str(problem(answer, "mapping_needed")["values"])
    kept = cast(list[str], terminal.ask("mapping", "confirm", file, "--mapping", written(tmp_path)))
    assert json.loads(Path(kept[0]).read_text(encoding="utf-8"))["confirmed_by"]
    again = terminal.table("intake", file)
    assert cast(int, again["accepted"]) + cast(int, again["held"]) == 2
    shown = terminal.table("donor", "show", "P1", "--identify")
    assert cast(dict[str, str], shown["personal"])["name"] == "小李"


def test_a_mapping_may_be_given_for_one_intake(terminal: Terminal, tmp_path: Path) -> None:
    file = put(tmp_path, "list.csv", TABLE)
    answer = terminal.table("intake", file, "--mapping", written(tmp_path))
    assert answer["accepted"] == 2
    assert problem(answer, "unmapped_column")["values"] == {"columns": "m/w", "count": 1}
    assert not list((terminal.home / "mappings").glob("*")) if (terminal.home / "mappings").exists() else True


def test_a_kept_mapping_that_is_edited_counts_from_the_next_file_on(terminal: Terminal, tmp_path: Path) -> None:
    file = put(tmp_path, "list.csv", TABLE)
    (kept,) = cast(list[str], terminal.ask("mapping", "confirm", file, "--mapping", written(tmp_path)))
    content = json.loads(Path(kept).read_text(encoding="utf-8"))
    content["parts"][0]["columns"]["m/w"] = "sex"
    put(tmp_path, "edited.json", json.dumps(content))
    terminal.type("mapping", "confirm", file, "--mapping", tmp_path / "edited.json")
    answer = terminal.table("intake", file, code=STOPPED)
    assert answer["problems"] == []
    assert answer["records"] == 2


BROKEN: dict[str, tuple[dict[str, object], str]] = {
    "a field nobody knows": ({"parts": [{"kind": "donor", "columns": {"ID#": "shoe"}}]}, "shoe"),
    "a header that is not there": ({"parts": [{"kind": "donor", "columns": {"XX": "donor_id"}}]}, "XX"),
    "a kind nobody knows": ({"parts": [{"kind": "pet", "columns": {}}]}, "pet"),
    "no parts": ({"parts": []}, "my.mapping.json"),
    "a zone that is none": ({"zone": "Berlin"}, "Berlin"),
    "another version": ({"version": 9}, "9"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_mapping_that_means_nothing_is_refused_with_the_place(terminal: Terminal, tmp_path: Path, name: str) -> None:
    changed, says = BROKEN[name]
    file = put(tmp_path, "list.csv", TABLE)
    for speaker in (terminal, english(terminal)):
        for command in (("mapping", "confirm"), ("intake",)):
            said = speaker.type(*command, file, "--mapping", written(tmp_path, **changed), code=3).output
            assert says in said
            assert "my.mapping.json" in said


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n\x00\x01\x02\xff", b"PK\x03\x04 no workbook"])
@pytest.mark.parametrize("name", ["x.csv", "x.xlsx"])
def test_what_is_no_table_has_no_mapping(terminal: Terminal, tmp_path: Path, name: str, content: bytes) -> None:
    file = put(tmp_path, name, content)
    terminal.type("mapping", "suggest", file)
    assert name in terminal.type("mapping", "confirm", file, code=3).output
