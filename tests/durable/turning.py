"""Turning the engine's wheel by hand: workers, the sweeper, and clocks that are moved, not waited for."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson
from django.db.models import F, Q
from django.db.models.functions import Now

from runs.durable.drive import drive, drive_next
from runs.durable.sweep import Swept, sweep
from runs.records.models import Run

MOST_TURNS = 60
A_SECOND = timedelta(seconds=1)


def work(*, worker: str = "test") -> int:
    """What workers do until nothing is left to take; how many runs were claimed."""
    count = 0
    for _ in range(MOST_TURNS):
        claimed = sum(drive_next(worker=worker, pool=pool) for pool in Run.Pool.values)
        if not claimed:
            return count
        count += claimed
    raise AssertionError("the workers never come to rest")


def going_to(values: Mapping[str, Any]) -> str:
    """The state to which a checkpoint's run goes, by its statement's values; none of another statement."""
    return str(orjson.loads(values["moves"])[0]["state"]) if "moves" in values else ""


def lapse(run: Run) -> None:
    """Let the time that the run waits for have come a second ago."""
    Run.objects.filter(pk=run.pk).update(wake_at=Now() - A_SECOND)


def age(run: Run, seconds: float) -> None:
    """Let the run have stood in the queue for so much longer."""
    Run.objects.filter(pk=run.pk).update(ready_at=F("ready_at") - timedelta(seconds=seconds))


def settle(run: Run) -> Run:
    """Work and sweep, letting every delay be over at once, until the run has nothing to do any more."""
    delayed = Q(state="waiting", waits_for__in=["retry", "timer"]) | Q(state="compensating")
    for _ in range(MOST_TURNS):
        work()
        idle = Run.objects.filter(delayed, lease_until=None)
        moved = idle.filter(wake_at__gt=Now()).update(wake_at=Now() - A_SECOND)
        undoing = Run.objects.filter(state="compensating", lease_until=None)
        for each in undoing:
            drive(each.pk, worker="test")
        if not moved and sweep() == Swept() and not undoing.exists():
            return again(run)
    raise AssertionError("the run never comes to rest")


def again(run: Run) -> Run:
    """The run as its row is now."""
    return Run.objects.get(pk=run.pk)
