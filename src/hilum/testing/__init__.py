"""Builders, contract suites and a private PostgreSQL: public, so that adapters elsewhere can prove themselves."""

from contextlib import suppress

with suppress(ImportError):  # builders and the private PostgreSQL serve without pytest too
    import pytest

    pytest.register_assert_rewrite("hilum.testing.contracts_bank")
