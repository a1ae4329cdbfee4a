"""The contract of a bank on what was done with specimens: subclass :class:`ChainContract` and give it a ``bank``
fixture. The gate sees what precedes a custody record or a preparation through these answers alone."""

from dataclasses import replace

from hilum.model.record import Kind, Value
from hilum.registry.chain import CHAINED
from hilum.registry.ports import Unit
from hilum.registry.stored import Fact, RecordState, StoredRecord
from hilum.testing.builders import a_fact, a_record, a_retraction, an_event
from hilum.testing.contracts_bank import AnyBank, enter


def a_hand_over(key: str, specimen: str = "SP-1", at: str = "2024-03-05T08:00:00Z", line: int = 2) -> StoredRecord:
    """A custody record in which the ward hands a specimen to the courier."""
    fields: dict[str, Value] = {
        "custody_id": key,
        "specimen_id": specimen,
        "action": "hand_over",
        "happened_at": at,
        "from_party": "病区",
        "to_party": "冷链员",
    }
    return a_record(key, fields, kind=Kind.CUSTODY, line=line)


def _about(unit: Unit) -> dict[str, list[Fact]]:
    return unit.facts_about(CHAINED, ["SP-1", "SP-2"])


class ChainContract:
    """What every store promises of the links of a chain."""

    def test_the_links_of_a_specimen_come_back_whole(self, bank: AnyBank) -> None:
        link = a_hand_over("C-1")
        spin = a_record("X-1", {"specimen_id": "SP-1", "step": "centrifuge"}, kind=Kind.PREPARATION)
        with bank.begin() as unit:
            enter(unit, a_record("SP-1"), link, spin)
        with bank.read() as unit:
            found = unit.facts_about(CHAINED, ["SP-1", "SP-none"])
            assert found == {"SP-1": [a_fact(link, an_event(link, seq=2)), a_fact(spin, an_event(spin, seq=3))]}
            assert unit.facts_about((Kind.PREPARATION,), ["SP-1"]) == {"SP-1": found["SP-1"][1:]}

    def test_a_corrected_link_stands_only_where_it_was_moved_to(self, bank: AnyBank) -> None:
        first, moved = a_hand_over("C-1"), a_hand_over("C-1", specimen="SP-2", line=3)
        with bank.begin() as unit:
            enter(unit, a_record("SP-1"), a_record("SP-2"), first)
        with bank.begin() as unit:
            enter(unit, moved)
            unit.set_states([(first.id, RecordState.SUPERSEDED)])
            assert {name: [one.record for one in facts] for name, facts in _about(unit).items()} == {"SP-2": [moved.id]}
        with bank.begin() as unit:
            unit.append_events([a_retraction(moved)], [])
        with bank.read() as unit:
            assert {name: [one.record for one in facts] for name, facts in _about(unit).items()} == {"SP-1": [first.id]}

    def test_a_link_taken_back_stands_nowhere(self, bank: AnyBank) -> None:
        link = a_hand_over("C-1")
        with bank.begin() as unit:
            enter(unit, a_record("SP-1"), link)
            unit.append_events([a_retraction(link)], [])
            assert _about(unit) == {}

    def test_the_links_of_a_thousand_specimens_are_one_question(self, bank: AnyBank) -> None:
        links = [a_hand_over(f"C-{number}", specimen=f"SP-{number}") for number in range(1_200)]
        with bank.begin() as unit:
            enter(unit, *links)
        with bank.read() as unit:
            found = unit.facts_about(CHAINED, [f"SP-{number}" for number in range(0, 1_200, 2)])
        assert {name: [one.key for one in facts] for name, facts in found.items()} == {
            f"SP-{number}": [f"C-{number}"] for number in range(0, 1_200, 2)
        }

    def test_a_held_link_is_woken_by_the_name_of_its_chain(self, bank: AnyBank) -> None:
        held = replace(a_hand_over("C-1"), state=RecordState.HELD)
        with bank.begin() as unit:
            unit.add_records([held])
            unit.put_awaits(held.id, [(Kind.CUSTODY, "SP-1")])
        with bank.read() as unit:
            assert unit.awaiting([(Kind.CUSTODY, "SP-1")]) == [held.id]
            assert unit.awaiting([(Kind.PREPARATION, "SP-1"), (Kind.CUSTODY, "SP-2")]) == []
