"""What Hilum's bank says, as answers: how records are called, what stops them, what was repaired on the way in."""

from hilum.gatebench.gathering import Gathering, counted
from hilum.gatebench.truth import Planted
from hilum.model.record import Kind, Locator, Value
from hilum.quality.finding import Finding, Fix, Judgement, RuleOutcome, Score, Verdict
from hilum.quality.rule import Dimension, Severity
from hilum.registry.stored import RecordState, StoredProblem, StoredRecord

KNOWN = frozenset({"a.csv:2", "a.csv:3", "specimen:S9"})


def _finding(severity: Severity, field: str = "storage_c", fix: Value = None) -> Finding:
    fixes = (Fix(field, fix, "deterministic", 0.9, lossless=False),) if fix is not None else ()
    return Finding("R-1", 1, RuleOutcome.FAIL, severity, Dimension.ACCURACY, field, "", {}, fixes)


def _record(
    line: int, state: RecordState, *findings: Finding, key: str = "S1", fields: dict[str, Value] | None = None
) -> StoredRecord:
    verdict = Verdict.ACCEPT if state is RecordState.ACCEPTED else Verdict.HOLD
    judged = Judgement(verdict, Score(100, None, None, None, None, None), findings, 1, "set")
    return StoredRecord(
        id=f"REC-{line}", kind=Kind.SPECIMEN, key=key, donor=None, digest="", locator=Locator("SRC", "a.csv", line),
        fields=fields or {}, received_at="", state=state, judgement=judged,
    )  # fmt: skip


def _gathered(*records: StoredRecord) -> Gathering:
    gathering = Gathering(KNOWN, lambda key: key)
    for record in records:
        gathering.record(record)
    return gathering


def test_a_held_record_is_stopped_and_its_fixes_are_kept_gravest_first() -> None:
    warned, blocked = _finding(Severity.WARN, "volume_ul", 1), _finding(Severity.BLOCK, fix=-80.0)
    answer = _gathered(_record(2, RecordState.HELD, warned, blocked)).answers["a.csv:2"]
    assert (answer.verdict, answer.fixes[0]) == ("stop", ("storage_c", "-80"))


def test_a_warning_flags_and_a_remark_does_not() -> None:
    gathering = _gathered(
        _record(2, RecordState.ACCEPTED, _finding(Severity.WARN)),
        _record(3, RecordState.ACCEPTED, _finding(Severity.INFO)),
    )
    assert gathering.answers["a.csv:2"].verdict == "flag"
    assert gathering.answers["a.csv:3"].verdict == "accept"


def test_a_record_without_a_line_in_truth_is_called_by_its_key() -> None:
    assert "specimen:S9" in _gathered(_record(77, RecordState.ACCEPTED, key="S9")).answers


def test_the_same_fact_told_again_counts_as_it_stands_in_the_end() -> None:
    first = _record(77, RecordState.SUPERSEDED, _finding(Severity.BLOCK), key="S9")
    gathering = _gathered(first, _record(78, RecordState.ACCEPTED, key="S9"))
    assert gathering.answers["specimen:S9"].verdict == "accept"


def test_a_value_that_was_read_right_all_the_same_is_a_repair() -> None:
    plant = Planted("P1", "unit_in_number", "easy", ("a.csv:2",), "volume_ul", "800", "800 uL", (("volume_ul", "800"),))
    gathering = _gathered(_record(2, RecordState.ACCEPTED, fields={"volume_ul": 800.0}))
    gathering.mend([plant])
    assert gathering.answers["a.csv:2"].verdict == "repair"


def test_a_value_that_was_read_wrong_is_no_repair() -> None:
    plant = Planted("P1", "storage_sign", "easy", ("a.csv:2",), "storage_c", "-80", "80", (("storage_c", "-80"),))
    gathering = _gathered(_record(2, RecordState.ACCEPTED, fields={"storage_c": 80.0}))
    gathering.mend([plant])
    assert gathering.answers["a.csv:2"].verdict == "accept"


def test_a_file_that_could_not_be_read_on_is_stopped_and_a_remark_about_it_flags() -> None:
    gathering = Gathering(KNOWN, lambda key: key)
    gathering.problem(StoredProblem("file_empty", Locator("SRC", "log.csv", 0), {}, fatal=True))
    gathering.problem(StoredProblem("line_ragged", Locator("SRC", "a.csv", 9), {}, fatal=False))
    assert gathering.answers["log.csv:0"].verdict == "stop"
    assert gathering.answers["a.csv:9"].verdict == "flag"


def test_rules_are_counted_by_the_records_they_stopped() -> None:
    gathering = _gathered(_record(2, RecordState.HELD, _finding(Severity.BLOCK), _finding(Severity.BLOCK)))
    assert counted(gathering.causes, ["a.csv:2"]) == {"R-1": 1}
