"""The doors of HTTP: records, FHIR, files. Whatever comes is safe before it is answered, and judged while one waits."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response

from hilum.api.answers import json_answer, reply_answer
from hilum.api.asking import Asked, Asking, body_of
from hilum.app.answering import read_answer
from hilum.errors import BadInputError
from hilum.registry.arrivals import BYTES, FHIR_JSON, FHIR_NDJSON, RECORDS_JSON, RECORDS_NDJSON, Door, Incoming

router = APIRouter()
_RECORDS = {
    "application/json": RECORDS_JSON,
    RECORDS_JSON: RECORDS_JSON,
    "application/x-ndjson": RECORDS_NDJSON,
    "application/ndjson": RECORDS_NDJSON,
    RECORDS_NDJSON: RECORDS_NDJSON,
}
_FHIR = {
    "application/json": FHIR_JSON,
    FHIR_JSON: FHIR_JSON,
    "application/x-ndjson": FHIR_NDJSON,
    "application/ndjson": FHIR_NDJSON,
    FHIR_NDJSON: FHIR_NDJSON,
}
Key = Annotated[str, Header(alias="Idempotency-Key", max_length=200)]
Wait = Annotated[float, Query(ge=0, le=60, description="seconds to wait for the verdict")]
NEEDS = "intake"


@router.post("/api/v1/records", tags=["intake"])
async def records(request: Request, by: Asking, idempotency_key: Key = "", wait: Wait = 10.0) -> Response:
    """Records in Hilum's own words: one, a list, or one per line (NDJSON). Answers each with verdict, score, hints."""
    return await _take(request, by, _media(request, _RECORDS), "records", idempotency_key, wait)


@router.post("/fhir", tags=["intake"])
async def fhir(request: Request, by: Asking, idempotency_key: Key = "", wait: Wait = 10.0) -> Response:
    """A FHIR R4 Bundle, a resource, or resources one per line."""
    return await _take(request, by, _media(request, _FHIR), "fhir", idempotency_key, wait)


@router.post("/api/v1/files", tags=["intake"])
async def files(
    request: Request,
    by: Asking,
    name: Annotated[str, Query(min_length=1, max_length=200)],
    idempotency_key: Key = "",
    wait: Wait = 30.0,
) -> Response:
    """A file as the request's body, in any format Hilum reads; ``name`` is what it is called."""
    return await _take(request, by, BYTES, name, idempotency_key, wait)


@router.get("/api/v1/arrivals/{arrival}", tags=["intake"])
def arrival(arrival: str, by: Asking) -> Response:
    """What became of something sent before."""
    by.service.app.authorise("arrival.show", NEEDS, by.actor)
    found = by.service.receiver.inbox.find(arrival)
    told = by.service.receiver.inbox.answers([found.n]).get(found.n)
    if told is None:
        return json_answer({"arrival": found.id, "state": found.state.value}, 202)
    return json_answer(read_answer(told[1]))


async def _take(request: Request, by: Asked, media: str, name: str, key: str, wait: float) -> Response:
    by.service.app.authorise("intake.arrivals", NEEDS, by.actor)
    body = await body_of(request, by.service.settings.arrival_limit)
    if not body.strip():
        raise BadInputError("body_empty")
    incoming = Incoming(Door.HTTP, by.actor.name, body, media, name, key, by.language)
    return reply_answer(await by.service.receiver.receive(incoming, wait))


def _media(request: Request, known: dict[str, str]) -> str:
    told = request.headers.get("content-type", "application/json").split(";")[0].strip().lower()
    if told not in known:
        raise BadInputError("media_unknown", media=told[:80], known=", ".join(sorted(known)))
    return known[told]
