"""A checkout's folder of its own for each test, or for a module that shares one server."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.embedded.places import Places
from portal.embedded.postgres import Postgres
from portal.embedded.valkey import Valkey


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """An empty checkout's folders."""
    made = Places(tmp_path / "var")
    made.prepare()
    return made


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A running PostgreSQL made from nothing."""
    server = Postgres(Places(tmp_path_factory.mktemp("postgres") / "var"))
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


def eventually(holds: Callable[[], bool], *, within: float = 10.0) -> None:
    """Wait until it holds; a test that waits in vain fails here."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, f"did not come true within {within:g} seconds"
        time.sleep(0.02)
