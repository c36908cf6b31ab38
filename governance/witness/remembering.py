"""What a witness remembers: of each log the last note that it cosigned, in one file of its own."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from governance.errors import WrongState
from governance.merkle.errors import NoteMalformed
from governance.merkle.note import Note, parse
from governance.proof.durable import alone, put, sync

SEEN: Final = "seen.json"


class Seen:
    """The notes by origin. Held by one witness at a time: use it within `held`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._notes = _read(folder / SEEN)

    def __len__(self) -> int:
        """Of how many logs it has seen a note."""
        return len(self._notes)

    def of(self, origin: str) -> Note | None:
        """The log's last note; None when it was never seen."""
        content = self._notes.get(origin)
        return None if content is None else parse(content.encode()).note

    def keep(self, content: bytes) -> None:
        """Remember the note, on the disk when this returns; a loss of power leaves it or the one before.

        Raises `OSError`, and then the note may or may not be remembered.
        """
        notes = {**self._notes, parse(content).note.origin: content.decode()}
        put(self._folder / SEEN, json.dumps(notes, indent=1, ensure_ascii=False))
        sync(self._folder)
        self._notes = notes


@contextmanager
def held(folder: Path) -> Iterator[Seen]:
    """What was seen, by the file in this folder, for this process alone while the block runs.

    Raises `WrongState` while another witness holds it, and where the file cannot be read: a witness that has
    forgotten what it saw could be shown something else.
    """
    with alone(folder):
        yield Seen(folder)


def _read(path: Path) -> dict[str, str]:
    try:
        found = {str(origin): str(note) for origin, note in json.loads(path.read_text("utf-8")).items()}
        for origin, content in found.items():
            if parse(content.encode()).note.origin != origin:
                raise ValueError(f"the note under {origin} is of another log")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, NoteMalformed) as problem:
        raise WrongState(f"What was seen cannot be read from {path}: {problem}") from problem
    return found
