"""The hospital's identity provider over the wire: whose a signed token is, and logging in by browser.

After OpenID Connect Core 1.0 and Discovery 1.0, with PKCE (RFC 7636) and the advice of RFC 8725 and RFC 9700: only
algorithms that were allowed, the issuer and audience named, keys from the provider alone and fetched again when an
unknown one is named, but not more often than every ten seconds.
"""

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote, urlencode, urlsplit

import httpx
from joserfc import errors as jose
from joserfc import jwe, jws, jwt
from joserfc.jwk import KeySet, OctKey

from hilum.access.provider import Provider, is_guarded
from hilum.clock import Clock
from hilum.errors import BadInputError, NetworkError, NotAuthenticatedError

TOKEN_MOST = 16_384
LOGIN_S = 600
"""How long a person may take at the provider's login page."""
_KEYS_S = 600.0
_AGAIN_S = 10.0
_PATIENCE_S = 10.0
_ANSWER_MOST = 1 << 20
_SEAL = {"alg": "dir", "enc": "A256GCM"}


@dataclass(frozen=True, slots=True)
class Pending:
    """A login that was begun: what the callback must bring back, and what only we know."""

    state: str
    nonce: str
    verifier: str
    until: int
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What the provider says of itself, and the keys it signs with, as fetched at ``at`` (seconds of the pulse)."""

    facts: Mapping[str, str]
    keys: KeySet
    at: float


class OpenIdProvider:
    """One provider. Safe to share between threads; every call may wait for the network.

    ``pulse`` counts seconds for keeping keys; whether a token has expired is asked of ``clock``.
    """

    def __init__(self, provider: Provider, clock: Clock, pulse: Callable[[], float] = time.monotonic) -> None:
        self._provider = provider
        self._clock = clock
        self._pulse = pulse
        self._known: _Known | None = None
        self._tried_at = -_AGAIN_S
        self._lock = threading.Lock()

    @property
    def over_tls(self) -> bool:
        """Whether browsers come back over TLS, so that a cookie may insist on it."""
        return self._provider.redirect.startswith("https:")

    # bearers ---------------------------------------------------------------------------------------------------------

    def subject_of(self, token: str) -> str:
        """The subject a signed token speaks for.

        Raises :class:`NotAuthenticatedError` for one that is malformed, expired, signed by another or under an
        algorithm not allowed, or meant for another; :class:`NetworkError` when the keys cannot be fetched.
        """
        return self._subject(token, self._provider.heard_as)

    def _subject(self, token: str, audience: str, nonce: str = "") -> str:
        claims = self._claims(token)
        now = int(self._clock().timestamp())
        wanted: dict[str, jwt.ClaimsOption] = {
            "iss": {"essential": True, "value": self._provider.issuer},
            "aud": {"essential": True, "value": audience},
            "exp": {"essential": True},
            self._provider.claim: {"essential": True},
        }
        if nonce:
            wanted["nonce"] = {"essential": True, "value": nonce}
        try:
            jwt.JWTClaimsRegistry(now=now, leeway=self._provider.leeway_s, **wanted).validate(claims)
        except jose.ExpiredTokenError:
            raise NotAuthenticatedError("oidc_expired") from None
        except jose.ClaimError as wrong:
            _refuse(str(wrong.claim))
        subject = claims[self._provider.claim]
        if not isinstance(subject, str):
            _refuse(self._provider.claim)
        return subject

    def _claims(self, token: str) -> dict[str, object]:
        if len(token) > TOKEN_MOST:
            _refuse("size")
        try:
            header = jws.extract_compact(token.encode("ascii")).headers()
        except (jose.JoseError, ValueError):
            _refuse("form")
        if header.get("alg") not in self._provider.algorithms:
            _refuse("alg")
        keys = self._keys(header.get("kid"))
        try:
            claims: dict[str, object] = jwt.decode(token, keys, algorithms=list(self._provider.algorithms)).claims
        except jose.BadSignatureError:
            _refuse("signature")
        except (jose.JoseError, ValueError):
            _refuse("key")
        return claims

    # logging in by browser -------------------------------------------------------------------------------------------

    def begin(self, random: Callable[[], str]) -> tuple[str, Pending]:
        """The address of the provider's login page, and what to keep until the person comes back.

        ``random`` gives 256 random bits as hex digits. Raises :class:`BadInputError` when no callback is configured.
        """
        provider = self._provider
        if not provider.redirect:
            raise BadInputError("oidc_no_redirect")
        pending = Pending(random(), random(), random(), int(self._clock().timestamp()) + LOGIN_S)
        asked = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": provider.redirect,
            "scope": " ".join(provider.scopes),
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": challenge(pending.verifier),
            "code_challenge_method": "S256",
        }
        page = self._facts()["authorization_endpoint"]
        return f"{page}{'&' if urlsplit(page).query else '?'}{urlencode(asked)}", pending

    def finish(self, pending: Pending, state: str, code: str) -> str:
        """The subject who logged in. Raises :class:`NotAuthenticatedError` when anything does not fit together."""
        if not hmac.compare_digest(pending.state.encode(), state.encode("utf-8", "surrogatepass")):
            _refuse("state")
        if self._clock().timestamp() > pending.until:
            _refuse("time")
        answer = self._exchange(code, pending.verifier)
        token = answer.get("id_token")
        if not isinstance(token, str):
            _refuse("id_token")
        return self._subject(token, self._provider.client_id, pending.nonce)

    def _exchange(self, code: str, verifier: str) -> Mapping[str, object]:
        provider = self._provider
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": provider.redirect,
            "code_verifier": verifier,
        }
        auth = None
        if provider.secret_file:
            auth = httpx.BasicAuth(quote(provider.client_id, safe=""), quote(_secret(provider.secret_file), safe=""))
        else:
            form["client_id"] = provider.client_id
        return self._ask("POST", self._facts()["token_endpoint"], data=form, auth=auth)

    # what the provider says of itself --------------------------------------------------------------------------------

    def _facts(self) -> Mapping[str, str]:
        return self._current().facts

    def _keys(self, named: object) -> KeySet:
        """The provider's keys; fetched again when they do not have the one that is named."""
        known = self._current()
        if named is None or any(key.kid == named for key in known.keys.keys):
            return known.keys
        return self._current(lacking=known).keys

    def _current(self, lacking: _Known | None = None) -> _Known:
        """What is known, fetched again when it is old or ``lacking``. One thread fetches while the others go on with
        what there is, and old keys serve on while the provider is away."""
        known, now = self._known, self._pulse()
        if known is not None and known is not lacking and now - known.at < _KEYS_S:
            return known
        if not self._lock.acquire(blocking=known is None) and known is not None:
            return known
        try:
            return self._fetched(known, now)
        finally:
            self._lock.release()

    def _fetched(self, known: _Known | None, now: float) -> _Known:
        if self._known is not None and self._known is not known:
            return self._known
        if now - self._tried_at < _AGAIN_S:
            if known is None:
                raise NetworkError("oidc_unreachable", issuer=self._provider.issuer, why="…")
            return known
        self._tried_at = now
        try:
            self._known = self._fetch(now)
        except NetworkError:
            if known is None:
                raise
            return known
        return self._known

    def _fetch(self, now: float) -> _Known:
        issuer = self._provider.issuer
        said = self._ask("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        facts = {name: value for name, value in said.items() if isinstance(value, str)}
        if facts.get("issuer") != issuer:
            raise NetworkError("oidc_other_issuer", issuer=issuer)
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not is_guarded(facts.get(name, "")):
                raise NetworkError("oidc_unguarded", issuer=issuer, name=name)
        keys = self._ask("GET", facts["jwks_uri"])
        try:
            return _Known(facts, KeySet.import_key_set({"keys": _signing(keys.get("keys"))}), now)  # type: ignore[typeddict-item]
        except (jose.JoseError, ValueError, KeyError, TypeError):
            raise NetworkError("oidc_unreadable", issuer=issuer) from None

    def _ask(
        self, method: str, url: str, data: Mapping[str, str] | None = None, auth: httpx.BasicAuth | None = None
    ) -> Mapping[str, object]:
        """One answer of the provider, of bounded size, never from somewhere it was sent on to."""
        issuer = self._provider.issuer
        try:
            with (
                httpx.Client(
                    verify=_trust(self._provider.ca_file), timeout=_PATIENCE_S, trust_env=False, auth=auth
                ) as client,
                client.stream(method, url, data=data, headers={"Accept": "application/json"}) as answer,
            ):
                said = b""
                for piece in answer.iter_bytes():
                    said += piece
                    if len(said) > _ANSWER_MOST:
                        raise NetworkError("oidc_unreadable", issuer=issuer)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as wrong:
            raise NetworkError("oidc_unreachable", issuer=issuer, why=type(wrong).__name__) from None
        if method == "POST" and answer.status_code in (400, 401, 403):
            _refuse("code")
        if answer.status_code != httpx.codes.OK:
            raise NetworkError("oidc_unreachable", issuer=issuer, why=answer.status_code)
        try:
            read = json.loads(said)
        except ValueError:
            raise NetworkError("oidc_unreadable", issuer=issuer) from None
        if not isinstance(read, dict):
            raise NetworkError("oidc_unreadable", issuer=issuer)
        return read


def challenge(verifier: str) -> str:
    """PKCE's S256 challenge of a verifier (RFC 7636, section 4.2)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def seal(pending: Pending, key: bytes) -> str:
    """A begun login for the browser to keep (JWE): nobody else can read or change it. ``key`` has 32 bytes."""
    said = json.dumps([pending.state, pending.nonce, pending.verifier, pending.until]).encode()
    return jwe.encrypt_compact(_SEAL, said, OctKey.import_key(key))


def unseal(sealed: str, key: bytes) -> Pending:
    """The begun login the browser kept. Raises :class:`NotAuthenticatedError` for anything else."""
    try:
        said = jwe.decrypt_compact(sealed, OctKey.import_key(key), algorithms=list(_SEAL.values())).plaintext
        state, nonce, verifier, until = json.loads(said or b"")
    except (jose.JoseError, ValueError, TypeError):
        _refuse("state")
    return Pending(state, nonce, verifier, until)


def _signing(keys: object) -> list[object]:
    """Public keys for signatures; one for encryption or of a kind we do not know is left out."""
    listed = keys if isinstance(keys, list) else []
    return [
        one
        for one in listed
        if isinstance(one, dict) and one.get("kty") in ("RSA", "EC", "OKP") and one.get("use", "sig") == "sig"
    ]


def _trust(ca_file: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file or None)


def _secret(file: str) -> str:
    """The client's secret. Raises :class:`BadInputError` naming the file only."""
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as wrong:
        raise BadInputError("file_refused", place=file, why=type(wrong).__name__) from None


def _refuse(why: str) -> NoReturn:
    raise NotAuthenticatedError("oidc_refused", why=why)
