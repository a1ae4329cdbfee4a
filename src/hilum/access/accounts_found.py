"""What the operations on accounts look up and do again and again: accounts, organizations, sessions at an end."""

from collections.abc import Iterable
from dataclasses import replace

from hilum.access.account import Account, Organization, Session, Standing
from hilum.access.passwords import LINE, check_words, is_name, printable
from hilum.access.ports import AccountBook, AccountDesk
from hilum.errors import ConflictError, NotFoundError
from hilum.model.party import Actor
from hilum.operation import Change


def ended(at: AccountDesk, actor: Actor, session: Session) -> Session:
    """End a session, or find it ended."""
    if session.ended_at:
        return session
    now = replace(session, ended_at=at.now, ended_by=actor.name)
    at.book.put_session(now)
    return now


def stood(at: AccountDesk, organization: str, state: Standing) -> tuple[Organization, Organization]:
    """Let an organization stand so from now on; before and after. Raises :class:`NotFoundError`."""
    before = organization_of(at.book, organization)
    now = replace(before, state=state)
    at.book.put_organization(now)
    return before, now


def end_sessions(at: AccountDesk, actor: Actor, account: str, keeping: str = "") -> tuple[Change, ...]:
    """End the open sessions of an account, except ``keeping``."""
    changes = []
    for one in at.book.open_sessions(at.now, account):
        if one.id != keeping:
            at.book.put_session(replace(one, ended_at=at.now, ended_by=actor.name))
            changes.append(Change(one.id, before=account, after="ended"))
    return tuple(changes)


def organization_of(book: AccountBook, organization: str) -> Organization:
    """The organization of that id. Raises :class:`NotFoundError`."""
    check_words(organization)
    found = book.organization(organization)
    if found is None:
        raise NotFoundError("organization_not_found", organization=organization)
    return found


def account_of(book: AccountBook, name: str) -> Account:
    """The account of that name. Raises :class:`NotFoundError`."""
    found = book.account(name) if is_name(name) else None
    if found is None:
        raise NotFoundError("account_not_found", account=printable(name)[:LINE])
    return found


def other_of(at: AccountDesk, actor: Actor, name: str) -> Account:
    """An account that is not the actor's own: nobody gives rights to or takes them from oneself."""
    if name == actor.name:
        raise ConflictError("account_own", account=name)
    return account_of(at.book, name)


def known_as(book: AccountBook, account: Account, subject: str) -> Account:
    """The account with another subject. Raises :class:`ConflictError` for one that is another's."""
    check_words(subject)
    holder = book.account_of_subject(subject)
    if holder is not None and holder.name != account.name:
        raise ConflictError("subject_taken", account=holder.name)
    return replace(account, subject=subject)


def listed(words: Iterable[str]) -> str:
    """Words in one line."""
    return " ".join(sorted(words)) or "—"
