"""NATS: a subject kept by a JetStream stream is read through a durable consumer; without a stream it is plain NATS,
which forgets what nobody hears and knows no acknowledgement."""

import re
from collections.abc import Callable

from faststream.nats import JStream, NatsBroker, NatsSecurity, NatsUserPassword, PullSub
from nats.js.api import ConsumerConfig, DiscardPolicy

from hilum.links.broker import MANUAL, TOGETHER, Handle, Talking, whole
from hilum.links.broker_channel import Connection, Listened

_ACK_WAIT_S = 60.0
_FOR_EVER = -1


class _Nats:
    """A declared connection."""

    def __init__(self, broker: NatsBroker) -> None:
        self._broker = broker

    async def start(self) -> None:
        await self._broker.start()

    async def stop(self) -> None:
        await self._broker.stop()

    async def say(self, topic: str, body: bytes, correlation: str) -> None:
        await self._broker.publish(body, topic, correlation_id=correlation)


def declare(at: Connection, handler: Callable[[Listened], Handle]) -> Talking:
    """Every channel of ``at`` with its handler."""
    security = (
        NatsUserPassword(at.user, at.password, ssl_context=at.tls) if at.user else NatsSecurity(ssl_context=at.tls)
    )
    broker = NatsBroker(
        [one.strip() for one in at.url.split(",")],
        name="hilum",
        security=security,
        logger=None,
        apply_types=False,
        max_reconnect_attempts=_FOR_EVER,
        connect_timeout=5,
    )
    streams: dict[str, list[str]] = {}
    for one in at.channels:
        if one.stream:
            streams.setdefault(one.stream, []).append(one.topic)
    kept = {name: JStream(name, subjects=subjects, discard=DiscardPolicy.NEW) for name, subjects in streams.items()}
    for one in at.channels:
        if one.stream:
            broker.subscriber(
                one.topic,
                stream=kept[one.stream],
                durable=_durable(at.group, one.topic),
                config=ConsumerConfig(ack_wait=_ACK_WAIT_S),
                pull_sub=PullSub(batch_size=TOGETHER, timeout=1.0),
                ack_policy=MANUAL,
                decoder=whole,
            )(handler(one))
        else:
            broker.subscriber(one.topic, queue=at.group, decoder=whole, max_workers=TOGETHER)(handler(one))
    return _Nats(broker)


def _durable(group: str, subject: str) -> str:
    """A consumer's name: letters, digits, ``-`` and ``_`` only."""
    return re.sub(r"[^\w-]", "_", f"{group}-{subject}")
