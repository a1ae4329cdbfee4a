"""What a message of an MQTT topic or a broker's channel means, and what is answered."""

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from hilum.app import door_fields
from hilum.app.door_admission import Admit
from hilum.app.door_patience import Tell, refused_answer, until_safe, verdict_on
from hilum.canonical import digest_bytes
from hilum.clock import Clock, stamp
from hilum.errors import HilumError
from hilum.links.broker_channel import Delivered
from hilum.links.mqtt import Got
from hilum.messages import Language
from hilum.model.doors import Broker, Content, Mqtt, Topic
from hilum.registry.arrivals import (
    BYTES,
    FHIR_JSON,
    FHIR_NDJSON,
    HL7_V2,
    RECORDS_JSON,
    RECORDS_NDJSON,
    Door,
    Incoming,
    Receive,
)

MEDIA = {
    Content.FIELDS: RECORDS_JSON,
    Content.RECORDS: RECORDS_JSON,
    Content.RECORD_LINES: RECORDS_NDJSON,
    Content.FHIR: FHIR_JSON,
    Content.FHIR_LINES: FHIR_NDJSON,
    Content.HL7: HL7_V2,
    Content.FILE: BYTES,
}
_WAIT_S = 10.0
_NAME = 120
_REMEMBERED = 2_000
_ANY_MOMENT = "2000-01-01T00:00:00.000000Z"


@dataclass(frozen=True, slots=True)
class Answering:
    """An answer that is still to come: topic and payload when it is called."""

    topic: str
    incoming: Incoming
    receive: Receive
    wait_s: float
    ready: Mapping[str, object] | None = None

    async def __call__(self) -> tuple[str, bytes] | None:
        content = self.ready or await verdict_on(self.incoming, self.receive, self.wait_s)
        return (self.topic, json.dumps(content, ensure_ascii=False).encode()) if content else None


@dataclass(frozen=True, slots=True)
class MqttDoor:
    """The meaning of the subscribed topics: :data:`hilum.links.mqtt.Take` is a method of it."""

    door: Mqtt
    receive: Receive
    admit: Admit
    clock: Clock
    language: Language
    tell: Tell
    _came: OrderedDict[str, str] = field(default_factory=OrderedDict)
    """When messages came that may have named no moment, by topic and bytes: should the broker send one again, it
    happened then."""

    async def take(self, got: Got) -> Answering | None:
        """Make one message safe. The bytes make a repeat a repeat: what a broker sends twice, keeps for new subscribers
        or a logger publishes again is one arrival. (A payload that names no moment is another each time it comes.)"""
        incoming = self._incoming(got)
        if incoming is None or not got.payload:  # an empty payload only clears what the broker kept
            return None
        if got.retained and not self._names_its_moment(got):
            self.tell("mqtt_kept_timeless", {"size": len(got.payload)})
            return None
        came = await until_safe(incoming, self.receive, self.admit, self.tell)
        if not self.door.answers:
            return None
        ready = refused_answer(incoming, came) if isinstance(came, HilumError) else None
        return Answering(f"{self.door.answers}/{got.topic}", incoming, self.receive, _WAIT_S, ready)

    def _incoming(self, got: Got) -> Incoming | None:
        language = self.door.language or self.language
        for topic in self.door.topics:
            named = door_fields.captured(topic.filter, got.topic)
            if named is not None:
                body = self._body(topic, named, got)
                return Incoming(
                    Door.MQTT, self.door.account, body, MEDIA[topic.content], got.topic[:_NAME], "", language
                )
        self.tell("mqtt_unasked", {"size": len(got.payload)})
        return None

    def _names_its_moment(self, got: Got) -> bool:
        """Whether a message means the same whenever it comes. What the broker kept and does not, came nobody knows
        when, and was taken when it came first."""
        for topic in self.door.topics:
            named = door_fields.captured(topic.filter, got.topic)
            if named is not None and topic.content is Content.FIELDS:
                bodies = {door_fields.records_of(topic.shape, named, got.payload, at) for at in ("", _ANY_MOMENT)}
                return len(bodies) == 1
        return True

    def _body(self, topic: Topic, named: Mapping[str, str], got: Got) -> bytes:
        if topic.content is not Content.FIELDS:
            return got.payload
        return door_fields.records_of(topic.shape, named, got.payload, self._came_at(got))

    def _came_at(self, got: Got) -> str:
        if got.retained:
            return ""
        which = f"{got.topic}\0{digest_bytes(got.payload)}"
        if got.again:
            return self._came.get(which, "")
        self._came[which] = came_at = stamp(self.clock())
        self._came.move_to_end(which)
        if len(self._came) > _REMEMBERED:
            self._came.popitem(last=False)
        return came_at


@dataclass(frozen=True, slots=True)
class BrokerDoor:
    """The meaning of a broker's channels."""

    broker: Broker
    receive: Receive
    admit: Admit
    language: Language
    tell: Tell

    async def take(self, came: Delivered) -> Answering | None:
        """Make one message safe; the answer goes where the message or the channel says."""
        channel = self.broker.channels[came.channel]
        language = self.broker.language or self.language
        name = channel.topic[:_NAME]
        incoming = Incoming(
            Door.BROKER, self.broker.account, came.body, MEDIA[channel.content], name, came.key, language
        )
        result = await until_safe(incoming, self.receive, self.admit, self.tell)
        target = came.reply_to or channel.answers
        if not target:
            return None
        ready = refused_answer(incoming, result) if isinstance(result, HilumError) else None
        return Answering(target, incoming, self.receive, self.broker.wait_s, ready)
