"""What the signer remembers outside the database: of each log, the last note that it signed.

Whoever sets the database back cannot set this back with it. A note is written here, to the disk, before it is
shown to anybody.
"""

import json
from collections.abc import Callable, Iterator, Mapping
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
        self._notes, self._ended = _read(folder / SIGNED)

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

    def ended(self, log: UUID) -> list[Remembered]:
        """The last notes under the names that the log had before it was restored, the first first."""
        return [found for found in self._ended if found.log == log]

    def keep(self, notes: Mapping[UUID, bytes]) -> None:
        """Remember the notes, in one write; a loss of power leaves either them or those before."""
        self._put(self._notes | {log: Remembered(log, note) for log, note in notes.items()}, self._ended)

    def end(self, log: UUID) -> None:
        """Remember the log's last note as the last under its name: nothing is signed under it any more."""
        others = {known: found for known, found in self._notes.items() if known != log}
        self._put(others, [*self._ended, self._notes[log]])

    def _put(self, notes: dict[UUID, Remembered], ended: list[Remembered]) -> None:
        kept = {str(found.log): found.content.decode() for found in notes.values()}
        kept |= {f"{found.log} {found.note.origin}": found.content.decode() for found in ended}
        put(self._folder / SIGNED, json.dumps(kept, indent=1))
        # Not before they may be on the disk: what is not there is not remembered.
        self._notes, self._ended = notes, ended
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
    return [*_read(folder / SIGNED)[0].values()]


def _read(path: Path) -> tuple[dict[UUID, Remembered], list[Remembered]]:
    """Each log's last note, and the last under each name that is no more."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        parts = [(name.partition(" "), note.encode()) for name, note in content.items()]
        found = [(ended, Remembered(UUID(log), note)) for (log, _, ended), note in parts]
    except FileNotFoundError:
        return {}, []
    except (OSError, ValueError, AttributeError) as problem:
        raise WrongState(f"What was signed cannot be read from {path}: {problem}") from problem
    return {each.log: each for ended, each in found if not ended}, [each for ended, each in found if ended]
