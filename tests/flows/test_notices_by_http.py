"""Notices over HTTP: polled page by page, narrowed, taken in hand, and refused to those who may not."""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from hilum.model.party import Role
from tests.flows.admitted import HandClock, serving
from tests.flows.service import issue_token
from tests.flows.watched import START, reading, ward

LOGGERS = 5


@dataclass(frozen=True)
class Asking:
    """A client that may see notices, and the secret of an account that may not."""

    http: httpx.Client
    weak: str


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    """A client of a bank in which five freezers are too warm, the last of them cold again."""
    home = tmp_path_factory.mktemp("notices") / "bank"
    with ward(home) as bank:
        for minute, value in ((0, -80.0), (10, -20.0)):
            bank.move(minute)
            bank.take(*(reading(f"F-{n}", bank.at(minute), value, limit_high_c=-60) for n in range(LOGGERS)))
            bank.sweep()
        bank.move(20)
        bank.take(reading("F-4", bank.at(20), -79.0, limit_high_c=-60))
        bank.sweep()
        secret = issue_token(bank.app)
        weak = issue_token(bank.app, "reader", frozenset({Role.RESEARCHER}))
    with serving(home, HandClock(START)) as address:
        headers = {"Authorization": f"Bearer {secret}", "Accept-Language": "en"}
        with httpx.Client(base_url=address, headers=headers, timeout=30) as made:
            yield Asking(made, weak)


@pytest.fixture
def client(asking: Asking) -> httpx.Client:
    return asking.http


def page(client: httpx.Client, **asked: str | int | bool) -> list[dict[str, object]]:
    answer = client.get("/api/v1/notices", params=asked)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["notices"])


def test_notices_are_told_with_what_to_do(client: httpx.Client) -> None:
    first = page(client, subject="F-0")[0]
    assert (first["rule"], first["subject"]) == ("WCH-TMP-002", "F-0")
    assert "Check the cooling" in str(first["hint"])
    in_chinese = client.get("/api/v1/notices?subject=F-0", headers={"Accept-Language": "zh"}).json()["notices"][0]
    assert in_chinese["title"] == "超温时间过长"


def test_pages_follow_one_another_until_the_last(client: httpx.Client) -> None:
    seen: list[str] = []
    after = ""
    while True:
        answer = client.get("/api/v1/notices", params={"limit": 2, "after": after}).json()
        seen += [one["notice"] for one in answer["notices"]]
        if answer["next"] is None:
            break
        after = answer["next"]
    assert len(seen) == len(set(seen)) == LOGGERS


def test_notices_are_narrowed_to_open_ones_a_subject_a_rule_and_a_time(client: httpx.Client) -> None:
    assert len(page(client, open=True)) == LOGGERS - 1
    assert [one["reason"] for one in page(client, open=False)] == ["back"]
    assert [one["subject"] for one in page(client, subject="F-2")] == ["F-2"]
    assert page(client, rule="WCH-LOG") == []
    assert page(client, since="2030-01-01T00:00:00Z") == []


def test_a_notice_taken_in_hand_says_by_whom_and_why(client: httpx.Client) -> None:
    name = page(client, subject="F-1")[0]["notice"]
    answer = client.post(f"/api/v1/notices/{name}/acknowledge", json={"reason": "duty told"})
    assert answer.status_code == 200
    assert answer.json()["facts"]["acknowledged_why"] == "duty told"
    assert [one["notice"] for one in page(client, acknowledged=True)] == [name]
    assert client.post(f"/api/v1/notices/{name}/acknowledge", json={"reason": " "}).status_code == 400


@pytest.mark.parametrize("path", ["/api/v1/notices?after=NTC-9", "/api/v1/notices?subject=F-9&after=NTC-9"])
def test_a_page_behind_a_notice_that_is_not_there_is_refused(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["title"]) == (404, "notice_unknown")


def test_nobody_sees_or_takes_a_notice_without_the_right_to(asking: Asking) -> None:
    client, weak = asking.http, {"Authorization": f"Bearer {asking.weak}"}
    assert client.get("/api/v1/notices", headers=weak).status_code == 403
    assert client.post("/api/v1/notices/NTC-1/acknowledge", json={"reason": "x"}, headers=weak).status_code == 403
    assert client.get("/api/v1/notices", headers={"Authorization": ""}).status_code == 401


@pytest.mark.parametrize("asked", [{"limit": "0"}, {"limit": "many"}, {"open": "perhaps"}, {"subject": "x" * 300}])
def test_what_cannot_be_asked_is_no_fault_of_the_server(client: httpx.Client, asked: dict[str, str]) -> None:
    assert client.get("/api/v1/notices", params=asked).status_code == 422
