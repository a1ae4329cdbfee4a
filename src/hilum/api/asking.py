"""What every request brings: who asks, in which language, and a body of bounded size and patience."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from hilum.app.serving import Service
from hilum.errors import BadInputError, NotAuthenticatedError
from hilum.messages import Language
from hilum.model.party import Actor

BODY_PATIENCE_S = 60.0
"""How long a sender may take to say what it has to say; a client that drips bytes is let go."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request's surroundings."""

    service: Service
    actor: Actor
    language: Language


def language_of(request: Request, usual: Language) -> Language:
    """The first of our languages that ``Accept-Language`` names, else the bank's."""
    for piece in request.headers.get("accept-language", "").split(","):
        name = piece.split(";")[0].strip().lower()[:2]
        if name == "zh":
            return "zh"
        if name == "en":
            return "en"
    return usual


def service_of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


async def asked(request: Request) -> Asked:
    """Who asks, by the token shown. Raises :class:`NotAuthenticatedError`."""
    service = service_of(request)
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NotAuthenticatedError("token_missing")
    known = service.identity.remembered(secret.strip())
    actor = known if known is not None else await asyncio.to_thread(service.identity.of_secret, secret.strip())
    return Asked(service, actor, language_of(request, service.settings.language))


Asking = Annotated[Asked, Depends(asked)]


async def body_of(request: Request, limit: int) -> bytes:
    """The whole body. Raises :class:`BadInputError` when it is larger than ``limit`` or does not come to its end."""
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > limit:
        raise BadInputError("arrival_too_large", size=int(told), limit=limit)
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_PATIENCE_S):
            async for piece in request.stream():
                size += len(piece)
                if size > limit:
                    raise BadInputError("arrival_too_large", size=size, limit=limit)
                pieces.append(piece)
    except TimeoutError:
        raise BadInputError("body_too_slow", seconds=int(BODY_PATIENCE_S)) from None
    return b"".join(pieces)
