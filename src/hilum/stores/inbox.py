"""The inbox: what came through the doors, kept as received before anybody parses it. Durable, ordered, replayable.

It lies beside the vault (its bytes are personal data) in a database of its own, so that a door never waits for the
gate's transactions: SQLite by default, PostgreSQL by URL. :meth:`Inbox.put` returns when the bytes survive a power cut.
What the gate answers is written without waiting for the disk: should it be lost, the arrival is judged again, and the
bank knows its records already.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Select,
    Table,
    Text,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy import Index as TableIndex
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from hilum.errors import ConflictError, NotFoundError
from hilum.messages import Language
from hilum.registry.arrivals import Arrival, ArrivalState, Backlog, Settled
from hilum.stores.bank import translated

_TEXT: TypeEngine[str] = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
_COUNT: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")
_METADATA = MetaData()
_PUT_LOCK = 0x48494C5550
_CHUNK = 400
_WAITING = ArrivalState.WAITING.value


def _text(name: str) -> "Column[str]":
    return Column(name, _TEXT, nullable=False)


ARRIVALS = Table(
    "arrivals",
    _METADATA,
    Column("n", _COUNT, primary_key=True, autoincrement=False),
    _text("id"),
    _text("door"),
    _text("sender"),
    _text("key"),
    _text("media"),
    _text("name"),
    _text("language"),
    _text("digest"),
    Column("size", _COUNT, nullable=False),
    _text("received_at"),
    _text("state"),
    _text("reason"),
    TableIndex("arrivals_id", "id", unique=True),
)
_OPEN = ARRIVALS.c.state != ArrivalState.DONE.value
TableIndex("arrivals_open", ARRIVALS.c.n, ARRIVALS.c.size, sqlite_where=_OPEN, postgresql_where=_OPEN)
BODIES = Table(
    "bodies",
    _METADATA,
    Column("n", _COUNT, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
)
ANSWERS = Table(
    "answers",
    _METADATA,
    Column("n", _COUNT, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Put:
    """Where an arrival stands after :meth:`Inbox.put`; ``repeated`` when it was there already."""

    arrival: Arrival
    repeated: bool


class Inbox:
    """One inbox; safe to share between threads. :func:`hilum.stores.inbox_opening.open_inbox` opens it."""

    def __init__(self, engine: Engine, place: str, lazy: Engine | None = None) -> None:
        self._engine = engine
        self._lazy = lazy or engine
        self.place = place

    def prepare(self) -> None:
        """Make the tables where there are none."""
        with self._writing(self._engine) as connection:
            _METADATA.create_all(connection, checkfirst=True)

    def put(self, arriving: Sequence[tuple[Arrival, bytes]]) -> list[Put | ConflictError]:
        """Keep arrivals in this order, all in one commit; durable on return. One that is there already stays as it is;
        one whose key came with other bytes before is answered with the error and not kept.

        Raises :class:`~hilum.errors.StoreError`.
        """
        with self._writing(self._engine) as connection:
            known = {one.id: one for one in self._found(connection, [one.id for one, _ in arriving])}
            n = int(connection.execute(select(func.coalesce(func.max(ARRIVALS.c.n), 0))).scalar_one())
            answered: list[Put | ConflictError] = []
            rows, bodies = [], []
            for one, body in arriving:
                old = known.get(one.id)
                if old is not None:
                    same = old.digest == one.digest
                    answered.append(Put(old, True) if same else ConflictError("arrival_key_taken"))
                    continue
                n += 1
                fresh = _numbered(one, n)
                known[one.id] = fresh
                answered.append(Put(fresh, False))
                rows.append(_row(fresh))
                bodies.append({"n": n, "body": body})
            if rows:
                connection.execute(insert(ARRIVALS), rows)
                connection.execute(insert(BODIES), bodies)
            return answered

    def waiting(self, *, limit: int, size: int) -> list[tuple[Arrival, bytes]]:
        """The oldest arrivals that wait, at most ``limit`` of them and about ``size`` bytes in all (at least one)."""
        query = select(ARRIVALS).where(_OPEN, ARRIVALS.c.state == _WAITING).order_by(ARRIVALS.c.n).limit(limit)
        with self._reading() as connection:
            chosen: list[Arrival] = []
            total = 0
            for row in connection.execute(query):
                total += row.size
                if chosen and total > size:
                    break
                chosen.append(_arrival(row))
            bodies = self._blobs(connection, BODIES, [one.n for one in chosen])
        return [(one, bodies[one.n]) for one in chosen]

    def body(self, arrival: str) -> bytes:
        """The bytes as received. Raises :class:`NotFoundError`."""
        found = self.find(arrival)
        with self._reading() as connection:
            return self._blobs(connection, BODIES, [found.n])[found.n]

    def settle(self, settled: Sequence[Settled]) -> None:
        """Write down what the gate made of arrivals. Not waited for: a lost line is judged again."""
        moved = (
            update(ARRIVALS)
            .where(ARRIVALS.c.n == bindparam("which"))
            .values(state=bindparam("now"), reason=bindparam("why"))
        )
        if not settled:
            return
        with self._writing(self._lazy) as connection:
            connection.execute(moved, [{"which": one.n, "now": one.state.value, "why": one.reason} for one in settled])
            numbers = [one.n for one in settled]
            for start in range(0, len(numbers), _CHUNK):
                connection.execute(ANSWERS.delete().where(ANSWERS.c.n.in_(numbers[start : start + _CHUNK])))
            connection.execute(insert(ANSWERS), [{"n": one.n, "body": one.answer} for one in settled])

    def answers(self, numbers: Collection[int]) -> dict[int, tuple[Arrival, bytes]]:
        """Those of these arrivals that no longer wait, each with the gate's answer, by their place in the stream."""
        found: dict[int, tuple[Arrival, bytes]] = {}
        wanted = sorted(numbers)
        with self._reading() as connection:
            for start in range(0, len(wanted), _CHUNK):
                part = wanted[start : start + _CHUNK]
                query = (
                    select(ARRIVALS, ANSWERS.c.body)
                    .join(ANSWERS, ANSWERS.c.n == ARRIVALS.c.n)
                    .where(ARRIVALS.c.n.in_(part), ARRIVALS.c.state != _WAITING)
                )
                found |= {row.n: (_arrival(row), bytes(row.body)) for row in connection.execute(query)}
        return found

    def find(self, arrival: str) -> Arrival:
        """Raises :class:`NotFoundError` for an arrival nobody has seen."""
        with self._reading() as connection:
            found = self._found(connection, [arrival])
        if not found:
            raise NotFoundError("arrival_unknown", arrival=arrival)
        return found[0]

    def listed(
        self, *, states: Collection[ArrivalState] = (), since: int = 0, sender: str = "", limit: int = 100
    ) -> list[Arrival]:
        """Arrivals after number ``since``, in order."""
        query = select(ARRIVALS).where(ARRIVALS.c.n > since).order_by(ARRIVALS.c.n).limit(limit)
        if states:
            query = query.where(ARRIVALS.c.state.in_([one.value for one in states]))
        if sender:
            query = query.where(ARRIVALS.c.sender == sender)
        with self._reading() as connection:
            return [_arrival(row) for row in connection.execute(query)]

    def replay(self, *, since: int = 0, until: int | None = None, states: Collection[ArrivalState] = ()) -> int:
        """Put arrivals numbered after ``since``, up to ``until``, back among the waiting ones; answers how many."""
        again = update(ARRIVALS).where(ARRIVALS.c.n > since, ARRIVALS.c.state != _WAITING)
        if until is not None:
            again = again.where(ARRIVALS.c.n <= until)
        if states:
            again = again.where(ARRIVALS.c.state.in_([one.value for one in states]))
        with self._writing(self._engine) as connection:
            return int(connection.execute(again.values(state=_WAITING, reason="")).rowcount)

    def backlog(self) -> Backlog:
        """How much waits, and since when."""
        waiting = (_OPEN, ARRIVALS.c.state == _WAITING)
        query = select(func.count(), func.coalesce(func.sum(ARRIVALS.c.size), 0)).where(*waiting)
        first = select(ARRIVALS.c.received_at).where(*waiting).order_by(ARRIVALS.c.n).limit(1)
        with self._reading() as connection:
            count, size = connection.execute(query).one()
            oldest = connection.execute(first).scalar_one_or_none()
        return Backlog(int(count), int(size), oldest or "")

    def counts(self) -> dict[str, int]:
        """State -> arrivals."""
        query = select(ARRIVALS.c.state, func.count()).group_by(ARRIVALS.c.state)
        with self._reading() as connection:
            return {state: int(count) for state, count in connection.execute(query)}

    def close(self) -> None:
        self._engine.dispose()
        if self._lazy is not self._engine:
            self._lazy.dispose()

    @contextmanager
    def _writing(self, engine: Engine) -> Iterator[Connection]:
        with translated(self.place), engine.connect() as connection, connection.begin():
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _PUT_LOCK})
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with translated(self.place), self._engine.connect() as connection, connection.begin():
            if self._engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")
            yield connection

    def _found(self, connection: Connection, ids: Sequence[str]) -> list[Arrival]:
        found: list[Arrival] = []
        for start in range(0, len(ids), _CHUNK):
            query: Select[tuple[object, ...]] = select(ARRIVALS).where(ARRIVALS.c.id.in_(ids[start : start + _CHUNK]))
            found += [_arrival(row) for row in connection.execute(query)]
        return found

    def _blobs(self, connection: Connection, table: Table, numbers: Sequence[int]) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        for start in range(0, len(numbers), _CHUNK):
            query = select(table.c.n, table.c.body).where(table.c.n.in_(numbers[start : start + _CHUNK]))
            found |= {n: bytes(body) for n, body in connection.execute(query)}
        return found


def _numbered(one: Arrival, n: int) -> Arrival:
    return Arrival(
        id=one.id,
        door=one.door,
        sender=one.sender,
        key=one.key,
        media=one.media,
        name=one.name,
        language=one.language,
        digest=one.digest,
        size=one.size,
        received_at=one.received_at,
        n=n,
    )


_NAMES = tuple(column.name for column in ARRIVALS.columns)


def _row(one: Arrival) -> dict[str, object]:
    return {name: getattr(one, name) for name in _NAMES if name != "state"} | {"state": one.state.value}


def _arrival(row: "Row[tuple[object, ...]]") -> Arrival:
    values = row._mapping
    language: Language = "en" if values["language"] == "en" else "zh"
    named = {name: values[name] for name in _NAMES if name not in ("state", "language")}
    return Arrival(**named, language=language, state=ArrivalState(values["state"]))
