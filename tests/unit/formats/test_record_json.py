"""Hilum's own JSON: what a program sends is read as the vocabulary asks, and what cannot be read is never guessed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.formats.record_json import as_message, items
from hilum.model.record import Item, Kind, Record, SourceProblem


def read(sent: object, *, lines: bool = False) -> list[Item]:
    body = sent if isinstance(sent, bytes) else json.dumps(sent, ensure_ascii=False).encode()
    return list(items(body, "records", "SRC-1", lines=lines))


def one(kind: str = "specimen", **fields: object) -> Record:
    (record,) = read({"kind": kind, "fields": fields})
    assert isinstance(record, Record)
    return record


def test_values_of_the_right_type_are_taken_as_they_are() -> None:
    record = one(specimen_id="S-1", donor_id="P1", volume_ul=500, storage_c=-80.5)
    assert (record.kind, record.key, record.donor) == (Kind.SPECIMEN, "S-1", "P1")
    assert record.fields["volume_ul"] == 500
    assert record.fields["storage_c"] == -80.5


def test_texts_are_read_as_a_table_would_read_them() -> None:
    record = one(specimen_id="S-1", specimen_type="血浆", collected_at="2026-03-01 08:00", volume_ul="５００")
    assert record.fields["specimen_type"] == "Plasma"
    assert record.fields["collected_at"] == "2026-03-01T00:00:00Z"
    assert record.fields["volume_ul"] == 500


@pytest.mark.parametrize("given_", ["half a tube", True, [1], {"v": 1}, 1e300])
def test_a_value_that_is_none_of_its_type_stays_as_written(given_: object) -> None:
    record = one(specimen_id="S-1", volume_ul=given_)
    assert record.fields["volume_ul"] is None
    assert "volume_ul" in record.unreadable


def test_a_number_may_stand_where_an_identifier_is_wanted_but_a_broken_one_may_not() -> None:
    assert one(specimen_id=12).fields["specimen_id"] == "12"
    assert one(specimen_id=1.5).fields["specimen_id"] is None


def test_a_field_the_vocabulary_lacks_is_kept_as_an_extra() -> None:
    assert one(specimen_id="S-1", shelf_of_mr_wang=3).extra == {"shelf_of_mr_wang": "3"}


def test_a_censored_result_is_taken_apart() -> None:
    record = one("observation", donor_id="P1", analyte="CEA", value="<0.5", observed_at="2026-03-01T08:00:00+08:00")
    assert record.fields["value"] == 0.5
    assert record.fields["comparator"] == "<"


@pytest.mark.parametrize(
    "sent", [[{"kind": "donor", "fields": {}}] * 2, {"records": [{"kind": "donor", "fields": {}}] * 2}]
)
def test_several_records_are_numbered(sent: object) -> None:
    assert [item.locator.line for item in read(sent)] == [1, 2]


def test_lines_keep_their_numbers_and_blank_ones_are_no_records() -> None:
    found = read(b'{"kind":"donor","fields":{}}\n\n{"kind":"donor","fields":{}}\r\n', lines=True)
    assert [item.locator.line for item in found] == [1, 3]


def test_one_bad_line_costs_only_itself() -> None:
    good = b'{"kind":"donor","fields":{"donor_id":"P1"}}'
    found = read(b"\n".join([good, b'{"kind":', b'{"kind":"ghost","fields":{}}', b"7", good]), lines=True)
    assert [type(item) for item in found] == [Record, SourceProblem, SourceProblem, SourceProblem, Record]
    assert [item.reason for item in found if isinstance(item, SourceProblem)] == [
        "record_malformed",
        "record_kind_unknown",
        "record_malformed",
    ]


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[1", b'{"records": 7}', b"null", b"[" * 100_000])
def test_what_is_no_json_is_one_problem(body: bytes) -> None:
    found = read(body)
    assert found
    assert all(isinstance(item, SourceProblem) for item in found)


@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_break_the_reader(body: bytes, lines: bool) -> None:
    assert all(isinstance(item, Record | SourceProblem) for item in items(body, "p", "s", lines=lines))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
_NAMES = st.sampled_from(["specimen_id", "donor_id", "volume_ul", "collected_at", "specimen_type", "value", "analyte"])


@given(st.sampled_from([kind.value for kind in Kind]), st.dictionaries(_NAMES | st.text(max_size=9), _JSON, max_size=6))
def test_any_fields_make_a_record_whose_values_are_plain(kind: str, fields: dict[str, object]) -> None:
    record = one(kind, **fields)
    assert all(value is None or isinstance(value, str | int | float | bool) for value in record.fields.values())
    assert all(isinstance(text, str) for text in (*record.unreadable.values(), *record.extra.values()))


def test_a_record_sent_as_a_message_comes_back_the_same() -> None:
    record = one(specimen_id="S-1", donor_id="P1", volume_ul=500, storage_c="cold", shelf=3)
    (again,) = read(dict(as_message(record)))
    assert again == record
