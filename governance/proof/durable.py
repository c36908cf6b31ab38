"""Files that survive a loss of power as they were or as they became, and folders that one process holds."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from governance.errors import WrongState


def put(path: Path, text: str) -> None:
    """Have the file say this, whole on the disk before it takes the name. `sync` its folder afterwards."""
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def sync(folder: Path) -> None:
    """Have the names in the folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def alone(folder: Path, *, waiting: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold the folder, made when it is not there, for this process alone while the block runs.

    While another holds it, `waiting` is called, and its end waited for. Raises `WrongState` when nobody would
    wait.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting is None:
                raise WrongState(f"Another process holds {folder}: there is never more than one.") from None
            waiting()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
