"""Answers and errors as HTTP says them: JSON, and problem details (RFC 9457) for what could not be done."""

from collections.abc import Mapping

import msgspec
from fastapi import Request, Response
from fastapi.responses import Response as PlainResponse

from hilum.api.asking import language_of
from hilum.errors import BusyError, HilumError, NotAuthenticatedError
from hilum.messages import Language
from hilum.registry.arrivals import Reply

PROBLEM = "application/problem+json"
_encode = msgspec.json.Encoder(enc_hook=str).encode


def json_answer(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """``content`` as JSON."""
    return PlainResponse(_encode(content), status, dict(headers or {}), "application/json")


def problem_answer(wrong: HilumError, language: Language) -> Response:
    """An error as problem details, with its advice."""
    headers: dict[str, str] = {"Content-Language": language}
    if isinstance(wrong, BusyError):
        headers["Retry-After"] = str(wrong.retry_after)
    if isinstance(wrong, NotAuthenticatedError):
        headers["WWW-Authenticate"] = "Bearer"
    content = {
        "type": f"urn:hilum:error:{wrong.code}",
        "title": wrong.reason,
        "status": wrong.http_status,
        "detail": wrong.message(language),
        "advice": wrong.advice(language),
    }
    return PlainResponse(_encode(content), wrong.http_status, headers, PROBLEM)


def reply_answer(reply: Reply) -> Response:
    """What came of an arrival: 200 with the verdicts, 202 while the gate is silent, 422 where nothing was readable."""
    headers = {"Location": f"/api/v1/arrivals/{reply.arrival.id}"}
    if reply.repeated:
        headers["Hilum-Repeated"] = "true"
    if not reply.content:
        waiting = {"arrival": reply.arrival.id, "state": reply.arrival.state.value}
        return json_answer(waiting, 202, headers)
    return json_answer(reply.content, 200 if readable(reply.content) else 422, headers)


def readable(content: Mapping[str, object]) -> bool:
    """Whether anything in an arrival could be read."""
    return bool(content.get("records")) or (not content.get("problems") and content.get("state") != "aside")


async def on_error(request: Request, wrong: Exception) -> Response:
    """FastAPI's handler for every error of ours."""
    assert isinstance(wrong, HilumError)
    return problem_answer(wrong, language_of(request, request.app.state.service.settings.language))
