"""Loaded by pytest before Django's settings: tests use the same embedded services as any other command."""

import pytest

from portal.embedded import environment


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Fill in the addresses and have PostgreSQL running until the tests have ended."""
    environment.prepare(["pytest", "test"])
