"""Where the inbox of a bank lies, and whose turn it is to work from it."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Engine, QueuePool, create_engine, text

from hilum.errors import StoreError
from hilum.settings import Settings
from hilum.stores.inbox import Inbox
from hilum.stores.opening import database_url

_PATIENCE_S = 15
_GATE_LOCK = 0x48494C474154
_PRAGMAS = (
    "PRAGMA page_size = 8192",
    "PRAGMA journal_mode = WAL",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA secure_delete = ON",
    "PRAGMA wal_autocheckpoint = 4000",
)


def inbox_file(settings: Settings) -> Path:
    """Where the inbox lies when it is SQLite."""
    return settings.vault_folder / "inbox.db"


def open_inbox(settings: Settings) -> Inbox:
    """The inbox of a bank, made on first use: a file in the vault, or the database named in ``inbox``.

    Raises :class:`StoreError` when it cannot be reached.
    """
    if settings.inbox:
        url = database_url(settings.inbox)
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args={"timeout": 30})
        inbox = Inbox(engine, url.render_as_string(hide_password=True))
        inbox.prepare()
        return inbox
    file = inbox_file(settings)
    _make(file)
    inbox = Inbox(_sqlite(file, "FULL"), str(file), _sqlite(file, "NORMAL"))
    with _first(file):
        inbox.prepare()
    return inbox


@contextmanager
def _first(file: Path) -> Iterator[None]:
    """One at a time: the doors and the gate start together, and SQLite does not wait for another process that makes the
    same new file a WAL database, but refuses."""
    handle = os.open(file.with_name("inbox.lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def leading(settings: Settings) -> Iterator[bool]:
    """Whether this process is the one that works from the inbox now; it stays so until the block ends or it dies."""
    if settings.inbox:
        url = database_url(settings.inbox)
        engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 30})
        try:
            with engine.connect() as connection:
                lock = {"lock": _GATE_LOCK}
                yield bool(connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), lock).scalar_one())
        finally:
            engine.dispose()
        return
    file = settings.vault_folder / "gate.lock"
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        yield _locked(handle)
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _make(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as wrong:
        raise StoreError("store_place", place=str(file), why=wrong.strerror or type(wrong).__name__) from wrong


def _sqlite(file: Path, synchronous: str) -> Engine:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{quote(str(file.absolute()))}?mode=rw",
            uri=True,
            timeout=_PATIENCE_S,
            isolation_level=None,
            check_same_thread=False,
        )
        for pragma in (*_PRAGMAS, f"PRAGMA synchronous = {synchronous}"):
            connection.execute(pragma)
        return connection

    return create_engine("sqlite+pysqlite://", creator=connect, poolclass=QueuePool, hide_parameters=True)
