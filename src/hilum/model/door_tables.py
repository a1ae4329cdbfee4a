"""The doors' tables of ``hilum.toml`` as values of :mod:`hilum.model.doors`. A name nobody knows is an error, so that
a typing error does not quietly leave a door shut or open."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlsplit

from hilum.errors import BadInputError
from hilum.messages import LANGUAGES, Language
from hilum.model.doors import (
    Broker,
    BrokerKind,
    Channel,
    Content,
    Doors,
    Folders,
    Mllp,
    MllpPort,
    Mqtt,
    Shape,
    Tls,
    Topic,
    WatchedFolder,
)
from hilum.model.record import Kind
from hilum.model.vocabulary import vocabulary

Word = TypeVar("Word", bound=StrEnum)
Part = TypeVar("Part")
Read = Callable[["_Table"], Part]
_SECRET = ("password", "url")
_CAPTURE = re.compile(r"\{(\w+)\}")


def doors_of(tables: Mapping[str, Mapping[str, object]], place: str) -> Doors:
    """The doors that ``tables`` (``mllp``, ``folders``, ``mqtt``, ``brokers``) describe.

    Raises :class:`BadInputError` naming ``place`` and the setting.
    """

    def part(name: str) -> _Table:
        return _Table(tables.get(name, {}), name, place)

    return Doors(
        mllp=part("mllp").read(_mllp),
        folders=part("folders").read(_folders),
        mqtt=part("mqtt").read(_mqtt),
        brokers=part("brokers").read(lambda table: table.several("broker", _broker)),
    )


@dataclass(slots=True)
class _Table:
    """One table being read; what was asked for is remembered, so that what nobody asked for can be told."""

    values: Mapping[str, object]
    name: str
    place: str
    asked: set[str] = field(default_factory=set)

    def read(self, make: "Read[Part]") -> Part:
        """What ``make`` makes of this table, every value of which it must have asked for."""
        made = make(self)
        for name in self.values.keys() - self.asked:
            known = ", ".join(sorted(self.asked))
            raise BadInputError("settings_unknown", place=self.place, name=f"{self.name}.{name}", known=known)
        return made

    def get(self, name: str, default: object) -> object:
        self.asked.add(name)
        return self.values.get(name, default)

    def wrong(self, name: str, value: object) -> BadInputError:
        shown = "***" if name in _SECRET else value
        return BadInputError("settings_value", place=self.place, name=f"{self.name}.{name}", value=shown)

    def text(self, name: str, default: str = "", *, needed: bool = False) -> str:
        value = self.get(name, default)
        if not isinstance(value, str) or (needed and not value.strip()):
            raise self.wrong(name, value)
        return value

    def flag(self, name: str) -> bool:
        value = self.get(name, False)
        if not isinstance(value, bool):
            raise self.wrong(name, value)
        return value

    def number(self, name: str, default: float, low: float, high: float) -> float:
        value = self.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise self.wrong(name, value)
        return value

    def count(self, name: str, default: int, low: int, high: int) -> int:
        value = self.number(name, default, low, high)
        if not isinstance(value, int):
            raise self.wrong(name, value)
        return value

    def one_of(self, name: str, words: type[Word], default: Word | None = None) -> Word:
        value = self.get(name, default)
        try:
            return words(str(value))
        except ValueError:
            raise self.wrong(name, value) from None

    def language(self) -> Language | None:
        value = self.get("language", None)
        for language in LANGUAGES:
            if value == language:
                return language
        if value is not None:
            raise self.wrong("language", value)
        return None

    def words(self, name: str) -> dict[str, str]:
        """A table of texts."""
        value = self.get(name, {})
        if not isinstance(value, Mapping) or not all(isinstance(one, str) for one in value.values()):
            raise self.wrong(name, value)
        return dict(value)

    def several(self, name: str, make: "Read[Part]") -> tuple[Part, ...]:
        """A list of tables."""
        value = self.get(name, [])
        if not isinstance(value, Sequence) or not all(isinstance(one, Mapping) for one in value):
            raise self.wrong(name, value)
        return tuple(_Table(one, f"{self.name}.{name}", self.place).read(make) for one in value)

    def tls(self) -> Tls | None:
        value = self.get("tls", None)
        if value is None or value is False:
            return None
        if value is True:
            return Tls()
        if not isinstance(value, Mapping):
            raise self.wrong("tls", value)
        return _Table(value, f"{self.name}.tls", self.place).read(
            lambda table: Tls(table.text("certificate"), table.text("key"), table.text("trusted"))
        )


def _mllp(table: _Table) -> Mllp:
    return Mllp(
        ports=table.several("port", _port),
        senders=table.words("senders"),
        certificates=table.words("certificates"),
        wait_s=table.number("wait_s", 10.0, 0.0, 600.0),
        largest=table.count("largest", 16 << 20, 1 << 10, 1 << 30),
        connections=table.count("connections", 1_000, 1, 100_000),
    )


def _port(table: _Table) -> MllpPort:
    port = MllpPort(
        port=table.count("port", -1, 0, 65_535),
        host=table.text("host", "127.0.0.1", needed=True),
        account=table.text("account"),
        language=table.language(),
        tls=table.tls(),
        reused_ids=table.flag("reused_ids"),
        charset=table.text("charset", "UNICODE UTF-8", needed=True),
    )
    if port.tls is not None and not (port.tls.certificate and port.tls.key):
        raise table.wrong("tls", "")
    return port


def _folders(table: _Table) -> Folders:
    return Folders(
        watched=table.several("folder", _folder),
        every_s=table.number("every_s", 2.0, 0.05, 3_600.0),
        quiet_s=table.number("quiet_s", 5.0, 0.0, 86_400.0),
    )


def _folder(table: _Table) -> WatchedFolder:
    return WatchedFolder(
        path=table.text("path", needed=True),
        account=table.text("account", needed=True),
        language=table.language(),
        marker=table.flag("marker"),
    )


def _mqtt(table: _Table) -> Mqtt:
    topics = table.several("topic", _topic)
    return Mqtt(
        host=table.text("host", needed=bool(topics)),
        port=table.count("port", 1883, 1, 65_535),
        account=table.text("account", needed=bool(topics)),
        topics=topics,
        client=table.text("client", "hilum", needed=True),
        user=table.text("user"),
        password=table.text("password"),
        password_file=table.text("password_file"),
        tls=table.tls(),
        answers=table.text("answers").strip("/"),
        language=table.language(),
    )


def _topic(table: _Table) -> Topic:
    topic = Topic(
        filter=table.text("filter", needed=True),
        content=table.one_of("content", Content, Content.FIELDS),
        shape=_shape(table),
    )
    named = [*topic.shape.fields, *topic.shape.constant, *_CAPTURE.findall(topic.filter)]
    known = vocabulary()[topic.shape.kind]
    for name in [*named, *([topic.shape.plain] if topic.shape.plain else [])]:
        if name not in known:
            raise table.wrong("filter" if f"{{{name}}}" in topic.filter else "fields", name)
    return topic


def _shape(table: _Table) -> Shape:
    return Shape(
        kind=table.one_of("kind", Kind, Kind.READING),
        fields=table.words("fields"),
        constant=table.words("constant"),
        plain=table.text("plain"),
    )


def _broker(table: _Table) -> Broker:
    url = table.text("url", needed=True)
    if not urlsplit(url).hostname and not url.partition(",")[0].partition(":")[0]:
        raise table.wrong("url", url)
    return Broker(
        name=table.text("name", needed=True),
        kind=table.one_of("kind", BrokerKind),
        url=url,
        account=table.text("account", needed=True),
        channels=table.several("channel", _channel),
        group=table.text("group", "hilum", needed=True),
        user=table.text("user"),
        password=table.text("password"),
        password_file=table.text("password_file"),
        tls=table.tls(),
        language=table.language(),
        wait_s=table.number("wait_s", 10.0, 0.0, 600.0),
    )


def _channel(table: _Table) -> Channel:
    channel = Channel(
        topic=table.text("topic", needed=True),
        content=table.one_of("content", Content, Content.RECORDS),
        answers=table.text("answers"),
        stream=table.text("stream"),
    )
    if channel.content is Content.FIELDS:
        raise table.wrong("content", channel.content)
    return channel
