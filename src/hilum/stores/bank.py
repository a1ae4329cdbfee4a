"""The bank: one writer at a time, units of work that commit whole or not at all.

SQLite runs in WAL mode with ``synchronous=FULL``: a commit that was acknowledged survives a power cut. PostgreSQL
writers take one advisory lock, so that the order of events is the order of commits there too.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from hilum.errors import StoreError
from hilum.stores.bank_accounts import AccountPart
from hilum.stores.bank_facts import FactPart
from hilum.stores.bank_figures import FigurePart
from hilum.stores.bank_notices import NoticePart
from hilum.stores.bank_process import ProcessPart
from hilum.stores.bank_records import RecordPart
from hilum.stores.bank_sources import SourcePart
from hilum.stores.bank_standing import StandingPart
from hilum.stores.bank_statements import statements_for
from hilum.stores.bank_waiting import WaitingPart

WRITER_LOCK = 0x48494C554D  # "HILUM"


class BankUnit(
    SourcePart, RecordPart, StandingPart, FactPart, WaitingPart, ProcessPart, NoticePart, FigurePart, AccountPart
):
    """One transaction over the bank: :class:`hilum.registry.ports.Unit`, :class:`hilum.access.ports.AccountBook`."""


class Bank:
    """A bank's store, opened by :func:`hilum.stores.opening.open_bank`. Safe to share between threads."""

    def __init__(self, engine: Engine, place: str, patience_ms: int) -> None:
        self.engine = engine
        self.place = place
        self._patience_ms = patience_ms
        self._statements = statements_for(engine.dialect)

    @contextmanager
    def begin(self) -> Iterator[BankUnit]:
        """A unit of work: committed on a clean exit, rolled back on an exception.

        Raises :class:`StoreError` when another writer does not finish in time, or the store fails.
        """
        with translated(self.place), self.engine.connect() as connection, connection.begin():
            self._take_turn(connection)
            yield BankUnit(connection, self._statements)

    @contextmanager
    def read(self) -> Iterator[BankUnit]:
        """A unit that only reads, from one consistent state, beside a writer; writing in it raises StoreError."""
        with translated(self.place), self.engine.connect() as connection, connection.begin() as transaction:
            self._only_read(connection, True)
            try:
                yield BankUnit(connection, self._statements)
            finally:
                transaction.rollback()
                self._only_read(connection, False)

    def close(self) -> None:
        """Close every connection. The bank may be used again afterwards."""
        self.engine.dispose()

    def _take_turn(self, connection: Connection) -> None:
        if self.engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            return
        connection.execute(text(f"SET LOCAL lock_timeout = {int(self._patience_ms)}"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITER_LOCK})

    def _only_read(self, connection: Connection, only: bool) -> None:
        if self.engine.dialect.name == "sqlite":
            if only:
                connection.exec_driver_sql("PRAGMA query_only = 1")
                connection.exec_driver_sql("BEGIN")
            else:
                connection.connection.cursor().execute("PRAGMA query_only = 0")
        elif only:
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))


_SQLITE_SIGNS = (
    ("locked", "store_locked"),
    ("malformed", "store_damaged"),
    ("not a database", "store_damaged"),
    ("disk is full", "store_full"),
    ("readonly", "store_read_only"),
    ("no such table", "store_incomplete"),
    ("unable to open", "store_missing"),
)
_SQLSTATES = {
    "55P03": "store_locked",
    "25006": "store_read_only",
    "53100": "store_full",
    "42P01": "store_incomplete",
    "3D000": "store_missing",
    "XX001": "store_damaged",
    "XX002": "store_damaged",
}


@contextmanager
def translated(place: str) -> Iterator[None]:
    """A driver's complaint as a :class:`StoreError` a person can act on; it never carries a value of a record."""
    try:
        yield
    except DBAPIError as complaint:
        raise StoreError(_reason(complaint), place=place, why=_why(complaint)) from complaint


def _reason(complaint: DBAPIError) -> str:
    state = _sqlstate(complaint)
    if state:
        return _SQLSTATES.get(state, "store_failed")
    words = str(complaint.orig)
    return next((reason for sign, reason in _SQLITE_SIGNS if sign in words), "store_failed")


def _why(complaint: DBAPIError) -> str:
    """The kind of complaint only: a driver's sentence may quote a row."""
    return f"{type(complaint.orig).__name__} {_sqlstate(complaint)}".strip()


def _sqlstate(complaint: DBAPIError) -> str:
    """PostgreSQL's five-character code; empty for SQLite."""
    said = complaint.orig.args[0] if complaint.orig is not None and complaint.orig.args else ""
    return str(said.get("C", "")) if isinstance(said, dict) else ""
