"""RabbitMQ: a durable queue, so many messages unacknowledged at once; answers go to a queue by its name."""

from collections.abc import Callable

from faststream.rabbit import Channel, RabbitBroker, RabbitQueue
from faststream.security import BaseSecurity, SASLPlaintext

from hilum.links.broker import MANUAL, TOGETHER, Handle, Talking, whole
from hilum.links.broker_channel import Connection, Listened


class _Rabbit:
    """A declared connection."""

    def __init__(self, broker: RabbitBroker) -> None:
        self._broker = broker

    async def start(self) -> None:
        await self._broker.start()

    async def stop(self) -> None:
        await self._broker.stop()

    async def say(self, topic: str, body: bytes, correlation: str) -> None:
        await self._broker.publish(body, topic, correlation_id=correlation, persist=True, mandatory=False)


def declare(at: Connection, handler: Callable[[Listened], Handle]) -> Talking:
    """Every channel of ``at`` with its handler."""
    security = SASLPlaintext(at.user, at.password, ssl_context=at.tls) if at.user else BaseSecurity(ssl_context=at.tls)
    broker = RabbitBroker(
        at.url,
        security=security,
        logger=None,
        apply_types=False,
        default_channel=Channel(prefetch_count=TOGETHER),
    )
    for one in at.channels:
        queue = RabbitQueue(one.topic, durable=True)
        broker.subscriber(queue, ack_policy=MANUAL, decoder=whole)(handler(one))
    return _Rabbit(broker)
