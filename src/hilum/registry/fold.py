"""Facts from events: the pure, slow, obvious fold that says what the bank holds true, now or as of any instant.

The stores keep facts up to date as events arrive; this module is what they must agree with. An event asserts the fact
it names; a later assertion of the same fact supersedes the one before; ``record.retracted`` takes back what its record
asserted of that fact, and the assertion before it stands again. A record that never asserted the fact takes back the
newest assertion in force.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime

from hilum.model.event import Event, EventKind
from hilum.model.record import Kind, Value
from hilum.quality.row import days_of
from hilum.registry.stored import Fact

_WHOLE_DAY, _EPOCH = len("2024-03-05"), date(1970, 1, 1).toordinal()
Name = tuple[Kind, str]
"""What a fact is called: its kind and key."""


def fact_of(event: Event, source: str, digest: str) -> Fact:
    """The fact ``event`` asserts; ``source`` and ``digest`` are those of the record that says so."""
    fields = event.fields
    specimen = event.fact is Kind.SPECIMEN
    named = specimen or event.fact is Kind.SLIDE
    logged = event.fact is Kind.TRANSPORT or event.fact is Kind.LOG
    return Fact(
        kind=event.fact,
        key=event.key,
        donor=event.donor,
        parent=_text(fields, "parent_id" if specimen else "specimen_id"),
        alias=_text(fields, "uuid") if named else _text(fields, "logger") if logged else None,
        position=position(fields) if specimen else None,
        barcode=_text(fields, "barcode_2d") if specimen else _text(fields, "transport_id") if logged else None,
        record=event.record,
        source=source,
        digest=digest,
        seq=event.seq,
        fields=fields,
    )


def position(fields: Mapping[str, Value]) -> str | None:
    """The place a specimen fills: its well on a plate (``plate:A133:B05``), else where it is kept (``place:…``)."""
    plate, row, column = (fields.get(name) for name in ("plate_id", "plate_row", "plate_column"))
    if plate and row and column is not None:
        return f"plate:{plate}:{row}{_two_digits(column)}"
    place = fields.get("location")
    return f"place:{place}" if place else None


def sums_of(specimen: Fact) -> tuple[float | None, float | None, float | None]:
    """Amount (ug), volume (uL) and weight (mg) that a specimen adds to the sums over its siblings."""
    get = specimen.fields.get
    return _number(get("amount_ug")), _number(get("volume_ul")), _number(get("weight_mg"))


def fold(events: Iterable[Event], facts_of: Callable[[Event], Fact]) -> dict[Name, Fact]:
    """What holds after ``events`` (in ``seq`` order): the newest assertion in force of every fact.

    ``facts_of`` makes an asserting event's fact; :func:`fact_of` with the record's source and digest does.
    """
    standing = {name: facts_of(asserted[-1]) for name, asserted in _in_force(events).items() if asserted}
    return dict(sorted(standing.items()))


def state_at(
    events: Iterable[Event],
    *,
    happened_by: str | None = None,
    offset_by: int | None = None,
    known_by: str | None = None,
) -> list[Event]:
    """What the bank knew at ``known_by`` about what had happened by ``happened_by``: the events that stood then.

    Both limits are ISO days (the whole day counts) or instants; ``offset_by`` is days from the donor's index event and
    places events that carry no date. A correction replaces what it corrects on the axis of knowledge, so a collection
    first given as day 5 and corrected to day 10 has not happened by day 7. An event that no given limit can place is
    included (see :func:`undated`). A day without an hour is over at its end: nothing of a later hour leaks in.
    Raises ``ValueError`` for a limit that is no ISO day or instant.
    """
    known = [event for event in events if known_by is None or _end(event.recorded_at) <= _end(known_by)]
    current = [
        event
        for asserted in _in_force(known).values()
        for event in asserted
        if event.record == asserted[-1].record and _has_happened(event, happened_by, offset_by) is not False
    ]
    return sorted(current, key=lambda event: event.seq)


def undated(events: Iterable[Event], *, happened_by: str | None = None, offset_by: int | None = None) -> list[Event]:
    """The events that neither limit can place in time; :func:`state_at` includes them and a reader must be told."""
    return [event for event in events if _has_happened(event, happened_by, offset_by) is None]


def facts_at(
    events: Iterable[Event],
    facts_of: Callable[[Event], Fact],
    *,
    happened_by: str | None = None,
    offset_by: int | None = None,
    known_by: str | None = None,
) -> dict[Name, Fact]:
    """:func:`fold` of :func:`state_at`."""
    return fold(state_at(events, happened_by=happened_by, offset_by=offset_by, known_by=known_by), facts_of)


def _in_force(events: Iterable[Event]) -> dict[Name, list[Event]]:
    """name -> its assertions that nobody took back, oldest first."""
    standing: dict[Name, list[Event]] = {}
    spoken: dict[Name, set[str]] = {}
    for event in events:
        asserted = standing.setdefault((event.fact, event.key), [])
        speakers = spoken.setdefault((event.fact, event.key), set())
        if event.kind is not EventKind.RECORD_RETRACTED:
            asserted.append(event)
            speakers.add(event.record)
        elif event.record in speakers:
            asserted[:] = [earlier for earlier in asserted if earlier.record != event.record]
        elif asserted:
            asserted[:] = [earlier for earlier in asserted if earlier.record != asserted[-1].record]
    return standing


def _has_happened(event: Event, happened_by: str | None, offset_by: int | None) -> bool | None:
    """Whether it had happened by the limits; ``None`` when they cannot say."""
    if happened_by is None and offset_by is None:
        return True
    if event.moment.at is not None and happened_by is not None:
        return _end(event.moment.at) <= _end(happened_by)
    if event.moment.offset_days is not None and offset_by is not None:
        return event.moment.offset_days <= offset_by
    return None


def _end(text: str) -> datetime:
    """The last instant of a day, month or year, or the instant itself; one without a zone is taken as UTC."""
    if len(text) < _WHOLE_DAY:
        text = date.fromordinal(days_of(text)[1] + _EPOCH).isoformat()
    at = datetime.fromisoformat(text)
    if len(text) <= _WHOLE_DAY:
        at = at.replace(hour=23, minute=59, second=59, microsecond=999_999)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _two_digits(column: Value) -> str:
    return f"{column:02d}" if isinstance(column, int) else str(column)


def _text(fields: Mapping[str, Value], name: str) -> str | None:
    value = fields.get(name)
    return str(value) if value not in (None, "") else None


def _number(value: Value) -> float | None:
    if type(value) is float:
        return value
    return float(value) if type(value) is int else None
