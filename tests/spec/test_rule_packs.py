"""The shipped rule packs are their own specification: every example of every rule is run here.

``<pack>.md`` beside this file shows the same examples to a curator. After a change of rules, write the pages again
with ``python tests/spec/test_rule_packs.py``.
"""

import re
from pathlib import Path
from typing import get_args

import pytest

from hilum.messages import Language
from hilum.model.record import Kind
from hilum.model.vocabulary import vocabulary
from hilum.quality import manual
from hilum.quality.examples import gaps, trials
from hilum.quality.mutation import survivors
from hilum.quality.pack import build_ruleset, load_shipped
from hilum.quality.rule import Rule, Severity
from hilum.terms.analytes import analytes

HERE = Path(__file__).parent
GUIDE = HERE.parents[1] / "docs" / "guide"
RULES = load_shipped()


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_every_example_of_a_rule_comes_out_as_its_author_says(rule: Rule) -> None:
    tried = trials(rule)
    assert len(tried) >= 2
    assert [(trial.expected, trial.found, dict(trial.row)) for trial in tried if not trial.agrees] == []


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_the_examples_of_a_rule_notice_every_small_change_to_it(rule: Rule) -> None:
    assert survivors(rule) == ()


def test_every_rule_brings_each_kind_of_example() -> None:
    assert list(gaps(RULES)) == []


def test_the_shipped_packs_make_one_rule_set() -> None:
    assert len(build_ruleset(RULES).rules) == len(RULES) >= 110


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_record_has_its_rules(kind: Kind) -> None:
    mine = [rule for rule in RULES if rule.grain is kind]
    assert any(rule.condition.startswith("unreadable IS NULL") for rule in mine)
    assert any(rule.dimension == "completeness" for rule in mine)
    coded = {name for name, field in vocabulary()[kind].items() if field.type == "code"}
    checked = {rule.field for rule in mine if rule.condition.startswith(f"in_codes({rule.field}, ")}
    assert coded <= checked


def test_a_rule_that_only_informs_says_so_and_a_rule_that_stops_carries_weight() -> None:
    assert all(rule.weight >= 3 for rule in RULES if rule.severity in (Severity.BLOCK, Severity.REJECT))


def test_ids_tell_the_kind_and_are_never_reused() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert not [rule.id for rule in RULES if not re.fullmatch(r"[A-Z]{3}-[A-Z]{2,4}-[0-9]{3}", rule.id)]


def test_ranges_in_rules_are_those_of_the_table_of_analytes() -> None:
    ranges = {rule.when.split("'")[1]: rule.condition for rule in RULES if rule.id.startswith("LAB-RNG-")}
    assert len(ranges) >= 40
    for code, condition in ranges.items():
        usual = analytes()[code].limits[0]
        assert condition.endswith(f"'{usual.unit}', '{code}') BETWEEN {usual.low:g} AND {usual.high:.15g} END"), code


@pytest.mark.parametrize("language", get_args(Language))
def test_the_table_of_rules_in_the_manual_is_up_to_date(language: Language) -> None:
    page = GUIDE / language / "rules.md"
    assert page.read_text(encoding="utf-8") == manual.rules_page(RULES, language), (
        "run python tests/spec/test_rule_packs.py"
    )


@pytest.mark.parametrize("pack", manual.packs(RULES))
def test_the_specification_table_of_a_pack_is_up_to_date(pack: str) -> None:
    page = (HERE / f"{pack}.md").read_text(encoding="utf-8")
    assert page == manual.specification(RULES, pack), "run python tests/spec/test_rule_packs.py"


def write_pages() -> None:
    """Write the manual's tables and the specification tables from the packs."""
    for language in get_args(Language):
        (GUIDE / language / "rules.md").write_text(manual.rules_page(RULES, language), encoding="utf-8")
    for pack in manual.packs(RULES):
        (HERE / f"{pack}.md").write_text(manual.specification(RULES, pack), encoding="utf-8")


if __name__ == "__main__":
    write_pages()
