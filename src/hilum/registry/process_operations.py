"""What the process side of the registry offers: adopt an SOP, list, show, retire, and assess again."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import TypeVar

from hilum.canonical import digest_bytes
from hilum.errors import ConflictError, NotFoundError
from hilum.model.party import Actor
from hilum.model.record import Kind
from hilum.operation import Change, Operation, Outcome
from hilum.quality.process import ProcessVerdict
from hilum.quality.sop import Sop
from hilum.quality.sop_text import as_text
from hilum.registry import process
from hilum.registry.desk import Desk
from hilum.registry.process_stored import ProcessFilter, ProcessStanding, SopState, StoredSop

CommandT = TypeVar("CommandT")
ResultT = TypeVar("ResultT")
_EVERY = tuple(ProcessVerdict)


@dataclass(frozen=True, slots=True)
class AddSop:
    """Adopt this version of an SOP; the one in force under the same id gives way."""

    sop: Sop
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RetireSop:
    sop: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ListSops:
    pass


@dataclass(frozen=True, slots=True)
class ShowSop:
    """``version`` 0 asks for the one in force, or the latest."""

    sop: str
    version: int = 0


@dataclass(frozen=True, slots=True)
class CheckProcess:
    """Assess again: one specimen, or the pending ones whose time has come, or with ``specimens`` exactly those."""

    specimens: tuple[str, ...] = ()
    limit: int = 1000


@dataclass(frozen=True, slots=True)
class ShowProcess:
    """How specimens stand, as assessed last."""

    wanted: ProcessFilter


@dataclass(frozen=True, slots=True)
class ProcessPage:
    """Standings, the SOPs they were made with, and how many specimens stand how."""

    standings: tuple[ProcessStanding, ...]
    sops: tuple[StoredSop, ...]
    counts: tuple[tuple[str, str, int], ...]


def add_sop(at: Desk, actor: Actor, command: AddSop) -> Outcome[StoredSop]:
    """Adopt an SOP. The same content again changes nothing."""
    body = as_text(command.sop)
    stored = StoredSop(
        command.sop.id, command.sop.version, SopState.ACTIVE, digest_bytes(body.encode()), at.now, actor.signature, body
    )
    known = [one for one in at.unit.sops() if one.id == stored.id]
    same = next((one for one in known if one.version == stored.version), None)
    if same is not None and same.digest != stored.digest:
        raise ConflictError("sop_version_taken", sop=stored.id, version=stored.version)
    if same is not None and same.state is SopState.ACTIVE:
        return Outcome(same)
    before = ""
    for other in known:
        if other.state is SopState.ACTIVE:
            at.unit.put_sop(replace(other, state=SopState.RETIRED))
            before = f"v{other.version}"
    at.unit.put_sop(stored)
    at.unit.drop_process(stored.id)
    after = f"v{stored.version} {stored.digest[:12]}"
    return Outcome(stored, (Change(stored.id, before=before, after=after, reason=command.reason),))


def retire_sop(at: Desk, actor: Actor, command: RetireSop) -> Outcome[StoredSop]:
    """Ask for an SOP no more; how specimens stood to it is forgotten."""
    found = _found(at, command.sop, 0)
    if found.state is not SopState.ACTIVE:
        raise ConflictError("sop_retired", sop=found.id)
    retired = replace(found, state=SopState.RETIRED)
    at.unit.put_sop(retired)
    at.unit.drop_process(found.id)
    change = Change(found.id, before=f"v{found.version}", after=SopState.RETIRED.value, reason=command.reason)
    return Outcome(retired, (change,))


def list_sops(at: Desk, actor: Actor, command: ListSops) -> Outcome[ProcessPage]:
    return Outcome(_page(at, ()))


def show_sop(at: Desk, actor: Actor, command: ShowSop) -> Outcome[StoredSop]:
    return Outcome(_found(at, command.sop, command.version))


def check_process(at: Desk, actor: Actor, command: CheckProcess) -> Outcome[int]:
    """Assess again; answers how many specimens. Nothing but the read model changes."""
    specimens = command.specimens
    if not specimens:
        due = at.unit.find_process(ProcessFilter(due_by=at.now, limit=command.limit))
        specimens = tuple(dict.fromkeys(one.specimen for one in due))
    if not specimens:
        return Outcome(0)
    process.refresh(at.unit, process.active(at.unit), specimens, at.now)
    return Outcome(len(specimens), (Change("process", after=f"assessed={len(specimens)}"),))


def show_process(at: Desk, actor: Actor, command: ShowProcess) -> Outcome[ProcessPage]:
    """Raises :class:`NotFoundError` for a specimen the bank does not know."""
    wanted = command.wanted
    if wanted.specimens:
        known = at.unit.facts(Kind.SPECIMEN, wanted.specimens)
        for one in wanted.specimens:
            if one not in known:
                raise NotFoundError("specimen_unknown", specimen=one)
        wanted = replace(wanted, specimens=tuple(known[one].key for one in wanted.specimens))
    return Outcome(_page(at, tuple(at.unit.find_process(wanted))))


def _page(at: Desk, standings: tuple[ProcessStanding, ...]) -> ProcessPage:
    counts = sorted((sop, verdict, count) for (sop, verdict), count in at.unit.process_counts().items())
    return ProcessPage(standings, tuple(at.unit.sops()), tuple(counts))


def _found(at: Desk, sop: str, version: int) -> StoredSop:
    known = [one for one in at.unit.sops() if one.id == sop and version in (0, one.version)]
    if not known:
        raise NotFoundError("sop_unknown", sop=sop)
    return next((one for one in known if one.state is SopState.ACTIVE), known[-1])


def followed(
    handler: Callable[[Desk, Actor, CommandT], Outcome[ResultT]],
) -> Callable[[Desk, Actor, CommandT], Outcome[ResultT]]:
    """``handler``, and after it the standings of whatever its events moved, in the same transaction."""

    @wraps(handler)
    def handle(at: Desk, actor: Actor, command: CommandT) -> Outcome[ResultT]:
        outcome = handler(at, actor, command)
        process.follow(at.unit, at.events, at.now)
        return outcome

    return handle


ADD_SOP = Operation("sop.add", AddSop, "approve", add_sop)
RETIRE_SOP = Operation("sop.retire", RetireSop, "approve", retire_sop)
LIST_SOPS = Operation("sop.list", ListSops, "read", list_sops, changes_state=False)
SHOW_SOP = Operation("sop.show", ShowSop, "read", show_sop, changes_state=False)
CHECK_PROCESS = Operation("sop.check", CheckProcess, "mend", check_process)
SHOW_PROCESS = Operation("process.show", ShowProcess, "read", show_process, changes_state=False)
