"""The gate at work on the inbox: arrivals in their order, some together in one transaction, each answered.

An arrival's bytes are safe before the gate sees them and its records get the same identifiers every time it is read, so
that a stop at any instant repeats nothing and loses nothing. What cannot even be worked on (a poison message) is set
aside with the kind of its error, and the rest goes on.
"""

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from hilum.app import intake
from hilum.app.answering import answer_of, set_aside_answer
from hilum.app.reading import Readers
from hilum.app.running import Hilum
from hilum.errors import HilumError, StoreError
from hilum.formats import record_json
from hilum.formats.reading import members
from hilum.model import ids
from hilum.model.party import Actor, Role
from hilum.model.record import Item, SourceProblem
from hilum.registry.arrivals import RECORDS_JSON, RECORDS_NDJSON, Arrival, ArrivalState, Settled
from hilum.registry.desk import Outcomes, TakeArrivals, TakeBatch
from hilum.registry.operations import TAKE_ARRIVALS
from hilum.registry.stored import Source
from hilum.stores.inbox import Inbox

GATE = Actor("gate", frozenset({Role.DATA_MANAGER}))
"""Who judges what came through the doors; each sender answers for what it sent."""
TOGETHER, TOGETHER_BYTES = 200, 4 << 20
"""How many arrivals, and about how many bytes of them, are taken in together."""
MANY = 5_000
"""Records from which an arrival is taken in batch by batch, as a file is."""
_SUFFIX = {"application/fhir+json": ".json", "application/fhir+ndjson": ".ndjson", "x-application/hl7-v2+er7": ".hl7"}

Reading = tuple[Arrival, tuple[Item, ...]]


@dataclass(frozen=True, slots=True)
class Drained:
    """What one pass came to."""

    arrivals: int = 0
    records: int = 0
    set_aside: int = 0


class Gatekeeper:
    """Works from the inbox of one bank. Only one does at a time (:func:`hilum.stores.inbox_opening.leading`)."""

    def __init__(self, app: Hilum, inbox: Inbox, readers: Readers) -> None:
        self._app = app
        self._inbox = inbox
        self._readers = readers

    def drain(self) -> Drained:
        """Take in the oldest of what waits; answers what that came to, nothing when nothing waits.

        Raises :class:`StoreError` when a store does not answer: then everything still waits.
        """
        waiting = self._inbox.waiting(limit=TOGETHER, size=TOGETHER_BYTES)
        read: list[Reading] = []
        settled: list[Settled] = []
        for arrival, body in waiting:
            try:
                read.append((arrival, tuple(self._items(arrival, body))))
            except Exception as broken:  # any message may break any reader; it must not stop the rest
                settled.append(_aside(arrival, broken))
        settled += self._taken(read)
        self._inbox.settle(settled)
        aside = sum(one.state is ArrivalState.ASIDE for one in settled)
        return Drained(len(waiting), sum(len(found) for _, found in read), aside)

    def _taken(self, read: Sequence[Reading]) -> list[Settled]:
        """Take these in together; where that fails, each by itself, so that one cannot keep out the others."""
        if not read:
            return []
        if sum(len(found) for _, found in read) <= MANY:
            try:
                return self._together(read)
            except StoreError:
                raise
            except Exception as broken:  # as above: found out one by one whose fault it is
                if len(read) == 1:
                    return [_aside(read[0][0], broken)]
        return [self._alone(one) for one in read]

    def _alone(self, one: Reading) -> Settled:
        try:
            return self._together([one])[0] if len(one[1]) <= MANY else self._long(one)
        except StoreError:
            raise
        except Exception as broken:  # as above
            return _aside(one[0], broken)

    def _together(self, read: Sequence[Reading]) -> list[Settled]:
        parts = [TakeBatch(source_of(one), found, len(found), True, failed=_failed(found)) for one, found in read]
        command = TakeArrivals(tuple(parts), tuple(one.sender for one, _ in read))
        outcomes = self._app.run(TAKE_ARRIVALS, GATE, command)
        return [self._answered(one, [outcomes]) for one, _ in read]

    def _long(self, one: Reading) -> Settled:
        """Batch by batch, each a transaction; a stop in between is made good when the arrival is read again."""
        arrival, found = one
        source, done, came = source_of(arrival), 0, []
        for before, batch, after in intake.stretches(found, self._app.settings.batch):
            done += len(batch)
            finished = done == len(found)
            part = TakeBatch(source, batch, done, finished, finished and _failed(found), before, after)
            came.append(self._app.run(TAKE_ARRIVALS, GATE, TakeArrivals((part,), (arrival.sender,))))
        return self._answered(arrival, came)

    def _answered(self, arrival: Arrival, outcomes: Sequence[Outcomes]) -> Settled:
        source = source_of(arrival).id
        records = [pair for one in outcomes for pair in one.records.get(source, ())]
        problems = [told for one in outcomes for told in one.problems.get(source, ())]
        return Settled(arrival.n, ArrivalState.DONE, answer_of(self._app.gate, arrival, records, problems))

    def _items(self, arrival: Arrival, body: bytes) -> Iterator[Item]:
        """What stands in an arrival."""
        source = source_of(arrival).id
        if arrival.media in (RECORDS_JSON, RECORDS_NDJSON):
            yield from record_json.items(body, arrival.name, source, lines=arrival.media == RECORDS_NDJSON)
            return
        with tempfile.TemporaryDirectory(prefix="hilum-", dir=_SCRATCH) as folder:
            file = Path(folder) / _file_name(arrival)
            file.write_bytes(body)
            for one in members(file, Path(folder) / "out"):
                if isinstance(one, SourceProblem):
                    yield replace(one, locator=replace(one.locator, source=source))
                else:
                    yield from self._readers.items(one, source, 0)


def source_of(arrival: Arrival) -> Source:
    """The arrival as a source of records."""
    identity = ids.mint(ids.SOURCE, arrival.id)
    return Source(identity, arrival.digest, arrival.name, arrival.media, arrival.size, arrival.received_at)


def _failed(found: Sequence[Item]) -> bool:
    return any(isinstance(item, SourceProblem) and item.fatal for item in found)


def _aside(arrival: Arrival, broken: Exception) -> Settled:
    """By the kind of the error only: its words may quote what was sent."""
    reason = broken.reason if isinstance(broken, HilumError) else type(broken).__name__
    return Settled(arrival.n, ArrivalState.ASIDE, set_aside_answer(arrival, reason), reason)


def _file_name(arrival: Arrival) -> str:
    """The name it came with as far as it can name a file, with the ending its media type asks for."""
    name = re.sub(r"[^\w.() -]", "_", PurePosixPath(arrival.name).name)[-80:].lstrip(". ") or "arrival"
    ending = _SUFFIX.get(arrival.media, "")
    return name if name.endswith(ending) else name + ending


_SCRATCH = next((folder for folder in ("/dev/shm",) if os.access(folder, os.W_OK)), None)  # noqa: S108 - a folder within
"""Memory rather than disk where there is such a place: what is unpacked there is personal data."""
