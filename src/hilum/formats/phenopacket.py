"""GA4GH Phenopackets (v2 JSON: phenopacket, family, cohort; one, an array, or one per line) as records.

A record's line is the number of its phenopacket in the file. Version 1 is recognised: what it names as version 2 does
is read, the rest is told. Source: GA4GH Phenopacket Schema 2.0 (ISO 4454:2022).
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from hilum.formats.fhir_draft import Draft, sub
from hilum.formats.json_stream import JsonStream
from hilum.formats.member import Member
from hilum.formats.phenopacket_records import records
from hilum.formats.rows import natural_key
from hilum.formats.table import Notes
from hilum.model.record import Item, Locator, Record, SourceProblem

PREFIX = "phenopacket."
RANK = 40
_JSON = "phenopacket.json"
_ARRAYS = ("relatives", "members")
_VERSION = re.compile(r'"(?:phenopacketSchemaVersion|phenopacket_schema_version)"')
_PERSON = re.compile(r'"(?:subject|proband|members)"\s*:')
_INSIDE = re.compile(
    r'"(?:phenotypicFeatures|phenotypic_features|biosamples|medicalActions|medical_actions|timeAtLastEncounter|'
    r'time_at_last_encounter|iso8601duration|ageAtCollection)"\s*:'
)
_SNAKE = re.compile(r"_([a-z0-9])")
_OLD = frozenset({"ageAtCollection", "ageOfOnset", "classOfOnset", "individualAgeAtCollection", "genes", "variants"})
_AROUND = frozenset({"id", "proband", "metaData", "consanguinousParent", "description"})
_SORTS = 200
_DEEPEST = 60


def sniff(head: bytes, name: str) -> tuple[str, int] | None:
    """Format and rank of a file that begins with ``head``, or ``None`` when it is something else."""
    wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = head.decode("utf-16" if wide else "utf-8", errors="replace").lstrip("\ufeff \t\r\n")
    if not text.startswith(("{", "[")):
        return None
    known = _VERSION.search(text) or (_PERSON.search(text) and _INSIDE.search(text))
    return (_JSON, RANK) if known else None


def items(member: Member, source: str, skip: int) -> Iterator[Item]:
    """Records and problems of one file, the first ``skip`` left out."""
    return islice(_Reading(member, source).items(), skip, None)


class _Reading:
    """One file being read, and what is told at the end."""

    def __init__(self, member: Member, source: str) -> None:
        self._member, self._source = member, source
        self._notes = Notes(self._at)
        self._unused: Counter[str] = Counter()
        self._old = 0
        self._number = 0

    def _at(self, number: int) -> Locator:
        return Locator(self._source, self._member.place, number)

    def _count(self, what: str) -> None:
        short = "".join(letter for letter in what if letter.isprintable())[:60]
        self._unused[short if short in self._unused or len(self._unused) < _SORTS else "…"] += 1

    def items(self) -> Iterator[Item]:
        stream = JsonStream(self._member.path, _ARRAYS, self._source, self._member.place)
        around = stream.top
        for one in stream.elements():
            if stream.top is not around:
                yield from self._family(around)
                around = stream.top
            if isinstance(one, SourceProblem):
                yield one
                continue
            if one.value is around:
                around = {}
                stream.top = around
            yield from self._packet(one.value)
        yield from self._family(stream.top)
        yield from self._notes.left_out()
        if self._old:
            yield SourceProblem("phenopacket_version", self._at(1), {"count": self._old})
        for what, count in sorted(self._unused.items()):
            yield SourceProblem("phenopacket_not_used", self._at(1), {"what": what, "count": count})

    def _family(self, around: dict[str, object]) -> Iterator[Item]:
        """What stands around relatives or members: the proband."""
        told = _camel(around)
        proband = sub(told, "proband")
        if isinstance(told, dict):
            for name in told.keys() - _AROUND:
                self._count(name)
        if proband:
            yield from self._packet(proband)

    def _packet(self, value: object) -> Iterator[Item]:
        self._number += 1
        packet = _camel(value)
        if isinstance(packet, dict) and "proband" in packet and "subject" not in packet:
            self._number -= 1
            yield from self._family(packet)  # a family without relatives
            return
        if not isinstance(packet, dict) or not (packet.keys() & {"subject", "biosamples", "diseases", "id"}):
            yield from self._notes.note("phenopacket_none", self._number, number=self._number)
            return
        self._old += _is_old(packet)
        for draft in records(packet, f"{self._member.place}:{self._number}", self._count):
            for field, code in draft.unseen:
                yield from self._notes.note(
                    "phenopacket_invisible", self._number, number=self._number, field=field, code=code
                )
            yield self._record(draft)

    def _record(self, draft: Draft) -> Record:
        locator = self._at(self._number)
        donor = draft.fields.get("donor_id")
        key = natural_key(draft.kind, draft.fields, locator)
        return Record(
            draft.kind, key, str(donor) if donor is not None else None, draft.fields, locator, draft.unreadable
        )


def _is_old(packet: dict[str, object]) -> bool:
    """Whether a phenopacket is of version 1, by what it says or by the names it uses."""
    version = sub(packet, "metaData").get("phenopacketSchemaVersion")
    if isinstance(version, str) and version.strip():
        return version.strip().startswith(("0", "1"))
    named = {*packet, *sub(packet, "subject"), *sub(packet, "diseases"), *sub(packet, "biosamples")}
    return bool(named & _OLD)


def _camel(value: object, depth: int = 0) -> object:
    """``value`` with its members named as the JSON mapping names them; protobuf may also keep ``snake_case``."""
    if depth > _DEEPEST:
        return None
    if isinstance(value, list):
        return [_camel(one, depth + 1) for one in value]
    if not isinstance(value, dict):
        return value
    return {_SNAKE.sub(lambda found: found[1].upper(), name): _camel(one, depth + 1) for name, one in value.items()}
