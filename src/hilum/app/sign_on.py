"""Logging in by browser through the hospital's identity provider: begun here, finished when the person comes back."""

import hmac

from hilum.app.accounts import fresh
from hilum.app.identity import Identity
from hilum.app.running import Hilum
from hilum.links.oidc import LOGIN_S, seal, unseal

KEPT_S = LOGIN_S
"""Seconds a browser keeps a begun login."""
_PURPOSE = b"hilum oidc login 1"


def begin(app: Hilum, identity: Identity) -> tuple[str, str]:
    """The address of the login page, and what the browser keeps meanwhile (sealed).

    Raises :class:`~hilum.errors.BadInputError` when no provider or callback is configured,
    :class:`~hilum.errors.NetworkError` when the provider does not answer.
    """
    page, pending = identity.provider.begin(fresh)
    return page, seal(pending, _key(app))


def finish(app: Hilum, identity: Identity, kept: str, state: str, code: str) -> str:
    """The secret of a new session. Raises :class:`~hilum.errors.NotAuthenticatedError` when anything does not fit."""
    subject = identity.provider.finish(unseal(kept, _key(app)), state, code)
    return identity.begin(identity.of_subject(subject), "oidc")


def _key(app: Hilum) -> bytes:
    """A key for this purpose alone, the same in every process of the bank."""
    return hmac.digest(app.vault.key(), _PURPOSE, "sha256")
