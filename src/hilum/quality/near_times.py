"""Times that may have been meant: twelve hours off, read in another zone, day and month or two times exchanged, another
year.

These are candidates only; :mod:`hilum.quality.slip` says which of them settle the contradiction. Where times are
merely far apart (a rule on a duration), only slips that leave an unmistakable trace are considered: a true delay must
not be argued away by twelve hours, nor by eight.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone

from hilum.model.record import Kind
from hilum.model.vocabulary import FieldType, temporal_fields
from hilum.quality.row import Row
from hilum.quality.shown import field_type, is_personal
from hilum.quality.slip import Slip

ORDER, DURATION = "order", "duration"
TOPICS = frozenset({ORDER, DURATION})
"""Topics of rules whose findings a time may explain."""
_CHINA = timezone(timedelta(hours=8))
"""Day and month are exchanged on paper, that is in the civil time of the hospital."""
_YEAR, _SWAP, _NOON, _ZONE, _EXCHANGE = 0.85, 0.8, 0.75, 0.6, 0.4
_SHIFTS = ((-12, _NOON), (12, _NOON), (-8, _ZONE), (8, _ZONE))
"""Hours by which a time may be off: a morning written for an afternoon; a clock face of the hospital's own zone sent as
UTC (it was eight hours earlier), or one of UTC sent as the hospital's (eight hours later). A zone is the rarer slip:
most systems write none."""
_AT_NIGHT = 0.7
"""How much less likely a moved time is that falls into the night, when hospitals draw and receive little."""
_MORNING, _EVENING = 6, 20
_A_STORY, _APART = timedelta(days=2), 0.8
"""What happens to a specimen or a visit happens within days; a time moved further off explains less."""
_EPOCH = date(1970, 1, 1).toordinal()


def near_times(kind: Kind, topic: str, reads: Iterable[str], row: Row) -> Iterator[Slip]:
    """Slips in the record's own times among the columns ``reads``; none in personal fields, nor from them."""
    open_columns = sorted(name for name in reads if not is_personal(kind, name))
    days = {name: _moment(kind, name, row) for name in open_columns}
    known = {name: at for name, at in days.items() if at is not None}
    own = [name for name, _ in temporal_fields(kind) if name in known]
    for name in own:
        is_day = field_type(kind, name) is FieldType.DATE
        others = {other: at for other, at in known.items() if other != name}
        for moved, confidence in _moved(known[name], [at.year for at in others.values()], topic, is_day=is_day):
            sure = round(confidence * _APART, 2) if not is_day and _is_apart(moved, others) else confidence
            yield Slip(((name, _number(moved, is_day=is_day)),), sure)
    if topic == ORDER:
        yield from _exchanged(kind, own, row)


def _is_apart(at: datetime, others: Mapping[str, datetime]) -> bool:
    """Whether a time lies days from everything else the rule reads of the story; when we heard of it is no part."""
    story = [other for name, other in others.items() if not name.startswith("received.")]
    return bool(story) and all(abs(at - other) > _A_STORY for other in story)


def _moment(kind: Kind, name: str, row: Row) -> datetime | None:
    """The civil time in a column, ``None`` where there is none or no calendar reaches it."""
    number, type_ = row.get(name), field_type(kind, name)
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    try:
        if type_ is FieldType.DATE:
            return datetime.combine(date.fromordinal(_EPOCH + int(number)), datetime.min.time(), _CHINA)
        return datetime.fromtimestamp(int(number), UTC).astimezone(_CHINA) if type_ is FieldType.INSTANT else None
    except (OverflowError, ValueError, OSError):
        return None


def _number(at: datetime, *, is_day: bool) -> int:
    return at.date().toordinal() - _EPOCH if is_day else int(at.timestamp())


def _moved(at: datetime, years: Sequence[int], topic: str, *, is_day: bool) -> Iterator[tuple[datetime, float]]:
    for year in sorted(set(years) - {at.year}):
        yield from _replaced(at, year, at.month, at.day, _YEAR)
    if at.day <= 12 and at.day != at.month:
        yield from _replaced(at, at.year, at.day, at.month, _SWAP)
    if topic == ORDER and not is_day:
        for hours, confidence in _SHIFTS:
            try:
                moved = at + timedelta(hours=hours)
            except OverflowError:
                continue
            by_day = _MORNING <= moved.hour < _EVENING
            yield moved, confidence if by_day else round(confidence * _AT_NIGHT, 2)


def _replaced(at: datetime, year: int, month: int, day: int, confidence: float) -> Iterator[tuple[datetime, float]]:
    try:
        yield at.replace(year=year, month=month, day=day), confidence
    except ValueError:  # 29 February
        return


def _exchanged(kind: Kind, own: Sequence[str], row: Row) -> Iterator[Slip]:
    """Two of the record's own times, each in the other's field."""
    for index, one in enumerate(own):
        for other in own[index + 1 :]:
            if field_type(kind, one) is field_type(kind, other):
                yield Slip(((one, row.get(other)), (other, row.get(one))), _EXCHANGE)
