"""One readable log of many processes: a line each, with the time and the name of who wrote it."""

import re
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

WIDTH = 8
# A program's own date and time at the start of a line: the journal has put the time there already.
OWN_TIME = re.compile(r"^\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d([.,]\d+)?(Z| UTC)?[\]:]? ?")
LARGEST_FILE = 10_000_000
COLOURS = {"portal": 1, "web": 36, "worker": 32, "sweeper": 33, "model": 35, "postgres": 34, "valkey": 31}


class Journal:
    """Writes to a file and to the terminal, where there is one (in colour only where it is one).

    `only` names the one whose lines the terminal shows; everybody's without it. Safe between threads.
    """

    def __init__(self, file: Path, *, terminal: TextIO | None = None, only: str = "") -> None:
        self._lock = threading.Lock()
        self._only = only
        self._terminal = terminal
        self._colour = bool(terminal and terminal.isatty())
        if file.exists() and file.stat().st_size > LARGEST_FILE:
            file.replace(file.with_suffix(".log.1"))
        self._file = file.open("a", encoding="utf-8", errors="replace")

    def say(self, name: str, text: str) -> None:
        """Add one line. A terminal that has gone away is not an error: the file has it all."""
        now = datetime.now(UTC)
        clean = OWN_TIME.sub("", text.rstrip())
        with self._lock:
            self._file.write(f"{now:%Y-%m-%dT%H:%M:%SZ} {name:<{WIDTH}} | {clean}\n")
            self._file.flush()
            if self._terminal is None or self._only not in ("", name):
                return
            label = f"{now.astimezone():%H:%M:%S} {name:<{WIDTH}} |"
            if self._colour:
                label = f"\x1b[{COLOURS.get(name, 37)}m{label}\x1b[0m"
            try:
                self._terminal.write(f"{label} {clean}\n")
                self._terminal.flush()
            except (OSError, ValueError):
                self._terminal = None

    def close(self) -> None:
        """Close the file; later lines would be an error of ours."""
        with self._lock:
            self._file.close()


def journal_to_terminal(file: Path) -> Journal:
    """A journal that a person reads along."""
    return Journal(file, terminal=sys.stdout)


def journal_of_the_start(file: Path) -> Journal:
    """A journal of which a person sees what the portal itself does, beside the command's own output."""
    return Journal(file, terminal=sys.stderr, only="portal")
