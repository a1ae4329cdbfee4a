"""The inbox's contract over SQLite and PostgreSQL: kept in order, once, replayable; and whose turn it is."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import create_engine, text

from hilum.errors import ConflictError, NotFoundError, StoreError
from hilum.registry.arrivals import Arrival, ArrivalState, Door, Incoming, Settled, arrival_of
from hilum.settings import Settings
from hilum.stores.inbox import Inbox, Put
from hilum.stores.inbox_opening import inbox_file, leading, open_inbox
from hilum.testing.postgres import PostgresUnavailable, temporary_postgres

AT = "2026-03-16T08:00:00.000000Z"


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    try:
        with temporary_postgres() as url:
            yield url
    except PostgresUnavailable as absent:
        pytest.skip(f"PostgreSQL: {absent}")


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    if request.param == "sqlite":
        return Settings(home=tmp_path / "100 % 样本库?#1")
    cluster: str = request.getfixturevalue("cluster")
    admin = create_engine(cluster, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS inbox WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE inbox"))
    admin.dispose()
    return Settings(home=tmp_path, inbox=cluster.replace("/postgres", "/inbox"))


@pytest.fixture
def inbox(settings: Settings) -> Iterator[Inbox]:
    opened = open_inbox(settings)
    yield opened
    opened.close()


def arriving(body: bytes, key: str = "", sender: str = "lab") -> tuple[Arrival, bytes]:
    return arrival_of(Incoming(Door.HTTP, sender, body, key=key, name="样本.json", language="en"), AT), body


def put(inbox: Inbox, *pairs: tuple[Arrival, bytes]) -> list[Arrival]:
    answered = inbox.put(pairs)
    assert all(isinstance(one, Put) for one in answered)
    return [one.arrival for one in answered if isinstance(one, Put)]


def settle(inbox: Inbox, *arrivals: Arrival, state: ArrivalState = ArrivalState.DONE) -> None:
    inbox.settle([Settled(one.n, state, f"answer {one.n}".encode(), "poison") for one in arrivals])


def test_what_was_put_waits_in_its_order_with_its_bytes(inbox: Inbox) -> None:
    kept = put(inbox, arriving(b"one\x00"), arriving(b"two"))
    kept += put(inbox, arriving("三".encode()))
    assert [one.n for one in kept] == [1, 2, 3]
    assert inbox.waiting(limit=10, size=1 << 20) == list(zip(kept, [b"one\x00", b"two", "三".encode()], strict=True))


def test_the_same_bytes_of_the_same_sender_are_the_same_arrival(inbox: Inbox) -> None:
    first, again = inbox.put([arriving(b"one"), arriving(b"one")])
    assert isinstance(first, Put)
    assert again == Put(first.arrival, True)
    assert put(inbox, arriving(b"one", sender="other"))[0].n == 2


def test_other_bytes_under_the_same_key_are_refused_and_the_rest_is_kept(inbox: Inbox) -> None:
    put(inbox, arriving(b"one", key="k"))
    refused, kept = inbox.put([arriving(b"changed", key="k"), arriving(b"two", key="l")])
    assert isinstance(refused, ConflictError)
    assert isinstance(kept, Put)
    assert [body for _, body in inbox.waiting(limit=9, size=99)] == [b"one", b"two"]


def test_a_repeat_says_where_the_arrival_stands_now(inbox: Inbox) -> None:
    settle(inbox, *put(inbox, arriving(b"one")))
    (again,) = inbox.put([arriving(b"one")])
    assert isinstance(again, Put)
    assert (again.repeated, again.arrival.state) == (True, ArrivalState.DONE)


def test_what_is_settled_waits_no_more_and_is_answered(inbox: Inbox) -> None:
    one, two = put(inbox, arriving(b"one"), arriving(b"two"))
    settle(inbox, two)
    assert [found.id for found, _ in inbox.waiting(limit=9, size=99)] == [one.id]
    assert inbox.answers([one.n, two.n]) == {
        two.n: (replace(two, state=ArrivalState.DONE, reason="poison"), b"answer 2"),
    }


def test_a_batch_ends_at_its_size_but_holds_at_least_one(inbox: Inbox) -> None:
    put(inbox, arriving(b"x" * 50), arriving(b"y" * 50), arriving(b"z"))
    assert [len(body) for _, body in inbox.waiting(limit=9, size=10)] == [50]
    assert [len(body) for _, body in inbox.waiting(limit=9, size=100)] == [50, 50]
    assert [len(body) for _, body in inbox.waiting(limit=1, size=100)] == [50]


def test_replay_puts_back_what_was_settled_after_a_point(inbox: Inbox) -> None:
    kept = put(inbox, *(arriving(str(n).encode()) for n in range(5)))
    settle(inbox, *kept)
    assert inbox.replay(since=3) == 2
    assert [one.n for one, _ in inbox.waiting(limit=9, size=99)] == [4, 5]
    assert inbox.replay(since=0, until=1) == 1


def test_replay_may_take_only_what_was_set_aside(inbox: Inbox) -> None:
    good, bad = put(inbox, arriving(b"good"), arriving(b"bad"))
    settle(inbox, good)
    settle(inbox, bad, state=ArrivalState.ASIDE)
    assert inbox.counts() == {"done": 1, "aside": 1}
    assert [one.id for one in inbox.listed(states=[ArrivalState.ASIDE])] == [bad.id]
    assert inbox.replay(states=[ArrivalState.ASIDE]) == 1
    assert inbox.counts() == {"done": 1, "waiting": 1}


def test_an_arrival_settled_again_has_its_latest_answer(inbox: Inbox) -> None:
    (one,) = put(inbox, arriving(b"one"))
    settle(inbox, one)
    inbox.replay()
    assert not inbox.answers([one.n])
    inbox.settle([Settled(one.n, ArrivalState.DONE, b"later")])
    assert inbox.answers([one.n])[one.n][1] == b"later"


def test_the_backlog_counts_what_waits_and_since_when(inbox: Inbox) -> None:
    assert inbox.backlog().arrivals == 0
    one, _ = put(inbox, arriving(b"one"), arriving(b"three"))
    assert (inbox.backlog().arrivals, inbox.backlog().size, inbox.backlog().oldest) == (2, 8, AT)
    settle(inbox, one)
    assert (inbox.backlog().arrivals, inbox.backlog().size) == (1, 5)


def test_an_arrival_nobody_has_seen_is_not_found(inbox: Inbox) -> None:
    with pytest.raises(NotFoundError, match="ARR-1"):
        inbox.find("ARR-1")


def test_the_bytes_of_an_arrival_can_be_had_back(inbox: Inbox) -> None:
    (one,) = put(inbox, arriving(b"one"))
    settle(inbox, one)
    assert inbox.body(one.id) == b"one"


def test_a_list_goes_on_after_a_number_and_can_be_one_senders(inbox: Inbox) -> None:
    kept = put(inbox, arriving(b"1"), arriving(b"2", sender="ward"), arriving(b"3"))
    assert inbox.listed(since=1) == kept[1:]
    assert inbox.listed(sender="ward") == [kept[1]]
    assert inbox.listed(limit=1) == kept[:1]


def test_what_was_put_is_there_when_the_inbox_is_opened_again(settings: Settings) -> None:
    first = open_inbox(settings)
    kept = put(first, arriving(b"one"))
    first.close()
    again = open_inbox(settings)
    assert [one for one, _ in again.waiting(limit=9, size=99)] == kept
    again.close()


def test_only_one_works_from_an_inbox_at_a_time(settings: Settings) -> None:
    with leading(settings) as mine:
        assert mine
        with leading(settings) as other:
            assert not other
    with leading(settings) as again:
        assert again


def test_hundreds_of_arrivals_go_in_at_once(inbox: Inbox) -> None:
    kept = put(inbox, *(arriving(str(n).encode()) for n in range(1_000)))
    settle(inbox, *kept)
    assert len(inbox.answers([one.n for one in kept])) == 1_000


def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "bank")
    open_inbox(settings).close()
    assert inbox_file(settings).stat().st_mode & 0o777 == 0o600
    assert settings.vault_folder.stat().st_mode & 0o777 == 0o700


def test_many_open_a_new_inbox_at_the_same_moment(tmp_path: Path) -> None:
    """The doors and the gate start together; each must find an inbox, whoever makes it."""
    together = Barrier(4)

    def opened(number: int) -> int:
        together.wait()
        inbox = open_inbox(Settings(home=tmp_path / f"bank{number // 4}"))
        count = inbox.backlog().arrivals
        inbox.close()
        return count

    with ThreadPoolExecutor(4) as four:
        assert list(four.map(opened, range(160))) == [0] * 160


def test_a_place_that_cannot_hold_an_inbox_is_told(tmp_path: Path) -> None:
    (tmp_path / "vault").write_text("a file where a folder should be")
    with pytest.raises(StoreError):
        open_inbox(Settings(home=tmp_path))
