"""What Hilum answers an HL7 v2 message: MSH, MSA, and an ERR for each finding. Pure: bytes and values in, bytes out.

Source: HL7 v2.5.1, chapter 2 (acknowledgement in original and enhanced mode; ERR, MSA, MSH), tables 0008, 0357, 0516.
Senders before v2.5 know an ERR of one field only, the place and a coded error (ELD), and get that. The answer speaks
the sender's dialect: its delimiters, version, processing id and character set.
"""

import codecs
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hilum.formats import hl7_charset
from hilum.formats.hl7_message import Delimiters, delimiters
from hilum.messages import Language, text

MOST = 50
"""ERR segments in one answer; what is beyond is counted in the last."""
ACCEPTED, SEQUENCE, MISSING, TYPE, VALUE = "0", "100", "101", "102", "103"
UNSUPPORTED, DUPLICATE, OTHER = "200", "205", "207"
_WORDS = {
    ACCEPTED: "Message accepted",
    SEQUENCE: "Segment sequence error",
    MISSING: "Required field missing",
    TYPE: "Data type error",
    VALUE: "Table value not found",
    UNSUPPORTED: "Unsupported message type",
    DUPLICATE: "Duplicate key identifier",
    OTHER: "Application internal error",
}
"""Codes of HL7 table 0357 that Hilum answers with; 207 stands for everything that is the application's own."""
_SEVERITY = {"reject": "E", "block": "E", "warn": "W", "info": "I"}
_LETTERS = {"A": "AA", "E": "AE", "R": "AR"}
_LONGEST = 2_000
_LINES = re.compile(rb"\r\n|\r|\n")
_CHINA = "gb18030"

_FIELDS: dict[str, dict[str, str]] = {
    "donor": {
        "donor_id": "PID-3", "name": "PID-5", "national_id": "PID-3", "phone": "PID-13", "birth_on": "PID-7",
        "sex": "PID-8", "race": "PID-10", "ethnicity": "PID-22", "site": "MSH-4", "vital_status": "PID-30",
    },
    "encounter": {
        "encounter_id": "PV1-19", "started_at": "PV1-44", "ended_at": "PV1-45", "class": "PV1-2",
        "department": "PV1-3", "reason": "PV2-3",
    },
    "condition": {
        "icd10": "DG1-3", "diagnosis": "DG1-3", "condition_id": "DG1-20", "diagnosed_on": "DG1-5",
        "category": "DG1-15",
    },
    "procedure": {"procedure_id": "PR1-19", "type": "PR1-3", "started_on": "PR1-5"},
    "medication": {
        "drug": "RXA-5", "dose": "RXA-6", "dose_unit": "RXA-7", "started_on": "RXA-3", "ended_on": "RXA-4",
        "route": "RXR-1",
    },
    "specimen": {
        "specimen_id": "SPM-2", "parent_id": "SPM-3", "specimen_type": "SPM-4", "sample_type": "SPM-4",
        "tube": "SPM-6", "fixation": "SPM-6", "volume_ul": "SPM-12", "weight_mg": "SPM-12", "collected_at": "SPM-17",
        "received_at": "SPM-18", "hemolysis": "SPM-24", "status": "SPM-20",
    },
    "observation": {
        "analyte": "OBX-3", "observation_id": "OBX-3", "report_id": "OBR-3", "specimen_id": "SPM-2", "value": "OBX-5",
        "value_text": "OBX-5", "comparator": "OBX-5", "value_low": "OBX-5", "value_high": "OBX-5", "unit": "OBX-6",
        "reference_low": "OBX-7", "reference_high": "OBX-7", "status": "OBX-11", "observed_at": "OBX-14",
    },
    "report": {
        "report_id": "OBR-3", "title": "OBR-4", "category": "OBR-24", "status": "OBR-25", "effective_at": "OBR-7",
        "issued_at": "OBR-22", "specimen_id": "SPM-2", "conclusion": "OBX-5", "results": "OBX-5",
    },
}  # fmt: skip
"""kind -> field -> where :mod:`hilum.formats.hl7` reads it, so that a finding points at the sender's own field."""


@dataclass(frozen=True, slots=True)
class Head:
    """The MSH of a message to be answered, as far as an answer needs it."""

    signs: Delimiters
    fields: tuple[str, ...]
    """As they stand, counted from 1 as in the standard; ``fields[0]`` is the segment's name."""
    encoding: str
    """The Python name of what the answer is written in."""
    charset: str
    """MSH-18 of the answer."""

    def raw(self, number: int) -> str:
        return self.fields[number] if number < len(self.fields) else ""

    def first(self, number: int) -> str:
        """The first component of a field."""
        return re.split(f"[{re.escape(self.signs.component + self.signs.repetition)}]", self.raw(number), maxsplit=1)[0]

    @property
    def sender(self) -> str:
        """``LIS^HOSPITAL``: sending application and facility."""
        return f"{self.first(3)}^{self.first(4)}"

    @property
    def control(self) -> str:
        return self.raw(10)

    @property
    def type(self) -> str:
        """``ORU^R01``."""
        parts = self.raw(9).split(self.signs.component)
        return "^".join(parts[:2])

    @property
    def key(self) -> str:
        """What makes a repeat a repeat; empty when the message has no control id."""
        return f"{self.first(3)}|{self.first(4)}|{self.control}" if self.control else ""

    @property
    def enhanced(self) -> bool:
        """Whether the sender speaks enhanced mode: it says in MSH-15 or MSH-16 which answers it wants."""
        return bool(self.raw(15) or self.raw(16))

    def wants(self, number: int, *, good: bool) -> bool:
        """Whether the sender wants an answer of this kind (15 commit, 16 application) to a message that went well or
        not; nothing said means none."""
        wish = self.raw(number).strip().upper()
        return wish == "AL" or (wish == "SU" and good) or (wish == "ER" and not good)

    def can_say(self, words: str) -> bool:
        """Whether the sender's character set has these letters."""
        try:
            words.encode(self.encoding)
        except (UnicodeError, LookupError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Note:
    """One ERR: code of table 0357, severity (``E`` ``W`` ``I``), words for a person, the rule, where (``SPM^1^4``:
    segment, which of them, field), and what the rule is called."""

    code: str
    severity: str
    words: str
    rule: str = ""
    where: str = ""
    title: str = ""


def head_of(message: bytes, usual: str) -> Head | None:
    """What is needed of a message's MSH; ``None`` when it does not begin with one.

    ``usual`` is the character set (as MSH-18 names it) for an answer to plain ASCII that names none.
    """
    first = _LINES.split(message.lstrip(b"\xef\xbb\xbf \t\r\n"), maxsplit=1)[0]
    if first[:3] != b"MSH" or len(first) < 8:
        return None
    declared = _declared(first)
    _, found, _ = hl7_charset.decoded(message, declared, _CHINA)
    encoding = found if found != "ascii" else encoding_of(declared or usual)
    line = first.decode(encoding, errors="replace")
    signs, _ = delimiters(line[:12])
    fields = line.split(signs.field)
    fields.insert(1, signs.field)
    return Head(signs, tuple(fields), encoding, declared or _named(found, usual))


def _declared(first: bytes) -> str:
    fields = first.split(first[3:4])
    named = fields[17] if len(fields) > 17 else b""
    return re.split(rb"[~^]", named)[0].decode("ascii", "replace").strip()


def _named(found: str, usual: str) -> str:
    """MSH-18 for what a message that names no character set turned out to be in."""
    return {"ascii": usual, "utf-8": "UNICODE UTF-8", "gb18030": "GB 18030-2000"}.get(found, usual)


def encoding_of(charset: str) -> str:
    """The Python encoding of a name from HL7 table 0211; ASCII where nobody knows it."""
    name = charset.strip().upper().removeprefix("UNICODE ").replace(" ", "")
    if name == "8859/1":
        return "cp1252"
    part = re.fullmatch(r"8859/(\d{1,2})", name)
    wanted = {"UNICODE": "utf-8", "GB18030-2000": "gb18030", "GB2312": "gb18030", "GBK": "gb18030", "UTF-16": "utf-8",
              "BIG-5": "big5", "CNS11643-1992": "big5"}.get(name, f"iso8859-{part[1]}" if part else name)  # fmt: skip
    try:
        return codecs.lookup(wanted).name
    except LookupError:
        return "ascii"


def acknowledgement(
    head: Head, code: str, control: str, at: str, *, said: str = "", notes: Sequence[Note] = ()
) -> bytes:
    """The answer ``code`` (table 0008) to the message of ``head``, in its dialect and character set.

    ``control`` is the answer's own control id; ``at`` the instant (``2026-11-25T04:00:00.…Z``).
    """
    signs = head.signs
    event = head.type.partition("^")[2]
    old = _is_before(head.raw(12), 2, 5)
    kind = signs.component.join(["ACK", *([event] if event else []), *(["ACK"] if event and not old else [])])
    when = re.sub(r"\D", "", at)[:14] + "+0000"
    sent_from, sent_to = [head.raw(5), head.raw(6)], [head.raw(3), head.raw(4)]
    own = ["NE", "NE"] if head.enhanced else ["", ""]
    msh = [
        "MSH", signs.component + signs.repetition + signs.escape + signs.subcomponent, *sent_from, *sent_to, when, "",
        kind, control, head.raw(11), head.raw(12), "", "", *own, "", head.charset,
    ]  # fmt: skip
    lines = [msh, ["MSA", code, head.control, _escaped(said[:_LONGEST], signs)], *_errors(notes, signs, old)]
    whole = "".join(signs.field.join(fields).rstrip(signs.field) + "\r" for fields in lines)
    return whole.encode(head.encoding, errors="replace")


def _is_before(version: str, major: int, minor: int) -> bool:
    found = re.match(r"\s*(\d+)\.(\d+)", version)
    return found is not None and (int(found[1]), int(found[2])) < (major, minor)


def _errors(notes: Sequence[Note], signs: Delimiters, old: bool) -> list[list[str]]:
    kept = list(notes[:MOST])
    if len(notes) > MOST:
        kept.append(Note(OTHER, "I", f"+ {len(notes) - MOST}"))
    if old:
        return [["ERR", signs.repetition.join(_located(one, signs) for one in kept)]] if kept else []
    return [_error(one, signs) for one in kept]


def _error(one: Note, signs: Delimiters) -> list[str]:
    words = _escaped(one.words[:_LONGEST], signs)
    where = one.where.replace("^", signs.component)
    code = signs.component.join([one.code, _WORDS[one.code], "HL70357"])
    own = signs.component.join([_escaped(one.rule, signs), _escaped(one.title, signs), "HILUM"]) if one.rule else ""
    return ["ERR", "", where, code, one.severity, own, "", _escaped(one.rule, signs), words]


def _located(one: Note, signs: Delimiters) -> str:
    """ERR-1 as it was before v2.5: the place, and the error with its words as a coded element."""
    sub = signs.subcomponent
    place = [*one.where.split("^"), "", "", ""][:3]
    coded = sub.join(
        [one.code, _escaped(one.words[:_LONGEST], signs), "HL70357", _escaped(one.rule, signs), "", "HILUM"]
    )
    return signs.component.join([*place, coded])


def _escaped(words: str, signs: Delimiters) -> str:
    """``words`` so that no letter of theirs is taken for a delimiter or a line's end."""
    mark = signs.escape
    names = {
        signs.field: "F", signs.component: "S", signs.repetition: "R", mark: "E", signs.subcomponent: "T",
        "\n": ".br", "\r": ".br",
    }  # fmt: skip
    plain = words.replace("\r\n", "\n")
    return "".join(f"{mark}{names[one]}{mark}" if one in names else one if one >= " " else " " for one in plain)


# from the gate's answer ---------------------------------------------------------------------------------------------


def verdict_of(answer: Mapping[str, object], message: bytes, language: Language) -> tuple[str, str, list[Note]]:
    """``(letter, words, notes)`` of the gate's answer (:mod:`hilum.app.answering`): ``A`` everything was accepted,
    ``E`` something is held, ``R`` nothing could be read."""
    records, problems = _tables(answer, "records"), _tables(answer, "problems")
    counts = {name: int(str(answer.get(name, 0))) for name in ("accepted", "held", "rejected", "unchanged")}
    if answer.get("state") == "aside":
        return "R", str(answer.get("text", "")), [Note(OTHER, "E", str(answer.get("text", "")))]
    places = _Places(message)
    notes = [note for record in records for note in _of_record(record, places)]
    notes += [_of_problem(one, nothing=not records) for one in problems]
    if not records and problems:
        return "R", text("ack.nothing", language), notes
    held = any(one.get("state") in ("held", "rejected") for one in records) or counts["held"] or counts["rejected"]
    return "E" if held else "A", text("ack.counted", language, **counts), notes


def code_of(letter: str, *, commit: bool = False) -> str:
    """``AA`` ``AE`` ``AR``, or ``CA`` ``CE`` ``CR`` for a commit answer."""
    return f"C{letter}" if commit else _LETTERS[letter]


class _Places:
    """Which segment stands on which line of a message, and the how-manieth of its name it is."""

    def __init__(self, message: bytes) -> None:
        self._names = [line[:3].decode("ascii", "replace") for line in _LINES.split(message)]

    def of(self, line: int) -> tuple[str, int]:
        if not 1 <= line <= len(self._names):
            return "", 0
        name = self._names[line - 1]
        return name, self._names[:line].count(name)

    def field(self, kind: str, name: str, line: int) -> str:
        """``SPM^2^4`` for a field of a record that began on ``line``."""
        segment, count = self.of(line)
        named, _, number = _FIELDS.get(kind, {}).get(name, "PID-3" if name == "donor_id" else "").partition("-")
        if not named:
            return f"{segment}^{count}" if segment else ""
        return f"{named}^{count if named == segment else 1}^{number}"


def _of_record(record: Mapping[str, object], places: _Places) -> list[Note]:
    kind, line = str(record.get("kind", "")), int(str(record.get("line", 0)))
    stopped = record.get("state") in ("held", "rejected")
    notes = []
    for one in _tables(record, "findings"):
        if one.get("waived"):
            continue
        field = str(one.get("field", "")).rpartition(".")[2]
        severity = _SEVERITY.get(str(one.get("severity", "")), "W")
        title = str(one.get("title", ""))
        words = str(one.get("hint", "")).strip() or title
        note = Note(_kind_of(one), severity, words, str(one.get("rule", "")), places.field(kind, field, line), title)
        notes.append(note if stopped or severity != "E" else replace(note, severity="W"))
    return sorted(notes, key=lambda note: "EWI".index(note.severity))


def _kind_of(finding: Mapping[str, object]) -> str:
    """The code of table 0357 nearest to a finding."""
    if finding.get("dimension") == "completeness" and not finding.get("found"):
        return MISSING
    if "-CODE-" in str(finding.get("rule", "")):
        return VALUE
    return OTHER


def _of_problem(problem: Mapping[str, object], *, nothing: bool) -> Note:
    reason = str(problem.get("reason", ""))
    code = UNSUPPORTED if reason == "hl7_type_not_used" else OTHER
    severity = "E" if problem.get("fatal") or nothing else "W"
    return Note(code, severity, str(problem.get("text", "")), reason)


def _tables(values: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    found = values.get(name, [])
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
