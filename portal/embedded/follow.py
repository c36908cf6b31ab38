"""Bring a service's own log file into the journal, from now on."""

from pathlib import Path

from portal.embedded.journal import Journal

# What PostgreSQL and Valkey say when nothing is wrong is of no use to somebody watching the portal.
WORTH_A_LINE = ("ERROR", "FATAL", "PANIC", "WARNING:", "HINT", " # ", "answers on", " E ", " W ")
NOISE = ("Memory overcommit", "ready to exit")


class Follower:
    """Remembers how far it has read; survives the file being replaced."""

    def __init__(self, name: str, file: Path) -> None:
        self._name = name
        self._file = file
        self._position = file.stat().st_size if file.exists() else 0

    def relay(self, journal: Journal) -> None:
        """Write the lines added since the last call that tell of trouble."""
        try:
            with self._file.open("rb") as log:
                if log.seek(0, 2) < self._position:
                    self._position = 0
                log.seek(self._position)
                added = log.read()
        except OSError:
            return
        whole, newline, _ = added.rpartition(b"\n")
        self._position += len(whole) + len(newline)
        for line in whole.decode("utf-8", "replace").splitlines():
            if any(mark in line for mark in WORTH_A_LINE) and not any(mark in line for mark in NOISE):
                journal.say(self._name, line)
