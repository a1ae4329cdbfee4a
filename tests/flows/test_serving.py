"""``hilum serve`` as it runs: sent over a socket, judged, answered; a killed part comes back and nothing is lost."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hilum.app.running import open_hilum
from tests.flows.service import Running, ndjson, running

DONOR = {"kind": "donor", "fields": {"donor_id": "P-1", "sex": "female", "birth_on": "1970-01-02"}}
WRONG = {"kind": "specimen", "fields": {"specimen_id": "S-1", "donor_id": "P-1", "storage_c": 80}}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("serving") / "bank") as started:
        yield started


def counts(service: Running) -> dict[tuple[str, str], int]:
    with open_hilum(service.home) as app, app.bank.read() as unit:
        return unit.counts()


def test_a_record_sent_is_judged_and_answered_with_what_to_do(service: Running) -> None:
    with service.client() as client:
        client.post("/api/v1/records", json=DONOR)
        answer = client.post("/api/v1/records", json=WRONG)
    assert answer.status_code == 200
    (record,) = answer.json()["records"]
    assert record["verdict"] == "hold"
    assert any("80" in one["hint"] for one in record["findings"])


def test_who_shows_no_token_is_told_so(service: Running) -> None:
    answer = httpx.post(f"{service.address}/api/v1/records", json=DONOR, headers={"Accept-Language": "en"})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert "token" in answer.json()["detail"]


def test_a_token_nobody_issued_opens_nothing(service: Running) -> None:
    answer = httpx.post(f"{service.address}/api/v1/records", json=DONOR, headers={"Authorization": "Bearer hilum_x"})
    assert answer.status_code == 401


def test_a_repeat_has_one_effect(service: Running) -> None:
    with service.client() as client:
        first = client.post("/api/v1/records", json=DONOR, headers={"Idempotency-Key": "a"})
        again = client.post("/api/v1/records", json=DONOR, headers={"Idempotency-Key": "a"})
    assert again.headers["hilum-repeated"] == "true"
    assert again.json() == first.json()


def test_who_does_not_wait_can_ask_later(service: Running) -> None:
    with service.client() as client:
        answer = client.post("/api/v1/records?wait=0", json={**DONOR, "key": "later"})
        assert answer.status_code == 202
        until = time.monotonic() + 30
        while (told := client.get(answer.headers["location"])).status_code == 202 and time.monotonic() < until:
            time.sleep(0.05)
    assert told.json()["state"] == "done"


def test_a_killed_gate_comes_back_and_judges_what_waited(service: Running) -> None:
    donors = [{"kind": "donor", "fields": {"donor_id": f"K-{n}", "sex": "male"}} for n in range(50)]
    before = sum(counts(service).values())
    with service.client() as client:
        service.kill("gate")
        answer = client.post(
            "/api/v1/records?wait=60", content=ndjson(donors), headers={"Content-Type": "application/x-ndjson"}
        )
    assert answer.status_code == 200
    assert len(answer.json()["records"]) == 50
    assert sum(counts(service).values()) == before + 50


def test_a_killed_door_comes_back(service: Running) -> None:
    service.kill("http")
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            with service.client() as client:
                answer = client.post("/api/v1/records", json={**DONOR, "key": "after"})
            break
        except httpx.HTTPError:
            time.sleep(0.1)
    assert answer.status_code == 200


def test_a_service_asked_to_stop_ends_well(tmp_path: Path) -> None:
    with running(tmp_path / "bank") as service:
        with service.client() as client:
            assert client.post("/api/v1/records?wait=0", json=DONOR).status_code == 202
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(30) == 0
        assert not service.parts()


def test_nothing_personal_is_in_the_log(service: Running) -> None:
    secret = "13800138000"
    with service.client() as client:
        client.post("/api/v1/records", json={"kind": "donor", "fields": {"donor_id": "P-9", "phone": secret}})
        client.post("/api/v1/records", content=json.dumps({"kind": secret}))
    log = service.log.read_text()
    assert secret not in log
    assert service.token not in log
