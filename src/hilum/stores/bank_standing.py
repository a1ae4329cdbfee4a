"""What stands under a key now, and how many records every donor has."""

from collections.abc import Collection, Iterator

from sqlalchemy import func, select

from hilum.model.record import Kind, statement_of
from hilum.registry.stored import RecordState, Standing
from hilum.stores.bank_session import Session
from hilum.stores.bank_statements import asked
from hilum.stores.tables import RECORDS

CURRENT = tuple(
    state.value for state in (RecordState.ACCEPTED, RecordState.HELD, RecordState.REJECTED, RecordState.REFUSED)
)
"""States of records that nothing has replaced."""

_STANDING = select(*[RECORDS.c[name] for name in ("n", "id", "kind", "key", "digest", "source", "place", "state")])
_UNDER_KEY = _STANDING.where(asked(RECORDS.c.key))
_LIVE = frozenset(CURRENT)


class StandingPart(Session):
    """Questions about records by what they speak of."""

    def standing(self, wanted: Collection[tuple[Kind, str]]) -> list[Standing]:
        """Records under these (kind, key) that are accepted, held, rejected or refused, in the order stored."""
        names = {(kind.value, key) for kind, key in wanted}
        found: list[tuple[int, Standing]] = []
        rows = self.look_up(_UNDER_KEY, [key for _, key in wanted])
        for n, record_id, kind, key, digest, source, place, state in rows:
            if state in _LIVE and (kind, key) in names:
                told = statement_of(source, place)
                found.append((n, Standing(record_id, Kind(kind), key, digest, told, RecordState(state))))
        return [standing for _, standing in sorted(found, key=lambda pair: pair[0])]

    def donor_counts(self) -> Iterator[tuple[str, str, str, int]]:
        """(donor pseudonym, kind, state, number of current records of that donor)."""
        columns = RECORDS.c.donor, RECORDS.c.kind, RECORDS.c.state
        query = select(*columns, func.count()).where(RECORDS.c.donor.is_not(None), RECORDS.c.state.in_(CURRENT))
        for donor, kind, state, count in self.connection.execute(query.group_by(*columns)):
            yield str(donor), kind, state, count
