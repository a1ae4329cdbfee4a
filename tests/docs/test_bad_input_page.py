"""The page on bad input and the acceptance tests keep step: every line has its proof, every name on it is real."""

import ast
import re

import pytest

from hilum.messages import catalogue
from hilum.quality.pack import load_shipped
from tests.conftest import ROOT
from tests.docs.pages import page

LINE = re.compile(r"^\| (\d+) \|(.*)\| (.*?) \| (.*?) \|$", re.MULTILINE)
RULE = re.compile(r"`([A-Z]{3}(?:-[A-Z]+)+-\d{3})`")
PROBLEM = re.compile(r"`([a-z0-9]+(?:_[a-z0-9]+)+)`")
TEST = re.compile(r"`(tests/[\w/]+\.py)`")


def lines(language: str) -> dict[int, tuple[str, str]]:
    """Number of a line -> rules and problems it names, tests that show it."""
    found = LINE.findall(page(f"docs/guide/{language}/bad-input.md").text)
    return {int(number): (said, shown) for number, _, said, shown in found}


def proofs() -> dict[int, set[str]]:
    """Line -> modules with a test marked as its proof."""
    found: dict[int, set[str]] = {}
    for file in sorted((ROOT / "tests" / "flows").glob("test_acceptance_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "page_line":
                for number in node.args:
                    assert isinstance(number, ast.Constant)
                    assert isinstance(number.value, int)
                    found.setdefault(number.value, set()).add(file.relative_to(ROOT).as_posix())
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_line_is_numbered_and_has_its_proof(language: str) -> None:
    listed, proven = lines(language), proofs()
    assert sorted(listed) == list(range(1, len(listed) + 1))
    assert proven.keys() <= listed.keys()
    for number, (_, shown) in listed.items():
        named = set(TEST.findall(shown))
        assert named, number
        assert {one for one in named if "acceptance" in one} == proven.get(number, set()), number
        assert all((ROOT / one).is_file() for one in named)


def test_both_languages_name_the_same_rules_problems_and_tests() -> None:
    chinese, english = lines("zh"), lines("en")
    for number, (said, shown) in english.items():
        there, proof = chinese[number]
        assert RULE.findall(said) + PROBLEM.findall(said) == RULE.findall(there) + PROBLEM.findall(there)
        assert proof == shown


def test_every_rule_and_problem_on_the_page_exists_and_is_asserted_by_its_tests() -> None:
    known = {rule.id for rule in load_shipped()}
    for said, shown in lines("en").values():
        source = "".join((ROOT / one).read_text(encoding="utf-8") for one in TEST.findall(shown))
        for rule in RULE.findall(said):
            assert rule in known
            assert rule in source
        assert all(f"problem.{reason}" in catalogue() for reason in PROBLEM.findall(said))
