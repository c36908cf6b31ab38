"""What the signer remembers outside the database: of each log, the last note that it signed.

Whoever sets the database back cannot set this back with it. A note is written here, to the disk, before it is
shown to anybody.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from governance.errors import WrongState
from governance.merkle.note import Note, parse
from governance.proof.durable import alone, put, sync

SIGNED: Final = "signed.json"


@dataclass(frozen=True, slots=True)
class Remembered:
    """The last note signed over a log, byte for byte."""

    log: UUID
    content: bytes

    @property
    def note(self) -> Note:
        """What it says."""
        return parse(self.content).note


class Memory:
    """The notes, by origin. Held by one signer at a time: use it within `held`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._notes = _read(folder / SIGNED)

    def __iter__(self) -> Iterator[Remembered]:
        """Every log's last note."""
        return iter([*self._notes.values()])

    def of(self, log: UUID) -> Remembered | None:
        """The log's last note, None when none was signed."""
        return self._notes.get(log)

    def size(self, log: UUID) -> int:
        """Over how many of the log's entries it last signed."""
        found = self.of(log)
        return found.note.size if found else 0

    def keep(self, log: UUID, content: bytes) -> None:
        """Remember the note, so that a loss of power leaves either it or the one before."""
        notes = {**self._notes, log: Remembered(log, content)}
        kept = {str(found.log): found.content.decode() for found in notes.values()}
        put(self._folder / SIGNED, json.dumps(kept, indent=1))
        self._notes = notes  # not before it may be on the disk: what is not there is not remembered
        sync(self._folder)


@contextmanager
def held(folder: Path, *, waiting: Callable[[], None] | None = None) -> Iterator[Memory]:
    """The memory in this folder, for as long as the block runs, by this process alone.

    While another signer holds it, `waiting` is called, and its end waited for.

    Raises `WrongState` while another holds it and nobody would wait, and where the file cannot be read: a
    signer that has forgotten what it signed could sign something else.
    """
    with alone(folder, waiting=waiting):
        yield Memory(folder)


def remembered(folder: Path) -> list[Remembered]:
    """What the signer of this folder remembers, read beside it. Raises as `held`."""
    return [*_read(folder / SIGNED).values()]


def _read(path: Path) -> dict[UUID, Remembered]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {UUID(log): Remembered(UUID(log), note.encode()) for log, note in content.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as problem:
        raise WrongState(f"What was signed cannot be read from {path}: {problem}") from problem
