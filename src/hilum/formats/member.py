"""One file that is about to be read, and what a reader of a format is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hilum.model.record import Item


@dataclass(frozen=True, slots=True)
class Member:
    """One file to read: label, where it lies, size in bytes, SHA-256, format, and rank (low ranks are read first).

    ``beside`` are the files of the same folder or archive by their names in lower case: some formats spread one
    statement over several files (a measurement and the concept it names).
    """

    place: str
    path: Path
    size: int
    digest: str
    format: str
    rank: int
    beside: Mapping[str, Path] = field(default_factory=dict)


Reader = Callable[[Member, str, int], Iterator[Item]]
"""Items of a member under a source identifier, always the same ones in the same order, without the first so many."""

Sniffer = Callable[[bytes, str], tuple[str, int] | None]
"""Format and rank of a file by its first 64 KiB and its name (the last part of its label), or ``None``."""
