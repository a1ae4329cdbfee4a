"""A short log of one value is as suspicious as a long one, where the logger shows tenths."""

from hilum.quality.temperature_series import flat_line, in_order

FIVE_MINUTES = 300


def log(*values: float | None) -> list[tuple[int, float | None]]:
    return [(FIVE_MINUTES * place, value) for place, value in enumerate(values)]


def test_ten_equal_readings_of_fine_resolution_are_a_flat_line() -> None:
    found = flat_line(in_order(log(*[4.1] * 10)))
    assert found is not None
    assert (found.readings, found.value_c, found.end - found.start) == (10, 4.1, 9 * FIVE_MINUTES)


def test_four_fifths_of_a_short_log_are_enough_and_three_quarters_are_not() -> None:
    assert flat_line(in_order(log(3.9, *[4.1] * 8, 4.2))) is not None
    assert flat_line(in_order(log(3.9, 4.0, *[4.1] * 8, 4.2))) is None


def test_seven_equal_readings_may_be_chance() -> None:
    assert flat_line(in_order(log(*[4.1] * 7))) is None
    assert flat_line(in_order(log(*[4.1] * 8))) is not None


def test_a_logger_of_half_degrees_may_stand_still() -> None:
    assert flat_line(in_order(log(*[4.5] * 10))) is None
    assert flat_line(in_order(log(*[4.5] * 9, 4.6))) is not None


def test_a_log_without_a_temperature_is_not_flat() -> None:
    assert flat_line(in_order([])) is None
    assert flat_line(in_order(log(*[None] * 10))) is None
