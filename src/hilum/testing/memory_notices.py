"""The watch's side of a bank in plain dictionaries: the judge of :mod:`hilum.stores.bank_notices`."""

from collections.abc import Collection, Iterable

from hilum.model.record import Kind
from hilum.quality.watch import Notice
from hilum.registry.process_stored import ProcessStanding
from hilum.registry.stored import RecordState, StoredRecord
from hilum.registry.watch_stored import NoticeFilter, Waiting, Watched


class MemoryNotices:
    """Notices, and what there is to notice; a part of :class:`hilum.testing.memory.MemoryUnit`."""

    _records: dict[str, StoredRecord]
    _process: dict[tuple[str, str], ProcessStanding]
    _awaits: dict[str, set[tuple[Kind, str]]]

    def __init__(self) -> None:
        self._notices: dict[str, Notice] = {}

    def put_notices(self, notices: Iterable[Notice]) -> None:
        self._notices |= {one.id: one for one in notices}

    def _in_order(self) -> list[Notice]:
        return sorted(self._notices.values(), key=lambda one: (one.raised_at, one.id))

    def open_notices(self) -> list[Notice]:
        return [one for one in self._in_order() if one.is_open]

    def find_notices(self, wanted: NoticeFilter) -> list[Notice]:
        if wanted.ids:
            return [self._notices[one] for one in dict.fromkeys(wanted.ids) if one in self._notices]
        last = self._notices.get(wanted.after)
        found = [
            one
            for one in self._in_order()
            if one.rule.startswith(wanted.rule)
            and wanted.subject in ("", one.subject)
            and wanted.open in (None, one.is_open)
            and wanted.acknowledged in (None, "acknowledged_at" in one.body)
            and one.raised_at >= wanted.since
            and (last is None or (one.raised_at, one.id) > (last.raised_at, last.id))
        ]
        return found[: wanted.limit]

    def watched(self, kinds: Collection[Kind], after: int, limit: int) -> list[Watched]:
        found = [
            Watched(n, one.id, one.kind, one.key, one.state, one.received_at, one.fields)
            for n, one in enumerate(self._records.values(), 1)
            if n > after and one.kind in kinds
        ]
        return found[:limit]

    def last_record(self) -> int:
        return len(self._records)

    def record_before(self, received_at: str) -> int:
        return sum(one.received_at < received_at for one in self._records.values())

    def earliest_due(self) -> str:
        return min((one.pending_until for one in self._process.values() if one.pending_until), default="")

    def specimens_due(self, by: str, limit: int) -> list[str]:
        due = [one for one in self._process.values() if one.pending_until and one.pending_until < by]
        due.sort(key=lambda one: one.pending_until)
        return list(dict.fromkeys(one.specimen for one in due[:limit]))

    def standings_made(self, after: tuple[str, str, str], limit: int) -> list[tuple[str, str, str]]:
        made = sorted((one.at, one.specimen, one.sop) for one in self._process.values())
        return [one for one in made if one > after][:limit]

    def waiting(self, before: str) -> list[Waiting]:
        found: dict[tuple[str, Kind], list[str]] = {}
        for record, wanted in self._awaits.items():
            one = self._records.get(record)
            if one is not None and one.state is RecordState.HELD and one.received_at < before:
                for kind, _ in wanted:
                    found.setdefault((one.locator.source, kind), []).append(one.received_at)
        return [Waiting(source, kind, len(came), min(came)) for (source, kind), came in sorted(found.items())]
