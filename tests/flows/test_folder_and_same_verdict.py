"""One record, the same verdict, whichever door: HTTP, a watched folder, MLLP; and the service tells its topics."""

import asyncio
import json
from pathlib import Path

import httpx

from hilum.api.service import make_api
from hilum.app.serving import open_service
from hilum.registry.stored import StoredRecord
from tests.flows.doors import Open, bank, doors, gate, oru, until
from tests.flows.service import issue_token

SETTINGS = """
[folders]
every_s = 0.1
quiet_s = 0.2

[[folders.folder]]
path = "in"
account = "lab"

[[mllp.port]]
port = 0
account = "lab"

"""
TOPICS = """
[mqtt]
host = "broker.hospital"
account = "lab"

[[mqtt.topic]]
filter = "loggers/{logger}/reading"
"""


Said = tuple[str, str, float, list[str]]


def said_of(records: list[StoredRecord]) -> list[Said]:
    """What the gate said of each, without what names it (a pseudonym is each bank's own)."""
    return sorted(
        (one.kind.value, one.state.value, one.judgement.score.total, [f.rule for f in one.judgement.findings])
        for one in records
        if one.judgement is not None
    )


async def by_http(home: Path, message: bytes) -> list[Said]:
    with open_service(home) as service:
        token = issue_token(service.app, "http")
        transport = httpx.ASGITransport(app=make_api(service))
        async with httpx.AsyncClient(transport=transport, base_url="http://hilum") as client:
            headers = {"Authorization": f"Bearer {token}"}
            answer = await client.post(
                "/api/v1/files", params={"name": "m.hl7", "wait": 60}, content=message, headers=headers
            )
            assert answer.status_code == 200, answer.text
        with service.app.bank.read() as unit:
            ids = [str(one["record"]) for one in answer.json()["records"]]
            return said_of(list(unit.records(ids).values()))


async def by_folder(at: Open, message: bytes) -> list[Said]:
    incoming = at.home / "in"
    incoming.mkdir(exist_ok=True)
    (incoming / "m.hl7").write_bytes(message)
    await until((incoming / "taken" / "m.hl7").exists)
    verdict = next((incoming / "taken").glob("*.json"))
    ids = [str(one["record"]) for one in json.loads(verdict.read_text())["records"]]
    with at.service.app.bank.read() as unit:
        return said_of(list(unit.records(ids).values()))


async def by_mllp(at: Open, message: bytes) -> list[Said]:
    reader, writer = await asyncio.open_connection("127.0.0.1", at.port)
    writer.write(b"\x0b" + message + b"\x1c\r")
    await reader.readuntil(b"\x1c\r")
    writer.close()
    return said_of(at.records())


def one_bank_each(tmp_path: Path, door: str) -> list[Said]:
    home = bank(tmp_path / door, SETTINGS if door != "http" else "")
    message = oru()

    async def play() -> list[Said]:
        if door == "http":
            return await by_http(home, message)
        async with doors(home) as at:
            return await (by_folder(at, message) if door == "folder" else by_mllp(at, message))

    (home / "in").mkdir()
    with gate(home):
        return asyncio.run(play())


def test_one_record_gets_the_same_verdict_whichever_door(tmp_path: Path) -> None:
    said = {door: one_bank_each(tmp_path, door) for door in ("http", "folder", "mllp")}
    assert said["http"]
    assert said["http"] == said["folder"] == said["mllp"]


def test_the_service_describes_its_topics(tmp_path: Path) -> None:
    home = bank(tmp_path / "bank", TOPICS)

    async def ask() -> httpx.Response:
        with open_service(home) as service:
            transport = httpx.ASGITransport(app=make_api(service))
            async with httpx.AsyncClient(transport=transport, base_url="http://hilum") as client:
                return await client.get("/api/asyncapi.json")

    told = asyncio.run(ask()).json()
    assert told["asyncapi"].startswith("3.")
    assert "reading" in json.dumps(told["channels"])
