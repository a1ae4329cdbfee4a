"""The one table of operations: each has a permission, help in both languages, a face, and says whether it changes."""

import ast
import dataclasses
import inspect
import re
import textwrap
from collections.abc import Iterator
from typing import Any

import pytest

from hilum.access import operations as access_operations
from hilum.access.roles import PERMISSIONS
from hilum.messages import LANGUAGES, catalogue
from hilum.operation import Operation
from hilum.registry import operations
from tests.architecture.source import calls, modules

AnyOperation = Operation[Any, Any, Any]
FACES = {"cli", "api", "console"}
WRITES = {"write", "finish", "put_source", "put_waiver", "put_awaits", "set_states", "append_events", "add_records"}
WRITES |= {"put_organization", "put_account", "put_token", "put_session"}

TABLE: tuple[AnyOperation, ...] = (*operations.OPERATIONS, *access_operations.OPERATIONS)
each = pytest.mark.parametrize("operation", TABLE, ids=lambda one: one.name)


def _constants() -> dict[str, AnyOperation]:
    """Every operation the modules define, by the name of its constant."""
    found = {**vars(operations), **vars(access_operations)}
    return {name: thing for name, thing in found.items() if isinstance(thing, Operation)}


def test_every_operation_is_in_the_table_once() -> None:
    assert sorted(one.name for one in TABLE) == sorted({one.name for one in _constants().values()})


@each
def test_an_operation_is_named_noun_verb(operation: AnyOperation) -> None:
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", operation.name)


@each
def test_an_operation_takes_a_frozen_command(operation: AnyOperation) -> None:
    assert dataclasses.is_dataclass(operation.takes)
    assert operation.takes.__dataclass_params__.frozen  # type: ignore[attr-defined]  # what dataclass leaves behind


@each
def test_an_operation_needs_a_permission_somebody_has(operation: AnyOperation) -> None:
    assert PERMISSIONS.get(operation.needs)


@each
def test_an_operation_has_help_in_both_languages(operation: AnyOperation) -> None:
    words = catalogue().get(f"op.{operation.name}", {})
    assert all(words.get(language, "").strip() for language in LANGUAGES)


@each
def test_an_operation_has_a_face_that_calls_it(operation: AnyOperation) -> None:
    constant = next(name for name, one in _constants().items() if one is operation)
    assert operation.faces
    assert set(operation.faces) <= FACES
    for face in operation.faces:
        callers = [module for module in modules() if module.parts[0] in {face, "app"}]
        assert [module.place for module in callers if re.search(rf"\b{constant}\b", module.text)], "nothing calls it"


@each
def test_what_only_reads_writes_nothing(operation: AnyOperation) -> None:
    if not operation.changes_state:
        assert not WRITES & _called(operation)


@each
def test_what_changes_something_says_what(operation: AnyOperation) -> None:
    """An outcome of a handler that changes state carries changes: the audit record is made of them."""
    if operation.changes_state:
        assert "Change" in _called(operation)


def _called(operation: AnyOperation) -> set[str]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(operation.handler)))
    return {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }


def _asked_for() -> Iterator[tuple[str, str]]:
    """(place, permission) wherever ``authorise`` is called with words."""
    for module in modules():
        for call, name in calls(module):
            if name.endswith("authorise") and len(call.args) > 1:
                wanted = call.args[1]
                if isinstance(wanted, ast.Constant):
                    yield module.at(call), str(wanted.value)


def test_every_permission_asked_for_in_words_exists() -> None:
    assert not [place for place, permission in _asked_for() if permission not in PERMISSIONS]


def test_no_permission_is_left_that_nothing_asks_for() -> None:
    used = {one.needs for one in TABLE} | {permission for _, permission in _asked_for()}
    assert set(PERMISSIONS) == used
