"""NATS through a real server: what is published on a subject is judged, answered, and counted once."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client

from tests.flows.doors import Open, Program, bank, doors, free_port, gate, program, until

SETTINGS = """
[[brokers.broker]]
name = "ward"
kind = "nats"
url = "nats://127.0.0.1:{port}"
account = "lab"

[[brokers.broker.channel]]
topic = "bank.records"
stream = "BANK"
answers = "bank.verdicts"
"""
WRONG = {"kind": "specimen", "fields": {"specimen_id": "S-1", "donor_id": "P-1", "storage_c": 80}}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Program]:
    port = free_port()
    command = [program("nats-server"), "-js", "-a", "127.0.0.1", "-p", str(port), "-sd", str(tmp_path / "store")]
    started = Program(command, port, tmp_path / "nats.log").start()
    yield started
    started.kill()


@pytest.fixture
def home(tmp_path: Path, server: Program) -> Iterator[Path]:
    made = bank(tmp_path / "bank", SETTINGS.format(port=server.port))
    with gate(made):
        yield made


def with_doors(home: Path, server: Program, story: Callable[[Open, Client], Awaitable[None]]) -> None:
    async def play() -> None:
        async with doors(home) as at:
            await until(lambda: any("Connected" in one for one in at.said))
            speaking = await nats.connect(f"nats://127.0.0.1:{server.port}")
            try:
                await story(at, speaking)
            finally:
                await speaking.close()

    asyncio.run(play())


def test_a_record_published_is_judged_and_its_verdict_published(home: Path, server: Program) -> None:
    async def story(at: Open, speaking: Client) -> None:
        verdicts = await speaking.subscribe("bank.verdicts")
        await speaking.jetstream().publish("bank.records", json.dumps(WRONG).encode())
        answer = json.loads((await verdicts.next_msg(30)).data)
        assert answer["held"] == 1
        assert any("80" in one["hint"] for one in answer["records"][0]["findings"])
        assert at.counts() == {("specimen", "held"): 1}

    with_doors(home, server, story)


def test_a_record_published_twice_counts_once(home: Path, server: Program) -> None:
    async def story(at: Open, speaking: Client) -> None:
        for _ in range(3):
            await speaking.jetstream().publish("bank.records", json.dumps(WRONG).encode())
        other = {**WRONG, "fields": {**WRONG["fields"], "specimen_id": "S-2"}}  # type: ignore[dict-item]
        await speaking.jetstream().publish("bank.records", json.dumps(other).encode())
        await until(lambda: sum(at.counts().values()) == 2)
        assert at.arrivals() == 2

    with_doors(home, server, story)


def test_what_was_published_while_the_doors_were_closed_arrives(home: Path, server: Program) -> None:
    async def nothing(at: Open, speaking: Client) -> None:
        assert not at.arrivals()

    async def publish() -> None:
        speaking = await nats.connect(f"nats://127.0.0.1:{server.port}")
        await speaking.jetstream().publish("bank.records", json.dumps(WRONG).encode())
        await speaking.close()

    async def came(at: Open, speaking: Client) -> None:
        await until(lambda: sum(at.counts().values()) == 1)

    with_doors(home, server, nothing)
    asyncio.run(publish())
    with_doors(home, server, came)


def test_a_server_that_goes_away_and_comes_back_is_heard_again(home: Path, server: Program) -> None:
    async def story(at: Open, speaking: Client) -> None:
        server.kill()
        await asyncio.sleep(1)
        await asyncio.to_thread(server.start)

        async def published() -> bool:
            try:
                await speaking.jetstream().publish("bank.records", json.dumps(WRONG).encode(), timeout=2)
            except Exception:
                return False
            return True

        await until(published)
        await until(lambda: sum(at.counts().values()) == 1)

    with_doors(home, server, story)
