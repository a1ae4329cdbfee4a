"""Orders, results and specimens: OBR, OBX, SPM.

Source: HL7 v2.5.1 chapters 4 (OBR) and 7 (OBX, SPM). An order is a report; results hang on it and on its specimen.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from hilum.formats import hl7_codes, values
from hilum.formats.hl7_draft import Context, Draft, code_or_text
from hilum.formats.hl7_message import Segment
from hilum.formats.hl7_values import Result, between, result, unit_of
from hilum.model.record import Kind, Record
from hilum.terms import analytes
from hilum.terms.synonyms import code_of
from hilum.terms.units import conversion

Tell = Callable[..., None]
"""Reason of a problem, line, values: something was not kept or is odd."""

_ORDERS = ("ORM", "OML", "OMG", "OMI", "ORL", "ORR")
_LONGEST_WORDS = 200
"""A longer free text is a narrative: it may name people and belongs to the report's conclusion, which is personal."""


@dataclass(slots=True)
class Group:
    """What belongs together: one order with its results and specimens, or one specimen with its orders and results."""

    segments: list[Segment] = field(default_factory=list)

    def named(self, name: str) -> list[Segment]:
        """The segments called ``name``."""
        return [one for one in self.segments if one.name == name]


def groups(segments: list[Segment], by_specimen: bool) -> Iterator[Group]:
    """The groups of a message in order. OUL^R22 and R23 go by specimen, everything else by order."""
    lead = "SPM" if by_specimen else "OBR"
    current = Group()
    for one in segments:
        if one.name == lead and current.segments:
            yield current
            current = Group()
        current.segments.append(one)
    if current.segments:
        yield current


def records(group: Group, context: Context, tell: Tell) -> Iterator[Record]:
    """The specimens, results and reports of a group: specimens first, so that what hangs on them finds them."""
    specimens: dict[int, str | None] = {}
    for one in group.named("SPM"):
        made = specimen(one, context, tell)
        if made is not None:
            known = made.fields.get("specimen_id")
            specimens[one.line] = str(known) if known is not None else None
            yield made
    only = next(iter(specimens.values())) if len(specimens) == 1 else None
    reports: list[_Report] = []
    near = only
    for bundle in _bundles(group.segments):
        first = bundle[0]
        if first.name == "SPM":
            near = specimens.get(first.line)
        elif first.name == "OBR":
            reports.append(_Report(first, near))
        elif first.name == "OBX":
            report = reports[-1] if reports else None
            yield from _observed(bundle, context, _Around(report, near), tell)
    for report in reports:
        yield _reported(report, context)


@dataclass(slots=True)
class _Report:
    """An order while its results are read."""

    segment: Segment
    specimen: str | None
    texts: list[str] = field(default_factory=list)
    results: int = 0

    @property
    def number(self) -> str:
        """The filler's number, else the placer's."""
        return self.segment.text(3).strip() or self.segment.text(2).strip()


@dataclass(frozen=True, slots=True)
class _Around:
    report: _Report | None
    specimen: str | None


def _bundles(segments: list[Segment]) -> Iterator[list[Segment]]:
    """Segments one by one, lines of one text (OBX of type TX or FT with the same OBX-3 and OBX-4) together."""
    bundle: list[Segment] = []
    for one in segments:
        if bundle and _continues(bundle[-1], one):
            bundle.append(one)
            continue
        if bundle:
            yield bundle
        bundle = [one]
    if bundle:
        yield bundle


def _continues(first: Segment, second: Segment) -> bool:
    if first.name != "OBX" or second.name != "OBX" or second.raw(2) not in ("TX", "FT"):
        return False
    return all(first.raw(number) == second.raw(number) for number in (2, 3, 4))


def _observed(bundle: list[Segment], context: Context, around: _Around, tell: Tell) -> Iterator[Record]:
    segment = bundle[0]
    found = result(segment, context.zone)
    if len(bundle) > 1:
        lines = [result(one, context.zone).words or "" for one in bundle]
        found = Result(words="\n".join(lines).strip("\n") or None, narrative=True)
    if around.report is not None:
        around.report.results += 1
    if found.attached:
        tell("hl7_attachment_not_kept", segment.line)
        return
    words = found.words
    if found.narrative and words is not None and ("\n" in words or len(words) > _LONGEST_WORDS):
        if around.report is None:
            tell("hl7_text_not_kept", segment.line)
        else:
            around.report.texts.append(words)
        return
    yield _observation(segment, found, context, around)


def _observation(segment: Segment, found: Result, context: Context, around: _Around) -> Record:
    draft = Draft(Kind.OBSERVATION, segment, context)
    report = around.report
    analyte, written = _analyte(segment)
    draft.put("analyte", analyte)
    draft.note("OBX-3", written)
    if report is not None:
        draft.put("report_id", report.number)
    if report is not None and report.number:
        names = (report.number, segment.text(3).strip(), segment.text(4).strip())
        draft.put("observation_id", ".".join(name for name in names if name))
    draft.note("OBX-21", segment.text(21))
    draft.put("specimen_id", around.specimen or "")
    _put_result(draft, found)
    draft.put("unit", unit_of(segment, 6))
    limits = segment.whole(7)
    low, high = between(limits) if limits else (None, None)
    draft.fields |= {name: one for name, one in (("reference_low", low), ("reference_high", high)) if one is not None}
    if low is None and high is None:
        draft.note("OBX-7", values.plain(limits))
    status = segment.text(11).strip().upper()
    draft.put("status", hl7_codes.RESULT_STATUS.get(status, status))
    draft.put("observed_at", segment.text(14) or (report.segment.text(7) if report else ""))
    return draft.record()


def _put_result(draft: Draft, found: Result) -> None:
    known = {
        "value": found.value,
        "comparator": found.comparator,
        "value_low": found.low,
        "value_high": found.high,
    }
    draft.fields |= {name: one for name, one in known.items() if one is not None}
    if found.words:
        draft.put("value_text", found.words)
    if found.unread is not None:
        draft.unreadable["value"] = found.unread


def _analyte(segment: Segment) -> tuple[str, str]:
    """``(our code or the name as written, the code and its system)`` of OBX-3: by LOINC, then by any of its names."""
    names = [segment.text(3, number).strip() for number in (2, 5, 9, 1, 4)]
    written = " ".join(word for word in (segment.text(3, 3), names[3]) if word)
    for number in (1, 4):
        if segment.text(3, number + 2).strip().upper() in ("LN", "LOINC"):
            code = analytes.analyte_of_loinc(segment.text(3, number).strip())
            if code is not None:
                return code, written
    named = [name for name in names if name]
    known = next((code for name in named if (code := code_of("analyte", values.plain(name)))), None)
    return known or (named[0] if named else ""), written


def _reported(report: _Report, context: Context) -> Record:
    segment = report.segment
    draft = Draft(Kind.REPORT, segment, context)
    draft.put("report_id", report.number)
    draft.put("title", segment.text(4, 2) or segment.text(4))
    draft.put("category", segment.text(24))
    status = segment.text(25).strip().upper()
    ordered = context.message.type.startswith(_ORDERS)
    draft.put("status", hl7_codes.REPORT_STATUS.get(status, status) or ("registered" if ordered else ""))
    draft.put("effective_at", segment.text(7))
    draft.put("issued_at", segment.text(22))
    draft.put("specimen_id", report.specimen or "")
    if report.texts:
        draft.fields["conclusion"] = "\n".join(report.texts)
    if report.results:
        draft.fields["results"] = report.results
    draft.note("OBR-15", segment.text(15))
    return draft.record()


# specimens ----------------------------------------------------------------------------------------------------------


def specimen(segment: Segment, context: Context, tell: Tell) -> Record | None:
    """The specimen of an SPM segment. Its identifier is the placer's (SPM-2.1), else the filler's (SPM-2.2); control
    and calibration specimens (SPM-11) are no donor's and are told instead."""
    role = segment.text(11).strip().upper()
    if role and role in hl7_codes.NOT_A_DONORS:
        tell("hl7_specimen_not_patient", segment.line, role=role)
        return None
    draft = Draft(Kind.SPECIMEN, segment, context)
    own, *others = _numbers(segment, 2) or [""]
    draft.put("specimen_id", own)
    draft.note("SPM-2", " ".join(others))
    parent, *more = _numbers(segment, 3) or [""]
    draft.put("parent_id", parent)
    draft.note("SPM-3", " ".join(more))
    _put_type(draft, segment)
    _put_container(draft, segment)
    _put_amount(draft, segment)
    _put_times(draft, segment, tell)
    _put_condition(draft, segment)
    for number in (8, 14, 15, 21):
        draft.note(f"SPM-{number}", segment.text(number, 2) or segment.text(number))
    return draft.record()


def _numbers(segment: Segment, number: int) -> list[str]:
    """The identifiers of an EIP field, placer's before filler's, without who assigned them."""
    found = [segment.sub(part, place).strip() for part in segment.repetitions(number) for place in (1, 2)]
    return [one for one in found if one]


def _put_type(draft: Draft, segment: Segment) -> None:
    texts = [segment.text(4, number).strip() for number in (1, 4, 2, 5, 9)]
    code = next(
        (hl7_codes.SPECIMEN_TYPE[text.upper()] for text in texts if text.upper() in hl7_codes.SPECIMEN_TYPE), ""
    )
    words = [text for text in (texts[2], texts[4], texts[0], texts[3]) if text]
    code = code or next((found for text in words if (found := code_of("specimen_type", values.plain(text)))), "")
    draft.put("specimen_type", code or (words[0] if words else ""))
    draft.put("sample_type", texts[2] or texts[0])


def _put_container(draft: Draft, segment: Segment) -> None:
    """The tube, by the additive (SPM-6) or the container's type (SPM-27); a fixative is the fixation."""
    for number in (6, 27):
        for part in segment.repetitions(number):
            code, words = segment.component(part).strip(), segment.component(part, 2).strip()
            tube = hl7_codes.TUBE.get(code.upper()) or code_of("tube", values.plain(words or code) or "?")
            if code.upper() in hl7_codes.FIXATION:
                draft.fields["fixation"] = hl7_codes.FIXATION[code.upper()]
            elif tube and "tube" not in draft.fields:
                draft.fields["tube"] = tube
            elif code.upper() != "NONE":
                draft.note(f"SPM-{number}", words or code)


def _put_amount(draft: Draft, segment: Segment) -> None:
    """SPM-12 in the unit the vocabulary has for its dimension; without a unit we know it stays unread."""
    amount = segment.text(12).strip()
    if not amount:
        return
    number = values.number(values.plain(amount))
    part = segment.raw(12)
    unit = segment.sub(part, 2, 1).strip() or segment.sub(part, 2, 2).strip()
    for name, target in (("volume_ul", "uL"), ("weight_mg", "mg")):
        found = conversion(unit, target)
        if found is not None and number is not None:
            draft.fields[name] = float(f"{number * found[0] + found[1]:.12g}")
            return
    draft.unreadable["volume_ul"] = f"{amount} {unit}".strip()


def _put_times(draft: Draft, segment: Segment, tell: Tell) -> None:
    """Collected at the start of the period; a period of days is told, for no one draws blood so long."""
    draft.put("collected_at", segment.text(17))
    draft.put("received_at", segment.text(18))
    ended = Draft(Kind.SPECIMEN, segment, draft.context)
    ended.put("collected_at", segment.text(17, 2))
    draft.note("SPM-17.2", segment.text(17, 2))
    first, last = draft.fields.get("collected_at"), ended.fields.get("collected_at")
    if isinstance(first, str) and isinstance(last, str) and first[:10] != last[:10]:
        tell("hl7_collection_period", segment.line, first=first[:10], last=last[:10])


def _put_condition(draft: Draft, segment: Segment) -> None:
    """Haemolysis has a field; other conditions are kept beside. Only ``HEM`` is known, not how much."""
    others = []
    for part in segment.repetitions(24):
        code, words = segment.component(part).strip(), segment.component(part, 2).strip()
        if code.upper() == "HEM":
            draft.fields["hemolysis"] = code_or_text("hemolysis", words or code)
        elif code:
            others.append(words or code)
    draft.note("SPM-24", "; ".join(others))
    if segment.text(21):
        draft.fields["status"] = "unsatisfactory"
    elif (available := segment.text(20).strip().upper()) in ("Y", "N"):
        draft.fields["status"] = "available" if available == "Y" else "unavailable"
