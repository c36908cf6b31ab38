"""Locks between the commands of one checkout.

The kernel drops them with the process, so `kill -9` leaves none behind.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold `path` alone; waits for whoever holds it."""
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class Tenancy:
    """A share in a running service: while anybody holds one, nobody stops it.

    A forked child inherits the share (it uses the service too), which ends when the last copy is closed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def enter(self) -> None:
        """Take a share. Waits while the last tenant of before is stopping the service."""
        if self._descriptor is None:
            descriptor = _open(self._path)
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            self._descriptor = descriptor

    @contextmanager
    def leaving(self) -> Iterator[bool]:
        """Give the share up; yields whether nobody else has one. Newcomers wait until the block ends."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            yield False
            return
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(descriptor)
