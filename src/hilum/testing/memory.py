"""A bank and a vault in plain dictionaries: slow, obvious, gone when the program ends. The judge of the real stores."""

import copy
import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from hilum.errors import ConflictError, NotFoundError, StoreError
from hilum.model.event import Event
from hilum.model.record import Kind, Value, statement_of
from hilum.operation import AuditRecord
from hilum.quality.finding import Judgement
from hilum.registry.fold import fact_of, fold
from hilum.registry.ports import QueueFilter
from hilum.registry.privacy import KEY_SEPARATOR
from hilum.registry.process_stored import ProcessFilter, ProcessStanding, StoredSop
from hilum.registry.stored import (
    Fact,
    RecordState,
    Siblings,
    Source,
    Standing,
    StoredProblem,
    StoredReading,
    StoredRecord,
    Waiver,
)
from hilum.testing.memory_accounts import MemoryAccounts
from hilum.testing.memory_notices import MemoryNotices

_LIVE = (RecordState.ACCEPTED, RecordState.HELD, RecordState.REJECTED, RecordState.REFUSED)


class MemoryUnit(MemoryAccounts, MemoryNotices):
    """:class:`hilum.registry.ports.Unit` without a database. There is no rollback."""

    def __init__(self) -> None:
        super().__init__()
        self._sources: dict[str, Source] = {}
        self._problems: list[tuple[str, StoredProblem]] = []
        self._records: dict[str, StoredRecord] = {}
        self._events: list[Event] = []
        self._awaits: dict[str, set[tuple[Kind, str]]] = {}
        self._places: dict[str, tuple[str, str]] = {}
        self._waivers: dict[tuple[str, str], Waiver] = {}
        self._audit: list[AuditRecord] = []
        self._sops: dict[tuple[str, int], StoredSop] = {}
        self._process: dict[tuple[str, str], ProcessStanding] = {}

    # sources

    def source(self, source_id: str) -> Source | None:
        return self._sources.get(source_id)

    def sources(self) -> list[Source]:
        return list(self._sources.values())

    def put_source(self, source: Source) -> None:
        self._sources[source.id] = source

    def add_problems(self, source_id: str, problems: Sequence[StoredProblem]) -> None:
        self._problems += [(source_id, problem) for problem in problems]

    def problems(self, source_id: str = "") -> list[StoredProblem]:
        return [problem for source, problem in self._problems if source_id in ("", source)]

    # records

    def add_records(self, records: Sequence[StoredRecord]) -> None:
        for record in records:
            if record.id in self._records:
                raise ConflictError("record_known")
            self._records[record.id] = record

    def add_judgements(self, judgements: Sequence[tuple[str, Judgement]], at: str, actor: str) -> None:
        for record_id, judgement in judgements:
            self._records[record_id] = replace(self._stored(record_id), judgement=judgement)

    def _stored(self, record_id: str) -> StoredRecord:
        if record_id not in self._records:
            raise NotFoundError("record_missing", record=record_id)
        return self._records[record_id]

    def set_states(self, states: Sequence[tuple[str, RecordState]]) -> None:
        for record_id, state in states:
            self._records[record_id] = replace(self._stored(record_id), state=state)

    def records(self, ids: Collection[str]) -> dict[str, StoredRecord]:
        return {one: self._records[one] for one in ids if one in self._records}

    def _matching(self, wanted: QueueFilter) -> list[StoredRecord]:
        return [
            one
            for one in self._records.values()
            if (not wanted.states or one.state in wanted.states)
            and (not wanted.kinds or one.kind in wanted.kinds)
            and wanted.source in ("", one.locator.source)
            and wanted.donor in ("", one.donor)
            and wanted.key in ("", one.key)
            and (not wanted.rule or (one.judgement and any(f.rule == wanted.rule for f in one.judgement.findings)))
        ]

    def find_records(self, wanted: QueueFilter) -> list[StoredRecord]:
        return self._matching(wanted)[wanted.offset : wanted.offset + wanted.limit]

    def count_records(self, wanted: QueueFilter) -> int:
        return len(self._matching(wanted))

    def known_records(self, ids: Collection[str]) -> set[str]:
        return set(ids) & set(self._records)

    def standing(self, wanted: Collection[tuple[Kind, str]]) -> list[Standing]:
        return [
            Standing(one.id, one.kind, one.key, one.digest, _statement(one), one.state)
            for one in self._records.values()
            if (one.kind, one.key) in set(wanted) and one.state in _LIVE
        ]

    # facts and events

    def append_events(self, events: Sequence[Event], facts: Sequence[Fact]) -> None:
        for event in events:
            self._stored(event.record)
            self._events.append(replace(event, seq=len(self._events) + 1))

    def _facts(self) -> dict[tuple[Kind, str], Fact]:
        def of(event: Event) -> Fact:
            record = self._records[event.record]
            return fact_of(event, source=record.locator.source, digest=record.digest)

        return fold(self._events, of)

    def facts(self, kind: Kind, keys: Collection[str]) -> dict[str, Fact]:
        known = [fact for fact in self._facts().values() if fact.kind is kind]
        by_alias = {fact.alias: fact for fact in known if fact.alias in keys}
        by_key = {fact.key: fact for fact in known if fact.key in keys}
        return {one: found for one in keys if (found := by_key.get(one) or by_alias.get(one))}

    def donor_facts(self, kind: Kind, donors: Collection[str]) -> dict[str, list[Fact]]:
        known = sorted((f for f in self._facts().values() if f.kind is kind), key=lambda fact: fact.seq)
        found = {donor: [fact for fact in known if fact.donor == donor] for donor in donors}
        return {donor: facts for donor, facts in found.items() if facts}

    def named(self, kind: Kind, names: Collection[str]) -> list[Fact]:
        known = (one for one in self._facts().values() if one.kind is kind)
        found = [one for one in known if one.alias in names or one.barcode in names]
        return sorted(found, key=lambda one: one.seq)

    def readings(self, logger: str, first: str, last: str) -> list[StoredReading]:
        states = (RecordState.ACCEPTED, RecordState.HELD, RecordState.SUPERSEDED)
        return [
            StoredReading(one.id, one.state, at, float(value) if isinstance(value, int | float) else None)
            for one in sorted(self._records.values(), key=lambda one: one.key)
            if one.kind is Kind.READING and one.state in states and isinstance(at := one.fields.get("read_at"), str)
            for value in [one.fields.get("value_c")]
            if any(f"{logger}{mark}{first}" <= one.key <= f"{logger}{mark}{last}" for mark in ("@", KEY_SEPARATOR))
        ]

    def siblings(self, parents: Collection[str]) -> dict[str, Siblings]:
        children: dict[str, list[Fact]] = {}
        for fact in self._facts().values():
            if fact.kind is Kind.SPECIMEN and fact.parent in set(parents):
                children.setdefault(str(fact.parent), []).append(fact)
        return {
            parent: Siblings(len(mine), *(_total(mine, name) for name in ("amount_ug", "volume_ul", "weight_mg")))
            for parent, mine in children.items()
        }

    def occupants(self, positions: Collection[str]) -> dict[str, str]:
        held = {position: key for position, key in self._places.values() if position in positions}
        facts = {f.position: f.key for f in self._specimens() if f.position is not None and f.position in positions}
        return held | facts

    def barcodes(self, barcodes: Collection[str]) -> dict[str, str]:
        return {f.barcode: f.key for f in self._specimens() if f.barcode is not None and f.barcode in barcodes}

    def _specimens(self) -> list[Fact]:
        return [fact for fact in self._facts().values() if fact.kind is Kind.SPECIMEN]

    def events(self, *, donor: str = "", keys: Collection[str] = ()) -> list[Event]:
        return [
            one
            for one in self._events
            if (donor and one.donor == donor) or one.key in set(keys) or (one.parent or "") in set(keys)
        ]

    def all_events(self) -> Iterator[Event]:
        return iter(self._events)

    def all_facts(self, kind: Kind) -> Iterator[Fact]:
        return (fact for fact in self._facts().values() if fact.kind is kind)

    def rebuild_facts(self) -> int:
        return len(self._facts())

    # waiting, waivers, audit

    def put_awaits(self, record_id: str, wanted: Collection[tuple[Kind, str]]) -> None:
        self._awaits[record_id] = set(wanted)

    def awaiting(self, arrived: Collection[tuple[Kind, str]]) -> list[str]:
        return [one for one in self._records if self._awaits.get(one, set()) & set(arrived)]

    def put_places(self, places: Mapping[str, tuple[str, str] | None]) -> None:
        for record_id, place in places.items():
            self._places.pop(record_id, None)
            if place is not None:
                self._places[record_id] = place

    def put_waiver(self, waiver: Waiver) -> None:
        self._waivers[waiver.record, waiver.rule] = waiver

    def waivers(self, record_ids: Collection[str]) -> dict[str, list[Waiver]]:
        found: dict[str, list[Waiver]] = {}
        for (record, _), waiver in sorted(self._waivers.items()):
            if record in record_ids:
                found.setdefault(record, []).append(waiver)
        return found

    def all_waivers(self) -> list[Waiver]:
        return [waiver for _, waiver in sorted(self._waivers.items())]

    def audit(self, entries: Iterable[AuditRecord]) -> None:
        self._audit += entries

    def audit_trail(self, *, subject: str = "", batch: str = "", limit: int = 100) -> list[AuditRecord]:
        found = [one for one in self._audit if subject in ("", one.subject) and batch in ("", one.batch)]
        return found[::-1][:limit]

    # process

    def put_sop(self, sop: StoredSop) -> None:
        self._sops[sop.id, sop.version] = sop

    def sops(self) -> list[StoredSop]:
        return [sop for _, sop in sorted(self._sops.items())]

    def facts_about(self, kinds: Collection[Kind], specimens: Collection[str]) -> dict[str, list[Fact]]:
        known = sorted((f for f in self._facts().values() if f.kind in kinds), key=lambda fact: fact.seq)
        found = {specimen: [fact for fact in known if fact.parent == specimen] for specimen in specimens}
        return {specimen: facts for specimen, facts in found.items() if facts}

    def put_process(self, specimens: Collection[str], standings: Sequence[ProcessStanding]) -> None:
        kept = {name: one for name, one in self._process.items() if one.specimen not in specimens}
        self._process = kept | {(one.specimen, one.sop): one for one in standings}

    def drop_process(self, sop: str) -> None:
        self._process = {name: one for name, one in self._process.items() if one.sop != sop}

    def process_standing(self, specimens: Collection[str]) -> dict[str, list[ProcessStanding]]:
        found: dict[str, list[ProcessStanding]] = {}
        for (specimen, _), one in sorted(self._process.items()):
            if specimen in specimens:
                found.setdefault(specimen, []).append(one)
        return found

    def find_process(self, wanted: ProcessFilter) -> list[ProcessStanding]:
        found = [
            one
            for _, one in sorted(self._process.items())
            if (not wanted.specimens or one.specimen in wanted.specimens)
            and (not wanted.verdicts or one.verdict in wanted.verdicts)
            and wanted.sop in ("", one.sop)
            and (not wanted.due_by or (one.pending_until and one.pending_until < wanted.due_by))
            and one.at >= wanted.since
            and one.specimen > wanted.after
        ]
        return found[: wanted.limit]

    def process_counts(self, since: str = "") -> dict[tuple[str, str], int]:
        found: dict[tuple[str, str], int] = {}
        for one in self._process.values():
            if one.at >= since:
                found[one.sop, one.verdict.value] = found.get((one.sop, one.verdict.value), 0) + 1
        return found

    def process_until(self, since: str = "") -> str:
        due = [one.pending_until for one in self._process.values() if one.pending_until and one.at >= since]
        return min(due, default="")

    # figures

    def counts(self) -> dict[tuple[str, str], int]:
        found: dict[tuple[str, str], int] = {}
        for one in self._records.values():
            found[one.kind.value, one.state.value] = found.get((one.kind.value, one.state.value), 0) + 1
        return found

    def finding_counts(self, *, source: str = "") -> dict[tuple[str, str, str], int]:
        found: dict[tuple[str, str, str], int] = {}
        for one in self._records.values():
            if one.state not in _LIVE or source not in ("", one.locator.source) or one.judgement is None:
                continue
            for rule, outcome in {(f.rule, f.outcome.value) for f in one.judgement.findings}:
                found[rule, outcome, one.kind.value] = found.get((rule, outcome, one.kind.value), 0) + 1
        return found

    def donor_counts(self) -> Iterator[tuple[str, str, str, int]]:
        found: dict[tuple[str, str, str], int] = {}
        for one in self._records.values():
            if one.donor and one.state in _LIVE:
                name = (one.donor, one.kind.value, one.state.value)
                found[name] = found.get(name, 0) + 1
        return ((*name, count) for name, count in found.items())

    def score_rows(self) -> Iterator[tuple[str, str, str, tuple[float | None, ...]]]:
        for one in self._records.values():
            if one.state in _LIVE:
                score = one.judgement.score if one.judgement else None
                parts = (score.total, score.authenticity, score.accuracy) if score else (None, None, None)
                rest = (score.completeness, score.consistency, score.timeliness) if score else (None, None, None)
                yield one.kind.value, one.state.value, one.locator.source, (*parts, *rest)


def _total(facts: Iterable[Fact], name: str) -> float:
    return sum((value for f in facts if isinstance(value := f.fields.get(name), int | float)), 0.0)


class MemoryVault:
    """:class:`hilum.registry.ports.Vault` in dictionaries."""

    def __init__(self, key: bytes = b"a key for tests, never for people") -> None:
        self._key = key
        self._people: dict[str, str] = {}
        self._personal: dict[str, dict[str, Value]] = {}
        self._originals: dict[str, str] = {}

    def key(self) -> bytes:
        return self._key

    def keep_original(self, path: str) -> tuple[str, int]:
        content = Path(path).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        self._originals[digest] = path
        return digest, len(content)

    def original(self, digest: str) -> str:
        return self._originals[digest]

    def put_people(self, people: Mapping[str, str]) -> None:
        self._people.update(people)

    def people(self, pseudonyms: Collection[str]) -> dict[str, str]:
        return {one: self._people[one] for one in pseudonyms if one in self._people}

    def put_personal(self, values: Mapping[str, Mapping[str, Value]]) -> None:
        self._personal.update({record: dict(fields) for record, fields in values.items()})

    def personal(self, record_ids: Collection[str]) -> dict[str, dict[str, Value]]:
        return {one: dict(self._personal[one]) for one in record_ids if one in self._personal}


class MemoryBank:
    """A bank of one :class:`MemoryUnit`, with whole or no transactions, for the contract suite."""

    def __init__(self) -> None:
        self._unit = MemoryUnit()

    @contextmanager
    def begin(self) -> Iterator[MemoryUnit]:
        """A unit of work; an exception undoes it."""
        before = copy.deepcopy(self._unit)
        try:
            yield self._unit
        except BaseException:
            self._unit = before
            raise

    @contextmanager
    def read(self) -> Iterator[MemoryUnit]:
        """A unit that only reads: what is written to it is gone afterwards, and told."""
        unit = copy.deepcopy(self._unit)
        untouched = copy.deepcopy(vars(unit))
        yield unit
        if vars(unit) != untouched:
            raise StoreError("store_read_only", place="memory")


def _statement(one: StoredRecord) -> str:
    return statement_of(one.locator.source, one.locator.place)
