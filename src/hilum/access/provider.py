"""The hospital's own identity provider as its settings describe it (``[oidc]`` in ``hilum.toml``)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from urllib.parse import urlsplit

from hilum.errors import BadInputError

PLACE = "hilum.toml [oidc]"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that can be checked with a public key. A shared key or none at all cannot be asked for."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_LEEWAY_MOST = 300


@dataclass(frozen=True, slots=True)
class Provider:
    """An OpenID Connect provider.

    ``claim`` is the claim whose value is an account's subject; ``audience`` what a bearer's ``aud`` must name (the
    client where nothing is said); ``redirect`` the address of the callback as browsers reach it, empty when nobody logs
    in by browser; ``secret_file`` holds the client's secret when it has one; ``ca_file`` the hospital's own
    certification authority; ``leeway_s`` how far the clocks may differ.
    """

    issuer: str
    client_id: str
    audience: str = ""
    claim: str = "sub"
    redirect: str = ""
    secret_file: str = ""
    ca_file: str = ""
    scopes: tuple[str, ...] = ("openid",)
    algorithms: tuple[str, ...] = ("RS256", "ES256")
    leeway_s: int = 60

    @property
    def heard_as(self) -> str:
        return self.audience or self.client_id


def provider_of(table: Mapping[str, object]) -> Provider | None:
    """The provider a settings table describes; ``None`` for an empty one. Raises :class:`BadInputError`."""
    if not table:
        return None
    known = [field.name for field in fields(Provider)]
    for name in table:
        if name not in known:
            raise BadInputError("settings_unknown", place=PLACE, name=name, known=", ".join(sorted(known)))
    values = {name: _READ.get(name, _text)(name, value) for name, value in table.items()}
    for name in ("issuer", "client_id"):
        if not values.get(name):
            raise BadInputError("settings_value", place=PLACE, name=name, value="")
    return Provider(**values)  # type: ignore[arg-type]  # names and types checked above


def is_guarded(url: str) -> bool:
    """Whether nobody on the way can read or change what is sent to ``url``: TLS, or the same machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    )


def _text(name: str, value: object) -> object:
    if isinstance(value, str):
        return value
    raise BadInputError("settings_value", place=PLACE, name=name, value=value)


def _address(name: str, value: object) -> object:
    if isinstance(value, str) and is_guarded(value):
        return value
    raise BadInputError("oidc_address", place=PLACE, name=name, value=value)


def _words(name: str, value: object) -> object:
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return tuple(value)
    raise BadInputError("settings_value", place=PLACE, name=name, value=value)


def _algorithms(name: str, value: object) -> object:
    if isinstance(value, list) and value and all(one in ALGORITHMS for one in value):
        return tuple(value)
    raise BadInputError("oidc_algorithms", place=PLACE, known=", ".join(ALGORITHMS))


def _leeway(name: str, value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LEEWAY_MOST:
        return value
    raise BadInputError("settings_value", place=PLACE, name=name, value=value)


_READ: dict[str, Callable[[str, object], object]] = {
    "issuer": _address,
    "redirect": _address,
    "scopes": _words,
    "algorithms": _algorithms,
    "leeway_s": _leeway,
}
