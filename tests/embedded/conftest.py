"""A checkout's folder of its own for each test, or for a module that shares one server."""

import os
import signal
from collections.abc import Iterator

import pytest

from portal.embedded.places import Places
from portal.embedded.postgres import Postgres
from portal.embedded.valkey import Valkey
from tests.harness.folders import checkout, places

__all__ = ["places"]


@pytest.fixture(scope="module")
def shared_places() -> Iterator[Places]:
    """An empty checkout's folders for all tests of a module."""
    with checkout() as made:
        yield made


@pytest.fixture(scope="module")
def postgres(shared_places: Places) -> Iterator[Postgres]:
    """A running PostgreSQL made from nothing."""
    server = Postgres(shared_places)
    server.ensure()
    yield server
    server.stop()


@pytest.fixture
def valkey(places: Places) -> Iterator[Valkey]:
    """A running Valkey."""
    server = Valkey(places)
    server.ensure()
    yield server
    server.stop()


def kill(pid: int | None) -> None:
    """SIGKILL, as by a machine that loses its power."""
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
