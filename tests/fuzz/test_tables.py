"""Whatever bytes a table, workbook, log or mapping holds: problems and our own errors, nothing else."""

import io
import random
import zipfile
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hilum.errors import HilumError
from hilum.formats import logger, mapping, tabular, workbook
from hilum.formats.hospital_day import write_day
from hilum.formats.suggestion import suggest
from hilum.model.record import Item, Record, SourceProblem
from tests.fuzz.depth import look, seeds

HEADER = "样本编号,病案号,样本类型,采集时间,体积(mL),采集人\n"
WORDS = st.sampled_from([
    "样本编号", "病案号", "采集时间", "温度(℃)", "体积(mL)", ",", "\t", ";", "，", '"', '""', "\n", "\r\n", "\0",
    "=1+1", "S1", "2024-03-05 08:30", "2015-02-30", "1e400", "NaN", "−5", "５", "合计", "\u200b", "\ufeff",
    "序列号:", "x" * 300,
])  # fmt: skip


def read(content: bytes) -> list[Item]:
    """The bytes as a table and as a log, through whatever mapping is suggested for them."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_bytes(content)
        seen = tabular.preview(path, "t.csv")
        found = suggest(seen.headers, seen.samples, seen.title).mapping if seen else None
        items = list(tabular.items(path, "t.csv", "SRC", 0, found if found and found.parts else None))
        return items + list(logger.items(path, "t.csv", "SRC", 0))


def read_workbook(content: bytes) -> list[Item]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "t.xlsx"
        path.write_bytes(content)
        seen = workbook.previews(path, "t.xlsx")
        mappings = {one.place: suggest(one.headers, one.samples).mapping for one in seen}
        mappings = {name: one for name, one in mappings.items() if one.parts}
        return list(workbook.items(path, "t.xlsx", "SRC", 0, mappings))


def are_sound(items: list[Item]) -> bool:
    return all(
        isinstance(item, SourceProblem) or (isinstance(item, Record) and item.key and item.locator.line > 0)
        for item in items
    )


@given(st.binary(max_size=400))
def test_random_bytes_are_read_or_refused(content: bytes) -> None:
    assert are_sound(read(content))


@given(st.lists(WORDS, max_size=60).map("".join), st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_text_made_of_the_worst_pieces_is_read_or_refused(text: str, encoding: str) -> None:
    assert are_sound(read(text.encode(encoding)))


@given(st.lists(WORDS, max_size=60).map("".join))
@example("温度(℃)")
def test_bad_rows_under_a_good_header_never_hide_the_good_ones_after_them(text: str) -> None:
    rows = "".join(f"G{n},P1,血浆,2024-03-05 08:30,0.5,护士\n" for n in range(120))
    items = read((HEADER + text + "\n" + rows).encode())
    good = {item.key for item in items if isinstance(item, Record) and item.key.startswith("G")}
    assert {f"G{n}" for n in range(101, 120)} <= good


@given(st.binary(max_size=300))
def test_random_bytes_for_a_workbook_are_a_problem(content: bytes) -> None:
    assert [item.reason for item in read_workbook(content) if isinstance(item, SourceProblem)]


@pytest.fixture(scope="module")
def good_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    made = write_day(tmp_path_factory.mktemp("day"), 5, 4, date(2026, 3, 5))
    return {path.name: path.read_bytes() for path in made.files}


@pytest.fixture(scope="module")
def good_workbook(good_files: dict[str, bytes]) -> bytes:
    return next(content for name, content in good_files.items() if "入库" in name)


@pytest.mark.parametrize("seed", seeds(25))
def test_a_hospitals_tables_with_bytes_changed_are_read_or_refused(good_files: dict[str, bytes], seed: int) -> None:
    rng = random.Random(seed)
    for name in (name for name in good_files if name.endswith(".csv")):
        content = bytearray(good_files[name])
        for _ in range(rng.randint(1, 12)):
            start = rng.randrange(len(content))
            content[start : start + rng.randint(0, 6)] = rng.randbytes(rng.randint(0, 6))
        assert are_sound(read(bytes(content)))


@pytest.mark.parametrize("seed", seeds(60))
def test_a_workbook_with_bytes_changed_is_read_or_refused(good_workbook: bytes, seed: int) -> None:
    rng = random.Random(seed)
    content = bytearray(good_workbook)
    for _ in range(rng.randint(1, 40)):
        content[rng.randrange(len(content))] = rng.randrange(256)
    if rng.random() < 0.2:
        del content[rng.randint(len(content) // 2, len(content)) :]
    assert all(isinstance(item, Record | SourceProblem) for item in read_workbook(bytes(content)))


@pytest.mark.parametrize("seed", seeds(120))
def test_a_workbook_with_its_xml_changed_is_read_or_refused(good_workbook: bytes, seed: int) -> None:
    rng = random.Random(seed)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good_workbook)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = bytearray(old.read(name))
            for _ in range(rng.choice((0, 0, 1, 3))):
                start = rng.randrange(len(content))
                content[start : start + rng.randint(0, 30)] = rng.choice(_XML_PIECES)
            if rng.random() > 0.03:
                new.writestr(name, bytes(content))
    items = read_workbook(out.getvalue())
    assert all(isinstance(item, Record | SourceProblem) for item in items)


_XML_PIECES = (
    b"", b"<c>", b"</row>", b't="s"', b"<v>99999999</v>", b'r="ZZZZZ99999999"', b'r="XFD2"', b"&#0;", b"<!DOCTYPE x>",
    b"<v>-1e999</v>", b's="99"', b"<f>1+1</f>", b'r="0"', b"<v>abc</v>", b'<row r="1048577">', b't="d"',
    b"<v>99999999999</v>", b"\xff\xfe",
)  # fmt: skip


@look(60)
@given(st.text(max_size=300) | st.recursive(st.none() | st.text(), lambda inner: st.lists(inner, max_size=3)).map(repr))
def test_random_text_for_a_mapping_is_an_error_of_ours(text: str) -> None:
    with pytest.raises(HilumError):
        mapping.loads(text, "m.json")
