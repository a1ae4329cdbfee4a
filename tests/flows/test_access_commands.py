"""Accounts, tokens and sessions from the command line, and that no secret stays anywhere but where it was shown."""

import os
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest

from tests.flows.terminal import Terminal

PASSWORD = "correct horse battery"
Row = dict[str, object]


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A bank whose settings name a security officer, an auditor and one who is too much at once."""
    made = Terminal(tmp_path / "home")
    made.type("init", "--name", "测试样本库")
    file = made.home / "hilum.toml"
    roles = '"so" = ["security_officer"]\n"aud" = ["auditor"]\n"both" = ["security_officer", "administrator"]\n'
    file.write_text(file.read_text(encoding="utf-8") + roles, encoding="utf-8")
    made.type("organization", "add", "hospital", "--name", "模范医院", "--as", "so")
    return made


def hilum(terminal: Terminal, *words: str, typed: str = "", code: int = 0) -> str:
    """A command as its own process with a standard input that is no terminal; everything it said."""
    done = subprocess.run(
        [sys.executable, "-m", "hilum", "--home", str(terminal.home), "--lang", "en", "--as", "so", *words],
        check=False,
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        env={name: value for name, value in os.environ.items() if not name.startswith("HILUM_")},
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def rows(terminal: Terminal, *words: str) -> list[Row]:
    return cast(list[Row], terminal.ask(*words, "--as", "so"))


def test_a_program_gets_an_account_and_a_token_whose_secret_is_shown_once(terminal: Terminal) -> None:
    terminal.type(
        "account", "add", "lis", "--kind", "service", "--organization", "hospital", "--role", "service", "--as", "so"
    )
    made = terminal.table("token", "create", "lis", "--label", "检验科 LIS", "--expires", "30", "--as", "so")
    secret = str(made["secret"])
    assert secret.startswith("hilum_")
    (listed,) = rows(terminal, "token", "list")
    assert (listed["scopes"], listed["label"]) == (["intake"], "检验科 LIS")
    assert secret not in terminal.type("token", "list", "--as", "so").output
    ended = terminal.table("token", "end", str(listed["token"]), "--reason", "更换设备", "--as", "so")
    assert ended["ended_at"]
    trail = terminal.type("audit", "--subject", str(listed["token"]), "--as", "aud").output
    assert "更换设备" in trail
    assert secret not in trail


def test_the_secret_stands_alone_on_standard_output(terminal: Terminal) -> None:
    terminal.type(
        "account", "add", "lis", "--kind", "service", "--organization", "hospital", "--role", "service", "--as", "so"
    )
    said = terminal.type("token", "create", "lis", "--as", "so")
    assert len(said.stdout.split()) == 1
    assert "TKN-" in said.stderr


def test_a_password_comes_from_standard_input_and_is_nowhere_afterwards(terminal: Terminal) -> None:
    add = ("account", "add", "wang", "--organization", "hospital", "--role", "curator", "--stdin")
    said = hilum(terminal, *add, typed=f"{PASSWORD}\nsecond line\n")
    said += hilum(terminal, "account", "password", "wang", "--stdin", typed="purple freezer at dawn\n")
    said += hilum(terminal, "account", "list", "--json")
    said += terminal.type("audit", "--as", "aud").output
    stored = b"".join(file.read_bytes() for file in terminal.home.rglob("*") if file.is_file())
    for hidden in (PASSWORD, "purple freezer"):
        assert hidden not in said
        assert hidden.encode() not in stored
    assert "argon2" not in said
    assert b"$argon2id$" in stored


def test_a_password_that_is_too_weak_or_missing_is_refused_and_not_repeated(terminal: Terminal) -> None:
    add = ("account", "add", "wang", "--organization", "hospital", "--stdin")
    for typed in ("hush hush\n", "wang wang wang wang hush\n", "\n", ""):
        assert "hush" not in hilum(terminal, *add, typed=typed, code=3)
    assert rows(terminal, "account", "list") == []


def test_without_a_terminal_a_password_is_not_waited_for(terminal: Terminal) -> None:
    said = hilum(terminal, "account", "add", "wang", "--organization", "hospital", code=3)
    assert "--stdin" in said


def test_no_command_takes_a_password_or_a_secret_as_an_argument() -> None:
    from hilum.cli.accounts import commands
    from hilum.cli.frame import Frame

    names = {
        name
        for group in commands(Frame("en"))
        for command in getattr(group, "commands", {}).values()
        for one in command.params
        for name in [one.name, *one.opts]
    }
    assert len(names) > 15
    assert not {name for name in names if "password" in name or "secret" in name} - {"--no-password"}


def test_who_logs_in_elsewhere_needs_no_password_here(terminal: Terminal) -> None:
    add = ("account", "add", "wang", "--organization", "hospital", "--role", "curator", "--no-password")
    terminal.type(*add, "--subject", "wang-7", "--as", "so")
    (wang,) = rows(terminal, "account", "list")
    assert (wang["password"], wang["subject"]) == (False, "wang-7")
    terminal.type("account", "subject", "wang", "--as", "so")
    (wang,) = rows(terminal, "account", "list")
    assert wang["subject"] == ""


def test_roles_and_states_are_changed_and_come_back(terminal: Terminal) -> None:
    terminal.type("account", "add", "wang", "--organization", "hospital", "--no-password", "--as", "so")
    terminal.type("account", "roles", "wang", "--role", "curator", "--role", "data_manager", "--as", "so")
    terminal.type("account", "roles", "wang", "--role", "curator", "--role", "auditor", "--as", "so", code=7)
    terminal.type("account", "suspend", "wang", "--reason", "调离", "--as", "so")
    (wang,) = rows(terminal, "account", "list")
    assert (wang["roles"], wang["state"]) == (["curator", "data_manager"], "suspended")
    terminal.type("account", "restore", "wang", "--as", "so")
    terminal.type("organization", "suspend", "hospital", "--as", "so")
    assert [one["state"] for one in rows(terminal, "organization", "list")] == ["suspended"]
    terminal.type("organization", "restore", "hospital", "--as", "so")
    assert [one["state"] for one in rows(terminal, "account", "list")] == ["active"]
    assert rows(terminal, "session", "list") == []
    terminal.type("session", "end", "SES-0", "--as", "so", code=5)


def test_the_founder_and_who_is_too_much_at_once_change_no_accounts(terminal: Terminal) -> None:
    terminal.type("account", "add", "wang", "--organization", "hospital", "--no-password", code=6)
    terminal.type("account", "list", "--as", "both", code=6)
    terminal.type("doctor", "--as", "both")
    terminal.type("account", "list", "--as", "aud")
    terminal.type("account", "suspend", "wang", "--as", "aud", code=6)
