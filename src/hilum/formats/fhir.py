"""FHIR resources, bundles and NDJSON as records: R4, the R5 names beside them, and what older versions share.

A record's line is the number of its entry or resource in the file. References are resolved within the file (and, in a
bulk export, through the Patient and Specimen files beside it); one that leads nowhere keeps its id, for the gate to
hold. Resource types with no place in the vocabulary are counted and told.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TypedDict

from hilum.formats.fhir_clinical import MAKERS
from hilum.formats.fhir_draft import Draft
from hilum.formats.fhir_references import References
from hilum.formats.fhir_version import version_of
from hilum.formats.json_stream import Element, JsonStream, decoder_of
from hilum.formats.member import Member
from hilum.formats.rows import natural_key
from hilum.formats.table import Notes
from hilum.model.record import Item, Locator, Record, SourceProblem

PREFIX = "fhir."
RANK = 40
_JSON, _NDJSON, _XML = "fhir.json", "fhir.ndjson", "fhir.xml"
_TYPED = re.compile(r'"resourceType"\s*:\s*"[A-Z][A-Za-z]+"')
_NAMESPACE = re.compile(r'<(\w+:)?[A-Z]\w+[^>]*xmlns(:\w+)?\s*=\s*"http://hl7\.org/fhir"')
_NEIGHBOUR = re.compile(r"(patient|specimen)[^/]*\.(ndjson|jsonl|json)$")
_NEIGHBOURS = 60
"""Files beside this one that are asked what Patient and Specimen references mean."""
_TYPES = 200
"""Different types told of; a file may name any number."""


class _Named(TypedDict, total=False):
    """What of a resource says what it is called."""

    resourceType: object
    id: object
    identifier: object
    accessionIdentifier: object


class _Entry(_Named, total=False):
    """An entry of a Bundle, or a resource."""

    fullUrl: object
    resource: _Named


_named = decoder_of(_Entry)


def sniff(head: bytes, name: str) -> tuple[str, int] | None:
    """Format and rank of a file that begins with ``head``, or ``None`` when it is something else."""
    text = _decoded(head)
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith("<") and _NAMESPACE.search(start):
        return _XML, RANK
    if not start.startswith(("{", "[")) or not _TYPED.search(start):
        return None
    first, _, rest = start.partition("\n")
    lines = name.lower().endswith((".ndjson", ".jsonl")) or (
        first.rstrip().endswith("}") and rest.lstrip().startswith("{")
    )
    return (_NDJSON if lines else _JSON), RANK


def _decoded(head: bytes) -> str:
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head.decode("utf-16", errors="replace")
    if head[1:2] == b"\0" or head[:1] == b"\0":
        return head.decode("utf-16-le" if head[1:2] == b"\0" else "utf-16-be", errors="replace")
    return head.decode("utf-8", errors="replace")


def items(member: Member, source: str, skip: int) -> Iterator[Item]:
    """Records and problems of one file, the first ``skip`` left out."""
    if member.format == _XML:
        problem = SourceProblem("fhir_xml", Locator(source, member.place, 1), {"place": member.place}, fatal=True)
        return islice(iter([problem]), skip, None)
    return islice(_Reading(member, source).items(), skip, None)


def resources(path: Path, place: str, source: str) -> Iterator[tuple[Element, object, object] | SourceProblem]:
    """Element, resource and full URL of everything in a file; the resource is ``None`` where an entry has none."""
    for one in JsonStream(path, ["entry"], source, place).elements():
        if isinstance(one, SourceProblem):
            yield one
            continue
        value = one.value
        if isinstance(value, dict) and "resourceType" not in value:
            yield one, value.get("resource"), value.get("fullUrl")
        else:
            yield one, value, None


class _Reading:
    """One file being read."""

    def __init__(self, member: Member, source: str) -> None:
        self._member, self._source = member, source
        self._refs = References()
        self._notes = Notes(self._at)
        self._unused: Counter[str] = Counter()
        self._versions: Counter[str] = Counter()
        self._last = 0

    def _at(self, number: int) -> Locator:
        return Locator(self._source, self._member.place, number)

    def items(self) -> Iterator[Item]:
        self._learn()
        if self._refs.full:
            yield SourceProblem("fhir_references_many", self._at(0), {})
        for one in resources(self._member.path, self._member.place, self._source):
            if isinstance(one, SourceProblem):
                yield one
            else:
                self._last = one[0].number
                yield from self._resource(one[1], one[0].number)
        yield from self._summary()

    def _learn(self) -> None:
        beside = [path for name, path in sorted(self._member.beside.items()) if _NEIGHBOUR.search(name)]
        for path in dict.fromkeys([self._member.path, *beside[:_NEIGHBOURS]]):
            for one in JsonStream(path, ["entry"], "", "", decode=_named).elements():
                if isinstance(one, Element):
                    self._learn_one(one.value)

    def _learn_one(self, value: object) -> None:
        """An entry or resource of which only the names were read, or one that stood in no array, whole."""
        if isinstance(value, dict):
            inner = value.get("resource") if "resourceType" not in value else None
            self._refs.learn(inner if isinstance(inner, dict) else value, value.get("fullUrl"))

    def _resource(self, resource: object, number: int) -> Iterator[Item]:
        if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
            yield from self._notes.note("fhir_no_resource", number, number=number)
            return
        kind = resource["resourceType"]
        make = MAKERS.get(kind)
        found = version_of(resource)
        if found:
            self._versions[found] += 1
        if make is None:
            self._count(kind)
            return
        made = 0
        for draft in make(resource, self._refs):
            made += 1
            for field, code in draft.unseen:
                yield from self._notes.note("fhir_invisible", number, number=number, field=field, code=code)
            yield self._record(draft, number)
        if not made:
            self._count(kind)

    def _count(self, kind: str) -> None:
        named = kind if kind.isascii() and kind.isalnum() and len(kind) < 60 else "?"
        self._unused[named if named in self._unused or len(self._unused) < _TYPES else "…"] += 1

    def _record(self, draft: Draft, number: int) -> Record:
        locator = self._at(number)
        donor = draft.fields.get("donor_id")
        return Record(
            kind=draft.kind,
            key=natural_key(draft.kind, draft.fields, locator),
            donor=str(donor) if donor is not None else None,
            fields=draft.fields,
            locator=locator,
            unreadable=draft.unreadable,
        )

    def _summary(self) -> Iterator[Item]:
        yield from self._notes.left_out()
        for version, count in sorted(self._versions.items()):
            yield SourceProblem("fhir_version", self._at(1), {"version": version, "count": count})
        for kind, count in sorted(self._unused.items()):
            yield SourceProblem("fhir_type_not_used", self._at(1), {"type": kind, "count": count})
