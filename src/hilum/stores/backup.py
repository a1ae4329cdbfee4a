"""Backups of a bank in use: database, vault with its key and originals, settings and rule packs, each with its SHA-256.

A backup is one ``.tar.gz`` file or one folder. The bank is copied first and the vault after it: personal values and
originals are written before the bank commits, so whatever the copied bank speaks of is in the copied vault. A backup
holds the vault's key and personal data: keep it as safe as the bank itself.
"""

import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from hilum.errors import ConflictError, HilumError, StoreError
from hilum.settings import FILE_NAME, Settings
from hilum.stores.backup_parts import (
    BROKEN,
    MANIFEST,
    Entry,
    FolderSink,
    Manifest,
    Progress,
    Sink,
    TarSink,
    manifest_from,
    parts_of,
    private_place,
    quiet,
)
from hilum.stores.inbox_opening import inbox_file
from hilum.stores.opening import sqlite_file
from hilum.stores.tables import SCHEMA_VERSION

_PLACES = ("vault", "packs", "database")


def create(settings: Settings, to: Path, progress: Progress = quiet, at: str = "") -> Manifest:
    """Back up the bank while it is in use: into one file when ``to`` ends in ``.tar.gz`` or ``.tgz``, else a folder.

    ``at`` is the instant the manifest is to name. Of a PostgreSQL bank everything but the database is kept: run
    ``pg_dump`` first, then this; the manifest says so. Raises :class:`ConflictError` when ``to`` exists, and
    :class:`StoreError` when the bank is damaged or the copy cannot be written.
    """
    if to.exists():
        raise ConflictError("backup_exists", place=str(to))
    draft = to.with_name(f".{to.name}.{secrets.token_hex(4)}.part")
    scratch = draft.with_suffix(".scratch")
    with _translated(to):
        to.parent.mkdir(parents=True, exist_ok=True)
        try:
            scratch.mkdir(mode=0o700)
            sink: Sink = TarSink(draft) if to.name.endswith((".tar.gz", ".tgz")) else FolderSink(draft)
            with closing(sink):
                manifest = _fill(settings, sink, scratch, progress, at)
            os.rename(draft, to)
            return manifest
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
            _remove(draft)


def verify(path: Path, progress: Progress = quiet) -> Manifest:
    """Read a whole backup and compare every part with its manifest. Raises :class:`StoreError` naming what is wrong."""
    with _translated(path):
        found: dict[str, Entry] = {}
        manifest: Manifest | None = None
        for part in parts_of(path):
            if part.name == MANIFEST:
                manifest = manifest_from(part.content.read())
            else:
                found[part.name] = part.copy(None, progress)
        return _compared(path, manifest, found)


def restore(path: Path, into: Path, progress: Progress = quiet) -> Manifest:
    """Make the home ``into`` from a backup. Nothing appears there before every part was found true.

    Places outside the home that the settings named (``vault``, ``packs``, a SQLite ``database``) are commented out in
    the restored settings: everything is in the new home. Raises :class:`ConflictError` when ``into`` holds anything,
    :class:`StoreError` when the backup is damaged or names a path outside the home.
    """
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise ConflictError("restore_not_empty", place=str(into))
    draft = into.with_name(f".{into.name}.{secrets.token_hex(4)}.restoring")
    with _translated(path):
        into.parent.mkdir(parents=True, exist_ok=True)
        try:
            draft.mkdir(mode=0o700)
            manifest = _unpack(path, draft, progress)
            _check_databases(draft)
            _bring_home(draft / FILE_NAME, manifest.bank == "sqlite")
            if into.exists():
                into.rmdir()
            os.rename(draft, into)
            return manifest
        finally:
            _remove(draft)


def _fill(settings: Settings, sink: Sink, scratch: Path, progress: Progress, at: str) -> Manifest:
    entries: list[Entry] = []
    inbox = inbox_file(settings)
    if not settings.inbox and inbox.exists():
        # before the bank: what the inbox calls done is then in the bank, and what still waits is judged again
        entries.append(sink.put("vault/inbox.db", _snapshot(inbox, scratch / "inbox.db"), progress))
    bank = sqlite_file(settings)
    if bank is not None:
        entries.append(sink.put("bank.db", _snapshot(bank, scratch / "bank.db"), progress))
    people = settings.vault_folder / "people.db"
    if people.exists():
        entries.append(sink.put("vault/people.db", _snapshot(people, scratch / "people.db"), progress))
    for name, file in _plain_files(settings):
        entries.append(sink.put(name, file, progress))
    manifest = Manifest(
        format=1,
        schema=SCHEMA_VERSION,
        bank="postgresql" if bank is None else "sqlite",
        at=at,
        files=tuple(entries),
    )
    sink.finish(manifest)
    return manifest


def _plain_files(settings: Settings) -> Iterator[tuple[str, Path]]:
    """Name in the backup and place of every file that is copied as it is. Links are not followed."""
    vault = settings.vault_folder
    for name, file in ((FILE_NAME, settings.home / FILE_NAME), ("vault/key", vault / "key")):
        if file.is_file():
            yield name, file
    for name, folder in (("vault/originals", vault / "originals"), ("rules", settings.pack_folder)):
        for file in sorted(folder.rglob("*")):
            inside = file.relative_to(folder)
            if file.is_file() and not file.is_symlink() and inside.parts[0] != "arriving":
                yield f"{name}/{inside.as_posix()}", file


def _snapshot(database: Path, copy: Path) -> Path:
    """One consistent state of an SQLite file others may be writing to, checked before it is called a backup."""
    if not database.is_file():
        raise StoreError("store_missing", place=str(database))
    with closing(sqlite3.connect(database, timeout=15)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        _check_database(target, database)
    return copy


def _check_databases(home: Path) -> None:
    for file in (home / "bank.db", home / "vault" / "people.db", home / "vault" / "inbox.db"):
        if file.exists():
            with closing(sqlite3.connect(file)) as connection:
                _check_database(connection, file)


def _check_database(connection: sqlite3.Connection, place: Path) -> None:
    if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise StoreError("store_damaged", place=str(place))


def _unpack(path: Path, home: Path, progress: Progress) -> Manifest:
    found: dict[str, Entry] = {}
    manifest: Manifest | None = None
    for part in parts_of(path):
        if part.name == MANIFEST:
            manifest = manifest_from(part.content.read())
            continue
        if part.size > shutil.disk_usage(home).free:
            raise StoreError("store_full", place=str(home))
        target = private_place(home, part.name)
        found[part.name] = part.copy(target, progress)
        target.chmod(0o400 if part.name.startswith("vault/originals/") else 0o600)
    return _compared(path, manifest, found)


def _compared(path: Path, manifest: Manifest | None, found: dict[str, Entry]) -> Manifest:
    if manifest is None:
        raise StoreError("backup_truncated", place=str(path))
    promised = {entry.path: entry for entry in manifest.files}
    wrong = sorted(name for name in promised.keys() | found.keys() if promised.get(name) != found.get(name))
    if wrong:
        raise StoreError("backup_damaged", place=str(path), count=len(wrong), first=wrong[0])
    return manifest


def _bring_home(file: Path, lite: bool) -> None:
    """Comment out the places the settings named outside the home; a PostgreSQL address stays."""
    if not file.exists():
        return
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    top = next((number for number, line in enumerate(lines) if line.lstrip().startswith("[")), len(lines))
    names = _PLACES if lite else _PLACES[:-1]
    for number, line in enumerate(lines[:top]):
        if line.split("=")[0].strip().strip("\"'") in names:
            lines[number] = f"# restored into this home: {line}"
    file.write_text("".join(lines), encoding="utf-8")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def _translated(place: Path) -> Iterator[None]:
    try:
        yield
    except HilumError:
        raise
    except BROKEN as complaint:
        raise StoreError("backup_truncated", place=str(place)) from complaint
    except sqlite3.DatabaseError as complaint:
        raise StoreError("store_damaged", place=str(place), why=type(complaint).__name__) from complaint
    except OSError as complaint:
        raise StoreError("backup_failed", place=str(place), why=complaint.strerror or "") from complaint
