"""The records a watch has to see, from the bank, in parts small enough not to keep the gate waiting."""

from datetime import UTC, datetime, timedelta

from hilum.clock import stamp
from hilum.model.record import Kind
from hilum.registry.ports import Unit
from hilum.registry.watching_trips import Trips

PART = 5_000
_JOURNEYS = (Kind.TRANSPORT, Kind.CUSTODY)
_EVERY = (Kind.READING, *_JOURNEYS)
_ALWAYS = 1 << 62


class Stream:
    """Where a watch has got to.

    One begun anew first sees the transports of the days it looks back, then the readings since the oldest trip still
    under way was sent (a day at least), then everything as it comes. Each record is seen once.
    """

    def __init__(self, unit: Unit, trips: Trips, now: datetime, look_back: timedelta) -> None:
        self._trips = trips
        self._now = int(now.timestamp())
        self._kinds: tuple[Kind, ...] = _JOURNEYS
        self._after = unit.record_before(stamp(now - look_back))
        self._until = self._resume = unit.last_record()

    @property
    def is_caught_up(self) -> bool:
        return self._kinds == _EVERY

    def pull(self, unit: Unit) -> bool:
        """See the next records; answers whether there may be more."""
        found = [one for one in unit.watched(self._kinds, self._after, PART) if one.n <= self._until]
        for one in found:
            self._trips.see(one)
        if found:
            self._after = found[-1].n
        if len(found) == PART:
            return True
        return self._turn(unit)

    def _turn(self, unit: Unit) -> bool:
        """Go on to what comes next; answers whether that is anything new."""
        if self._kinds == _JOURNEYS:
            first = datetime.fromtimestamp(self._trips.oldest(self._now), UTC)
            self._kinds, self._after = (Kind.READING,), unit.record_before(stamp(first))
        elif not self.is_caught_up:
            self._kinds, self._after, self._until = _EVERY, self._resume, _ALWAYS
        else:
            return False
        return True
