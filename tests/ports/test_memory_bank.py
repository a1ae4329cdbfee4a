"""The bank in plain dictionaries keeps the same contract as the databases: it is their judge."""

import pytest

from hilum.testing.contracts_bank import BankContract
from hilum.testing.memory import MemoryBank


class TestMemoryBank(BankContract):
    @pytest.fixture
    def bank(self) -> MemoryBank:
        return MemoryBank()
