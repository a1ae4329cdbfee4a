"""One word per thing: the glossary is in both languages and has the words the code uses."""

import re
from enum import StrEnum

import pytest

from hilum.model.event import EventKind
from hilum.model.party import Role
from hilum.model.record import Kind
from hilum.quality.finding import RuleOutcome, Verdict
from hilum.quality.rule import Dimension, Kahn, Severity
from hilum.registry.stored import RecordState
from tests.docs.pages import page

CHINESE = re.compile(r"[\u3400-\u9fff]")


def _rows() -> list[tuple[str, str, str]]:
    rows = []
    for line in page("docs/glossary.md").text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 3 and cells[0] != "code" and not set(cells[0]) <= set("-: "):
            rows.append((cells[0], cells[1], cells[2]))
    return rows


def test_every_word_has_both_languages_and_a_meaning() -> None:
    rows = _rows()
    assert len(rows) > 80
    assert not [code for code, chinese, meaning in rows if not CHINESE.search(chinese) or len(meaning) < 8]


def test_no_word_stands_twice() -> None:
    codes = [code.lower() for code, _, _ in _rows()]
    assert not {code for code in codes if codes.count(code) > 1}


@pytest.mark.parametrize(
    "words",
    [Kind, EventKind, Role, Verdict, RuleOutcome, Severity, Dimension, Kahn, RecordState],
    ids=lambda one: one.__name__,
)
def test_the_words_of_the_code_are_in_the_glossary(words: type[StrEnum]) -> None:
    text = page("docs/glossary.md").text.lower().replace("-", " ").replace("_", " ")
    missing = [word.value for word in words if not re.search(rf"\b{re.escape(word.value.replace('_', ' '))}\b", text)]
    assert not missing
