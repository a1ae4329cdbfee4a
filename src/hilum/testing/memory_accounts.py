"""Accounts in plain dictionaries: slow, obvious, gone when the program ends. The judge of the real stores."""

from collections.abc import Iterable

from hilum.access.account import Account, Organization, Session, Token
from hilum.errors import ConflictError
from hilum.operation import AuditRecord


class MemoryAccounts:
    """:class:`hilum.access.ports.AccountBook` without a database. There is no rollback."""

    def __init__(self) -> None:
        super().__init__()
        self._organizations: dict[str, Organization] = {}
        self._accounts: dict[str, Account] = {}
        self._tokens: dict[str, Token] = {}
        self._sessions: dict[str, Session] = {}
        self._audit: list[AuditRecord] = []

    def organization(self, organization: str) -> Organization | None:
        return self._organizations.get(organization)

    def organizations(self) -> list[Organization]:
        return [one for _, one in sorted(self._organizations.items())]

    def put_organization(self, organization: Organization) -> None:
        self._organizations[organization.id] = organization

    def account(self, name: str) -> Account | None:
        return self._accounts.get(name)

    def account_of_subject(self, subject: str) -> Account | None:
        return next((one for one in self._accounts.values() if subject and one.subject == subject), None)

    def accounts(self) -> list[Account]:
        return [one for _, one in sorted(self._accounts.items())]

    def put_account(self, account: Account) -> None:
        holder = self.account_of_subject(account.subject)
        if holder is not None and holder.name != account.name:
            raise ConflictError("row_exists")
        self._accounts[account.name] = account

    def token(self, token: str) -> Token | None:
        return self._tokens.get(token)

    def token_of_digest(self, digest: str) -> Token | None:
        return next((one for one in self._tokens.values() if one.digest == digest), None)

    def tokens(self, account: str = "") -> list[Token]:
        found = [one for one in self._tokens.values() if account in ("", one.account)]
        return sorted(found, key=lambda one: (one.created_at, one.id))

    def put_token(self, token: Token) -> None:
        self._tokens[token.id] = token

    def session(self, session: str) -> Session | None:
        return self._sessions.get(session)

    def session_of_digest(self, digest: str) -> Session | None:
        return next((one for one in self._sessions.values() if one.digest == digest), None)

    def open_sessions(self, now: str, account: str = "") -> list[Session]:
        found = [one for one in self._sessions.values() if account in ("", one.account)]
        held = [one for one in found if not one.ended_at and one.expires_at > now]
        return sorted(held, key=lambda one: (one.began_at, one.id))

    def put_session(self, session: Session) -> None:
        self._sessions[session.id] = session

    def audit(self, entries: Iterable[AuditRecord]) -> None:
        self._audit += entries
