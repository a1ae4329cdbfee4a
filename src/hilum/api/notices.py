"""What was noticed, over HTTP: a page of notices to poll, and taking one in hand."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from hilum.api.answers import json_answer
from hilum.api.asking import Asking
from hilum.app.watching import notice_json
from hilum.registry.watch_stored import NoticeFilter
from hilum.registry.watching_operations import (
    ACKNOWLEDGE_NOTICE,
    LIST_NOTICES,
    AcknowledgeNotice,
    ListNotices,
)

router = APIRouter(tags=["notices"])
_MANY = 500
Short = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Why a notice need not alarm anybody else."""

    reason: str


def _wanted(
    open_: Annotated[bool | None, Query(alias="open", description="only open ones, or only closed ones")] = None,
    acknowledged: Annotated[bool | None, Query(description="only those in hand, or only those in nobody's")] = None,
    rule: Short = "",
    subject: Short = "",
    since: Annotated[str, Query(max_length=40, description="raised at this instant or later")] = "",
) -> NoticeFilter:
    return NoticeFilter(rule=rule, subject=subject, open=open_, acknowledged=acknowledged, since=since)


@router.get("/api/v1/notices")
def notices(
    by: Asking,
    wanted: Annotated[NoticeFilter, Depends(_wanted)],
    after: Annotated[str, Query(max_length=40, description="the last notice of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=_MANY)] = 100,
) -> Response:
    """Notices in the order raised. ``next`` is what to send as ``after`` for the next page, ``null`` on the last."""
    page = replace(wanted, after=after, limit=limit)
    found = by.service.app.run(LIST_NOTICES, by.actor, ListNotices(page))
    following = found[-1].id if len(found) == limit else None
    return json_answer({"notices": [notice_json(one, by.language) for one in found], "next": following})


@router.post("/api/v1/notices/{notice}/acknowledge")
def acknowledge(notice: Annotated[str, Path(max_length=40)], said: Acknowledgement, by: Asking) -> Response:
    """Take a notice in hand. It stays open until it is made good."""
    told = by.service.app.run(ACKNOWLEDGE_NOTICE, by.actor, AcknowledgeNotice(notice, said.reason))
    return json_answer(notice_json(told, by.language))
