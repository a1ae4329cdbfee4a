"""EPCIS 2.0 documents (JSON, JSON-LD) and EPCIS 1.2 and 2.0 XML as custody steps, readings and logs.

A record's line is the number of its event in the file. Everything an event says that has no field here is counted and
told at the end; see :mod:`hilum.formats.epcis_events` for what becomes what.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from hilum.formats.epcis_events import TYPES, Boxes, records
from hilum.formats.epcis_xml import events as xml_events
from hilum.formats.fhir_draft import Draft
from hilum.formats.json_stream import JsonStream
from hilum.formats.member import Member
from hilum.formats.rows import natural_key
from hilum.formats.table import Notes
from hilum.model.record import Item, Locator, Record, SourceProblem

PREFIX = "epcis."
RANK = 60
_JSON, _XML = "epcis.json", "epcis.xml"
_ARRAYS = ("epcisBody.eventList", "epcisBody.queryResults.resultsBody.eventList")
_TYPED = re.compile(r'"(?:type|isA)"\s*:\s*"EPCIS(?:Query)?Document"|"epcisBody"\s*:')
_EVENT = re.compile(r'"(?:type|isA)"\s*:\s*"(?:Object|Aggregation|Transaction|Transformation|Association)Event"')
_ROOT = re.compile(r"<(?:\w+:)?EPCIS(?:Query)?Document\b")
_SORTS = 200
"""Different things told of; a file may name any number."""


def sniff(head: bytes, name: str) -> tuple[str, int] | None:
    """Format and rank of a file that begins with ``head``, or ``None`` when it is something else."""
    wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = head.decode("utf-16" if wide else "utf-8", errors="replace").lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        return (_XML, RANK) if _ROOT.search(text) else None
    if not text.startswith(("{", "[")):
        return None
    known = _TYPED.search(text) or (_EVENT.search(text) and '"eventTime"' in text)
    return (_JSON, RANK) if known else None


def items(member: Member, source: str, skip: int) -> Iterator[Item]:
    """Records and problems of one file, the first ``skip`` left out."""
    return islice(_Reading(member, source).items(), skip, None)


class _Reading:
    """One file being read: what is in which box, and what is told."""

    def __init__(self, member: Member, source: str) -> None:
        self._member, self._source = member, source
        self._notes = Notes(self._at)
        self._waiting: list[SourceProblem] = []
        self._unused: Counter[str] = Counter()
        self._boxes = Boxes()
        self._number = 0

    def _at(self, number: int) -> Locator:
        return Locator(self._source, self._member.place, number)

    def tell(self, reason: str, /, **values: str | int) -> None:
        """A problem with the event being read."""
        self._waiting += self._notes.note(reason, self._number, **{"number": self._number} | values)

    def count(self, what: str, /) -> None:
        """Something of the event being read that has no field here."""
        short = "".join(letter for letter in what if letter.isprintable())[:60]
        self._unused[short if short in self._unused or len(self._unused) < _SORTS else "…"] += 1

    def items(self) -> Iterator[Item]:
        for one in self._events():
            if isinstance(one, SourceProblem):
                yield one
                continue
            self._number, event = one
            yield from self._event(event)
        yield from self._notes.left_out()
        for what, count in sorted(self._unused.items()):
            yield SourceProblem("epcis_not_used", self._at(1), {"what": what, "count": count})

    def _events(self) -> Iterator[tuple[int, object] | SourceProblem]:
        if self._member.format == _XML:
            yield from xml_events(self._member.path, self._at)
            return
        for one in JsonStream(self._member.path, _ARRAYS, self._source, self._member.place).elements():
            yield one if isinstance(one, SourceProblem) else (one.number, one.value)

    def _event(self, event: object) -> Iterator[Item]:
        type_ = event.get("type", event.get("isA")) if isinstance(event, dict) else None
        if not isinstance(event, dict) or not isinstance(type_, str) or type_ not in TYPES:
            if isinstance(type_, str) and type_.startswith("EPCIS"):
                return  # a document whose list of events is empty
            self.count(type_ if isinstance(type_, str) else "?")
            return
        for draft in records(event | {"type": type_}, f"{self._member.place}:{self._number}", self._boxes, self):
            for name, code in draft.unseen:
                self.tell("epcis_invisible", field=name, code=code)
            yield from self._take()
            yield self._record(draft)
        yield from self._take()

    def _take(self) -> list[SourceProblem]:
        found, self._waiting = self._waiting, []
        return found

    def _record(self, draft: Draft) -> Record:
        locator = self._at(self._number)
        key = natural_key(draft.kind, draft.fields, locator)
        return Record(draft.kind, key, None, draft.fields, locator, draft.unreadable)
