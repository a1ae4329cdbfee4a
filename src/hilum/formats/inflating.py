"""Decompression under limits: gzip, xz and bzip2 in pieces of bounded size, and a file that refuses greedy reads."""

import bz2
import io
import lzma
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Protocol

CHUNK = 1 << 20
_GREEDIEST_READ = 32 << 20
_XZ_MEMORY = 256 << 20
"""Bytes an xz stream may claim for its dictionary; ``xz -9`` needs 65 MiB."""

_MAGIC = ((b"\x1f\x8b", "gz"), (b"\xfd7zXZ\x00", "xz"), (b"BZh", "bz2"), (b"PK\x03\x04", "zip"), (b"PK\x05\x06", "zip"))
_TAR_MARK = slice(257, 262)
_CHECKSUM = slice(148, 156)


class LimitError(Exception):
    """An archive went beyond a limit; ``reason`` says which. Never leaves the archive modules."""

    def __init__(self, reason: str, limit: int) -> None:
        super().__init__(reason)
        self.reason, self.limit = reason, limit


class CutError(Exception):
    """Compressed bytes end before their stream does."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def needs_input(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int = ...) -> bytes: ...


class _Gzip:
    """zlib's decompressor with the interface of the other two."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


def kind_of(head: bytes) -> str:
    """``gz``, ``xz``, ``bz2``, ``zip`` or ``tar`` by the first 512 bytes; empty for anything else."""
    found = next((kind for magic, kind in _MAGIC if head.startswith(magic)), "")
    if found == "bz2" and not (head[3:4].isdigit() and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90")):
        return ""
    return found or ("tar" if len(head) == 512 and (head[_TAR_MARK] == b"ustar" or _is_old_tar(head)) else "")


def _is_old_tar(head: bytes) -> bool:
    """A tar header from before ``ustar`` is known by its checksum alone."""
    try:
        claimed = int(head[_CHECKSUM].strip(b" \0") or b"x", 8)
    except ValueError:
        return False
    return claimed == sum(head) - sum(head[_CHECKSUM]) + 8 * 32


def inflate(file: BinaryIO, kind: str) -> Iterator[bytes]:
    """The bytes packed in ``file``, at most 1 MiB at a time, through several streams one after another.

    Raises :class:`CutError` at a premature end and the codec's own error (``zlib.error``, ``lzma.LZMAError``,
    ``OSError``) for damage. Zero bytes or other padding after a whole stream is let be.
    """
    tool, data, whole = _new(kind), file.read(CHUNK), False
    while data or not tool.needs_input:
        piece = tool.decompress(data, CHUNK)
        data = b""
        if piece:
            yield piece
        if tool.eof:
            data, whole = (tool.unused_data or file.read(CHUNK)).lstrip(b"\0"), True
            if not data and not (data := file.read(CHUNK).lstrip(b"\0")):
                return
            if kind_of(data[:512].ljust(10, b"\0")) != kind:
                return
            tool, whole = _new(kind), False
        elif tool.needs_input:
            data = file.read(CHUNK)
    if not whole:
        raise CutError


def _new(kind: str) -> _Decompressor:
    if kind == "xz":
        return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
    return bz2.BZ2Decompressor() if kind == "bz2" else _Gzip()


class Guarded(io.BufferedReader):
    """A file that will not hand out more than 32 MiB in one read: headers that claim gigabytes get none."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _GREEDIEST_READ:
            raise LimitError("archive_header_too_large", _GREEDIEST_READ)
        return super().read(_GREEDIEST_READ if size is None or size < 0 else size)
