"""Putting a run back among those that wait for a worker, in the caller's transaction."""

from collections.abc import Sequence

from django.db.models.functions import Now

from runs.durable.machine import State
from runs.records.models import Run


def made_ready(run: Run, *, changed: Sequence[str] = ()) -> None:
    """Save the run as ready, with what else was changed of it. The caller announces it on commit."""
    run.state = State.READY
    run.ready_at = Now()
    run.save(update_fields=["state", "ready_at", *changed])
