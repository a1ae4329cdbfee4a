"""The process side of a bank over SQLite, PostgreSQL and memory, and a bank of version 1 brought up to date."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from hilum.errors import StoreError
from hilum.settings import Settings
from hilum.stores.bank import Bank
from hilum.stores.opening import create_bank, open_bank, schema_version
from hilum.stores.tables import SCHEMA_VERSION
from hilum.testing.builders import a_record
from hilum.testing.contracts_bank import enter
from hilum.testing.contracts_process import ProcessContract, a_sop, a_standing
from hilum.testing.memory import MemoryBank
from hilum.testing.postgres import PostgresUnavailable, temporary_postgres

BACK_TO_ONE = (
    *(
        f"DROP TABLE {name}"
        for name in ("notices", "sessions", "tokens", "accounts", "organizations", "process", "sops")
    ),
    "UPDATE meta SET value = '1' WHERE name = 'schema_version'",
)


class TestMemoryProcess(ProcessContract):
    @pytest.fixture
    def bank(self) -> MemoryBank:
        return MemoryBank()


class TestSqliteProcess(ProcessContract):
    @pytest.fixture
    def bank(self, tmp_path: Path) -> Iterator[Bank]:
        bank = create_bank(Settings(home=tmp_path / "bank"))
        yield bank
        bank.close()

    def test_a_bank_of_version_one_is_brought_up_to_date_when_it_is_opened(self, tmp_path: Path) -> None:
        settings = Settings(home=tmp_path / "old")
        old = create_bank(settings)
        with old.begin() as unit:
            enter(unit, a_record("SP-1"))
        old.close()
        with sqlite3.connect(settings.home / "bank.db") as connection:
            for statement in BACK_TO_ONE:
                connection.execute(statement)
        connection.close()
        see_it_upgraded(open_bank(settings))
        with sqlite3.connect(settings.home / "bank.db") as connection:
            indexes = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
        connection.close()
        assert {"process_verdict", "process_at", "process_pending"} <= indexes

    def test_an_upgrade_that_fails_changes_nothing(self, tmp_path: Path) -> None:
        settings = Settings(home=tmp_path / "old")
        create_bank(settings).close()
        with sqlite3.connect(settings.home / "bank.db") as connection:
            for statement in (*BACK_TO_ONE, "CREATE TABLE process (other)"):
                connection.execute(statement)
        connection.close()
        with pytest.raises(StoreError):
            open_bank(settings)
        with sqlite3.connect(settings.home / "bank.db") as connection:
            names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            version = connection.execute("SELECT value FROM meta WHERE name = 'schema_version'").fetchone()
        connection.close()
        assert ("sops" in names, version) == (False, ("1",))


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    try:
        with temporary_postgres() as url:
            yield url
    except PostgresUnavailable as absent:
        pytest.skip(f"PostgreSQL: {absent}")


class TestPostgresqlProcess(ProcessContract):
    @pytest.fixture
    def settings(self, cluster: str, tmp_path: Path) -> Settings:
        admin = create_engine(cluster, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS bank WITH (FORCE)"))
            connection.execute(text("CREATE DATABASE bank"))
        admin.dispose()
        return Settings(home=tmp_path, database=cluster.replace("/postgres", "/bank"))

    @pytest.fixture
    def bank(self, settings: Settings) -> Iterator[Bank]:
        bank = create_bank(settings, patience_ms=500)
        yield bank
        bank.close()

    def test_a_bank_of_version_one_is_brought_up_to_date_when_it_is_opened(
        self, bank: Bank, settings: Settings
    ) -> None:
        with bank.begin() as unit:
            enter(unit, a_record("SP-1"))
        with bank.engine.connect() as connection, connection.begin():
            for statement in BACK_TO_ONE:
                connection.execute(text(statement))
        see_it_upgraded(open_bank(settings))


def see_it_upgraded(bank: Bank) -> None:
    """The bank is of this version, knows what it knew, and takes SOPs and standings."""
    assert schema_version(bank) == SCHEMA_VERSION
    with bank.begin() as unit:
        assert {event.key for event in unit.all_events()} == {"SP-1"}
        unit.put_sop(a_sop())
        unit.put_process(["SP-1"], [a_standing("SP-1")])
    with bank.read() as unit:
        assert (unit.sops(), unit.process_standing(["SP-1"])) == ([a_sop()], {"SP-1": [a_standing("SP-1")]})
    bank.close()
