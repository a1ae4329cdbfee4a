"""Where a record may go from where it stands: the state machine of the quarantine, as a table.

The information gate is not the freezer. A held record keeps its place and its clock runs on, but it is no fact: what
looks for specimens never sees it.
"""

from hilum.errors import ConflictError, Word
from hilum.registry.stored import RecordState as S

STEPS: dict[S, frozenset[S]] = {
    S.HELD: frozenset({S.ACCEPTED, S.CORRECTED, S.REFUSED, S.RETRACTED, S.SUPERSEDED}),
    S.REJECTED: frozenset({S.CORRECTED, S.REFUSED, S.SUPERSEDED}),
    S.REFUSED: frozenset({S.HELD, S.SUPERSEDED}),
    S.CORRECTED: frozenset({S.HELD}),
    S.ACCEPTED: frozenset({S.HELD, S.SUPERSEDED}),
    S.SUPERSEDED: frozenset({S.ACCEPTED}),
    S.RETRACTED: frozenset(),
}
"""state -> states that may follow. ``RETRACTED`` is a held correction that was undone."""

OPEN = (S.HELD, S.REJECTED)
"""What a curator's queue shows."""


def may_become(state: S, wanted: S) -> bool:
    """Whether a record in ``state`` may become ``wanted``."""
    return wanted in STEPS[state]


def check_step(record_id: str, state: S, wanted: S) -> None:
    """Raise :class:`ConflictError` unless the step is in the table."""
    if not may_become(state, wanted):
        raise ConflictError(
            "record_state", record=record_id, state=Word(f"state.{state.value}"), wanted=Word(f"state.{wanted.value}")
        )


def diagram() -> str:
    """The table as a Mermaid state diagram, for the manual."""
    arrows = [f"    {state.value} --> {after.value}" for state in S for after in sorted(STEPS[state])]
    return "\n".join(["stateDiagram-v2", *arrows])
