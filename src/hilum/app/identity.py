"""Who asks: the account behind a secret, looked up, remembered for a moment, and its use noted."""

import hmac
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import NoReturn

from hilum.access import operations
from hilum.access.account import (
    Account,
    AccountKind,
    Key,
    Session,
    Token,
    account_refusal,
    actor_of_account,
    actor_of_token,
    after_failure,
    digest_of,
    first_expiry,
    is_locked,
    is_session,
    moved_on,
    session_refusal,
    session_secret,
    token_refusal,
    used,
)
from hilum.access.operations import BeginSession, ChangePassword, LeaveSession
from hilum.access.passwords import check_password, is_name, printable
from hilum.access.provider import provider_of
from hilum.app.accounts import SESSION, fresh, manage
from hilum.app.running import Hilum
from hilum.clock import stamp
from hilum.errors import BadInputError, NotAuthenticatedError, StoreError
from hilum.links.oidc import OpenIdProvider
from hilum.model import ids
from hilum.model.party import Actor
from hilum.operation import AuditRecord
from hilum.stores import passwords
from hilum.stores.bank import BankUnit

REMEMBERED_S = 5.0
"""How long a secret that was ended may still open the door."""
_JWT_DOTS = 2
REMEMBERED = 4096
"""How many secrets are remembered at once."""


class Identity:
    """The doors' question "who is this?" over one open bank. Safe to share between threads.

    ``pulse`` counts seconds for remembering only; whether a token holds is asked of the bank's clock.
    """

    def __init__(self, app: Hilum, pulse: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._pulse = pulse
        self._known: OrderedDict[str, tuple[Actor, float]] = OrderedDict()
        self._lock = threading.Lock()
        self._notes = ThreadPoolExecutor(1, "token-use")
        provider = provider_of(app.settings.oidc)
        self._provider = OpenIdProvider(provider, app.clock, pulse) if provider is not None else None

    def close(self) -> None:
        """Wait for the uses that are still to be noted."""
        self._notes.shutdown()

    # bearer secrets --------------------------------------------------------------------------------------------------

    def remembered(self, secret: str) -> Actor | None:
        """Who showed this secret within the last five seconds; never waits."""
        found = self._known.get(digest_of(secret))
        return found[0] if found is not None and self._pulse() < found[1] else None

    def of_secret(self, secret: str) -> Actor:
        """The actor behind a token or session secret, or a token the identity provider signed. Reads the bank: not on
        an event loop.

        Raises :class:`NotAuthenticatedError` for one that is unknown, ended or expired, or whose account may not act.
        """
        asked_at = self._pulse()
        if self._provider is not None and secret.count(".") == _JWT_DOTS:
            actor = self.of_subject(self._provider.subject_of(secret))
            self._remember(digest_of(secret), actor, asked_at)
            return actor
        key, account = self._opened(secret)
        actor = actor_of_token(account, key) if isinstance(key, Token) else actor_of_account(account)
        self._remember(digest_of(secret), actor, asked_at)
        self._note(key)
        return actor

    def of_subject(self, subject: str) -> Actor:
        """The actor of the account that the identity provider knows as ``subject``."""
        with self._app.bank.read() as unit:
            found = unit.account_of_subject(subject) if subject == printable(subject) else None
            account, refusal = _account_of(unit, found.name) if found is not None else (None, "oidc_stranger")
        if account is None or refusal:
            _refuse(refusal)
        return actor_of_account(account)

    @property
    def provider(self) -> OpenIdProvider:
        """The identity provider. Raises :class:`BadInputError` when there is none."""
        if self._provider is None:
            raise BadInputError("oidc_off")
        return self._provider

    def _opened(self, secret: str) -> tuple[Key, Account]:
        kind = is_session(secret)
        if kind is None:
            raise NotAuthenticatedError("token_unknown")
        digest = digest_of(secret)
        with self._app.bank.read() as unit:
            key: Key | None = unit.session_of_digest(digest) if kind else unit.token_of_digest(digest)
            if key is None or not hmac.compare_digest(key.digest, digest):
                raise NotAuthenticatedError("token_unknown")
            account, refusal = _account_of(unit, key.account)
        now = self._app.clock()
        reason = token_refusal(key, now) if isinstance(key, Token) else session_refusal(key, now)
        if reason or refusal or account is None:
            _refuse(reason or refusal)
        return key, account

    def _remember(self, digest: str, actor: Actor, asked_at: float) -> None:
        """From the moment the bank was asked, not from when it answered."""
        with self._lock:
            self._known[digest] = actor, asked_at + REMEMBERED_S
            self._known.move_to_end(digest)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)

    def _forget(self, digest: str) -> None:
        with self._lock:
            self._known.pop(digest, None)

    def _note(self, key: Key) -> None:
        """Write down that a key was used, behind the request's back and at most once a minute."""
        now = self._app.clock()
        after = used(key, now) if isinstance(key, Token) else moved_on(key, now)
        if after is not key:
            with suppress(RuntimeError):  # closing: a use less is noted
                self._notes.submit(self._write, key.id, isinstance(key, Token))

    def _write(self, key: str, is_token: bool) -> None:
        """What happened meanwhile counts: a key that was ended stays ended."""
        now = self._app.clock()
        with suppress(StoreError), self._app.bank.begin() as unit:
            if is_token:
                token = unit.token(key)
                if token is not None:
                    unit.put_token(used(token, now))
            else:
                session = unit.session(key)
                if session is not None and not session_refusal(session, now):
                    unit.put_session(moved_on(session, now))

    # logging in ------------------------------------------------------------------------------------------------------

    def login(self, account: str, password: str, via: str) -> str:
        """The secret of a new session. Slow by design: not on an event loop. ``via`` says through which face.

        Raises :class:`NotAuthenticatedError`, with the same words whether the name, the password or the account is at
        fault, and :class:`~hilum.errors.BusyError`.
        """
        name = account.strip().lower()
        found = self._may_try(name)
        right = passwords.matches(found.secret if found else "", password)
        if not right or found is None:
            self._failed(name)
            _refuse("login_refused")
        if passwords.is_outdated(found.secret):
            self._hash_again(name, found.secret, password)
        return self.begin(actor_of_account(found), via)

    def begin(self, actor: Actor, via: str) -> str:
        """A session for somebody who has shown who it is; answers its secret."""
        now = self._app.clock()
        random = fresh()
        session = ids.mint(SESSION, actor.name, random)
        secret = session_secret(session, random)
        begun = Session(session, actor.name, digest_of(secret), via, stamp(now), first_expiry(now))
        manage(self._app, operations.BEGIN_SESSION, actor, BeginSession(begun))
        return secret

    def logout(self, secret: str) -> None:
        """End the session of this secret. Raises :class:`NotAuthenticatedError` when it opens none."""
        key, account = self._opened(secret)
        if isinstance(key, Token):
            _refuse("token_unknown")
        self._forget(digest_of(secret))
        manage(self._app, operations.LEAVE_SESSION, actor_of_account(account), LeaveSession(key.id))

    def change_password(self, secret: str, old: str, new: str) -> None:
        """One's own password, by somebody with a session who knows the old one. Other sessions end."""
        key, account = self._opened(secret)
        if isinstance(key, Token):
            _refuse("token_unknown")
        if self._may_try(account.name) is None or not passwords.matches(account.secret, old):
            self._failed(account.name)
            _refuse("login_refused")
        check_password(new, account.name)
        command = ChangePassword(passwords.hashed(new), key.id)
        manage(self._app, operations.CHANGE_PASSWORD, actor_of_account(account), command)

    def _may_try(self, name: str) -> Account | None:
        """The account whose password is worth looking at; ``None`` for nobody, a program, one suspended or resting."""
        with self._app.bank.read() as unit:
            account, refusal = _account_of(unit, name)
        if account is None or refusal or account.kind is AccountKind.SERVICE or is_locked(account, self._app.clock()):
            return None
        return account

    def _failed(self, name: str) -> None:
        """Count it and write it down. A name nobody has is not written: it may be a password in the wrong field."""
        now = self._app.clock()
        with self._app.bank.begin() as unit:
            account = unit.account(name) if is_name(name) else None
            if account is not None and not is_locked(account, now):
                unit.put_account(after_failure(account, now))
            actor = account.name if account is not None else "—"
            unit.audit([AuditRecord(stamp(now), actor, operations.BEGIN_SESSION.name, "", outcome="denied")])

    def _hash_again(self, name: str, kept: str, password: str) -> None:
        """Today's parameters for a password hashed under older ones."""
        secret = passwords.hashed(password)
        with self._app.bank.begin() as unit:
            account = unit.account(name)
            if account is not None and account.secret == kept:
                unit.put_account(replace(account, secret=secret))


def _account_of(unit: BankUnit, name: str) -> tuple[Account | None, str]:
    account = unit.account(name) if is_name(name) else None
    organization = unit.organization(account.organization) if account is not None else None
    return account, account_refusal(account, organization)


def _refuse(reason: str) -> NoReturn:
    raise NotAuthenticatedError(reason)
