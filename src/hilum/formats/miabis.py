"""MIABIS samples, sample donors and events as records, from CSV under MIABIS's attribute names or from JSON.

JSON is an array, an object per line, or one object whose members ``samples``, ``sampleDonors`` and ``events`` hold
arrays. A record's line is the row or the number of the object. What no field holds is counted and told at the end.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice

from hilum.formats.fhir_draft import Draft
from hilum.formats.json_stream import JsonStream
from hilum.formats.member import Member
from hilum.formats.miabis_names import EVENT, UNUSED, attribute, entity, is_miabis
from hilum.formats.miabis_records import Attributes, records
from hilum.formats.omop_rows import Table, header_of
from hilum.formats.rows import natural_key
from hilum.formats.table import Notes
from hilum.formats.values import is_missing
from hilum.model.record import Item, Locator, Record, SourceProblem

PREFIX = "miabis."
RANK = 40
_JSON, _CSV = "miabis.json", "miabis.csv"
_ARRAYS = ("samples", "sampleDonors", "donors", "events", "sample", "sampleDonor", "event")
_NAME = re.compile(r'"([^"\\]{2,60})"\s*:')
_SOME = 400
_SORTS = 200
_ROWS = {"omop_row_long": "miabis_row_long", "omop_row_short": "miabis_row_short"}
_SEVERAL = re.compile(r"\s*[;|]\s*")


def sniff(head: bytes, name: str) -> tuple[str, int] | None:
    """Format and rank of a file that begins with ``head``, or ``None`` when it is something else."""
    wide = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = head.decode("utf-16" if wide else "utf-8", errors="replace").lstrip("\ufeff \t\r\n")
    if text.startswith(("{", "[")):
        return (_JSON, RANK) if _is_json(text) else None
    header, _ = header_of(text.split("\n", 1)[0].rstrip("\r"))
    return (_CSV, RANK) if is_miabis(header) else None


def _is_json(text: str) -> bool:
    """Whether most names among the first are MIABIS's, an identifier and one that only MIABIS has among them."""
    names = {found[1] for found in islice(_NAME.finditer(text), _SOME)} - set(_ARRAYS)
    known = [name for name in names if attribute(name) is not None]
    return len(known) * 2 > len(names) and is_miabis(known)


def items(member: Member, source: str, skip: int) -> Iterator[Item]:
    """Records and problems of one file, the first ``skip`` left out."""
    return islice(_Reading(member, source).items(), skip, None)


class _Reading:
    """One file being read, and what is told at the end."""

    def __init__(self, member: Member, source: str) -> None:
        self._member, self._source = member, source
        self._notes = Notes(self._at)
        self._waiting: list[SourceProblem] = []
        self._unused: Counter[str] = Counter()

    def _at(self, line: int) -> Locator:
        return Locator(self._source, self._member.place, line)

    def _tell(self, reason: str, line: int) -> None:
        self._waiting += self._notes.note(_ROWS.get(reason, reason), line, line=line)

    def items(self) -> Iterator[Item]:
        yield from self._objects() if self._member.format == _JSON else self._rows()
        yield from self._notes.left_out()
        for name, count in sorted(self._unused.items()):
            yield SourceProblem("miabis_not_used", self._at(1), {"name": name, "count": count})

    def _rows(self) -> Iterator[Item]:
        table = Table(self._member.path)
        for line, cells in table.rows(self._tell):
            yield from self._take()
            told = {name: _SEVERAL.split(cell.strip()) for name, cell in zip(table.header, cells, strict=True)}
            yield from self._entity(told, line)
        yield from self._take()

    def _objects(self) -> Iterator[Item]:
        stream = JsonStream(self._member.path, _ARRAYS, self._source, self._member.place)
        for one in stream.elements():
            if isinstance(one, SourceProblem):
                yield one
            elif isinstance(one.value, dict):
                yield from self._entity(_flat(one.value), one.number)
            else:
                yield from self._notes.note("miabis_no_entity", one.number, line=one.number)

    def _take(self) -> list[SourceProblem]:
        found, self._waiting = self._waiting, []
        return found

    def _entity(self, told: Mapping[str, list[str]], line: int) -> Iterator[Item]:
        attributes = self._attributes(told)
        kind = entity(attributes)
        if kind is None:
            if attributes:
                yield from self._notes.note("miabis_no_entity", line, line=line)
            return
        if kind == EVENT and "sample_id" in attributes and "age" in attributes:
            self._count("Age at event")
        for draft in records(kind, attributes):
            for field, code in draft.unseen:
                yield from self._notes.note("miabis_invisible", line, line=line, field=field, code=code)
            yield self._record(draft, line)

    def _attributes(self, told: Mapping[str, list[str]]) -> Attributes:
        found: dict[str, list[str]] = {}
        for name, values in told.items():
            key = attribute(name)
            said = [value for value in values if value and (key == "sex" or not is_missing(value))]
            if not said:
                continue
            if key is None or key in UNUSED or (key == "source" and said[0].strip().lower() != "human"):
                self._count(name)
            elif key != "source":
                found.setdefault(key, []).extend(said)
        return found

    def _count(self, name: str) -> None:
        short = "".join(letter for letter in name if letter.isprintable())[:60]
        self._unused[short if short in self._unused or len(self._unused) < _SORTS else "…"] += 1

    def _record(self, draft: Draft, line: int) -> Record:
        locator = self._at(line)
        donor = draft.fields.get("donor_id")
        key = natural_key(draft.kind, draft.fields, locator)
        return Record(
            draft.kind, key, str(donor) if donor is not None else None, draft.fields, locator, draft.unreadable
        )


def _flat(value: Mapping[str, object]) -> dict[str, list[str]]:
    """Members as texts; those of an inner object under both names (``anatomicalSite`` and ``ontologyCode``)."""
    found: dict[str, list[str]] = {}
    for name, inner in value.items():
        for one in inner if isinstance(inner, list) else [inner]:
            if isinstance(one, dict):
                for part, text in one.items():
                    for each in text if isinstance(text, list) else [text]:
                        found.setdefault(f"{name} {part}", []).extend(_text(each))
            else:
                found.setdefault(name, []).extend(_text(one))
    return found


def _text(value: object) -> list[str]:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return []
    return [str(value)]
