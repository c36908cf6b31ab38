"""A checkout's folder of its own for each test, or for a module that shares one server."""

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal.embedded.places import Places
from portal.embedded.postgres import Postgres
from portal.embedded.valkey import Valkey


@contextmanager
def checkout() -> Iterator[Places]:
    """An empty checkout's folders, in a folder that stays as it is.

    Not in pytest's own: each new session of pytest closes the folder above it again (0700), under the feet of
    a PostgreSQL that runs as another account because the tests run as root.
    """
    with tempfile.TemporaryDirectory(prefix="countersign-test-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        made = Places(Path(folder) / "var")
        made.prepare()
        yield made


@pytest.fixture
def places() -> Iterator[Places]:
    """An empty checkout's folders for one test."""
    with checkout() as made:
        yield made


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
