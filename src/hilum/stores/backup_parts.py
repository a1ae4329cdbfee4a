"""The parts of a backup: how they go into a folder or an archive, and how they are read back with suspicion."""

import gzip
import hashlib
import io
import os
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec

from hilum.errors import StoreError

MANIFEST = "manifest.json"
BROKEN = (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile)
"""What reading an archive that is cut short, or none at all, raises."""

_BLOCK = 1 << 20
_LARGEST_MANIFEST = 256 << 20
_ALLOWED = re.compile(
    r"manifest\.json|bank\.db|hilum\.toml|vault/(people|inbox)\.db|vault/key|(vault/originals|rules)/.+"
)

Progress = Callable[[str, int, int], None]
"""Told (part, bytes done, its size) after every block."""


def quiet(part: str, done: int, size: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a backup."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. ``bank`` is ``sqlite``, or ``postgresql`` when the database itself is in a ``pg_dump``."""

    format: int
    schema: int
    bank: str
    at: str
    files: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a backup being read; ``content`` is good until the next part."""

    name: str
    size: int
    content: BinaryIO

    def copy(self, target: Path | None, progress: Progress) -> Entry:
        """Read it through, into ``target`` if there is one; answers what it was."""
        if target is None:
            return _stream(self.name, self.size, self.content, None, progress)
        with target.open("xb") as out:
            entry = _stream(self.name, self.size, self.content, out, progress)
            out.flush()
            os.fsync(out.fileno())
        return entry


def private_place(home: Path, name: str) -> Path:
    """Where ``name`` goes below ``home``; the folders on the way are made for the owner only."""
    folder = home
    for piece in name.split("/")[:-1]:
        folder = folder / piece
        folder.mkdir(exist_ok=True, mode=0o700)
    return home / name


class Sink(Protocol):
    """Where a backup is written."""

    def put(self, name: str, file: Path, progress: Progress) -> Entry: ...
    def finish(self, manifest: Manifest) -> None: ...
    def close(self) -> None: ...


class FolderSink:
    """A backup as a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700)

    def put(self, name: str, file: Path, progress: Progress) -> Entry:
        target = private_place(self._folder, name)
        with file.open("rb") as content:
            return Part(name, file.stat().st_size, content).copy(target, progress)

    def finish(self, manifest: Manifest) -> None:
        content = msgspec.json.encode(manifest)
        Part(MANIFEST, len(content), io.BytesIO(content)).copy(self._folder / MANIFEST, quiet)

    def close(self) -> None:
        """Nothing is open."""


class TarSink:
    """A backup as one compressed archive, written straight through."""

    def __init__(self, file: Path) -> None:
        self._out = os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")
        self._packed = gzip.GzipFile(fileobj=self._out, mode="wb", filename="", compresslevel=6)
        self._tar = tarfile.open(fileobj=self._packed, mode="w|")  # noqa: SIM115 - closed by finish

    def put(self, name: str, file: Path, progress: Progress) -> Entry:
        with file.open("rb") as content:
            size = os.fstat(content.fileno()).st_size
            watched = _Watched(name, size, content, progress)
            self._tar.addfile(_header(name, size), watched)
        return Entry(name, size, watched.digest.hexdigest())

    def finish(self, manifest: Manifest) -> None:
        content = msgspec.json.encode(manifest)
        self._tar.addfile(_header(MANIFEST, len(content)), io.BytesIO(content))
        self._tar.close()
        self._packed.close()
        self._out.flush()
        os.fsync(self._out.fileno())

    def close(self) -> None:
        self._out.close()


class _Watched(io.RawIOBase):
    """A file that hashes itself while the archive reads it."""

    def __init__(self, name: str, size: int, content: BinaryIO, progress: Progress) -> None:
        super().__init__()
        self.digest = hashlib.sha256()
        self._name, self._size, self._content, self._progress, self._done = name, size, content, progress, 0

    def read(self, size: int = -1) -> bytes:
        block = self._content.read(size)
        self.digest.update(block)
        self._done += len(block)
        self._progress(self._name, self._done, self._size)
        return block


def manifest_from(content: bytes) -> Manifest:
    """Raises :class:`StoreError` for anything that is no manifest this Hilum knows."""
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except msgspec.DecodeError as broken:
        raise StoreError("backup_damaged", place=MANIFEST, count=1, first=MANIFEST) from broken
    if manifest.format != 1:
        raise StoreError("backup_newer", found=manifest.format, known=1)
    return manifest


def parts_of(path: Path) -> Iterator[Part]:
    """Every file of a backup, one after another. Raises :class:`StoreError` for what no backup of ours can hold."""
    seen: set[str] = set()
    for part in _folder_parts(path) if path.is_dir() else _tar_parts(path):
        if part.name in seen or not _is_safe(part.name):
            raise StoreError("backup_unsafe", place=str(path), name=part.name[:200])
        if part.name == MANIFEST and part.size > _LARGEST_MANIFEST:
            raise StoreError("backup_unsafe", place=str(path), name=part.name)
        seen.add(part.name)
        yield part


def _is_safe(name: str) -> bool:
    """Whether ``name`` is one a backup of ours has: nothing above, beside or outside the home."""
    pieces = name.split("/")
    plain = not any(piece in ("", ".", "..") for piece in pieces) and "\\" not in name and "\0" not in name
    return plain and _ALLOWED.fullmatch(name) is not None


def _folder_parts(folder: Path) -> Iterator[Part]:
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if file.is_symlink() or not (file.is_file() or file.is_dir()):
            raise StoreError("backup_unsafe", place=str(folder), name=name)
        if file.is_file():
            with file.open("rb") as content:
                yield Part(name, file.stat().st_size, content)


def _tar_parts(file: Path) -> Iterator[Part]:
    with tarfile.open(file, mode="r|gz") as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isreg() else None
            if content is None:
                raise StoreError("backup_unsafe", place=str(file), name=member.name[:200])
            yield Part(member.name, member.size, content)  # type: ignore[arg-type]  # IO[bytes] is one


def _stream(name: str, size: int, content: BinaryIO, out: BinaryIO | None, progress: Progress) -> Entry:
    digest, done = hashlib.sha256(), 0
    while block := content.read(_BLOCK):
        digest.update(block)
        done += len(block)
        if out is not None:
            out.write(block)
        progress(name, done, size)
    return Entry(name, done, digest.hexdigest())


def _header(name: str, size: int) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size, header.mode = size, 0o600
    return header
