"""Persons, visits, diagnoses, procedures and given medicines: PID, PV1, DG1, PR1, RXA.

Source: HL7 v2.5.1 chapters 3 (PID, PV1), 4 (RXA) and 6 (DG1, PR1).
"""

import re

from hilum.formats import hl7_codes
from hilum.formats.hl7_draft import Context, Draft
from hilum.formats.hl7_message import Segment
from hilum.model.record import Kind, Record

_ICD10 = re.compile(r"[A-Z]\d[0-9A-Z](\.?[0-9A-Zx+]{1,5})?")
_UNKNOWN_DOSE = "999"


def donor_number(segment: Segment) -> str:
    """The donor's identifier in PID: the medical record number of PID-3, then the hospital's other numbers, then the
    first that is no national, insurance, licence, visit or account number, then PID-2, PID-4, then whatever there is.

    Only the number itself: check digit and assigning authority stay out.
    """
    listed = [(segment.component(part).strip(), _types(segment, part)) for part in segment.repetitions(3)]
    listed = [(number, types) for number, types in listed if number]
    for wanted in hl7_codes.RECORD_NUMBERS:
        for number, types in listed:
            if types[0] == wanted or (not types[0] and wanted in types):
                return number
    own = [number for number, types in listed if hl7_codes.NOT_A_NUMBER_OF_OURS.isdisjoint(types)]
    others = [segment.text(2).strip(), segment.text(4).strip()]
    return next((number for number in (*own, *others, *(number for number, _ in listed)) if number), "")


def _types(segment: Segment, part: str) -> tuple[str, ...]:
    """What kind of number a CX says it is, and who gave it (some write the kind there)."""
    return tuple(segment.sub(part, number).strip().upper() for number in (5, 4, 6))


def donor(segment: Segment, context: Context) -> Record | None:
    """The donor of a PID segment, who becomes the donor of what follows; ``None`` where nothing names a person."""
    draft = Draft(Kind.DONOR, segment, context)
    draft.put("donor_id", donor_number(segment))
    context.donor = str(draft.fields["donor_id"]) if "donor_id" in draft.fields else None
    draft.put("name", _name(segment))
    draft.put("national_id", _national(segment))
    draft.put("phone", _phone(segment))
    draft.put("birth_on", segment.text(7))
    sex = segment.text(8).strip()
    draft.put("sex", hl7_codes.SEX.get(sex.upper(), sex))
    draft.put("race", segment.text(10, 2) or segment.text(10))
    draft.put("ethnicity", segment.text(22, 2) or segment.text(22))
    draft.put("site", context.message.head.text(4))
    if segment.text(30).strip().upper() in ("Y", "YES"):
        draft.fields["vital_status"] = "dead"
    if not (draft.fields.keys() - {"site"} or draft.unreadable):
        return None
    return draft.record()


def _name(segment: Segment) -> str:
    """Family and given name; Chinese names without a blank between. An ideographic spelling is preferred."""
    parts = segment.repetitions(5)
    part = next((one for one in parts if segment.component(one, 8) == "I"), parts[0] if parts else "")
    family, given = segment.sub(part, 1), segment.sub(part, 2)
    if not (family + given).isascii():
        return family + given
    return " ".join(word for word in (given, segment.component(part, 3), family) if word)


def _national(segment: Segment) -> str:
    for part in segment.repetitions(3):
        if segment.sub(part, 5).strip().upper() in hl7_codes.NATIONAL:
            return segment.component(part)
    return segment.text(19)


def _phone(segment: Segment) -> str:
    whole = segment.text(13) or segment.text(13, 12)
    return whole or "-".join(word for word in (segment.text(13, 6), segment.text(13, 7)) if word)


def encounter(segment: Segment, context: Context, reason: str) -> Record | None:
    """The visit of a PV1 segment; ``None`` when neither a number nor a time says which."""
    draft = Draft(Kind.ENCOUNTER, segment, context)
    draft.put("encounter_id", segment.text(19))
    draft.put("started_at", segment.text(44))
    draft.put("ended_at", segment.text(45))
    if not draft.fields and not draft.unreadable:
        return None
    draft.put("class", segment.text(2))
    draft.put("department", segment.sub(segment.raw(3), 1))
    draft.put("status", hl7_codes.VISIT_STATUS.get(context.message.head.text(9, 2), ""))
    draft.put("reason", reason)
    return draft.record()


def condition(segment: Segment, context: Context) -> Record | None:
    """The diagnosis of a DG1 segment. A code is an ICD-10 code where the message says so, or says nothing and it looks
    like one; others are kept beside the words."""
    draft = Draft(Kind.CONDITION, segment, context)
    code, system = segment.text(3).strip(), (segment.text(3, 3) or segment.text(2)).strip().upper()
    if system in hl7_codes.ICD10 or (not system and _ICD10.fullmatch(code)):
        draft.put("icd10", code)
    else:
        draft.note("DG1-3", " ".join(word for word in (system, code) if word))
    draft.put("diagnosis", segment.text(3, 2) or segment.text(4) or code)
    draft.put("condition_id", segment.text(20))
    draft.put("diagnosed_on", segment.text(5))
    rank = segment.text(15).strip()
    if rank.isdigit() and int(rank):
        draft.fields["category"] = "primary" if int(rank) == 1 else "comorbidity"
    return draft.record() if draft.fields.keys() - {"category"} or draft.unreadable else None


def procedure(segment: Segment, context: Context) -> Record | None:
    """The procedure of a PR1 segment."""
    draft = Draft(Kind.PROCEDURE, segment, context)
    draft.put("procedure_id", segment.text(19))
    draft.put("type", segment.text(3, 2) or segment.text(4) or segment.text(3))
    draft.put("started_on", segment.text(5))
    draft.note("PR1-3", " ".join(word for word in (segment.text(3, 3), segment.text(3)) if word))
    return draft.record() if draft.fields or draft.unreadable else None


def medication(segment: Segment, context: Context, route: str) -> Record | None:
    """The medicine an RXA segment says was given. 999 is the standard's own "amount unknown"."""
    draft = Draft(Kind.MEDICATION, segment, context)
    draft.put("drug", segment.text(5, 2) or segment.text(5))
    dose = segment.text(6).strip()
    if dose != _UNKNOWN_DOSE:
        draft.put("dose", dose)
        draft.put("dose_unit", segment.text(7))
    draft.put("started_on", segment.text(3))
    draft.put("ended_on", segment.text(4))
    draft.put("route", route)
    return draft.record() if draft.fields or draft.unreadable else None


def was_given(segment: Segment) -> bool:
    """Whether an RXA tells of something given: refused (RE) and not administered (NA) ones were not."""
    return segment.text(20).strip().upper() not in ("RE", "NA")
