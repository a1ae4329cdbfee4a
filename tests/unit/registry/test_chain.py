"""What precedes a record in its chain, and who is judged again when a link comes, moves or goes."""

from dataclasses import replace

import pytest

from hilum.model.record import Kind, Locator, Record, Value
from hilum.quality.gate import Gate
from hilum.quality.row import columns
from hilum.quality.rule import Ruleset, Severity
from hilum.registry import desk, privacy
from hilum.registry.chain import Before, Chains
from hilum.registry.context import columns_for, gather
from hilum.registry.mending import ReleaseRecords, UndoBatch
from hilum.registry.operations import RELEASE, UNDO
from hilum.registry.stored import Fact
from hilum.testing.memory import MemoryUnit
from tests.unit.registry.stage import RULES, Stage, consent, donor, rule, specimen

CHAIN = rule(
    "CUS-CHAIN",
    Kind.CUSTODY,
    "from_party = holder.to_party",
    "holder.known AND from_party IS NOT NULL",
    field="from_party",
)
KNOWN = rule("CUS-SPM", Kind.CUSTODY, "specimen.known")
ONCE = rule("PRP-ONCE", Kind.PREPARATION, "NOT previous.known", severity=Severity.WARN, field="step")


@pytest.fixture
def stage() -> Stage:
    return Stage(gate=Gate(Ruleset((*RULES, CHAIN, KNOWN, ONCE), "chain")))


def link(key: str, at: str | None, giver: str | None, taker: str | None, **more: Value) -> Fact:
    """A custody fact of specimen S1 at an hour (``08``, ``08:30``) of 2 March, or at the text itself."""
    told = {"custody_id": key, "specimen_id": "S1", "happened_at": _instant(at), "from_party": giver, "to_party": taker}
    fields = {name: value for name, value in {**told, **more}.items() if value is not None}
    return Fact(Kind.CUSTODY, key, "P1", "S1", None, None, None, f"REC-{key}", "SRC", "digest", 1, fields)


def _instant(at: str | None) -> str | None:
    if at is None or at.startswith("2026"):
        return at
    return f"2026-03-02T{at}:00Z" if ":" in at else f"2026-03-02T{at}:00:00Z"


def before(one: Fact, *others: Fact) -> tuple[str, str]:
    """Keys of what precedes a link among others: the one immediately before it, and the one that says who held it."""
    chains = Chains()
    for other in others:
        chains.add(other, "S1")
    found = chains.before(one, "S1")
    assert found == _with_itself(chains, one)
    return tuple(each.key if each else "" for each in (found.previous, found.holder))  # type: ignore[return-value]


def _with_itself(chains: Chains, one: Fact) -> Before:
    """A link does not precede itself, so it makes no difference whether it stands in its chain already."""
    chains.add(one, "S1")
    return chains.before(one, "S1")


def test_the_link_that_happened_last_before_a_record_precedes_it_whatever_order_they_are_told_in() -> None:
    first, second, third = link("C", "08", "A", "B"), link("B", "09", "B", "C"), link("A", "11", "C", "D")
    for others in ((first, second, third), (third, second, first)):
        assert before(link("X", "10", "C", "E"), *others) == ("B", "B")
    assert before(link("X", "07", "C", "E"), first, second, third) == ("", "")


def test_a_step_without_a_receiving_party_leaves_the_holder_as_it_was() -> None:
    assert before(link("X", "10", "B", "C"), link("1", "08", "A", "B"), link("2", "09", None, None)) == ("2", "1")


def test_instants_are_compared_as_instants_and_not_as_texts() -> None:
    later = link("1", "2026-03-02T17:00:00+08:00", "A", "B")
    earlier = link("2", "2026-03-02T08:30:00Z", "A", "C")
    assert before(link("X", "10", "B", "D"), later, earlier) == ("1", "1")


def test_at_one_moment_the_link_that_hands_on_comes_first() -> None:
    giving, taking = link("2", "09", "A", "B"), link("1", "09", "B", "C")
    assert before(taking, giving) == ("2", "2")
    assert before(giving, taking, link("0", "08", None, "A")) == ("0", "0")
    assert before(link("X", "10", "C", "D"), giving, taking) == ("1", "1")
    assert before(link("X", "10", "B", "D"), giving, taking) == ("1", "1")


def test_at_one_moment_with_nothing_to_tell_them_apart_the_smaller_key_comes_first() -> None:
    one, other = link("1", "09", "A", "B"), link("2", "09", "C", "D")
    assert (before(one, other), before(other, one)) == (("", ""), ("1", "1"))


@pytest.mark.parametrize("at", ["2026-03-02", "2026-03", None, "2026-99-99T99:99:99Z"])
def test_beyond_a_link_that_may_lie_between_nothing_is_claimed(at: str | None) -> None:
    first = link("1", "08", "A", "B")
    assert before(link("X", "10", "C", "D"), first, link("2", at, "B", "C")) == ("", "")
    assert before(link("X", "10", "C", "D"), first, link("2", at, None, None)) == ("", "1")
    assert before(link("X", at, "C", "D"), first) == ("", "")


def test_a_link_known_only_to_a_day_long_past_does_not_blur_what_came_after() -> None:
    assert before(link("X", "10", "B", "C"), link("1", "08", "A", "B"), link("2", "2026-02-20", "Z", "A")) == ("1", "1")


def test_of_too_many_links_at_one_moment_nothing_is_claimed() -> None:
    crowd = [link(f"{number:04d}", "09", "A", "B") for number in range(5_000)]
    assert before(link("X", "10", "B", "C"), *crowd) == ("", "")
    assert before(link("X", "10", "B", "C"), *crowd[:100]) == ("0099", "0099")


def test_a_link_corrected_to_another_time_leaves_its_old_place() -> None:
    chains = Chains()
    chains.add(link("1", "08", "A", "B"), "S1")
    chains.add(link("2", "09", "B", "C"), "S1")
    chains.add(link("2", "11", "B", "C"), "S1")
    assert chains.before(link("X", "10", "B", "C"), "S1").previous == link("1", "08", "A", "B")
    chains.drop(link("1", "08", "A", "B"))
    assert chains.before(link("X", "10", "B", "C"), "S1") == Before()


def test_links_of_other_specimens_and_other_steps_do_not_precede() -> None:
    chains = Chains()
    spin = replace(link("1", None, None, None), kind=Kind.PREPARATION)
    first = replace(spin, fields={"step": "centrifuge", "started_at": "2026-03-02T08:00:00Z"})
    chains.add(first, "S1")
    again = replace(first, key="2", fields={"step": "centrifuge", "ended_at": "2026-03-02T09:00:00Z"})
    assert chains.before(again, "S1").previous == first
    assert chains.before(again, "S2") == Before()
    assert chains.before(replace(again, fields={**again.fields, "step": "aliquot"}), "S1") == Before()


# in a bank ----------------------------------------------------------------------------------------------------------


def custody(key: str, at: str, giver: str | None, taker: str | None, source: str = "SRC-1", **more: Value) -> Record:
    fields: dict[str, Value] = {**link(key, at, giver, taker, **more).fields, "donor_id": "P1", "action": "hand_over"}
    return Record(Kind.CUSTODY, key, "P1", fields, Locator(source, "file", 20 + len(key)))


def _banked(stage: Stage, *records: Record) -> None:
    stage.take(donor(), consent("consented"), specimen("S1", uuid="u-1"), *records)


def findings(stage: Stage, key: str) -> list[str]:
    judgement = stage.unit.records([stage.id_of(key)])[stage.id_of(key)].judgement
    return [finding.rule for finding in judgement.findings] if judgement else []


def test_a_record_that_slips_in_between_frees_the_one_after_it_and_one_that_breaks_the_chain_holds_it(
    stage: Stage,
) -> None:
    _banked(stage, custody("C1", "08", None, "ward"), custody("C3", "10", "courier", "bank"))
    assert (stage.states()["C3"], findings(stage, "C3")) == ("held", ["CUS-CHAIN"])
    taken = stage.take(custody("C2", "09", "ward", "courier"), source="SRC-2")
    assert (stage.states()["C3"], findings(stage, "C3"), taken.released) == ("accepted", [], 1)
    stage.take(custody("C25", "09:30", "courier", "customs"), source="SRC-3")
    states = stage.states()
    assert [states[key] for key in ("C1", "C2", "C25", "C3")] == ["accepted", "accepted", "accepted", "held"]


def test_a_batch_told_backwards_counts_its_records_as_they_end(stage: Stage) -> None:
    _banked(stage)
    taken = stage.take(custody("C2", "09", "nobody", "bank"), custody("C1", "08", None, "ward"), source="SRC-2")
    assert (taken.accepted, taken.held) == (1, 1)
    assert [one.key for one in taken.stopped] == ["C2"]


def test_what_a_late_link_frees_may_free_what_follows(stage: Stage) -> None:
    _banked(stage, custody("C1", "08", None, "ward"), custody("C3", "10", "courier", "bank"))
    stage.take(custody("C2", "09", "guard", "courier"), source="SRC-2")
    assert (stage.states()["C2"], stage.states()["C3"]) == ("held", "held")
    stage.take(custody("C15", "08:30", "ward", "guard"), source="SRC-4")
    assert [stage.states()[key] for key in ("C15", "C2", "C3")] == ["accepted"] * 3


def test_a_link_moved_by_a_correction_is_missed_where_it_was_and_seen_where_it_is(stage: Stage) -> None:
    chain = (custody("C1", "08", None, "ward"), custody("C2", "09", "ward", "courier"))
    _banked(stage, *chain, custody("C3", "10", "courier", "bank"))
    stage.take(custody("C2", "12", None, "courier", source="SRC-2"), source="SRC-2")
    assert (stage.states()["C2"], findings(stage, "C3")) == ("accepted", ["CUS-CHAIN"])


def test_a_link_given_to_another_specimen_is_missed_in_the_chain_it_left(stage: Stage) -> None:
    chain = (custody("C1", "08", None, "ward"), custody("C2", "09", "ward", "courier"))
    _banked(stage, specimen("S2", line=9), *chain, custody("C3", "10", "courier", "bank"))
    moved = custody("C2", "09", "ward", "courier", source="SRC-2", specimen_id="S2")
    stage.take(moved, source="SRC-2")
    assert [findings(stage, key) for key in ("C1", "C2", "C3")] == [[], [], ["CUS-CHAIN"]]


def test_a_specimen_named_by_its_uuid_is_the_same_specimen(stage: Stage) -> None:
    _banked(stage, custody("C1", "08", None, "ward"))
    stage.take(custody("C2", "09", "courier", "bank", specimen_id="u-1"), source="SRC-2")
    assert findings(stage, "C2") == ["CUS-CHAIN"]


def test_a_second_spin_is_told_even_when_the_first_is_heard_of_later(stage: Stage) -> None:
    def spin(key: str, at: str) -> Record:
        fields: dict[str, Value] = {"preparation_id": key, "donor_id": "P1", "specimen_id": "S1", "step": "centrifuge"}
        return Record(Kind.PREPARATION, key, "P1", {**fields, "started_at": _instant(at)}, Locator("SRC-1", "f", 40))

    _banked(stage, spin("X2", "11"))
    assert findings(stage, "X2") == []
    stage.take(spin("X1", "09"), source="SRC-2")
    assert (findings(stage, "X1"), findings(stage, "X2")) == ([], ["PRP-ONCE"])


def test_a_batch_asks_the_bank_for_its_chains_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    _banked(stage)
    asked: list[int] = []
    facts_about = MemoryUnit.facts_about

    def counted(self: MemoryUnit, kinds: tuple[Kind, ...], specimens: list[str]) -> dict[str, list[Fact]]:
        asked.append(len(specimens))
        return facts_about(self, kinds, specimens)

    monkeypatch.setattr(MemoryUnit, "facts_about", counted)
    stage.take(*(custody(f"C{number}", f"{8 + number // 60:02d}:{number % 60:02d}", None, "ward")
                 for number in range(120)), source="SRC-2")  # fmt: skip
    # once for judging, once for what follows, and once by the SOPs when there are any; never per record
    assert len(asked) <= 3


def test_the_columns_of_the_chain_are_those_the_rules_may_name(stage: Stage) -> None:
    _banked(stage, custody("C1", "08", None, "ward"))
    parted = privacy.part(custody("C2", "09", "ward", "courier"), stage.vault.key(), "2026-03-16T08:00:00.000000Z")
    fact = desk.proposed_fact(parted.stored)
    near = gather(stage.unit, stage.vault, [parted], {parted.stored.id: fact})
    row = columns_for(parted, fact, near, columns(Kind.CUSTODY))
    assert (row["holder.to_party"], row["holder.known"], row["previous.known"]) == ("ward", True, True)
    assert row["previous.happened_at"] == 1_772_438_400
    assert set(row) <= set(columns(Kind.CUSTODY))
    assert not [name for name in columns(Kind.CUSTODY) if name in ("previous.donor_id", "holder.donor_id")]


def test_a_release_and_its_undoing_each_judge_the_link_that_follows(stage: Stage) -> None:
    warning = replace(CHAIN, severity=Severity.WARN)
    signed = rule("CUS-SIGNED", Kind.CUSTODY, "performed_by IS NOT NULL", "custody_id = 'C2'", field="performed_by")
    stage.gate = Gate(Ruleset((*RULES, KNOWN, warning, signed), "with a signature"))
    _banked(stage, custody("C1", "08", None, "ward"), custody("C3", "10", "ward", "bank"))
    stage.take(custody("C2", "09", "ward", "guard"), source="SRC-2")
    assert (stage.states()["C2"], findings(stage, "C3")) == ("held", [])
    stage.gate = Gate(Ruleset((*RULES, KNOWN, warning), "without"))
    stage.run(RELEASE, ReleaseRecords((stage.id_of("C2"),)))
    assert (stage.states()["C2"], findings(stage, "C3")) == ("accepted", ["CUS-CHAIN"])
    stage.run(UNDO, UndoBatch(stage.batch))
    assert (stage.states()["C2"], findings(stage, "C3")) == ("held", [])


def test_undoing_a_correction_puts_the_link_back_where_it_was(stage: Stage) -> None:
    warning = replace(CHAIN, severity=Severity.WARN)
    signed = rule("CUS-SIGNED", Kind.CUSTODY, "performed_by IS NOT NULL", "location = 'gate'", field="performed_by")
    stage.gate = Gate(Ruleset((*RULES, KNOWN, warning, signed), "with a signature"))
    chain = (custody("C1", "08", None, "ward"), custody("C2", "09", "ward", "courier"))
    _banked(stage, *chain, custody("C3", "10", "courier", "bank"))
    stage.take(custody("C2", "12", None, "courier", source="SRC-2", location="gate"), source="SRC-2")
    stage.gate = Gate(Ruleset((*RULES, KNOWN, warning), "without"))
    held = next(one for one in stage.unit._records.values() if one.key == "C2" and one.state.value == "held")
    stage.run(RELEASE, ReleaseRecords((held.id,)))
    assert findings(stage, "C3") == ["CUS-CHAIN"]
    stage.run(UNDO, UndoBatch(stage.batch))
    assert findings(stage, "C3") == []
