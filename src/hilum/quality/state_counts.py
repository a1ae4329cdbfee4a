"""How many records stand in each state."""

from dataclasses import dataclass, fields, replace

from hilum.quality.proportion import Proportion


@dataclass(frozen=True, slots=True)
class StateCounts:
    """Records by state. The first four are current and judged, the others history (kept, replaced by others)."""

    accepted: int = 0
    held: int = 0
    rejected: int = 0
    refused: int = 0
    corrected: int = 0
    superseded: int = 0
    retracted: int = 0

    @property
    def judged(self) -> int:
        """Current records that were judged."""
        return self.accepted + self.held + self.rejected + self.refused

    @property
    def all(self) -> int:
        """Every record, history too."""
        return self.judged + self.corrected + self.superseded + self.retracted

    @property
    def fit(self) -> Proportion:
        """The share fit for use: accepted ÷ judged."""
        return Proportion(self.accepted, self.judged)

    def of(self, state: str) -> int:
        """Records in ``state``. Raises ``ValueError`` for a state that is none."""
        if state not in STATES:
            raise ValueError(f"no such state: {state}")
        count: int = getattr(self, state)
        return count

    def plus(self, state: str, n: int) -> "StateCounts":
        """These counts and ``n`` records more in ``state``."""
        return replace(self, **{state: self.of(state) + n})

    def __add__(self, other: "StateCounts") -> "StateCounts":
        return StateCounts(*(self.of(name) + other.of(name) for name in STATES))


STATES = tuple(field.name for field in fields(StateCounts))
