"""What was done with specimens, over memory, SQLite and PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from hilum.registry.chain import CHAINED
from hilum.settings import Settings
from hilum.stores.bank import Bank
from hilum.stores.opening import create_bank
from hilum.testing.contracts_chain import ChainContract
from hilum.testing.memory import MemoryBank
from hilum.testing.postgres import PostgresUnavailable, temporary_postgres


class TestMemoryChain(ChainContract):
    @pytest.fixture
    def bank(self) -> MemoryBank:
        return MemoryBank()


class TestSqliteChain(ChainContract):
    @pytest.fixture
    def bank(self, tmp_path: Path) -> Iterator[Bank]:
        bank = create_bank(Settings(home=tmp_path / "bank"))
        yield bank
        bank.close()

    def test_a_question_about_chains_is_answered_from_an_index(self, bank: Bank) -> None:
        with bank.begin() as unit:
            assert unit.facts_about(CHAINED, ["SP-1"]) == {}
            plan = unit.connection.exec_driver_sql(
                "EXPLAIN QUERY PLAN SELECT key FROM facts WHERE kind = ? AND parent IN (?, ?)", ("custody", "a", "b")
            ).all()
        assert "facts_parent" in str(plan)


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    try:
        with temporary_postgres() as url:
            yield url
    except PostgresUnavailable as absent:
        pytest.skip(f"PostgreSQL: {absent}")


class TestPostgresqlChain(ChainContract):
    @pytest.fixture
    def bank(self, cluster: str, tmp_path: Path) -> Iterator[Bank]:
        admin = create_engine(cluster, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS bank WITH (FORCE)"))
            connection.execute(text("CREATE DATABASE bank"))
        admin.dispose()
        bank = create_bank(Settings(home=tmp_path, database=cluster.replace("/postgres", "/bank")))
        yield bank
        bank.close()
