"""TLS end points from files: one place decides what is good enough (TLS 1.2 or later, names and chains checked)."""

import ssl
from pathlib import Path

from hilum.errors import BadInputError


def for_server(certificate: Path, key: Path, clients: Path | None) -> ssl.SSLContext:
    """A listening end point; with ``clients`` (authorities) every client must show a certificate of theirs.

    Raises :class:`BadInputError` naming the file that cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _own(context, certificate, key)
    if clients is not None:
        _trust(context, clients)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def for_client(trusted: Path | None, certificate: Path | None, key: Path | None) -> ssl.SSLContext:
    """A connecting end point: the server's name and chain are checked, against ``trusted`` or the system's list.

    Raises :class:`BadInputError` naming the file that cannot be used.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if trusted is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        _trust(context, trusted)
    if certificate is not None:
        _own(context, certificate, key or certificate)
    return context


def _own(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    try:
        context.load_cert_chain(certificate, key, password=_refused)
    except (OSError, ssl.SSLError, ValueError) as wrong:
        raise BadInputError("door_tls", place=f"{certificate}, {key}", why=_why(wrong)) from wrong


def _trust(context: ssl.SSLContext, authorities: Path) -> None:
    try:
        context.load_verify_locations(authorities)
    except (OSError, ssl.SSLError) as wrong:
        raise BadInputError("door_tls", place=str(authorities), why=_why(wrong)) from wrong


def _refused() -> str:
    """A service cannot be asked for a pass phrase; without this OpenSSL would ask the terminal."""
    raise ValueError("encrypted key")


def _why(wrong: Exception) -> str:
    return str(getattr(wrong, "strerror", "") or wrong or type(wrong).__name__)


def names_in(certificate: object) -> tuple[str, ...]:
    """Who a verified peer certificate (``getpeercert()``) speaks of: common names, then alternative DNS names."""
    if not isinstance(certificate, dict):
        return ()
    subject = [pair for part in certificate.get("subject", ()) for pair in part]
    common = [value for name, value in subject if name == "commonName"]
    other = [value for kind, value in certificate.get("subjectAltName", ()) if kind == "DNS"]
    return tuple(dict.fromkeys([*common, *other]))
