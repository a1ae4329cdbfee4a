"""The vault: personal data and original bytes, in a folder of their own that only the service account can read.

``key`` is the secret behind donor pseudonyms, ``people.db`` holds names and numbers, ``originals/ab/<sha256>`` the
files as received. Nothing here ever puts a personal value into a message.
"""

import hashlib
import os
import secrets
import sqlite3
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from hilum.errors import BadInputError, NotFoundError, StoreError
from hilum.model.record import Value
from hilum.settings import Settings

KEY_BYTES = 32
_BLOCK = 1 << 20
_CHUNK = 500
_SCHEMA = """
CREATE TABLE IF NOT EXISTS people (pseudonym TEXT PRIMARY KEY, identifier TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS personal (record TEXT PRIMARY KEY, fields TEXT NOT NULL) WITHOUT ROWID;
"""
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA wal_autocheckpoint = 8000",
)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Value]).decode


def open_vault(settings: Settings) -> "FolderVault":
    """The vault of a bank; its folder and files are made on first use."""
    return FolderVault(settings.vault_folder)


class FolderVault:
    """:class:`hilum.registry.ports.Vault` in a folder. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._key = b""

    def key(self) -> bytes:
        """Raises :class:`StoreError` when the key is damaged, or lost while people are known under it."""
        with self._lock, _translated(self.folder):
            if not self._key:
                self._key = self._read_key()
            return self._key

    def keep_original(self, path: str) -> tuple[str, int]:
        """Raises :class:`BadInputError` for a file that cannot be read, :class:`StoreError` when none can be kept."""
        with _translated(self.folder):
            arriving = self._made("originals", "arriving") / secrets.token_hex(8)
            try:
                digest, size = _copy(path, arriving)
                kept = self._made("originals", digest[:2]) / digest
                if not kept.exists():
                    os.rename(arriving, kept)
                    _settle(kept.parent)
                return digest, size
            finally:
                arriving.unlink(missing_ok=True)

    def original(self, digest: str) -> str:
        """Raises :class:`NotFoundError` for bytes that are not kept here."""
        if len(digest) == 64 and set(digest) <= set("0123456789abcdef"):
            kept = self.folder / "originals" / digest[:2] / digest
            if kept.is_file():
                return str(kept)
        raise NotFoundError("original_missing", digest=digest[:64])

    def put_people(self, people: Mapping[str, str]) -> None:
        self._put("INSERT OR REPLACE INTO people VALUES (?, ?)", list(people.items()))

    def people(self, pseudonyms: Collection[str]) -> dict[str, str]:
        return dict(self._select("SELECT pseudonym, identifier FROM people WHERE pseudonym", pseudonyms))

    def put_personal(self, values: Mapping[str, Mapping[str, Value]]) -> None:
        rows = [(record_id, _encode(fields).decode()) for record_id, fields in values.items()]
        self._put("INSERT OR REPLACE INTO personal VALUES (?, ?)", rows)

    def personal(self, record_ids: Collection[str]) -> dict[str, dict[str, Value]]:
        found = self._select("SELECT record, fields FROM personal WHERE record", record_ids)
        return {record_id: _decode(fields) for record_id, fields in found}

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _put(self, statement: str, rows: Sequence[tuple[str, str]]) -> None:
        if rows:
            with self._lock, _translated(self.folder), self._open() as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(statement, rows)

    def _select(self, statement: str, values: Collection[str]) -> list[tuple[str, str]]:
        wanted = list(values)
        found: list[tuple[str, str]] = []
        with self._lock, _translated(self.folder):
            for start in range(0, len(wanted), _CHUNK):
                part = wanted[start : start + _CHUNK]
                places = ", ".join("?" * len(part))
                found += self._open().execute(f"{statement} IN ({places})", part).fetchall()
        return found

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            file = self._made() / "people.db"
            os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
            connection = sqlite3.connect(file, timeout=15, isolation_level=None, check_same_thread=False)
            for pragma in _PRAGMAS:
                connection.execute(pragma)
            connection.executescript(_SCHEMA)
            self._connection = connection
        return self._connection

    def _read_key(self) -> bytes:
        file = self._made() / "key"
        if not file.exists():
            if self._open().execute("SELECT 1 FROM people LIMIT 1").fetchone():
                # a new key would give every known donor a second pseudonym
                raise StoreError("vault_key_lost", place=str(file))
            self._make_key(file)
        key = file.read_bytes()
        if len(key) != KEY_BYTES:
            raise StoreError("vault_key_damaged", place=str(file))
        return key

    def _make_key(self, file: Path) -> None:
        """Written aside, then linked into place: a second process or a power cut leaves one whole key or none."""
        draft = file.with_name(f"key.{secrets.token_hex(8)}")
        handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(secrets.token_bytes(KEY_BYTES))
                _flush(out)
            with suppress(FileExistsError):
                os.link(draft, file)
            _settle(file.parent)
        finally:
            draft.unlink()

    def _made(self, *names: str) -> Path:
        """A folder of the vault, made if need be, for the owner only."""
        folder = self.folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in names:
            folder = folder / name
            folder.mkdir(exist_ok=True, mode=0o700)
        return folder


def _copy(path: str, target: Path) -> tuple[str, int]:
    """Copy and hash in one reading, durably. Answers (SHA-256, size)."""
    source = _readable(path)
    digest, size = hashlib.sha256(), 0
    handle = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with source, os.fdopen(handle, "wb") as out:
        while block := source.read(_BLOCK):
            digest.update(block)
            out.write(block)
            size += len(block)
        _flush(out)
        os.fchmod(out.fileno(), 0o400)
    return digest.hexdigest(), size


def _readable(path: str) -> BinaryIO:
    if not os.path.isfile(path):
        raise BadInputError("original_unreadable", place=path, why="no regular file")
    try:
        return open(path, "rb")
    except OSError as wrong:
        raise BadInputError("original_unreadable", place=path, why=wrong.strerror or "") from wrong


def _flush(out: BinaryIO) -> None:
    out.flush()
    os.fsync(out.fileno())


def _settle(folder: Path) -> None:
    """Make a new name in ``folder`` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    """Driver and system complaints as :class:`StoreError`, by their kind only."""
    try:
        yield
    except sqlite3.Error as complaint:
        reason = "store_locked" if "locked" in str(complaint) else "vault_failed"
        raise StoreError(reason, place=str(folder), why=type(complaint).__name__) from None
    except OSError as complaint:
        raise StoreError("vault_failed", place=str(folder), why=complaint.strerror or "") from complaint
