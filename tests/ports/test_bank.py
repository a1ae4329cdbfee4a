"""The bank's contract over SQLite and PostgreSQL, and what only a database of its own can promise."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from hilum.errors import ConflictError, StoreError
from hilum.model.record import Kind
from hilum.registry.ports import Unit
from hilum.registry.stored import RecordState
from hilum.settings import Settings
from hilum.stores.bank import Bank
from hilum.stores.opening import create_bank, open_bank
from hilum.testing.builders import a_finding, a_judgement, a_record, an_audit_record
from hilum.testing.contracts_bank import BankContract, enter
from hilum.testing.postgres import PostgresUnavailable, temporary_postgres


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "100 % 样本库?#1")


@pytest.fixture
def lite(settings: Settings) -> Iterator[Bank]:
    bank = create_bank(settings)
    yield bank
    bank.close()


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    try:
        with temporary_postgres() as url:
            yield url
    except PostgresUnavailable as absent:
        pytest.skip(f"PostgreSQL: {absent}")


@pytest.fixture
def postgres(cluster: str, tmp_path: Path) -> Iterator[Bank]:
    admin = create_engine(cluster, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS bank WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE bank"))
    admin.dispose()
    bank = create_bank(Settings(home=tmp_path, database=cluster.replace("/postgres", "/bank")), patience_ms=500)
    yield bank
    bank.close()


class TestSqliteBank(BankContract):
    @pytest.fixture
    def bank(self, lite: Bank) -> Bank:
        return lite


class TestPostgresqlBank(BankContract):
    @pytest.fixture
    def bank(self, postgres: Bank) -> Bank:
        return postgres

    def test_the_database_itself_refuses_to_rewrite_history(self, bank: Bank) -> None:
        refuse_to_rewrite(bank)

    def test_a_second_writer_waits_and_then_is_told_so(self, bank: Bank) -> None:
        with bank.begin() as first:
            first.audit([an_audit_record()])
            with pytest.raises(StoreError) as refused, bank.begin():
                pass
        assert refused.value.reason == "store_locked"

    def test_a_database_without_a_bank_is_said_to_be_incomplete(self, cluster: str, tmp_path: Path) -> None:
        with pytest.raises(StoreError) as refused:
            open_bank(Settings(home=tmp_path, database=cluster))
        assert refused.value.reason == "store_incomplete"

    def test_creating_a_bank_twice_is_a_conflict(self, bank: Bank, cluster: str, tmp_path: Path) -> None:
        with pytest.raises(ConflictError):
            create_bank(Settings(home=tmp_path, database=cluster.replace("/postgres", "/bank")))


def refuse_to_rewrite(bank: Bank) -> None:
    """Every way of changing or dropping a row of history fails in the database, and a record's content with it."""
    with bank.begin() as unit:
        enter(unit, a_record("SP-1", judgement=a_judgement(a_finding())))
        unit.audit([an_audit_record()])
    attempts = [f"DELETE FROM {table}" for table in ("events", "judgements", "findings", "audit", "records")]
    attempts += ["UPDATE events SET recorded_at = 'x'", "UPDATE judgements SET actor = 'x'"]
    attempts += ["UPDATE findings SET rule = 'x'", "UPDATE audit SET actor = 'x'", "UPDATE records SET fields = '{}'"]
    for attempt in attempts:
        with pytest.raises(DBAPIError, match="history is not rewritten"):
            run(bank.engine, attempt)
    run(bank.engine, "UPDATE records SET state = 'held'")


def run(engine: Engine, statement: str) -> None:
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql(statement)


def test_a_bank_is_a_unit_of_work_as_the_registry_asks(lite: Bank) -> None:
    with lite.begin() as found:
        unit: Unit = found
        assert unit.sources() == []


def test_the_sqlite_file_itself_refuses_to_rewrite_history(lite: Bank) -> None:
    refuse_to_rewrite(lite)


def test_a_bank_is_durable_private_and_checks_its_references(lite: Bank, settings: Settings) -> None:
    file = settings.home / "bank.db"
    assert file.stat().st_mode & 0o777 == 0o600
    with lite.read() as unit:
        asked = ("journal_mode", "synchronous", "foreign_keys")
        said = [unit.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in asked]
    assert said == ["wal", 2, 1]


def test_creating_a_bank_over_another_is_a_conflict_and_harms_nothing(lite: Bank, settings: Settings) -> None:
    with lite.begin() as unit:
        enter(unit, a_record("SP-1"))
    with pytest.raises(ConflictError):
        create_bank(settings)
    with lite.read() as unit:
        assert len(list(unit.all_facts(Kind.SPECIMEN))) == 1


def test_a_bank_left_half_made_is_said_to_be_so_and_can_be_finished(settings: Settings) -> None:
    settings.home.mkdir()
    (settings.home / "bank.db").touch()
    with pytest.raises(StoreError) as half:
        open_bank(settings)
    assert half.value.reason == "store_incomplete"
    create_bank(settings).close()
    open_bank(settings).close()


def test_a_missing_bank_is_said_to_be_missing_and_not_made(settings: Settings) -> None:
    with pytest.raises(StoreError) as missing:
        open_bank(settings)
    assert missing.value.reason == "store_missing"
    assert not (settings.home / "bank.db").exists()


def test_a_newer_bank_is_not_touched(lite: Bank, settings: Settings) -> None:
    run(lite.engine, "UPDATE meta SET value = '99' WHERE name = 'schema_version'")
    with pytest.raises(StoreError) as newer:
        open_bank(settings)
    assert newer.value.reason == "store_newer"
    assert "99" in newer.value.message("zh")


def test_a_damaged_bank_is_said_to_be_damaged(lite: Bank, settings: Settings) -> None:
    lite.close()
    (settings.home / "bank.db").write_bytes(b"this is no database, whatever its name" * 500)
    with pytest.raises(StoreError) as damaged:
        open_bank(settings)
    assert damaged.value.reason == "store_damaged"
    assert damaged.value.advice("en")


def test_a_locked_bank_is_said_to_be_locked(lite: Bank, settings: Settings) -> None:
    other = open_bank(settings, patience_ms=50)
    with lite.begin() as unit:
        unit.audit([an_audit_record()])
        with pytest.raises(StoreError) as locked, other.begin():
            pass
    assert locked.value.reason == "store_locked"
    with other.begin() as unit:
        assert len(unit.audit_trail()) == 1
    other.close()


@pytest.mark.parametrize("address", ["mysql://x/y", "sqlite://", "no address at all"])
def test_an_address_no_bank_can_have_is_an_error_with_advice(tmp_path: Path, address: str) -> None:
    with pytest.raises(StoreError) as wrong:
        open_bank(Settings(home=tmp_path, database=address))
    assert wrong.value.reason == "store_url"


def test_no_complaint_repeats_a_value_of_a_record(lite: Bank) -> None:
    record = a_record("SECRET-KEY", donor="SECRET-DONOR")
    with pytest.raises(ConflictError) as clash, lite.begin() as unit:
        unit.add_records([record, record])
    chain = [clash.value, clash.value.__cause__, clash.value.__cause__.__cause__ if clash.value.__cause__ else None]
    assert not any("SECRET" in f"{one!r} {one}" for one in chain)


WRITER = """
import sys
from pathlib import Path
from hilum.settings import Settings
from hilum.stores.opening import open_bank
from hilum.testing.builders import a_finding, a_judgement, a_record, a_source
from hilum.testing.contracts_bank import enter

bank = open_bank(Settings(home=Path(sys.argv[1])))
batch = int(sys.argv[2])
while True:
    with bank.begin() as unit:
        done = unit.source(a_source().id)
        first = done.items_done if done else 0
        numbers = range(first, first + batch)
        enter(unit, *(a_record(f"SP-{n}", judgement=a_judgement(a_finding())) for n in numbers))
        unit.put_source(a_source(items_done=first + batch))
    print(first + batch, flush=True)
"""


def test_a_writer_killed_at_any_moment_leaves_whole_batches_only(lite: Bank, settings: Settings) -> None:
    lite.close()
    dice = random.Random(20240305)
    acknowledged = 0
    for _ in range(4):
        acknowledged = max(acknowledged, write_until_killed(settings.home, 40, dice.randint(1, 6), dice.random() / 50))
        with closing(sqlite3.connect(settings.home / "bank.db")) as plain:
            assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert plain.execute("PRAGMA foreign_key_check").fetchall() == []
        with open_bank(settings).read() as unit:
            source = unit.sources()[0]
            facts = sum(1 for _ in unit.all_facts(Kind.SPECIMEN))
            counted = (source.items_done, facts, unit.counts()["specimen", RecordState.ACCEPTED])
        assert counted == (source.items_done,) * 3
        assert source.items_done % 40 == 0
        assert source.items_done >= acknowledged, "an acknowledged commit was lost"


def write_until_killed(home: Path, batch: int, batches: int, moment: float) -> int:
    """Let a process write, kill it some time after its n-th acknowledgement; answers what it had acknowledged."""
    command = [sys.executable, "-c", WRITER, str(home), str(batch)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(batches)]
        try:
            writer.wait(timeout=moment)
        except subprocess.TimeoutExpired:
            os.kill(writer.pid, signal.SIGKILL)
        lines += writer.stdout.readlines()
    return max(int(line) for line in lines if line.endswith("\n"))
