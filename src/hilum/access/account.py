"""Organizations, accounts, tokens and sessions, and what each may do at a given instant.

Instants are stamps (:func:`hilum.clock.stamp`): UTC, and they sort. Nothing here knows a secret: a password is its
hash, a token or session the SHA-256 of what is shown.
"""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from hilum.access.roles import permissions_of
from hilum.clock import parse_stamp, stamp
from hilum.model.party import Actor, Role

TOKEN_DAYS = 365
"""How long a token holds when nobody says otherwise."""
TOKEN_DAYS_MOST = 3650
SESSION_LIFE = timedelta(hours=12)
SESSION_IDLE = timedelta(hours=1)
FREE_FAILURES = 5
"""Wrong passwords in a row after which an account rests."""
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
NOTED_EVERY = timedelta(minutes=1)
"""How exactly the last use of a token or session is known."""

_TOKEN, _SESSION = "hilum", "hilums"
_SECRET = re.compile(r"(hilums?)_([0-9A-Z*]{13})_([0-9a-f]{64})")


class AccountKind(StrEnum):
    """Who stands behind an account."""

    PERSON = "person"
    SERVICE = "service"


class Standing(StrEnum):
    """Whether an account or organization may act."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Organization:
    """A hospital, department or company that accounts belong to."""

    id: str
    name: str
    state: Standing
    at: str


@dataclass(frozen=True, slots=True)
class Account:
    """A person or program by its account name.

    ``secret`` is the password's hash or empty, ``subject`` how an identity provider names the account, ``failures`` the
    wrong passwords in a row.
    """

    name: str
    kind: AccountKind
    organization: str
    roles: frozenset[Role]
    state: Standing
    created_at: str
    created_by: str
    secret: str = ""
    subject: str = ""
    failures: int = 0
    locked_until: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """What a program shows instead of a password. ``scopes`` are the permissions it was made for."""

    id: str
    account: str
    label: str
    digest: str
    scopes: frozenset[str]
    created_at: str
    created_by: str
    expires_at: str
    ended_at: str = ""
    used_at: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """A person at work. ``expires_at`` moves on with use, until :data:`SESSION_LIFE` after ``began_at``."""

    id: str
    account: str
    digest: str
    via: str
    began_at: str
    expires_at: str
    ended_at: str = ""
    ended_by: str = ""


Key = Token | Session
"""What opens the door: both are shown the same way."""


def token_secret(token: str, random: str) -> str:
    """What a program shows: ``hilum_<id>_<64 hex digits>``, so that scanners of leaked secrets know one when they see
    it. ``token`` is an identifier (``TKN-…``), ``random`` 256 bits as hex digits."""
    return f"{_TOKEN}_{token.split('-')[1]}_{random}"


def session_secret(session: str, random: str) -> str:
    """The same for a session: ``hilums_<id>_<64 hex digits>``."""
    return f"{_SESSION}_{session.split('-')[1]}_{random}"


def is_session(secret: str) -> bool | None:
    """Whether a secret is spelt as a session's, as a token's (``False``), or as neither (``None``)."""
    spelt = _SECRET.fullmatch(secret)
    return None if spelt is None else spelt[1] == _SESSION


def digest_of(secret: str) -> str:
    """What is kept of a secret. It has 256 random bits: a slow hash would add nothing."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def token_refusal(token: Token, now: datetime) -> str:
    """Why a token opens nothing at ``now`` (reason of an error), or empty."""
    if token.ended_at:
        return "token_ended"
    return "token_expired" if token.expires_at <= stamp(now) else ""


def session_refusal(session: Session, now: datetime) -> str:
    """Why a session opens nothing at ``now`` (reason of an error), or empty."""
    return "session_over" if session.ended_at or session.expires_at <= stamp(now) else ""


def account_refusal(account: Account | None, organization: Organization | None) -> str:
    """Why an account may not act at all (reason of an error), or empty."""
    if account is None or account.state is Standing.SUSPENDED:
        return "account_suspended"
    return "organization_suspended" if organization is None or organization.state is Standing.SUSPENDED else ""


def actor_of_token(account: Account, token: Token) -> Actor:
    """Who acts when a token is shown."""
    return Actor(account.name, account.roles, account.organization, token.id, token.scopes)


def actor_of_account(account: Account) -> Actor:
    """Who acts when a person has logged in."""
    return Actor(account.name, account.roles, account.organization)


def usual_scopes(account: Account) -> frozenset[str]:
    """What a token is made for when nobody says otherwise: all the account may do today, and nothing it is given
    later."""
    return permissions_of(account.roles)


# sessions ------------------------------------------------------------------------------------------------------------


def first_expiry(now: datetime) -> str:
    """Until when a session that begins ``now`` holds without being used."""
    return stamp(now + SESSION_IDLE)


def moved_on(session: Session, now: datetime) -> Session:
    """The session after a use at ``now``; the same one when its expiry need not be written again yet."""
    latest = parse_stamp(session.began_at) + SESSION_LIFE
    until = min(now + SESSION_IDLE, latest)
    gained = until - parse_stamp(session.expires_at)
    return replace(session, expires_at=stamp(until)) if gained >= NOTED_EVERY else session


def used(token: Token, now: datetime) -> Token:
    """The token after a use at ``now``; the same one when its last use was noted less than a minute ago."""
    if token.used_at and now - parse_stamp(token.used_at) < NOTED_EVERY:
        return token
    return replace(token, used_at=stamp(now))


# lock-out ------------------------------------------------------------------------------------------------------------


def is_locked(account: Account, now: datetime) -> bool:
    """Whether no password is looked at for now."""
    return account.locked_until > stamp(now)


def after_failure(account: Account, now: datetime) -> Account:
    """The account after a wrong password: from the fifth in a row on it rests, twice as long each time, an hour at
    most. It never stays locked for good, or anybody could lock anybody out."""
    failures = account.failures + 1
    if failures < FREE_FAILURES:
        return replace(account, failures=failures)
    doubled = min(failures - FREE_FAILURES, 10)
    pause = min(FIRST_PAUSE * 2**doubled, LONGEST_PAUSE)
    return replace(account, failures=failures, locked_until=stamp(now + pause))


def after_success(account: Account) -> Account:
    """The account after the right password."""
    return replace(account, failures=0, locked_until="")
