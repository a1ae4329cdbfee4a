"""What the bank keeps of SOPs and of how specimens stand to them, as plain values."""

from dataclasses import dataclass
from enum import StrEnum

from hilum.quality.process import Outcome, ProcessVerdict


class SopState(StrEnum):
    """Whether an SOP version is asked for now."""

    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class StoredSop:
    """One version of an SOP; ``body`` is :func:`hilum.quality.sop_text.as_text`, ``digest`` is of its bytes.

    At most one version of an id is active."""

    id: str
    version: int
    state: SopState
    digest: str
    added_at: str
    added_by: str
    body: str


@dataclass(frozen=True, slots=True)
class ProcessStanding:
    """How one specimen stands to one SOP: a read model, made again at will. ``at`` is when it was made;
    ``pending_until`` is an instant as :func:`hilum.clock.stamp` writes it, or empty."""

    specimen: str
    sop: str
    version: int
    verdict: ProcessVerdict
    pending_until: str
    at: str
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class ProcessFilter:
    """Which standings are asked for; empty fields do not restrict. ``due_by`` asks for pending ones whose time has
    come by then, ``since`` for those made then or later, ``after`` for specimens after this one."""

    specimens: tuple[str, ...] = ()
    verdicts: tuple[ProcessVerdict, ...] = ()
    sop: str = ""
    due_by: str = ""
    since: str = ""
    after: str = ""
    limit: int = 1000
