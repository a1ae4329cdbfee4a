"""Logging in and keeping accounts over HTTP: what is answered, what is refused, and what is never said."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hilum.access.account import AccountKind
from hilum.access.operations import AddAccount
from hilum.api.limits import LOGINS, network_of
from hilum.app.accounts import add_account, create_token
from hilum.model.party import Role
from tests.flows.admitted import OFFICER, PASSWORD, Admitted, admitted, serving

NEW = "purple freezer at dawn"


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Admitted]:
    with admitted(tmp_path / "bank") as made:
        add_account(
            made.app,
            OFFICER,
            AddAccount("so", AccountKind.PERSON, "hospital", frozenset({Role.SECURITY_OFFICER})),
            PASSWORD,
        )
        yield made


@pytest.fixture
def http(bank: Admitted) -> Iterator[httpx.Client]:
    with serving(bank.app.settings.home, bank.clock) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client


def log_in(http: httpx.Client, account: str = "so", password: str = PASSWORD) -> dict[str, str]:
    """The header that shows a new session."""
    answer = http.post("/api/v1/session", json={"account": account, "password": password})
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return {"Authorization": f"Bearer {answer.json()['secret']}"}


def test_who_logs_in_is_told_who_it_is_and_what_it_may(http: httpx.Client) -> None:
    told = http.get("/api/v1/session", headers=log_in(http, "wang")).json()
    assert (told["account"], told["roles"], told["organization"]) == ("wang", ["curator"], "hospital")
    assert {"read", "intake", "identify", "own"} <= set(told["permissions"])
    assert "accounts" not in told["permissions"]


def test_a_token_is_told_its_scopes(bank: Admitted, http: httpx.Client) -> None:
    token, secret = bank.token()
    told = http.get("/api/v1/session", headers={"Authorization": f"Bearer {secret}"}).json()
    assert (told["account"], told["permissions"], told["token"]) == ("lis", ["intake"], token)


def test_logging_out_ends_the_session(http: httpx.Client) -> None:
    shown = log_in(http, "wang")
    assert http.delete("/api/v1/session", headers=shown).status_code == 204
    answer = http.get("/api/v1/session", headers=shown)
    assert (answer.status_code, answer.json()["title"]) == (401, "session_over")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("shown", ["", "Bearer", "Basic d2FuZzp4", "Bearer nonsense", "Bearer a.b.c"])
def test_without_a_secret_that_opens_nothing_is_answered(http: httpx.Client, shown: str) -> None:
    answer = http.get("/api/v1/session", headers={"Authorization": shown})
    assert answer.status_code == 401


def test_a_security_officers_morning(http: httpx.Client) -> None:
    shown = log_in(http)
    draft = {"account": "li", "organization": "hospital", "roles": ["curator"], "password": NEW}
    assert http.post("/api/v1/organizations", headers=shown, json={"organization": "lab"}).status_code == 201
    assert http.post("/api/v1/accounts", headers=shown, json=draft).status_code == 201
    li = log_in(http, "li", NEW)
    given = http.put("/api/v1/accounts/li/roles", headers=shown, json={"roles": ["data_manager"]})
    assert given.json()["roles"] == ["data_manager"]
    made = http.post("/api/v1/tokens", headers=shown, json={"account": "li", "scopes": ["intake"], "days": 30}).json()
    assert http.get("/api/v1/session", headers={"Authorization": f"Bearer {made['secret']}"}).status_code == 200
    assert [one["account"] for one in http.get("/api/v1/sessions?account=li", headers=shown).json()] == ["li"]
    listed = http.get("/api/v1/tokens?account=li", headers=shown).json()
    assert [(one["token"], one["scopes"]) for one in listed] == [(made["token"], ["intake"])]
    ended = http.delete(f"/api/v1/tokens/{made['token']}?reason=lost", headers=shown)
    assert (ended.status_code, bool(ended.json()["ended_at"])) == (200, True)
    suspended = http.post("/api/v1/accounts/li/suspend?reason=left", headers=shown)
    assert suspended.json()["state"] == "suspended"
    assert http.get("/api/v1/sessions?account=li", headers=shown).json() == []
    assert http.post("/api/v1/accounts/li/restore", headers=shown).json()["state"] == "active"
    assert http.get("/api/v1/session", headers=li).status_code in (200, 401)  # remembered for five seconds at most
    assert http.put("/api/v1/accounts/li/password", headers=shown, json={"password": PASSWORD}).status_code == 204
    assert [one["account"] for one in http.get("/api/v1/accounts", headers=shown).json()] == ["li", "lis", "so", "wang"]
    assert len(http.get("/api/v1/organizations", headers=shown).json()) == 2


def test_a_session_is_ended_by_the_security_officer(http: httpx.Client) -> None:
    wang, shown = log_in(http, "wang"), log_in(http)
    (session,) = http.get("/api/v1/sessions?account=wang", headers=shown).json()
    ended = http.delete(f"/api/v1/sessions/{session['session']}", headers=shown).json()
    assert ended["ended_by"] == "so"
    assert http.get("/api/v1/session", headers=wang).json()["title"] == "session_over"  # never used, so not remembered


def test_everybody_changes_the_own_password(http: httpx.Client) -> None:
    shown = log_in(http, "wang")
    wrong = http.put("/api/v1/session/password", headers=shown, json={"old": "no such thing", "new": NEW})
    assert wrong.status_code == 401
    assert http.put("/api/v1/session/password", headers=shown, json={"old": PASSWORD, "new": NEW}).status_code == 204
    assert log_in(http, "wang", NEW)


ADMINISTRATION = [
    ("GET", "/api/v1/organizations"),
    ("POST", "/api/v1/organizations"),
    ("GET", "/api/v1/accounts"),
    ("POST", "/api/v1/accounts"),
    ("POST", "/api/v1/accounts/lis/suspend"),
    ("POST", "/api/v1/accounts/lis/restore"),
    ("PUT", "/api/v1/accounts/lis/roles"),
    ("PUT", "/api/v1/accounts/lis/password"),
    ("GET", "/api/v1/tokens"),
    ("POST", "/api/v1/tokens"),
    ("DELETE", "/api/v1/tokens/TKN-1"),
    ("GET", "/api/v1/sessions"),
    ("DELETE", "/api/v1/sessions/SES-1"),
]
BODY = {"organization": "x", "account": "x", "roles": [], "password": NEW}


def test_administration_is_refused_to_a_curator_and_to_nobody_known(http: httpx.Client) -> None:
    shown = log_in(http, "wang")
    for method, path in ADMINISTRATION:
        body = None if method in ("GET", "DELETE") else BODY
        assert http.request(method, path, json=body, headers=shown).status_code == 403, path
        assert http.request(method, path, json=body).status_code == 401, path


def test_every_path_that_needs_no_secret_is_one_we_know_of(http: httpx.Client) -> None:
    """Deny by default: whatever else the document names answers 401 to nobody known."""
    known_open = {("post", "/api/v1/session"), ("get", "/api/v1/oidc/login"), ("get", "/api/v1/oidc/callback")}
    document = http.get("/api/openapi.json").json()
    named = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert len(named) > 20
    answered = set()
    for method, path in named - known_open:
        where = path.replace("{", "").replace("}", "")
        answer = http.request(method, where, json=BODY if method in ("post", "put") else None)
        if answer.status_code != 401:
            answered.add((method, path, answer.status_code))
    allowed = {"/health", "/ready", "/metrics", "/api/v1/health", "/api/v1/ready", "/api/asyncapi.json", "/api/docs"}
    assert not {one for one in answered if one[1] not in allowed}


MALFORMED = [
    b"",
    b"{",
    b"[]",
    b'{"account": "wang"}',
    b'{"account": 1, "password": ["hush-hush-hush"]}',
    b'{"account": "wang", "password": {"hush-hush-hush": 1}}',
    b'{"account": "wang", "password": null}',
]


def test_a_malformed_body_is_refused_with_its_place_and_never_repeated(http: httpx.Client) -> None:
    for body in MALFORMED:
        answer = http.post("/api/v1/session", content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["title"]) == (400, "body_invalid"), body
        assert "hush" not in answer.text


BROKEN = [
    ("POST", "/api/v1/organizations", '{"organization": "ok", "name": "a\\u0000b"}'),
    ("POST", "/api/v1/organizations", '{"organization": "\\u0000"}'),
    ("POST", "/api/v1/accounts", '{"account": "\\u0000", "organization": "hospital"}'),
    ("POST", "/api/v1/accounts", '{"account": "x", "organization": "\\u0000"}'),
    ("POST", "/api/v1/accounts", '{"account": "x", "organization": "hospital", "subject": "\\u0000"}'),
    ("POST", "/api/v1/accounts", '{"account": "x", "organization": "hospital", "roles": ["emperor"]}'),
    ("POST", "/api/v1/tokens", '{"account": "lis", "label": "\\u0000"}'),
    ("POST", "/api/v1/tokens", '{"account": "lis", "scopes": ["\\u0000"]}'),
    ("POST", "/api/v1/tokens", '{"account": "lis", "days": 99999999999999999999}'),
    ("DELETE", "/api/v1/tokens/%00", ""),
    ("DELETE", "/api/v1/sessions/%00", ""),
    ("POST", "/api/v1/accounts/%00/suspend", ""),
    ("GET", "/api/v1/tokens?account=%00", ""),
    ("GET", "/api/v1/sessions?account=%00", ""),
]


def test_no_broken_value_ends_in_a_fault(http: httpx.Client) -> None:
    shown = {**log_in(http), "Content-Type": "application/json"}
    for method, path, body in BROKEN:
        answer = http.request(method, path, content=body.encode(), headers=shown)
        assert answer.status_code in (400, 404), (path, body, answer.text)
        assert {"title", "detail", "advice"} <= set(answer.json())


def test_logins_from_one_address_are_slowed_down(http: httpx.Client) -> None:
    wrong = {"account": "nobody", "password": "wrong horse battery"}
    answers = [http.post("/api/v1/session", json=wrong) for _ in range(int(LOGINS.burst) + 2)]
    assert answers[0].status_code == 401
    assert answers[-1].status_code == 429
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 6


def test_an_account_that_asks_too_often_is_told_when_to_come_back(tmp_path: Path) -> None:
    with admitted(tmp_path / "bank") as bank:
        file = bank.app.settings.home / "hilum.toml"
        file.write_text("rate_limit = 2\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
        tokens = [create_token(bank.app, OFFICER, name)[1] for name in ("lis", "wang")]
        with serving(bank.app.settings.home, bank.clock) as address, httpx.Client(base_url=address) as http:
            lis, wang = ({"Authorization": f"Bearer {token}"} for token in tokens)
            codes = [http.get("/api/v1/session", headers=lis).status_code for _ in range(8)]
            assert codes[:4] == [200, 200, 200, 200]
            assert 429 in codes
            assert http.get("/api/v1/session", headers=wang).status_code == 200


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("10.0.0.1", "::ffff:10.0.0.1", False),
        ("2001:db8::1", "2001:db8::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("", "testclient", False),
    ],
)
def test_who_shares_a_limit(one: str, other: str, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same


def test_no_answer_and_no_log_holds_a_secret(
    bank: Admitted, http: httpx.Client, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    shown = log_in(http)
    session = shown["Authorization"].partition(" ")[2]
    token = http.post("/api/v1/tokens", headers=shown, json={"account": "lis"}).json()["secret"]
    answers = [
        http.get(f"/api/v1/{name}", headers=shown).text for name in ("accounts", "tokens", "sessions", "session")
    ]
    answers.append(http.post("/api/v1/session", json={"account": "wang", "password": "hush horse battery"}).text)
    answers.append(http.get("/api/v1/session", headers={"Authorization": "Bearer hush-hush-hush"}).text)
    with bank.app.bank.read() as unit:
        kept = unit.account("so")
        trail = unit.audit_trail(limit=100)
    assert kept is not None
    printed = capfd.readouterr()
    said = json.dumps(answers) + printed.out + printed.err + caplog.text + repr(trail)
    for hidden in (session, token, PASSWORD, "hush", kept.secret, "argon2"):
        assert hidden not in said
