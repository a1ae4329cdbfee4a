"""Opening what a user hands in: a file, a folder, a compressed file, a tar or a zip, treated as hostile.

Nothing is ever written under a name an archive chose: members go into the working folder under numbers, and their own
names stay labels. Sizes are counted while bytes are made, never believed from a header. What cannot be used is told.
"""

import hashlib
import itertools
import lzma
import os
import stat
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from hilum.errors import StoreError
from hilum.formats.inflating import CHUNK, CutError, Guarded, LimitError, inflate, kind_of
from hilum.model.record import Locator, SourceProblem

_LONGEST_NAME = 1000
_WORKBOOKS = (".xlsx", ".xlsm")
_ENDINGS = (".csv", ".tsv", ".txt", *_WORKBOOKS)
_DAMAGE = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, NotImplementedError),
    *(ValueError, OverflowError, RuntimeError, LookupError, AttributeError, TypeError, MemoryError),
)
"""What the standard library raises on bytes that are not what they say they are (found by fuzzing)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive may hold: members, bytes in all, bytes in one member, and times its packed size.

    The ratio counts only beyond ``ratio_from`` bytes, since a short text of blanks packs very small. The TCGA archives
    unpack to about 10 times their size, a zip bomb to more than 1000 times.
    """

    members: int = 20_000
    total: int = 64 << 30
    member: int = 32 << 30
    ratio: int = 250
    ratio_from: int = 256 << 20


DEFAULT = Limits()


@dataclass(frozen=True, slots=True)
class Unpacked:
    """One file ready for reading: its label (the path inside what was given), where it lies, its size and SHA-256."""

    place: str
    path: Path
    size: int
    digest: str


Piece = Unpacked | SourceProblem


@dataclass(slots=True)
class _Opening:
    """One archive being opened: where members go, how many bytes were made, which labels were seen."""

    place: str
    prefix: str
    packed: int
    into: Path
    limits: Limits
    numbers: Iterator[int]
    written: int = 0
    count: int = 0
    last: str = ""
    seen: set[str] = field(default_factory=set)

    def new_path(self, label: str) -> Path:
        ending = Path(label).suffix.lower()
        return self.into / f"{next(self.numbers):06d}{ending if ending in _ENDINGS else '.bin'}"

    def fault(self, reason: str, limit: int = 0) -> SourceProblem:
        """What ended the opening: after which member, and the limit when one was crossed."""
        return problem(reason, self.place, fatal=True, after=self.last, limit=limit)


def problem(reason: str, place: str, fatal: bool = False, **values: str | int) -> SourceProblem:
    """A problem of a whole file. Its locator names no source yet: only the caller knows it."""
    return SourceProblem(reason, Locator("", place, 0), {"place": place, **values}, fatal)


def unpack(path: Path, into: Path, limits: Limits = DEFAULT) -> Iterator[Piece]:
    """Every file in ``path``, archives opened into the folder ``into`` (made if absent); problems in between.

    A folder's archives are opened; an archive in an archive is refused. Links, devices, names that lead outside,
    double names and encrypted members are refused one by one; a truncated or damaged archive, or one beyond a limit,
    ends there. Raises :class:`StoreError` when the working folder cannot be written.
    """
    try:
        into.mkdir(parents=True, exist_ok=True)
    except OSError as broken:
        raise _unwritable(into, broken) from broken
    numbers = itertools.count(1)
    if not path.is_dir():
        yield from _file(path, _Opening(readable(path.name), "", 0, into, limits, numbers))
        return
    for count, found in enumerate(_walk(path), start=1):
        place = readable(found.relative_to(path).as_posix())
        if count > limits.members:
            yield problem("archive_too_many", place, fatal=True, limit=limits.members, after="")
            return
        yield from _file(found, _Opening(place, f"{place}/", 0, into, limits, numbers))


def _walk(path: Path) -> Iterator[Path]:
    """Files and links below a folder, in the order of their names; links are not followed."""
    for folder, folders, names in os.walk(path):
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        folders.sort()
        yield from (Path(folder) / name for name in sorted(names + links))


def _file(path: Path, opening: _Opening) -> Iterator[Piece]:
    """One file of the disk: read where it lies when it is no archive."""
    try:
        mode = (path.lstat() if opening.prefix else path.stat()).st_mode
        if not stat.S_ISREG(mode):
            yield problem("archive_link" if stat.S_ISLNK(mode) else "archive_special", opening.place, name=path.name)
            return
        opening.packed = path.stat().st_size
        kind = _kind_of_file(path)
        if not kind:
            yield Unpacked(opening.place, path, *_measure(path))
            return
    except OSError as broken:
        why = broken.strerror or type(broken).__name__
        yield problem("file_unreadable", opening.place, fatal=True, why=why)
        return
    opener = {"zip": _zip, "tar": _tar}.get(kind)
    yield from opener(path, opening) if opener else _compressed(path, kind, opening)


def _kind_of_file(path: Path) -> str:
    """``zip``, ``tar``, ``gz``, ``xz``, ``bz2`` or nothing, by content; a workbook is no archive here."""
    with path.open("rb") as file:
        kind = kind_of(file.read(512))
    return "" if kind == "zip" and is_workbook(path) else kind


def is_workbook(path: Path) -> bool:
    """Whether a zip is an Excel workbook: by its ending or by what it holds."""
    if path.suffix.lower() in _WORKBOOKS:
        return True
    try:
        with _guarded(path) as file:
            if not file.peek(4).startswith(b"PK"):
                return False
            pack = zipfile.ZipFile(file)
            return "xl/workbook.xml" in pack.namelist()
    except (*_DAMAGE, LimitError):
        return False


def _guarded(path: Path) -> Guarded:
    return Guarded(path.open("rb", buffering=0))


def _measure(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
        return file.tell(), digest.hexdigest()


# --- writing members ----------------------------------------------------------------------------------------------


def _write(chunks: Iterable[bytes], path: Path, opening: _Opening, most: int) -> tuple[int, str]:
    """Put ``chunks`` into ``path`` under the limits, at most ``most`` bytes; answers size and SHA-256."""
    digest, size, limits = hashlib.sha256(), 0, opening.limits
    with _open(path) as file:
        for chunk in chunks:
            size += len(chunk)
            opening.written += len(chunk)
            digest.update(chunk)
            _put(file, chunk, path)
            if size > most or opening.written > limits.total:
                raise LimitError("archive_too_large", most if size > most else limits.total)
            if opening.written > max(limits.ratio_from, limits.ratio * opening.packed):
                raise LimitError("archive_bomb", limits.ratio)
    return size, digest.hexdigest()


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("wb")
    except OSError as broken:
        raise _unwritable(path.parent, broken) from broken


def _put(file: BinaryIO, chunk: bytes, path: Path) -> None:
    """Write now, so that a full disk shows here and is not taken for a fault of the archive being read."""
    try:
        file.write(chunk)
        file.flush()
    except OSError as broken:
        raise _unwritable(path.parent, broken) from broken


def _unwritable(folder: Path, broken: OSError) -> StoreError:
    return StoreError("workspace_unwritable", place=str(folder), why=broken.strerror or type(broken).__name__)


def _keep(name: str, refused: str, chunks: Callable[[], Iterable[bytes]], opening: _Opening) -> Iterator[Piece]:
    """One member: refused with a problem, or written out and handed on."""
    opening.count += 1
    if opening.count > opening.limits.members:
        raise LimitError("archive_too_many", opening.limits.members)
    label = readable(name)
    reason = refused or _refused_name(name) or ("archive_double_member" if label in opening.seen else "")
    opening.seen.add(label)
    if reason:
        yield problem(reason, opening.place, name=label)
        return
    path = opening.new_path(label)
    try:
        size, digest = _write(chunks(), path, opening, opening.limits.member)
        nested = bool(_kind_of_file(path))
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise
    opening.last = label
    if nested:
        path.unlink()
        yield problem("archive_nested", opening.place, name=label)
    else:
        yield Unpacked(opening.prefix + label, path, size, digest)


def _refused_name(name: str) -> str:
    """Why a member's name is not taken: it leads outside the archive, or is no name."""
    pieces = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in pieces or (len(pieces[0]) == 2 and pieces[0][1] == ":"):
        return "archive_outside"
    return "archive_bad_name" if not name.strip() or "\0" in name or len(name) > _LONGEST_NAME else ""


def readable(name: str) -> str:
    """``name`` as a label: bytes that were not UTF-8 read as GB18030, control characters made visible, not endless."""
    try:
        name.encode()
    except UnicodeEncodeError:
        name = name.encode("utf-8", "surrogateescape" if _is_escaped(name) else "replace").decode("gb18030", "replace")
    label = "".join("\ufffd" if unicodedata.category(letter) in ("Cc", "Cs") else letter for letter in name)
    return label.replace("\\", "/").removeprefix("./")[:_LONGEST_NAME]


def _is_escaped(name: str) -> bool:
    return all("\udc80" <= letter <= "\udcff" for letter in name if "\ud800" <= letter <= "\udfff")


# --- the three kinds ----------------------------------------------------------------------------------------------


def _compressed(path: Path, kind: str, opening: _Opening) -> Iterator[Piece]:
    """A compressed file: unpacked to one file first, which may turn out to be a tar."""
    inner = opening.place.rsplit("/", 1)[-1]
    inner = inner[: -len(kind) - 1] if inner.lower().endswith(f".{kind}") else inner
    whole = opening.new_path(inner)
    fault: SourceProblem | None = None
    try:
        with path.open("rb") as file:
            size, digest = _write(inflate(file, kind), whole, opening, opening.limits.total)
    except LimitError as crossed:
        fault = opening.fault(crossed.reason, crossed.limit)
    except CutError:
        fault = opening.fault("archive_truncated")
    except _DAMAGE:
        fault = opening.fault("archive_damaged")
    found = _kind_of_file(whole)
    if found == "tar":
        opening.written = 0
        yield from _tar(whole, opening, fault)
        whole.unlink()
        return
    if fault is None and size > opening.limits.member:
        fault = opening.fault("archive_too_large", opening.limits.member)
    if fault is None and not found:
        yield Unpacked(opening.prefix + inner, whole, size, digest)
        return
    whole.unlink()
    yield fault or problem("archive_nested", opening.place, name=inner)


def _tar(path: Path, opening: _Opening, fault: SourceProblem | None = None) -> Iterator[Piece]:
    """Members of an uncompressed tar; ``fault`` is what already went wrong while it was unpacked."""
    try:
        with _guarded(path) as file, tarfile.open(fileobj=file, mode="r:", errors="surrogateescape") as pack:
            while (entry := pack.next()) is not None:
                if entry.isdir():
                    continue
                chunks = _tar_chunks(pack, entry)
                yield from _keep(entry.name, _refused_entry(entry), lambda chunks=chunks: chunks, opening)  # type: ignore[misc]
            end = _tar_end(path, pack.offset)
        fault = fault or (opening.fault(end) if end else None)
    except LimitError as crossed:
        fault = opening.fault(crossed.reason, crossed.limit)
    except _DAMAGE as broken:
        cut = "end of data" in str(broken) or "truncated" in str(broken) or "empty" in str(broken)
        fault = fault or opening.fault("archive_truncated" if cut else "archive_damaged")
    if fault is not None:
        yield SourceProblem(fault.reason, fault.locator, {**fault.values, "after": opening.last}, fatal=True)


def _refused_entry(entry: tarfile.TarInfo) -> str:
    if entry.issym() or entry.islnk():
        return "archive_link"
    return "" if entry.isreg() and not entry.issparse() else "archive_special"


def _tar_chunks(pack: tarfile.TarFile, entry: tarfile.TarInfo) -> Iterator[bytes]:
    source = pack.extractfile(entry)
    if source is None:
        raise tarfile.ReadError("no data")
    while chunk := source.read(CHUNK):
        yield chunk


def _tar_end(path: Path, offset: int) -> str:
    """What stands where the members end: a zero block is right, nothing means cut off, the rest is damage."""
    with path.open("rb") as file:
        file.seek(offset)
        block = file.read(512)
    if len(block) < 512:
        return "archive_truncated"
    return "archive_damaged" if any(block) else ""


def _zip(path: Path, opening: _Opening) -> Iterator[Piece]:
    """Members of a zip; one that is damaged is refused alone, since the others stand by themselves."""
    try:
        with _guarded(path) as file, zipfile.ZipFile(file) as pack:
            for entry in pack.infolist():
                if not entry.is_dir():
                    yield from _zip_member(pack, entry, opening)
    except LimitError as crossed:
        yield opening.fault(crossed.reason, crossed.limit)
    except _DAMAGE:
        yield opening.fault("archive_damaged" if _has_directory(path) else "archive_truncated")


def _zip_member(pack: zipfile.ZipFile, entry: zipfile.ZipInfo, opening: _Opening) -> Iterator[Piece]:
    name = _zip_name(entry)
    refused = "archive_encrypted" if entry.flag_bits & 1 else _refused_mode(entry)
    try:
        yield from _keep(name, refused, lambda: _zip_chunks(pack, entry), opening)
    except _DAMAGE:
        yield problem("archive_member_damaged", opening.place, name=readable(name))


def _zip_chunks(pack: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with pack.open(entry) as source:
        while chunk := source.read(CHUNK):
            yield chunk


def _refused_mode(entry: zipfile.ZipInfo) -> str:
    """A zip made on Unix keeps the file mode: links and devices show there."""
    mode = entry.external_attr >> 16
    if stat.S_ISLNK(mode):
        return "archive_link"
    return "archive_special" if stat.S_IFMT(mode) not in (0, stat.S_IFREG) else ""


def _zip_name(entry: zipfile.ZipInfo) -> str:
    """The member's name; without the UTF-8 flag Chinese Windows writes GBK, which the library takes for CP 437."""
    if entry.flag_bits & 0x800 or entry.orig_filename.isascii():
        return entry.orig_filename
    try:
        raw = entry.orig_filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.orig_filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.orig_filename


def _has_directory(path: Path) -> bool:
    """Whether the end of a zip is there at all."""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - (1 << 16) - 22))
        return b"PK\x05\x06" in file.read()
