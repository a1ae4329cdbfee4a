"""What every command shares: language, where the bank is, who acts, how answers and errors are shown."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hilum.messages import LANGUAGES, Language, text

_CONTROLS = {code: 0xFFFD for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n\r"}
_WIDE = 160
"""Columns a table may take in a file or pipe, where nobody can say how wide the paper is."""
Json = Mapping[str, object] | Sequence[object]


def language_of(chosen: str, environment: Mapping[str, str]) -> Language:
    """``--lang``, then ``HILUM_LANGUAGE``, then the system's locale; Chinese when none of them says."""
    for named in (chosen, environment.get("HILUM_LANGUAGE", "")):
        for language in LANGUAGES:
            if named == language:
                return language
    locale = environment.get("LC_ALL") or environment.get("LC_MESSAGES") or environment.get("LANG") or ""
    return "en" if locale.startswith("en") else "zh"


class Paper(Console):
    """A console that shows a control character as such instead of obeying it: values come from other people's files."""

    def render_str(self, text: str, **how: Any) -> Text:
        return super().render_str(text.translate(_CONTROLS), **how)


def console_for(stream: TextIO) -> Console:
    """Where words go: a terminal gets whole words at its width, a file or pipe gets whole lines."""
    plain = not stream.isatty()
    return Paper(stderr=stream is sys.stderr, highlight=False, soft_wrap=plain, width=_WIDE if plain else None)


@dataclass(slots=True)
class Frame:
    """The surroundings of one call."""

    language: Language
    home: Path = Path("hilum-bank")
    account: str = ""
    as_json: bool = False
    console: Console = field(default_factory=lambda: console_for(sys.stdout))

    def say(self, key: str, /, **values: object) -> str:
        """Words from the catalogue under ``cli.``."""
        return text(f"cli.{key}", self.language, **values)

    def answer(self, as_json: Json, show: Callable[[Console], None]) -> None:
        """Print an answer: JSON to standard output for programs, or words and tables for people."""
        if self.as_json:
            click.echo(json.dumps(as_json, ensure_ascii=False, indent=2, default=str))
        else:
            show(self.console)

    def note(self, key: str, /, **values: object) -> None:
        """A line for people on standard error; programs that asked for JSON are not bothered."""
        if not self.as_json:
            console_for(sys.stderr).print(self.say(key, **values), markup=False)

    def table(self, *columns: str) -> Table:
        """A table whose headings come from the catalogue (``cli.column.<name>``)."""
        table = Table(show_edge=False, header_style="bold", pad_edge=False)
        for column in columns:
            table.add_column(self.say(f"column.{column}"), overflow="fold")
        return table


_VALUED = ("--home", "--lang", "--as")
_FLAG = "--json"


def surroundings(arguments: Sequence[str], environment: Mapping[str, str]) -> tuple[Frame, list[str]]:
    """The frame that the shared options make, wherever on the line they stand, and the arguments without them."""
    given: dict[str, str] = {}
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        name, equals, value = word.partition("=")
        if word == "--":
            rest += [word, *words]
        elif name in _VALUED:
            told = value if equals else next(words, "")
            given[name] = told
            if not told or (name == "--lang" and told not in LANGUAGES):
                rest += [name, told] if told else [name]  # the command itself says what is wrong with it
        elif word == _FLAG:
            given[_FLAG] = word
        else:
            rest.append(word)
    language = language_of(given.get("--lang", ""), environment)
    home = Path(given.get("--home") or environment.get("HILUM_HOME") or "hilum-bank")
    return Frame(language, home, given.get("--as", ""), as_json=_FLAG in given), rest


def shared(frame: Frame) -> list[click.Parameter]:
    """The options every command takes, for its help; :func:`surroundings` has already read them."""
    return [
        click.Option(["--home"], help=frame.say("option.home"), metavar="DIR", expose_value=False),
        click.Option(["--lang"], help=frame.say("option.lang"), type=click.Choice(LANGUAGES), expose_value=False),
        click.Option(["--as"], help=frame.say("option.as"), metavar="ACCOUNT", expose_value=False),
        click.Option([_FLAG], is_flag=True, help=frame.say("option.json"), expose_value=False),
    ]


def command(
    frame: Frame, name: str, act: Callable[..., int | None], params: Sequence[click.Parameter] = (), key: str = ""
) -> click.Command:
    """A command whose help stands in the catalogue under ``op.<key>``; what ``act`` answers is its exit code."""

    def called(**values: object) -> None:
        sys.exit(act(frame, **values) or 0)

    return click.Command(
        name,
        callback=called,
        params=[*params, *shared(frame)],
        help=text(f"op.{key or name}", frame.language),
        no_args_is_help=any(isinstance(one, click.Argument) and one.required for one in params),
    )


def group(frame: Frame, name: str, commands: Sequence[click.Command]) -> click.Group:
    """A group of commands; its help stands under ``op.<name>``."""
    return click.Group(
        name,
        commands=list(commands),
        params=shared(frame),
        help=text(f"op.{name}", frame.language),
        no_args_is_help=True,
    )
