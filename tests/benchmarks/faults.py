"""How long a run stands still when its worker is killed, and when its worker is told to leave."""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median
from uuid import UUID

from django.db import connection

from runs.records.models import Run
from tests.benchmarks.load import Client, client
from tests.benchmarks.meters import family
from tests.benchmarks.plan import Plan
from tests.benchmarks.premises import Premises
from tests.benchmarks.staff import Hired, Staff
from tests.waiting import wait_until

LOOK_SECONDS = 0.01
# A checkpoint that was on its way when the worker died may still be committed.
SETTLED_AFTER_SECONDS = 0.1
PATIENCE_SECONDS = 120.0
BACKLOG_STEP = "0.05"
MOST_MORE = 5
LONG_STEP, LONG_STEPS, LONG_RUNS = "0.1", 40, 4


@dataclass
class Standstill:
    """Runs that a worker held, and the seconds until another one was seen to have moved each on."""

    gone: list[int]
    since: float
    held: dict[UUID, int]
    seconds: list[float] = field(default_factory=list)
    _from: dict[UUID, int] = field(default_factory=dict)

    def watch(self) -> list[float]:
        """Look until each has moved on."""
        until = time.monotonic() + PATIENCE_SECONDS
        while self.held:
            self._look()
            if time.monotonic() > until:
                raise SystemExit(f"{len(self.held)} runs did not move within {PATIENCE_SECONDS:g} s.")
            time.sleep(LOOK_SECONDS)
        return self.seconds

    def _look(self) -> None:
        now = time.monotonic()
        for run in Run.objects.filter(pk__in=self.held).only("position", "lease_owner", "finished_at"):
            if run.lease_owner and not _is_of(run.lease_owner, self.gone):
                self._from.setdefault(run.pk, run.position)  # another worker has it from here
            moved = run.pk in self._from and run.position > self._from[run.pk]
            # Between two looks it may have been taken, moved and ended.
            if moved or run.finished_at is not None:
                self.seconds.append(now - self.since)
                del self.held[run.pk]


def resume_median(premises: Premises, plan: Plan) -> tuple[float, int]:
    """Seconds from kill -9 of one of two workers until its runs move again, and of how many runs.

    Each time the backlog is whole: the steps take a twentieth of a second, and new runs have been started.
    """
    found: list[float] = []
    database = premises.database()
    try:
        who = client(function="bench_pause@1", seconds=BACKLOG_STEP)
        with Staff(database, LEASE_SECONDS=str(plan.lease)) as staff:
            staff.hire(2)
            staff.engage_sweeper()
            for _ in _tries(plan, found):
                found += _killed(who, staff, plan)
                staff.hire()
    finally:
        connection.close()
        premises.drop(database)
    return median(found), len(found)


def _tries(plan: Plan, found: list[float]) -> Iterator[int]:
    """As often as planned, and again while nothing was found.

    On a machine that stood still meanwhile, the worker may hold nothing any more when it is looked at.
    """
    for tried in range(plan.kills + MOST_MORE):
        if tried < plan.kills or not found:
            yield tried


def _killed(who: Client, staff: Staff, plan: Plan) -> list[float]:
    missing = plan.backlog - Run.objects.filter(finished_at=None).count()
    for _ in range(missing):
        who.start()
    worker = staff.workers.pop(0)
    pids = _pids(worker)
    wait_until(lambda: bool(_held_by(pids)), "the worker executes runs", every=LOOK_SECONDS)
    began = time.monotonic()
    staff.kill(worker)
    time.sleep(SETTLED_AFTER_SECONDS)
    return Standstill(pids, began, _held_by(pids)).watch()


def handover_median(premises: Premises, plan: Plan) -> tuple[float, int]:
    """Seconds from SIGTERM to one of two workers until its runs move again elsewhere, and of how many runs.

    The runs have many steps of a tenth of a second each; the other worker has threads free.
    """
    found: list[float] = []
    database = premises.database()
    try:
        who = client(LONG_STEPS, function="bench_pause@1", seconds=LONG_STEP)
        with Staff(database) as staff:
            staff.hire(2)
            staff.engage_sweeper()
            for _ in _tries(plan, found):
                found += _left(who, staff)
                staff.hire()
    finally:
        connection.close()
        premises.drop(database)
    return median(found), len(found)


def _left(who: Client, staff: Staff) -> list[float]:
    wait_until(lambda: not Run.objects.filter(finished_at=None).exists(), "the runs of before end")
    for _ in range(LONG_RUNS):
        who.start()
    busy = Run.objects.filter(position__gt=0, finished_at=None)
    wait_until(busy.exists, "one is on its way", every=LOOK_SECONDS)
    worker = max(staff.workers, key=lambda found: len(_held_by(_pids(found))))
    staff.workers.remove(worker)
    pids = _pids(worker)
    held, began = _held_by(pids), time.monotonic()
    os.kill(worker.pid, signal.SIGTERM)
    seconds = Standstill(pids, began, held).watch()
    if worker.wait(timeout=30):
        raise SystemExit(f"The worker that was told to leave ended with {worker.returncode}.")
    return seconds


def _pids(worker: Hired) -> list[int]:
    return [found.pid for found in family(worker.pid)]


def _held_by(pids: list[int]) -> dict[UUID, int]:
    """The runs that these processes execute, and where they stand."""
    held = Run.objects.filter(finished_at=None).exclude(lease_owner="").only("position", "lease_owner")
    return {run.pk: run.position for run in held if _is_of(run.lease_owner, pids)}


def _is_of(owner: str, pids: list[int]) -> bool:
    """Whether the lease's owner, machine:process:thread, is one of these processes."""
    return any(f":{pid}:" in owner for pid in pids)
