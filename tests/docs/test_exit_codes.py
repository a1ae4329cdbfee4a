"""The page on commands has every command and exactly the exit codes the program leaves with."""

import re
from collections.abc import Iterator

import click
import pytest

from hilum.cli import keeping, stopping, taking
from hilum.cli.frame import Frame
from hilum.cli.main import build
from hilum.errors import HilumError
from tests.docs.pages import Page, page


@pytest.fixture(params=["zh", "en"])
def manual(request: pytest.FixtureRequest) -> Page:
    return page(f"docs/guide/{request.param}/commands.md")


def _kinds(error: type[HilumError]) -> Iterator[type[HilumError]]:
    yield error
    for below in error.__subclasses__():
        yield from _kinds(below)


def _codes() -> set[int]:
    """Every exit code the program knows."""
    ends = {0, stopping.USAGE, stopping.UNEXPECTED, stopping.INTERRUPTED, taking.STOPPED, keeping.UNSOUND}
    return ends | {kind.exit_code for kind in _kinds(HilumError)}


def test_every_exit_code_is_explained_and_no_other(manual: Page) -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", manual.text, re.MULTILINE)}
    assert told == _codes()


def test_every_command_has_its_line_and_known_codes(manual: Page) -> None:
    rows = dict(re.findall(r"^\| `([a-z -]+)` \|.*\| ([\d,、 ]+) \|$", manual.text, re.MULTILINE))
    assert set(rows) == set(_leaves(build(Frame("zh"))))
    for command, codes in rows.items():
        assert {int(code) for code in re.findall(r"\d+", codes)} <= _codes(), command


def _leaves(command: click.Command, path: str = "") -> Iterator[str]:
    if not isinstance(command, click.Group):
        yield path.strip()
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        below = command.get_command(context, name)
        assert below is not None
        yield from _leaves(below, f"{path} {name}")
