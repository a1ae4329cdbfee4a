"""Loggers over MQTT with a real broker: it is killed and comes back, sends again, keeps for later; each reading counts
once."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import aiomqtt
import pytest

from hilum.model.record import Kind
from hilum.registry.stored import StoredRecord
from tests.flows.doors import Open, Program, bank, doors, free_port, gate, program, until

SETTINGS = """
[mqtt]
host = "127.0.0.1"
port = {port}
account = "lab"
client = "hilum-test"
user = "hilum"
password_file = "mqtt.secret"
answers = "answers"

[[mqtt.topic]]
filter = "loggers/{{logger}}/reading"
fields = {{ read_at = "t", value_c = "c" }}

[[mqtt.topic]]
filter = "records/#"
content = "records"
"""
PASSWORD = "open sesame"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Program]:
    mosquitto, passwords = program("mosquitto"), program("mosquitto_passwd")
    port = free_port()
    (tmp_path / "passwords").touch(mode=0o600)
    import subprocess

    subprocess.run([passwords, "-b", tmp_path / "passwords", "hilum", PASSWORD], check=True, capture_output=True)
    (tmp_path / "passwords").chmod(0o644)
    tmp_path.chmod(0o777)
    lines = [
        f"listener {port} 127.0.0.1",
        "allow_anonymous false",
        f"password_file {tmp_path}/passwords",
        "persistence true",
        f"persistence_location {tmp_path}/",
        "autosave_interval 1",
        "autosave_on_changes true",
        "max_queued_messages 0",
        "user root",
    ]
    (tmp_path / "mosquitto.conf").write_text("\n".join(lines) + "\n")
    started = Program([mosquitto, "-c", str(tmp_path / "mosquitto.conf")], port, tmp_path / "mosquitto.log").start()
    yield started
    started.kill()


@pytest.fixture
def home(tmp_path: Path, broker: Program) -> Iterator[Path]:
    made = bank(tmp_path / "bank", SETTINGS.format(port=broker.port))
    (made / "mqtt.secret").write_text(PASSWORD + "\n")
    with gate(made):
        yield made


def publisher(broker: Program, name: str = "logger") -> aiomqtt.Client:
    return aiomqtt.Client("127.0.0.1", broker.port, identifier=name, username="hilum", password=PASSWORD)


def reading(number: int, value: float = -79.5) -> str:
    return json.dumps({"t": f"2026-08-01T{number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z", "c": value})


def readings(at: Open) -> list[StoredRecord]:
    return [one for one in at.records() if one.kind is Kind.READING]


def with_doors(home: Path, story: Callable[[Open], Awaitable[None]]) -> None:
    async def play() -> None:
        async with doors(home) as at:
            await until(lambda: any("Connected" in one for one in at.said))
            await story(at)

    asyncio.run(play())


def test_a_reading_becomes_a_record_of_its_logger(home: Path, broker: Program) -> None:
    async def story(at: Open) -> None:
        async with publisher(broker) as logger:
            await logger.publish("loggers/L-7/reading", reading(1), qos=1)
        await until(lambda: bool(readings(at)))
        (found,) = readings(at)
        assert (found.fields["logger"], found.fields["value_c"]) == ("L-7", -79.5)
        assert str(found.fields["read_at"]).startswith("2026-08-01T00:00:01")

    with_doors(home, story)


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_a_reading_sent_twice_counts_once(home: Path, broker: Program, qos: int) -> None:
    async def story(at: Open) -> None:
        async with publisher(broker) as logger:
            for _ in range(3):
                await logger.publish("loggers/L-7/reading", reading(1), qos=qos)
            await logger.publish("loggers/L-7/reading", reading(2), qos=qos)
        await until(lambda: len(readings(at)) == 2)
        assert at.arrivals() == 2

    with_doors(home, story)


def test_what_the_broker_keeps_for_new_subscribers_counts_once(home: Path, broker: Program) -> None:
    async def publish(at: Open) -> None:
        async with publisher(broker) as logger:
            await logger.publish("loggers/L-7/reading", reading(1), qos=1, retain=True)
            await logger.publish("loggers/L-8/reading", "-80.5", qos=1, retain=True)
        await until(lambda: len(readings(at)) == 2)

    async def again(at: Open) -> None:
        await asyncio.sleep(0.5)
        times = {str(one.fields["logger"]): one.fields.get("read_at") for one in readings(at)}
        assert len(times) == len(readings(at)) == 2
        assert times["L-7"]

    with_doors(home, publish)
    with_doors(home, again)


def test_what_was_published_while_the_doors_were_closed_arrives(home: Path, broker: Program) -> None:
    async def nothing(at: Open) -> None:
        assert readings(at) == []

    async def publish() -> None:
        async with publisher(broker) as logger:
            for number in range(50):
                await logger.publish("loggers/L-7/reading", reading(number), qos=1)

    async def arrived(at: Open) -> None:
        await until(lambda: len(readings(at)) == 50)

    with_doors(home, nothing)
    asyncio.run(publish())
    with_doors(home, arrived)


def test_a_broker_that_is_killed_and_comes_back_loses_nothing_and_doubles_nothing(home: Path, broker: Program) -> None:
    async def story(at: Open) -> None:
        for turn in range(3):
            async with publisher(broker, f"logger-{turn}") as logger:
                for number in range(100):
                    await logger.publish("loggers/L-7/reading", reading(turn * 100 + number), qos=1)
                if turn == 1:
                    await asyncio.sleep(0.2)
            await asyncio.to_thread(broker.kill)
            await asyncio.to_thread(broker.start)
        async with publisher(broker, "again") as logger:
            for number in range(300):
                await logger.publish("loggers/L-7/reading", reading(number), qos=1)
        await until(lambda: len(readings(at)) == 300)
        assert at.arrivals() == 300

    with_doors(home, story)


def test_five_thousand_readings_at_once_all_count(home: Path, broker: Program) -> None:
    async def story(at: Open) -> None:
        async with publisher(broker) as logger:
            for start in range(0, 5_000, 200):
                batch = [logger.publish("loggers/L-7/reading", reading(start + n), qos=1) for n in range(200)]
                await asyncio.gather(*batch)

        def judged() -> bool:
            return sum(count for (kind, _), count in at.counts().items() if kind == "reading") == 5_000

        await until(judged, patience_s=120)
        assert at.arrivals() == 5_000

    with_doors(home, story)


def test_what_is_no_reading_is_held_with_what_was_sent(home: Path, broker: Program) -> None:
    async def story(at: Open) -> None:
        async with publisher(broker) as logger:
            await logger.publish("loggers/L-7/reading", "sensor broken", qos=1)
            await logger.publish("loggers/L-8/reading", b"\xff\x00\xfe", qos=1)
            await logger.publish("loggers/L-9/reading", b"", qos=1)
        await until(lambda: len(readings(at)) == 2)
        assert {one.unreadable.get("value_c") for one in readings(at)} == {"sensor broken", "\\xff\x00\\xfe"}
        assert {one.state.value for one in readings(at)} == {"held"}

    with_doors(home, story)


def test_the_verdict_is_published_when_it_is_asked_for(home: Path, broker: Program) -> None:
    async def story(at: Open) -> None:
        async with publisher(broker) as logger:
            await logger.subscribe("answers/#", qos=1)
            donor = {"kind": "donor", "fields": {"donor_id": "P-1", "sex": "x"}}
            await logger.publish("records/ward", json.dumps(donor), qos=1)
            async with asyncio.timeout(30):
                message = await anext(aiter(logger.messages))
        assert str(message.topic) == "answers/records/ward"
        answer = json.loads(bytes(message.payload))
        assert answer["records"][0]["verdict"] == "hold"
        assert answer["records"][0]["findings"][0]["hint"]

    with_doors(home, story)


def test_a_wrong_password_is_told_and_tried_again_without_showing_it(home: Path, broker: Program) -> None:
    async def play() -> None:
        async with doors(home, {"HILUM_MQTT_PASSWORD": "wrong secret"}) as at:
            await until(lambda: any("away" in one for one in at.said))
            assert not any("wrong secret" in one or PASSWORD in one for one in at.said)

    asyncio.run(play())
