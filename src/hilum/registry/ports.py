"""What the registry needs of the world: one unit of work over the bank, and the vault for personal data."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from hilum.model.event import Event
from hilum.model.record import Kind, Value
from hilum.operation import AuditRecord
from hilum.quality.finding import Judgement
from hilum.quality.watch import Notice
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
from hilum.registry.watch_stored import NoticeFilter, Waiting, Watched


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which records a queue or report asks for; empty fields do not restrict."""

    states: tuple[RecordState, ...] = ()
    kinds: tuple[Kind, ...] = ()
    rule: str = ""
    source: str = ""
    donor: str = ""
    key: str = ""
    limit: int = 100
    offset: int = 0


class Unit(Protocol):
    """One transaction over the bank. Nothing is visible to others before the caller commits."""

    # sources -----------------------------------------------------------------------------------------------------
    def source(self, source_id: str) -> Source | None: ...
    def sources(self) -> list[Source]: ...
    def put_source(self, source: Source) -> None:
        """Insert, or replace the row with the same id."""

    def add_problems(self, source_id: str, problems: Sequence[StoredProblem]) -> None: ...
    def problems(self, source_id: str = "") -> list[StoredProblem]: ...

    # records -----------------------------------------------------------------------------------------------------
    def add_records(self, records: Sequence[StoredRecord]) -> None:
        """Insert records with the judgement each carries (if any). Raises ``ConflictError`` for an id already there."""

    def add_judgements(self, judgements: Sequence[tuple[str, Judgement]], at: str, actor: str) -> None:
        """Append judgements of records already stored; each becomes its record's latest."""

    def set_states(self, states: Sequence[tuple[str, RecordState]]) -> None: ...
    def records(self, ids: Collection[str]) -> dict[str, StoredRecord]: ...
    def find_records(self, wanted: QueueFilter) -> list[StoredRecord]:
        """In the order they were stored."""

    def count_records(self, wanted: QueueFilter) -> int: ...
    def known_records(self, ids: Collection[str]) -> set[str]:
        """Which of these record ids are already stored."""

    def standing(self, wanted: Collection[tuple[Kind, str]]) -> list[Standing]:
        """Records under these (kind, key) that are accepted, held, rejected or refused, in the order stored."""

    # facts and events --------------------------------------------------------------------------------------------
    def append_events(self, events: Sequence[Event], facts: Sequence[Fact]) -> None:
        """Append events (``seq`` 0 is given the next number, in order) and bring the facts to the state after them.

        ``facts`` are the facts the asserting events establish, matched by (kind, key); a ``record.retracted`` event
        takes its fact away again, or restores the one before it.
        """

    def facts(self, kind: Kind, keys: Collection[str]) -> dict[str, Fact]:
        """By key; a key not found is looked up as an alias. The answer is keyed by what was asked."""

    def donor_facts(self, kind: Kind, donors: Collection[str]) -> dict[str, list[Fact]]:
        """By donor pseudonym, in ``seq`` order."""

    def named(self, kind: Kind, names: Collection[str]) -> list[Fact]:
        """Facts of a kind whose alias or barcode is one of ``names``, in ``seq`` order, each once."""

    def readings(self, logger: str, first: str, last: str) -> list[StoredReading]:
        """Accepted, held and superseded readings of a logger from instant ``first`` to ``last``, by their keys."""

    def siblings(self, parents: Collection[str]) -> dict[str, Siblings]: ...
    def occupants(self, positions: Collection[str]) -> dict[str, str]:
        """position -> key of the specimen that fills it, accepted or held: a held tube stands somewhere too."""

    def barcodes(self, barcodes: Collection[str]) -> dict[str, str]: ...
    def events(self, *, donor: str = "", keys: Collection[str] = ()) -> list[Event]:
        """Events of a donor, or of facts with these keys or whose parent is one of them, in ``seq`` order."""

    def all_events(self) -> Iterator[Event]: ...
    def all_facts(self, kind: Kind) -> Iterator[Fact]: ...
    def rebuild_facts(self) -> int:
        """Throw the facts away and make them again from the events; answers how many there are."""

    # waiting, waivers, audit -------------------------------------------------------------------------------------
    def put_awaits(self, record_id: str, wanted: Collection[tuple[Kind, str]]) -> None:
        """Remember that a held record waits for these facts; replaces what it waited for before."""

    def awaiting(self, arrived: Collection[tuple[Kind, str]]) -> list[str]:
        """Ids of records that wait for any of these, in the order they were stored."""

    def put_places(self, places: Mapping[str, tuple[str, str] | None]) -> None:
        """record id of a held specimen -> (position, key), or ``None`` when it no longer stands there as held."""

    def put_waiver(self, waiver: Waiver) -> None: ...
    def waivers(self, record_ids: Collection[str]) -> dict[str, list[Waiver]]: ...
    def audit(self, entries: Iterable[AuditRecord]) -> None: ...
    def audit_trail(self, *, subject: str = "", batch: str = "", limit: int = 100) -> list[AuditRecord]:
        """Newest first."""

    # process -----------------------------------------------------------------------------------------------------
    def put_sop(self, sop: StoredSop) -> None:
        """Insert, or replace the row of the same id and version."""

    def sops(self) -> list[StoredSop]:
        """Every version, by id and version."""

    def facts_about(self, kinds: Collection[Kind], specimens: Collection[str]) -> dict[str, list[Fact]]:
        """Facts of these kinds that hang on these specimens (children, for kind specimen), by specimen, in ``seq``
        order."""

    def put_process(self, specimens: Collection[str], standings: Sequence[ProcessStanding]) -> None:
        """Replace everything known of how these specimens stand to any SOP."""

    def drop_process(self, sop: str) -> None:
        """Forget how any specimen stood to this SOP."""

    def process_standing(self, specimens: Collection[str]) -> dict[str, list[ProcessStanding]]:
        """By specimen, in the order of the SOPs' ids."""

    def find_process(self, wanted: ProcessFilter) -> list[ProcessStanding]:
        """In the order of specimen and SOP."""

    def process_counts(self, since: str = "") -> dict[tuple[str, str], int]:
        """(SOP, verdict) -> specimens, of standings made at ``since`` or later."""

    def process_until(self, since: str = "") -> str:
        """When the first pending step falls due, of standings made at ``since`` or later; empty when none does."""

    # watch -------------------------------------------------------------------------------------------------------
    def put_notices(self, notices: Iterable[Notice]) -> None:
        """Insert, or replace the row of the same id: a notice that was closed, changed or acknowledged."""

    def open_notices(self) -> list[Notice]:
        """Every open one, in the order raised."""

    def find_notices(self, wanted: NoticeFilter) -> list[Notice]:
        """In the order raised; with ``ids`` exactly those, in their order, and no other condition."""

    def watched(self, kinds: Collection[Kind], after: int, limit: int) -> list[Watched]:
        """Records of these kinds stored after the one numbered ``after``, whatever their state, in order."""

    def last_record(self) -> int:
        """The number of the record stored last; 0 in an empty bank."""

    def record_before(self, received_at: str) -> int:
        """The number of the last record that came before an instant; 0 where there is none."""

    def earliest_due(self) -> str:
        """When the first pending step of any specimen falls due; empty when none does."""

    def specimens_due(self, by: str, limit: int) -> list[str]:
        """Specimens with a step that fell due before ``by``, earliest first."""

    def standings_made(self, after: tuple[str, str, str], limit: int) -> list[tuple[str, str, str]]:
        """(made at, specimen, SOP) of the standings behind ``after`` in that order."""

    def waiting(self, before: str) -> list[Waiting]:
        """Held records that came before an instant and still wait for a fact, by source and kind of fact."""

    # figures -----------------------------------------------------------------------------------------------------
    def counts(self) -> dict[tuple[str, str], int]:
        """(kind, state) -> number of records."""

    def finding_counts(self, *, source: str = "") -> dict[tuple[str, str, str], int]:
        """(rule, outcome, kind) -> records whose latest judgement has the finding and which are accepted, held,
        rejected or refused."""

    def donor_counts(self) -> Iterator[tuple[str, str, str, int]]:
        """(donor pseudonym, kind, state, number of current records of that donor)."""

    def all_waivers(self) -> list[Waiver]: ...
    def score_rows(self) -> Iterator[tuple[str, str, str, tuple[float | None, ...]]]:
        """(kind, state, source id, (total, the five dimensions in order)) of every current record."""


class Vault(Protocol):
    """Personal data and original bytes, apart from the bank and separately erasable."""

    def key(self) -> bytes:
        """The secret under which donor pseudonyms are made; created on first use."""

    def keep_original(self, path: str) -> tuple[str, int]:
        """Copy a file's bytes in, durably, before anything parses them; answers (SHA-256, size)."""

    def original(self, digest: str) -> str:
        """Path of a kept original, for reading only."""

    def put_people(self, people: Mapping[str, str]) -> None:
        """pseudonym -> identifier as the source writes it."""

    def people(self, pseudonyms: Collection[str]) -> dict[str, str]: ...
    def put_personal(self, values: Mapping[str, Mapping[str, Value]]) -> None:
        """record id -> personal fields of that record. Idempotent; written before the bank commits."""

    def personal(self, record_ids: Collection[str]) -> dict[str, dict[str, Value]]: ...
