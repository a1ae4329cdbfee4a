"""``organization``, ``account``, ``token``, ``session``: who may send and see, kept by the security officer.

A password is typed without echo or read from standard input, never an argument: arguments stand in the process list and
in the shell's history.
"""

import sys
from collections.abc import Iterable, Sequence
from typing import TypeVar

import click
from rich.console import Console

from hilum.access import operations
from hilum.access.account import TOKEN_DAYS, TOKEN_DAYS_MOST, Account, AccountKind, Organization
from hilum.access.ports import AccountDesk
from hilum.app import accounts
from hilum.app.account_answers import account_json, organization_json, session_json, token_json
from hilum.cli import words
from hilum.cli.frame import Frame, command, group
from hilum.cli.opening import opened
from hilum.errors import BadInputError
from hilum.model.party import Role
from hilum.operation import Operation

CommandT = TypeVar("CommandT")
ResultT = TypeVar("ResultT")
STDIN, NO_PASSWORD = "stdin", "none"


def commands(frame: Frame) -> list[click.Command]:
    """The commands of this module."""
    reason = click.Option(["--reason"], default="", metavar="TEXT", help=frame.say("option.reason"))
    return [_organizations(frame, reason), _accounts(frame, reason), _tokens(frame, reason), _sessions(frame, reason)]


def _organizations(frame: Frame, reason: click.Option) -> click.Group:
    one = click.Argument(["organization"], metavar="ID")
    name = click.Option(["--name"], default="", metavar="TEXT", help=frame.say("option.organization_name"))
    return group(
        frame,
        "organization",
        [
            command(frame, "add", add_organization, [one, name], key="organization.add"),
            command(frame, "list", list_organizations, key="organization.list"),
            command(frame, "suspend", suspend_organization, [one, reason], key="organization.suspend"),
            command(frame, "restore", restore_organization, [one], key="organization.restore"),
        ],
    )


def _accounts(frame: Frame, reason: click.Option) -> click.Group:
    one = click.Argument(["account"], metavar="ACCOUNT")
    role = click.Option(
        ["--role", "role"], multiple=True, type=click.Choice([r.value for r in Role]), help=frame.say("option.role")
    )
    subject = click.Option(["--subject"], default="", metavar="TEXT", help=frame.say("option.identity_subject"))
    stdin = click.Option(["--stdin"], is_flag=True, help=frame.say("option.stdin"))
    adding = [
        click.Option(
            ["--kind"],
            type=click.Choice([kind.value for kind in AccountKind]),
            default=AccountKind.PERSON.value,
            show_default=True,
            help=frame.say("option.account_kind"),
        ),
        click.Option(["--organization"], required=True, metavar="ID", help=frame.say("option.organization")),
        click.Option(["--no-password", "typed"], flag_value=NO_PASSWORD, help=frame.say("option.no_password")),
        click.Option(["--stdin", "typed"], flag_value=STDIN, default="", help=frame.say("option.stdin")),
    ]
    return group(
        frame,
        "account",
        [
            command(frame, "add", add_account, [one, *adding, role, subject], key="account.add"),
            command(frame, "list", list_accounts, key="account.list"),
            command(frame, "suspend", suspend_account, [one, reason], key="account.suspend"),
            command(frame, "restore", restore_account, [one], key="account.restore"),
            command(frame, "roles", set_roles, [one, role], key="account.set_roles"),
            command(
                frame, "subject", set_subject, [one, click.Argument(["subject"], required=False, default="")],
                key="account.set_subject",
            ),
            command(frame, "password", set_password, [one, stdin], key="account.set_password"),
        ],
    )  # fmt: skip


def _tokens(frame: Frame, reason: click.Option) -> click.Group:
    making = [
        click.Argument(["account"], metavar="ACCOUNT"),
        click.Option(["--label"], default="", metavar="TEXT", help=frame.say("option.token_label")),
        click.Option(["--scope", "scopes"], multiple=True, metavar="NAME", help=frame.say("option.scope")),
        click.Option(
            ["--expires", "days"],
            default=TOKEN_DAYS,
            show_default=True,
            type=click.IntRange(1, TOKEN_DAYS_MOST),
            metavar="DAYS",
            help=frame.say("option.token_days"),
        ),
    ]
    one = click.Argument(["token"], metavar="TOKEN")
    return group(
        frame,
        "token",
        [
            command(frame, "create", create_token, making, key="token.create"),
            command(frame, "list", list_tokens, [_of_account(frame)], key="token.list"),
            command(frame, "end", end_token, [one, reason], key="token.end"),
        ],
    )


def _sessions(frame: Frame, reason: click.Option) -> click.Group:
    one = click.Argument(["session"], metavar="SESSION")
    return group(
        frame,
        "session",
        [
            command(frame, "list", list_sessions, [_of_account(frame)], key="session.list"),
            command(frame, "end", end_session, [one, reason], key="session.end"),
        ],
    )


def _of_account(frame: Frame) -> click.Option:
    return click.Option(["--account"], default="", metavar="ACCOUNT", help=frame.say("option.of_account"))


# organizations -------------------------------------------------------------------------------------------------------


def add_organization(frame: Frame, organization: str, name: str) -> int:
    """A new organization."""
    made = _manage(frame, operations.ADD_ORGANIZATION, operations.AddOrganization(organization, name))
    _show_organizations(frame, [made])
    return 0


def list_organizations(frame: Frame) -> int:
    """All organizations."""
    listed = _manage(frame, operations.LIST_ORGANIZATIONS, operations.ListOrganizations())
    _show_organizations(frame, listed)
    return 0


def suspend_organization(frame: Frame, organization: str, reason: str) -> int:
    """None of its accounts may act any more."""
    told = operations.SuspendOrganization(organization, reason)
    _show_organizations(frame, [_manage(frame, operations.SUSPEND_ORGANIZATION, told)])
    return 0


def restore_organization(frame: Frame, organization: str) -> int:
    """Its accounts may act again."""
    told = operations.RestoreOrganization(organization)
    _show_organizations(frame, [_manage(frame, operations.RESTORE_ORGANIZATION, told)])
    return 0


# accounts ------------------------------------------------------------------------------------------------------------


def add_account(
    frame: Frame,
    account: str,
    kind: str,
    organization: str,
    role: Sequence[str],
    subject: str,
    typed: str,
) -> int:
    """A new account of a person or a program."""
    asked = operations.AddAccount(account, AccountKind(kind), organization, frozenset(map(Role, role)), subject)
    wants_password = asked.kind is AccountKind.PERSON and typed != NO_PASSWORD
    app, actor = opened(frame)
    with app:
        app.authorise(operations.ADD_ACCOUNT.name, operations.ADD_ACCOUNT.needs, actor)
        password = typed_password(frame, typed == STDIN) if wants_password else ""
        _show_accounts(frame, [accounts.add_account(app, actor, asked, password)])
    return 0


def list_accounts(frame: Frame) -> int:
    """All accounts."""
    listed = _manage(frame, operations.LIST_ACCOUNTS, operations.ListAccounts())
    _show_accounts(frame, listed)
    return 0


def suspend_account(frame: Frame, account: str, reason: str) -> int:
    """The account may do nothing any more; its sessions end."""
    told = operations.SuspendAccount(account, reason)
    _show_accounts(frame, [_manage(frame, operations.SUSPEND_ACCOUNT, told)])
    return 0


def restore_account(frame: Frame, account: str) -> int:
    """The account may act again, also one that rests after wrong passwords."""
    _show_accounts(frame, [_manage(frame, operations.RESTORE_ACCOUNT, operations.RestoreAccount(account))])
    return 0


def set_roles(frame: Frame, account: str, role: Sequence[str]) -> int:
    """These roles in the place of those it had."""
    told = operations.SetRoles(account, frozenset(map(Role, role)))
    _show_accounts(frame, [_manage(frame, operations.SET_ROLES, told)])
    return 0


def set_subject(frame: Frame, account: str, subject: str) -> int:
    """How the identity provider names the account."""
    told = operations.SetSubject(account, subject)
    _show_accounts(frame, [_manage(frame, operations.SET_SUBJECT, told)])
    return 0


def set_password(frame: Frame, account: str, stdin: bool) -> int:
    """A new password; the account's sessions end."""
    app, actor = opened(frame)
    with app:
        app.authorise(operations.SET_PASSWORD.name, operations.SET_PASSWORD.needs, actor)
        _show_accounts(frame, [accounts.set_password(app, actor, account, typed_password(frame, stdin))])
    return 0


def typed_password(frame: Frame, stdin: bool) -> str:
    """A password typed twice without echo, or the first line of standard input. Raises :class:`BadInputError`."""
    if stdin:
        typed = sys.stdin.readline(4096).rstrip("\r\n")
    elif sys.stdin.isatty():
        typed = click.prompt(
            frame.say("password"), hide_input=True, confirmation_prompt=frame.say("password.again"), err=True
        )
    else:
        raise BadInputError("password_how")
    if not typed:
        raise BadInputError("password_empty")
    return str(typed)


# tokens and sessions -------------------------------------------------------------------------------------------------


def create_token(frame: Frame, account: str, label: str, scopes: Sequence[str], days: int) -> int:
    """A token and, this once, its secret."""
    app, actor = opened(frame)
    with app:
        made, secret = accounts.create_token(app, actor, account, label, frozenset(scopes), days)

    def show(console: Console) -> None:
        frame.note("token.once", token=made.id, until=made.expires_at[:10], scopes=_listed(made.scopes))
        console.print(secret, markup=False, soft_wrap=True)

    frame.answer({**token_json(made), "secret": secret}, show)
    return 0


def list_tokens(frame: Frame, account: str) -> int:
    """Tokens, without their secrets."""
    listed = _manage(frame, operations.LIST_TOKENS, operations.ListTokens(account))

    def show(console: Console) -> None:
        table = frame.table("token", "account", "label", "scopes", "until", "used", "ended")
        for one in listed:
            told = (one.id, one.account, one.label, _listed(one.scopes))
            table.add_row(*told, *map(_minute, (one.expires_at, one.used_at, one.ended_at)))
        console.print(table)

    frame.answer([token_json(one) for one in listed], show)
    return 0


def end_token(frame: Frame, token: str, reason: str) -> int:
    """The token opens nothing any more, within five seconds in every process."""
    ended = _manage(frame, operations.END_TOKEN, operations.EndToken(token, reason))
    frame.answer(token_json(ended), lambda console: console.print(frame.say("token.ended", token=ended.id)))
    return 0


def list_sessions(frame: Frame, account: str) -> int:
    """Who is logged in."""
    listed = _manage(frame, operations.LIST_SESSIONS, operations.ListSessions(account))

    def show(console: Console) -> None:
        table = frame.table("session", "account", "via", "began", "until")
        for one in listed:
            table.add_row(one.id, one.account, one.via, _minute(one.began_at), _minute(one.expires_at))
        console.print(table)

    frame.answer([session_json(one) for one in listed], show)
    return 0


def end_session(frame: Frame, session: str, reason: str) -> int:
    """The session is over."""
    ended = _manage(frame, operations.END_SESSION, operations.EndSession(session, reason))
    frame.answer(session_json(ended), lambda console: console.print(frame.say("session.ended", session=ended.id)))
    return 0


# shown ---------------------------------------------------------------------------------------------------------------


def _manage(frame: Frame, operation: Operation[AccountDesk, CommandT, ResultT], asked: CommandT) -> ResultT:
    app, actor = opened(frame)
    with app:
        return accounts.manage(app, operation, actor, asked)


def _show_organizations(frame: Frame, listed: Iterable[Organization]) -> None:
    shown = list(listed)

    def show(console: Console) -> None:
        table = frame.table("organization", "name", "state")
        for one in shown:
            table.add_row(one.id, one.name, words.term("standing", one.state.value, frame.language))
        console.print(table)

    frame.answer([organization_json(one) for one in shown], show)


def _show_accounts(frame: Frame, listed: Iterable[Account]) -> None:
    shown = list(listed)

    def show(console: Console) -> None:
        table = frame.table("account", "kind", "organization", "roles", "state", "failures", "locked")
        for one in shown:
            told = ", ".join(words.term("role", role.value, frame.language) for role in sorted(one.roles))
            kind = words.term("account_kind", one.kind.value, frame.language)
            state = words.term("standing", one.state.value, frame.language)
            table.add_row(one.name, kind, one.organization, told, state, str(one.failures), _minute(one.locked_until))
        console.print(table)

    frame.answer([account_json(one) for one in shown], show)


def _minute(at: str) -> str:
    return at[:16].replace("T", " ") or "—"


def _listed(names: Iterable[str]) -> str:
    return " ".join(sorted(names))
