import io
import tarfile
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from hilum.formats import reading
from hilum.formats.member import Member
from hilum.formats.reading import items, members
from hilum.model.record import Item, Locator, Record, SourceProblem

PORTIONS = "bcr_portion_barcode\tweight\nTCGA-ZZ-0001-01A-11\t30\nTCGA-ZZ-0001-01A-12\tx\nshort\n"
FILES = {
    "zz/b_clinical_patient_zz.txt": "bcr_patient_barcode\tgender\nTCGA-ZZ-0001\tMALE\n",
    "zz/a_biospecimen_portion_zz.txt": PORTIONS,
    "zz/ZZ.miRseq_mature_RPM.txt": "Gene\tTCGA-ZZ-0001-01A-11R-A000-13\nmir-1\t1\n",
    "zz/renamed.txt": "bcr_sample_barcode\tsample_type_id\nTCGA-ZZ-0001-01A\t01\n",
    "zz/hospital.csv": "样本编号,姓名\nS1,张三\n",
    "zz/logger.csv": "序列号：L1\n序号,记录时间,温度(℃)\n1,2024-03-05 08:00:00,4.5\n",
    "zz/notes.txt": "nothing to read here\n",
    "zz/picture.png": "\x89PNG\x00\x00\x00",
    "zz/empty.csv": "",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("latin-1" if "PNG" in content else "gb18030"))
    return tmp_path / "in"


def _members(path: Path, tmp_path: Path) -> list[Member]:
    return [one for one in members(path, tmp_path / "work") if isinstance(one, Member)]


def _formats(path: Path, tmp_path: Path) -> list[tuple[str, str]]:
    return [(Path(one.place).name, one.format) for one in _members(path, tmp_path)]


EXPECTED = [
    ("b_clinical_patient_zz.txt", "tcga.biotab.patient"),
    ("renamed.txt", "tcga.biotab.sample"),
    ("a_biospecimen_portion_zz.txt", "tcga.biotab.portion"),
    ("hospital.csv", "tabular.csv"),
    ("logger.csv", "logger.csv"),
    ("ZZ.miRseq_mature_RPM.txt", "tcga.mirna"),
    ("empty.csv", "unknown"),
    ("notes.txt", "unknown"),
    ("picture.png", "unknown"),
]


def test_each_file_gets_its_format_and_what_others_hang_on_comes_first(folder: Path, tmp_path: Path) -> None:
    assert _formats(folder, tmp_path) == EXPECTED


def test_a_tar_and_a_zip_of_the_folder_give_the_same_members(folder: Path, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "all.tar.xz", "w:xz") as tar, zipfile.ZipFile(tmp_path / "all.zip", "w") as packed:
        for path in sorted(folder.rglob("*.*")):
            tar.add(path, path.relative_to(folder))
            packed.write(path, path.relative_to(folder))
    plain = [(one.place, one.digest, one.format) for one in _members(folder, tmp_path)]
    for name in ("all.tar.xz", "all.zip"):
        assert [(one.place, one.digest, one.format) for one in _members(tmp_path / name, tmp_path)] == plain


def test_a_workbook_is_known_by_its_content(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as pack:
        pack.writestr("xl/workbook.xml", "<x/>")
    (tmp_path / "export.dat").write_bytes(out.getvalue())
    assert _formats(tmp_path / "export.dat", tmp_path) == [("export.dat", "tabular.xlsx")]


def test_items_come_in_the_files_order_and_skip_leaves_the_first_out(folder: Path, tmp_path: Path) -> None:
    for member in _members(folder, tmp_path):
        if member.format.startswith("tcga."):
            whole = list(items(member, "SRC"))
            assert whole
            assert list(items(member, "SRC")) == whole
            for skip in range(len(whole) + 2):
                assert list(items(member, "SRC", skip)) == whole[skip:]
            assert {item.locator.source for item in whole} == {"SRC"}
            assert {item.locator.place for item in whole} == {member.place}


def test_a_file_of_no_known_format_is_one_fatal_problem(folder: Path, tmp_path: Path) -> None:
    (unknown,) = (one for one in _members(folder, tmp_path) if one.place.endswith("notes.txt"))
    (problem,) = items(unknown, "SRC")
    assert isinstance(problem, SourceProblem)
    assert (problem.reason, problem.fatal) == ("format_unknown", True)
    assert list(items(unknown, "SRC", 1)) == []


def test_the_longest_registered_prefix_reads(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def reader(member: Member, source_id: str, skip: int) -> Iterator[Item]:
        return islice([SourceProblem("file_empty", Locator(source_id, member.place, n)) for n in range(3)], skip, None)

    monkeypatch.setitem(reading.READERS, "tabular.", reader)
    (table,) = (one for one in _members(folder, tmp_path) if one.format == "tabular.csv")
    assert [item.locator.line for item in items(table, "SRC", 1)] == [1, 2]
    (portion,) = (one for one in _members(folder, tmp_path) if one.format == "tcga.biotab.portion")
    assert any(isinstance(item, Record) for item in items(portion, "SRC"))


def test_problems_of_the_archive_come_before_its_members(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "given.tar", "w") as pack:
        for name in ("a_biospecimen_portion_zz.txt", "../out.txt"):
            entry = tarfile.TarInfo(name)
            entry.size = len(PORTIONS)
            pack.addfile(entry, io.BytesIO(PORTIONS.encode()))
    first, second = members(tmp_path / "given.tar", tmp_path / "work")
    assert isinstance(first, SourceProblem)
    assert isinstance(second, Member)
