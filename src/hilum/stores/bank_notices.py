"""Notices, and the records a watch has not seen yet."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Row, bindparam, func, select, tuple_

from hilum.model.record import Kind
from hilum.quality.rule import Severity
from hilum.quality.watch import Notice
from hilum.registry.stored import RecordState
from hilum.registry.watch_stored import NoticeFilter, Waiting, Watched
from hilum.stores.bank_rows import fields_from, json_text
from hilum.stores.bank_session import Session
from hilum.stores.bank_statements import CellRow, asked
from hilum.stores.tables import AWAITS, NOTICES, PROCESS, RECORDS

_BY_ID = select(NOTICES).where(asked(NOTICES.c.id))
_ORDER = NOTICES.c.raised_at, NOTICES.c.id
_ACKNOWLEDGED = '%"acknowledged_at":%'
_KINDS, _AFTER, _LIMIT = "kinds", "after", "most"
_SEEN = [RECORDS.c[name] for name in ("n", "id", "kind", "key", "state", "received_at", "fields")]
_WATCHED = (
    select(*_SEEN)
    .where(RECORDS.c.n > bindparam(_AFTER), RECORDS.c.kind.in_(bindparam(_KINDS, expanding=True)))
    .order_by(RECORDS.c.n)
    .limit(bindparam(_LIMIT))
)
_BEFORE = select(RECORDS.c.received_at).where(RECORDS.c.n <= bindparam(_AFTER)).order_by(RECORDS.c.n.desc()).limit(1)
_EARLIEST = select(func.min(PROCESS.c.pending_until)).where(PROCESS.c.pending_until.is_not(None))
_DUE = (
    select(PROCESS.c.specimen)
    .where(PROCESS.c.pending_until.is_not(None), PROCESS.c.pending_until < bindparam(_AFTER))
    .order_by(PROCESS.c.pending_until)
    .limit(bindparam(_LIMIT))
)
_STANDING = PROCESS.c.at, PROCESS.c.specimen, PROCESS.c.sop
_BEHIND = tuple_(PROCESS.c.specimen, PROCESS.c.sop) > tuple_(bindparam("specimen"), bindparam("sop"))
_MADE = (
    select(*_STANDING)
    .where(PROCESS.c.at >= bindparam(_AFTER), (PROCESS.c.at > bindparam(_AFTER)) | _BEHIND)
    .order_by(*_STANDING)
    .limit(bindparam(_LIMIT))
)
_WAITING = (
    select(RECORDS.c.source, AWAITS.c.kind, func.count(), func.min(RECORDS.c.received_at))
    .join(AWAITS, AWAITS.c.record == RECORDS.c.id)
    .where(RECORDS.c.state == RecordState.HELD.value, RECORDS.c.received_at < bindparam(_AFTER))
    .group_by(RECORDS.c.source, AWAITS.c.kind)
    .order_by(RECORDS.c.source, AWAITS.c.kind)
)
"""Asked every second but for the last: spelt once."""


class NoticePart(Session):
    """What was noticed, and what there is to notice."""

    def put_notices(self, notices: Iterable[Notice]) -> None:
        self.replace(NOTICES, [_row(one) for one in {one.id: one for one in notices}.values()], ("id",))

    def open_notices(self) -> list[Notice]:
        query = select(NOTICES).where(NOTICES.c.closed_at == "").order_by(*_ORDER)
        return [_notice(row) for row in self.connection.execute(query)]

    def find_notices(self, wanted: NoticeFilter) -> list[Notice]:
        if wanted.ids:
            found = {row.id: _notice(row) for row in self.look_up(_BY_ID, wanted.ids)}
            return [found[one] for one in dict.fromkeys(wanted.ids) if one in found]
        query = select(NOTICES).order_by(*_ORDER).limit(wanted.limit)
        if wanted.rule:
            query = query.where(NOTICES.c.rule.startswith(wanted.rule, autoescape=True))
        if wanted.subject:
            query = query.where(NOTICES.c.subject == wanted.subject)
        if wanted.open is not None:
            query = query.where((NOTICES.c.closed_at == "") if wanted.open else (NOTICES.c.closed_at != ""))
        if wanted.acknowledged is not None:
            told = NOTICES.c.body.like(_ACKNOWLEDGED)
            query = query.where(told if wanted.acknowledged else ~told)
        if wanted.since:
            query = query.where(NOTICES.c.raised_at >= wanted.since)
        if wanted.after:
            last = self.find_notices(NoticeFilter(ids=(wanted.after,)))
            for one in last:
                later, same = NOTICES.c.raised_at > one.raised_at, NOTICES.c.raised_at == one.raised_at
                query = query.where(later | (same & (NOTICES.c.id > one.id)))
        return [_notice(row) for row in self.connection.execute(query)]

    def watched(self, kinds: Collection[Kind], after: int, limit: int) -> list[Watched]:
        asked_for = {_KINDS: [kind.value for kind in kinds], _AFTER: after, _LIMIT: limit}
        return [_watched(row) for row in self.connection.execute(_WATCHED, asked_for)]

    def last_record(self) -> int:
        return int(self.connection.execute(select(func.coalesce(func.max(RECORDS.c.n), 0))).scalar_one())

    def record_before(self, received_at: str) -> int:
        """By halving: records are numbered in the order they came, and no index on when is needed."""
        low, high = 0, self.last_record()
        while low < high:
            middle = (low + high + 1) // 2
            came = self.connection.execute(_BEFORE, {_AFTER: middle}).scalar_one_or_none()
            if came is None or came < received_at:
                low = middle
            else:
                high = middle - 1
        return low

    def earliest_due(self) -> str:
        return str(self.connection.execute(_EARLIEST).scalar_one() or "")

    def specimens_due(self, by: str, limit: int) -> list[str]:
        return list(dict.fromkeys(self.connection.execute(_DUE, {_AFTER: by, _LIMIT: limit}).scalars()))

    def standings_made(self, after: tuple[str, str, str], limit: int) -> list[tuple[str, str, str]]:
        at, specimen, sop = after
        asked_for = {_AFTER: at, "specimen": specimen, "sop": sop, _LIMIT: limit}
        return [(made, of, to) for made, of, to in self.connection.execute(_MADE, asked_for)]

    def waiting(self, before: str) -> list[Waiting]:
        rows = self.connection.execute(_WAITING, {_AFTER: before})
        return [Waiting(source, Kind(kind), count, since) for source, kind, count, since in rows]


def _row(one: Notice) -> CellRow:
    told = (one.id, one.rule, one.subject, one.severity.value, one.raised_at, one.since, one.closed_at, one.reason)
    return (*told, json_text(one.body))


def _notice(row: "Row[Any]") -> Notice:
    values = row._mapping
    return Notice(**{**values, "severity": Severity(row.severity), "body": fields_from(row.body)})


def _watched(row: "Row[Any]") -> Watched:
    values = row._mapping
    named = Kind(values["kind"]), values["key"], RecordState(values["state"])
    return Watched(values["n"], values["id"], *named, values["received_at"], fields_from(values["fields"]))
