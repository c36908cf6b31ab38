"""Putting a run among those that wait for a worker, in the caller's transaction."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from runs.durable.announce import announce
from runs.durable.machine import State
from runs.records.models import Run


def made_ready(run: Run, *, changed: Sequence[str] = ()) -> None:
    """Save the run as ready, with what else was changed of it. The caller announces it on commit."""
    run.state = State.READY
    run.ready_at = Now()
    run.save(update_fields=["state", "ready_at", *changed])


def made_ready_again(run: Run, *, changed: Sequence[str] = ()) -> None:
    """The same for a run that was ready before: it keeps its place in the queue."""
    run.state = State.READY
    run.save(update_fields=["state", *changed])


def announce_ready(runs: Sequence[Run]) -> None:
    """On commit: workers hear of these runs, each in the pool in which it waits."""
    by_pool: dict[str, list[UUID]] = defaultdict(list)
    for run in runs:
        by_pool[run.pool].append(run.pk)
    for pool, waiting in by_pool.items():
        transaction.on_commit(lambda pool=pool, waiting=waiting: announce(waiting, pool=pool))  # type: ignore[misc]
