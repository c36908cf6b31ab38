"""Extending the leases of what this process executes, and saying that it is there: one thread, one statement.

A process that is stopped or killed stops extending, and its runs go to others. A step that hangs is not kept
alive forever: after `LONGEST_STEP_SECONDS`, or the longer time that its node allows, its lease expires.
"""

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings
from django.db import connection

from runs.durable.claim import Claim
from runs.durable.statements import Statement, rows
from runs.durable.workers import NOBODY, present

log = logging.getLogger(__name__)
LONGEST_STEP_SECONDS = 900.0
MARGIN_SECONDS = 60.0
# A worker that is alive is seen to be, however long its leases are.
LONGEST_SILENCE_SECONDS = 5.0


@dataclass
class Pulse:
    """What is held of one run, since when its present step runs, and how long it may.

    `extended` is when the lease was last taken or extended, or a little before.
    """

    epoch: int
    extended: float
    step_since: float = field(default_factory=time.monotonic)
    longest: float = LONGEST_STEP_SECONDS

    def next_step(self) -> None:
        """A step was committed: the clock of the longest step starts anew."""
        self.step_since = time.monotonic()
        self.longest = LONGEST_STEP_SECONDS

    @property
    def lapsed(self) -> bool:
        """Whether the lease may have expired unless it was extended meanwhile."""
        return time.monotonic() - self.extended >= settings.LEASE_SECONDS

    @property
    def hangs(self) -> bool:
        """Whether the step runs for longer than it may."""
        return time.monotonic() - self.step_since >= self.longest


_held: dict[UUID, Pulse] = {}
_lock = threading.Lock()
_beating: threading.Thread | None = None
# A child forked while the thread held the lock would wait for it for ever.
os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


@contextmanager
def held(claim: Claim, *, longest: float = LONGEST_STEP_SECONDS) -> Iterator[Pulse]:
    """Within the block the lease of the run is extended; for so long (seconds) if no step of it begins."""
    pulse = Pulse(claim.epoch, claim.taken, longest=longest)
    with _lock:
        _held[claim.run] = pulse
        _start()
    try:
        yield pulse
    finally:
        with _lock:
            if _held.get(claim.run) is pulse:
                del _held[claim.run]


def allow(run: UUID, *, seconds: float) -> None:
    """The step of this run that begins now may take so long: what its node allows, and time to end."""
    with _lock:
        if run in _held:
            _held[run].longest = max(LONGEST_STEP_SECONDS, seconds + MARGIN_SECONDS)


def secure(run: UUID) -> bool:
    """Whether nobody else can have the run: asked before a step begins. Raises `DATABASE_ERRORS`.

    A process that was stopped for longer than its lease does not know that it was: its next step would do
    again what another worker has done meanwhile. PostgreSQL is asked only when that may be so.
    """
    with _lock:
        pulse = _held.get(run)
    if pulse is None or not pulse.lapsed:
        return True
    extend()
    return not pulse.lapsed


def begin() -> None:
    """Have this process's thread beat from now on, whether it holds something or not."""
    with _lock:
        _start()


def _start() -> None:
    """One thread per process; in a forked child the parent's counts as dead, so that it starts its own."""
    global _beating  # noqa: PLW0603 - one per process is the point
    if _beating is None or not _beating.is_alive():
        _beating = threading.Thread(target=_beat, name="leases", daemon=True)
        _beating.start()


def _beat() -> None:
    while True:
        time.sleep(min(settings.LEASE_SECONDS / 3, LONGEST_SILENCE_SECONDS))
        failed = False
        try:
            extend()
        except Exception:  # whatever it was: without this thread every long step would be executed twice
            log.warning("leases could not be extended", exc_info=True)
            failed = True
        if failed or present() is None:  # what is no worker beats seldom
            with suppress(Exception):
                connection.close()


def extend() -> None:
    """Extend every lease of this process once, and say that it is there if it is a worker.

    That a lease was lost is found out by its checkpoint.
    """
    with _lock:
        alive = {run: pulse for run, pulse in _held.items() if not pulse.hangs}
    here = present()
    if not alive and here is None:
        return
    values = {
        **(here.values() if here else NOBODY),
        "runs": list(alive),
        "epochs": [pulse.epoch for pulse in alive.values()],
        "lease": float(settings.LEASE_SECONDS),
    }
    now = time.monotonic()
    for (run,) in rows(Statement.BEAT, values):
        alive[run].extended = now
