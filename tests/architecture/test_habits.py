"""House rules that no off-the-shelf linter knows."""

import ast

import pytest

from tests.architecture.source import Module, calls, dotted, modules

EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base", "tools", "stuff"}
DEEPER = {("stores", "migrations")}
WALL_CLOCK = {"now", "utcnow", "today", "time", "time_ns", "localtime", "gmtime"}
CLOCK_OWNERS = {"datetime", "date", "time"}


def test_there_is_source_to_look_at() -> None:
    assert len(modules()) > 20


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not [m.place for m in modules() if EMPTY_NAMES & {part.removesuffix(".py") for part in m.parts}]


def test_the_tree_is_package_room_module_and_no_deeper() -> None:
    deep = [m.place for m in modules() if len(m.parts) > 2 and m.parts[:2] not in DEEPER]
    assert not deep


def test_no_import_is_hidden_from_run_time() -> None:
    hidden = [
        module.at(node)
        for module in modules()
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.Name) and node.id == "TYPE_CHECKING")
        or (isinstance(node, ast.alias) and node.name == "TYPE_CHECKING")
    ]
    assert not hidden


def test_only_the_command_line_prints() -> None:
    prints = [
        module.at(call)
        for module in modules()
        if module.parts[0] != "cli"
        for call, name in calls(module)
        if name in {"print", "sys.stdout.write", "sys.stderr.write"}
    ]
    assert not prints


def test_time_comes_in_through_the_clock() -> None:
    assert not [place for module in modules() if module.parts != ("clock.py",) for place in _wall_clock_calls(module)]


@pytest.mark.parametrize(
    "source",
    ["datetime.now(UTC)", "date.today()", "time.time()", "datetime.datetime.utcnow()", "from time import time"],
)
def test_the_clock_rule_bites(source: str) -> None:
    assert list(_wall_clock_calls(Module(modules()[0].path, source, ast.parse(source))))


def _wall_clock_calls(module: Module) -> list[str]:
    asked = [module.at(call) for call, name in calls(module) if _is_wall_clock(name)]
    imported = [
        module.at(node)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and node.module == "time" and WALL_CLOCK & {a.name for a in node.names}
    ]
    return asked + imported


def _is_wall_clock(name: str) -> bool:
    owner, _, call = name.rpartition(".")
    return call in WALL_CLOCK and owner.rpartition(".")[2] in CLOCK_OWNERS


def test_identifiers_are_minted_in_one_module() -> None:
    minted = [
        module.at(node)
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and dotted(node) in {"uuid.uuid1", "uuid.uuid4"}
    ]
    assert not minted
