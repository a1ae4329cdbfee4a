"""Kafka: a topic read by a group, one message after the other in each, the offset committed after each."""

from collections.abc import Callable

from faststream.kafka import KafkaBroker
from faststream.security import BaseSecurity, SASLPlaintext

from hilum.links.broker import MANUAL, Handle, Talking, whole
from hilum.links.broker_channel import Connection, Listened


class _Kafka:
    """A declared connection."""

    def __init__(self, broker: KafkaBroker) -> None:
        self._broker = broker

    async def start(self) -> None:
        await self._broker.start()

    async def stop(self) -> None:
        await self._broker.stop()

    async def say(self, topic: str, body: bytes, correlation: str) -> None:
        await self._broker.publish(body, topic, correlation_id=correlation)


def declare(at: Connection, handler: Callable[[Listened], Handle]) -> Talking:
    """Every channel of ``at`` with its handler."""
    security = SASLPlaintext(at.user, at.password, ssl_context=at.tls) if at.user else BaseSecurity(ssl_context=at.tls)
    broker = KafkaBroker(
        [one.strip() for one in at.url.split(",")],
        client_id="hilum",
        security=security,
        logger=None,
        apply_types=False,
    )
    for one in at.channels:
        broker.subscriber(
            one.topic,
            group_id=at.group,
            auto_offset_reset="earliest",
            ack_policy=MANUAL,
            decoder=whole,
        )(handler(one))
    return _Kafka(broker)
