"""FHIR SpecimenDefinition (R4, R5) as an SOP: what is tested of a specimen, and how long it may wait in which state.

``typeTested.type`` and ``container.type`` say of which specimens; a handling above zero degrees with ``maxDuration``
says how soon after collection the specimen is frozen (where a frozen handling is given too) or received. Where several
states are allowed, the longest time decides: the record does not say in which state a tube waited. What a process
constraint cannot say (rejection criteria, storage life, preparation of the patient) is told.
"""

import json
from collections.abc import Iterator, Mapping
from typing import cast

from hilum.errors import BadInputError
from hilum.model.text import Bilingual
from hilum.quality.rule import Severity, Source
from hilum.quality.sop import DIMENSIONS, Constraint, ConstraintKind, Sop, SopNotice, slug
from hilum.quality.sop_text import as_text, load_sop
from hilum.terms.synonyms import code_of

_MINUTES = {"s": 1 / 60, "min": 1, "h": 60, "hr": 60, "d": 1440, "wk": 10080}
_WORDS = {"second": "s", "seconds": "s", "minute": "min", "minutes": "min", "hour": "h", "hours": "h", "day": "d"}
_WORDS |= {"days": "d", "week": "wk", "weeks": "wk", "hrs": "h", "mins": "min"}
_DEEPEST = 40
SOURCE = Source("HL7 FHIR SpecimenDefinition")
Part = Mapping[str, object]


def read_specimen_definition(content: bytes, name: str) -> tuple[Sop, tuple[SopNotice, ...]]:
    """The SOP of a SpecimenDefinition and what of it was left out. Raises :class:`BadInputError` for what is none, or
    gives no limit at all."""
    resource = _resource(content, name)
    notices: list[SopNotice] = []
    tested = _tested(resource, notices)
    container = _part(tested.get("container"))
    constraints = tuple(_constraints(tested, notices))
    for place, reason in (("rejectionCriterion", "fhir_rejection"), ("requirement", "fhir_requirement")):
        for one in _parts(tested.get(place)) or ([{"text": tested[place]}] if tested.get(place) else []):
            notices.append(SopNotice(reason, {"said": _said(one)}))
    if resource.get("patientPreparation"):
        notices.append(SopNotice("fhir_preparation"))
    title = _title(resource, name)
    sop = Sop(
        id=slug(_text(resource.get("id")) or title) or slug(name.rsplit(".", 1)[0]) or "specimen-definition",
        version=1,
        title=Bilingual(zh=title, en=title),
        steps=tuple(dict.fromkeys(step for one in constraints for step in one.steps)),
        constraints=constraints,
        applies=_applies(_part(tested.get("type")) or _part(resource.get("typeCollected")), container, notices),
        source=SOURCE,
    )
    return load_sop(as_text(sop), name), tuple(notices)


def _resource(content: bytes, name: str) -> Part:
    try:
        found: object = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as broken:
        raise BadInputError("sop_json_broken", place=name) from broken
    if not isinstance(found, dict) or found.get("resourceType") != "SpecimenDefinition":
        raise BadInputError("sop_not_definition", place=name)
    return cast(Part, found)


def _tested(resource: Part, notices: list[SopNotice]) -> Part:
    """The preferred way of testing; the others are told."""
    listed = _parts(resource.get("typeTested"))
    preferred = [one for one in listed if one.get("preference") == "preferred"] or listed
    for one in listed:
        if one is not (preferred[0] if preferred else None):
            notices.append(SopNotice("fhir_alternate", {"said": _said(_part(one.get("type")))}))
    return preferred[0] if preferred else {}


def _constraints(tested: Part, notices: list[SopNotice]) -> Iterator[Constraint]:
    frozen, waits, words = False, [], ""
    for handling in _parts(tested.get("handling")):
        cold = _is_frozen(handling)
        frozen = frozen or cold
        written = _part(handling.get("maxDuration"))
        minutes = _minutes(written)
        words = words or _text(handling.get("instruction"))
        if written and minutes is None:
            notices.append(
                SopNotice("fhir_duration", {"said": f"{written.get('value')} {written.get('unit', '')}"[:60]})
            )
        elif minutes is not None and cold:
            notices.append(SopNotice("fhir_storage_life", {"minutes": minutes}))
        elif minutes is not None:
            waits.append(minutes)
    yield _exists("collect", words)
    ending = "freeze" if frozen else "receive"
    if frozen:
        yield _exists("freeze", words)
    if len(waits) > 1:
        notices.append(SopNotice("fhir_several_waits", {"minutes": max(waits)}))
    if waits:
        yield _within(ending, max(waits), words)


def _exists(step: str, words: str) -> Constraint:
    zh, en = ("采集", "collection") if step == "collect" else ("冻存", "freezing")
    hint = Bilingual(zh=f"请补录{zh}时间。{words}", en=f"Record the time of {en}. {words}".strip())
    kind = ConstraintKind.EXISTS
    return Constraint(f"{step}-recorded", kind, step, hint, dimension=DIMENSIONS[kind], source=SOURCE)


def _within(ending: str, minutes: float, words: str) -> Constraint:
    zh, en = ("冻存", "freezing") if ending == "freeze" else ("接收", "reception")
    hint = Bilingual(
        zh=f"采集后应在 {minutes:g} 分钟内完成{zh}，请核对时间。{words}",
        en=f"{en.capitalize()} is due within {minutes:g} min of collection: check the times. {words}".strip(),
    )
    kind = ConstraintKind.WITHIN
    return Constraint(
        f"{ending}-in-time", kind, "collect", hint, Severity.BLOCK, ending, minutes, dimension=DIMENSIONS[kind],
        source=SOURCE,
    )  # fmt: skip


def _is_frozen(handling: Part) -> bool:
    span = _part(handling.get("temperatureRange"))
    for end in ("high", "low"):
        value = _part(span.get(end)).get("value")
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value < 0
    return False


def _minutes(written: Part) -> float | None:
    value = written.get("value")
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1e7:
        return None
    unit = _text(written.get("code")) or _text(written.get("unit"))
    each = _MINUTES.get(_WORDS.get(unit.casefold(), unit))
    return None if each is None else value * each


def _applies(kind: Part, container: Part, notices: list[SopNotice]) -> str:
    """Which specimens it speaks of. A type nobody knows leaves it open, and that is told."""
    found = [
        f"{column} = '{code}'"
        for column, concept in (("specimen_type", kind), ("tube", _part(container.get("type"))))
        if (code := _coded(column, concept, notices)) is not None
    ]
    return " AND ".join(found)


def _coded(valueset: str, concept: Part, notices: list[SopNotice]) -> str | None:
    words = [_text(concept.get("text"))]
    for coding in _parts(concept.get("coding")):
        words += [_text(coding.get("display")), _text(coding.get("code"))]
    found = next((code for one in words if one and (code := code_of(valueset, one)) is not None), None)
    if found is None and any(words):
        notices.append(SopNotice("fhir_type_unknown", {"said": next(one for one in words if one)}))
    return found


def _said(concept: Part) -> str:
    listed = [_text(concept.get("text"))]
    for coding in _parts(concept.get("coding")):
        listed += [_text(coding.get("display")), _text(coding.get("code"))]
    return next((one for one in listed if one), "?")


def _title(resource: Part, name: str) -> str:
    identifier = resource.get("identifier")
    first = _part(identifier) or next(iter(_parts(identifier)), {})
    tried = (resource.get("title"), _said(_part(resource.get("typeCollected"))), first.get("value"), name)
    return next(words for one in tried if (words := _text(one)) and words != "?")


def _part(value: object) -> Part:
    return cast(Part, value) if isinstance(value, dict) else {}


def _parts(value: object) -> list[Part]:
    return [cast(Part, one) for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: object) -> str:
    """A text on one line, short enough to be shown."""
    return " ".join(value.split())[:200] if isinstance(value, str) else ""
