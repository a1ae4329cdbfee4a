"""Which corrections count as known: every class the ledger has one for is in a group, and the manual says which."""

import re
from collections.abc import Iterable

import pytest

from hilum.gatebench.classes import CLASSES, FOLLOWS, NONE, OPEN, WITHHELD
from hilum.messages import LANGUAGES, Language
from hilum.model.record import Kind
from hilum.model.vocabulary import personal_fields
from tests.conftest import ROOT

PERSONAL = frozenset(name for kind in Kind for name in personal_fields(kind))


def _codes(correction: str) -> Iterable[str]:
    return [code for code, one in CLASSES.items() if one.correction == correction]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_lists_the_classes_of_each_group(language: Language) -> None:
    page = (ROOT / "docs" / "guide" / language / "gate-bench.md").read_text(encoding="utf-8")
    groups = [line for line in page.splitlines() if re.match(r"\| [^`]", line) and "` `" in line]
    rows = [line.rsplit("|", 2)[1].split() for line in groups]
    listed = [sorted(code.strip("`") for code in row) for row in rows]
    assert listed == [sorted(_codes(group)) for group in (FOLLOWS, OPEN, WITHHELD)]


def test_a_class_nobody_can_know_has_no_known_correction() -> None:
    assert {one.correction for one in CLASSES.values() if not one.is_knowable} == {NONE}
