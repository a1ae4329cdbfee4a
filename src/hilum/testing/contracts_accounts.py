"""The contract of the accounts' side of a bank: subclass :class:`AccountContract` and give it a ``bank`` fixture."""

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Protocol

import pytest

from hilum.access.account import Account, AccountKind, Organization, Session, Standing, Token
from hilum.access.ports import AccountBook
from hilum.errors import ConflictError
from hilum.model.party import Role

AT = "2026-03-06T08:00:00.000000Z"
LATER = "2026-03-06T09:00:00.000000Z"
LATEST = "2026-03-06T10:00:00.000000Z"
KEPT = "$argon2id$…"
FIRST = "TKN-1"


class AnyBook(Protocol):
    """Whatever opens transactions over accounts."""

    def begin(self) -> AbstractContextManager[AccountBook]: ...
    def read(self) -> AbstractContextManager[AccountBook]: ...


def an_organization(organization: str = "hospital") -> Organization:
    """A hospital in good standing."""
    return Organization(organization, "模范医院", Standing.ACTIVE, AT)


def an_account(name: str = "wang", subject: str = "") -> Account:
    """A curator with a password that was mistyped twice."""
    return Account(
        name=name,
        kind=AccountKind.PERSON,
        organization="hospital",
        roles=frozenset({Role.CURATOR, Role.DATA_MANAGER}),
        state=Standing.ACTIVE,
        created_at=AT,
        created_by="so",
        secret=KEPT,
        subject=subject,
        failures=2,
        locked_until=AT,
    )


def a_token(token: str = FIRST, account: str = "wang", created_at: str = AT) -> Token:
    """A token for two things."""
    scopes = frozenset({"intake", "read"})
    return Token(token, account, "检验科 LIS", f"digest of {token}", scopes, created_at, "so", LATEST)


def a_session(session: str = "SES-1", account: str = "wang", began_at: str = AT) -> Session:
    """A session that holds until :data:`LATER`."""
    return Session(session, account, f"digest of {session}", "password", began_at, LATER)


class AccountContract:
    """What every store promises of organizations, accounts, tokens and sessions."""

    def test_an_organization_is_kept_and_replaced_under_its_id(self, bank: AnyBook) -> None:
        with bank.begin() as book:
            book.put_organization(an_organization("z"))
            book.put_organization(an_organization("a"))
            book.put_organization(replace(an_organization("z"), state=Standing.SUSPENDED))
        with bank.read() as book:
            assert [(one.id, one.state) for one in book.organizations()] == [
                ("a", Standing.ACTIVE),
                ("z", Standing.SUSPENDED),
            ]
            assert book.organization("a") == an_organization("a")
            assert book.organization("A") is None

    def test_an_account_is_kept_to_the_letter_and_replaced_under_its_name(self, bank: AnyBook) -> None:
        with bank.begin() as book:
            book.put_account(an_account("王"))
            book.put_account(an_account("wang"))
            book.put_account(replace(an_account("wang"), roles=frozenset(), failures=0))
        with bank.read() as book:
            assert [one.name for one in book.accounts()] == ["wang", "王"]
            assert book.account("王") == an_account("王")
            assert book.account("wang") == replace(an_account("wang"), roles=frozenset(), failures=0)
            assert book.account("nobody") is None

    def test_a_subject_is_one_account_and_no_subject_is_nobodys(self, bank: AnyBook) -> None:
        with bank.begin() as book:
            book.put_account(an_account("wang", subject="s-1"))
            book.put_account(an_account("li"))
            book.put_account(an_account("zhao"))
        with bank.read() as book:
            assert book.account_of_subject("s-1") == an_account("wang", subject="s-1")
            assert book.account_of_subject("s-2") is None
            assert book.account_of_subject("") is None

    def test_a_subject_cannot_be_given_to_a_second_account(self, bank: AnyBook) -> None:
        with bank.begin() as book:
            book.put_account(an_account("wang", subject="s-1"))
        with pytest.raises(ConflictError), bank.begin() as book:
            book.put_account(an_account("li", subject="s-1"))
        with bank.read() as book:
            assert [one.name for one in book.accounts()] == ["wang"]

    def test_a_subject_that_was_taken_away_can_be_given_again(self, bank: AnyBook) -> None:
        with bank.begin() as book:
            book.put_account(an_account("wang", subject="s-1"))
            book.put_account(an_account("wang"))
            book.put_account(an_account("li", subject="s-1"))
        with bank.read() as book:
            found = book.account_of_subject("s-1")
        assert found == an_account("li", subject="s-1")

    def test_a_token_is_found_by_its_id_and_by_its_digest(self, bank: AnyBook) -> None:
        with bank.begin() as book:
            book.put_token(a_token())
        with bank.read() as book:
            assert book.token("TKN-1") == a_token()
            assert book.token_of_digest("digest of TKN-1") == a_token()
            assert book.token_of_digest("digest of TKN-2") is None
            assert book.token("TKN-2") is None

    def test_tokens_are_listed_oldest_first_of_one_account_or_all(self, bank: AnyBook) -> None:
        with bank.begin() as book:
            book.put_token(a_token("TKN-1", created_at=LATER))
            book.put_token(a_token("TKN-2", account="li"))
            book.put_token(replace(a_token("TKN-3"), ended_at=AT))
        with bank.read() as book:
            assert [one.id for one in book.tokens()] == ["TKN-2", "TKN-3", "TKN-1"]
            assert [one.id for one in book.tokens("wang")] == ["TKN-3", "TKN-1"]
            assert book.tokens("nobody") == []

    def test_a_token_that_was_used_or_ended_says_so(self, bank: AnyBook) -> None:
        with bank.begin() as book:
            book.put_token(a_token())
            book.put_token(replace(a_token(), used_at=LATER, ended_at=LATEST))
        with bank.read() as book:
            assert book.tokens() == [replace(a_token(), used_at=LATER, ended_at=LATEST)]

    def test_a_session_is_found_by_its_id_and_by_its_digest(self, bank: AnyBook) -> None:
        with bank.begin() as book:
            book.put_session(a_session())
        with bank.read() as book:
            assert book.session("SES-1") == a_session()
            assert book.session_of_digest("digest of SES-1") == a_session()
            assert book.session_of_digest("") is None

    def test_open_sessions_are_those_neither_ended_nor_expired(self, bank: AnyBook) -> None:
        with bank.begin() as book:
            book.put_session(a_session("SES-1", began_at=LATER))
            book.put_session(a_session("SES-2"))
            book.put_session(replace(a_session("SES-3"), ended_at=AT, ended_by="so"))
            book.put_session(a_session("SES-4", account="li"))
        with bank.read() as book:
            assert [one.id for one in book.open_sessions(AT)] == ["SES-2", "SES-4", "SES-1"]
            assert [one.id for one in book.open_sessions(AT, "wang")] == ["SES-2", "SES-1"]
            assert book.open_sessions(LATER) == []

    def test_what_a_transaction_that_failed_wrote_is_not_there(self, bank: AnyBook) -> None:
        with pytest.raises(ConflictError):
            _write_and_fail(bank)
        with bank.read() as book:
            assert (book.tokens(), book.open_sessions(AT)) == ([], [])


def _write_and_fail(bank: AnyBook) -> None:
    with bank.begin() as book:
        book.put_token(a_token())
        book.put_session(a_session())
        raise ConflictError("row_exists")
