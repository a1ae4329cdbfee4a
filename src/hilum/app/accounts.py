"""Accounts, tokens and sessions changed: secrets are made and passwords hashed here, before the transaction begins."""

import secrets
from collections.abc import Set
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from hilum.access import operations
from hilum.access.account import TOKEN_DAYS, TOKEN_DAYS_MOST, Account, Token, digest_of, token_secret, usual_scopes
from hilum.access.operations import AddAccount, CreateToken, SetPassword
from hilum.access.passwords import LINE, check_password, is_name, printable
from hilum.access.ports import AccountDesk
from hilum.app.running import Hilum
from hilum.clock import stamp
from hilum.errors import BadInputError, NotFoundError
from hilum.model import ids
from hilum.model.party import Actor
from hilum.operation import AuditRecord, Operation, Outcome
from hilum.stores import passwords

CommandT = TypeVar("CommandT")
ResultT = TypeVar("ResultT")
TOKEN, SESSION = "TKN", "SES"
_RANDOM_BYTES = 32


def manage(
    app: Hilum, operation: Operation[AccountDesk, CommandT, ResultT], actor: Actor, command: CommandT
) -> ResultT:
    """Carry out one operation of the access room as ``actor``: the path of :meth:`Hilum.run`, at the accounts' desk.

    Raises :class:`~hilum.errors.AccessDenied`, and whatever the handler raises.
    """
    app.authorise(operation.name, operation.needs, actor)
    now = stamp(app.clock())
    with app.bank.begin() if operation.changes_state else app.bank.read() as unit:
        outcome: Outcome[ResultT] = operation.handler(AccountDesk(unit, now), actor, command)
        if operation.changes_state:
            batch = ids.mint("CHG", actor.name, operation.name, now)
            unit.audit(
                AuditRecord(
                    at=now,
                    actor=actor.signature,
                    operation=operation.name,
                    subject=one.subject,
                    before=one.before,
                    after=one.after,
                    reason=one.reason,
                    batch=batch,
                )
                for one in outcome.changes
            )
    return outcome.result


def add_account(app: Hilum, actor: Actor, command: AddAccount, password: str = "") -> Account:
    """A new account; without a password it logs in through the identity provider, or not at all."""
    app.authorise(operations.ADD_ACCOUNT.name, operations.ADD_ACCOUNT.needs, actor)
    if password:
        check_password(password, command.name)
        command = replace(command, secret=passwords.hashed(password))
    return manage(app, operations.ADD_ACCOUNT, actor, command)


def set_password(app: Hilum, actor: Actor, name: str, password: str) -> Account:
    """A new password for another's account."""
    app.authorise(operations.SET_PASSWORD.name, operations.SET_PASSWORD.needs, actor)
    check_password(password, name)
    return manage(app, operations.SET_PASSWORD, actor, SetPassword(name, passwords.hashed(password)))


def create_token(
    app: Hilum, actor: Actor, account: str, label: str = "", scopes: Set[str] = frozenset(), days: int = TOKEN_DAYS
) -> tuple[Token, str]:
    """A token for an account and its secret, which nobody can ask for again.

    Without ``scopes`` it is made for all the account may do today. Raises :class:`BadInputError` for a scope the
    account does not have or an expiry out of range.
    """
    app.authorise(operations.CREATE_TOKEN.name, operations.CREATE_TOKEN.needs, actor)
    if not 1 <= days <= TOKEN_DAYS_MOST:
        raise BadInputError("token_days", days=days, most=TOKEN_DAYS_MOST)
    now = app.clock()
    with app.bank.read() as unit:
        holder = unit.account(account) if is_name(account) else None
    if holder is None:
        raise NotFoundError("account_not_found", account=printable(account)[:LINE])
    random = fresh()
    token = ids.mint(TOKEN, account, random)
    secret = token_secret(token, random)
    made = Token(
        id=token,
        account=account,
        label=label,
        digest=digest_of(secret),
        scopes=frozenset(scopes) or usual_scopes(holder),
        created_at=stamp(now),
        created_by=actor.name,
        expires_at=stamp(now + timedelta(days=days)),
    )
    return manage(app, operations.CREATE_TOKEN, actor, CreateToken(made)), secret


def fresh() -> str:
    """256 random bits as hex digits."""
    return secrets.token_hex(_RANDOM_BYTES)
