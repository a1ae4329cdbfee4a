"""The service's own descriptions: served from the package, for anybody; nothing loads from elsewhere."""

from fastapi import APIRouter, Request, Response

from hilum.api.answers import json_answer
from hilum.api.asking import service_of
from hilum.app.doors import asyncapi_document

router = APIRouter()


@router.get("/api/asyncapi.json", tags=["documents"])
def asyncapi(request: Request) -> Response:
    """The message doors of this bank as AsyncAPI 3.0: topics, what goes in, what comes out. No password is in it."""
    return json_answer(asyncapi_document(service_of(request).settings))
