"""Accounts, tokens and sessions as programs read them: the same on the command line and over HTTP, and no secrets."""

from hilum.access.account import Account, Organization, Session, Token


def organization_json(one: Organization) -> dict[str, object]:
    """An organization with its state."""
    return {"organization": one.id, "name": one.name, "state": one.state.value, "at": one.at}


def account_json(one: Account) -> dict[str, object]:
    """An account; whether it has a password, never its hash."""
    return {
        "account": one.name,
        "kind": one.kind.value,
        "organization": one.organization,
        "roles": sorted(one.roles),
        "state": one.state.value,
        "password": bool(one.secret),
        "subject": one.subject,
        "failures": one.failures,
        "locked_until": one.locked_until,
        "created_at": one.created_at,
        "created_by": one.created_by,
    }


def token_json(one: Token) -> dict[str, object]:
    """A token without its digest."""
    return {
        "token": one.id,
        "account": one.account,
        "label": one.label,
        "scopes": sorted(one.scopes),
        "created_at": one.created_at,
        "created_by": one.created_by,
        "expires_at": one.expires_at,
        "ended_at": one.ended_at,
        "used_at": one.used_at,
    }


def session_json(one: Session) -> dict[str, object]:
    """A session without its digest."""
    return {
        "session": one.id,
        "account": one.account,
        "via": one.via,
        "began_at": one.began_at,
        "expires_at": one.expires_at,
        "ended_at": one.ended_at,
        "ended_by": one.ended_by,
    }
