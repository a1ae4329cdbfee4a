"""The ``hilum`` command. A command's module is loaded when the command is called: ``hilum --help`` answers at once."""

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import NoReturn

import click

from hilum import __version__
from hilum.cli.frame import Frame, shared, surroundings
from hilum.cli.stopping import guarded
from hilum.messages import text

MODULES = {
    "account": "accounts",
    "audit": "showing",
    "backup": "keeping",
    "check": "taking",
    "data": "keeping",
    "demo": "demo",
    "doctor": "keeping",
    "donor": "showing",
    "export": "exporting",
    "fix": "queueing",
    "gate-bench": "benching",
    "inbox": "inboxing",
    "init": "taking",
    "intake": "taking",
    "mapping": "taking",
    "omop": "omop",
    "organization": "accounts",
    "queue": "queueing",
    "refuse": "queueing",
    "release": "queueing",
    "report": "reporting",
    "rules": "ruling",
    "serve": "serving",
    "session": "accounts",
    "sop": "sop",
    "sources": "showing",
    "specimen": "showing",
    "token": "accounts",
    "transport": "transports",
    "undo": "queueing",
    "waive": "queueing",
    "watch": "watching",
}
"""Command -> the module of this package that has it."""


class Tree(click.Group):
    """The commands, each loaded when it is asked for."""

    def __init__(self, frame: Frame) -> None:
        super().__init__("hilum", params=shared(frame), help=text("op.hilum", frame.language), no_args_is_help=True)
        self._frame = frame

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in MODULES:
            return None
        module = import_module(f"hilum.cli.{MODULES[cmd_name]}")
        known: dict[str, click.Command] = {command.name: command for command in module.commands(self._frame)}
        return known[cmd_name]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, text(f"op.{name}", self._frame.language)) for name in self.list_commands(ctx)]
        with formatter.section(self._frame.say("commands")):
            formatter.write_dl(rows)


def build(frame: Frame) -> click.Group:
    """The whole command tree, its help in the frame's language."""
    return click.version_option(__version__, prog_name="hilum")(Tree(frame))


def perform(arguments: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    """Carry out one command line and leave with its exit code, whatever happens."""
    frame, rest = surroundings(arguments, environment)
    with guarded(frame, called(rest)):
        sys.exit(build(frame).main(args=rest, prog_name="hilum", standalone_mode=False) or 0)
    raise AssertionError("a command always leaves with an exit code")


def called(rest: Sequence[str]) -> str:
    """The command that was called, without anything a person typed after it."""
    return next((word for word in rest if word in MODULES), "")


def run() -> None:
    """Entry point."""
    perform(sys.argv[1:], os.environ)
