"""FHIR resources, bundles and NDJSON as records: R4, the R5 names beside them, and what older versions share.

A record's line is the number of its entry or resource in the file. References are resolved within the file (and, in a
bulk export, through the Patient and Specimen files beside it); one that leads nowhere keeps its id, for the gate to
hold. Resource types with no place in the vocabulary are counted and told.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypedDict

from hilum.formats.fhir_clinical import MAKERS
from hilum.formats.fhir_draft import Draft
from hilum.formats.fhir_references import References
from hilum.formats.fhir_version import version_of
from hilum.formats.json_stream import Element, JsonStream, decoder_of
from hilum.formats.member import Member
from hilum.formats.rows import natural_key
from hilum.formats.table import Notes
from hilum.model.record import Item, Kind, Locator, Record, SourceProblem, Value
from hilum.registry.privacy import KEY_SEPARATOR

PREFIX = "fhir."
RANK = 40
_JSON, _NDJSON, _XML = "fhir.json", "fhir.ndjson", "fhir.xml"
_TYPED = re.compile(r'"resourceType"\s*:\s*"[A-Z][A-Za-z]+"')
_NAMESPACE = re.compile(r'<(\w+:)?[A-Z]\w+[^>]*xmlns(:\w+)?\s*=\s*"http://hl7\.org/fhir"')
_NEIGHBOUR = re.compile(r"(patient|specimen)[^/]*\.(ndjson|jsonl|json)$")
_REPORTS = re.compile(r"(patient|specimen|diagnosticreport)[^/]*\.(ndjson|jsonl|json)$")
_NEIGHBOURS = 60
"""Files beside this one that are asked what Patient and Specimen references mean, and which report a result is in."""
_HELD = 8 << 20
"""Bytes of a file whose resources are held in memory while its references are learnt."""
_SHAPES = 4_096
_TYPES = 200
"""Different types told of; a file may name any number."""


class _Named(TypedDict, total=False):
    """What of a resource says what it is called."""

    resourceType: object
    id: object
    identifier: object
    accessionIdentifier: object
    result: object


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


class _Reading:
    """One file being read."""

    def __init__(self, member: Member, source: str) -> None:
        self._member, self._source = member, source
        self._refs = References()
        self._notes = Notes(self._at)
        self._unused: Counter[str] = Counter()
        self._versions: Counter[str] = Counter()

    def _at(self, number: int) -> Locator:
        return Locator(self._source, self._member.place, number)

    def items(self) -> Iterator[Item]:
        elements = self._learned()
        if self._refs.full:
            yield SourceProblem("fhir_references_many", self._at(0), {})
        for one in elements:
            if isinstance(one, SourceProblem):
                yield one
            else:
                yield from self._resource(one.value, one.number)
        yield from self._summary()

    def _learned(self) -> Iterable[Element | SourceProblem]:
        """The elements of the file, after all of it has been asked what its references mean.

        A small file is held meanwhile; a large one, and one with broken elements, is read a second time."""
        elements: Iterable[Element | SourceProblem] = JsonStream(
            self._member.path, ["entry"], self._source, self._member.place
        ).elements()
        wanted = _REPORTS if "observation" in self._member.place.lower() else _NEIGHBOUR
        beside = [path for name, path in sorted(self._member.beside.items()) if wanted.search(name)]
        unread = list(dict.fromkeys([self._member.path, *beside[:_NEIGHBOURS]]))
        if self._member.size <= _HELD:
            elements = held = list(elements)
            if not any(isinstance(one, SourceProblem) for one in held):
                self._learn(held)
                del unread[0]
        for path in unread:
            self._learn(JsonStream(path, ["entry"], "", "", decode=_named).elements())
        return elements

    def _learn(self, elements: Iterable[Element | SourceProblem]) -> None:
        learn = self._refs.learn
        for one in elements:
            value = one.value if isinstance(one, Element) else None
            if isinstance(value, dict):
                inner = value.get("resource") if "resourceType" not in value else None
                learn(inner if isinstance(inner, dict) else value, value.get("fullUrl"))

    def _resource(self, resource: object, number: int) -> Iterator[Item]:
        """The items of an entry of a Bundle or of a resource."""
        url: object = None
        if isinstance(resource, dict) and "resourceType" not in resource:
            url, resource = resource.get("fullUrl"), resource.get("resource")
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        if not isinstance(resource, dict) or not isinstance(kind, str):
            yield from self._notes.note("fhir_no_resource", number, number=number)
            return
        make = MAKERS.get(kind)
        found = version_of(resource)
        if found:
            self._versions[found] += 1
        if make is None:
            self._count(kind)
            return
        made, locator = 0, self._at(number)
        for draft in make(resource, self._refs):
            made += 1
            if draft.kind is Kind.OBSERVATION and self._refs.reports:
                draft.put("report_id", self._refs.report(resource, url))
            for field, code in draft.unseen:
                yield from self._notes.note("fhir_invisible", number, number=number, field=field, code=code)
            yield _record(draft, locator)
        if not made:
            self._count(kind)

    def _count(self, kind: str) -> None:
        named = kind if kind.isascii() and kind.isalnum() and len(kind) < 60 else "?"
        self._unused[named if named in self._unused or len(self._unused) < _TYPES else "…"] += 1

    def _summary(self) -> Iterator[Item]:
        yield from self._notes.left_out()
        for version, count in sorted(self._versions.items()):
            yield SourceProblem("fhir_version", self._at(1), {"version": version, "count": count})
        for kind, count in sorted(self._unused.items()):
            yield SourceProblem("fhir_type_not_used", self._at(1), {"type": kind, "count": count})


def _record(draft: Draft, locator: Locator) -> Record:
    fields = draft.fields
    donor = fields.get("donor_id")
    whose = str(donor) if donor is not None else None
    return Record(draft.kind, _key(draft.kind, fields, locator), whose, fields, locator, draft.unreadable, draft.extra)


_naming: dict[tuple[str, ...], tuple[str, ...]] = {}
"""Kind and the fields that say something -> those of them that are its natural key, none where the place is."""


def _key(kind: Kind, fields: dict[str, Value], locator: Locator) -> str:
    """:func:`natural_key`; which fields name a fact depends on nothing but which of them there are."""
    if None in fields.values():
        return natural_key(kind, fields, locator)
    shape = (kind, *fields)
    names = _naming.get(shape)
    if names is None:
        if len(_naming) >= _SHAPES:
            _naming.clear()
        asked = natural_key(kind, {name: name for name in fields}, locator).split(KEY_SEPARATOR)
        names = _naming[shape] = tuple(asked) if fields.keys() >= set(asked) else ()
    parts = [part for name in names if isinstance(part := fields[name], str)]
    key = KEY_SEPARATOR.join(parts)
    if not names or len(parts) < len(names) or key.count(KEY_SEPARATOR) >= len(names):
        return natural_key(kind, fields, locator)
    return key
