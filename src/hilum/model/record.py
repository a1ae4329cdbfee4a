"""One incoming fact as received: what kind, about whom, its typed values, and where exactly it stood."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Value = str | int | float | bool | None


class Kind(StrEnum):
    """What a record tells of. The fields of each kind are in ``vocabulary.toml``."""

    DONOR = "donor"
    CONSENT = "consent"
    CONDITION = "condition"
    OBSERVATION = "observation"
    FOLLOW_UP = "follow_up"
    MEDICATION = "medication"
    PROCEDURE = "procedure"
    COLLECTION = "collection"
    SPECIMEN = "specimen"
    PREPARATION = "preparation"
    SLIDE = "slide"
    TRANSPORT = "transport"
    STORAGE = "storage"
    ASSAY = "assay"
    READING = "reading"
    LOG = "log"
    CUSTODY = "custody"
    ENCOUNTER = "encounter"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Locator:
    """Where a record stood: the source (an identifier), the member or sheet within it, and the line or row there."""

    source: str
    place: str
    line: int


MESSAGE = "#message-"
"""Between a place and the number of a message in it. Messages of one file were sent one after the other: a later one
corrects an earlier one, whereas two rows of one table that differ contradict each other."""


def statement_of(source: str, place: str) -> str:
    """What a record is part of: its source as a whole, or one message of it."""
    return f"{source}\0{place}" if MESSAGE in place else source


@dataclass(frozen=True, slots=True)
class Record:
    """One fact as received.

    ``key`` is the natural key within the kind (a specimen's barcode, a follow-up's barcode): the same key from a
    later source means a correction. ``donor`` is the donor's identifier *as the source writes it*: personal data.
    ``fields`` are typed by the vocabulary (dates and instants as ISO text); a value that could not be read as its
    type is ``None`` there and stands as received in ``unreadable``. ``extra`` are columns nobody mapped.
    """

    kind: Kind
    key: str
    donor: str | None
    fields: Mapping[str, Value]
    locator: Locator
    unreadable: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceProblem:
    """Something wrong with a file rather than with one record: place, reason (catalogue key) and values.

    ``fatal`` means that no more can be read from this member; the rest of the source goes on.
    """

    reason: str
    locator: Locator
    values: Mapping[str, str | int] = field(default_factory=dict)
    fatal: bool = False


Item = Record | SourceProblem
