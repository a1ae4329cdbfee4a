"""What the watch offers: sweep once, list notices, and say that one is in hand."""

from dataclasses import dataclass

from hilum.errors import BadInputError, NotFoundError
from hilum.model.party import Actor
from hilum.operation import Change, Operation, Outcome
from hilum.quality.watch import Notice, acknowledge
from hilum.registry.desk import Desk
from hilum.registry.watch_stored import NoticeFilter
from hilum.registry.watching import Watcher
from hilum.registry.watching_known import Swept, Work


@dataclass(frozen=True, slots=True)
class SweepWatch:
    """Do what the watch has found to do."""

    watcher: Watcher
    work: Work


@dataclass(frozen=True, slots=True)
class ListNotices:
    wanted: NoticeFilter


@dataclass(frozen=True, slots=True)
class AcknowledgeNotice:
    """Say who has a notice in hand, and why it need not alarm anybody else."""

    notice: str
    why: str


def sweep_watch(at: Desk, actor: Actor, command: SweepWatch) -> Outcome[Swept]:
    """Raise, close and change notices; what fell due is assessed again."""
    swept = command.watcher.act(at.unit, command.work)
    if not swept.every:
        return Outcome(swept)
    counts = f"raised={len(swept.raised)} closed={len(swept.closed)} changed={len(swept.changed)}"
    return Outcome(swept, (Change("watch", after=counts),))


def list_notices(at: Desk, actor: Actor, command: ListNotices) -> Outcome[tuple[Notice, ...]]:
    """Raises :class:`NotFoundError` when the page is asked to go on behind a notice that is not there."""
    wanted = command.wanted
    if wanted.after and not at.unit.find_notices(NoticeFilter(ids=(wanted.after,))):
        raise NotFoundError("notice_unknown", notice=wanted.after)
    return Outcome(tuple(at.unit.find_notices(wanted)))


def acknowledge_notice(at: Desk, actor: Actor, command: AcknowledgeNotice) -> Outcome[Notice]:
    """The notice with who has it in hand. It stays open until it is made good; a closed one may be acknowledged too.

    Raises :class:`BadInputError` without a reason, :class:`NotFoundError` for a notice that is not there.
    """
    why = command.why.strip()
    if not why:
        raise BadInputError("notice_why_missing")
    found = at.unit.find_notices(NoticeFilter(ids=(command.notice,)))
    if not found:
        raise NotFoundError("notice_unknown", notice=command.notice)
    told = acknowledge(found[0], actor.signature, at.now, why)
    at.unit.put_notices([told])
    before = str(found[0].body.get("acknowledged_by") or "")
    return Outcome(told, (Change(told.id, before=before, after=actor.signature, reason=why),))


SWEEP_WATCH = Operation("watch.sweep", SweepWatch, "intake", sweep_watch)
LIST_NOTICES = Operation("notice.list", ListNotices, "read", list_notices, changes_state=False, faces=("cli", "api"))
ACKNOWLEDGE_NOTICE = Operation(
    "notice.acknowledge", AcknowledgeNotice, "mend", acknowledge_notice, faces=("cli", "api")
)
