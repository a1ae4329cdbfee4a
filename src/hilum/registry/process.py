"""How specimens stand to the SOPs in force: assessed for whatever a command touched, in the same transaction.

A standing is a read model of the accepted facts, the SOPs and the instant it was made; it decides nothing by itself.
Rooms that let specimens go ask :meth:`~hilum.registry.ports.Unit.process_standing` first.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime

from hilum.clock import parse_stamp, stamp
from hilum.model.event import Event
from hilum.model.record import Kind
from hilum.quality.process import CompiledSop, assess, compile_sop, trace_of
from hilum.quality.row import Row, own_columns
from hilum.quality.sop_text import load_sop
from hilum.registry.ports import Unit
from hilum.registry.process_stored import ProcessStanding, SopState
from hilum.registry.process_story import ABOUT, story
from hilum.registry.stored import Fact

_DEEPEST = 50
"""Generations walked up or down a lineage."""


def active(unit: Unit) -> tuple[CompiledSop, ...]:
    """The SOPs in force, compiled."""
    return tuple(compile_sop(load_sop(one.body, one.id)) for one in unit.sops() if one.state is SopState.ACTIVE)


def follow(unit: Unit, events: Sequence[Event], now: str) -> int:
    """Assess again every specimen that ``events`` (just written) may have moved; answers how many."""
    if not events:
        return 0
    sops = active(unit)
    return refresh(unit, sops, touched(unit, events), now) if sops else 0


def touched(unit: Unit, events: Iterable[Event]) -> set[str]:
    """Keys of the specimens that events are about, and of all that was made from them."""
    named: set[str] = set()
    donors: set[str] = set()
    told = [event.key for event in events if event.fact in ABOUT]
    earlier = unit.events(keys=sorted(set(told))) if told else []  # a correction may name another specimen than before
    for event in (*events, *earlier):
        if event.fact is Kind.SPECIMEN:
            named.add(event.key)
        elif event.fact in ABOUT and event.parent:
            named.add(event.parent)
        elif event.fact is Kind.CONSENT and event.donor:
            donors.add(event.donor)
    found = {name: fact.key for name, fact in unit.facts(Kind.SPECIMEN, sorted(named)).items()}
    keys = {found.get(name, name) for name in named}
    keys |= {fact.key for facts in unit.donor_facts(Kind.SPECIMEN, sorted(donors)).values() for fact in facts}
    return keys | _descendants(unit, keys)


def _descendants(unit: Unit, keys: Collection[str]) -> set[str]:
    seen = set(keys)
    fresh = set(keys)
    for _ in range(_DEEPEST):
        names = _with_aliases(unit.facts(Kind.SPECIMEN, sorted(fresh)).values()) | fresh
        children = unit.facts_about((Kind.SPECIMEN,), sorted(names))
        fresh = {fact.key for facts in children.values() for fact in facts} - seen
        if not fresh:
            break
        seen |= fresh
    return seen


def _with_aliases(facts: Iterable[Fact]) -> set[str]:
    return {name for fact in facts for name in (fact.key, fact.alias) if name}


def refresh(unit: Unit, sops: Sequence[CompiledSop], specimens: Collection[str], now: str) -> int:
    """Make the standings of ``specimens`` again at ``now``; those that are no facts any more lose theirs."""
    if not specimens:
        return 0
    made = standings(unit, sops, specimens, now)
    unit.put_process(specimens, made)
    return len({one.specimen for one in made})


def standings(unit: Unit, sops: Sequence[CompiledSop], specimens: Collection[str], now: str) -> list[ProcessStanding]:
    """How ``specimens`` stand to each SOP that speaks of them, from the accepted facts as they are."""
    own = unit.facts(Kind.SPECIMEN, sorted(specimens))
    lineage = _lineage(unit, own)
    about = _about(unit, {fact.key: fact for fact in (*own.values(), *lineage.values())})
    donors = sorted({fact.donor for fact in own.values() if fact.donor})
    consents = unit.donor_facts(Kind.CONSENT, donors)
    second = math.ceil(parse_stamp(now).timestamp())  # a second that has begun is over: what is due then is due
    found = []
    for key in sorted(own):
        fact = own[key]
        ancestors = _ancestors(fact, lineage)
        row = _row(fact, ancestors)
        speaking = [sop for sop in sops if sop.speaks_of(row)]
        if speaking:
            trace = trace_of(story(fact, ancestors, about, consents.get(fact.donor or "", ())))
            for sop in speaking:
                told = assess(sop, trace, second)
                until = "" if told.pending_until is None else stamp(datetime.fromtimestamp(told.pending_until, UTC))
                found.append(ProcessStanding(fact.key, told.sop, told.version, told.verdict, until, now, told.outcomes))
    return found


def _lineage(unit: Unit, own: dict[str, Fact]) -> dict[str, Fact]:
    """Every ancestor of ``own`` by the name its child calls it by."""
    found: dict[str, Fact] = {}
    wanted = {fact.parent for fact in own.values() if fact.parent}
    for _ in range(_DEEPEST):
        fresh = unit.facts(Kind.SPECIMEN, sorted(wanted - found.keys()))
        found |= fresh
        wanted = {fact.parent for fact in fresh.values() if fact.parent and fact.parent not in found}
        if not wanted:
            break
    return found


def _ancestors(fact: Fact, lineage: dict[str, Fact]) -> list[Fact]:
    """Parent first; a circle ends the walk."""
    found: list[Fact] = []
    seen = {fact.key}
    parent = lineage.get(fact.parent or "")
    while parent is not None and parent.key not in seen:
        found.append(parent)
        seen.add(parent.key)
        parent = lineage.get(parent.parent or "")
    return found


def _about(unit: Unit, specimens: dict[str, Fact]) -> dict[str, list[Fact]]:
    """What was done with each specimen, by its key, whichever of its names the records use."""
    named = {name: key for key, fact in specimens.items() for name in (key, fact.alias) if name}
    found: dict[str, list[Fact]] = {}
    for name, facts in unit.facts_about(ABOUT, sorted(named)).items():
        found.setdefault(named[name], []).extend(facts)
    return found


def _row(fact: Fact, ancestors: Sequence[Fact]) -> Row:
    row = own_columns(Kind.SPECIMEN, fact.fields)
    row["unreadable"] = None
    row["parent.known"] = bool(ancestors)
    if ancestors:
        row |= own_columns(Kind.SPECIMEN, ancestors[0].fields, "parent.")
    return row
