"""The manual's page lists every class as the program knows it."""

import pytest

from hilum.gatebench.classes import CLASSES, UNDECIDABLE
from hilum.messages import LANGUAGES, Language, text
from tests.conftest import ROOT


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_a_row_for_every_class(language: Language) -> None:
    page = (ROOT / "docs" / "guide" / language / "gate-bench.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `") and line.count("|") == 6]
    wanted = []
    for one in CLASSES.values():
        star = "*" if one.code in UNDECIDABLE["hard"] else ""
        cells = (
            text(f"gatebench.class.{one.code}", language),
            text(f"gatebench.planted.{one.code}", language),
            text(f"gatebench.due.{one.due}", language),
            text(f"gatebench.known_by.{one.known_by}", language),
        )
        wanted.append(f"| `{one.code}`{star} | {' | '.join(cells)} |")
    assert rows == wanted
