"""Copied runs at the gate: seen across the ends of a batch, and after an interruption."""

from collections.abc import Sequence

import pytest

from hilum.app.intake import stretches
from hilum.model.record import Item, Kind, Locator, Record, Value
from hilum.quality.gate import Gate
from hilum.quality.rule import Dimension, Ruleset, Severity
from hilum.registry.desk import TakeBatch
from hilum.registry.operations import TAKE_BATCH
from hilum.registry.runs import TAIL
from hilum.registry.stored import Source
from tests.unit.registry.stage import Stage, rule

COPIED = rule(
    "LAB-RUN",
    Kind.OBSERVATION,
    "run.length < 3",
    "run.length IS NOT NULL",
    severity=Severity.WARN,
    dimension=Dimension.AUTHENTICITY,
    field="value",
)


def _result(number: int, value: float) -> Record:
    fields: dict[str, Value] = {"analyte": "glucose", "value": value, "unit": "mmol/L"}
    return Record(Kind.OBSERVATION, f"L{number}", f"P{number}", fields, Locator("SRC-1", "file", number))


RESULTS = [_result(number, 13.57 if 40 <= number < 45 else 10 + number * number / 97) for number in range(90)]


def _flagged(stage: Stage) -> set[str]:
    found = stage.unit._records.values()
    return {one.key for one in found if one.judgement and any(f.rule == "LAB-RUN" for f in one.judgement.findings)}


def _take(stage: Stage, items: Sequence[Item], size: int, done: int = 0) -> None:
    start = max(0, done - TAIL)
    for before, batch, after in stretches(items[done:], size, tuple(items[start:done])):
        done += len(batch)
        source = Source("SRC-1", "", "file", "test", 0, "")
        command = TakeBatch(source, batch, done, finished=done == len(items), before=before, after=after)
        stage.run(TAKE_BATCH, command)


@pytest.mark.parametrize("size", [1, 2, 43, 1000])
def test_a_run_is_seen_whatever_the_size_of_a_batch(size: int) -> None:
    stage = Stage(gate=Gate(Ruleset((COPIED,), "test")))
    _take(stage, RESULTS, size)
    assert _flagged(stage) == {f"L{number}" for number in range(40, 45)}


def test_a_run_that_an_interruption_cut_is_seen_after_resuming() -> None:
    stage = Stage(gate=Gate(Ruleset((COPIED,), "test")))
    _take(stage, RESULTS, 30, done=42)
    assert _flagged(stage) == {"L42", "L43", "L44"}


@pytest.mark.parametrize("size", [1, 7, TAIL, 3 * TAIL])
def test_stretches_cover_a_stream_once_and_show_its_neighbours(size: int) -> None:
    items: list[Item] = [_result(number, 1.0) for number in range(5 * TAIL + 3)]
    at = 0
    for before, batch, after in stretches(iter(items), size):
        assert list(batch) == items[at : at + size]
        assert list(before) == items[max(0, at - TAIL) : at]
        assert list(after) == items[at + size : at + size + TAIL]
        at += len(batch)
    assert at == len(items)


def test_an_empty_stream_has_no_stretches() -> None:
    assert list(stretches([], 5)) == []
