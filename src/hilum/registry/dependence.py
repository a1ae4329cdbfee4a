"""What hangs on a record: judged again when the record is taken back, gives way, or a consent ends; and the links of a
chain that follow one which was put in, moved or taken out."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace

from hilum.model.record import Kind
from hilum.quality.finding import Verdict
from hilum.registry import desk, judging
from hilum.registry.chain import CHAINED, span
from hilum.registry.context import Neighbours, chained, gather
from hilum.registry.desk import Desk
from hilum.registry.logs import names_of_trip
from hilum.registry.ports import QueueFilter
from hilum.registry.privacy import Parted
from hilum.registry.stored import Fact, RecordState, StoredRecord
from hilum.registry.waiving import rules_waived

_EVERYTHING = 10_000_000
_DONOR_WIDE = (Kind.DONOR, Kind.CONSENT, Kind.CONDITION)
_SEEING = (Kind.TRANSPORT, *CHAINED)
"""Kinds whose judgement is kept anew when what they see of others has changed, although they stay accepted."""


def judge_dependants(at: Desk, gone: Iterable[StoredRecord]) -> None:
    """Judge again every accepted record that hangs on one of ``gone``; hold what the gate no longer accepts.

    Goes down the lineage: an aliquot whose analyte was just held is held too. In the end every custody record and
    preparation that follows another one now than when it was judged is judged again, held ones as well.
    """
    pending = list(gone)
    seen = {one.id for one in pending}
    while pending:
        record = pending.pop()
        mine = [one for one in _dependants(at, record) if one.id not in seen and _is_accepted(at, one)]
        seen |= {one.id for one in mine}
        pending += _judge_accepted(at, mine, record)
    _judge_chains(at)


def _dependants(at: Desk, record: StoredRecord) -> list[StoredRecord]:
    if record.kind in _DONOR_WIDE and record.donor:
        wanted = QueueFilter(states=(RecordState.ACCEPTED,), donor=record.donor, limit=_EVERYTHING)
        return [one for one in at.unit.find_records(wanted) if one.kind is not record.kind]
    if record.kind is Kind.SPECIMEN:
        ids = {event.record for event in at.unit.events(keys=[record.key]) if event.key != record.key}
        return list(at.unit.records(sorted(ids)).values())
    if record.kind is Kind.LOG:
        return _logged(at, record)
    return []


def _logged(at: Desk, log: StoredRecord) -> list[StoredRecord]:
    """The hand-overs that a log may belong to."""
    names = names_of_trip(desk.proposed_fact(log))
    known = at.unit.named(Kind.TRANSPORT, names) if names else []
    return list(at.unit.records([fact.record for fact in known]).values())


def _is_accepted(at: Desk, one: StoredRecord) -> bool:
    return at.states.get(one.id, one.state) is RecordState.ACCEPTED


def _judge_accepted(at: Desk, mine: list[StoredRecord], gone: StoredRecord) -> list[StoredRecord]:
    """Judge ``mine`` as if ``gone`` were not there (unless it is still accepted); answer those now held."""
    parted, near = _around(at, mine)
    if not _is_accepted(at, gone):
        near.lose(desk.proposed_fact(gone))
    return _judge_among(at, parted, near)


def _around(at: Desk, mine: Collection[StoredRecord]) -> tuple[list[Parted], Neighbours]:
    """Stored records made whole, and their neighbours: the bank with this command's acceptances laid over it."""
    parted = desk.restore(at, mine)
    near = gather(at.unit, at.vault, parted, {p.stored.id: desk.proposed_fact(p.stored) for p in parted})
    for fact in at.facts.values():
        near.accept(fact)
    return parted, near


def _judge_among(at: Desk, parted: Collection[Parted], near: Neighbours) -> list[StoredRecord]:
    """Judge accepted records among their neighbours; answer those now held."""
    waived = rules_waived(at.unit.waivers([p.stored.id for p in parted]), at.now)
    held = []
    for one in parted:
        fact = desk.proposed_fact(one.stored)
        judgement = judging.judge(at, one, fact, near, waived.get(one.stored.id, ()))
        if judgement.verdict is not Verdict.ACCEPT:
            held.append(_hold(at, replace(one.stored, judgement=judgement), fact, near))
        elif one.stored.kind in _SEEING and judgement != one.stored.judgement:
            # still accepted, but what its neighbours say of it has changed, and that is kept
            desk.add_judgement(at, one.stored.id, judgement)
    return held


def _hold(at: Desk, stored: StoredRecord, fact: Fact, near: Neighbours) -> StoredRecord:
    """Take an accepted record back, and answer it."""
    desk.take_back(at, stored)
    near.forget(fact)
    at.awaits[stored.id] = desk.missing(fact, near)
    if stored.id in at.new:  # it was counted as accepted in this very batch
        at.taken.accepted -= 1
        at.taken.held += 1
        at.taken.stopped.append(replace(stored, state=RecordState.HELD))
    return stored


# chains ---------------------------------------------------------------------------------------------------------------


def _judge_chains(at: Desk) -> None:
    """Judge again what follows the links this command put in, moved or took out, until nothing moves any more."""
    moved = _moved(at)
    judged: set[tuple[str, str, str]] = set()
    while moved:
        _await_links(at)
        near = chained(at.unit, moved, at.facts.values())
        _settle(at, near, moved)
        followers = _stored(at, _followers(at, moved, near))
        again = [one for one in followers if _is_accepted(at, one)] + _waiting(at, moved, near)
        changed = _judge_links(at, [one for one in again if _sees_anew(one, near, judged)], moved)
        moved = [desk.proposed_fact(one) for one in changed]
    _await_links(at)


def _moved(at: Desk) -> list[Fact]:
    """The links this command put into a chain, took out of one, or restored: as they are, and as they were."""
    new = [one for one in at.new.values() if one.kind in CHAINED]
    told = Counter((one.kind, one.key) for one in new)
    entered = (RecordState.ACCEPTED, RecordState.SUPERSEDED)
    moved = [one for one in new if one.state in entered or told[one.kind, one.key] > 1]
    if at.states:
        moved += [one for one in at.unit.records(sorted(at.states)).values() if one.kind in CHAINED]
    return [fact for one in moved if (fact := _fact_of(at, one)).parent]


def _fact_of(at: Desk, one: StoredRecord) -> Fact:
    known = at.facts.get((one.kind, one.key))
    return known if known is not None and known.record == one.id else desk.proposed_fact(one)


def _settle(at: Desk, near: Neighbours, moved: Iterable[Fact]) -> None:
    """Leave in the chains what this command leaves accepted, and put back what it restores."""
    for link in moved:
        standing = at.facts.get((link.kind, link.key))
        if standing is None and at.states.get(link.record) is RecordState.ACCEPTED:
            near.accept(link)
    for link in near.chains.all():
        if at.states.get(link.record, RecordState.ACCEPTED) is not RecordState.ACCEPTED:
            near.forget(link)


def _followers(at: Desk, moved: Iterable[Fact], near: Neighbours) -> list[str]:
    """Records of the links that may follow a moved one and were judged before it moved."""
    order = {event.record: place for place, event in enumerate(at.events)}
    found: dict[str, None] = {}
    for link in moved:
        stands = _is_standing(at, link)
        for one in near.after(link):
            if not stands or order.get(one.record, -1) < order.get(link.record, -1):
                found[one.record] = None
    return list(found)


def _is_standing(at: Desk, link: Fact) -> bool:
    standing = at.facts.get((link.kind, link.key))
    return standing is not None and standing.record == link.record


def _waiting(at: Desk, moved: Iterable[Fact], near: Neighbours) -> list[StoredRecord]:
    """Held links of the same chains: another link before them may let them in, or change what is said of them."""
    names = {(link.kind, name) for link in moved for name in near.specimen_names(link)}
    ids = [one for one in at.unit.awaiting(sorted(names)) if one not in at.awaits]
    ids += [record_id for record_id, wanted in at.awaits.items() if wanted & names]
    return [one for one in _stored(at, ids) if at.states.get(one.id, one.state) is RecordState.HELD]


def _sees_anew(one: StoredRecord, near: Neighbours, judged: set[tuple[str, str, str]]) -> bool:
    """Whether this command has not yet judged the record behind just these links; it ends what might go in a circle."""
    before = near.before(desk.proposed_fact(one))
    previous, holder = (link.record if link else "" for link in (before.previous, before.holder))
    name = (one.id, previous, holder)
    fresh = name not in judged
    judged.add(name)
    return fresh


def _stored(at: Desk, ids: Collection[str]) -> list[StoredRecord]:
    known = at.unit.records([one for one in ids if one not in at.new])
    return [at.new.get(one) or known[one] for one in ids]


def _judge_links(at: Desk, mine: Collection[StoredRecord], moved: Iterable[Fact]) -> list[StoredRecord]:
    """Judge links as they happened, one after the other; answer those that were held or let in by it."""
    if not mine:
        return []
    parted, near = _around(at, sorted(mine, key=lambda one: span(desk.proposed_fact(one))))
    _settle(at, near, moved)
    held = [one for one in mine if not _is_accepted(at, one)]
    known = judging.standing_now(at, held)
    judging.mark_rivals(at, known, near)
    changed = []
    for one in parted:
        if _is_accepted(at, one.stored):
            changed += _judge_among(at, (one,), near)
        elif _judge_held(at, one, near):
            _let_in(at, one.stored, near, known)
            changed.append(one.stored)
    return changed


def _judge_held(at: Desk, one: Parted, near: Neighbours) -> bool:
    """Whether the gate now accepts a held link."""
    waived = desk.waived_for(at, one.stored.id)
    judgement = judging.judge(at, one, desk.proposed_fact(one.stored), near, waived)
    if judgement != one.stored.judgement:
        desk.add_judgement(at, one.stored.id, judgement)
    return judgement.verdict is Verdict.ACCEPT


def _let_in(at: Desk, stored: StoredRecord, near: Neighbours, known: judging.Names) -> None:
    """Enter a held link; what stood under its key before gives way."""
    for other in known[stored.kind, stored.key]:
        if other.id != stored.id and at.states.get(other.id, other.state) in judging.LIVE:
            desk.set_state(at, other.id, RecordState.SUPERSEDED)
            at.awaits[other.id] = set()
    desk.set_state(at, stored.id, RecordState.ACCEPTED)
    proposal = desk.propose(stored, at.now)
    desk.accept(at, stored.id, proposal)
    near.accept(proposal[1])
    at.taken.released += 1
    at.taken.freed.append(stored.id)
    at.taken.held -= stored.id in at.new
    at.taken.accepted += stored.id in at.new


def _await_links(at: Desk) -> None:
    """A held link also waits for what may come to stand before it."""
    waiting = [one for one in at.awaits if at.states.get(one, RecordState.HELD) is RecordState.HELD]
    for one in _stored(at, waiting):
        parent = one.fields.get("specimen_id")
        held = at.states.get(one.id, one.state) is RecordState.HELD
        if one.kind in CHAINED and held and parent:
            at.awaits[one.id] = {*at.awaits[one.id], (one.kind, str(parent))}
