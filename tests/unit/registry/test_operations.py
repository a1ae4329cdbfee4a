"""The table of operations, each carried out: what changes something says what, and what only reads leaves no trace."""

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from hilum.access.roles import PERMISSIONS, may
from hilum.errors import BadInputError, NotFoundError
from hilum.model.event import EventKind
from hilum.model.ids import pseudonym
from hilum.model.party import Actor, Role
from hilum.model.record import Kind
from hilum.operation import Operation, Outcome
from hilum.quality.rule import Severity
from hilum.quality.sop import Sop
from hilum.quality.sop_text import load_sop
from hilum.quality.watch import Claim, WatchRule
from hilum.quality.watch_limits import Limits
from hilum.registry.desk import TakeArrivals, TakeBatch
from hilum.registry.mending import (
    ApproveWaiver,
    FixRecords,
    PlaceRecord,
    RefuseRecords,
    ReleaseRecords,
    RequestWaiver,
    UndoBatch,
)
from hilum.registry.operations import (
    APPROVE_WAIVER,
    FIX,
    IDENTIFY_DONOR,
    LIST_QUEUE,
    LIST_SOURCES,
    OPERATIONS,
    PLACE,
    REFUSE,
    RELEASE,
    REQUEST_WAIVER,
    SHOW_AUDIT,
    SHOW_DONOR,
    SHOW_RECORD,
    SHOW_SPECIMEN,
    TAKE_ARRIVALS,
    TAKE_BATCH,
    UNDO,
    AsOf,
    IdentifyDonor,
    Lifeline,
    ListQueue,
    ListSources,
    QueuePage,
    ShowAudit,
    ShowDonor,
    ShowRecord,
    ShowSpecimen,
)
from hilum.registry.ports import QueueFilter
from hilum.registry.process_operations import (
    ADD_SOP,
    CHECK_PROCESS,
    LIST_SOPS,
    RETIRE_SOP,
    SHOW_PROCESS,
    SHOW_SOP,
    AddSop,
    CheckProcess,
    ListSops,
    RetireSop,
    ShowProcess,
    ShowSop,
)
from hilum.registry.process_stored import ProcessFilter
from hilum.registry.stored import RecordState, Source
from hilum.registry.watch_stored import NoticeFilter
from hilum.registry.watching import Watcher
from hilum.registry.watching_known import Matter, Swept, Work
from hilum.registry.watching_operations import (
    ACKNOWLEDGE_NOTICE,
    LIST_NOTICES,
    SWEEP_WATCH,
    AcknowledgeNotice,
    ListNotices,
    SweepWatch,
)
from tests.unit.registry.stage import CURATOR, SECOND, Stage, consent, donor, specimen

AnyOperation = Operation[Any, Any, Any]
Prepare = Callable[[Stage], object]


def _stage() -> Stage:
    """A donor with a good specimen, its child, and one held for its temperature."""
    stage = Stage()
    stage.take(
        donor(name="王芳"),
        consent("consented"),
        specimen("S1", line=3, created_on="2024-03-05", volume_ul=20.0),
        specimen("S2", line=4, parent_id="S1", created_on="2024-03-06", volume_ul=2.0),
        specimen("S3", line=5, storage_c=80.0),
    )
    assert stage.states()["S3"] == "held"
    return stage


def _ask(stage: Stage) -> None:
    stage.run(REQUEST_WAIVER, RequestWaiver((stage.id_of("S3"),), "SPM-COLD", "thermometer broken"))


def _approve(stage: Stage) -> object:
    _ask(stage)
    return ApproveWaiver((stage.id_of("S3"),), "SPM-COLD")


def _release(stage: Stage) -> object:
    stage.run(FIX, FixRecords((stage.id_of("S3"),)))
    return ReleaseRecords((stage.id_of("S3"),))


def _undo(stage: Stage) -> object:
    stage.run(FIX, FixRecords((stage.id_of("S3"),)))
    return UndoBatch(stage.batch)


SOP = load_sop(
    """
sop: serum
version: 1
title: {zh: 血清, en: Serum}
steps: [collect, freeze]
constraints:
  - {id: frozen, kind: exists, step: freeze, hint: {zh: 补记冻存, en: Record the freezing}}
""",
    "serum.yaml",
)


def _adopted(stage: Stage) -> Sop:
    stage.run(ADD_SOP, AddSop(SOP))
    return SOP


def _retire(stage: Stage) -> object:
    return RetireSop(_adopted(stage).id)


def _assess(stage: Stage) -> object:
    _adopted(stage)
    return CheckProcess(("S1",))


def _overdue(stage: Stage) -> tuple[Watcher, Work]:
    """A watcher that has just found a step of S1 missing."""
    claim = Claim(WatchRule.STEP, "S1", 1_773_648_000, Severity.WARN)
    matter = Matter("S1", (WatchRule.STEP,), (claim,))
    return Watcher(stage.unit, datetime(2026, 3, 16, 9, tzinfo=UTC), Limits()), Work(matters=(matter,))


def _acknowledge(stage: Stage) -> object:
    swept = stage.run(SWEEP_WATCH, SweepWatch(*_overdue(stage)))
    assert isinstance(swept, Swept)
    return AcknowledgeNotice(swept.raised[0].id, "the technician is on the way")


COMMANDS: dict[str, tuple[AnyOperation, Prepare]] = {
    one.name: (one, prepare)
    for one, prepare in cast(
        list[tuple[AnyOperation, Prepare]],
        [
            (TAKE_BATCH, lambda stage: TakeBatch(Source("SRC-2", "", "b", "t", 0, ""), (donor("P2"),), 1, True)),
            (
                TAKE_ARRIVALS,
                lambda stage: TakeArrivals(
                    (TakeBatch(Source("SRC-3", "", "c", "t", 0, ""), (donor("P3"),), 1, True),), ("lab",)
                ),
            ),
            (SWEEP_WATCH, lambda stage: SweepWatch(*_overdue(stage))),
            (LIST_NOTICES, lambda stage: ListNotices(NoticeFilter())),
            (ACKNOWLEDGE_NOTICE, _acknowledge),
            (FIX, lambda stage: FixRecords((stage.id_of("S3"),), reason="sign lost")),
            (PLACE, lambda stage: PlaceRecord(stage.id_of("S3"), "F1/A1")),
            (RELEASE, _release),
            (REFUSE, lambda stage: RefuseRecords((stage.id_of("S3"),), "no label")),
            (REQUEST_WAIVER, lambda stage: RequestWaiver((stage.id_of("S3"),), "SPM-COLD", "thermometer broken")),
            (APPROVE_WAIVER, _approve),
            (UNDO, _undo),
            (IDENTIFY_DONOR, lambda stage: IdentifyDonor(pseudonym(stage.vault.key(), "P1"))),
            (SHOW_SPECIMEN, lambda stage: ShowSpecimen("S1")),
            (SHOW_DONOR, lambda stage: ShowDonor("P1")),
            (SHOW_RECORD, lambda stage: ShowRecord(stage.id_of("S3"))),
            (LIST_QUEUE, lambda stage: ListQueue(QueueFilter())),
            (SHOW_AUDIT, lambda stage: ShowAudit()),
            (LIST_SOURCES, lambda stage: ListSources()),
            (ADD_SOP, lambda stage: AddSop(SOP, reason="agreed in March")),
            (RETIRE_SOP, _retire),
            (LIST_SOPS, lambda stage: ListSops()),
            (SHOW_SOP, lambda stage: ShowSop(_adopted(stage).id)),
            (CHECK_PROCESS, _assess),
            (SHOW_PROCESS, lambda stage: ShowProcess(ProcessFilter(specimens=("S1",)))),
        ],
    )
}
each = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)


def _carried_out(operation: AnyOperation) -> tuple[Stage, Outcome[object], dict[str, object]]:
    """The stage afterwards, the outcome, and what the bank held before."""
    stage = _stage()
    command = COMMANDS[operation.name][1](stage)
    assert isinstance(command, operation.takes)
    before = copy.deepcopy(vars(stage.unit))
    actor = SECOND if operation is APPROVE_WAIVER else CURATOR
    return stage, operation.handler(stage.desk(actor), actor, command), before


def test_every_operation_of_the_table_is_carried_out_here() -> None:
    assert {one.name for one in OPERATIONS} == set(COMMANDS)


@each
def test_an_operation_needs_a_permission_that_somebody_has_and_a_researcher_has_not(operation: AnyOperation) -> None:
    assert PERMISSIONS[operation.needs]
    assert not may(Actor("visitor", frozenset()), operation.needs)
    assert not may(Actor("visitor", frozenset({Role.RESEARCHER})), operation.needs)


@each
def test_what_changes_the_bank_says_what_was_changed_and_what_only_reads_changes_nothing(
    operation: AnyOperation,
) -> None:
    stage, outcome, before = _carried_out(operation)
    if operation.changes_state:
        assert outcome.changes
        assert all(change.subject and (change.before or change.after) for change in outcome.changes)
    else:
        assert outcome.changes == ()
        assert vars(stage.unit) == before


@each
def test_no_personal_value_is_in_what_goes_on_the_audit_trail(operation: AnyOperation) -> None:
    _, outcome, _ = _carried_out(operation)
    told = repr(outcome.changes)
    assert "王芳" not in told
    assert "'P1'" not in told
    assert "P1|" not in told


def test_only_seeing_who_a_donor_is_shows_personal_values() -> None:
    shown = {name: repr(_carried_out(operation)[1].result) for name, (operation, _) in COMMANDS.items()}
    assert {name for name, result in shown.items() if "王芳" in result} == {"donor.identify"}


def test_seeing_who_a_donor_is_leaves_a_trace_though_it_only_reads() -> None:
    assert IDENTIFY_DONOR.changes_state
    _, outcome, _ = _carried_out(IDENTIFY_DONOR)
    assert [change.after for change in outcome.changes] == ["identified"]
    assert cast(dict[str, object], outcome.result)["donor_id"] == "P1"


@pytest.mark.parametrize(
    ("operation", "command", "reason"),
    [
        (FIX, FixRecords(("REC-0",)), "record_unknown"),
        (PLACE, PlaceRecord("REC-0", "F1"), "record_unknown"),
        (RELEASE, ReleaseRecords(("REC-0",)), "record_unknown"),
        (REFUSE, RefuseRecords(("REC-0",), "no label"), "record_unknown"),
        (REQUEST_WAIVER, RequestWaiver(("REC-0",), "SPM-COLD", "why"), "record_unknown"),
        (APPROVE_WAIVER, ApproveWaiver(("REC-0",), "SPM-COLD"), "record_unknown"),
        (UNDO, UndoBatch("CHG-0"), "batch_unknown"),
        (SHOW_SPECIMEN, ShowSpecimen("S0"), "specimen_unknown"),
        (SHOW_DONOR, ShowDonor("P0"), "donor_unknown"),
        (SHOW_RECORD, ShowRecord("REC-0"), "record_unknown"),
    ],
    ids=lambda value: value.name if isinstance(value, Operation) else "",
)
def test_what_is_not_there_is_said_not_to_be_there(operation: AnyOperation, command: object, reason: str) -> None:
    with pytest.raises(NotFoundError) as missing:
        _stage().run(operation, command)
    assert missing.value.reason == reason


def test_a_person_who_is_nowhere_is_not_named_by_the_error() -> None:
    with pytest.raises(NotFoundError) as missing:
        _stage().run(SHOW_DONOR, ShowDonor("110105194912310021"))
    assert "110105194912310021" not in str(missing.value)


# what is shown -------------------------------------------------------------------------------------------------------


def test_a_specimens_lifeline_has_the_donor_the_ancestors_and_its_own_story() -> None:
    stage = _stage()
    line = cast(Lifeline, stage.run(SHOW_SPECIMEN, ShowSpecimen("S2")))
    assert [(event.kind, event.key) for event in line.events if event.fact is Kind.SPECIMEN] == [
        (EventKind.SPECIMEN_COLLECTED, "S1"),
        (EventKind.SPECIMEN_PREPARED, "S2"),
    ]
    assert {event.fact for event in line.events} == {Kind.DONOR, Kind.CONSENT, Kind.SPECIMEN}
    assert [fact.key for fact in line.lineage] == ["S1"]
    assert line.held == ()


def test_a_held_specimen_is_shown_as_held_and_is_no_fact() -> None:
    line = cast(Lifeline, _stage().run(SHOW_SPECIMEN, ShowSpecimen("S3")))
    assert [record.key for record in line.held] == ["S3"]
    assert "S3" not in {fact.key for fact in line.facts}


def test_a_donor_is_found_by_either_name_and_shown_by_the_pseudonym() -> None:
    stage = _stage()
    by_name = cast(Lifeline, stage.run(SHOW_DONOR, ShowDonor("P1")))
    by_pseudonym = cast(Lifeline, stage.run(SHOW_DONOR, ShowDonor(by_name.subject)))
    assert by_name == by_pseudonym
    assert by_name.subject == pseudonym(stage.vault.key(), "P1")
    assert {fact.key for fact in by_name.facts if fact.kind is Kind.SPECIMEN} == {"S1", "S2"}


@pytest.mark.parametrize(
    ("at", "seen"),
    [
        (AsOf(), {"S1", "S2"}),
        (AsOf(happened_by="2024-03-05"), {"S1"}),
        (AsOf(happened_by="2024-03-04"), set()),
        (AsOf(known_by="2026-03-16T00:00:30.000000Z"), set()),
        (AsOf(known_by="2026-03-16T00:01:00.000000Z"), {"S1", "S2"}),
    ],
)
def test_facts_are_shown_as_of_a_point_on_either_axis(at: AsOf, seen: set[str]) -> None:
    line = cast(Lifeline, _stage().run(SHOW_DONOR, ShowDonor("P1", at)))
    assert {fact.key for fact in line.facts if fact.kind is Kind.SPECIMEN} == seen


def test_a_point_in_time_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(BadInputError) as refused:
        _stage().run(SHOW_DONOR, ShowDonor("P1", AsOf(known_by="last week")))
    assert (refused.value.reason, refused.value.values) == ("instant_unreadable", {"value": "last week"})


def test_a_page_of_the_queue_says_how_many_there_are_in_all() -> None:
    stage = _stage()
    page = cast(QueuePage, stage.run(LIST_QUEUE, ListQueue(QueueFilter(kinds=(Kind.SPECIMEN,), limit=2))))
    assert ([record.key for record in page.records], page.total) == (["S1", "S2"], 3)
    held = cast(QueuePage, stage.run(LIST_QUEUE, ListQueue(QueueFilter(states=(RecordState.HELD,)))))
    assert [record.key for record in held.records] == ["S3"]
