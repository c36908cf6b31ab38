"""Folders for services that a test starts itself."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal.embedded.places import Places


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
