"""What comes through a door before anybody has parsed it, and what the gate says back.

A door (HTTP, MLLP, a watched folder, a broker's topic) hands in bytes with what it knows of them. They are an arrival
as soon as they are safe; only then may the door say "received". The gate works from the arrivals, in their order.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hilum.canonical import digest_bytes
from hilum.messages import Language
from hilum.model import ids

RECORDS_JSON = "application/vnd.hilum.records+json"
"""Media type of one record or a list of records in Hilum's own words."""
RECORDS_NDJSON = "application/vnd.hilum.records+ndjson"
"""The same, one record a line."""
FHIR_JSON = "application/fhir+json"
FHIR_NDJSON = "application/fhir+ndjson"
HL7_V2 = "x-application/hl7-v2+er7"
BYTES = "application/octet-stream"
"""A file of any format that knows itself by its content."""


class Door(StrEnum):
    """By which way something came."""

    HTTP = "http"
    MLLP = "mllp"
    FOLDER = "folder"
    MQTT = "mqtt"
    BROKER = "broker"


class ArrivalState(StrEnum):
    """``aside``: the gate could not work on it at all (a poison message); it waits for a person, the rest goes on."""

    WAITING = "waiting"
    DONE = "done"
    ASIDE = "aside"


@dataclass(frozen=True, slots=True)
class Incoming:
    """Bytes at a door.

    ``sender`` is an account; ``key`` is what makes a repeat a repeat (an Idempotency-Key, a message control id); empty
    means the bytes themselves do: the same bytes from the same sender are the same arrival. ``name`` labels the place
    in findings and problems. ``language`` is that of the answer's words.
    """

    door: Door
    sender: str
    body: bytes
    media: str = BYTES
    name: str = ""
    key: str = ""
    language: Language = "zh"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of one arrival without its bytes. ``n`` is its place in the stream, from 1."""

    id: str
    door: str
    sender: str
    key: str
    media: str
    name: str
    language: Language
    digest: str
    size: int
    received_at: str
    n: int = 0
    state: ArrivalState = ArrivalState.WAITING
    reason: str = ""
    """Why it was set aside: the kind of error, never a value."""


def arrival_of(incoming: Incoming, received_at: str) -> Arrival:
    """Name an arrival by who sent it and what makes it itself; the same again gets the same name."""
    digest = digest_bytes(incoming.body)
    return Arrival(
        id=ids.mint(ids.ARRIVAL, incoming.sender, incoming.door, incoming.key or digest),
        door=incoming.door.value,
        sender=incoming.sender,
        key=incoming.key,
        media=incoming.media,
        name=incoming.name or incoming.door.value,
        language=incoming.language,
        digest=digest,
        size=len(incoming.body),
        received_at=received_at,
    )


@dataclass(frozen=True, slots=True)
class Settled:
    """The gate has done with an arrival: what it answers (JSON bytes), or why it was set aside."""

    n: int
    state: ArrivalState
    answer: bytes = b""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What still waits: how many arrivals, how many bytes, and since when the oldest."""

    arrivals: int
    size: int
    oldest: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a door says back. ``repeated``: this arrival was known already; ``content`` is the gate's answer
    (:func:`hilum.app.answering.answer_of` gives its shape), empty while the gate has not spoken."""

    arrival: Arrival
    repeated: bool = False
    content: Mapping[str, object] = field(default_factory=dict)


Receive = Callable[[Incoming, float], Awaitable[Reply]]
"""Take bytes in durably and wait at most so many seconds for the gate's answer.

Raises :class:`~hilum.errors.BusyError` when too much waits already, :class:`~hilum.errors.ConflictError` when other
bytes came under the same key before, :class:`~hilum.errors.StoreError` when the bytes could not be made safe.
"""
