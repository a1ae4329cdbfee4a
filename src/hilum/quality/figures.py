"""What a collection report is made from: counts and rows as the bank's figures offer them, plain values only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from hilum.model.record import Locator
from hilum.quality.rule import Ruleset

JUDGED = ("accepted", "held", "rejected", "refused")
"""States of current records: what the share fit for use is taken over."""

BlockingSets = Mapping[tuple[str, str, tuple[str, ...]], int]
"""(kind, state, sorted ids of the unwaived rules that block or reject it) -> number of held or rejected records."""


class SourceLike(Protocol):
    """A file as received; :class:`hilum.registry.stored.Source` is one."""

    @property
    def id(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def format(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def received_at(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def parent(self) -> str: ...


class ProblemLike(Protocol):
    """Something wrong with a file; :class:`hilum.registry.stored.StoredProblem` is one."""

    @property
    def reason(self) -> str: ...
    @property
    def locator(self) -> Locator: ...
    @property
    def values(self) -> Mapping[str, str | int]: ...
    @property
    def fatal(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Cover:
    """What stands on the front of the report. ``generated_at`` is an ISO instant in UTC; ``software`` a version;
    ``synthetic`` marks a bank of generated records, which no one may take for patients."""

    title: str
    organization: str
    generated_at: str
    software: str
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class WaiverCounts:
    """Waivers by where they stand: in force, waiting for the second person, run out or withdrawn."""

    in_force: int
    awaiting: int
    lapsed: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The bank in numbers. The last four may be empty: the report then leaves out what they would show.

    ``counts``: (kind, state) -> records. ``finding_counts``: (rule, outcome, kind) -> current records.
    ``score_rows``: (kind, state, source id, (total, five dimensions)) of every current record, read once.
    ``site_counts``: (site, kind, state) -> records. ``applicable``: rule -> current records it applied to.
    """

    counts: Mapping[tuple[str, str], int]
    finding_counts: Mapping[tuple[str, str, str], int]
    score_rows: Iterable[tuple[str, str, str, tuple[float | None, ...]]]
    sources: Sequence[SourceLike]
    problems: Sequence[ProblemLike]
    ruleset: Ruleset
    site_counts: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    blocking_sets: BlockingSets = field(default_factory=dict)
    applicable: Mapping[str, int] = field(default_factory=dict)
    waivers: WaiverCounts | None = None
