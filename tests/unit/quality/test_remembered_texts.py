"""A text that was read before is not read again, and means what it meant."""

from collections.abc import Callable

import pytest

from hilum.errors import RuleError
from hilum.quality import predicate
from hilum.quality.predicate import parse, parse_value, remember

COLUMNS = {"volume_ul": "number", "uuid": "text"}
TEXT = "volume_ul > 12.25 AND uuid IS NOT NULL"


@pytest.fixture
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predicate, "_known", {})


def _refuse() -> Callable[..., object]:
    raise AssertionError("the text was read")


@pytest.mark.usefixtures("nothing_remembered")
def test_a_remembered_text_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = parse(TEXT, COLUMNS)
    value = parse_value("volume_ul * 2", COLUMNS)
    remember([(TEXT, tree), ("volume_ul * 2", value)])
    monkeypatch.setattr(predicate, "_reader", _refuse)
    assert parse(TEXT, COLUMNS) is tree
    assert parse_value("volume_ul * 2", {**COLUMNS, "more": "text"}) is value
    with pytest.raises(AssertionError):
        parse("volume_ul > 13", COLUMNS)


@pytest.mark.usefixtures("nothing_remembered")
def test_over_other_columns_the_same_text_is_read_anew() -> None:
    remember([(TEXT, parse(TEXT, COLUMNS))])
    with pytest.raises(RuleError) as unknown:
        parse(TEXT, {"uuid": "text"})
    assert unknown.value.reason == "predicate_column"
    with pytest.raises(RuleError):
        parse(TEXT, {"volume_ul": "text", "uuid": "text"})


@pytest.mark.usefixtures("nothing_remembered")
def test_a_remembered_value_does_not_pass_for_a_condition() -> None:
    remember([("volume_ul * 2", parse_value("volume_ul * 2", COLUMNS))])
    with pytest.raises(RuleError) as wrong:
        parse("volume_ul * 2", COLUMNS)
    assert wrong.value.reason == "predicate_not_a_condition"


@pytest.mark.usefixtures("nothing_remembered")
def test_one_text_may_mean_two_things_over_two_sorts_of_columns() -> None:
    sides = ({"a": "text", "b": "text"}, {"a": "number", "b": "number"})
    trees = [parse("a = b", columns) for columns in sides]
    remember([("a = b", tree) for tree in trees])
    assert [parse("a = b", columns) for columns in sides] == trees
    assert trees[0] != trees[1]
