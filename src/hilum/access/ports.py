"""What the access room needs of the world: where organizations, accounts, tokens and sessions are kept."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from hilum.access.account import Account, Organization, Session, Token
from hilum.operation import AuditRecord


class AccountBook(Protocol):
    """One transaction over the accounts. ``put_…`` inserts, or replaces the row of the same name or id."""

    def organization(self, organization: str) -> Organization | None: ...
    def organizations(self) -> list[Organization]:
        """By id."""

    def put_organization(self, organization: Organization) -> None: ...

    def account(self, name: str) -> Account | None: ...
    def account_of_subject(self, subject: str) -> Account | None:
        """The account an identity provider knows as ``subject``; an empty subject is nobody's."""

    def accounts(self) -> list[Account]:
        """By name."""

    def put_account(self, account: Account) -> None:
        """Raises :class:`~hilum.errors.ConflictError` when another account has the subject."""

    def token(self, token: str) -> Token | None: ...
    def token_of_digest(self, digest: str) -> Token | None: ...
    def tokens(self, account: str = "") -> list[Token]:
        """Of one account or of all, oldest first; ended and expired ones too."""

    def put_token(self, token: Token) -> None: ...

    def session(self, session: str) -> Session | None: ...
    def session_of_digest(self, digest: str) -> Session | None: ...
    def open_sessions(self, now: str, account: str = "") -> list[Session]:
        """Neither ended nor expired at ``now`` (a stamp), oldest first."""

    def put_session(self, session: Session) -> None: ...

    def audit(self, entries: Iterable[AuditRecord]) -> None: ...


@dataclass(frozen=True, slots=True)
class AccountDesk:
    """Where one operation on accounts works: its transaction, and the only clock it knows (a stamp)."""

    book: AccountBook
    now: str
