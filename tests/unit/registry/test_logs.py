"""A hand-over and its temperature log: whichever comes first, both end the same."""

from collections.abc import Sequence
from itertools import permutations

import pytest

from hilum.model.record import Kind, Locator, Record, Value
from hilum.quality.gate import Gate
from hilum.quality.pack import build_ruleset, load_shipped
from hilum.registry.log_binding import last_bound
from hilum.registry.stored import StoredRecord
from tests.unit.registry.stage import Stage

RULES = build_ruleset(
    tuple(rule for rule in load_shipped() if rule.pack == "temperature" or rule.id.startswith("RDG-TMP"))
)
LIMITS: dict[str, Value] = {"limit_low_c": 2.0, "limit_high_c": 8.0}
GOOD = [round(4.0 + (minute % 7) * 0.1, 1) for minute in range(0, 134, 2)]
"""Every two minutes from five minutes before dispatch to seven after receipt."""


def at(minutes: float) -> str:
    """An instant so many minutes after 08:00."""
    whole = 8 * 60 + int(minutes)
    return f"2026-03-05T{whole // 60:02}:{whole % 60:02}:00Z"


def hand_over(tube: str = "S1", logger: str | None = "L1", number: str = "T1", **fields: Value) -> Record:
    values: dict[str, Value] = {
        "transport_id": number,
        "specimen_id": tube,
        "logger": logger,
        "dispatched_at": at(0),
        "received_at": at(120),
        **LIMITS,
        **fields,
    }
    return Record(Kind.TRANSPORT, f"{number}|{tube}", None, values, Locator("SRC-sheet", "sheet", 1))


def log(
    temperatures: Sequence[float] = GOOD,
    logger: str = "L1",
    number: str | None = "T1",
    start: int = -5,
    source: str = "SRC-log",
    **fields: Value,
) -> list[Record]:
    """A logger file: a reading every two minutes, then the log as a whole."""
    found = []
    for index, value in enumerate(temperatures):
        key = f"{logger}@{at(start + 2 * index)}"
        values: dict[str, Value] = {"reading_id": key, "logger": logger, "read_at": at(start + 2 * index)}
        found.append(
            Record(Kind.READING, key, None, values | {"value_c": value} | LIMITS, Locator(source, "log.csv", index))
        )
    end = at(start + 2 * (len(temperatures) - 1))
    key = f"log:{logger}@{at(start)}"
    whole: dict[str, Value] = {"log_id": key, "logger": logger, "transport_id": number, "started_at": at(start)}
    whole |= {"ended_at": end, "readings": len(temperatures), **fields}
    return [*found, Record(Kind.LOG, key, None, whole, Locator(source, "log.csv", 0))]


@pytest.fixture
def stage() -> Stage:
    return Stage(gate=Gate(RULES))


def standing(stage: Stage, key: str = "T1|S1") -> StoredRecord:
    return stage.unit.records([stage.id_of(key)])[stage.id_of(key)]


def failed(stage: Stage, key: str = "T1|S1") -> set[str]:
    judgement = standing(stage, key).judgement
    assert judgement is not None
    return {finding.rule for finding in judgement.findings if finding.outcome.value == "fail"}


def test_a_hand_over_waits_for_its_log_and_is_freed_by_it(stage: Stage) -> None:
    stage.take(hand_over(), source="SRC-sheet")
    assert (standing(stage).state.value, failed(stage)) == ("held", {"TRN-LOG-001"})
    taken = stage.take(*log(), source="SRC-log")
    assert (standing(stage).state.value, failed(stage)) == ("accepted", set())
    assert taken.released == 1


MISHAPS: dict[str, tuple[list[Record], set[str]]] = {
    "nothing": (log(), set()),
    "another logger": (log(logger="L9"), {"TRN-LOG-003"}),
    "a gap": (
        [one for one in log() if one.kind is Kind.LOG or not at(40) <= str(one.fields["read_at"]) <= at(62)],
        {"TRN-LOG-006", "TRN-LOG-005"},
    ),
    "a fault code": (log([*GOOD[:30], 882.6, 882.6, *GOOD[32:]]), {"TRN-LOG-013"}),
    "a flat line": (log([4.0] * len(GOOD)), {"TRN-LOG-012"}),
    "an early end": (log(GOOD[:20]), {"TRN-LOG-005", "TRN-LOG-008"}),
    "a warm spell": (log([*GOOD[:30], *[12.0] * 6, *GOOD[36:]]), {"TRN-LOG-009"}),
    "warm all the way": (
        log([value + 8 for value in GOOD]),
        {"TRN-LOG-009", "TRN-LOG-010", "TRN-LOG-011"},
    ),
    "a clock eight hours ahead": (log(start=475), {"TRN-LOG-004"}),
    "fahrenheit": (log([round(value * 1.8 + 32, 1) for value in GOOD]), {"TRN-LOG-014"}),
    "an old calibration": (log(calibration_due_on="2026-03-04"), {"TRN-LOG-015"}),
}


@pytest.mark.parametrize("name", MISHAPS)
def test_each_mishap_has_its_own_finding_whichever_file_comes_first(name: str) -> None:
    records, expected = MISHAPS[name]
    states = set()
    for sheet_first in (True, False):
        stage = Stage(gate=Gate(RULES))
        if sheet_first:
            stage.take(hand_over(), source="SRC-sheet")
        stage.take(*records, source="SRC-log")
        if not sheet_first:
            stage.take(hand_over(), source="SRC-sheet")
        assert failed(stage) == expected
        states.add(standing(stage).state)
    assert len(states) == 1


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_log_in_parts_and_its_sheet_end_the_same_in_every_order(order: tuple[int, ...]) -> None:
    stage = Stage(gate=Gate(RULES))
    parts = [
        ("SRC-sheet", [hand_over()]),
        ("SRC-a", log(GOOD[:33], source="SRC-a")),
        ("SRC-b", log(GOOD[33:], start=61, source="SRC-b")),
    ]
    for place in order:
        stage.take(*parts[place][1], source=parts[place][0])
    assert (standing(stage).state.value, failed(stage)) == ("accepted", set())


def test_a_later_log_that_contradicts_takes_the_accepted_hand_over_back(stage: Stage) -> None:
    stage.take(*log(), source="SRC-log")
    stage.take(hand_over(), source="SRC-sheet")
    assert standing(stage).state.value == "accepted"
    stage.take(*log([value + 10 for value in GOOD], source="SRC-again", digest="b" * 64), source="SRC-again")
    assert standing(stage).state.value == "held"
    assert {"TRN-LOG-010"} <= failed(stage)


def test_the_log_is_bound_to_the_specimens_it_covers(stage: Stage) -> None:
    stage.take(hand_over("S1"), hand_over("S2"), source="SRC-sheet")
    assert last_bound(stage.unit, "T1") is None
    stage.take(*log(digest="a" * 64), source="SRC-log")
    first = last_bound(stage.unit, "T1")
    assert first is not None
    assert first.reason == f"log {'a' * 64}; specimens 2"
    stage.take(hand_over("S3"), source="SRC-more")
    second = last_bound(stage.unit, "T1")
    assert second is not None
    assert (second.before, second.reason) == (first.after, f"log {'a' * 64}; specimens 3")
    assert second.after != first.after
    stage.take(hand_over("S3"), source="SRC-again")
    assert last_bound(stage.unit, "T1") == second


def test_every_tube_of_a_box_is_judged_by_the_same_log(stage: Stage) -> None:
    stage.take(*(hand_over(f"S{number}") for number in range(5)), source="SRC-sheet")
    stage.take(*log(), source="SRC-log")
    assert {standing(stage, f"T1|S{number}").state.value for number in range(5)} == {"accepted"}


def test_a_log_of_last_month_is_not_this_trips(stage: Stage) -> None:
    old = log(number=None)
    stage.take(*old, source="SRC-log")
    later = {"dispatched_at": "2026-04-05T08:00:00Z", "received_at": "2026-04-05T10:00:00Z"}
    stage.take(hand_over(number="T2", **later), source="SRC-sheet")
    assert failed(stage, "T2|S1") == {"TRN-LOG-001"}


def test_a_sheet_that_contradicts_itself_is_not_blamed_on_the_clock(stage: Stage) -> None:
    stage.take(*log(), source="SRC-log")
    stage.take(hand_over(dispatched_at=at(120), received_at=at(0)), source="SRC-sheet")
    assert "TRN-LOG-004" not in failed(stage)


def test_readings_without_a_log_record_count_too(stage: Stage) -> None:
    stage.take(hand_over(), source="SRC-sheet")
    stage.take(*log()[:-1], source="SRC-log")
    assert (standing(stage).state.value, failed(stage)) == ("accepted", set())
