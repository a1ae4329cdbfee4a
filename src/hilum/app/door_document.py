"""The doors that carry messages as an AsyncAPI 3.0 document: which topics, what goes in, what comes out.

Made from the settings, so that it says what this bank really listens to. MLLP is described by its own standard and has
no place in it; neither have passwords. Source: AsyncAPI Specification 3.0.0.
"""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from hilum import __version__
from hilum.app.door_fields import CAPTURE
from hilum.app.door_topics import MEDIA
from hilum.messages import text
from hilum.model.door_tables import doors_of
from hilum.model.doors import Broker, BrokerKind, Channel, Content, Doors, Mqtt, Shape, Topic
from hilum.model.record import Kind
from hilum.model.vocabulary import Field, FieldType, vocabulary
from hilum.settings import FILE_NAME, Settings

Schema = dict[str, object]
_TYPES: dict[FieldType, Schema] = {
    FieldType.TEXT: {"type": "string"},
    FieldType.CODE: {"type": "string"},
    FieldType.NUMBER: {"type": ["number", "string"]},
    FieldType.INTEGER: {"type": ["integer", "string"]},
    FieldType.BOOLEAN: {"type": ["boolean", "string"]},
    FieldType.DATE: {"type": "string", "examples": ["2026-08-01", "2026-08"]},
    FieldType.INSTANT: {"type": ["string", "number"], "examples": ["2026-08-01T08:30:00+08:00"]},
}
_PROTOCOL = {BrokerKind.NATS: "nats", BrokerKind.RABBIT: "amqp", BrokerKind.KAFKA: "kafka"}


def asyncapi_document(settings: Settings) -> dict[str, object]:
    """The document of a bank's message doors. Raises :class:`~hilum.errors.BadInputError` for settings that cannot be
    meant."""
    doors = doors_of(settings.door_tables, str(settings.home / FILE_NAME))
    document = _Document(settings)
    document.mqtt(doors.mqtt)
    for broker in doors.brokers:
        document.broker(broker)
    return document.whole(doors)


class _Document:
    """The parts while they gather."""

    def __init__(self, settings: Settings) -> None:
        self._language = settings.language
        self._name = settings.name
        self._servers: Schema = {}
        self._channels: Schema = {}
        self._operations: Schema = {}
        self._messages: Schema = {}

    def mqtt(self, door: Mqtt) -> None:
        if not door.topics:
            return
        self._server("mqtt", f"{door.host}:{door.port}", "secure-mqtt" if door.tls else "mqtt", secret=bool(door.user))
        for number, topic in enumerate(door.topics, 1):
            name = f"mqtt_{number}"
            self._message(name, topic.content, topic.shape, topic)
            self._channel(name, "mqtt", topic.filter, name)
            self._operation(name, answers=f"{door.answers}/{topic.filter}" if door.answers else "", server="mqtt")

    def broker(self, broker: Broker) -> None:
        server = _identifier(broker.name)
        self._server(server, _host(broker.url), _PROTOCOL[broker.kind], secret=bool(broker.user))
        for number, channel in enumerate(broker.channels, 1):
            name = f"{server}_{number}"
            self._message(name, channel.content, None, channel)
            self._channel(name, server, channel.topic, name)
            self._operation(name, answers=channel.answers, server=server)

    def _server(self, name: str, host: str, protocol: str, *, secret: bool) -> None:
        server: Schema = {"host": host, "protocol": protocol}
        if secret:
            server["security"] = [{"$ref": "#/components/securitySchemes/user"}]
        self._servers[name] = server

    def _channel(self, name: str, server: str, address: str, message: str) -> None:
        named = CAPTURE.findall(address)
        channel: Schema = {
            "address": address,
            "servers": [{"$ref": f"#/servers/{server}"}],
            "messages": {message: {"$ref": f"#/components/messages/{message}"}},
        }
        if named:
            channel["parameters"] = {one: {"description": one} for one in named}
        self._channels[name] = channel

    def _operation(self, name: str, *, answers: str, server: str) -> None:
        operation: Schema = {
            "action": "receive",
            "channel": {"$ref": f"#/channels/{name}"},
            "messages": [{"$ref": f"#/channels/{name}/messages/{name}"}],
        }
        if answers:
            reply = f"{name}_answers"
            self._channel(reply, server, answers, "answer")
            operation["reply"] = {
                "channel": {"$ref": f"#/channels/{reply}"},
                "messages": [{"$ref": f"#/channels/{reply}/messages/answer"}],
            }
        self._operations[f"take_{name}"] = operation

    def _message(self, name: str, content: Content, shape: Shape | None, of: Topic | Channel) -> None:
        message: Schema = {"name": name, "contentType": MEDIA[content]}
        if content is Content.FIELDS and shape is not None and isinstance(of, Topic):
            message["contentType"] = "application/json"
            message["payload"] = _values(shape)
        elif content in (Content.RECORDS, Content.RECORD_LINES):
            message["payload"] = {"$ref": "#/components/schemas/records"}
        self._messages[name] = message

    def whole(self, doors: Doors) -> dict[str, object]:
        about = text("door.document", self._language, folders=len(doors.folders.watched), mllp=len(doors.mllp.ports))
        components: Schema = {
            "messages": self._messages | {"answer": {"contentType": "application/json", "payload": _answer()}},
            "schemas": {"records": _records()},
            "securitySchemes": {"user": {"type": "userPassword"}},
        }
        return {
            "asyncapi": "3.0.0",
            "info": {"title": self._name or "Hilum", "version": __version__, "description": about},
            "defaultContentType": "application/json",
            "servers": self._servers,
            "channels": self._channels,
            "operations": self._operations,
            "components": components,
        }


def _identifier(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", name) or "broker"


def _host(url: str) -> str:
    """Host and port of the first address, without who logs in."""
    first = url.split(",", maxsplit=1)[0].strip()
    return urlsplit(first if "//" in first else f"//{first}").netloc.rpartition("@")[2]


def _values(shape: Shape) -> Schema:
    """What a payload of values may be: an object, several, or one plain value."""
    known = vocabulary()[shape.kind]
    members = {member: _typed(known[field]) for field, member in shape.fields.items()}
    taken = {*shape.fields, *shape.constant}
    members |= {name: _typed(field) for name, field in known.items() if name not in taken and name not in members}
    one: Schema = {"type": "object", "properties": members}
    return {"oneOf": [one, {"type": "array", "items": one}, {"type": ["number", "string"]}]}


def _typed(field: Field) -> Schema:
    described = f"{field.label.zh} / {field.label.en}" + (f" ({field.unit})" if field.unit else "")
    return {**_TYPES[field.type], "description": described}


def _records() -> Schema:
    one = {"oneOf": list(_kinds())}
    return {
        "oneOf": [
            one,
            {"type": "array", "items": one},
            {"type": "object", "required": ["records"], "properties": {"records": {"type": "array", "items": one}}},
        ]
    }


def _kinds() -> Iterator[Mapping[str, object]]:
    for kind in Kind:
        fields = {name: _typed(field) for name, field in vocabulary()[kind].items()}
        yield {
            "type": "object",
            "required": ["kind", "fields"],
            "properties": {
                "kind": {"const": kind.value},
                "key": {"type": "string"},
                "donor": {"type": ["string", "null"]},
                "fields": {"type": "object", "properties": fields},
            },
        }


def _answer() -> Schema:
    """The shape of :mod:`hilum.app.answering`."""
    finding = {name: {"type": "string"} for name in ("rule", "severity", "dimension", "field", "title", "why", "hint")}
    record = {
        **{name: {"type": "string"} for name in ("record", "kind", "key", "place", "state", "verdict")},
        "score": {"type": "object"},
        "findings": {"type": "array", "items": {"type": "object", "properties": finding}},
    }
    counts = {name: {"type": "integer"} for name in ("accepted", "held", "rejected", "unchanged")}
    return {
        "type": "object",
        "required": ["state"],
        "properties": {
            "state": {"enum": ["done", "aside", "refused"]},
            "arrival": {"type": "string"},
            **counts,
            "records": {"type": "array", "items": {"type": "object", "properties": record}},
            "problems": {"type": "array", "items": {"type": "object"}},
        },
    }
