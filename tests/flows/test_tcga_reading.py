"""The real archive of the smallest cohort: everything is read, the same each time, and resuming loses nothing."""

from collections import Counter
from pathlib import Path

import pytest

from hilum.formats.member import Member
from hilum.formats.reading import items, members
from hilum.model.record import Item, Kind, Record, SourceProblem
from hilum.model.vocabulary import FieldType, vocabulary

# Lines of each file less its header rows, counted with wc.
ROWS = {
    "patient": 36, "cqcf": 51, "clinical_cqcf": 36, "sample": 115, "portion": 115, "analyte": 160, "aliquot": 335,
    "shipment_portion": 30, "slide": 71, "diagnostic_slides": 48, "normal_control": 70, "tumor_sample": 52,
    "protocol": 160, "follow_up": 15, "follow_up_nte": 4, "nte": 26, "omf": 10, "drug": 14, "radiation": 1,
}  # fmt: skip


@pytest.fixture(scope="module")
def read(tcga: Path, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Member, list[Item]]]:
    archive = tcga / "chol.tar.xz"
    if not archive.exists():
        pytest.skip(f"{archive.name} is not in {tcga}")
    found = list(members(archive, tmp_path_factory.mktemp("chol")))
    assert not any(isinstance(one, SourceProblem) for one in found)
    return [(one, list(items(one, "SRC"))) for one in found if isinstance(one, Member)]


def _records(read: list[tuple[Member, list[Item]]]) -> list[Record]:
    return [item for _, found in read for item in found if isinstance(item, Record)]


def test_every_row_of_every_table_gives_its_records(read: list[tuple[Member, list[Item]]]) -> None:
    rows = {
        member.format.removeprefix("tcga.biotab."): len({item.locator.line for item in found})
        for member, found in read
        if member.format != "tcga.mirna"
    }
    assert rows == ROWS
    assert len({member.format for member, _ in read}) == len(read) == len(ROWS) + 1


def test_the_records_are_those_of_the_collection(read: list[tuple[Member, list[Item]]]) -> None:
    counts = Counter(record.kind for record in _records(read))
    assert counts[Kind.DONOR] == ROWS["patient"]
    assert counts[Kind.CONSENT] == ROWS["cqcf"] + ROWS["clinical_cqcf"]
    assert counts[Kind.SPECIMEN] == sum(
        ROWS[t] for t in ("sample", "portion", "analyte", "aliquot", "shipment_portion")
    )
    assert counts[Kind.ASSAY] == 45
    assert not [item for _, found in read for item in found if isinstance(item, SourceProblem)]


def test_every_parent_is_named_by_the_level_above(read: list[tuple[Member, list[Item]]]) -> None:
    specimens = {record.key: record for record in _records(read) if record.kind is Kind.SPECIMEN}
    above = {"portion": "sample", "analyte": "portion", "aliquot": "analyte", "shipped_portion": "sample"}
    unknown = 0
    for record in specimens.values():
        parent = specimens.get(str(record.fields.get("parent_id")))
        if parent is not None:
            assert parent.fields["level"] == above[str(record.fields["level"])]
        elif record.fields["level"] != "sample":
            unknown += 1
    assert unknown < len(specimens) * 0.05


def test_every_value_has_the_type_its_field_says(read: list[tuple[Member, list[Item]]]) -> None:
    types: dict[FieldType, type | tuple[type, ...]] = {
        FieldType.NUMBER: float, FieldType.INTEGER: int, FieldType.BOOLEAN: bool,
    }  # fmt: skip
    for record in _records(read):
        for name, value in record.fields.items():
            field = vocabulary()[record.kind][name]
            if value is None:
                assert name in record.unreadable
            else:
                assert isinstance(value, types.get(field.type, str)), (record.key, name, value)


def test_the_donor_is_known_everywhere(read: list[tuple[Member, list[Item]]]) -> None:
    for record in _records(read):
        assert record.donor == record.fields["donor_id"]
        assert record.donor is not None
        assert record.donor.count("-") == 2


def test_resuming_anywhere_equals_the_tail(read: list[tuple[Member, list[Item]]]) -> None:
    for member, found in read:
        for skip in (0, 1, len(found) // 2, len(found) - 1, len(found)):
            assert list(items(member, "SRC", skip)) == found[skip:]


def test_another_opening_of_the_archive_gives_the_same(
    read: list[tuple[Member, list[Item]]], tcga: Path, tmp_path: Path
) -> None:
    again = [one for one in members(tcga / "chol.tar.xz", tmp_path) if isinstance(one, Member)]
    assert [(one.place, one.digest, one.format) for one in again] == [
        (one.place, one.digest, one.format) for one, _ in read
    ]
