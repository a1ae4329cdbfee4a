"""The changelog keeps its form and does not run ahead of the version."""

import re

import hilum
from tests.docs.pages import page

SECTIONS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
VERSION = re.compile(r"\[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d")


def test_versions_come_newest_first_after_what_is_unreleased() -> None:
    titles = [words for depth, words in page("CHANGELOG.md").headings() if depth == 2]
    assert titles[0] == "[Unreleased]"
    found = [VERSION.fullmatch(title) for title in titles[1:]]
    assert all(found)
    numbers = [tuple(map(int, match[1].split("."))) for match in found if match]
    assert numbers == sorted(numbers, reverse=True)
    assert not numbers or f"[{hilum.__version__}]" in titles[1], "the newest release is not this version"


def test_sections_are_the_usual_ones() -> None:
    assert {words for depth, words in page("CHANGELOG.md").headings() if depth == 3} <= SECTIONS
