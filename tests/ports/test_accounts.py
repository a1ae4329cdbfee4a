"""The accounts' side of a bank over SQLite, PostgreSQL and memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from hilum.settings import Settings
from hilum.stores.bank import Bank
from hilum.stores.opening import create_bank
from hilum.testing.contracts_accounts import AccountContract
from hilum.testing.memory import MemoryBank
from hilum.testing.postgres import PostgresUnavailable, temporary_postgres


class TestMemoryAccounts(AccountContract):
    @pytest.fixture
    def bank(self) -> MemoryBank:
        return MemoryBank()


class TestSqliteAccounts(AccountContract):
    @pytest.fixture
    def bank(self, tmp_path: Path) -> Iterator[Bank]:
        bank = create_bank(Settings(home=tmp_path / "bank"))
        yield bank
        bank.close()


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    try:
        with temporary_postgres() as url:
            yield url
    except PostgresUnavailable as absent:
        pytest.skip(f"PostgreSQL: {absent}")


class TestPostgresqlAccounts(AccountContract):
    @pytest.fixture
    def bank(self, cluster: str, tmp_path: Path) -> Iterator[Bank]:
        admin = create_engine(cluster, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS bank WITH (FORCE)"))
            connection.execute(text("CREATE DATABASE bank"))
        admin.dispose()
        bank = create_bank(Settings(home=tmp_path, database=cluster.replace("/postgres", "/bank")), patience_ms=500)
        yield bank
        bank.close()
