"""SOPs as YAML text: read strictly, with place, reason and remedy of every fault, and written back the same.

What is stored in a bank is the canonical JSON of :func:`as_data`; JSON is YAML, so there is one reader for both.
"""

import re
from functools import cache, lru_cache
from importlib import resources

from hilum.canonical import Json, canonical
from hilum.model.record import Kind
from hilum.model.text import Bilingual
from hilum.quality.pack_text import Spot, read
from hilum.quality.predicate import parse
from hilum.quality.row import columns
from hilum.quality.rule import Dimension, Severity, Source
from hilum.quality.sop import (
    DIMENSIONS,
    NO_SOURCE,
    OF_TWO_STEPS,
    WITH_DEADLINE,
    WITH_MINUTES,
    WITH_SAME_DAY,
    Constraint,
    ConstraintKind,
    Deadline,
    Sop,
    known_steps,
)

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
_SOP = frozenset({"sop", "version", "title", "applies", "steps", "constraints", "source"})
_CONSTRAINT = frozenset(
    {"id", "kind", "step", "then", "minutes", "count", "deadline", "same_day", "severity", "weight", "dimension"}
    | {"hint", "source"}
)
_SEVERITIES = frozenset({Severity.BLOCK.value, Severity.WARN.value, Severity.INFO.value})
_LONGEST = 60 * 24 * 366 * 100
_MOST = 300
"""Constraints in one SOP."""


@cache
def applying_columns() -> dict[str, str]:
    """What ``applies`` may name: the specimen's own columns and those of its parent."""
    others = (
        "donor.",
        "condition.",
        "consent.",
        "earlier.",
        "siblings.",
        "lineage.",
        "place.",
        "barcode.",
        "received.",
    )
    return {name: kind for name, kind in columns(Kind.SPECIMEN).items() if not name.startswith(others)}


@lru_cache(maxsize=256)
def load_sop(text: str, file: str) -> Sop:
    """The SOP that ``text`` describes. Raises :class:`~hilum.errors.RuleError` with file, line, reason and remedy."""
    parts = read(text, file).entries(_SOP, frozenset({"sop", "version", "title", "steps", "constraints"}))
    steps = tuple(_step(spot) for spot in parts["steps"].items())
    if len(set(steps)) != len(steps) or not steps:
        raise parts["steps"].error("sop_steps_twice" if steps else "sop_steps_none")
    constraints = _constraints(parts["constraints"], frozenset(steps))
    applies = _applies(parts["applies"]) if "applies" in parts else ""
    return Sop(
        id=_id(parts["sop"]),
        version=parts["version"].whole(1, 1_000_000),
        title=_words(parts["title"]),
        steps=steps,
        constraints=constraints,
        applies=applies,
        source=_source(parts["source"]) if "source" in parts else NO_SOURCE,
    )


def _id(spot: Spot) -> str:
    found = spot.text()
    if not _ID.fullmatch(found):
        raise spot.error("sop_id_bad", id=found[:80])
    return found


def _words(spot: Spot) -> Bilingual:
    parts = spot.entries(frozenset({"zh", "en"}), frozenset({"zh", "en"}))
    return Bilingual(zh=parts["zh"].text(), en=parts["en"].text())


def _source(spot: Spot) -> Source:
    parts = spot.entries(frozenset({"standard", "clause"}), frozenset({"standard"}))
    return Source(parts["standard"].text(), parts["clause"].text() if "clause" in parts else "")


def _applies(spot: Spot) -> str:
    text = " ".join(spot.text().split())
    parse(text, applying_columns(), spot.place)
    return text


def _step(spot: Spot, listed: frozenset[str] | None = None) -> str:
    """A step code; ``listed`` are the steps this SOP named at its head."""
    found = spot.text()
    if found not in known_steps():
        raise spot.error("sop_step_unknown", step=found[:80], known=", ".join(known_steps()))
    if listed is not None and found not in listed:
        raise spot.error("sop_step_not_listed", step=found, known=", ".join(sorted(listed)))
    return found


def _constraints(spot: Spot, steps: frozenset[str]) -> tuple[Constraint, ...]:
    found: dict[str, Constraint] = {}
    for one in spot.items():
        constraint = _constraint(one, steps)
        if constraint.id in found:
            raise one.error("sop_constraint_twice", id=constraint.id)
        found[constraint.id] = constraint
        if len(found) > _MOST:
            raise one.error("sop_too_many", limit=_MOST)
    if not found:
        raise spot.error("sop_constraints_none")
    return tuple(found.values())


def _constraint(spot: Spot, steps: frozenset[str]) -> Constraint:
    parts = spot.entries(_CONSTRAINT, frozenset({"id", "kind", "step", "hint"}))
    kind = ConstraintKind(parts["kind"].choice(frozenset(ConstraintKind)))
    _check_shape(spot, kind, frozenset(parts))
    dimension = parts["dimension"].choice(frozenset(Dimension)) if "dimension" in parts else DIMENSIONS[kind]
    first = _step(parts["step"], steps)
    then = _step(parts["then"], steps) if "then" in parts else ""
    if first == then:
        raise parts["then"].error("sop_step_itself", step=then)
    return Constraint(
        id=_id(parts["id"]),
        kind=kind,
        step=first,
        hint=_words(parts["hint"]),
        severity=Severity(parts["severity"].choice(_SEVERITIES)) if "severity" in parts else Severity.BLOCK,
        then=then,
        minutes=_minutes(parts["minutes"]) if "minutes" in parts else 0,
        count=parts["count"].whole(0, 10_000) if "count" in parts else 0,
        weight=parts["weight"].whole(1, 100) if "weight" in parts else 1,
        dimension=Dimension(dimension),
        deadline=_deadline(parts["deadline"], steps) if "deadline" in parts else None,
        same_day=parts["same_day"].truth() if "same_day" in parts else False,
        source=_source(parts["source"]) if "source" in parts else NO_SOURCE,
    )


def _check_shape(spot: Spot, kind: ConstraintKind, given: frozenset[str]) -> None:
    """Each kind takes its own keys: one too many is a misunderstanding, not something to pass over."""
    may = {
        "then": kind in OF_TWO_STEPS,
        "minutes": kind in WITH_MINUTES,
        "count": kind is ConstraintKind.AT_MOST,
        "deadline": kind in WITH_DEADLINE,
        "same_day": kind in WITH_SAME_DAY,
    }
    must = {name for name, allowed in may.items() if allowed and name in ("then", "minutes", "count")}
    for name, allowed in may.items():
        if name in given and not allowed:
            raise spot.error("sop_key_misplaced", key=name, kind=kind.value)
    missing = sorted(must - given)
    if missing:
        raise spot.error("pack_key_missing", key=", ".join(missing))


def _minutes(spot: Spot) -> float:
    value = spot.value()
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= _LONGEST:
        raise spot.error("sop_minutes_bad", limit=_LONGEST)
    return value


def _deadline(spot: Spot, steps: frozenset[str]) -> Deadline:
    parts = spot.entries(frozenset({"after", "minutes"}), frozenset({"after", "minutes"}))
    return Deadline(_step(parts["after"], steps), _minutes(parts["minutes"]))


def as_data(sop: Sop) -> dict[str, Json]:
    """The SOP as :func:`load_sop` reads it."""
    data: dict[str, Json] = {
        "sop": sop.id,
        "version": sop.version,
        "title": _said(sop.title),
        "steps": list(sop.steps),
        "constraints": [_constraint_data(one) for one in sop.constraints],
    }
    if sop.applies:
        data["applies"] = sop.applies
    if sop.source.standard:
        data["source"] = _source_data(sop.source)
    return data


def as_text(sop: Sop) -> str:
    """Canonical JSON of :func:`as_data`: what a bank keeps, and what its digest is of."""
    return canonical(as_data(sop)).decode()


def _said(words: Bilingual) -> Json:
    return {"zh": words.zh, "en": words.en}


def _source_data(source: Source) -> Json:
    return {"standard": source.standard} | ({"clause": source.clause} if source.clause else {})


def _constraint_data(one: Constraint) -> Json:
    data: dict[str, Json] = {
        "id": one.id,
        "kind": one.kind.value,
        "step": one.step,
        "severity": one.severity.value,
        "weight": one.weight,
        "dimension": one.dimension.value,
        "hint": _said(one.hint),
    }
    if one.then:
        data["then"] = one.then
    if one.kind in WITH_MINUTES:
        data["minutes"] = one.minutes
    if one.kind is ConstraintKind.AT_MOST:
        data["count"] = one.count
    if one.deadline is not None:
        data["deadline"] = {"after": one.deadline.after, "minutes": one.deadline.minutes}
    if one.same_day:
        data["same_day"] = True
    if one.source.standard:
        data["source"] = _source_data(one.source)
    return data


@cache
def templates() -> dict[str, Sop]:
    """The shipped SOP templates by id."""
    folder = resources.files("hilum") / "sops"
    files = sorted((one for one in folder.iterdir() if one.name.endswith(".yaml")), key=lambda one: one.name)
    read_in = (load_sop(one.read_text(encoding="utf-8"), one.name) for one in files)
    return {sop.id: sop for sop in read_in}
