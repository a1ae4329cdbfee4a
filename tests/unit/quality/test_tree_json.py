"""Trees of rules as JSON: what is written is read back the same, and what was never written is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.quality.expression import Column, Compare, Expr, Literal, Match
from hilum.quality.pack import load_shipped
from hilum.quality.texts import texts_of
from hilum.quality.tree_json import expr_of, tree_of
from tests.property.expressions import conditions

TEXTS = texts_of(load_shipped())
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.sampled_from(("c", "and", "call", "<")),
    lambda inside: st.lists(inside, max_size=4),
)


def there_and_back(expr: Expr) -> Expr:
    return expr_of(json.loads(json.dumps(tree_of(expr))))


def test_every_text_of_the_shipped_packs_comes_back_as_it_was() -> None:
    assert len(TEXTS) > 1_000
    assert all(there_and_back(tree) == tree for _, tree in TEXTS)


@pytest.mark.parametrize(
    "tree",
    [
        [],
        ["c"],
        ["c", "volume_ul", "code"],
        ["c", 1.0, "number"],
        ["__import__('os')", ["c", "volume_ul", "number"], 1.0],
        ["<", 1.0],
        ["<", 1.0, 2.0, 3.0],
        ["in", ["c", "uuid", "text"]],
        ["in", ["c", "uuid", "text"], ["c", "uuid", "text"]],
        ["in", ["c", "uuid", "text"], True],
        ["case", None],
        ["case", None, True],
        ["call", "system", "ls"],
        ["call", "abs"],
        ["not", True, False],
        {"and": []},
        None,
        1,
    ],
)
def test_a_tree_nobody_could_have_written_is_refused(tree: object) -> None:
    with pytest.raises(ValueError):
        expr_of(tree)


@given(ANYTHING)
def test_whatever_stands_there_is_read_as_it_was_written_or_refused(tree: object) -> None:
    try:
        found = expr_of(tree)
    except ValueError:
        return
    assert tree_of(found) == tree


@given(conditions(3))
def test_any_condition_of_the_language_comes_back_as_it_was(condition: Expr) -> None:
    assert there_and_back(condition) == condition


def test_a_tree_that_nests_without_end_is_refused() -> None:
    tree: object = True
    for _ in range(5_000):
        tree = ["not", tree]
    with pytest.raises(ValueError):
        expr_of(tree)


def test_an_expanded_tree_is_not_written_since_it_depends_on_terminologies() -> None:
    with pytest.raises(TypeError):
        tree_of(Compare("=", Match(Column("uuid", "text"), "a"), Literal(True)))
