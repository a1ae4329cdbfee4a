"""Whatever bytes an OMOP table holds: records and problems, nothing else, and the same ones every time."""

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hilum.formats import omop
from hilum.formats.member import Member
from hilum.formats.omop_columns import COLUMNS
from hilum.formats.omop_tables import READ
from hilum.model.record import Item, Record, SourceProblem
from hilum.model.vocabulary import vocabulary
from tests.fuzz.depth import look, seeds

CONCEPT = "concept_id\tconcept_name\tvocabulary_id\tconcept_code\n1\tHemoglobin\tLOINC\t718-7\n2\tx\t\t\n"
CELLS = st.sampled_from([
    "", "1", "2", "0", "-1", "8507", "2024-03-05", "2024-03-05 08:30:00", "2024-13-01", "20240305", "0000-00-00",
    "9999-12-31 23:59:59", "1e400", "NaN", "12 mL", "<5", '"', '"a,b"', '"a\nb"', "\\N", "NULL", "=1+1", "\u200b1",
    "１", "\0", "x" * 300, "4171756", "99999999999999999999", "718-7",
])  # fmt: skip


def read(content: bytes, table: str, concepts: str) -> list[Item]:
    with TemporaryDirectory() as folder:
        path, vocabulary_file = Path(folder) / "t.csv", Path(folder) / "concept.csv"
        path.write_bytes(content)
        vocabulary_file.write_text(concepts, encoding="utf-8")
        member = Member("t.csv", path, len(content), "", f"omop.{table}", 40, {"concept.csv": vocabulary_file})
        found = list(omop.items(member, "SRC", 0))
        assert found == list(omop.items(member, "SRC", 0))
        return found


def check(found: list[Item]) -> None:
    for one in found:
        assert isinstance(one, Record | SourceProblem)
        if isinstance(one, Record):
            assert one.key
            assert one.fields.keys() <= vocabulary()[one.kind].keys()
            assert all(one.fields.get(name) is None for name in one.unreadable)


@look(150)
@given(st.sampled_from(sorted(READ)), st.data())
def test_cells_of_any_kind_make_records_of_the_vocabulary(table: str, data: st.DataObject) -> None:
    columns = COLUMNS[table]
    rows = data.draw(st.lists(st.lists(CELLS, min_size=1, max_size=len(columns) + 1), max_size=4))
    delimiter = data.draw(st.sampled_from([",", "\t", ";"]))
    lines = [delimiter.join(columns), *(delimiter.join(row) for row in rows)]
    check(read("\n".join(lines).encode(), table, CONCEPT))


@look(100)
@given(st.binary(max_size=400), st.sampled_from(sorted(READ)), st.text(max_size=80))
def test_bytes_of_any_kind_after_a_header_end_in_records_or_problems(rest: bytes, table: str, concepts: str) -> None:
    check(read(",".join(COLUMNS[table]).encode() + b"\n" + rest, table, CONCEPT + concepts))


@given(st.binary(max_size=300), st.text(max_size=20))
def test_any_beginning_of_a_file_is_known_or_not(head: bytes, name: str) -> None:
    told = omop.sniff(head, name)
    assert told is None or told[0].startswith("omop.")


def test_a_quote_nobody_closed_costs_its_own_row() -> None:
    rows = "".join(f"{number},8507,1970\n" for number in range(2, 2000))
    found = read(f'person_id,gender_concept_id,year_of_birth\n1,8507,"1970\n{rows}'.encode(), "person", CONCEPT)
    assert len([one for one in found if isinstance(one, Record)]) == 1999
    assert [one.reason for one in found if isinstance(one, SourceProblem)] == ["unclosed_quote"]


@pytest.mark.parametrize("seed", seeds(5))
def test_a_file_with_flipped_bytes_is_read_to_its_end(seed: int) -> None:
    chance = random.Random(seed)
    text = ",".join(COLUMNS["measurement"]) + "\n" + "1,1,1,2024-03-05,,,1,0,5,0,2,,,,,,HGB,1,g/dL,,5,,\n" * 50
    content = bytearray(text.encode())
    for _ in range(20):
        content[chance.randrange(len(",".join(COLUMNS["measurement"])) + 1, len(content))] = chance.randrange(256)
    found = read(bytes(content), "measurement", CONCEPT)
    check(found)
    assert len([one for one in found if isinstance(one, Record)]) >= 20
