"""Events, and the facts kept up to date with them.

A batch without retractions touches only the facts it names. A fact that is taken back is folded again from all its
events by :mod:`hilum.registry.fold`, so that the table and the fold cannot come apart.
"""

import math
from collections.abc import Collection, Iterator, Sequence
from itertools import count
from typing import Any

from sqlalchemy import bindparam, delete, select

from hilum.errors import ConflictError
from hilum.model.event import Event, EventKind
from hilum.model.record import Kind
from hilum.registry.fold import Name, fact_of, fold
from hilum.registry.stored import Fact, Siblings
from hilum.stores.bank_rows import (
    EVENT_QUERY,
    FACT_QUERY,
    event_from,
    event_row,
    fact_from,
    fact_row,
    json_text,
)
from hilum.stores.bank_session import Session, pages
from hilum.stores.bank_statements import CHUNK, CellRow, asked, chunks
from hilum.stores.tables import EVENTS, FACTS, PLACES, RECORDS

_NAMED = ("key", "kind")
_OF_KIND = FACTS.c.kind == bindparam("kind")
_BY_KEY = FACT_QUERY.where(_OF_KIND, asked(FACTS.c.key))
_BY_ALIAS = FACT_QUERY.where(_OF_KIND, asked(FACTS.c.alias)).order_by(FACTS.c.seq).add_columns(FACTS.c.alias)
_BY_DONOR = FACT_QUERY.where(EVENTS.c.fact == bindparam("kind"), asked(EVENTS.c.donor)).order_by(EVENTS.c.seq)
_BY_NAME = tuple(
    FACT_QUERY.where(_OF_KIND, asked(column)).order_by(FACTS.c.seq) for column in (FACTS.c.alias, FACTS.c.barcode)
)
_CHILDREN = select(FACTS.c.parent, FACTS.c.amount_ug, FACTS.c.volume_ul, FACTS.c.weight_mg).where(
    _OF_KIND, asked(FACTS.c.parent)
)
_POSITIONS = select(FACTS.c.position, FACTS.c.key).where(_OF_KIND, asked(FACTS.c.position)).order_by(FACTS.c.seq)
_HELD_PLACES = select(PLACES.c.position, PLACES.c.key).where(asked(PLACES.c.position))
_BARCODES = select(FACTS.c.barcode, FACTS.c.key).where(_OF_KIND, asked(FACTS.c.barcode)).order_by(FACTS.c.seq)
_EVENTS_OF_KEY = EVENT_QUERY.add_columns(RECORDS.c.source, RECORDS.c.digest).where(asked(EVENTS.c.key))
_EVENTS_OF = tuple(EVENT_QUERY.where(asked(column)) for column in (EVENTS.c.donor, EVENTS.c.key, EVENTS.c.parent))


class FactPart(Session):
    """What happened, and what therefore holds."""

    def append_events(self, events: Sequence[Event], facts: Sequence[Fact]) -> None:
        """Raises :class:`ConflictError` for an event that is there already."""
        numbered = self._numbered(events)
        try:
            self.insert(EVENTS, self._event_rows(numbered))
        except ConflictError as clash:
            raise ConflictError("event_known") from clash
        given = {(fact.kind, fact.key, fact.record): fact for fact in facts}
        retracted = {_name(event) for event in events if event.kind is EventKind.RECORD_RETRACTED}
        latest = {_name(event): (seq, event) for seq, event in numbered}
        rows, unknown = [], []
        for name, (seq, event) in latest.items():
            fact = given.get((*name, event.record))
            if name in retracted or fact is None:
                unknown.append(name)
            else:
                rows.append(fact_row(fact, seq))
        self.replace(FACTS, rows, _NAMED)
        self._fold_again(unknown)

    def facts(self, kind: Kind, keys: Collection[str]) -> dict[str, Fact]:
        found = {row[1]: fact_from(row) for row in self.look_up(_BY_KEY, keys, kind.value)}
        rest = [key for key in keys if key not in found]
        named_so = self.look_up(_BY_ALIAS, rest, kind.value)
        return found | {row[-1]: fact_from(row[:-1]) for row in named_so}

    def donor_facts(self, kind: Kind, donors: Collection[str]) -> dict[str, list[Fact]]:
        found: dict[str, list[Fact]] = {}
        for row in self.look_up(_BY_DONOR, donors, kind.value):
            found.setdefault(row[2], []).append(fact_from(row))
        return found

    def named(self, kind: Kind, names: Collection[str]) -> list[Fact]:
        found = {
            fact.key: fact for query in _BY_NAME for fact in map(fact_from, self.look_up(query, names, kind.value))
        }
        return sorted(found.values(), key=lambda fact: fact.seq)

    def siblings(self, parents: Collection[str]) -> dict[str, Siblings]:
        """Sums are exact (``math.fsum``), so that they do not depend on the order children came in."""
        children: dict[str, list[Sequence[Any]]] = {}
        for row in self.look_up(_CHILDREN, parents, Kind.SPECIMEN.value):
            children.setdefault(row[0], []).append(row)
        return {parent: _sum(rows) for parent, rows in children.items()}

    def occupants(self, positions: Collection[str]) -> dict[str, str]:
        """Of several, the latest fact; a held specimen's place is taken too."""
        held = dict(self.look_up(_HELD_PLACES, positions))
        return held | dict(self.look_up(_POSITIONS, positions, Kind.SPECIMEN.value))

    def barcodes(self, barcodes: Collection[str]) -> dict[str, str]:
        """barcode -> key of the specimen whose tube carries it; of several, the latest."""
        return dict(self.look_up(_BARCODES, barcodes, Kind.SPECIMEN.value))

    def events(self, *, donor: str = "", keys: Collection[str] = ()) -> list[Event]:
        found: dict[int, Event] = {}
        for query, values in zip(_EVENTS_OF, ([donor] if donor else [], keys, keys), strict=True):
            found |= {row[0]: event_from(row) for row in self.look_up(query, values)}
        return [found[seq] for seq in sorted(found)]

    def all_events(self) -> Iterator[Event]:
        def fetch(last: Sequence[Any] | None) -> Sequence[Sequence[Any]]:
            query = EVENT_QUERY.order_by(EVENTS.c.seq).limit(CHUNK)
            return self.connection.execute(query if last is None else query.where(EVENTS.c.seq > last[0])).all()

        return (event_from(row) for row in pages(fetch))

    def all_facts(self, kind: Kind) -> Iterator[Fact]:
        """In the order of their keys."""

        def fetch(last: Sequence[Any] | None) -> Sequence[Sequence[Any]]:
            query = FACT_QUERY.where(FACTS.c.kind == kind.value).order_by(FACTS.c.key).limit(CHUNK)
            return self.connection.execute(query if last is None else query.where(FACTS.c.key > last[1])).all()

        return (fact_from(row) for row in pages(fetch))

    def rebuild_facts(self) -> int:
        self.connection.execute(delete(FACTS))
        made = 0
        for facts in self.folded():
            self.replace(FACTS, [fact_row(fact, fact.seq) for fact in facts.values()], _NAMED)
            made += len(facts)
        return made

    def folded(self) -> Iterator[dict[Name, Fact]]:
        """The facts as the events alone make them, some hundred keys at a time, whatever the table says."""

        def fetch(last: str | None) -> Sequence[str]:
            query = select(EVENTS.c.key).distinct().order_by(EVENTS.c.key).limit(CHUNK)
            return self.connection.execute(query if last is None else query.where(EVENTS.c.key > last)).scalars().all()

        for keys in chunks(pages(fetch)):
            yield self._fold_keys(keys)

    def _fold_keys(self, keys: Collection[str]) -> dict[Name, Fact]:
        """Every fact under ``keys``, folded from all their events."""
        events: list[Event] = []
        origins: dict[int, tuple[str, str]] = {}
        for row in self.look_up(_EVENTS_OF_KEY, keys):
            *said, source, digest = row
            events.append(event_from(said))
            origins[row[0]] = (source, digest)
        events.sort(key=lambda event: event.seq)
        return fold(events, lambda event: fact_of(event, *origins[event.seq]))

    def _fold_again(self, names: Collection[Name]) -> None:
        """Bring these facts to what their events say: replaced, or gone."""
        if not names:
            return
        folded = self._fold_keys({key for _, key in names})
        self.replace(FACTS, [fact_row(folded[name], folded[name].seq) for name in names if name in folded], _NAMED)
        gone: dict[Kind, list[str]] = {}
        for kind, key in names:
            if (kind, key) not in folded:
                gone.setdefault(kind, []).append(key)
        for kind, keys in gone.items():
            for part in chunks(keys):
                self.connection.execute(delete(FACTS).where(FACTS.c.kind == kind.value, FACTS.c.key.in_(part)))

    def _event_rows(self, numbered: Sequence[tuple[int, Event]]) -> list[CellRow]:
        numbers = self.numbers_of({event.record for _, event in numbered})
        rows = []
        for seq, event in numbered:
            _, fields = self.fresh.get(event.record, (0, None))
            said = None if fields is not None and event.fields == fields else json_text(event.fields)
            rows.append(event_row(event, seq, numbers[event.record], said))
        return rows

    def _numbered(self, events: Sequence[Event]) -> list[tuple[int, Event]]:
        first = self.number(EVENTS.c.seq, sum(event.seq == 0 for event in events))
        fresh = count(first)
        return [(event.seq or next(fresh), event) for event in events]


def _name(event: Event) -> Name:
    return event.fact, event.key


def _sum(children: Sequence[Sequence[Any]]) -> Siblings:
    amounts, volumes, weights = (math.fsum(child[place] or 0.0 for child in children) for place in (1, 2, 3))
    return Siblings(count=len(children), amount_ug=amounts, volume_ul=volumes, weight_mg=weights)
