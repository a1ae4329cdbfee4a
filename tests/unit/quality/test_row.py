"""The row a rule sees: the record's own fields as numbers, texts and truth values, and every column there is."""

import re
from collections.abc import Mapping

import pytest

from hilum.model.record import Kind, Locator, Record, Value
from hilum.model.vocabulary import FieldType, vocabulary
from hilum.quality import row as module
from hilum.quality.row import ENDS, ColumnType, columns, day_number, days_of, own_columns, row_of, second_number

TYPES = {
    FieldType.TEXT: ColumnType.TEXT,
    FieldType.CODE: ColumnType.TEXT,
    FieldType.NUMBER: ColumnType.NUMBER,
    FieldType.INTEGER: ColumnType.NUMBER,
    FieldType.BOOLEAN: ColumnType.BOOLEAN,
    FieldType.DATE: ColumnType.NUMBER,
    FieldType.INSTANT: ColumnType.NUMBER,
}


_ENDS = tuple(f".{end}" for end in ENDS)


def _record(kind: Kind, fields: Mapping[str, Value], **unreadable: str) -> Record:
    return Record(kind, "K", "P1", fields, Locator("SRC-1", "f", 1), unreadable)


@pytest.mark.parametrize(
    ("text", "number"),
    [("1970-01-01", 0), ("1970-01-02", 1), ("1969-12-31", -1), ("2024-02-29", 19782), ("0001-01-01", -719162)],
)
def test_a_date_is_days_since_1970(text: str, number: int) -> None:
    assert day_number(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T08:00:00+08:00", 0),
        ("1970-01-01T00:00:01", 1),
        ("1970-01-02T00:00", 86400),
        ("1969-12-31T23:59:59Z", -1),
        ("2026-03-16T08:00:00.999999Z", 1773648000),
    ],
)
def test_an_instant_is_seconds_since_1970_and_without_a_zone_it_is_utc(text: str, number: int) -> None:
    assert second_number(text) == number


@pytest.mark.parametrize("text", ["", "2024-02-30", "20/03/2024", "yesterday"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        day_number(text)
    with pytest.raises(ValueError):
        second_number(text)


@pytest.mark.parametrize("text", ["2024", "2024-03", "2024-03-05"])
def test_an_instant_without_an_hour_has_no_second_of_its_own(text: str) -> None:
    with pytest.raises(ValueError, match=text):
        second_number(text)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1970", 0, 364),
        ("1972", 730, 1095),
        ("1970-01", 0, 30),
        ("1970-12", 334, 364),
        ("2024-02", 19754, 19782),
        ("1970-01-02", 1, 1),
    ],
)
def test_a_partial_date_is_every_day_it_may_stand_for(text: str, first: int, last: int) -> None:
    assert days_of(text) == (first, last)


@pytest.mark.parametrize("text", ["2024-13", "2024-02-30", "year", ""])
def test_a_partial_date_that_no_calendar_has_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        days_of(text)


def test_a_partial_date_has_no_number_but_two_ends() -> None:
    row = own_columns(Kind.SPECIMEN, {"created_on": "1970-01", "collected_at": "1970-01-02"}, "parent.")
    assert row == {
        "parent.created_on": None,
        "parent.created_on.first": 0,
        "parent.created_on.last": 30,
        "parent.collected_at": None,
        "parent.collected_at.first": 86_400 - 14 * 3600,
        "parent.collected_at.last": 2 * 86_400 - 1 + 12 * 3600,
    }
    assert row.keys() <= columns(Kind.SPECIMEN).keys()


def test_a_records_own_fields_are_columns_with_days_and_seconds_as_numbers() -> None:
    fields: dict[str, Value] = {
        "specimen_id": "S1",
        "created_on": "1970-01-03",
        "collected_at": "1970-01-01T00:01:00Z",
        "collected_offset_days": -3,
        "volume_ul": 1.5,
        "is_ffpe": False,
        "frozen_at": None,
    }
    expected = fields | {"created_on": 2, "collected_at": 60}
    assert own_columns(Kind.SPECIMEN, fields) == expected
    assert own_columns(Kind.SPECIMEN, fields, "parent.") == {f"parent.{name}": v for name, v in expected.items()}
    assert fields["created_on"] == "1970-01-03", "the record itself is left alone"


def test_a_row_has_the_record_the_fields_that_could_not_be_read_and_the_context() -> None:
    record = _record(Kind.DONOR, {"sex": "female", "birth_on": "1970-01-02"}, weight_kg="heavy", age_years="old")
    assert row_of(record, {"consent.known": True}) == {
        "sex": "female",
        "birth_on": 1,
        "unreadable": "age_years,weight_kg",
        "consent.known": True,
    }


def test_a_record_that_was_read_whole_has_nothing_unreadable() -> None:
    assert row_of(_record(Kind.DONOR, {}), {})["unreadable"] is None


@pytest.mark.parametrize("kind", list(Kind))
def test_every_field_is_a_column_of_its_type(kind: Kind) -> None:
    found = columns(kind)
    assert {name: found[name] for name in vocabulary()[kind]} == {
        name: TYPES[field.type] for name, field in vocabulary()[kind].items()
    }


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_sees_donor_consent_condition_and_its_earlier_self(kind: Kind) -> None:
    found = columns(kind)
    for space, other in (
        ("donor", Kind.DONOR),
        ("consent", Kind.CONSENT),
        ("condition", Kind.CONDITION),
        ("earlier", kind),
    ):
        assert {f"{space}.{name}" for name in vocabulary()[other]} <= set(found)
        assert found[f"{space}.known"] == ColumnType.BOOLEAN
    assert found["earlier.same_source"] == ColumnType.BOOLEAN
    assert (found["received.on"], found["received.at"], found["unreadable"]) == ("number", "number", "text")


@pytest.mark.parametrize("kind", list(Kind))
def test_a_specimen_sees_its_parent_and_others_the_specimen_they_name(kind: Kind) -> None:
    spaces = {name.partition(".")[0] for name in columns(kind) if name.count(".") > name.endswith(_ENDS)}
    common = {"donor", "consent", "condition", "earlier", "received", "run"}
    more = {Kind.TRANSPORT: {"log"}, Kind.CUSTODY: {"previous", "holder"}, Kind.PREPARATION: {"previous"}}
    if kind is Kind.SPECIMEN:
        assert spaces == common | {"parent", "siblings", "lineage", "place", "barcode", "collected_at"}
    elif "specimen_id" in vocabulary()[kind]:
        assert spaces == common | {"specimen"} | more.get(kind, set())
    else:
        assert spaces == common


def test_every_column_the_documentation_names_exists() -> None:
    named = set(re.findall(r"``([a-z_]+\.[a-z_]+)``", module.__doc__ or ""))
    everywhere = {name for kind in Kind for name in columns(kind)}
    assert len(named) > 12
    assert named <= everywhere
