"""Notices, and what there is to notice, over SQLite, PostgreSQL and memory."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from hilum.settings import Settings
from hilum.stores.bank import Bank
from hilum.stores.opening import create_bank
from hilum.testing.contracts_notices import NoticeContract, WatchedContract
from hilum.testing.memory import MemoryBank
from hilum.testing.postgres import PostgresUnavailable, temporary_postgres


class TestMemoryNotices(NoticeContract, WatchedContract):
    @pytest.fixture
    def bank(self) -> MemoryBank:
        return MemoryBank()


class TestSqliteNotices(NoticeContract, WatchedContract):
    @pytest.fixture
    def bank(self, tmp_path: Path) -> Iterator[Bank]:
        bank = create_bank(Settings(home=tmp_path / "bank"))
        yield bank
        bank.close()

    @pytest.mark.parametrize(
        ("question", "index"),
        [
            ("SELECT min(pending_until) FROM process WHERE pending_until IS NOT NULL", "process_pending"),
            (
                "SELECT specimen FROM process WHERE pending_until IS NOT NULL AND pending_until < '2' "
                "ORDER BY pending_until LIMIT 5",
                "process_pending",
            ),
            (
                "SELECT at, specimen, sop FROM process WHERE at >= '1' AND (at > '1' OR (specimen, sop) > ('a', 'b')) "
                "ORDER BY at, specimen, sop LIMIT 5",
                "process_at",
            ),
            ("SELECT n FROM records WHERE n > 5 AND kind IN ('reading') ORDER BY n LIMIT 5", "INTEGER PRIMARY KEY"),
        ],
    )
    def test_what_is_asked_every_second_never_walks_a_whole_table(
        self, tmp_path: Path, question: str, index: str
    ) -> None:
        create_bank(Settings(home=tmp_path / "bank")).close()
        with sqlite3.connect(tmp_path / "bank" / "bank.db") as connection:
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {question}")]
        connection.close()
        assert index in plan[0]
        assert not [line for line in plan if "TEMP B-TREE FOR ORDER BY" in line and "LAST" not in line]


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    try:
        with temporary_postgres() as url:
            yield url
    except PostgresUnavailable as absent:
        pytest.skip(f"PostgreSQL: {absent}")


class TestPostgresqlNotices(NoticeContract, WatchedContract):
    @pytest.fixture
    def bank(self, cluster: str, tmp_path: Path) -> Iterator[Bank]:
        admin = create_engine(cluster, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS notices WITH (FORCE)"))
            connection.execute(text("CREATE DATABASE notices"))
        admin.dispose()
        settings = Settings(home=tmp_path, database=cluster.replace("/postgres", "/notices"))
        bank = create_bank(settings, patience_ms=500)
        yield bank
        bank.close()
