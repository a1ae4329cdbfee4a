"""Create and open a bank by its settings: SQLite by default, PostgreSQL by URL."""

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Engine, QueuePool, create_engine, make_url, select
from sqlalchemy.exc import ArgumentError

from hilum.errors import ConflictError, StoreError
from hilum.settings import Settings
from hilum.stores.bank import Bank, translated
from hilum.stores.tables import ADDED_IN, META, METADATA, SCHEMA_VERSION, guards

PATIENCE_MS = 15_000
"""How long a writer waits for another one to finish."""

_VERSION = "schema_version"
_PRAGMAS = (
    "PRAGMA page_size = 8192",  # of a new file; random ids touch fewer pages: measured 8 % less CPU in intake
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA secure_delete = OFF",  # nothing personal here to wipe; the vault wipes
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -65536",
    "PRAGMA wal_autocheckpoint = 8000",
)


def create_bank(settings: Settings, patience_ms: int = PATIENCE_MS) -> Bank:
    """Make an empty bank and open it; one that was left half made is finished.

    Raises :class:`ConflictError` where there is a bank already, :class:`StoreError` when the place cannot be used.
    """
    url = _url(settings)
    if url.get_backend_name() == "sqlite":
        _make_file(_file(settings, url))
    bank = _bank(settings, url, patience_ms)
    with translated(bank.place), bank.engine.connect() as connection, connection.begin():
        if url.get_backend_name() == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        if connection.dialect.has_table(connection, META.name):
            raise ConflictError("bank_exists", place=bank.place)
        METADATA.create_all(connection, checkfirst=False)
        for statement in guards(connection.dialect.name):
            connection.exec_driver_sql(statement.replace("%", "%%"))
        connection.execute(META.insert(), {"name": _VERSION, "value": str(SCHEMA_VERSION)})
    return bank


def open_bank(settings: Settings, patience_ms: int = PATIENCE_MS) -> Bank:
    """Open the bank. One of an older version is upgraded first.

    Raises :class:`StoreError` when it is missing, newer than this Hilum, damaged or unreachable.
    """
    url = _url(settings)
    if url.get_backend_name() == "sqlite" and not _file(settings, url).is_file():
        raise StoreError("store_missing", place=str(_file(settings, url)))
    bank = _bank(settings, url, patience_ms)
    try:
        _check_version(bank)
    except BaseException:
        bank.close()
        raise
    return bank


def schema_version(bank: Bank) -> int | None:
    """The version the store says it has; ``None`` when it says nothing. Raises :class:`StoreError`."""
    with bank.read() as unit:
        said = unit.connection.execute(select(META.c.value).where(META.c.name == _VERSION)).scalar_one_or_none()
    return int(said) if said is not None and said.isdecimal() else None


def sqlite_file(settings: Settings) -> Path | None:
    """The bank's file when it is SQLite, else ``None``."""
    url = _url(settings)
    return _file(settings, url) if url.get_backend_name() == "sqlite" else None


def _check_version(bank: Bank) -> None:
    found = schema_version(bank)
    if found is None:
        raise StoreError("store_incomplete", place=bank.place)
    if found > SCHEMA_VERSION:
        raise StoreError("store_newer", place=bank.place, found=found, known=SCHEMA_VERSION)
    if found < min(ADDED_IN) - 1:
        raise StoreError("store_older", place=bank.place, found=found, known=SCHEMA_VERSION)
    if found < SCHEMA_VERSION:
        _upgrade(bank)


def _upgrade(bank: Bank) -> None:
    """Add the tables that newer versions brought and look facts up by what they do, all in one transaction; records
    and events are not touched.

    Another program may have done it between the look and the turn: what is said under the lock counts.
    """
    with bank.begin() as unit:
        connection = unit.connection
        said = select(META.c.value).where(META.c.name == _VERSION)
        found = int(connection.execute(said).scalar_one())
        for version in range(found + 1, SCHEMA_VERSION + 1):
            METADATA.create_all(connection, tables=ADDED_IN[version], checkfirst=False)
        if found < SCHEMA_VERSION:
            unit.rebuild_facts()
        moved = META.update().where(META.c.name == _VERSION).values(value=str(max(found, SCHEMA_VERSION)))
        connection.execute(moved)


def _url(settings: Settings) -> URL:
    if not settings.database:
        return URL.create("sqlite", database="bank.db")
    return database_url(settings.database)


def database_url(written: str) -> URL:
    """A database's address as this program connects to it. Raises :class:`StoreError` for one it cannot use."""
    try:
        url = make_url(written)
    except ArgumentError as wrong:
        raise StoreError("store_url", known="sqlite:///…, postgresql://…") from wrong
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+pg8000")
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        raise StoreError("store_url", known="sqlite:///…, postgresql://…")
    return url


def _file(settings: Settings, url: URL) -> Path:
    return settings.home / str(url.database)


def _make_file(file: Path) -> None:
    """An empty file only its owner can read. The folder is made if need be."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as wrong:
        raise StoreError("store_place", place=str(file), why=wrong.strerror or type(wrong).__name__) from wrong


def _bank(settings: Settings, url: URL, patience_ms: int) -> Bank:
    if url.get_backend_name() == "sqlite":
        file = _file(settings, url)
        return Bank(_sqlite_engine(file, patience_ms), str(file), patience_ms)
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args={"timeout": 30})
    return Bank(engine, url.render_as_string(hide_password=True), patience_ms)


def _sqlite_engine(file: Path, patience_ms: int) -> Engine:
    def connect() -> sqlite3.Connection:
        # mode=rw: a missing bank is an error, never a new empty one; no implicit transactions: Bank begins them
        connection = sqlite3.connect(
            f"file:{quote(str(file.absolute()))}?mode=rw",
            uri=True,
            timeout=patience_ms / 1000,
            isolation_level=None,
            check_same_thread=False,
        )
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        return connection

    return create_engine("sqlite+pysqlite://", creator=connect, poolclass=QueuePool, hide_parameters=True)
