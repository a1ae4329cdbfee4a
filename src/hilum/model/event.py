"""What happened to a donor or a specimen, on two time axes.

``happened`` is when it took place, as precisely as the source says; ``recorded_at`` is when the bank knew it.
De-identified sources give days counted from the donor's index event (usually the diagnosis) instead of dates:
those keep their number and are never turned into made-up dates.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hilum.model.record import Kind, Value


class EventKind(StrEnum):
    """Happenings in the past tense; the glossary has the Chinese word of each."""

    DONOR_REGISTERED = "donor.registered"
    CONSENT_GIVEN = "consent.given"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    DONOR_DIAGNOSED = "donor.diagnosed"
    DONOR_MEASURED = "donor.measured"
    DONOR_FOLLOWED = "donor.followed"
    DONOR_TREATED = "donor.treated"
    SPECIMEN_COLLECTED = "specimen.collected"
    SPECIMEN_PREPARED = "specimen.prepared"
    SPECIMEN_TRANSPORTED = "specimen.transported"
    SPECIMEN_STORED = "specimen.stored"
    SPECIMEN_MEASURED = "specimen.measured"
    SPECIMEN_ASSAYED = "specimen.assayed"
    SLIDE_PREPARED = "slide.prepared"
    TRANSPORT_MEASURED = "transport.measured"
    TRANSPORT_LOGGED = "transport.logged"
    SPECIMEN_HANDED_OVER = "specimen.handed_over"
    DONOR_VISITED = "donor.visited"
    REPORT_ISSUED = "report.issued"
    RECORD_RETRACTED = "record.retracted"


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened: an ISO date or instant (``at``), or days from the donor's index event, or neither."""

    at: str | None = None
    offset_days: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One append-only happening.

    ``kind_of_fact`` and ``key`` name the fact the event asserts (or, for ``record.retracted``, takes back);
    ``record`` is the record that says so; its ``fields`` are the payload. ``seq`` orders what the bank knew.
    """

    seq: int
    id: str
    kind: EventKind
    fact: Kind
    key: str
    donor: str | None
    parent: str | None
    moment: Moment
    recorded_at: str
    record: str
    fields: Mapping[str, Value]
