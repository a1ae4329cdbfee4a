"""Whatever bytes come in, opening and reading them ends in files and problems, never in another exception."""

import bz2
import gzip
import io
import lzma
import tarfile
import tempfile
import zipfile
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from hilum.formats.archive import Limits, Unpacked, unpack
from hilum.formats.decoding import detect, lines
from hilum.formats.member import Member
from hilum.formats.reading import items, members
from hilum.messages import catalogue
from hilum.model.record import Record, SourceProblem
from tests.fuzz.depth import look

LIMITS = Limits(members=50, total=5_000_000, member=2_000_000, ratio=50, ratio_from=1_000_000)
BIOTAB = (
    "bcr_patient_uuid\tbcr_sample_barcode\tbcr_portion_barcode\tbcr_portion_uuid\tdate_of_creation\tis_ffpe\tweight\n"
    "\t\t\t\t\tCDE_ID:1\t\n"
    "U\tTCGA-ZZ-0001-01A\tTCGA-ZZ-0001-01A-11\tU2\t2012-02-30\tNO\t30.00\n"
    "U\tTCGA-ZZ-0001-01A\tTCGA-ZZ-0001-01A-12\tU3\t2012-02-03\tmaybe\t[Not Available]\n"
)
MATRIX = "Gene\tTCGA-ZZ-0001-01A-11R-A000-13\tTCGA-ZZ-0002-01A-11R-A000-13\nmir-1\t1\tNA\nmir-2\t-2\t3.5\n"


def _seeds() -> list[bytes]:
    """Sound archives to be mutated."""
    parts = {
        "x_biospecimen_portion_zz.txt": BIOTAB.encode(),
        "m.txt": MATRIX.encode(),
        "样.csv": "编号,值\n1,2\n".encode("gbk"),
    }
    plain, packed = io.BytesIO(), io.BytesIO()
    with (
        tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as tar,
        zipfile.ZipFile(packed, "w") as zipped,
    ):
        for name, content in parts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
            zipped.writestr(name, content, zipfile.ZIP_DEFLATED)
    tarred = plain.getvalue()
    return [tarred, packed.getvalue(), *(pack(tarred) for pack in (gzip.compress, lzma.compress, bz2.compress))]


SEEDS = _seeds()


@st.composite
def _mutated(draw: st.DrawFn) -> bytes:
    content = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 8))):
        at = draw(st.integers(0, len(content) - 1))
        what = draw(st.sampled_from(["flip", "zero", "ones", "cut", "double", "insert"]))
        if what == "flip":
            content[at] ^= draw(st.integers(1, 255))
        elif what == "cut":
            del content[at : at + draw(st.integers(1, 600))]
            content = content or bytearray(b"\0")
        elif what == "double":
            content[at:at] = content[at : at + 512]
        elif what == "insert":
            content[at:at] = draw(st.binary(max_size=40))
        else:
            content[at : at + 12] = (b"\0" if what == "zero" else b"\xff") * len(content[at : at + 12])
    return bytes(content)


def _read_all(content: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        for member in members(path, Path(folder) / "work", LIMITS):
            if isinstance(member, SourceProblem):
                assert f"problem.{member.reason}" in catalogue()
                continue
            assert isinstance(member, Member)
            for item in items(member, "S"):
                assert isinstance(item, Record) or f"problem.{item.reason}" in catalogue()


@look(300)
@given(_mutated())
def test_a_mutated_archive_gives_files_and_problems_only(content: bytes) -> None:
    _read_all(content, "given.bin")


@given(st.binary(max_size=2000))
@example(b"PK\x03\x04")
@example(b"\x1f\x8b\x08")
@example(b"BZh91AY&SY")
@example(b"\xfd7zXZ\x00")
def test_random_bytes_give_files_and_problems_only(content: bytes) -> None:
    _read_all(content, "given.csv")


@given(
    st.lists(st.sampled_from([*BIOTAB, *MATRIX, "\r", "\0", "|", "é", "样", "[", "\ufeff"]), max_size=200).map("".join)
)
def test_scrambled_text_under_a_biotab_header_is_read_or_told(body: str) -> None:
    first = BIOTAB.split("\n", 1)[0]
    _read_all(f"{first}\n{body}".encode(), "nationwidechildrens.org_biospecimen_portion_zz.txt")
    _read_all(f"{MATRIX}{body}".encode(), "ZZ.miRseq.txt")


@given(st.binary(max_size=3000), st.integers(1, 50))
def test_every_line_is_bounded_and_none_is_lost(content: bytes, longest: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "given"
        path.write_bytes(content)
        encoding = detect(path)
        whole = content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        expected = [line if len(line) <= longest else None for line in (whole if whole[-1] else whole[:-1])]
        assert [line for _, line in lines(path, encoding, longest)] == expected


@given(st.binary(max_size=600))
def test_opening_never_writes_outside_the_working_folder(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "given"
        path.write_bytes(content)
        for piece in unpack(path, Path(folder) / "work", LIMITS):
            assert not isinstance(piece, Unpacked) or piece.path == path or piece.path.parent == Path(folder) / "work"
        assert {entry.name for entry in Path(folder).iterdir()} <= {"given", "work"}
