"""How a bank's doors are set up: MLLP ports, watched folders, MQTT topics, brokers' channels. Values only.

They stand in ``hilum.toml`` under ``[mllp]``, ``[folders]``, ``[mqtt]`` and ``[brokers]``;
:mod:`hilum.model.door_tables` reads them. A password is best kept in a file or in the environment; one that stands here
all the same is never shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hilum.messages import Language
from hilum.model.record import Kind


class Content(StrEnum):
    """What a topic carries. ``fields``: values that are put into the fields of one kind of record."""

    FIELDS = "fields"
    RECORDS = "records"
    RECORD_LINES = "record-lines"
    FHIR = "fhir"
    FHIR_LINES = "fhir-lines"
    HL7 = "hl7"
    FILE = "file"


class BrokerKind(StrEnum):
    """Which protocol a broker speaks."""

    NATS = "nats"
    RABBIT = "rabbit"
    KAFKA = "kafka"


@dataclass(frozen=True, slots=True)
class Tls:
    """Files of a TLS end point, relative to the bank's home: own certificate and key, and who is trusted.

    For a port ``trusted`` are the authorities of its clients, and demands a client certificate; for a connection they
    are those of the server (empty: the system's).
    """

    certificate: str = ""
    key: str = ""
    trusted: str = ""


@dataclass(frozen=True, slots=True)
class MllpPort:
    """One listening port. ``account`` sends whatever comes here; empty: the client's certificate or, on a port that
    asks for none, the message's MSH-3^MSH-4 says who sends.

    ``reused_ids``: the senders of this port give a control id again to other messages, so that the bytes count too.
    ``charset`` is how an answer is written to a message that is plain ASCII and names no character set.
    """

    port: int
    host: str = "127.0.0.1"
    account: str = ""
    language: Language | None = None
    tls: Tls | None = None
    reused_ids: bool = False
    charset: str = "UNICODE UTF-8"


@dataclass(frozen=True, slots=True)
class Mllp:
    """The MLLP door. ``senders`` (``LIS^HOSPITAL``) and ``certificates`` (a name in it) say who an account is."""

    ports: tuple[MllpPort, ...] = ()
    senders: Mapping[str, str] = field(default_factory=dict)
    certificates: Mapping[str, str] = field(default_factory=dict)
    wait_s: float = 10.0
    largest: int = 16 << 20
    connections: int = 1_000


@dataclass(frozen=True, slots=True)
class WatchedFolder:
    """A folder whose files come from ``account``; with ``marker`` a file counts once ``<name>.done`` is there."""

    path: str
    account: str
    language: Language | None = None
    marker: bool = False


@dataclass(frozen=True, slots=True)
class Folders:
    """The watched folders: how often they are looked at, and for how long a file must not have changed (seconds)."""

    watched: tuple[WatchedFolder, ...] = ()
    every_s: float = 2.0
    quiet_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Shape:
    """How values become fields of a record of ``kind``: ``fields`` is field -> member of the JSON (``sensor.t``);
    ``constant`` is field -> what it always is; ``plain`` is the field of a payload that is one value and no JSON."""

    kind: Kind = Kind.READING
    fields: Mapping[str, str] = field(default_factory=dict)
    constant: Mapping[str, str] = field(default_factory=dict)
    plain: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """An MQTT subscription. ``filter`` may have ``+``, a trailing ``#``, and ``{field}`` levels, whose text that field
    gets."""

    filter: str
    content: Content = Content.FIELDS
    shape: Shape = Shape()


@dataclass(frozen=True, slots=True)
class Mqtt:
    """The MQTT door. ``client`` is its fixed name at the broker, so that what comes while it is away is kept there.
    Verdicts are published under ``answers`` when that is given."""

    host: str = ""
    port: int = 1883
    account: str = ""
    topics: tuple[Topic, ...] = ()
    client: str = "hilum"
    user: str = ""
    password: str = field(default="", repr=False)
    password_file: str = ""
    tls: Tls | None = None
    answers: str = ""
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """A topic (NATS subject, RabbitMQ queue, Kafka topic) that is read, and where the answers go."""

    topic: str
    content: Content = Content.RECORDS
    answers: str = ""
    stream: str = ""
    """NATS: the JetStream stream that keeps the subject; it is made when there is none."""


@dataclass(frozen=True, slots=True)
class Broker:
    """One broker. ``group`` names the reader there (NATS durable, Kafka group), so that it goes on where it was."""

    name: str
    kind: BrokerKind
    url: str
    account: str
    channels: tuple[Channel, ...]
    group: str = "hilum"
    user: str = ""
    password: str = field(default="", repr=False)
    password_file: str = ""
    tls: Tls | None = None
    language: Language | None = None
    wait_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Doors:
    """All doors of one bank except HTTP."""

    mllp: Mllp = Mllp()
    folders: Folders = Folders()
    mqtt: Mqtt = Mqtt()
    brokers: tuple[Broker, ...] = ()

    @property
    def any(self) -> bool:
        """Whether there is anything to open."""
        return bool(self.mllp.ports or self.folders.watched or self.mqtt.topics or self.brokers)
