"""Trips and their logs over every bank: look-ups by logger and transport, readings by their hours, both orders."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from hilum.model.record import Kind
from hilum.registry.ports import Unit
from hilum.registry.stored import RecordState
from hilum.settings import Settings
from hilum.stores.opening import create_bank
from hilum.testing.builders import a_record
from hilum.testing.contracts_bank import enter
from hilum.testing.memory import MemoryBank
from hilum.testing.postgres import PostgresUnavailable, temporary_postgres


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    try:
        with temporary_postgres() as url:
            yield url
    except PostgresUnavailable as missing:
        pytest.skip(str(missing))


def _emptied(cluster: str) -> str:
    admin = create_engine(cluster, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS bank WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE bank"))
    admin.dispose()
    return cluster.replace("/postgres", "/bank")


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def unit(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Unit]:
    if request.param == "memory":
        with MemoryBank().begin() as memory:
            yield memory
        return
    url = _emptied(request.getfixturevalue("postgres")) if request.param == "postgresql" else ""
    bank = create_bank(Settings(home=tmp_path / "bank", database=url))
    with bank.begin() as lite:
        yield lite
    bank.close()


def test_logs_and_hand_overs_are_found_by_logger_and_by_transport(unit: Unit) -> None:
    log = a_record("log:L1@x", {"logger": "L1", "transport_id": "T1"}, kind=Kind.LOG, donor=None)
    sheet = a_record("T2|S1", {"logger": "L1", "transport_id": "T2"}, kind=Kind.TRANSPORT, donor=None)
    enter(unit, log, sheet)
    assert [fact.key for fact in unit.named(Kind.LOG, ["L1", "T1"])] == ["log:L1@x"]
    assert [fact.key for fact in unit.named(Kind.LOG, ["T1"])] == ["log:L1@x"]
    assert [fact.key for fact in unit.named(Kind.TRANSPORT, ["L1"])] == ["T2|S1"]
    assert unit.named(Kind.LOG, ["T2"]) == []
    assert unit.named(Kind.LOG, []) == []


def test_readings_are_found_by_logger_and_hours_held_ones_too(unit: Unit) -> None:
    states = (RecordState.ACCEPTED, RecordState.HELD, RecordState.REFUSED, RecordState.ACCEPTED)
    keys = ("L1@2026-03-05T08:00:00Z", "L1|2026-03-05T08:02:00Z", "L1@2026-03-05T08:04:00Z", "L10@2026-03-05T08:06:00Z")
    for line, (key, state) in enumerate(zip(keys, states, strict=True), 1):
        fields = {"logger": key[:2], "read_at": key[-20:], "value_c": None if line == 2 else 4}
        unit.add_records([a_record(key, fields, kind=Kind.READING, donor=None, state=state, line=line)])
    found = unit.readings("L1", "2026-03-05T08:00:00Z", "2026-03-05T09:00:00Z")
    assert sorted((one.at, one.value_c, one.state.value) for one in found) == [
        ("2026-03-05T08:00:00Z", 4.0, "accepted"),
        ("2026-03-05T08:02:00Z", None, "held"),
    ]
    assert unit.readings("L1", "2026-03-05T08:01:00Z", "2026-03-05T08:01:59Z") == []
