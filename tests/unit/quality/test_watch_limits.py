"""The hospital's own limits: what the file may say, and what it gets for saying something else."""

import pytest

from hilum.errors import BadInputError
from hilum.quality.watch_limits import BANDS, Limits, load_limits
from hilum.terms.valuesets import members

PLACE = "watch.toml"


def test_an_empty_file_changes_nothing() -> None:
    assert load_limits("", PLACE) == Limits()


def test_a_file_changes_what_it_names_and_nothing_else() -> None:
    text = 'trip_hours = 12\nall_live = true\n[loggers]\n"F-1" = "-60to-85"\n"R-2" = { low_c = 2, high_c = 8.5 }\n'
    limits = load_limits(text, PLACE)
    assert (limits.trip_hours, limits.all_live, limits.silence_times) == (12.0, True, Limits().silence_times)
    assert limits.loggers == {"F-1": (None, -60.0), "R-2": (2.0, 8.5)}


@pytest.mark.parametrize(
    ("text", "reason", "named"),
    [
        ("trip_hours = 0", "settings_value", "trip_hours"),
        ("trip_hours = 'long'", "settings_value", "trip_hours"),
        ("trip_hours = nan", "settings_value", "trip_hours"),
        ("silence_times = true", "settings_value", "silence_times"),
        ("all_live = 1", "settings_value", "all_live"),
        ("loggers = 3", "settings_value", "loggers"),
        ("[loggers]\nF1 = 'cold'", "settings_value", "loggers.F1"),
        ("[loggers]\nF1 = {}", "settings_value", "loggers.F1"),
        ("[loggers]\nF1 = { low = 2 }", "settings_value", "loggers.F1"),
        ("[loggers]\nF1 = { low_c = 'cold' }", "settings_value", "loggers.F1"),
        ("trip_hour = 3", "settings_unknown", "trip_hour"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(text: str, reason: str, named: str) -> None:
    with pytest.raises(BadInputError) as refused:
        load_limits(text, PLACE)
    assert (refused.value.reason, refused.value.values["name"]) == (reason, named)


def test_a_file_that_is_no_toml_is_refused_with_its_place() -> None:
    with pytest.raises(BadInputError) as refused:
        load_limits("trip_hours =", PLACE)
    assert (refused.value.reason, refused.value.values["place"]) == ("settings_unreadable", PLACE)


def test_every_band_of_the_value_set_that_names_a_temperature_has_its_limits() -> None:
    assert members("storage_band") - {"Other"} == set(BANDS)
