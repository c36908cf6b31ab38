"""Workflows of steps that leave a line in the witness file, as `<letter> <mark> <process> <time>`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tests.chaos.effects  # noqa: F401 - registers the functions that the workflows name


def call(mark: str, *, text: str = "$letter") -> dict[str, Any]:
    """The call alone, as a map or a compensation has it."""
    read = {"inputs": {"text": text}, "settings": {"mark": mark}}
    return {"kind": "function", "function": "effect@1", "effect": "idempotent", **read}


def step(key: str, **more: Any) -> dict[str, Any]:
    """A node whose mark is its key."""
    return {"key": key, **call(key), **more}


def undoable(key: str, **more: Any) -> dict[str, Any]:
    """The same, undone by a call whose mark is `undo_` and its key."""
    return step(key, compensate=call(f"undo_{key}"), **more)


@dataclass(frozen=True)
class Line:
    """One line of the witness file."""

    text: str
    mark: str
    pid: int
    at: float


def told_by(witness: Path) -> list[Line]:
    """The whole file."""
    words = (line.split(" ") for line in witness.read_text().splitlines())
    return [Line(text, mark, int(pid), float(at)) for text, mark, pid, at in words]


def marks(witness: Path) -> list[str]:
    """What was done, in order."""
    return [line.mark for line in told_by(witness)]
