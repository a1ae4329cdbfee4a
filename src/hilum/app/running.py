"""One open bank, and the one path by which anything happens to it.

``authorise → begin transaction → handler(desk, actor, command) → audit record → commit``. Denials are recorded too.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from hilum.access import roles
from hilum.app.rules import ruleset_of
from hilum.clock import Clock, stamp, system_clock
from hilum.errors import AccessDenied, BadInputError
from hilum.model import ids
from hilum.model.party import Actor, Role
from hilum.operation import AuditRecord, Change, Operation, Outcome
from hilum.quality.gate import Gate
from hilum.registry.desk import Desk, desk
from hilum.registry.ports import Unit, Vault
from hilum.settings import Settings, load
from hilum.stores.bank import Bank
from hilum.stores.opening import open_bank
from hilum.stores.vault import FolderVault, open_vault

CommandT = TypeVar("CommandT")
ResultT = TypeVar("ResultT")


class Hilum:
    """An open bank. Close it, or use it as a context manager. Its ``gate`` reads the rules in force when they are
    first needed."""

    def __init__(
        self,
        settings: Settings,
        bank: Bank,
        vault: Vault,
        gate: Gate,
        clock: Clock = system_clock,
    ) -> None:
        self.settings = settings
        self.bank = bank
        self.vault = vault
        self.gate = gate
        self.clock = clock
        self.last_batch = ""

    def run(self, operation: Operation[Desk, CommandT, ResultT], actor: Actor, command: CommandT) -> ResultT:
        """Carry out one operation as ``actor``. Raises :class:`AccessDenied`, and whatever the handler raises."""
        self.authorise(operation.name, operation.needs, actor)
        with self.desk(operation.name, actor, reading=not operation.changes_state) as at:
            outcome: Outcome[ResultT] = operation.handler(at, actor, command)
            if operation.changes_state:
                at.unit.audit(_records(at, operation.name, actor, outcome.changes))
        self.last_batch = at.batch
        return outcome.result

    def authorise(self, name: str, permission: str, actor: Actor) -> None:
        """Let ``actor`` through or record the denial and raise it."""
        try:
            roles.check(actor, permission)
        except AccessDenied:
            with self.bank.begin() as unit:
                unit.audit([AuditRecord(stamp(self.clock()), actor.signature, name, "", outcome="denied")])
            raise

    def record(self, name: str, actor: Actor, subject: str) -> None:
        """Put something on the audit trail that was done outside the bank's own tables."""
        with self.bank.begin() as unit:
            unit.audit([AuditRecord(stamp(self.clock()), actor.signature, name, subject)])

    @contextmanager
    def desk(self, name: str, actor: Actor, *, reading: bool = False) -> Iterator[Desk]:
        """One transaction with its desk; commits on a clean exit (or only reads)."""
        now = stamp(self.clock())
        with self.bank.read() if reading else self.bank.begin() as unit:
            yield self.desk_on(unit, name, actor, now)

    def desk_on(self, unit: Unit, name: str, actor: Actor, now: str) -> Desk:
        batch = ids.mint("CHG", actor.name, name, now)
        return desk(unit, self.vault, self.gate, now, actor.name, batch)

    def close(self) -> None:
        self.bank.close()
        if isinstance(self.vault, FolderVault):
            self.vault.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _records(at: Desk, name: str, actor: Actor, changes: Iterable[Change]) -> list[AuditRecord]:
    return [
        AuditRecord(
            at=at.now,
            actor=change.actor or actor.signature,
            operation=name,
            subject=change.subject,
            before=change.before,
            after=change.after,
            reason=change.reason,
            batch=at.batch,
        )
        for change in changes
    ]


def open_hilum(home: Path, clock: Clock = system_clock) -> Hilum:
    """Open the bank at ``home``. Raises :class:`~hilum.errors.StoreError` when there is none.

    The rules are read when something is first judged or shown, so that a broken pack does not keep a bank from being
    backed up.
    """
    settings = load(home)
    return Hilum(settings, open_bank(settings), open_vault(settings), Gate(partial(ruleset_of, settings)), clock)


def actor_of(settings: Settings, account: str, via: str = "") -> Actor:
    """The actor an account name stands for in this bank; an account without roles may do nothing.

    Raises :class:`BadInputError` for a role that does not exist: a typing error must not quietly take rights away.
    """
    known = [role.value for role in Role]
    named = dict(settings.actors).get(account, ())
    for role in named:
        if role not in known:
            raise BadInputError("role_unknown", account=account, role=role, known=", ".join(known))
    return Actor(name=account, roles=frozenset(map(Role, named)), organization=settings.name, via=via)
