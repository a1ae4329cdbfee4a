"""What stopped the records, and which mend would release the most of them.

A held record is released only when *every* rule that blocks it is satisfied, so rules cannot simply be ranked by how
many records they touch. The mends are ordered greedily (the set-cover heuristic of Chvátal 1979,
doi:10.1287/moor.4.3.233): each step names the rule whose mending releases most, the ones above it being mended.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from hilum.quality.figures import BlockingSets
from hilum.quality.rule import Rule, Severity

NO_RULE = ""
"""Stands for the rule of a record that is stopped although no rule of its own blocks it (it waits for another)."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Records stopped with ``rule`` as the leading reason; every stopped record is counted once."""

    rule: str
    held: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Mend:
    """One thing to do: mend what ``rule`` finds.

    ``touches``: held records it blocks; ``alone``: those nothing else blocks; ``released``: records set free when
    this and every mend listed before it are done. ``alone`` and ``released`` are ``None`` when the bank cannot say
    which rules block one record together.
    """

    rule: str
    touches: int
    alone: int | None
    released: int | None


def stops(sets: BlockingSets, rules: Mapping[str, Rule]) -> tuple[Stop, ...]:
    """Held and rejected records by leading rule, most first: a rejecting rule leads, then the commoner one."""
    touched = _touched(sets)
    found: dict[str, Counter[str]] = {}
    for (_, state, blockers), n in sets.items():
        leader = min(blockers, key=lambda rule: _rank(rule, rules, touched)) if blockers else NO_RULE
        found.setdefault(leader, Counter())[state] += n
    listed = [Stop(rule, held=by["held"], rejected=by["rejected"]) for rule, by in found.items()]
    return tuple(sorted(listed, key=lambda stop: (-stop.held - stop.rejected, stop.rule)))


def _rank(rule: str, rules: Mapping[str, Rule], touched: Mapping[str, int]) -> tuple[bool, int, str]:
    rejects = rule in rules and rules[rule].severity is Severity.REJECT
    return not rejects, -touched.get(rule, 0), rule


def _touched(sets: BlockingSets) -> Counter[str]:
    touched: Counter[str] = Counter()
    for (_, _, blockers), n in sets.items():
        touched.update(dict.fromkeys(blockers, n))
    return touched


def mends(sets: BlockingSets, limit: int = 12) -> tuple[Mend, ...]:
    """The first ``limit`` mends for held records, the most releasing first."""
    held = Counter[frozenset[str]]()
    for (_, state, blockers), n in sets.items():
        if state == "held" and blockers:
            held[frozenset(blockers)] += n
    touched = _touched({("", "held", tuple(blockers)): n for blockers, n in held.items()})
    alone = Counter({rule: n for blockers, n in held.items() if len(blockers) == 1 for rule in blockers})
    listed: list[Mend] = []
    done: set[str] = set()
    while len(listed) < limit and (rule := _next(held, touched, done)):
        done.add(rule)
        released = sum(n for blockers, n in held.items() if blockers <= done)
        listed.append(Mend(rule, touches=touched[rule], alone=alone[rule], released=released))
    return tuple(listed)


def _next(held: Mapping[frozenset[str], int], touched: Mapping[str, int], done: set[str]) -> str:
    """The rule that releases most now; where none releases anything alone, the one that touches most."""
    gains: Counter[str] = Counter()
    open_rules: set[str] = set()
    for blockers, n in held.items():
        left = blockers - done
        open_rules |= left
        if len(left) == 1:
            gains.update(dict.fromkeys(left, n))
    return min(open_rules, key=lambda rule: (-gains[rule], -touched[rule], rule), default="")


def mends_by_count(
    finding_counts: Mapping[tuple[str, str, str], int], rules: Mapping[str, Rule], limit: int = 12
) -> tuple[Mend, ...]:
    """The blocking rules by records touched: all that can be said without knowing which rules block together."""
    touched: Counter[str] = Counter()
    for (rule, _, _), n in finding_counts.items():
        if rule in rules and rules[rule].severity is Severity.BLOCK:
            touched[rule] += n
    ordered = sorted(touched, key=lambda rule: (-touched[rule], rule))
    return tuple(Mend(rule, touches=touched[rule], alone=None, released=None) for rule in ordered[:limit])
