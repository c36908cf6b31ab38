"""Which operating-system process is which service of this checkout."""

import json
import os
import signal
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Record:
    """One process, named so that a later process with the same number is not mistaken for it."""

    pid: int
    started: float
    address: str = ""

    @classmethod
    def of(cls, pid: int, *, address: str = "") -> "Record":
        """The record of a live process. Raises `psutil.NoSuchProcess` when it has already ended."""
        return cls(pid=pid, started=psutil.Process(pid).create_time(), address=address)

    def process(self) -> psutil.Process | None:
        """The live process that this record means; None when it ended, even if its number is taken again."""
        try:
            found = psutil.Process(self.pid)
            # Two readings of one process agree to the clock tick; the margin allows for a stepped boot clock.
            same = abs(found.create_time() - self.started) < 1 and found.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return None
        return found if same else None


def write(path: Path, record: Record) -> None:
    """Replace the file in one move, so that a reader never sees half of it."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_text(json.dumps(asdict(record)))
    partial.replace(path)


def read(path: Path) -> Record | None:
    """The stored record, or None when there is none or it is not one of ours."""
    try:
        return Record(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def ended(process: psutil.Process) -> bool:
    """Whether the process has ended; a zombie has, though its number stays until somebody collects it."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def stop(process: psutil.Process, *, patience: float, request: signal.Signals = signal.SIGTERM) -> None:
    """Ask the process to end, wait `patience` seconds, then end it. Returns when it has ended."""
    for number, seconds in ((request, patience), (signal.SIGKILL, patience)):
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)
        deadline = time.monotonic() + seconds
        while not ended(process) and time.monotonic() < deadline:
            time.sleep(0.01)
        if ended(process):
            return
