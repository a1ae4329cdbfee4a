"""Published HL7 v2 samples: all of them are read, and what is wrong with them is found.

docs/guide/en/hl7.md lists the defects; each was looked at in the messages by eye.
"""

from collections import Counter
from pathlib import Path

import pytest

from hilum.formats import hl7
from hilum.formats.member import Member
from hilum.model.record import Item, Kind, Record, SourceProblem
from hilum.terms.units import canonical_unit


@pytest.fixture(scope="module")
def items(shared_data: Path) -> list[Item]:
    """Everything the samples say."""
    folder = shared_data / "hl7v2"
    if not folder.is_dir():
        pytest.skip(f"no HL7 v2 samples in {folder}")
    found: list[Item] = []
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            assert hl7.sniff(file.read(65536), path.name) is not None, path.name
        member = Member(path.name, path, path.stat().st_size, "", hl7.FORMAT, hl7.RANK)
        found += hl7.items(member, "SRC", 0)
    return found


def of(items: list[Item], kind: Kind) -> list[Record]:
    return [item for item in items if isinstance(item, Record) and item.kind is kind]


def test_every_message_is_read_and_what_is_odd_about_them_is_counted(items: list[Item]) -> None:
    told = Counter(item.reason for item in items if isinstance(item, SourceProblem))
    assert told == {
        "hl7_segments_not_used": 113,
        "hl7_byte_order_mark": 27,
        "hl7_attachment_not_kept": 19,
        "hl7_test_message": 13,
        "hl7_merge": 8,
        "hl7_birth_after_message": 7,
        "hl7_collection_period": 4,
        "hl7_delete": 2,
        "hl7_delimiters": 2,
    }


def test_every_kind_of_record_comes_out_of_them(items: list[Item]) -> None:
    assert Counter(item.kind for item in items if isinstance(item, Record)) == {
        Kind.OBSERVATION: 158,
        Kind.DONOR: 146,
        Kind.ENCOUNTER: 116,
        Kind.REPORT: 74,
        Kind.CONDITION: 50,
        Kind.SPECIMEN: 26,
        Kind.PROCEDURE: 26,
        Kind.MEDICATION: 8,
    }


def test_values_that_are_no_numbers_and_amounts_in_pounds_stay_unread(items: list[Item]) -> None:
    unread = Counter(
        (name, text) for item in items if isinstance(item, Record) for name, text in item.unreadable.items()
    )
    assert unread == {("value", "160~120"): 5, ("value", "27~25"): 3, ("volume_ul", "40 lbs"): 4}


def test_specimens_without_times_or_identifier_are_as_many_as_were_published(items: list[Item]) -> None:
    specimens = of(items, Kind.SPECIMEN)
    missing = {name: sum(name not in one.fields for one in specimens) for name in ("collected_at", "received_at")}
    assert missing == {"collected_at": 15, "received_at": 18}
    assert sum("specimen_id" not in one.fields for one in specimens) == 2


def test_ranges_are_ranges_and_units_nobody_knows_are_kept_as_written(items: list[Item]) -> None:
    observations = of(items, Kind.OBSERVATION)
    ranges = [one for one in observations if "value_low" in one.fields]
    assert len(ranges) == 41
    assert all("value" not in one.fields for one in ranges)
    numbers = [one for one in observations if {"value", "value_low"} & {*one.fields, *one.unreadable}]
    assert sum("unit" not in one.fields for one in numbers) == 10
    units = {str(one.fields["unit"]) for one in observations if "unit" in one.fields}
    assert {unit for unit in units if canonical_unit(unit) is None} >= {"tera.l-1", "giga.l-1", "g/l-1"}
