import bz2
import gzip
import hashlib
import io
import lzma
import os
import stat
import struct
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from hilum.errors import StoreError
from hilum.formats.archive import DEFAULT, Limits, Unpacked, unpack
from hilum.messages import LANGUAGES, text
from hilum.model.record import SourceProblem

SMALL = Limits(members=5, total=100_000, member=60_000, ratio=50, ratio_from=20_000)


def _tar(members: Iterable[tuple[tarfile.TarInfo | str, bytes]], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as pack:  # type: ignore[call-overload]  # the mode is a literal there
        for name, content in members:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = len(content) if info.isreg() else 0
            pack.addfile(info, io.BytesIO(content))
    return out.getvalue()


def _zip(members: Iterable[tuple[zipfile.ZipInfo | str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in members:
            pack.writestr(name, content)
    return out.getvalue()


def _open(tmp_path: Path, name: str, content: bytes, limits: Limits = DEFAULT) -> tuple[dict[str, bytes], list[str]]:
    """What came out, by label, and the reasons of the problems."""
    path = tmp_path / name
    path.write_bytes(content)
    return _sorted_out(unpack(path, tmp_path / "work", limits))


def _sorted_out(pieces: Iterable[Unpacked | SourceProblem]) -> tuple[dict[str, bytes], list[str]]:
    found: dict[str, bytes] = {}
    problems: list[str] = []
    for piece in pieces:
        if isinstance(piece, Unpacked):
            found[piece.place] = content = piece.path.read_bytes()
            assert piece.size == len(content)
            assert piece.digest == hashlib.sha256(content).hexdigest()
        else:
            problems.append(piece.reason)
            for language in LANGUAGES:
                assert "⟨" not in text(f"problem.{piece.reason}", language, **piece.values)
    return found, problems


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz", "w:bz2"])
def test_every_kind_of_tar_gives_its_files_and_not_its_folders(tmp_path: Path, mode: str) -> None:
    folder = tarfile.TarInfo("a")
    folder.type = tarfile.DIRTYPE
    content = _tar([(folder, b""), ("a/one.txt", b"1"), ("./two.txt", b"22")], mode)
    assert _open(tmp_path, "given", content) == ({"a/one.txt": b"1", "two.txt": b"22"}, [])


def test_a_zip_gives_its_files(tmp_path: Path) -> None:
    assert _open(tmp_path, "given.zip", _zip([("a/one.csv", b"1"), ("two.csv", b"")])) == (
        {"a/one.csv": b"1", "two.csv": b""},
        [],
    )


@pytest.mark.parametrize(("ending", "pack"), [("gz", gzip.compress), ("xz", lzma.compress), ("bz2", bz2.compress)])
def test_a_compressed_single_file_loses_its_ending(tmp_path: Path, ending: str, pack: type) -> None:
    assert _open(tmp_path, f"table.csv.{ending}", pack(b"a,b\n") + pack(b"1,2\n")) == (
        {"table.csv": b"a,b\n1,2\n"},
        [],
    )


def test_a_plain_file_is_read_where_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"a,b\n")
    (piece,) = unpack(path, tmp_path / "work")
    assert isinstance(piece, Unpacked)
    assert (piece.path, piece.place) == (path, "table.csv")


def test_a_folder_gives_its_files_and_opens_its_archives_in_the_order_of_names(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (folder / "b.csv").write_bytes(b"b")
    (folder / "a.tar").write_bytes(_tar([("x.txt", b"x")]))
    (folder / "sub" / "c.csv").write_bytes(b"c")
    places = [piece.place for piece in unpack(folder, tmp_path / "work") if isinstance(piece, Unpacked)]
    assert places == ["a.tar/x.txt", "b.csv", "sub/c.csv"]


def test_a_link_and_a_pipe_in_a_folder_are_problems(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "ok.csv").write_bytes(b"1")
    (folder / "link.csv").symlink_to("/etc/passwd")
    (folder / "folder").symlink_to("/etc")
    os.mkfifo(folder / "pipe.csv")
    found, problems = _sorted_out(unpack(folder, tmp_path / "work"))
    assert found == {"ok.csv": b"1"}
    assert sorted(problems) == ["archive_link", "archive_link", "archive_special"]


@pytest.mark.parametrize(
    "name", ["../out.txt", "a/../../out.txt", "/etc/out.txt", "..\\out.txt", "C:\\out.txt", "C:/x"]
)
def test_a_name_that_leads_outside_is_refused_and_the_rest_goes_on(tmp_path: Path, name: str) -> None:
    for kind, content in (("t", _tar([(name, b"x"), ("ok.txt", b"1")])), ("z", _zip([(name, b"x"), ("ok.txt", b"1")]))):
        assert _open(tmp_path, kind, content) == ({"ok.txt": b"1"}, ["archive_outside"])
    assert not list(tmp_path.parent.glob("out.txt"))


def test_nothing_is_written_under_a_name_the_archive_chose(tmp_path: Path) -> None:
    _open(tmp_path, "given.tar", _tar([("a/b/evil.sh", b"x"), ("table.xlsx", b"y")]))
    assert sorted(path.name for path in (tmp_path / "work").rglob("*")) == ["000001.bin", "000002.xlsx"]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (tarfile.SYMTYPE, "archive_link"),
        (tarfile.LNKTYPE, "archive_link"),
        (tarfile.CHRTYPE, "archive_special"),
        (tarfile.BLKTYPE, "archive_special"),
        (tarfile.FIFOTYPE, "archive_special"),
    ],
)
def test_links_and_devices_in_a_tar_are_refused(tmp_path: Path, kind: bytes, reason: str) -> None:
    entry = tarfile.TarInfo("entry")
    entry.type, entry.linkname = kind, "/etc/passwd"
    assert _open(tmp_path, "given.tar", _tar([(entry, b""), ("ok.txt", b"1")])) == ({"ok.txt": b"1"}, [reason])


@pytest.mark.parametrize(("mode", "reason"), [(stat.S_IFLNK, "archive_link"), (stat.S_IFCHR, "archive_special")])
def test_links_and_devices_in_a_zip_are_refused(tmp_path: Path, mode: int, reason: str) -> None:
    entry = zipfile.ZipInfo("entry")
    entry.external_attr = (mode | 0o644) << 16
    assert _open(tmp_path, "given.zip", _zip([(entry, b"/etc/passwd"), ("ok", b"1")])) == ({"ok": b"1"}, [reason])


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_members_with_one_name_the_first_is_read(tmp_path: Path) -> None:
    twice = [("a.txt", b"first"), ("a.txt", b"second")]
    for content in (_tar(twice), _zip(twice)):
        assert _open(tmp_path, "given", content) == ({"a.txt": b"first"}, ["archive_double_member"])


def test_an_archive_in_an_archive_is_refused(tmp_path: Path) -> None:
    inner = _tar([("x.txt", b"x")])
    for nested in (inner, gzip.compress(b"x"), lzma.compress(b"x"), bz2.compress(b"x"), _zip([("x", b"x")])):
        content = _tar([("inner", nested), ("ok.txt", b"1")], "w:gz")
        assert _open(tmp_path, "given.tar.gz", content) == ({"ok.txt": b"1"}, ["archive_nested"])
    assert _open(tmp_path, "twice.gz", gzip.compress(gzip.compress(b"x"))) == ({}, ["archive_nested"])


def test_a_workbook_is_a_file_and_no_archive(tmp_path: Path) -> None:
    book = _zip([("[Content_Types].xml", b"<x/>"), ("xl/workbook.xml", b"<x/>")])
    assert _open(tmp_path, "book.xlsx", book) == ({"book.xlsx": book}, [])
    assert _open(tmp_path, "renamed.dat", book) == ({"renamed.dat": book}, [])
    assert _open(tmp_path, "given.zip", _zip([("book.xlsx", book)])) == ({"book.xlsx": book}, [])


def test_more_members_than_allowed_ends_the_reading(tmp_path: Path) -> None:
    many = [(f"{number}.txt", b"x") for number in range(9)]
    for content in (_tar(many), _zip(many)):
        found, problems = _open(tmp_path, "given", content, SMALL)
        assert (len(found), problems) == (5, ["archive_too_many"])


@pytest.mark.parametrize("mode", ["w", "w:xz"])
def test_a_member_beyond_the_size_limit_ends_the_reading(tmp_path: Path, mode: str) -> None:
    content = _tar([("ok.txt", b"1"), ("big.txt", os.urandom(70_000))], mode)
    assert _open(tmp_path, "given", content, SMALL) == ({"ok.txt": b"1"}, ["archive_too_large"])


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress])
def test_a_decompression_bomb_is_stopped(tmp_path: Path, pack: type) -> None:
    found, problems = _open(tmp_path, "bomb", pack(b"\0" * 5_000_000), SMALL)
    assert (found, len(problems)) == ({}, 1)
    assert problems[0] in ("archive_bomb", "archive_too_large")
    assert list((tmp_path / "work").iterdir()) == []


def test_a_zip_bomb_is_stopped_and_what_came_before_counts(tmp_path: Path) -> None:
    content = _zip([("ok.txt", b"1"), ("zeros.txt", b"\0" * 50_000), ("more.txt", b"\0" * 50_000)])
    assert _open(tmp_path, "bomb.zip", content, SMALL) == ({"ok.txt": b"1"}, ["archive_bomb"])


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz", "w:bz2"])
def test_a_truncated_archive_is_a_problem_and_what_came_before_counts(tmp_path: Path, mode: str) -> None:
    content = _tar([("first.txt", b"1" * 600), ("second.txt", os.urandom(1_200_000))], mode)
    found, problems = _open(tmp_path, "given", content[: len(content) * 2 // 3])
    assert problems == ["archive_truncated"]
    assert found in ({"first.txt": b"1" * 600}, {})  # bzip2 packs both members into one block
    assert mode == "w:bz2" or found


def test_a_tar_cut_between_two_members_is_truncated(tmp_path: Path) -> None:
    content = _tar([("first.txt", b"1" * 512), ("second.txt", b"2" * 512)])
    assert _open(tmp_path, "given", content[:1024]) == ({"first.txt": b"1" * 512}, ["archive_truncated"])


def test_a_truncated_zip_has_no_directory_and_says_so(tmp_path: Path) -> None:
    content = _zip([("a.txt", os.urandom(5000)), ("b.txt", os.urandom(5000))])
    assert _open(tmp_path, "given.zip", content[:-200]) == ({}, ["archive_truncated"])


def test_a_damaged_member_of_a_zip_is_refused_alone(tmp_path: Path) -> None:
    content = bytearray(_zip([("a.txt", os.urandom(5000)), ("b.txt", b"fine")]))
    content[2000] ^= 0xFF
    assert _open(tmp_path, "given.zip", bytes(content)) == ({"b.txt": b"fine"}, ["archive_member_damaged"])


def test_damage_in_the_middle_of_a_tar_is_told(tmp_path: Path) -> None:
    content = bytearray(_tar([("first.txt", b"1" * 512), ("second.txt", b"2" * 512)]))
    content[1024:1100] = b"\xff" * 76
    assert _open(tmp_path, "given", bytes(content)) == ({"first.txt": b"1" * 512}, ["archive_damaged"])


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    content = bytearray(_zip([("secret.txt", b"x")]))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    assert _open(tmp_path, "given.zip", bytes(content)) == ({}, ["archive_encrypted"])


def test_names_in_gbk_are_read(tmp_path: Path) -> None:
    content = _zip([("XXXX.csv", b"1")]).replace(b"XXXX", "样本".encode("gbk"))
    assert _open(tmp_path, "given.zip", content) == ({"样本.csv": b"1"}, [])
    entry = tarfile.TarInfo("样本.csv")
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT, encoding="gbk") as pack:
        entry.size = 1
        pack.addfile(entry, io.BytesIO(b"1"))
    assert _open(tmp_path, "given.tar", out.getvalue()) == ({"样本.csv": b"1"}, [])


def test_control_characters_in_a_name_are_made_visible(tmp_path: Path) -> None:
    assert _open(tmp_path, "given.tar", _tar([("a\x1b[31m.csv", b"1")])) == ({"a\ufffd[31m.csv": b"1"}, [])


def test_a_header_that_claims_gigabytes_gets_none(tmp_path: Path) -> None:
    entry = tarfile.TarInfo("pax")
    entry.type, entry.size = tarfile.XHDTYPE, 3 << 30
    content = entry.tobuf(tarfile.USTAR_FORMAT) + b"\0" * 4096
    assert _open(tmp_path, "given.tar", content) == ({}, ["archive_header_too_large"])
    directory = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 200 << 20, 0, 0)
    with (tmp_path / "sparse.zip").open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(200 << 20)
        file.seek(0, os.SEEK_END)
        file.write(directory)
    assert _sorted_out(unpack(tmp_path / "sparse.zip", tmp_path / "work")) == ({}, ["archive_header_too_large"])


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    assert _sorted_out(unpack(tmp_path / "absent.csv", tmp_path / "work")) == ({}, ["file_unreadable"])


def test_a_working_folder_that_cannot_be_written_is_an_error_and_no_fault_of_the_archive(tmp_path: Path) -> None:
    (tmp_path / "given.tar").write_bytes(_tar([("a.txt", b"x")]))
    (tmp_path / "work" / "000001.txt").mkdir(parents=True)
    with pytest.raises(StoreError, match="cannot be written"):
        list(unpack(tmp_path / "given.tar", tmp_path / "work"))
