"""The state machine of the quarantine: its table, its picture, and stories that walk every arrow of it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import cast

import pytest

from hilum.errors import ConflictError
from hilum.messages import LANGUAGES, text
from hilum.model.record import Kind, Record
from hilum.quality.gate import Gate
from hilum.quality.rule import Ruleset, Severity
from hilum.registry.mending import FixRecords, Mended, RefuseRecords, ReleaseRecords, UndoBatch
from hilum.registry.operations import FIX, REFUSE, RELEASE, UNDO
from hilum.registry.quarantine import OPEN, STEPS, check_step, diagram, may_become
from hilum.registry.stored import RecordState, StoredRecord
from hilum.testing.memory import MemoryUnit
from tests.unit.registry.stage import RULES, Stage, consent, donor, rule, specimen

S = RecordState
ARROWS = {
    (S.HELD, S.ACCEPTED),
    (S.HELD, S.CORRECTED),
    (S.HELD, S.REFUSED),
    (S.HELD, S.RETRACTED),
    (S.HELD, S.SUPERSEDED),
    (S.REJECTED, S.CORRECTED),
    (S.REJECTED, S.REFUSED),
    (S.REJECTED, S.SUPERSEDED),
    (S.REFUSED, S.HELD),
    (S.REFUSED, S.SUPERSEDED),
    (S.CORRECTED, S.HELD),
    (S.ACCEPTED, S.HELD),
    (S.ACCEPTED, S.SUPERSEDED),
    (S.SUPERSEDED, S.ACCEPTED),
}
every_pair = pytest.mark.parametrize(
    ("state", "wanted"), list(product(S, S)), ids=[f"{a.value}-{b.value}" for a, b in product(S, S)]
)


def test_the_table_speaks_of_every_state() -> None:
    assert set(STEPS) == set(S)
    assert {(state, wanted) for state, after in STEPS.items() for wanted in after} == ARROWS


@every_pair
def test_a_step_is_allowed_exactly_when_it_is_in_the_table(state: S, wanted: S) -> None:
    assert may_become(state, wanted) is ((state, wanted) in ARROWS)
    if (state, wanted) in ARROWS:
        check_step("REC-1", state, wanted)
        return
    with pytest.raises(ConflictError) as refused:
        check_step("REC-1", state, wanted)
    assert refused.value.values == {"record": "REC-1", "state": f"state.{state}", "wanted": f"state.{wanted}"}
    for language in LANGUAGES:
        assert text(f"state.{state}", language) in refused.value.message(language)
        assert "⟨" not in refused.value.message(language) + refused.value.advice(language)


def test_every_state_has_a_word_in_both_languages() -> None:
    assert all(text(f"state.{state.value}", language).strip() for state in S for language in LANGUAGES)


def test_what_was_taken_back_is_history() -> None:
    assert not STEPS[S.RETRACTED]


def test_nothing_stopped_enters_the_bank_without_passing_the_gate_held() -> None:
    """What had entered before may come back when its successor is taken back; nothing else skips the gate."""
    assert [state for state in S if may_become(state, S.ACCEPTED)] == [S.HELD, S.SUPERSEDED]


def test_a_curators_queue_shows_what_needs_somebody() -> None:
    assert set(OPEN) == {S.HELD, S.REJECTED}
    assert all(may_become(state, S.CORRECTED) and may_become(state, S.REFUSED) for state in OPEN)


def test_the_picture_has_exactly_one_arrow_for_each_step() -> None:
    head, *lines = diagram().splitlines()
    assert head == "stateDiagram-v2"
    drawn = [re.fullmatch(r"    (\w+) --> (\w+)", line) for line in lines]
    assert len(drawn) == len(ARROWS)
    assert {(S(arrow[1]), S(arrow[2])) for arrow in drawn if arrow} == ARROWS


# stories -------------------------------------------------------------------------------------------------------------


@dataclass
class WatchedUnit(MemoryUnit):
    """A bank that notes every step a record takes."""

    walked: set[tuple[S, S]] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    def set_states(self, states: Sequence[tuple[str, S]]) -> None:
        self.walked |= {(self._records[record].state, state) for record, state in states}
        super().set_states(states)

    def add_records(self, records: Sequence[StoredRecord]) -> None:
        assert {record.state for record in records} <= {S.ACCEPTED, S.HELD, S.REJECTED, S.SUPERSEDED}
        super().add_records(records)


_REJECTING = rule("SPM-BAD", Kind.SPECIMEN, "tube <> 'bad'", "tube IS NOT NULL", severity=Severity.REJECT)


def _stage() -> Stage:
    return Stage(unit=WatchedUnit(), gate=Gate(Ruleset((*RULES, _REJECTING), "test")))


def _warm(source: str = "SRC-1", volume: float = 10.0) -> Record:
    """A specimen held for its temperature, which a hint can mend."""
    return specimen("S1", source=source, storage_c=80.0, volume_ul=volume)


def _bad(source: str = "SRC-1", volume: float = 10.0) -> Record:
    return specimen("S1", source=source, tube="bad", volume_ul=volume)


def _good(source: str = "SRC-1", volume: float = 10.0) -> Record:
    return specimen("S1", source=source, storage_c=-80.0, volume_ul=volume)


def _fix(stage: Stage, *, key: str = "S1") -> str:
    values = (("storage_c", -80.0), ("tube", "EDTA"))
    (mended,) = cast(tuple[Mended, ...], stage.run(FIX, FixRecords((stage.id_of(key),), values=values)))
    return mended.record


def _refuse(stage: Stage) -> None:
    stage.run(REFUSE, RefuseRecords((stage.id_of("S1"),), "no label"))


def _undo(stage: Stage) -> None:
    stage.run(UNDO, UndoBatch(stage.batch))


def _released(stage: Stage) -> None:
    stage.take(donor(), _warm())
    stage.run(RELEASE, ReleaseRecords((_fix(stage),)))


def _refused_then_undone(stage: Stage) -> None:
    stage.take(donor(), _warm())
    _refuse(stage)
    _undo(stage)


def _fixed_then_undone(stage: Stage) -> None:
    stage.take(donor(), _warm())
    _fix(stage)
    _undo(stage)


def _held_then_newer(stage: Stage) -> None:
    stage.take(donor(), _warm())
    stage.take(_good("SRC-2"), source="SRC-2")


def _rejected_then_fixed(stage: Stage) -> None:
    stage.take(donor(), _bad())
    _fix(stage)


def _rejected_then_refused(stage: Stage) -> None:
    stage.take(donor(), _bad())
    _refuse(stage)


def _rejected_then_newer(stage: Stage) -> None:
    stage.take(donor(), _bad())
    stage.take(_good("SRC-2"), source="SRC-2")


def _refused_then_newer(stage: Stage) -> None:
    stage.take(donor(), _warm())
    _refuse(stage)
    stage.take(_good("SRC-2"), source="SRC-2")


def _accepted_then_newer(stage: Stage) -> None:
    stage.take(donor(), _good())
    stage.take(_good("SRC-2", volume=9.0), source="SRC-2")


def _accepted_then_consent_withdrawn(stage: Stage) -> None:
    stage.take(donor(), _good())
    stage.take(consent("withdrawn", source="SRC-2"), source="SRC-2")


def _successor_undone(stage: Stage) -> None:
    stage.take(donor(), _good())
    stage.take(specimen("S1", source="SRC-2", storage_c=80.0), source="SRC-2")
    newer = next(one.id for one in stage.unit._records.values() if one.state is S.HELD)
    values = (("storage_c", -80.0), ("tube", "EDTA"))
    (mended,) = cast(tuple[Mended, ...], stage.run(FIX, FixRecords((newer,), values=values)))
    stage.run(RELEASE, ReleaseRecords((mended.record,)))
    stage.run(UNDO, UndoBatch(stage.batch))


_TAKES: dict[tuple[S, S], Callable[[Stage], None]] = {
    (S.HELD, S.ACCEPTED): _released,
    (S.HELD, S.CORRECTED): _released,
    (S.HELD, S.REFUSED): _refused_then_undone,
    (S.REFUSED, S.HELD): _refused_then_undone,
    (S.HELD, S.RETRACTED): _fixed_then_undone,
    (S.CORRECTED, S.HELD): _fixed_then_undone,
    (S.HELD, S.SUPERSEDED): _held_then_newer,
    (S.REJECTED, S.CORRECTED): _rejected_then_fixed,
    (S.REJECTED, S.REFUSED): _rejected_then_refused,
    (S.REJECTED, S.SUPERSEDED): _rejected_then_newer,
    (S.REFUSED, S.SUPERSEDED): _refused_then_newer,
    (S.ACCEPTED, S.SUPERSEDED): _accepted_then_newer,
    (S.ACCEPTED, S.HELD): _accepted_then_consent_withdrawn,
    (S.SUPERSEDED, S.ACCEPTED): _successor_undone,
}


@cache
def _walked(story: Callable[[Stage], None]) -> frozenset[tuple[S, S]]:
    stage = _stage()
    story(stage)
    return frozenset(cast(WatchedUnit, stage.unit).walked)


@pytest.mark.parametrize("step", sorted(ARROWS), ids="-".join)
def test_every_step_of_the_table_is_taken_by_something_a_person_or_a_file_does(step: tuple[S, S]) -> None:
    assert step in _walked(_TAKES[step])


@pytest.mark.parametrize("story", dict.fromkeys(_TAKES.values()))
def test_no_story_takes_a_step_that_is_not_in_the_table(story: Callable[[Stage], None]) -> None:
    assert _walked(story) <= ARROWS


def test_a_held_newer_version_that_enters_by_itself_takes_the_place_of_the_older_one() -> None:
    stage = _stage()
    stage.take(donor(), _good())
    stage.take(specimen("S1", source="SRC-2", parent_id="S0", volume_ul=5.0), source="SRC-2")
    stage.take(specimen("S0", source="SRC-3", volume_ul=50.0), source="SRC-3")
    live = [one for one in stage.unit._records.values() if one.key == "S1" and one.state is S.ACCEPTED]
    assert [one.locator.source for one in live] == ["SRC-2"]
