"""What the access room offers: each entry is one transaction with its permission and its audit record.

Passwords are hashed and secrets made before an operation begins, so that no transaction waits for a slow hash and no
command carries a secret.
"""

from dataclasses import dataclass, replace

from hilum.access.account import (
    Account,
    AccountKind,
    Organization,
    Session,
    Standing,
    Token,
    after_success,
)
from hilum.access.accounts_found import (
    account_of,
    end_sessions,
    ended,
    known_as,
    listed,
    organization_of,
    other_of,
    stood,
)
from hilum.access.passwords import (
    check_name,
    check_organization,
    check_roles,
    check_words,
)
from hilum.access.ports import AccountDesk
from hilum.access.roles import permissions_of
from hilum.errors import BadInputError, ConflictError, NotFoundError
from hilum.model.party import Actor, Role
from hilum.operation import Change, Operation, Outcome


@dataclass(frozen=True, slots=True)
class AddOrganization:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ListOrganizations:
    pass


@dataclass(frozen=True, slots=True)
class SuspendOrganization:
    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class RestoreOrganization:
    id: str


@dataclass(frozen=True, slots=True)
class AddAccount:
    """``secret`` is the hash of the first password, or empty for who will not log in with one."""

    name: str
    kind: AccountKind
    organization: str
    roles: frozenset[Role]
    subject: str = ""
    secret: str = ""


@dataclass(frozen=True, slots=True)
class ListAccounts:
    pass


@dataclass(frozen=True, slots=True)
class SuspendAccount:
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class RestoreAccount:
    """Lets an account act again: one that was suspended, and one that rests after wrong passwords."""

    name: str


@dataclass(frozen=True, slots=True)
class SetRoles:
    name: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class SetSubject:
    """How the identity provider names the account; empty means it does not know it."""

    name: str
    subject: str


@dataclass(frozen=True, slots=True)
class SetPassword:
    """``secret`` is a hash."""

    name: str
    secret: str


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """One's own. ``secret`` is a hash; ``keeping`` is the session that stays open."""

    secret: str
    keeping: str = ""


@dataclass(frozen=True, slots=True)
class CreateToken:
    """``digest`` is all that is ever stored of the secret."""

    token: Token


@dataclass(frozen=True, slots=True)
class ListTokens:
    account: str = ""


@dataclass(frozen=True, slots=True)
class EndToken:
    id: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BeginSession:
    session: Session


@dataclass(frozen=True, slots=True)
class ListSessions:
    account: str = ""


@dataclass(frozen=True, slots=True)
class EndSession:
    id: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LeaveSession:
    """One's own."""

    id: str


# organizations -------------------------------------------------------------------------------------------------------


def add_organization(at: AccountDesk, actor: Actor, command: AddOrganization) -> Outcome[Organization]:
    check_organization(command.id)
    check_words(command.name)
    if at.book.organization(command.id) is not None:
        raise ConflictError("organization_exists", organization=command.id)
    made = Organization(command.id, command.name or command.id, Standing.ACTIVE, at.now)
    at.book.put_organization(made)
    return Outcome(made, (Change(made.id, after=made.state.value),))


def list_organizations(at: AccountDesk, actor: Actor, command: ListOrganizations) -> Outcome[tuple[Organization, ...]]:
    return Outcome(tuple(at.book.organizations()))


def suspend_organization(at: AccountDesk, actor: Actor, command: SuspendOrganization) -> Outcome[Organization]:
    """None of its accounts may act from now on."""
    check_words(command.reason)
    before, now = stood(at, command.id, Standing.SUSPENDED)
    change = Change(now.id, before=before.state.value, after=now.state.value, reason=command.reason)
    return Outcome(now, (change,))


def restore_organization(at: AccountDesk, actor: Actor, command: RestoreOrganization) -> Outcome[Organization]:
    before, now = stood(at, command.id, Standing.ACTIVE)
    return Outcome(now, (Change(now.id, before=before.state.value, after=now.state.value),))


# accounts ------------------------------------------------------------------------------------------------------------


def add_account(at: AccountDesk, actor: Actor, command: AddAccount) -> Outcome[Account]:
    check_name(command.name)
    if at.book.account(command.name) is not None:
        raise ConflictError("account_exists", account=command.name)
    organization_of(at.book, command.organization)
    if command.kind is AccountKind.SERVICE and command.secret:
        raise BadInputError("service_password", account=command.name)
    made = Account(
        name=command.name,
        kind=command.kind,
        organization=command.organization,
        roles=command.roles,
        state=Standing.ACTIVE,
        created_at=at.now,
        created_by=actor.name,
        secret=command.secret,
    )
    check_roles(made)
    made = known_as(at.book, made, command.subject)
    at.book.put_account(made)
    return Outcome(made, (Change(made.name, after=f"{made.kind.value} {listed(made.roles)}"),))


def list_accounts(at: AccountDesk, actor: Actor, command: ListAccounts) -> Outcome[tuple[Account, ...]]:
    return Outcome(tuple(at.book.accounts()))


def suspend_account(at: AccountDesk, actor: Actor, command: SuspendAccount) -> Outcome[Account]:
    """The account may do nothing from now on; its sessions end. Its tokens open nothing until it is restored."""
    check_words(command.reason)
    before = other_of(at, actor, command.name)
    now = replace(before, state=Standing.SUSPENDED)
    at.book.put_account(now)
    ended = end_sessions(at, actor, now.name)
    change = Change(now.name, before=before.state.value, after=now.state.value, reason=command.reason)
    return Outcome(now, (change, *ended))


def restore_account(at: AccountDesk, actor: Actor, command: RestoreAccount) -> Outcome[Account]:
    before = other_of(at, actor, command.name)
    now = replace(after_success(before), state=Standing.ACTIVE)
    at.book.put_account(now)
    was = f"{before.state.value} failures={before.failures}"
    return Outcome(now, (Change(now.name, before=was, after=now.state.value),))


def set_roles(at: AccountDesk, actor: Actor, command: SetRoles) -> Outcome[Account]:
    before = other_of(at, actor, command.name)
    now = replace(before, roles=command.roles)
    check_roles(now)
    at.book.put_account(now)
    return Outcome(now, (Change(now.name, before=listed(before.roles), after=listed(now.roles)),))


def set_subject(at: AccountDesk, actor: Actor, command: SetSubject) -> Outcome[Account]:
    before = other_of(at, actor, command.name)
    now = known_as(at.book, before, command.subject)
    at.book.put_account(now)
    told = tuple("known" if one.subject else "unknown" for one in (before, now))
    return Outcome(now, (Change(now.name, before=told[0], after=told[1]),))


def set_password(at: AccountDesk, actor: Actor, command: SetPassword) -> Outcome[Account]:
    """A new password given by another; whatever was open under the old one is closed."""
    before = other_of(at, actor, command.name)
    if before.kind is AccountKind.SERVICE:
        raise BadInputError("service_password", account=command.name)
    now = replace(after_success(before), secret=command.secret)
    at.book.put_account(now)
    return Outcome(now, (Change(now.name, after="password"), *end_sessions(at, actor, now.name)))


def change_password(at: AccountDesk, actor: Actor, command: ChangePassword) -> Outcome[Account]:
    """One's own new password; other sessions of the account are closed."""
    now = replace(account_of(at.book, actor.name), secret=command.secret)
    at.book.put_account(now)
    ended = end_sessions(at, actor, now.name, keeping=command.keeping)
    return Outcome(now, (Change(now.name, after="password"), *ended))


# tokens --------------------------------------------------------------------------------------------------------------


def create_token(at: AccountDesk, actor: Actor, command: CreateToken) -> Outcome[Token]:
    made = command.token
    check_words(made.label)
    account = account_of(at.book, made.account)
    held = permissions_of(account.roles)
    beyond = sorted(made.scopes - held)
    if beyond or not made.scopes:
        known = ", ".join(sorted(held)) or "—"
        raise BadInputError("scope_unknown", account=account.name, scope=", ".join(beyond) or "—", known=known)
    at.book.put_token(made)
    return Outcome(made, (Change(made.id, after=f"{account.name} {listed(made.scopes)} {made.expires_at}"),))


def list_tokens(at: AccountDesk, actor: Actor, command: ListTokens) -> Outcome[tuple[Token, ...]]:
    check_words(command.account)
    return Outcome(tuple(at.book.tokens(command.account)))


def end_token(at: AccountDesk, actor: Actor, command: EndToken) -> Outcome[Token]:
    check_words(command.id, command.reason)
    before = at.book.token(command.id)
    if before is None:
        raise NotFoundError("token_not_found", token=command.id)
    if before.ended_at:
        return Outcome(before, (Change(before.id, before="ended", after="ended", reason=command.reason),))
    now = replace(before, ended_at=at.now)
    at.book.put_token(now)
    return Outcome(now, (Change(now.id, before=now.account, after="ended", reason=command.reason),))


# sessions ------------------------------------------------------------------------------------------------------------


def begin_session(at: AccountDesk, actor: Actor, command: BeginSession) -> Outcome[Session]:
    """The actor has shown who it is: the counter of wrong passwords starts again."""
    account = account_of(at.book, actor.name)
    if account.failures:
        at.book.put_account(after_success(account))
    at.book.put_session(command.session)
    return Outcome(command.session, (Change(command.session.id, after=f"{account.name} {command.session.via}"),))


def list_sessions(at: AccountDesk, actor: Actor, command: ListSessions) -> Outcome[tuple[Session, ...]]:
    check_words(command.account)
    return Outcome(tuple(at.book.open_sessions(at.now, command.account)))


def end_session(at: AccountDesk, actor: Actor, command: EndSession) -> Outcome[Session]:
    check_words(command.id, command.reason)
    found = at.book.session(command.id)
    if found is None:
        raise NotFoundError("session_not_found", session=command.id)
    now = ended(at, actor, found)
    return Outcome(now, (Change(now.id, before=now.account, after="ended", reason=command.reason),))


def leave_session(at: AccountDesk, actor: Actor, command: LeaveSession) -> Outcome[Session]:
    found = at.book.session(command.id)
    if found is None or found.account != actor.name:
        raise NotFoundError("session_not_found", session=command.id)
    now = ended(at, actor, found)
    return Outcome(now, (Change(now.id, before=now.account, after="ended"),))


ADD_ORGANIZATION = Operation("organization.add", AddOrganization, "accounts", add_organization, faces=("cli", "api"))
LIST_ORGANIZATIONS = Operation(
    "organization.list", ListOrganizations, "oversee", list_organizations, changes_state=False, faces=("cli", "api")
)
SUSPEND_ORGANIZATION = Operation("organization.suspend", SuspendOrganization, "accounts", suspend_organization)
RESTORE_ORGANIZATION = Operation("organization.restore", RestoreOrganization, "accounts", restore_organization)
ADD_ACCOUNT = Operation("account.add", AddAccount, "accounts", add_account, faces=("cli", "api"))
LIST_ACCOUNTS = Operation(
    "account.list", ListAccounts, "oversee", list_accounts, changes_state=False, faces=("cli", "api")
)
SUSPEND_ACCOUNT = Operation("account.suspend", SuspendAccount, "accounts", suspend_account, faces=("cli", "api"))
RESTORE_ACCOUNT = Operation("account.restore", RestoreAccount, "accounts", restore_account, faces=("cli", "api"))
SET_ROLES = Operation("account.set_roles", SetRoles, "accounts", set_roles, faces=("cli", "api"))
SET_SUBJECT = Operation("account.set_subject", SetSubject, "accounts", set_subject)
SET_PASSWORD = Operation("account.set_password", SetPassword, "accounts", set_password, faces=("cli", "api"))
CHANGE_PASSWORD = Operation("account.change_password", ChangePassword, "own", change_password, faces=("api",))
CREATE_TOKEN = Operation("token.create", CreateToken, "tokens", create_token, faces=("cli", "api"))
LIST_TOKENS = Operation("token.list", ListTokens, "oversee", list_tokens, changes_state=False, faces=("cli", "api"))
END_TOKEN = Operation("token.end", EndToken, "tokens", end_token, faces=("cli", "api"))
BEGIN_SESSION = Operation("session.begin", BeginSession, "own", begin_session, faces=("api",))
LIST_SESSIONS = Operation(
    "session.list", ListSessions, "oversee", list_sessions, changes_state=False, faces=("cli", "api")
)
END_SESSION = Operation("session.end", EndSession, "sessions", end_session, faces=("cli", "api"))
LEAVE_SESSION = Operation("session.leave", LeaveSession, "own", leave_session, faces=("api",))

OPERATIONS = (
    ADD_ORGANIZATION,
    LIST_ORGANIZATIONS,
    SUSPEND_ORGANIZATION,
    RESTORE_ORGANIZATION,
    ADD_ACCOUNT,
    LIST_ACCOUNTS,
    SUSPEND_ACCOUNT,
    RESTORE_ACCOUNT,
    SET_ROLES,
    SET_SUBJECT,
    SET_PASSWORD,
    CHANGE_PASSWORD,
    CREATE_TOKEN,
    LIST_TOKENS,
    END_TOKEN,
    BEGIN_SESSION,
    LIST_SESSIONS,
    END_SESSION,
    LEAVE_SESSION,
)
