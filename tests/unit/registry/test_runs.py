"""Runs of records that look copied: what counts, what does not, and that batches do not change it."""

import pytest

from hilum.model.record import Item, Kind, Locator, Record, SourceProblem, Value
from hilum.registry.runs import TAIL, WINDOW, columns


def _result(donor: str | None, value: Value, *, place: str = "a", line: int = 1, analyte: str = "glucose") -> Record:
    fields: dict[str, Value] = {"analyte": analyte, "value": value, "unit": "mmol/L"}
    return Record(Kind.OBSERVATION, f"{donor}{line}", donor, fields, Locator("SRC", place, line))


def _specimen(donor: str, line: int = 1, **fields: Value) -> Record:
    return Record(Kind.SPECIMEN, f"{donor}{line}", donor, fields, Locator("SRC", "a", line))


def _told(items: list[Item], name: str) -> list[Value]:
    return [row.get(name) for row in columns(items)]


def test_neighbours_of_different_donors_with_one_value_are_a_run() -> None:
    items: list[Item] = [*(_result(f"D{one}", 13.57) for one in range(4)), _result("D9", 14.02)]
    assert _told(items, "run.length") == [4, 4, 4, 4, 1]


def test_one_donor_measured_again_is_no_run() -> None:
    assert _told([_result("D1", 13.57), _result("D1", 13.57)], "run.length") == [1, 1]


def test_a_value_with_few_digits_says_nothing() -> None:
    assert _told([_result("D1", 5.1), _result("D2", 5.1)], "run.length") == [None, None]
    assert _told([_result("D1", 1500.0), _result("D2", None), _result("D3", True)], "run.length") == [None] * 3


def test_a_nominal_volume_is_no_measurement_but_two_measured_fields_are() -> None:
    nominal: list[Item] = [_specimen(f"D{one}", volume_ul=200.0, storage_c=-80.0) for one in range(3)]
    assert _told(nominal, "run.length") == [None, None, None]
    measured: list[Item] = [_specimen(f"D{one}", a260_a280=1.87, concentration=0.131) for one in range(3)]
    assert _told(measured, "run.length") == [3, 3, 3]


def test_other_kinds_and_problems_between_do_not_break_a_run_and_another_place_does() -> None:
    other = Record(Kind.DONOR, "D1", "D1", {}, Locator("SRC", "a", 1))
    problem = SourceProblem("line_ragged", Locator("SRC", "a", 2))
    items: list[Item] = [_result("D1", 13.57), other, problem, _result("D2", 13.57), _result("D3", 13.57, place="b")]
    assert _told(items, "run.length") == [2, None, None, 2, 1]


def test_results_that_rise_by_one_step_are_a_dragged_series() -> None:
    items: list[Item] = [*(_result(f"D{one}", 5.0 + one / 10) for one in range(6)), _result("D9", 9.9)]
    assert _told(items, "run.steps") == [6, 6, 6, 6, 6, 6, 2]
    assert _told([_result("D1", 1.0), _result("D1", 2.0), _result("D1", 3.0)], "run.steps") == [1, 1, 1]


def test_several_donors_at_one_second_by_one_person_are_counted() -> None:
    at = "2024-03-05T08:00:00Z"
    items: list[Item] = [_specimen(f"D{one}", collected_at=at, collected_by="N1") for one in range(3)]
    assert _told(items, "run.moment") == [3, 3, 3]
    assert _told([_specimen("D1", collected_at="2024-03-05", collected_by="N1")], "run.moment") == [None]
    assert _told([_specimen("D1", collected_at=at), _specimen("D2", collected_at=at)], "run.moment") == [None, None]


def test_a_run_counts_only_the_window_so_that_batches_do_not_change_it() -> None:
    items: list[Item] = [_result(f"D{one}", 13.57) for one in range(3 * TAIL)]
    whole = _told(items, "run.length")
    assert whole[TAIL] == 2 * WINDOW + 1
    middle = columns(items[TAIL - TAIL : 2 * TAIL + TAIL])[TAIL : 2 * TAIL]
    assert [row["run.length"] for row in middle] == whole[TAIL : 2 * TAIL]


@pytest.mark.parametrize("size", [1, 7, 60])
def test_steps_are_the_same_however_the_stream_is_cut(size: int) -> None:
    items: list[Item] = [_result(f"D{one}", 100 + (one % 13) * 0.5 + (one // 13)) for one in range(240)]
    whole = columns(items)
    for start in range(0, len(items), size):
        before, batch = items[max(0, start - TAIL) : start], items[start : start + size]
        after = items[start + size : start + size + TAIL]
        found = columns([*before, *batch, *after])[len(before) : len(before) + len(batch)]
        assert found == whole[start : start + size]
