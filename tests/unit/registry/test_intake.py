"""Taking in: what waits, what repeats, what contradicts, what corrects."""

from dataclasses import replace

from hilum.model.event import EventKind
from hilum.model.record import MESSAGE, Kind, Locator, Record
from tests.unit.registry.stage import Stage, consent, donor, specimen


def test_a_specimen_after_its_donor_is_accepted() -> None:
    stage = Stage()
    taken = stage.take(donor(), specimen("S1"))
    assert (taken.accepted, taken.held) == (2, 0)
    assert stage.states() == {"donor": "accepted", "S1": "accepted"}


def test_a_specimen_before_its_donor_waits_and_enters_by_itself_when_the_donor_comes() -> None:
    stage = Stage()
    assert stage.take(specimen("S1")).held == 1
    taken = stage.take(donor(source="SRC-2"), source="SRC-2")
    assert taken.released == 1
    assert stage.states() == {"donor": "accepted", "S1": "accepted"}


def test_a_whole_lineage_that_arrives_upside_down_ends_accepted() -> None:
    stage = Stage()
    stage.take(specimen("S3", parent_id="S2", line=1, volume_ul=1.0), specimen("S2", parent_id="S1", line=2))
    stage.take(specimen("S1", source="SRC-2"), donor(source="SRC-2"), source="SRC-2")
    assert set(stage.states().values()) == {"accepted"}


def test_a_parent_that_never_comes_leaves_its_child_held_with_the_reason() -> None:
    stage = Stage()
    taken = stage.take(donor(), specimen("S2", parent_id="S1"))
    (held,) = taken.stopped
    assert held.judgement is not None
    assert [finding.rule for finding in held.judgement.findings] == ["SPM-PARENT"]


def test_a_cycle_of_parents_stays_held_and_does_not_loop() -> None:
    stage = Stage()
    taken = stage.take(donor(), specimen("S1", parent_id="S2", line=1), specimen("S2", parent_id="S1", line=2))
    assert (taken.accepted, taken.held) == (1, 2)


def test_the_same_content_again_changes_nothing_wherever_it_stands() -> None:
    stage = Stage()
    stage.take(donor(), specimen("S1"))
    events = len(list(stage.unit.all_events()))
    taken = stage.take(donor(source="SRC-2", line=7), specimen("S1", source="SRC-2", line=9), source="SRC-2")
    assert (taken.unchanged, taken.accepted) == (2, 0)
    assert len(list(stage.unit.all_events())) == events


def test_two_contents_under_one_key_in_one_source_are_both_held() -> None:
    stage = Stage()
    stage.take(donor(), specimen("S1", line=3), specimen("S1", line=4, volume_ul=99.0))
    both = [one for one in stage.unit._records.values() if one.key == "S1"]
    assert [one.state.value for one in both] == ["held", "held"]
    assert all(one.judgement and [f.rule for f in one.judgement.findings] == ["SPM-TWICE"] for one in both)
    assert Kind.SPECIMEN not in {fact.kind for fact in stage.unit._facts().values()}


def test_a_contradiction_in_a_later_batch_of_the_same_source_takes_the_first_back_and_keeps_its_history() -> None:
    stage = Stage()
    stage.take(donor(), specimen("S1", line=3))
    stage.take(specimen("S1", line=4, volume_ul=99.0))
    assert [one.state.value for one in stage.unit._records.values() if one.key == "S1"] == ["held", "held"]
    kinds = [event.kind for event in stage.unit.all_events() if event.key == "S1"]
    assert kinds == [EventKind.SPECIMEN_COLLECTED, EventKind.RECORD_RETRACTED]


def test_a_later_source_corrects_and_the_earlier_version_stays_in_history() -> None:
    stage = Stage()
    stage.take(donor(), specimen("S1"))
    taken = stage.take(specimen("S1", source="SRC-2", volume_ul=12.0), source="SRC-2")
    assert (taken.accepted, taken.corrections) == (1, 1)
    assert stage.unit.facts(Kind.SPECIMEN, ["S1"])["S1"].fields["volume_ul"] == 12.0
    assert [e.fields["volume_ul"] for e in stage.unit.events(keys=["S1"])] == [10.0, 12.0]


def _in_message(number: int, record: Record) -> Record:
    place = f"feed.hl7{MESSAGE}{number}"
    return replace(record, locator=Locator(record.locator.source, place, record.locator.line))


def test_a_later_message_of_one_file_corrects_an_earlier_one() -> None:
    stage = Stage()
    first, second = (_in_message(n, specimen("S1", volume_ul=volume)) for n, volume in ((1, 10.0), (2, 12.0)))
    taken = stage.take(donor(), first, second)
    assert (taken.accepted, taken.held, taken.corrections) == (3, 0, 1)
    assert stage.unit.facts(Kind.SPECIMEN, ["S1"])["S1"].fields["volume_ul"] == 12.0


def test_one_message_that_contradicts_itself_is_held_and_the_next_one_settles_it() -> None:
    stage = Stage()
    both = [_in_message(1, specimen("S1", line=n, volume_ul=float(n))) for n in (3, 4)]
    assert stage.take(donor(), *both).held == 2
    taken = stage.take(_in_message(2, specimen("S1", line=9, volume_ul=9.0)))
    assert (taken.accepted, taken.held, taken.corrections) == (1, 0, 2)


def test_a_correction_that_does_not_pass_leaves_the_accepted_version_in_force() -> None:
    stage = Stage()
    stage.take(donor(), specimen("S1"))
    stage.take(specimen("S1", source="SRC-2", storage_c=80.0), source="SRC-2")
    assert stage.unit.facts(Kind.SPECIMEN, ["S1"])["S1"].fields["volume_ul"] == 10.0


def test_children_are_weighed_against_their_parent_together() -> None:
    stage = Stage()
    children = [specimen(f"S1-{n}", parent_id="S1", line=4 + n, volume_ul=4.0) for n in range(3)]
    stage.take(donor(), specimen("S1"), *children)
    assert stage.states() == {
        "donor": "accepted",
        "S1": "accepted",
        "S1-0": "accepted",
        "S1-1": "accepted",
        "S1-2": "held",
    }


def test_two_tubes_cannot_stand_in_one_place() -> None:
    stage = Stage()
    taken = stage.take(
        donor(), specimen("S1", line=3, location="F1-R1-B1-A1"), specimen("S2", line=4, location="F1-R1-B1-A1")
    )
    assert [one.key for one in taken.stopped] == ["S2"]


def test_a_withdrawn_consent_holds_what_had_been_accepted_down_the_lineage() -> None:
    stage = Stage()
    stage.take(donor(), consent("consented"), specimen("S1"), specimen("S2", line=4, parent_id="S1", volume_ul=1.0))
    assert set(stage.states().values()) == {"accepted"}
    stage.take(consent("withdrawn", source="SRC-2"), source="SRC-2")
    assert (stage.states()["S1"], stage.states()["S2"]) == ("held", "held")
    assert {fact.kind for fact in stage.unit._facts().values()} == {Kind.DONOR, Kind.CONSENT}


def test_the_personal_half_of_a_record_never_reaches_the_bank() -> None:
    stage = Stage()
    stage.take(donor("张三-18位号码", name="张三", phone="13800000000"))
    (record,) = stage.unit._records.values()
    assert "张三" not in repr(record)
    assert "13800000000" not in repr(record)
    assert stage.vault.personal([record.id])[record.id]["name"] == "张三"
    assert stage.vault.people([str(record.donor)]) == {record.donor: "张三-18位号码"}


def test_two_contents_under_one_key_stay_held_both_when_the_donor_they_waited_for_comes() -> None:
    stage = Stage()
    stage.take(specimen("S1", line=3), specimen("S1", line=4, volume_ul=99.0))
    stage.take(donor(source="SRC-2"), source="SRC-2")
    both = [one for one in stage.unit._records.values() if one.key == "S1"]
    assert [one.state.value for one in both] == ["held", "held"]
    assert all(one.judgement and [f.rule for f in one.judgement.findings] == ["SPM-TWICE"] for one in both)


def test_two_contents_under_one_key_that_both_wait_for_a_donor_both_say_that_they_contradict() -> None:
    stage = Stage()
    stage.take(specimen("S1", line=3))
    stage.take(specimen("S1", line=4, volume_ul=99.0))
    both = [one for one in stage.unit._records.values() if one.key == "S1"]
    found = [sorted(f.rule for f in one.judgement.findings) for one in both if one.judgement]
    assert found == [["SPM-DONOR", "SPM-TWICE"], ["SPM-DONOR", "SPM-TWICE"]]
