"""Hold and mend: accept a hint, edit, waive one rule for one record, refuse, release, and undo.

Corrections are new records that name the old one; nothing is overwritten. A mended record is judged again at once and
stays held until it is released, and release judges it once more: nothing enters the bank on an old verdict.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from hilum.errors import AccessDenied, BadInputError, ConflictError, NotFoundError, Word
from hilum.model.party import Actor
from hilum.model.record import Kind, Value
from hilum.model.vocabulary import vocabulary
from hilum.operation import Change, Outcome
from hilum.quality.finding import Finding, Verdict
from hilum.registry import dependence, desk, judging, privacy
from hilum.registry.desk import Desk
from hilum.registry.fold import fact_of, fold
from hilum.registry.quarantine import check_step
from hilum.registry.stored import RecordState, StoredRecord, Waiver
from hilum.registry.waiving import may_be_waived


@dataclass(frozen=True, slots=True)
class FixRecords:
    """Change fields of held records: the best hint of ``rule`` for each, or the same typed ``values`` for all."""

    records: tuple[str, ...]
    rule: str = ""
    values: tuple[tuple[str, Value], ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PlaceRecord:
    """Say where a held specimen stands, so that it can be found again and nobody puts another there."""

    record: str
    location: str


@dataclass(frozen=True, slots=True)
class ReleaseRecords:
    """Judge held records once more and enter those the gate accepts."""

    records: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RefuseRecords:
    """Decide that held records will not enter the bank."""

    records: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class RequestWaiver:
    """Ask that ``rule`` be set aside for these records until ``expires_on`` (an ISO date, or empty: for good)."""

    records: tuple[str, ...]
    rule: str
    reason: str
    expires_on: str = ""


@dataclass(frozen=True, slots=True)
class ApproveWaiver:
    """Agree, as a second person, to waivers asked for by another."""

    records: tuple[str, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class UndoBatch:
    """Take back everything one mending command did."""

    undone: str


@dataclass(frozen=True, slots=True)
class Mended:
    """What came of one record: its (possibly new) id, its state, and the verdict it now carries."""

    record: str
    state: RecordState
    verdict: Verdict | None
    note: str = ""


def fix(at: Desk, actor: Actor, command: FixRecords) -> Outcome[tuple[Mended, ...]]:
    """Correct records; each becomes a new held record with a fresh judgement."""
    results: list[Mended] = []
    changes: list[Change] = []
    for old in _fetch(at, command.records):
        check_step(old.id, old.state, RecordState.CORRECTED)
        values = dict(command.values) if command.values else _hinted(old, command.rule)
        if not values:
            results.append(Mended(old.id, old.state, _verdict(old), "no_hint"))
            continue
        new = _corrected(at, old, values, at.batch)
        results.append(Mended(new.id, new.state, _verdict(new)))
        changes.append(Change(old.id, before=_shown(old, values), after=new.id, reason=command.reason))
    desk.write(at)
    return Outcome(tuple(results), tuple(changes))


def place(at: Desk, actor: Actor, command: PlaceRecord) -> Outcome[Mended]:
    """Give a held specimen its place; it stays held. Raises :class:`ConflictError` when another stands there."""
    (old,) = _fetch(at, (command.record,))
    if old.kind is not Kind.SPECIMEN:
        raise BadInputError("place_no_specimen", record=old.id)
    check_step(old.id, old.state, RecordState.CORRECTED)
    new = _corrected(at, old, {"location": command.location}, at.batch)
    position = desk.proposed_fact(new).position or ""
    occupant = at.unit.occupants([position]).get(position, new.key)
    if occupant != new.key:
        raise ConflictError("place_taken", location=command.location, occupant=occupant)
    desk.write(at)
    change = Change(old.id, before=_shown(old, {"location": None}), after=new.id)
    return Outcome(Mended(new.id, new.state, _verdict(new), "placed"), (change,))


def _hinted(record: StoredRecord, rule: str) -> dict[str, Value]:
    """The most confident fix each finding of ``rule`` (or of any rule) offers; none where two are equally likely:
    which of them is right only a person can say."""
    findings: Sequence[Finding] = record.judgement.findings if record.judgement else ()
    offers = [offer for finding in findings if not rule or finding.rule == rule for offer in finding.fixes]
    chosen: dict[str, Value] = {}
    for field in dict.fromkeys(offer.field for offer in offers):
        most = max(offer.confidence for offer in offers if offer.field == field)
        best = {offer.value for offer in offers if offer.field == field and offer.confidence == most}
        if len(best) == 1:
            chosen[field] = best.pop()
    return chosen


def _corrected(at: Desk, old: StoredRecord, values: Mapping[str, Value], batch: str) -> StoredRecord:
    known = vocabulary()[old.kind]
    for name in values:
        if name not in known:
            raise BadInputError("field_unknown", field=name, kind=old.kind.value)
    before = desk.restore(at, [old])[0].whole
    whole = replace(
        before,
        fields=dict(before.fields) | dict(values),
        unreadable={name: text for name, text in before.unreadable.items() if name not in values},
    )
    parted = privacy.corrected(privacy.part(whole, at.vault.key(), old.received_at), old, batch)
    desk.keep_personal(at.vault, [parted])
    desk.set_state(at, old.id, RecordState.CORRECTED)
    at.awaits[old.id] = set()
    at.new[parted.stored.id] = parted.stored
    judgement = judging.judge_alone(at, parted.stored)
    new = replace(parted.stored, judgement=judgement)
    at.new[new.id] = new
    desk.stand_again(at, new)
    return new


def _shown(old: StoredRecord, values: Mapping[str, Value]) -> str:
    """The old values as the audit trail may show them: personal ones by name only."""
    fields = vocabulary()[old.kind]
    parts = [f"{name}=•••" if fields[name].personal else f"{name}={old.fields.get(name)!s}" for name in values]
    return "; ".join(parts)


def release(at: Desk, actor: Actor, command: ReleaseRecords) -> Outcome[tuple[Mended, ...]]:
    """Judge again; what the gate accepts enters the bank, and what waited for it follows."""
    held = _fetch(at, command.records)
    for one in held:
        check_step(one.id, one.state, RecordState.ACCEPTED)
    judging.rejudge(at, held)
    judging.judge_waiting(at)
    dependence.judge_dependants(at, at.changed)
    verdicts = {record_id: judgement.verdict for record_id, judgement in at.judged}
    results, changes = [], []
    for one in held:
        state = at.states.get(one.id, one.state)
        results.append(
            Mended(one.id, state, verdicts.get(one.id), "" if state is RecordState.ACCEPTED else "not_ready")
        )
        if state is RecordState.ACCEPTED:
            changes.append(Change(one.id, before=one.state.value, after=state.value, reason=command.reason))
    desk.write(at)
    return Outcome(tuple(results), tuple(changes))


def refuse(at: Desk, actor: Actor, command: RefuseRecords) -> Outcome[tuple[Mended, ...]]:
    """Keep records out for good (until undone), with the reason on file."""
    _check_reason(command.reason)
    results, changes = [], []
    for one in _fetch(at, command.records):
        check_step(one.id, one.state, RecordState.REFUSED)
        desk.set_state(at, one.id, RecordState.REFUSED)
        at.awaits[one.id] = set()
        results.append(Mended(one.id, RecordState.REFUSED, _verdict(one)))
        changes.append(Change(one.id, before=one.state.value, after="refused", reason=command.reason))
    desk.write(at)
    return Outcome(tuple(results), tuple(changes))


def request_waiver(at: Desk, actor: Actor, command: RequestWaiver) -> Outcome[tuple[Mended, ...]]:
    """Put a waiver on file; it counts only when a second person has agreed."""
    _check_reason(command.reason)
    rule = at.gate.ruleset.find(command.rule)
    if rule is None:
        raise NotFoundError("rule_unknown", rule=command.rule)
    if not may_be_waived(rule):
        raise AccessDenied("waiver_consent", rule=command.rule)
    changes, results = [], []
    for one in _fetch(at, command.records):
        if not any(finding.rule == command.rule for finding in (one.judgement.findings if one.judgement else ())):
            raise ConflictError("waiver_without_finding", record=one.id, rule=command.rule)
        at.unit.put_waiver(
            Waiver(one.id, command.rule, command.reason, actor.name, at.now, expires_on=command.expires_on)
        )
        results.append(Mended(one.id, one.state, _verdict(one), "waiver_requested"))
        changes.append(Change(one.id, after=f"waiver:{command.rule}", reason=command.reason))
    return Outcome(tuple(results), tuple(changes))


def approve_waiver(at: Desk, actor: Actor, command: ApproveWaiver) -> Outcome[tuple[Mended, ...]]:
    """Agree to a waiver somebody else asked for, and judge the record again under it."""
    fetched = _fetch(at, command.records)
    waivers = at.unit.waivers([one.id for one in fetched])
    changes = []
    for one in fetched:
        asked = next((w for w in waivers.get(one.id, []) if w.rule == command.rule and not w.withdrawn), None)
        if asked is None:
            raise NotFoundError("waiver_unknown", record=one.id, rule=command.rule)
        if asked.requested_by == actor.name:
            raise AccessDenied("waiver_second_person", rule=command.rule)
        at.unit.put_waiver(replace(asked, approved_by=actor.name, approved_at=at.now))
        changes.append(Change(one.id, before=f"waiver:{command.rule}", after=f"approved:{command.rule}"))
    results = [_judged_again(at, one, "waiver_approved") for one in fetched]
    desk.write(at)
    return Outcome(tuple(results), tuple(changes))


def _judged_again(at: Desk, one: StoredRecord, note: str) -> Mended:
    judgement = judging.judge_alone(at, one)
    desk.add_judgement(at, one.id, judgement)
    return Mended(one.id, one.state, judgement.verdict, note)


def undo(at: Desk, actor: Actor, command: UndoBatch) -> Outcome[tuple[Mended, ...]]:
    """Take back a mending command, last change first. History keeps both the change and its undoing."""
    entries = [entry for entry in at.unit.audit_trail(batch=command.undone, limit=1_000_000) if entry.outcome == "done"]
    if not entries:
        raise NotFoundError("batch_unknown", batch=command.undone)
    results, changes = [], []
    for entry in sorted(entries, key=lambda each: each.subject, reverse=True):
        step = _UNDO.get(entry.operation)
        if step is None:
            raise ConflictError("undo_impossible", operation=entry.operation)
        results.append(step(at, entry.subject, entry.before, entry.after))
        changes.append(Change(entry.subject, before=entry.after, after=entry.before, reason=command.undone))
    desk.write(at)
    return Outcome(tuple(results), tuple(changes))


def _undo_fix(at: Desk, subject: str, before: str, after: str) -> Mended:
    old, new = _fetch(at, (subject, after))
    if new.state is not RecordState.HELD:
        raise ConflictError("undo_moved_on", record=new.id, state=Word(f"state.{new.state.value}"))
    desk.set_state(at, new.id, RecordState.RETRACTED)
    at.awaits[new.id] = set()
    desk.set_state(at, old.id, RecordState.HELD)
    desk.stand_again(at, old)
    return Mended(old.id, RecordState.HELD, _verdict(old), "undone")


def _undo_release(at: Desk, subject: str, before: str, after: str) -> Mended:
    (one,) = _fetch(at, (subject,))
    check_step(one.id, one.state, RecordState.HELD)
    older = _spoke_before(at, one)
    desk.take_back(at, one)
    if older is not None:
        check_step(older.id, older.state, RecordState.ACCEPTED)
        desk.set_state(at, older.id, RecordState.ACCEPTED)
    dependence.judge_dependants(at, [one])
    return Mended(one.id, RecordState.HELD, _verdict(one), "undone")


def _spoke_before(at: Desk, one: StoredRecord) -> StoredRecord | None:
    """The record whose word holds again when ``one`` is taken back: it had been superseded, and no longer is."""
    events = [event for event in at.unit.events(keys=[one.key]) if event.record != one.id]
    fact = fold(events, lambda event: fact_of(event, source="", digest="")).get((one.kind, one.key))
    return at.unit.records([fact.record])[fact.record] if fact else None


def _undo_refuse(at: Desk, subject: str, before: str, after: str) -> Mended:
    (one,) = _fetch(at, (subject,))
    check_step(one.id, one.state, RecordState.HELD)
    desk.set_state(at, one.id, RecordState.HELD)
    desk.stand_again(at, one)
    return Mended(one.id, RecordState.HELD, _verdict(one), "undone")


def _undo_waiver(at: Desk, subject: str, before: str, after: str) -> Mended:
    (one,) = _fetch(at, (subject,))
    rule = after.partition(":")[2]
    for waiver in at.unit.waivers([subject]).get(subject, []):
        if waiver.rule == rule and not waiver.withdrawn:
            if before:
                at.unit.put_waiver(replace(waiver, approved_by="", approved_at=""))
            else:
                at.unit.put_waiver(replace(waiver, withdrawn=True))
    return _judged_again(at, one, "undone")


_UNDO: dict[str, Callable[[Desk, str, str, str], Mended]] = {
    "record.fix": _undo_fix,
    "record.place": _undo_fix,
    "record.release": _undo_release,
    "record.refuse": _undo_refuse,
    "waiver.request": _undo_waiver,
    "waiver.approve": _undo_waiver,
}


def _fetch(at: Desk, wanted: Sequence[str]) -> list[StoredRecord]:
    """The records named, in order. Raises :class:`NotFoundError` for the first that is not there."""
    found = at.unit.records(wanted)
    for record_id in wanted:
        if record_id not in found:
            raise NotFoundError("record_unknown", record=record_id)
    return [found[record_id] for record_id in wanted]


def _verdict(record: StoredRecord) -> Verdict | None:
    return record.judgement.verdict if record.judgement else None


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise BadInputError("reason_missing")
