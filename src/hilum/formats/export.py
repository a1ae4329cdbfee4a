"""What an export writes: accepted facts without personal values, whatever shape they are written in."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hilum.model.record import Kind, Value


@dataclass(frozen=True, slots=True)
class Exported:
    """One accepted fact: kind, key, the donor's pseudonym, its fields as the vocabulary types them (dates and instants
    as ISO text, partial ones too) without the personal ones, and the record that says so."""

    kind: Kind
    key: str
    donor: str | None
    fields: Mapping[str, Value]
    record: str


@dataclass(frozen=True, slots=True)
class About:
    """Which bank an export comes from, and when it was made (ISO instant)."""

    bank: str
    made_at: str


@dataclass(slots=True)
class Written:
    """What an export came to: files in the order written, rows or resources of each sort, and facts with no place in
    the target's shape, by kind (they are counted and told, never dropped in silence)."""

    files: list[Path] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)


Facts = Callable[[Kind], Iterator[Exported]]
"""The accepted facts of one kind, in the order they were accepted; may be asked for more than once."""

Exporter = Callable[[Facts, Path, About], Written]
"""Writes into an empty folder that exists. Streams: nothing grows with the number of facts but what must be joined."""
