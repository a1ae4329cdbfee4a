"""What an earlier message of the same file said of a donor, a specimen or a visit and a later one does not take back.

In HL7 v2 a field that is not sent says nothing, and ``""`` (two quotation marks) deletes (v2.5.1, 2.5.3 and 2.7). A
result's message that names a specimen by its number and type only must therefore not take from it what the order or
the banking system's message said before. The later record carries those fields on and says so in its ``extra``.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from hilum.formats.hl7_message import Segment
from hilum.model.record import Kind, Record, Value

MOST = 100_000
"""Donors, specimens and visits of one file whose last state is kept; beyond them the longest unmentioned is let go."""
NOTE = "carried on"
"""Under this name stand the fields an earlier message told of and this one does not."""

_FIELDS: Mapping[Kind, Mapping[int, tuple[str, ...]]] = {
    Kind.DONOR: {
        5: ("name",),
        7: ("birth_on",),
        8: ("sex",),
        10: ("race",),
        13: ("phone",),
        19: ("national_id",),
        22: ("ethnicity",),
        30: ("vital_status",),
    },
    Kind.SPECIMEN: {
        3: ("parent_id",),
        4: ("specimen_type", "sample_type"),
        6: ("tube", "fixation"),
        12: ("volume_ul", "weight_mg"),
        17: ("collected_at",),
        18: ("received_at",),
        20: ("status",),
        21: ("status",),
        24: ("hemolysis",),
        27: ("tube",),
    },
    Kind.ENCOUNTER: {2: ("class",), 3: ("department",), 44: ("started_at",), 45: ("ended_at",)},
}
"""Kind -> number of a field of PID, SPM or PV1 -> what we read of it."""


@dataclass(frozen=True, slots=True)
class _Last:
    """The state after a message: fields as read, and texts that could not be."""

    fields: Mapping[str, Value]
    unreadable: Mapping[str, str]


class Carried:
    """The last state of what a file has told of so far. ``forgotten`` counts what was let go for want of room."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._last: OrderedDict[tuple[Kind, str], _Last] = OrderedDict()
        self.forgotten = 0

    def on(self, record: Record, segment: Segment) -> Record:
        """``record`` of ``segment`` with what was told before and is not taken back."""
        if record.kind not in _FIELDS:
            return record
        whose = (record.kind, record.key)
        before = self._last.pop(whose, None)
        if before is not None:
            record = _joined(record, before, spoken_of(record.kind, segment))
        self._last[whose] = _Last(record.fields, record.unreadable)
        if len(self._last) > self._most:
            self._last.popitem(last=False)
            self.forgotten += 1
        return record


def spoken_of(kind: Kind, segment: Segment) -> frozenset[str]:
    """The fields the segment speaks of, whatever was made of it: a value, a word we have no field for, or ``""``."""
    return frozenset(name for number, names in _FIELDS[kind].items() if segment.speaks_of(number) for name in names)


def _joined(record: Record, before: _Last, said: frozenset[str]) -> Record:
    said |= record.fields.keys() | record.unreadable.keys()
    fields = {name: value for name, value in before.fields.items() if name not in said}
    unreadable = {name: text for name, text in before.unreadable.items() if name not in said}
    if not fields and not unreadable:
        return record
    donor = fields.get("donor_id")
    return replace(
        record,
        donor=str(donor) if donor is not None else record.donor,
        fields=fields | {**record.fields},
        unreadable=unreadable | {**record.unreadable},
        extra={**record.extra, NOTE: ", ".join(sorted({*fields, *unreadable}))},
    )
