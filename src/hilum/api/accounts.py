"""Logging in, and what the security officer does with accounts, tokens and sessions, over HTTP."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Cookie, Depends, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute

from hilum.access import operations
from hilum.access.account import TOKEN_DAYS, AccountKind
from hilum.access.roles import PERMISSIONS, may
from hilum.api.answers import json_answer
from hilum.api.asking import Asking, service_of
from hilum.api.limits import limited, login_limited
from hilum.app import accounts, sign_on
from hilum.app.account_answers import account_json, organization_json, session_json, token_json
from hilum.errors import BadInputError, NotAuthenticatedError
from hilum.model.party import Role

_PRIVATE = {"Cache-Control": "no-store"}
_COOKIE = "hilum_login"
_COOKIE_PATH = "/api/v1/oidc"
Name = Annotated[str, Path(max_length=64)]
Reason = Annotated[str, Query(max_length=200)]
OfAccount = Annotated[str, Query(max_length=64)]


class PlainRoute(APIRoute):
    """A route whose complaint about a malformed body names the place and never repeats what was sent: it may be a
    password."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        usual = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await usual(request)
            except RequestValidationError as wrong:
                places = sorted({".".join(map(str, one["loc"])) for one in wrong.errors()})
                raise BadInputError("body_invalid", where=", ".join(places)[:200]) from None

        return handler


open_router = APIRouter(route_class=PlainRoute, tags=["session"])
"""What may be called without having shown who one is."""
router = APIRouter(route_class=PlainRoute, dependencies=[Depends(limited)])


@dataclass(frozen=True, slots=True)
class Login:
    account: str
    password: str


@dataclass(frozen=True, slots=True)
class NewPassword:
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class GivenPassword:
    password: str


@dataclass(frozen=True, slots=True)
class OrganizationDraft:
    organization: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class AccountDraft:
    account: str
    organization: str
    kind: AccountKind = AccountKind.PERSON
    roles: tuple[Role, ...] = ()
    subject: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class RolesGiven:
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class TokenDraft:
    account: str
    label: str = ""
    scopes: tuple[str, ...] = ()
    days: int = TOKEN_DAYS


# who am I ------------------------------------------------------------------------------------------------------------


@open_router.post("/api/v1/session", status_code=201, dependencies=[Depends(login_limited)])
def log_in(request: Request, body: Login) -> Response:
    """Log in with account and password; the answer holds the session's secret, to be shown as a bearer token."""
    secret = service_of(request).identity.login(body.account, body.password, "password")
    return json_answer({"secret": secret}, 201, _PRIVATE)


@router.get("/api/v1/session", tags=["session"])
def who_am_i(by: Asking) -> Response:
    """Who I am here, and what I may do."""
    told = {
        "account": by.actor.name,
        "organization": by.actor.organization,
        "roles": sorted(by.actor.roles),
        "permissions": [name for name in sorted(PERMISSIONS) if may(by.actor, name)],
        "token": by.actor.via,
    }
    return json_answer(told, headers=_PRIVATE)


@router.delete("/api/v1/session", status_code=204, tags=["session"])
def log_out(request: Request, by: Asking) -> Response:
    """End the session that is shown."""
    by.service.identity.logout(_shown(request))
    return Response(status_code=204)


@router.put("/api/v1/session/password", status_code=204, tags=["session"], dependencies=[Depends(login_limited)])
def change_password(request: Request, by: Asking, body: NewPassword) -> Response:
    """Change one's own password; the account's other sessions end."""
    by.service.identity.change_password(_shown(request), body.old, body.new)
    return Response(status_code=204)


def _shown(request: Request) -> str:
    return request.headers.get("authorization", "").partition(" ")[2].strip()


# the hospital's identity provider ------------------------------------------------------------------------------------


@open_router.get("/api/v1/oidc/login", status_code=302, dependencies=[Depends(login_limited)])
def oidc_login(request: Request) -> Response:
    """Go to the login page of the hospital's identity provider."""
    service = service_of(request)
    page, kept = sign_on.begin(service.app, service.identity)
    answer = RedirectResponse(page, 302, _PRIVATE)
    secure = service.identity.provider.over_tls
    answer.set_cookie(
        _COOKIE, kept, max_age=sign_on.KEPT_S, path=_COOKIE_PATH, secure=secure, httponly=True, samesite="lax"
    )
    return answer


@open_router.get("/api/v1/oidc/callback", dependencies=[Depends(login_limited)])
def oidc_callback(
    request: Request,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4096)] = "",
    hilum_login: Annotated[str, Cookie()] = "",
) -> Response:
    """Come back from there; the answer holds the session's secret, to be shown as a bearer token."""
    if not code or not state or not hilum_login:
        raise NotAuthenticatedError("oidc_refused", why="state" if code else "code")
    service = service_of(request)
    secret = sign_on.finish(service.app, service.identity, hilum_login, state, code)
    answer = json_answer({"secret": secret}, 201, _PRIVATE)
    answer.delete_cookie(_COOKIE, path=_COOKIE_PATH)
    return answer


# organizations and accounts ------------------------------------------------------------------------------------------


@router.get("/api/v1/organizations", tags=["accounts"])
def organizations(by: Asking) -> Response:
    """All organizations."""
    listed = accounts.manage(by.service.app, operations.LIST_ORGANIZATIONS, by.actor, operations.ListOrganizations())
    return json_answer([organization_json(one) for one in listed])


@router.post("/api/v1/organizations", status_code=201, tags=["accounts"])
def add_organization(by: Asking, body: OrganizationDraft) -> Response:
    """Add an organization."""
    command = operations.AddOrganization(body.organization, body.name)
    return json_answer(
        organization_json(accounts.manage(by.service.app, operations.ADD_ORGANIZATION, by.actor, command)), 201
    )


@router.get("/api/v1/accounts", tags=["accounts"])
def list_accounts(by: Asking) -> Response:
    """All accounts."""
    listed = accounts.manage(by.service.app, operations.LIST_ACCOUNTS, by.actor, operations.ListAccounts())
    return json_answer([account_json(one) for one in listed])


@router.post("/api/v1/accounts", status_code=201, tags=["accounts"])
def add_account(by: Asking, body: AccountDraft) -> Response:
    """Add the account of a person or a program."""
    command = operations.AddAccount(body.account, body.kind, body.organization, frozenset(body.roles), body.subject)
    return json_answer(account_json(accounts.add_account(by.service.app, by.actor, command, body.password)), 201)


@router.post("/api/v1/accounts/{account}/suspend", tags=["accounts"])
def suspend_account(account: Name, by: Asking, reason: Reason = "") -> Response:
    """Suspend an account and end its sessions."""
    command = operations.SuspendAccount(account, reason)
    return json_answer(account_json(accounts.manage(by.service.app, operations.SUSPEND_ACCOUNT, by.actor, command)))


@router.post("/api/v1/accounts/{account}/restore", tags=["accounts"])
def restore_account(account: Name, by: Asking) -> Response:
    """Restore an account, also one that rests after wrong passwords."""
    command = operations.RestoreAccount(account)
    return json_answer(account_json(accounts.manage(by.service.app, operations.RESTORE_ACCOUNT, by.actor, command)))


@router.put("/api/v1/accounts/{account}/roles", tags=["accounts"])
def set_roles(account: Name, by: Asking, body: RolesGiven) -> Response:
    """Give an account these roles in the place of those it had."""
    command = operations.SetRoles(account, frozenset(body.roles))
    return json_answer(account_json(accounts.manage(by.service.app, operations.SET_ROLES, by.actor, command)))


@router.put("/api/v1/accounts/{account}/password", status_code=204, tags=["accounts"])
def set_password(account: Name, by: Asking, body: GivenPassword) -> Response:
    """Give an account a new password and end its sessions."""
    accounts.set_password(by.service.app, by.actor, account, body.password)
    return Response(status_code=204)


# tokens and sessions -------------------------------------------------------------------------------------------------


@router.get("/api/v1/tokens", tags=["accounts"])
def list_tokens(by: Asking, account: OfAccount = "") -> Response:
    """Tokens, without their secrets."""
    command = operations.ListTokens(account)
    listed = accounts.manage(by.service.app, operations.LIST_TOKENS, by.actor, command)
    return json_answer([token_json(one) for one in listed])


@router.post("/api/v1/tokens", status_code=201, tags=["accounts"])
def create_token(by: Asking, body: TokenDraft) -> Response:
    """Issue a token; its secret is in this answer and never again."""
    scopes = frozenset(body.scopes)
    made, secret = accounts.create_token(by.service.app, by.actor, body.account, body.label, scopes, body.days)
    return json_answer({**token_json(made), "secret": secret}, 201, _PRIVATE)


@router.delete("/api/v1/tokens/{token}", tags=["accounts"])
def end_token(token: Name, by: Asking, reason: Reason = "") -> Response:
    """End a token; it opens nothing within five seconds, in every process."""
    command = operations.EndToken(token, reason)
    return json_answer(token_json(accounts.manage(by.service.app, operations.END_TOKEN, by.actor, command)))


@router.get("/api/v1/sessions", tags=["accounts"])
def list_sessions(by: Asking, account: OfAccount = "") -> Response:
    """Who is logged in."""
    command = operations.ListSessions(account)
    listed = accounts.manage(by.service.app, operations.LIST_SESSIONS, by.actor, command)
    return json_answer([session_json(one) for one in listed])


@router.delete("/api/v1/sessions/{session}", tags=["accounts"])
def end_session(session: Name, by: Asking, reason: Reason = "") -> Response:
    """End a session; it opens nothing within five seconds, in every process."""
    command = operations.EndSession(session, reason)
    return json_answer(session_json(accounts.manage(by.service.app, operations.END_SESSION, by.actor, command)))
