"""Which happenings the accepted facts of a specimen tell of: its own row, what was done with it, its donor's consent,
and what was done with the specimens it was made from before it was made.

Kinds of record are ranked by how near they were to the deed: a laboratory run, a custody entry, a transport, a storage
entry, a collection form, the specimen's own row.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from hilum.model.event import EventKind
from hilum.model.record import Kind, Value
from hilum.model.vocabulary import FieldType
from hilum.quality.process import Happening
from hilum.quality.row import bounds, is_partial, second_number
from hilum.quality.sop import CONSENT
from hilum.registry.accession import happening as event_of
from hilum.registry.stored import Fact

ABOUT = (Kind.PREPARATION, Kind.CUSTODY, Kind.TRANSPORT, Kind.STORAGE, Kind.COLLECTION)
"""Kinds that tell of what was done with a specimen."""

INHERITED = frozenset(
    {"collect", "pack", "dispatch", "transport", "receive", "inspect", "hand_over", "centrifuge"}
    | {"second_centrifuge", "separate", "fix", "embed"}
)
"""Steps of an ancestor that count for what was made from it. What keeps or ends a tube is each tube's own."""

_RANK = {kind: rank for rank, kind in enumerate((*ABOUT, Kind.SPECIMEN, Kind.CONSENT))}
_OF_SPECIMEN = (
    ("collected_at", "collect", "collected_by"),
    ("received_at", "receive", ""),
    ("centrifuged_at", "centrifuge", ""),
    ("fixed_at", "fix", ""),
    ("frozen_at", "freeze", ""),
    ("shipped_on", "dispatch", ""),
)
_OTHER = "other"


def happenings_of(fact: Fact) -> Iterator[Happening]:
    """What one fact tells of; nothing for a kind that tells of no step."""
    teller = _TELLERS.get(fact.kind)
    return teller(fact) if teller else iter(())


def story(
    own: Fact, ancestors: Iterable[Fact], about: Mapping[str, Iterable[Fact]], consents: Iterable[Fact]
) -> list[Happening]:
    """Everything told of the specimen ``own``. ``ancestors`` begin with its parent; ``about`` holds the facts about
    each specimen by its key; ``consents`` are its donor's."""
    found = [one for fact in (own, *about.get(own.key, ()), *consents) for one in happenings_of(fact)]
    made = _made(own)
    for ancestor in ancestors:
        found += [
            one
            for fact in (ancestor, *about.get(ancestor.key, ()))
            for one in happenings_of(fact)
            if one.step in INHERITED and (made is None or one.first is None or one.first <= made)
        ]
        earlier = _made(ancestor)
        made = earlier if made is None or (earlier is not None and earlier < made) else made
    return found


def _made(specimen: Fact) -> int | None:
    """The last second at which a specimen with a parent can have been made, if anybody says."""
    if not specimen.parent:
        return None
    return _time(specimen.fields.get("created_on"))[1]


def _time(value: Value) -> tuple[int | None, int | None]:
    """First and last second of an instant, a day, a month or a year as written."""
    if not isinstance(value, str):
        return None, None
    try:
        if is_partial(FieldType.INSTANT, value):
            return bounds(FieldType.INSTANT, value)
        exact = second_number(value)
    except ValueError:
        return None, None
    return exact, exact


def _one(fact: Fact, step: str, when: Value, actor: str = "", device_ok: bool | None = None) -> Happening:
    first, last = _time(when)
    named = fact.fields.get(actor) if actor else None
    who = named if isinstance(named, str) and named else None
    return Happening(step, fact.record, first, last, who, device_ok, _RANK[fact.kind])


def _of_specimen(fact: Fact) -> Iterator[Happening]:
    get = fact.fields.get
    for field, step, actor in _OF_SPECIMEN:
        if get(field) is not None:
            yield _one(fact, step, get(field), actor)
    if get("collected_at") is None and get("collected_offset_days") is not None:
        yield _one(fact, "collect", None)
    if get("location"):
        yield _one(fact, "store", None)


def _of_preparation(fact: Fact) -> Iterator[Happening]:
    get = fact.fields.get
    step = get("step")
    if isinstance(step, str) and step != _OTHER:
        when = get("started_at") or get("ended_at")
        yield _one(fact, step, when, "operator", _device_ok(fact.fields, when))


def _device_ok(fields: Mapping[str, Value], when: Value) -> bool | None:
    """Whether the device was in calibration: known only with the day on which it falls due, and the day of use."""
    first, last = _time(when)
    due_first, due_last = _time(fields.get("device_calibration_due_on"))
    if first is None or last is None or due_first is None or due_last is None:
        return None
    if first > due_last:
        return False
    since, _ = _time(fields.get("device_calibrated_on"))
    if since is not None and last < since:
        return None  # calibrated after the use: what held at the use is not said
    return True if last <= due_last else None


def _of_custody(fact: Fact) -> Iterator[Happening]:
    action = fact.fields.get("action")
    if isinstance(action, str) and action != _OTHER:
        yield _one(fact, action, fact.fields.get("happened_at"), "performed_by")


def _of_transport(fact: Fact) -> Iterator[Happening]:
    get = fact.fields.get
    sent = get("dispatched_at") or get("dispatched_on")
    if sent is not None:
        yield _one(fact, "dispatch", sent)
    if get("received_at") is not None:
        yield _one(fact, "receive", get("received_at"), "received_by")


def _of_storage(fact: Fact) -> Iterator[Happening]:
    yield _one(fact, "store", fact.fields.get("stored_at"), "stored_by")


def _of_collection(fact: Fact) -> Iterator[Happening]:
    yield _one(fact, "collect", None)


def _of_consent(fact: Fact) -> Iterator[Happening]:
    """A consent that was given, also one withdrawn later: whether it still holds is the gate's business."""
    given = event_of(fact.kind, fact.fields) is EventKind.CONSENT_GIVEN or fact.fields.get("withdrawn_on") is not None
    if given and fact.fields.get("status") != "refused":
        yield _one(fact, CONSENT, fact.fields.get("consented_on"))


_TELLERS: Mapping[Kind, Callable[[Fact], Iterator[Happening]]] = {
    Kind.SPECIMEN: _of_specimen,
    Kind.PREPARATION: _of_preparation,
    Kind.CUSTODY: _of_custody,
    Kind.TRANSPORT: _of_transport,
    Kind.STORAGE: _of_storage,
    Kind.COLLECTION: _of_collection,
    Kind.CONSENT: _of_consent,
}
