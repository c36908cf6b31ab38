"""The workers that there are: each announces itself, says that it is there, and says when it leaves."""

import hashlib
import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import psutil
from django.conf import settings
from django.db.models.functions import Now

from governance.ledger.identity import uuid7
from runs.durable.statements import Statement, rows
from runs.functions.registry import all_registered
from runs.records.workers import Worker

LATELY = timedelta(minutes=1)


@dataclass(frozen=True)
class Present:
    """This process as a worker: what it executes, and how many runs at a time."""

    pool: str
    slots: int
    forked: bool
    busy: Callable[[], int]
    id: UUID = field(default_factory=uuid7)
    since: float = field(default_factory=time.monotonic)

    def values(self) -> dict[str, Any]:
        """What its row says now."""
        known = all_registered()
        return {
            "worker": self.id,
            "name": process_name(os.getpid())[:120],
            "pool": self.pool,
            "slots": self.slots,
            "forked": self.forked,
            "busy": min(self.busy(), self.slots),
            "memory": _memory(with_children=self.forked),
            "version": settings.VERSION,
            "functions": len(known),
            "functions_digest": functions_digest(),
            "age": time.monotonic() - self.since,
        }


NOBODY: dict[str, Any] = {
    "worker": None, "name": "", "pool": "", "slots": 0, "forked": False, "busy": 0, "memory": 0,
    "version": "", "functions": 0, "functions_digest": "", "age": 0.0,
}  # fmt: skip
_present: Present | None = None


def _forget() -> None:
    """What a worker forks executes its runs and is no worker itself."""
    global _present  # noqa: PLW0603 - a process is one worker
    _present = None


os.register_at_fork(after_in_child=_forget)


def arrive(*, pool: str, slots: int, forked: bool, busy: Callable[[], int]) -> None:
    """This process is a worker from now on; its next beat says so."""
    global _present  # noqa: PLW0603 - a process is one worker
    _present = Present(pool, slots, forked, busy)


def wake_set_aside() -> None:
    """A worker has arrived: runs that wait for a capable one are looked at again."""
    rows(Statement.ARRIVE, {})


def present() -> Present | None:
    """This process as a worker, if it is one."""
    return _present


def depart(pids: Sequence[int] = ()) -> None:
    """This worker ends. The leases of these processes are given back: others take what they had in hand."""
    global _present
    worker, _present = _present, None
    owners = [f"{process_name(pid)}:" for pid in pids]
    rows(Statement.DEPART, {"worker": worker.id if worker else None, "owners": owners})


def process_name(pid: int) -> str:
    """A process, for people: machine and number."""
    return f"{socket.gethostname()}:{pid}"


def worker_name() -> str:
    """Who holds a lease, for people: machine, process and thread."""
    return f"{process_name(os.getpid())}:{threading.current_thread().name}"


def functions_digest() -> str:
    """One value for the functions that this process can run; equal on workers that can run the same."""
    lines = (f"{known.reference} {known.source_sha256}\n" for known in all_registered())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def others_at_work() -> bool:
    """Whether a worker with other functions than this process has said lately that it is there."""
    there = Worker.objects.filter(left_at=None, seen_at__gt=Now() - LATELY)
    return there.exclude(functions_sha256=functions_digest()).exists()


def _memory(*, with_children: bool) -> int:
    here = psutil.Process()
    family = [here, *here.children()] if with_children else [here]
    return max(_resident(process) for process in family)


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:  # it has just ended
        return 0
