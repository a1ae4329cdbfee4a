"""One path for every change: an operation is a name, a frozen command, a permission, an audit kind and a handler.

CLI, HTTP and console build the same command and hand it to ``app.run``, which authorises, opens one transaction,
calls the handler, writes the audit record and commits. Handlers never commit.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from hilum.model.party import Actor

CommandT = TypeVar("CommandT")
ResultT = TypeVar("ResultT")
UnitT = TypeVar("UnitT")


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """Who did what to which subject when, from what to what, and why. Never personal data."""

    at: str
    actor: str
    operation: str
    subject: str
    outcome: str = "done"
    before: str = ""
    after: str = ""
    reason: str = ""
    batch: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What a handler changed: goes into the audit record of its operation. ``actor`` is set where an operation is
    carried out for several at once, each of whom answers for a part."""

    subject: str
    before: str = ""
    after: str = ""
    reason: str = ""
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[ResultT]):
    """A handler's answer and what it changed (empty for a pure read)."""

    result: ResultT
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation(Generic[UnitT, CommandT, ResultT]):
    """An entry of the one table of operations. ``help`` is the catalogue key ``op.<name>``."""

    name: str
    takes: type[CommandT]
    needs: str
    handler: Callable[[UnitT, Actor, CommandT], Outcome[ResultT]]
    changes_state: bool = True
    faces: tuple[str, ...] = ("cli",)
    facts: Mapping[str, str] = field(default_factory=dict)
