"""Organizations, accounts, tokens and sessions in the bank's own tables."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, Row, Table, select

from hilum.access.account import Account, AccountKind, Organization, Session, Standing, Token
from hilum.model.party import Role
from hilum.stores import bank_session
from hilum.stores.tables import ACCOUNTS, ORGANIZATIONS, SESSIONS, TOKENS


class AccountPart(bank_session.Session):
    """The accounts' side of a unit of work: :class:`hilum.access.ports.AccountBook`."""

    def organization(self, organization: str) -> Organization | None:
        row = self._one(ORGANIZATIONS, ORGANIZATIONS.c.id, organization)
        return _organization(row) if row else None

    def organizations(self) -> list[Organization]:
        rows = self.connection.execute(select(ORGANIZATIONS).order_by(ORGANIZATIONS.c.id))
        return [_organization(row) for row in rows]

    def put_organization(self, organization: Organization) -> None:
        told = (organization.id, organization.name, organization.state.value, organization.at)
        self.replace(ORGANIZATIONS, [told], ("id",))

    def account(self, name: str) -> Account | None:
        row = self._one(ACCOUNTS, ACCOUNTS.c.name, name)
        return _account(row) if row else None

    def account_of_subject(self, subject: str) -> Account | None:
        row = self._one(ACCOUNTS, ACCOUNTS.c.subject, subject) if subject else None
        return _account(row) if row else None

    def accounts(self) -> list[Account]:
        return [_account(row) for row in self.connection.execute(select(ACCOUNTS).order_by(ACCOUNTS.c.name))]

    def put_account(self, account: Account) -> None:
        told = (
            account.name,
            account.kind.value,
            account.organization,
            _written(account.roles),
            account.state.value,
            account.secret,
            account.subject or None,
            account.failures,
            account.locked_until,
            account.created_at,
            account.created_by,
        )
        self.replace(ACCOUNTS, [told], ("name",))

    def token(self, token: str) -> Token | None:
        row = self._one(TOKENS, TOKENS.c.id, token)
        return _token(row) if row else None

    def token_of_digest(self, digest: str) -> Token | None:
        row = self._one(TOKENS, TOKENS.c.digest, digest)
        return _token(row) if row else None

    def tokens(self, account: str = "") -> list[Token]:
        query = select(TOKENS).order_by(TOKENS.c.created_at, TOKENS.c.id)
        if account:
            query = query.where(TOKENS.c.account == account)
        return [_token(row) for row in self.connection.execute(query)]

    def put_token(self, token: Token) -> None:
        told = (
            token.id,
            token.account,
            token.label,
            token.digest,
            _written(token.scopes),
            token.created_at,
            token.created_by,
            token.expires_at,
            token.ended_at,
            token.used_at,
        )
        self.replace(TOKENS, [told], ("id",))

    def session(self, session: str) -> Session | None:
        row = self._one(SESSIONS, SESSIONS.c.id, session)
        return Session(**row._mapping) if row else None

    def session_of_digest(self, digest: str) -> Session | None:
        row = self._one(SESSIONS, SESSIONS.c.digest, digest)
        return Session(**row._mapping) if row else None

    def open_sessions(self, now: str, account: str = "") -> list[Session]:
        query = select(SESSIONS).where(SESSIONS.c.ended_at == "", SESSIONS.c.expires_at > now)
        if account:
            query = query.where(SESSIONS.c.account == account)
        rows = self.connection.execute(query.order_by(SESSIONS.c.began_at, SESSIONS.c.id))
        return [Session(**row._mapping) for row in rows]

    def put_session(self, session: Session) -> None:
        told = (
            session.id,
            session.account,
            session.digest,
            session.via,
            session.began_at,
            session.expires_at,
            session.ended_at,
            session.ended_by,
        )
        self.replace(SESSIONS, [told], ("id",))

    def _one(self, table: Table, column: "Column[str]", value: str) -> "Row[Any] | None":
        return self.connection.execute(select(table).where(column == value)).one_or_none()


def _written(words: Iterable[str]) -> str:
    return " ".join(sorted(words))


def _organization(row: "Row[Any]") -> Organization:
    return Organization(row.id, row.name, Standing(row.state), row.at)


def _account(row: "Row[Any]") -> Account:
    told = {
        **row._mapping,
        "kind": AccountKind(row.kind),
        "roles": frozenset(map(Role, row.roles.split())),
        "state": Standing(row.state),
        "subject": row.subject or "",
    }
    return Account(**told)


def _token(row: "Row[Any]") -> Token:
    return Token(**{**row._mapping, "scopes": frozenset(row.scopes.split())})
