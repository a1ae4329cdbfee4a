"""Which steps accepted facts tell of, and that every change of the facts moves the standing of all it touches."""

from hilum.model.record import Kind, Locator, Record, Value
from hilum.operation import Operation
from hilum.quality.gate import Gate
from hilum.quality.process import Happening, Outcome, ProcessOutcome
from hilum.quality.rule import Ruleset
from hilum.quality.sop_text import load_sop
from hilum.registry import process
from hilum.registry.process_operations import ADD_SOP, CHECK_PROCESS, AddSop, CheckProcess
from hilum.registry.process_story import happenings_of, story
from hilum.registry.stored import Fact
from hilum.testing.builders import a_fact, a_record, an_event
from tests.unit.registry.stage import RULES, Stage, consent, donor, rule, specimen

HINT = "hint: { zh: 核对, en: Check }"
SOP = load_sop(
    f"""
sop: plasma
version: 1
title: {{ zh: 血浆, en: Plasma }}
steps: [consent, collect, centrifuge, freeze]
constraints:
  - {{ id: spun, kind: within, step: collect, then: centrifuge, minutes: 120, {HINT} }}
  - {{ id: frozen, kind: exists, step: freeze, deadline: {{ after: centrifuge, minutes: 60 }}, {HINT} }}
  - {{ id: two-hands, kind: different_actor, step: collect, then: centrifuge, {HINT} }}
""",
    "plasma.yaml",
)


def fact(key: str, kind: Kind = Kind.SPECIMEN, **fields: Value) -> Fact:
    record = a_record(key, fields, kind=kind)
    return a_fact(record, an_event(record))


def steps(told: list[Happening]) -> list[tuple[str, int | None]]:
    return sorted((one.step, one.first) for one in told)


def test_a_specimen_row_tells_of_its_steps_and_an_hourless_day_is_an_interval() -> None:
    told = list(happenings_of(fact("S1", collected_at="1970-01-02T00:00:00Z", frozen_at="1970-01-02", location="F1")))
    assert [(one.step, one.first, one.last) for one in told] == [
        ("collect", 86_400, 86_400),
        ("freeze", 86_400 - 14 * 3600, 2 * 86_400 - 1 + 12 * 3600),
        ("store", None, None),
    ]


def test_a_device_is_in_calibration_only_when_its_due_day_says_so() -> None:
    def device(due: Value, since: Value = None) -> bool | None:
        run = fact("P1", Kind.PREPARATION, step="centrifuge", started_at="2024-03-05T10:00:00Z",
                   device_calibration_due_on=due, device_calibrated_on=since)  # fmt: skip
        (told,) = happenings_of(run)
        return told.device_ok

    assert (device("2024-12-31"), device("2024-02-01"), device(None)) == (True, False, None)
    assert device("2024-12-31", "2024-06-01") is None
    assert device("2024-03") is True


def test_what_was_done_to_the_parent_before_counts_and_what_came_after_does_not() -> None:
    parent = fact("B1", collected_at="1970-01-02T00:00:00Z", frozen_at="1970-01-02T05:00:00Z")
    child = fact("P1", parent_id="B1", created_on="1970-01-02")
    late = fact("X1", Kind.CUSTODY, action="centrifuge", happened_at="1970-02-01T00:00:00Z")
    soon = fact("X2", Kind.CUSTODY, action="centrifuge", happened_at="1970-01-02T01:00:00Z")
    told = story(child, [parent], {"B1": [late, soon]}, [])
    assert steps(told) == [("centrifuge", 90_000), ("collect", 86_400)]


def test_a_refused_consent_is_no_consent_and_one_withdrawn_later_was_one() -> None:
    refused = fact("K1", Kind.CONSENT, status="refused", consented_on="2024-03-05")
    withdrawn = fact("K2", Kind.CONSENT, status="withdrawn", consented_on="2024-03-05", withdrawn_on="2025-01-01")
    assert not list(happenings_of(refused))
    assert [one.step for one in happenings_of(withdrawn)] == ["consent"]


def run_of(key: str, specimen_id: str, at: str, source: str = "SRC-2", line: int = 9) -> Record:
    fields: dict[str, Value] = {
        "preparation_id": key, "specimen_id": specimen_id, "step": "centrifuge", "started_at": at, "operator": "lab",
    }  # fmt: skip
    return Record(Kind.PREPARATION, key, "P1", fields, Locator(source, "lab.csv", line))


def begin() -> Stage:
    """The SOP in force; a donor with blood taken at eight."""
    told_of = rule("PRP-1", Kind.PREPARATION, "NOT earlier.same_source")
    stage = Stage(gate=Gate(Ruleset((*RULES, told_of), "test")))
    stage.run(ADD_SOP, AddSop(SOP))
    stage.take(donor(), consent("consented"), specimen("S1", collected_at="2026-03-15T08:00:00Z", collected_by="ward"))
    return stage


def outcomes(stage: Stage, key: str) -> dict[str, str]:
    (standing,) = stage.unit.process_standing([key])[key]
    return {one.constraint: one.outcome.value for one in standing.outcomes}


def do(stage: Stage, operation: Operation, command: object) -> object:  # type: ignore[type-arg]
    return stage.run(operation, command)


def test_a_run_reported_later_moves_the_standing_of_its_tube() -> None:
    stage = begin()
    assert outcomes(stage, "S1")["spun"] == "violated"
    stage.take(run_of("R1", "S1", "2026-03-15T09:00:00Z"), source="SRC-2")
    assert outcomes(stage, "S1") == {"spun": "satisfied", "frozen": "violated", "two-hands": "satisfied"}


def test_a_run_taken_back_moves_it_back() -> None:
    stage = begin()
    before = outcomes(stage, "S1")
    stage.take(run_of("R1", "S1", "2026-03-15T09:00:00Z"), source="SRC-2")
    stage.take(run_of("R1", "S1", "2026-03-15T09:30:00Z", line=10), source="SRC-2")  # a contradiction: both are held
    assert outcomes(stage, "S1") == before


def test_a_run_corrected_to_another_tube_moves_both() -> None:
    stage = begin()
    stage.take(specimen("S2", line=20, collected_at="2026-03-15T08:00:00Z", collected_by="ward"))
    stage.take(run_of("R1", "S1", "2026-03-15T09:00:00Z"), source="SRC-2")
    stage.take(run_of("R1", "S2", "2026-03-15T09:00:00Z", "SRC-3"), source="SRC-3")
    assert (outcomes(stage, "S1")["spun"], outcomes(stage, "S2")["spun"]) == ("violated", "satisfied")


def test_what_the_parent_went_through_moves_the_children() -> None:
    stage = begin()
    stage.take(specimen("S1A", line=30, parent_id="S1", created_on="2026-03-16", volume_ul=1.0))
    stage.take(run_of("R1", "S1", "2026-03-15T09:00:00Z"), source="SRC-2")
    assert outcomes(stage, "S1A")["spun"] == "satisfied"


def test_a_pending_step_is_assessed_again_when_its_time_has_come() -> None:
    stage = begin()
    stage.take(run_of("R1", "S1", f"2026-03-16T00:{stage.minute:02}:00Z"), source="SRC-2")
    assert outcomes(stage, "S1")["frozen"] == "pending"
    assert do(stage, CHECK_PROCESS, CheckProcess()) == 0
    stage.minute += 90
    assert do(stage, CHECK_PROCESS, CheckProcess()) == 1
    assert outcomes(stage, "S1")["frozen"] == "violated"
    assert do(stage, CHECK_PROCESS, CheckProcess()) == 0


def test_every_standing_is_what_the_facts_alone_would_make() -> None:
    stage = begin()
    stage.take(run_of("R1", "S1", "2026-03-15T09:00:00Z"), source="SRC-2")
    kept = stage.unit.process_standing(["S1"])["S1"]
    made = process.standings(stage.unit, process.active(stage.unit), ["S1"], kept[0].at)
    assert kept == made


def test_a_specimen_undone_loses_its_standing() -> None:
    stage = begin()
    stage.take(specimen("S1", line=40, collected_at="2026-03-15T07:00:00Z"))  # contradicts the one before in its file
    assert stage.states()["S1"] == "held"
    assert stage.unit.process_standing(["S1"]) == {}


def test_without_an_sop_nothing_is_kept() -> None:
    stage = Stage()
    stage.take(donor(), consent("consented"), specimen("S1", collected_at="2026-03-15T08:00:00Z"))
    assert stage.unit.process_counts() == {}


def test_evidence_names_the_records_that_tell_of_a_broken_demand() -> None:
    stage = begin()
    stage.take(run_of("R1", "S1", "2026-03-15T12:00:00Z"), source="SRC-2")
    (standing,) = stage.unit.process_standing(["S1"])["S1"]
    spun = next(one for one in standing.outcomes if one.constraint == "spun")
    assert spun == Outcome("spun", ProcessOutcome.VIOLATED, None, tuple(sorted([stage.id_of("R1"), stage.id_of("S1")])))
