"""A chain of custody is judged by when things happened, never by when they were heard of."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from hilum.model.record import Kind, Locator, Record, Value
from hilum.quality.gate import Gate
from hilum.quality.row import row_of
from hilum.quality.rule import Ruleset, Severity
from hilum.registry.context import columns_for, gather
from hilum.registry.desk import proposed_fact, restore
from hilum.registry.ports import QueueFilter
from hilum.registry.stored import RecordState
from tests.unit.registry.stage import RULES, Stage, consent, donor, rule, specimen

PARTIES = ("ward", "courier", "bank")
CHAIN = "holder.known AND from_party IS NOT NULL"


def gate(severity: Severity) -> Gate:
    """The stage's rules, a rule on the chain of custody, and one on a spin done twice."""
    held = (
        rule("CUS-SPM", Kind.CUSTODY, "specimen.known"),
        rule("PRP-SPM", Kind.PREPARATION, "specimen.known"),
        rule("CUS-CHAIN", Kind.CUSTODY, "from_party = holder.to_party", CHAIN, severity=severity, field="from_party"),
        rule("CUS-OUT", Kind.CUSTODY, "action <> 'retrieve' OR previous.action <> 'retrieve'", "previous.known",
             severity=Severity.WARN, field="action"),
        rule("PRP-ONCE", Kind.PREPARATION, "NOT previous.known", severity=severity, field="step"),
    )  # fmt: skip
    return Gate(Ruleset(RULES + held, "chain"))


def custody(key: str, at: str | None, giver: str | None, taker: str | None, action: str = "hand_over") -> Record:
    fields: dict[str, Value] = {
        "custody_id": key, "donor_id": "P1", "specimen_id": "S1", "action": action, "happened_at": at,
        "from_party": giver, "to_party": taker,
    }  # fmt: skip
    told = {name: value for name, value in fields.items() if value is not None}
    return Record(Kind.CUSTODY, key, "P1", told, Locator("SRC-1", "file", int(key[1:]) + 10))


def spin(key: str, at: str | None, step: str = "centrifuge") -> Record:
    fields: dict[str, Value] = {"preparation_id": key, "donor_id": "P1", "specimen_id": "S1", "step": step}
    fields |= {"started_at": at} if at else {}
    return Record(Kind.PREPARATION, key, "P1", fields, Locator("SRC-1", "file", int(key[1:]) + 50))


def minute(number: int) -> str:
    return f"2026-03-02T{8 + number // 60:02d}:{number % 60:02d}:00Z"


@st.composite
def links(draw: st.DrawFn) -> list[Record]:
    """Hand-overs and spins of one specimen, no two at one moment."""
    times = draw(st.lists(st.integers(0, 300), min_size=2, max_size=7, unique=True))
    parties = st.sampled_from((None, *PARTIES))
    found = [
        spin(f"X{number}", minute(at))
        if draw(st.integers(0, 3)) == 0
        else custody(f"C{number}", minute(at), draw(parties), draw(parties))
        for number, at in enumerate(times)
    ]
    return draw(st.permutations(found))


@dataclass
class ObviousJudge:
    """Goes through the links as they happened, with a pencil: who holds it, has it been spun."""

    holder: str | None = None
    spun: bool = False
    states: dict[str, str] = field(default_factory=dict)

    def look_at(self, link: Record) -> None:
        if link.kind is Kind.PREPARATION:
            good, self.spun = not self.spun, True
        else:
            giver, taker = link.fields.get("from_party"), link.fields.get("to_party")
            good = self.holder is None or giver is None or giver == self.holder
            if good and taker is not None:
                self.holder = str(taker)
        self.states[link.key] = "accepted" if good else "held"


def happened(link: Record) -> str:
    return str(link.fields.get("happened_at") or link.fields.get("started_at"))


@settings(max_examples=150, deadline=None)
@given(chain=links(), others_at=st.integers(0, 9), size=st.integers(1, 5))
def test_any_order_in_batches_of_any_size_ends_where_the_obvious_judge_says(
    chain: list[Record], others_at: int, size: int
) -> None:
    judge = ObviousJudge()
    for link in sorted(chain, key=happened):
        judge.look_at(link)
    arriving = list(chain)
    arriving[others_at:others_at] = [donor("P1"), consent("consented"), specimen("S1")]
    stage = Stage(gate=gate(Severity.BLOCK))
    for start in range(0, len(arriving), size):
        stage.take(*arriving[start : start + size])
    states = stage.states()
    assert {key: states[key] for key in judge.states} == judge.states


TIMES = st.sampled_from([None, "2026-03-02", "2026-03", minute(0), minute(1), minute(2), "2026-03-02T16:01:00+08:00"])


@st.composite
def crowded(draw: st.DrawFn) -> list[Record]:
    """Links that share keys, moments and parties, or have no exact time: corrections and conflicts among them."""
    found = [donor("P1"), consent("consented"), specimen("S1")]
    for _ in range(draw(st.integers(2, 8))):
        number = draw(st.integers(0, 4))
        if draw(st.integers(0, 3)) == 0:
            found.append(spin(f"X{number}", draw(TIMES)))
        else:
            giver, taker = draw(st.sampled_from((None, *PARTIES))), draw(st.sampled_from((None, *PARTIES)))
            action = draw(st.sampled_from(["hand_over", "retrieve"]))
            found.append(custody(f"C{number}", draw(TIMES), giver, taker, action))
    return draw(st.permutations(found))


@settings(max_examples=200, deadline=None)
@given(arriving=crowded(), size=st.integers(1, 4), sources=st.lists(st.sampled_from("AB"), min_size=12, max_size=12))
def test_what_is_said_of_an_accepted_link_is_what_a_fresh_look_at_the_bank_says(
    arriving: list[Record], size: int, sources: list[str]
) -> None:
    stage = Stage(gate=gate(Severity.WARN))
    for start in range(0, len(arriving), size):
        source = f"SRC-{sources[start]}"
        batch = [
            Record(one.kind, one.key, one.donor, one.fields, Locator(source, f"{source}-{start}", one.locator.line))
            for one in arriving[start : start + size]
        ]
        stage.take(*batch, source=f"{source}-{start}")
    check_afresh(stage, (Kind.CUSTODY, Kind.PREPARATION))


def check_afresh(stage: Stage, kinds: Sequence[Kind]) -> None:
    """Judge every accepted record of these kinds again from the bank alone, and compare with what is on file."""
    at = stage.desk()
    wanted = QueueFilter(states=(RecordState.ACCEPTED,), kinds=tuple(kinds), limit=1000)
    records = stage.unit.find_records(wanted)
    parted = restore(at, records)
    facts = {one.stored.id: proposed_fact(one.stored) for one in parted}
    near = gather(stage.unit, stage.vault, parted, facts)
    for one in parted:
        fact, kind = facts[one.stored.id], one.stored.kind
        near.earlier.pop((fact.kind, fact.key), None)
        fresh = stage.gate.judge(kind, row_of(one.whole, columns_for(one, fact, near, stage.gate.needs(kind))))
        assert one.stored.judgement is not None
        told = [finding.rule for finding in one.stored.judgement.findings]
        assert told == [finding.rule for finding in fresh.findings], (one.stored.key, one.stored.fields)
