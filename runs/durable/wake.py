"""Bringing something to a run from outside."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from runs.durable.machine import State
from runs.durable.queueing import announce_ready
from runs.records.models import Run


def wake(runs: Sequence[UUID]) -> None:
    """In this transaction: those that wait go on, those that are about to wait look again; told on commit."""
    if not runs:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT runs_wake(VARIADIC %s::uuid[])", [list(runs)])
    # In the pool in which each of them waits; one that is being executed looks by itself.
    announce_ready(list(Run.objects.filter(pk__in=runs, state=State.READY).only("pool")))
