"""The contract of the process side of a bank: subclass :class:`ProcessContract` and give it a ``bank`` fixture."""

from dataclasses import replace

import pytest

from hilum.errors import StoreError
from hilum.model.record import Kind
from hilum.quality.process import Outcome, ProcessOutcome, ProcessVerdict
from hilum.registry.process_stored import ProcessFilter, ProcessStanding, SopState, StoredSop
from hilum.testing.builders import RECEIVED_AT, a_record
from hilum.testing.contracts_bank import AnyBank, enter

LATER = "2024-03-06T08:00:00.000000Z"


def a_sop(sop: str = "plasma", version: int = 1) -> StoredSop:
    """An SOP in force; its body is nothing a store looks into."""
    return StoredSop(sop, version, SopState.ACTIVE, "d" * 64, RECEIVED_AT, "curator", '{"sop":"血浆"}')


def a_standing(specimen: str, sop: str = "plasma", verdict: ProcessVerdict = ProcessVerdict.HOLD) -> ProcessStanding:
    """A specimen that was spun too late and is still to be frozen."""
    outcomes = (
        Outcome("in-time", ProcessOutcome.VIOLATED, None, ("REC-1", "REC-2")),
        Outcome("frozen", ProcessOutcome.PENDING, 1_709_712_000),
        Outcome("calibrated", ProcessOutcome.NOT_APPLICABLE),
    )
    return ProcessStanding(specimen, sop, 1, verdict, "2024-03-06T08:00:00.000000Z", RECEIVED_AT, outcomes)


class ProcessContract:
    """What every store promises of SOPs and standings."""

    def test_an_sop_is_kept_word_for_word_and_replaced_under_its_version(self, bank: AnyBank) -> None:
        with bank.begin() as unit:
            unit.put_sop(a_sop("serum"))
            unit.put_sop(a_sop("plasma", 2))
            unit.put_sop(a_sop("plasma", 1))
            unit.put_sop(replace(a_sop("plasma", 1), state=SopState.RETIRED))
        with bank.read() as unit:
            told = unit.sops()
        assert [(one.id, one.version, one.state.value) for one in told] == [
            ("plasma", 1, "retired"),
            ("plasma", 2, "active"),
            ("serum", 1, "active"),
        ]
        assert told[2] == a_sop("serum")

    def test_facts_about_a_specimen_are_found_by_kind_in_the_order_they_were_known(self, bank: AnyBank) -> None:
        with bank.begin() as unit:
            enter(
                unit,
                a_record("SP-1"),
                a_record("SP-2", {"specimen_id": "SP-2", "parent_id": "SP-1"}),
                a_record("C-2", {"custody_id": "C-2", "specimen_id": "SP-1"}, kind=Kind.CUSTODY),
                a_record("C-1", {"custody_id": "C-1", "specimen_id": "SP-1"}, kind=Kind.CUSTODY),
                a_record("T-1", {"transport_id": "T-1", "specimen_id": "SP-2"}, kind=Kind.TRANSPORT),
            )
        with bank.read() as unit:
            about = unit.facts_about((Kind.CUSTODY, Kind.TRANSPORT), ["SP-1", "SP-2", "SP-3"])
            children = unit.facts_about((Kind.SPECIMEN,), ["SP-1"])
        assert {name: [fact.key for fact in facts] for name, facts in about.items()} == {
            "SP-1": ["C-2", "C-1"],
            "SP-2": ["T-1"],
        }
        assert [fact.key for fact in children["SP-1"]] == ["SP-2"]

    def test_a_standing_comes_back_as_it_was_put(self, bank: AnyBank) -> None:
        with bank.begin() as unit:
            unit.put_process(["SP-1", "SP-2"], [a_standing("SP-1", "serum"), a_standing("SP-1")])
        with bank.read() as unit:
            assert unit.process_standing(["SP-1", "SP-2"]) == {
                "SP-1": [a_standing("SP-1"), a_standing("SP-1", "serum")]
            }

    def test_what_is_put_for_a_specimen_replaces_all_that_was_known_of_it(self, bank: AnyBank) -> None:
        better = replace(a_standing("SP-1"), verdict=ProcessVerdict.CONFORM, pending_until="", at=LATER, outcomes=())
        with bank.begin() as unit:
            unit.put_process(["SP-1", "SP-2"], [a_standing("SP-1"), a_standing("SP-1", "serum"), a_standing("SP-2")])
            unit.put_process(["SP-1"], [better])
        with bank.read() as unit:
            assert unit.process_standing(["SP-1", "SP-2"]) == {"SP-1": [better], "SP-2": [a_standing("SP-2")]}

    def test_a_retired_sop_takes_its_standings_along_and_no_others(self, bank: AnyBank) -> None:
        with bank.begin() as unit:
            unit.put_process(["SP-1"], [a_standing("SP-1"), a_standing("SP-1", "serum")])
            unit.drop_process("plasma")
        with bank.read() as unit:
            assert unit.process_standing(["SP-1"]) == {"SP-1": [a_standing("SP-1", "serum")]}

    def test_standings_are_found_by_verdict_sop_time_and_page(self, bank: AnyBank) -> None:
        good = replace(a_standing("SP-2", verdict=ProcessVerdict.CONFORM), pending_until="", at=LATER)
        with bank.begin() as unit:
            unit.put_process(["SP-1", "SP-2", "SP-3"], [a_standing("SP-3"), good, a_standing("SP-1", "serum")])
        asked = {
            "all": ProcessFilter(),
            "held": ProcessFilter(verdicts=(ProcessVerdict.HOLD,)),
            "serum": ProcessFilter(sop="serum"),
            "due": ProcessFilter(due_by="2024-03-06T08:00:00.000001Z"),
            "not due": ProcessFilter(due_by="2024-03-06T08:00:00.000000Z"),
            "fresh": ProcessFilter(since=LATER),
            "rest": ProcessFilter(after="SP-1"),
            "first": ProcessFilter(limit=1),
            "named": ProcessFilter(specimens=("SP-3", "SP-9")),
        }
        with bank.read() as unit:
            found = {name: [one.specimen for one in unit.find_process(wanted)] for name, wanted in asked.items()}
        assert found == {
            "all": ["SP-1", "SP-2", "SP-3"],
            "held": ["SP-1", "SP-3"],
            "serum": ["SP-1"],
            "due": ["SP-1", "SP-3"],
            "not due": [],
            "fresh": ["SP-2"],
            "rest": ["SP-2", "SP-3"],
            "first": ["SP-1"],
            "named": ["SP-3"],
        }

    def test_standings_are_counted_by_sop_and_verdict(self, bank: AnyBank) -> None:
        good = replace(a_standing("SP-2", verdict=ProcessVerdict.CONFORM), pending_until="", at=LATER)
        with bank.begin() as unit:
            unit.put_process(["SP-1", "SP-2", "SP-3"], [a_standing("SP-1"), good, a_standing("SP-3")])
        with bank.read() as unit:
            assert unit.process_counts() == {("plasma", "hold"): 2, ("plasma", "conform"): 1}
            assert unit.process_counts(LATER) == {("plasma", "conform"): 1}
            assert (unit.process_until(), unit.process_until(LATER)) == ("2024-03-06T08:00:00.000000Z", "")

    def test_a_reading_unit_puts_no_standing(self, bank: AnyBank) -> None:
        with pytest.raises(StoreError), bank.read() as unit:
            unit.put_process(["SP-1"], [a_standing("SP-1")])

    def test_two_thousand_specimens_go_in_at_once(self, bank: AnyBank) -> None:
        keys = [f"SP-{number:04}" for number in range(2_000)]
        with bank.begin() as unit:
            unit.put_process(keys, [a_standing(key) for key in keys])
            unit.put_process(keys, [a_standing(key) for key in keys[::2]])
        with bank.read() as unit:
            assert sorted(unit.process_standing(keys)) == keys[::2]
