"""HL7 v2 messages as records.

Read by segment, whatever the message type: PID is a donor, PV1 a visit, DG1 a diagnosis, PR1 a procedure, RXA a given
medicine, SPM a specimen, OBR a report, OBX a result. What is not read is told once with a count. A message that cannot
be read is one problem; the others are read all the same.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timezone
from itertools import islice

from hilum.formats import decoding, hl7_charset, hl7_codes, hl7_people, hl7_results
from hilum.formats.hl7_carried import MOST, Carried
from hilum.formats.hl7_draft import Context
from hilum.formats.hl7_message import Message, Segment, parse
from hilum.formats.hl7_stream import Aside, Raw, messages
from hilum.formats.hl7_values import moment, zone_in
from hilum.formats.member import Member
from hilum.formats.rows import CHINA_ZONE
from hilum.formats.table import Notes
from hilum.model.record import MESSAGE, Item, Locator, Record, SourceProblem
from hilum.model.vocabulary import FieldType

PREFIX = "hl7."
RANK = 40
FORMAT = "hl7.v2"
_STARTS = (b"MSH", b"FHS", b"BHS")
_READ = frozenset({"MSH", "EVN", "PID", "PV1", "PV2", "DG1", "PR1", "RXA", "RXR", "SPM", "OBR", "OBX", "MRG", "ORC"})
_BY_SPECIMEN = ("OUL^R22", "OUL^R23")
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def sniff(head: bytes, name: str) -> tuple[str, int] | None:
    """Format and rank of a file that begins with ``head``, or ``None`` when it is something else.

    The first segment is MSH or a batch header, after byte-order marks, framing bytes and blanks; in a file called
    ``.hl7`` it may stand further down.
    """
    text = head.replace(b"\0", b"") if b"\0" in head[:8] else head
    for mark in _MARKS:
        text = text.removeprefix(mark)
    text = text.lstrip(b"\x0b\x1c \t\r\n\xef\xbb\xbf")
    if text[:3] in _STARTS and len(signs := text[3:5].decode("latin-1")) == 2 and not any(map(_is_plain, signs)):
        return FORMAT, RANK
    if name.lower().endswith((".hl7", ".hl7v2")) and any(b"\n" + sign + b"|" in text for sign in _STARTS):
        return FORMAT, RANK
    return (FORMAT, RANK) if name.lower().endswith((".hl7", ".hl7v2")) and b"\rMSH|" in text else None


def _is_plain(letter: str) -> bool:
    return letter.isalnum() or letter.isspace() or letter in "\"'"


def items(member: Member, source: str, skip: int) -> Iterator[Item]:
    """Records and problems of one file, the first ``skip`` left out."""
    return islice(_Reading(member, source).items(), skip, None)


@dataclass(slots=True)
class _Seen:
    """What is counted over a file and told at its end."""

    unused_types: Counter[str] = field(default_factory=Counter)
    unused_segments: Counter[str] = field(default_factory=Counter)
    tests: Counter[str] = field(default_factory=Counter)
    attachments: int = 0


class _Reading:
    """One file being read."""

    def __init__(self, member: Member, source: str) -> None:
        self._member, self._source = member, source
        self._notes = Notes(self._at)
        self._told: list[SourceProblem] = []
        self._seen = _Seen()
        self._carried = Carried()
        self._fallback: str | None = None

    def _at(self, line: int) -> Locator:
        return Locator(self._source, self._member.place, line)

    def items(self) -> Iterator[Item]:
        """Everything the file says, in its order."""
        for one in messages(self._member.path):
            if isinstance(one, Aside):
                yield from self._notes.note(one.reason, one.line, **{"line": one.line, **one.values})
                continue
            try:
                found = list(self._message(one))
            except (ValueError, IndexError, KeyError, OverflowError, RecursionError):
                self._told.clear()
                line = one.lines[0][0]
                yield from self._notes.note("hl7_message_unreadable", line, line=line, message=one.number)
                continue
            yield from self._told
            self._told.clear()
            yield from found
        yield from self._counted()
        yield from self._notes.left_out()

    def _tell(self, reason: str, line: int, /, **details: str | int) -> None:
        if reason == "hl7_attachment_not_kept":
            self._seen.attachments += 1
        else:
            self._told += self._notes.note(reason, line, **{"line": line, **details})

    def _counted(self) -> Iterator[Item]:
        for kind, count in sorted(self._seen.unused_types.items()):
            yield SourceProblem("hl7_type_not_used", self._at(1), {"type": kind, "count": count})
        if self._seen.unused_segments:
            listed = sorted(self._seen.unused_segments.items())
            names = "、".join(f"{name} {count}" for name, count in listed)
            yield SourceProblem("hl7_segments_not_used", self._at(1), {"segments": names})
        if self._seen.attachments:
            yield SourceProblem("hl7_attachment_not_kept", self._at(1), {"count": self._seen.attachments})
        if self._carried.forgotten:
            values: dict[str, str | int] = {"limit": MOST, "count": self._carried.forgotten}
            yield SourceProblem("hl7_not_carried_on", self._at(1), values)
        for mode, count in sorted(self._seen.tests.items()):
            yield SourceProblem("hl7_test_message", self._at(1), {"mode": mode, "count": count})

    # one message -------------------------------------------------------------------------------------------------

    def _message(self, raw: Raw) -> Iterator[Record]:
        line = raw.lines[0][0]
        if raw.too_large:
            self._tell("hl7_message_too_large", line, message=raw.number)
            return
        message = self._parsed(raw)
        for reason, where in message.odd:
            self._tell(reason, where, message=message.number)
        event = message.type.partition("^")[2]
        if event in hl7_codes.DELETES:
            self._tell("hl7_delete", line, message=message.number)
            return
        if event in hl7_codes.MERGES:
            merged = next((one.line for one in message.segments if one.name == "MRG"), line)
            self._tell("hl7_merge", merged, message=message.number)
        place = f"{self._member.place}{MESSAGE}{message.number}"
        context = Context(message, self._source, place, _zone_of(message))
        found = self._carried_on(message, list(self._records(message, context)))
        self._count(message, bool(found))
        for where, name, code in context.unseen:
            self._tell("hl7_invisible", where, message=message.number, field=name, code=code)
        if message.escapes.odd:
            self._tell("hl7_escape", line, message=message.number, count=message.escapes.odd)
        yield from found

    def _carried_on(self, message: Message, found: list[Record]) -> list[Record]:
        """The records of a message that was read to its end, with what earlier messages said and it does not."""
        segments = {one.line: one for one in message.segments}
        return [self._carried.on(one, segments[one.locator.line]) for one in found]

    def _parsed(self, raw: Raw) -> Message:
        content = b"\r".join(text for _, text in raw.lines)
        declared = "" if content.isascii() else _declared(raw.lines[0][1])
        text, encoding, reason = hl7_charset.decoded(content, declared, self._file_encoding(content))
        if reason:
            self._tell(reason, raw.lines[0][0], message=raw.number, declared=declared[:40], found=encoding)
        lines = zip((line for line, _ in raw.lines), text.split("\r"), strict=True)
        return parse(raw.number, list(lines), _decoder(encoding))

    def _file_encoding(self, content: bytes) -> str:
        """The encoding of the whole file, looked for once and only when a message needs it."""
        if content.isascii():
            return "ascii"
        if self._fallback is None:
            found = decoding.detect(self._member.path)
            self._fallback = "utf-8" if found.startswith(("utf-8", "utf-16", "utf-32")) else found
        return self._fallback

    def _count(self, message: Message, used: bool) -> None:
        if not used:
            self._seen.unused_types[message.type or "?"] += 1
        names = [one.name for one in message.segments if one.name not in _READ]
        if names:
            self._seen.unused_segments.update(names)
        mode = message.head.text(11).strip().upper()
        if mode in ("T", "D"):
            self._seen.tests[mode] += 1

    def _records(self, message: Message, context: Context) -> Iterator[Record]:
        later: list[Segment] = []
        for index, segment in enumerate(message.segments):
            if segment.name in ("SPM", "OBR", "OBX"):
                later.append(segment)
                continue
            if segment.name == "PID":
                yield from self._results(message, context, later)
                later = []
            maker = _MAKERS.get(segment.name)
            if maker is not None:
                made = maker(self, segment, context, message.segments[index + 1 :])
                if made is not None:
                    yield made
        yield from self._results(message, context, later)

    def _results(self, message: Message, context: Context, segments: list[Segment]) -> Iterator[Record]:
        for group in hl7_results.groups(segments, message.type in _BY_SPECIMEN):
            yield from hl7_results.records(group, context, self._tell)

    def donor(self, segment: Segment, context: Context, _after: tuple[Segment, ...]) -> Record | None:
        """The donor of a PID; a birth after the message was written is told, as no record holds the message's time."""
        made = hl7_people.donor(segment, context)
        born = made.fields.get("birth_on") if made else None
        written = moment(context.message.head.text(7), FieldType.DATE, context.zone)
        if isinstance(born, str) and written and born > written[: len(born)]:
            self._tell("hl7_birth_after_message", segment.line, message=context.message.number)
        return made

    def medicine(self, segment: Segment, context: Context, after: tuple[Segment, ...]) -> Record | None:
        """The medicine of an RXA that was given, with the route of the RXR behind it."""
        if not hl7_people.was_given(segment):
            self._tell("hl7_not_given", segment.line, message=context.message.number)
            return None
        route = after[0].text(1, 2) or after[0].text(1) if after and after[0].name == "RXR" else ""
        return hl7_people.medication(segment, context, route)


def _visit(_reading: _Reading, segment: Segment, context: Context, after: tuple[Segment, ...]) -> Record | None:
    more = next((one for one in after if one.name == "PV2"), None)
    return hl7_people.encounter(segment, context, more.text(3, 2) or more.text(3) if more else "")


_Maker = Callable[[_Reading, Segment, Context, tuple[Segment, ...]], Record | None]
_MAKERS: dict[str, _Maker] = {
    "PID": _Reading.donor,
    "PV1": _visit,
    "DG1": lambda _reading, segment, context, _after: hl7_people.condition(segment, context),
    "PR1": lambda _reading, segment, context, _after: hl7_people.procedure(segment, context),
    "RXA": _Reading.medicine,
}


def _declared(head: bytes) -> str:
    """MSH-18 of a segment that is not decoded yet; its first repetition."""
    sign = head[3:4] or b"|"
    fields = head.split(sign)
    named = fields[17] if len(fields) > 17 else b""
    repetition = fields[1][1:2] if len(fields) > 1 else b"~"
    return named.split(repetition or b"~")[0].decode("ascii", "replace")


def _decoder(encoding: str) -> Callable[[bytes], str]:
    return lambda content: content.decode(encoding, errors="replace")


def _zone_of(message: Message) -> timezone:
    """The zone of times that name none: MSH-7's, else China Standard Time."""
    return zone_in(message.head.text(7), CHINA_ZONE)
