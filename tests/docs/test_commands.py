"""What the manual tells people to type exists: every make target, every command, every option."""

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from tests.conftest import ROOT
from tests.docs.pages import Page, pages

READMES = ("README.md", "README.zh-CN.md")


def _typed() -> list[tuple[str, str]]:
    return [(page.place, line) for page in pages() for line in page.commands()]


def _of(program: str) -> list[tuple[str, list[str]]]:
    return [(place, shlex.split(line)[1:]) for place, line in _typed() if line.split()[0] == program]


def test_there_are_commands_to_check() -> None:
    assert len(_of("make")) > 5
    assert len(_of("hilum")) > 15


def test_every_make_target_in_the_pages_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = {(place, words[0]) for place, words in _of("make")}
    assert not [one for one in named if one[1] not in targets]


def test_every_make_variable_in_the_pages_is_used() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    variables = {word.partition("=")[0] for _, words in _of("make") for word in words if "=" in word}
    assert not [name for name in variables if f"$({name})" not in makefile]


@pytest.fixture(scope="module", params=["zh", "en"])
def program(request: pytest.FixtureRequest) -> click.Group:
    """The whole command line in one language."""
    from hilum.cli.frame import Frame
    from hilum.cli.main import build

    built = build(Frame(request.param))
    assert isinstance(built, click.Group)
    return built


def test_every_command_and_option_in_the_pages_exists(program: click.Group) -> None:
    wrong = [
        f"{place}: hilum {' '.join(words)}: {said}" for place, words in _of("hilum") if (said := _amiss(program, words))
    ]
    assert not wrong


def _amiss(program: click.Group, words: list[str]) -> str:
    """What is wrong with the words after ``hilum``, or ``""``."""
    command: click.Command = program
    rest = list(words)
    while isinstance(command, click.Group):
        name = rest.pop(0) if rest else ""
        found = command.get_command(click.Context(command), name)
        if found is None:
            return f"no command {name!r}"
        command = found
    known = {option for one in command.params if isinstance(one, click.Option) for option in one.opts}
    given = [word.partition("=")[0] for word in rest if word.startswith("--") and word != "--"]
    return ", ".join(f"no option {one}" for one in given if one not in known)


def test_every_option_named_in_the_prose_exists(program: click.Group) -> None:
    known = set(_options(program))
    manual = [page for page in pages() if page.place.startswith(("docs/guide/", "README"))]
    named = {(page.place, option) for page in manual for option in re.findall(r"`[^`\n]*?(--[a-z][a-z-]+)", page.prose)}
    assert named
    assert not sorted(f"{place}: {option}" for place, option in named if option not in known | {"--help"})


def _options(command: click.Command) -> Iterator[str]:
    """Every option of a command and of those below it."""
    for one in command.params:
        yield from one.opts
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from _options(below)


@pytest.mark.parametrize("words", [["nonsense"], ["queue", "nonsense"], ["release", "--nonsense"]])
def test_the_check_of_commands_bites(program: click.Group, words: list[str]) -> None:
    assert _amiss(program, words)


def test_both_readmes_type_the_same_commands() -> None:
    english, chinese = (Page(ROOT / name, (ROOT / name).read_text(encoding="utf-8")) for name in READMES)

    def normal(page: Page) -> list[str]:
        return [re.sub(r"LANG=\w+", "LANG=…", line) for line in page.commands()]

    assert normal(english) == normal(chinese)
