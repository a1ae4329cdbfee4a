"""The hospital's identity provider: whose tokens open the door, who logs in by browser, and every refusal."""

import base64
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from hilum.access import operations
from hilum.access.operations import SuspendAccount
from hilum.access.provider import Provider as Described
from hilum.app.accounts import manage
from hilum.errors import BadInputError, HilumError, NetworkError, NotAuthenticatedError
from hilum.links.oidc import OpenIdProvider, challenge, seal, unseal
from tests.flows.admitted import OFFICER, HandClock, admitted, serving
from tests.flows.identity_provider import CLIENT, Provider, ProviderUnavailable, free_port, provider

CALLBACK = "http://127.0.0.1/api/v1/oidc/callback"


@pytest.fixture(scope="module")
def sso() -> Iterator[Provider]:
    try:
        with provider() as started:
            yield started
    except ProviderUnavailable as absent:
        pytest.skip(f"identity provider: {absent}")


@pytest.fixture
def clock() -> HandClock:
    """The provider looks at the wall, so this clock begins there."""
    return HandClock(datetime.now(UTC))


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    """The client's secret as the hospital's provider gave it."""
    file = tmp_path / "client-secret"
    file.write_text("any: such+secret\n", encoding="utf-8")
    return file


@pytest.fixture
def ours(sso: Provider, clock: HandClock, secret_file: Path) -> OpenIdProvider:
    described = Described(sso.issuer, CLIENT, redirect=CALLBACK, secret_file=str(secret_file))
    return OpenIdProvider(described, clock, clock.pulse)


def why(act: Callable[[], object]) -> str:
    """The reason of a refusal, with the part that did not hold."""
    with pytest.raises(HilumError) as refused:
        act()
    assert isinstance(refused.value, NotAuthenticatedError | NetworkError)
    said = refused.value
    return f"{said.reason} {said.values.get('why', '')}".strip()


# bearers -------------------------------------------------------------------------------------------------------------


def test_a_token_the_provider_signed_names_its_subject(sso: Provider, ours: OpenIdProvider) -> None:
    assert ours.subject_of(sso.signed("wang-7")) == "wang-7"


def test_a_token_for_another_client_is_refused(sso: Provider, ours: OpenIdProvider) -> None:
    assert why(lambda: ours.subject_of(sso.signed("wang-7", client="canteen"))) == "oidc_refused aud"


def test_a_token_that_expired_is_refused_and_the_clocks_may_differ_by_a_minute(
    sso: Provider, ours: OpenIdProvider, clock: HandClock
) -> None:
    token = sso.signed("wang-7")
    clock.move(seconds=3600 + 30)
    assert ours.subject_of(token) == "wang-7"
    clock.move(seconds=60)
    assert why(lambda: ours.subject_of(token)) == "oidc_expired"


def test_a_token_from_the_future_is_refused(sso: Provider, ours: OpenIdProvider, clock: HandClock) -> None:
    token = sso.signed("wang-7")
    clock.at -= timedelta(seconds=30)
    assert ours.subject_of(token) == "wang-7"
    clock.at -= timedelta(minutes=10)
    assert why(lambda: ours.subject_of(token)) == "oidc_refused iat"


def test_a_token_of_another_issuer_under_the_same_keys_is_refused(sso: Provider, clock: HandClock) -> None:
    by_name = OpenIdProvider(Described(sso.issuer.replace("127.0.0.1", "localhost"), CLIENT), clock, clock.pulse)
    assert why(lambda: by_name.subject_of(sso.signed("wang-7"))) == "oidc_refused iss"


def claims_of(sso: Provider, clock: HandClock, **changed: object) -> dict[str, object]:
    now = int(clock.at.timestamp())
    return {"iss": sso.issuer, "aud": CLIENT, "sub": "wang-7", "iat": now, "exp": now + 600, **changed}


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("alg", ["none", "None", "nOnE", ""])
def test_an_unsigned_token_is_refused(sso: Provider, ours: OpenIdProvider, clock: HandClock, alg: str) -> None:
    token = f"{part({'alg': alg})}.{part(claims_of(sso, clock))}."
    assert why(lambda: ours.subject_of(token)) in ("oidc_refused alg", "oidc_refused form")


def test_the_public_key_is_no_shared_secret(sso: Provider, ours: OpenIdProvider, clock: HandClock) -> None:
    """The confusion of RFC 8725, 2.1: HMAC with the public key, which everybody has."""
    public = RSAKey.import_key({**sso.keys()[0]}).as_pem(private=False)
    token = jwt.encode({"alg": "HS256"}, claims_of(sso, clock), OctKey.import_key(base64.b64encode(public)))
    assert why(lambda: ours.subject_of(token)) == "oidc_refused alg"


def test_a_token_under_another_key_is_refused(sso: Provider, ours: OpenIdProvider, clock: HandClock) -> None:
    stranger = RSAKey.generate_key(2048)
    named = {"alg": "RS256", "kid": sso.keys()[0].get("kid", "")}
    assert why(lambda: ours.subject_of(jwt.encode(named, claims_of(sso, clock), stranger))) == "oidc_refused signature"
    unknown = {"alg": "RS256", "kid": "somebody else's"}
    assert why(lambda: ours.subject_of(jwt.encode(unknown, claims_of(sso, clock), stranger))) == "oidc_refused key"


def test_a_key_that_travels_with_the_token_is_not_used(sso: Provider, ours: OpenIdProvider, clock: HandClock) -> None:
    stranger = RSAKey.generate_key(2048)
    header = {"alg": "RS256", "jwk": stranger.as_dict(private=False)}
    assert why(lambda: ours.subject_of(jwt.encode(header, claims_of(sso, clock), stranger))).startswith("oidc_refused")


def test_a_signature_that_was_not_allowed_is_refused_before_a_key_is_looked_for(
    sso: Provider, clock: HandClock
) -> None:
    strict = OpenIdProvider(Described(sso.issuer, CLIENT, algorithms=("ES256",)), clock, clock.pulse)
    assert why(lambda: strict.subject_of(sso.signed("wang-7"))) == "oidc_refused alg"
    forged = jwt.encode({"alg": "ES256"}, claims_of(sso, clock), ECKey.generate_key("P-256"))
    assert why(lambda: strict.subject_of(forged)).startswith("oidc_refused")


def test_a_token_changed_in_one_letter_is_refused(sso: Provider, ours: OpenIdProvider) -> None:
    header, _, signature = sso.signed("wang-7").split(".")
    claims = part({"iss": sso.issuer, "aud": CLIENT, "sub": "zhao-1", "exp": 9_999_999_999})
    assert why(lambda: ours.subject_of(f"{header}.{claims}.{signature}")) == "oidc_refused signature"


@pytest.mark.parametrize("token", ["", "a.b.c", "..", "é.é.é", "a" * 20_000, "e30.e30.e30", "\ud800.a.b"])
def test_what_is_no_token_is_refused(ours: OpenIdProvider, token: str) -> None:
    assert why(lambda: ours.subject_of(token)) in ("oidc_refused form", "oidc_refused size", "oidc_refused alg")


def test_a_claim_that_is_missing_is_refused(sso: Provider, clock: HandClock) -> None:
    by_number = OpenIdProvider(Described(sso.issuer, CLIENT, claim="employee_number"), clock, clock.pulse)
    assert why(lambda: by_number.subject_of(sso.signed("wang-7"))) == "oidc_refused employee_number"


# keys ----------------------------------------------------------------------------------------------------------------


def test_new_keys_are_fetched_when_a_token_needs_them_and_old_ones_serve_while_the_provider_is_away(
    sso: Provider, clock: HandClock
) -> None:
    port = free_port()
    described = Described(f"http://127.0.0.1:{port}", CLIENT)
    with provider(port) as first:
        ours = OpenIdProvider(described, clock, clock.pulse)
        old = first.signed("wang-7")
        assert ours.subject_of(old) == "wang-7"
    clock.move(seconds=700)
    assert ours.subject_of(old) == "wang-7"  # nobody answers there now
    with provider(port) as second:
        new = second.signed("li-3")
        clock.move(seconds=11)
        assert ours.subject_of(new) == "li-3"
        assert why(lambda: ours.subject_of(old)).startswith("oidc_refused")


def test_a_provider_that_is_not_there_is_an_error_of_the_network_and_not_asked_at_once_again(clock: HandClock) -> None:
    ours = OpenIdProvider(Described(f"http://127.0.0.1:{free_port()}", CLIENT), clock, clock.pulse)
    token = jwt.encode({"alg": "RS256"}, {"sub": "x"}, RSAKey.generate_key(2048))
    assert why(lambda: ours.subject_of(token)) == "oidc_unreachable ConnectError"
    assert why(lambda: ours.subject_of(token)) == "oidc_unreachable …"
    clock.move(seconds=11)
    assert why(lambda: ours.subject_of(token)) == "oidc_unreachable ConnectError"


ODD_ANSWERS = [
    (b"not json", "oidc_unreadable"),
    (b"[]", "oidc_unreadable"),
    (b'{"issuer": "https://elsewhere"}', "oidc_other_issuer"),
    (b'{"issuer": "ISSUER", "authorization_endpoint": "http://evil.example/a"}', "oidc_unguarded"),
    (b'{"issuer": "ISSUER", "padding": "' + b"x" * (2 << 20) + b'"}', "oidc_unreadable"),
]


@pytest.mark.parametrize(("answer", "reason"), ODD_ANSWERS, ids=["words", "list", "other", "unguarded", "huge"])
def test_a_provider_that_answers_oddly_is_not_believed(clock: HandClock, answer: bytes, reason: str) -> None:
    class Odd(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = f"http://{self.headers['Host']}".encode()
            body = answer.replace(b"ISSUER", host)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except ConnectionError:
                self.close_connection = True

        def log_message(self, format: str, *words: object) -> None:
            """Tests are quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Odd)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        issuer = f"http://127.0.0.1:{server.server_address[1]}"
        ours = OpenIdProvider(Described(issuer, CLIENT), clock, clock.pulse)
        token = jwt.encode({"alg": "RS256"}, {"sub": "x"}, RSAKey.generate_key(2048))
        assert why(lambda: ours.subject_of(token)).split()[0] == reason
    finally:
        server.shutdown()
        server.server_close()


# logging in by browser -----------------------------------------------------------------------------------------------


def random_words() -> Callable[[], str]:
    numbers = iter(range(100))
    return lambda: f"{next(numbers):064x}"


def test_the_challenge_is_that_of_rfc_7636() -> None:
    assert challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_a_login_asks_for_a_code_with_state_nonce_and_challenge(ours: OpenIdProvider) -> None:
    page, pending = ours.begin(random_words())
    asked = {name: value[0] for name, value in parse_qs(urlsplit(page).query).items()}
    assert (asked["response_type"], asked["client_id"], asked["redirect_uri"]) == ("code", CLIENT, CALLBACK)
    assert (asked["state"], asked["nonce"]) == (pending.state, pending.nonce)
    assert (asked["code_challenge"], asked["code_challenge_method"]) == (challenge(pending.verifier), "S256")
    assert pending.verifier not in page
    assert len({pending.state, pending.nonce, pending.verifier}) == 3


def test_a_person_logs_in_and_a_code_serves_once(sso: Provider, ours: OpenIdProvider) -> None:
    page, pending = ours.begin(random_words())
    code, state = sso.log_in(page, "wang-7")
    assert ours.finish(pending, state, code) == "wang-7"
    assert why(lambda: ours.finish(pending, state, code)) == "oidc_refused code"


def test_a_login_begun_elsewhere_or_too_long_ago_is_refused(
    sso: Provider, ours: OpenIdProvider, clock: HandClock
) -> None:
    page, pending = ours.begin(random_words())
    code, _ = sso.log_in(page, "wang-7")
    assert why(lambda: ours.finish(pending, "another state", code)) == "oidc_refused state"
    assert why(lambda: ours.finish(pending, pending.state, "no such code")) == "oidc_refused code"
    clock.move(seconds=601)
    assert why(lambda: ours.finish(pending, pending.state, code)) == "oidc_refused time"


def test_a_code_of_another_login_is_refused_by_its_nonce(sso: Provider, ours: OpenIdProvider) -> None:
    words = random_words()
    _, pending = ours.begin(words)
    page, _ = ours.begin(words)
    code, _ = sso.log_in(page, "wang-7")
    assert why(lambda: ours.finish(pending, pending.state, code)) == "oidc_refused nonce"


def test_a_secret_file_that_cannot_be_read_is_named_and_nothing_of_it_is_said(sso: Provider, clock: HandClock) -> None:
    described = Described(sso.issuer, CLIENT, redirect=CALLBACK, secret_file="/no/such/file")
    ours = OpenIdProvider(described, clock, clock.pulse)
    page, pending = ours.begin(random_words())
    code, state = sso.log_in(page, "wang-7")
    with pytest.raises(BadInputError) as refused:
        ours.finish(pending, state, code)
    assert "/no/such/file" in refused.value.message("zh")


def test_what_the_browser_keeps_can_be_neither_read_nor_changed(ours: OpenIdProvider) -> None:
    _, pending = ours.begin(random_words())
    sealed = seal(pending, b"k" * 32)
    assert unseal(sealed, b"k" * 32) == pending
    for hidden in (pending.verifier, pending.nonce, base64.urlsafe_b64encode(pending.verifier.encode()).decode()[:40]):
        assert hidden not in sealed
    for wrong, key in ((sealed, b"x" * 32), (sealed[:-2], b"k" * 32), ("", b"k" * 32), ("a.b.c.d.e", b"k" * 32)):
        with pytest.raises(NotAuthenticatedError):
            unseal(wrong, key)


# over http -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def http_client(sso: Provider, clock: HandClock, secret_file: Path, tmp_path: Path) -> Iterator[httpx.Client]:
    settings = f'\n[oidc]\nissuer = "{sso.issuer}"\nclient_id = "{CLIENT}"\nredirect = "{CALLBACK}"\n'
    settings += f'secret_file = "{secret_file}"\n'
    with (
        admitted(tmp_path / "bank", settings) as bank,
        serving(bank.app.settings.home, clock) as address,
        httpx.Client(base_url=address, timeout=30) as client,
    ):
        yield client


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def test_a_signed_token_acts_as_the_account_with_its_subject(sso: Provider, http_client: httpx.Client) -> None:
    told = http_client.get("/api/v1/session", headers=bearer(sso.signed("wang-7"))).json()
    assert (told["account"], told["roles"]) == ("wang", ["curator"])


def test_a_stranger_the_provider_knows_is_still_a_stranger(sso: Provider, http_client: httpx.Client) -> None:
    answer = http_client.get("/api/v1/session", headers=bearer(sso.signed("zhao-1")))
    assert (answer.status_code, answer.json()["title"]) == (401, "oidc_stranger")


def test_a_person_logs_in_by_browser_and_gets_a_session(sso: Provider, http_client: httpx.Client) -> None:
    begun = http_client.get("/api/v1/oidc/login", follow_redirects=False)
    assert begun.status_code == 302
    cookie = begun.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    code, state = sso.log_in(begun.headers["location"], "wang-7")
    back = http_client.get("/api/v1/oidc/callback", params={"code": code, "state": state})
    assert back.status_code == 201, back.text
    told = http_client.get("/api/v1/session", headers=bearer(back.json()["secret"])).json()
    assert told["account"] == "wang"


def test_a_callback_without_the_cookie_of_its_login_is_refused(sso: Provider, http_client: httpx.Client) -> None:
    begun = http_client.get("/api/v1/oidc/login", follow_redirects=False)
    code, state = sso.log_in(begun.headers["location"], "wang-7")
    http_client.cookies.clear()
    for query in ({"code": code, "state": state}, {"error": "access_denied", "state": state}, {}):
        answer = http_client.get("/api/v1/oidc/callback", params=query)
        assert (answer.status_code, answer.json()["title"]) == (401, "oidc_refused")


def test_a_suspended_account_stays_outside_whatever_the_provider_says(
    sso: Provider, clock: HandClock, tmp_path: Path
) -> None:
    settings = f'\n[oidc]\nissuer = "{sso.issuer}"\nclient_id = "{CLIENT}"\n'
    with admitted(tmp_path / "bank", settings) as bank:
        bank.clock.at = clock.at
        token = sso.signed("wang-7")
        assert bank.identity.of_secret(token).name == "wang"
        assert bank.identity.remembered(token) is not None
        manage(bank.app, operations.SUSPEND_ACCOUNT, OFFICER, SuspendAccount("wang", ""))
        with pytest.raises(NotAuthenticatedError) as refused:
            bank.identity.of_secret(token)
    assert refused.value.reason == "account_suspended"


def test_without_a_provider_no_signed_token_opens_anything(sso: Provider, tmp_path: Path) -> None:
    with admitted(tmp_path / "bank") as bank, pytest.raises(NotAuthenticatedError) as refused:
        bank.identity.of_secret(sso.signed("wang-7"))
    assert refused.value.reason == "token_unknown"
