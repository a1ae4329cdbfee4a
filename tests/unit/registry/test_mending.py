"""Hold and mend: hints, edits, waivers by two persons, refusal, release, undo."""

from typing import cast

import pytest

from hilum.errors import AccessDenied, BadInputError, ConflictError, NotFoundError
from hilum.model.record import Kind
from hilum.registry.mending import (
    ApproveWaiver,
    FixRecords,
    Mended,
    PlaceRecord,
    RefuseRecords,
    ReleaseRecords,
    RequestWaiver,
    UndoBatch,
)
from hilum.registry.operations import APPROVE_WAIVER, FIX, PLACE, REFUSE, RELEASE, REQUEST_WAIVER, UNDO
from hilum.registry.stored import RecordState
from tests.unit.registry.stage import SECOND, Stage, donor, specimen


@pytest.fixture
def stage() -> Stage:
    """A bank with one specimen held for a temperature without its sign, and a child waiting for it."""
    made = Stage()
    child = specimen("S1-A", line=4, parent_id="S1", volume_ul=2.0)
    made.take(donor(), specimen("S1", storage_c=80.0), child)
    assert made.states()["S1"] == "held"
    assert made.states()["S1-A"] == "held"
    return made


def _mend(stage: Stage, operation: object, command: object, actor: object = None) -> tuple[Mended, ...]:
    who = {"actor": actor} if actor else {}
    return cast(tuple[Mended, ...], stage.run(operation, command, **who))  # type: ignore[arg-type]


def test_a_hint_makes_a_correction_that_stays_held_until_released(stage: Stage) -> None:
    (mended,) = _mend(stage, FIX, FixRecords((stage.id_of("S1"),), reason="label read again"))
    assert mended.state is RecordState.HELD
    assert mended.verdict == "accept"
    new = stage.unit.records([mended.record])[mended.record]
    assert new.fields["storage_c"] == -80.0
    assert stage.unit.records([new.corrects])[new.corrects].state is RecordState.CORRECTED
    assert "S1" not in {fact.key for fact in stage.unit._facts().values()}


def test_release_lets_in_the_record_and_what_waited_for_it(stage: Stage) -> None:
    (mended,) = _mend(stage, FIX, FixRecords((stage.id_of("S1"),)))
    (released,) = _mend(stage, RELEASE, ReleaseRecords((mended.record,)))
    assert released.state is RecordState.ACCEPTED
    assert stage.states() == {"donor": "accepted", "S1": "accepted", "S1-A": "accepted"}


def test_release_of_a_record_that_still_fails_leaves_it_held_and_says_so(stage: Stage) -> None:
    (answer,) = _mend(stage, RELEASE, ReleaseRecords((stage.id_of("S1"),)))
    assert (answer.state, answer.note) == (RecordState.HELD, "not_ready")


def test_an_edit_by_hand_is_judged_again(stage: Stage) -> None:
    (mended,) = _mend(stage, FIX, FixRecords((stage.id_of("S1"),), values=(("storage_c", -20.0),)))
    assert mended.verdict == "accept"


def test_an_edit_of_a_field_that_does_not_exist_is_refused(stage: Stage) -> None:
    with pytest.raises(BadInputError):
        _mend(stage, FIX, FixRecords((stage.id_of("S1"),), values=(("storage", 1.0),)))


def test_undoing_a_release_takes_the_record_and_its_children_out_again(stage: Stage) -> None:
    (mended,) = _mend(stage, FIX, FixRecords((stage.id_of("S1"),)))
    _mend(stage, RELEASE, ReleaseRecords((mended.record,)))
    batch = stage.batch
    _mend(stage, UNDO, UndoBatch(batch))
    assert stage.states() == {"donor": "accepted", "S1": "held", "S1-A": "held"}
    assert {fact.kind for fact in stage.unit._facts().values()} == {Kind.DONOR}


def test_undoing_a_correction_brings_the_record_back_as_received(stage: Stage) -> None:
    first = stage.id_of("S1")
    _mend(stage, FIX, FixRecords((first,)))
    _mend(stage, UNDO, UndoBatch(stage.batch))
    assert stage.id_of("S1") == first
    assert stage.unit.records([first])[first].fields["storage_c"] == 80.0


def test_a_refusal_needs_a_reason_and_can_be_undone(stage: Stage) -> None:
    record = stage.id_of("S1")
    with pytest.raises(BadInputError):
        _mend(stage, REFUSE, RefuseRecords((record,), " "))
    _mend(stage, REFUSE, RefuseRecords((record,), "tube broken"))
    assert stage.states()["S1"] == "refused"
    _mend(stage, UNDO, UndoBatch(stage.batch))
    assert stage.states()["S1"] == "held"


def test_a_waiver_counts_only_when_a_second_person_agreed(stage: Stage) -> None:
    record = stage.id_of("S1")
    _mend(stage, REQUEST_WAIVER, RequestWaiver((record,), "SPM-COLD", "dry ice log attached"))
    (answer,) = _mend(stage, RELEASE, ReleaseRecords((record,)))
    assert answer.state is RecordState.HELD
    with pytest.raises(AccessDenied):
        _mend(stage, APPROVE_WAIVER, ApproveWaiver((record,), "SPM-COLD"))
    _mend(stage, APPROVE_WAIVER, ApproveWaiver((record,), "SPM-COLD"), SECOND)
    (answer,) = _mend(stage, RELEASE, ReleaseRecords((record,)))
    assert answer.state is RecordState.ACCEPTED
    judgement = stage.unit.records([record])[record].judgement
    assert judgement is not None
    assert [finding.waived for finding in judgement.findings] == [True]


def test_a_waiver_that_has_run_out_no_longer_counts(stage: Stage) -> None:
    record = stage.id_of("S1")
    _mend(stage, REQUEST_WAIVER, RequestWaiver((record,), "SPM-COLD", "until the log comes", "2026-03-15"))
    _mend(stage, APPROVE_WAIVER, ApproveWaiver((record,), "SPM-COLD"), SECOND)
    (answer,) = _mend(stage, RELEASE, ReleaseRecords((record,)))
    assert answer.state is RecordState.HELD


def test_a_rule_the_record_did_not_break_cannot_be_waived(stage: Stage) -> None:
    with pytest.raises(ConflictError):
        _mend(stage, REQUEST_WAIVER, RequestWaiver((stage.id_of("S1"),), "SPM-PLACE", "why not"))


def test_an_accepted_record_cannot_be_fixed_in_place(stage: Stage) -> None:
    accepted = next(one.id for one in stage.unit._records.values() if one.state is RecordState.ACCEPTED)
    with pytest.raises(ConflictError):
        _mend(stage, FIX, FixRecords((accepted,), values=(("sex", "male"),)))


def test_a_record_or_batch_that_is_not_there_is_named(stage: Stage) -> None:
    with pytest.raises(NotFoundError):
        _mend(stage, RELEASE, ReleaseRecords(("REC-NONE",)))
    with pytest.raises(NotFoundError):
        _mend(stage, UNDO, UndoBatch("CHG-NONE"))


def test_the_trail_says_who_changed_what_from_what_to_what_and_why(stage: Stage) -> None:
    record = stage.id_of("S1")
    (mended,) = _mend(stage, FIX, FixRecords((record,), reason="label read again"))
    (entry,) = stage.unit.audit_trail(subject=record)
    assert (entry.actor, entry.operation) == ("curator", "record.fix")
    assert (entry.before, entry.after, entry.reason) == ("storage_c=80.0", mended.record, "label read again")


def test_a_held_specimen_gets_a_place_that_nobody_else_can_take_and_is_still_no_fact(stage: Stage) -> None:
    placed = cast(Mended, stage.run(PLACE, PlaceRecord(stage.id_of("S1"), "F1-R1-B1-A1")))
    assert placed.state is RecordState.HELD
    taken = stage.take(specimen("S9", line=9, location="F1-R1-B1-A1", source="SRC-3"), source="SRC-3")
    (stopped,) = taken.stopped
    assert stopped.judgement is not None
    assert [finding.rule for finding in stopped.judgement.findings] == ["SPM-PLACE"]
    assert {fact.kind for fact in stage.unit._facts().values()} == {Kind.DONOR}
    with pytest.raises(ConflictError):
        stage.run(PLACE, PlaceRecord(stage.id_of("S1-A"), "F1-R1-B1-A1"))


def test_a_place_is_free_again_when_its_specimen_is_refused(stage: Stage) -> None:
    placed = cast(Mended, stage.run(PLACE, PlaceRecord(stage.id_of("S1"), "F1-R1-B1-A1")))
    stage.run(REFUSE, RefuseRecords((placed.record,), "tube broken"))
    taken = stage.take(specimen("S9", line=9, location="F1-R1-B1-A1", source="SRC-3"), source="SRC-3")
    assert taken.accepted == 1


def test_only_specimens_have_places(stage: Stage) -> None:
    stage.take(donor("P7", sex=None, line=20, source="SRC-4"), source="SRC-4")
    held = next(one.id for one in stage.unit._records.values() if one.kind is Kind.DONOR and one.state == "held")
    with pytest.raises(BadInputError):
        stage.run(PLACE, PlaceRecord(held, "F1"))


def test_undoing_a_release_that_replaced_an_accepted_version_brings_that_version_back() -> None:
    stage = Stage()
    stage.take(donor(), specimen("S1"))
    stage.take(specimen("S1", source="SRC-2", storage_c=80.0), source="SRC-2")
    newer = next(one.id for one in stage.unit._records.values() if one.state is RecordState.HELD)
    (mended,) = _mend(stage, FIX, FixRecords((newer,)))
    _mend(stage, RELEASE, ReleaseRecords((mended.record,)))
    assert stage.unit.facts(Kind.SPECIMEN, ["S1"])["S1"].fields["storage_c"] == -80.0
    _mend(stage, UNDO, UndoBatch(stage.batch))
    fact = stage.unit.facts(Kind.SPECIMEN, ["S1"])["S1"]
    assert "storage_c" not in fact.fields
    assert stage.unit.records([fact.record])[fact.record].state is RecordState.ACCEPTED
