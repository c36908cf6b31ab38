"""Bringing something to a run from outside."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction

from runs.durable.announce import announce


def wake(runs: Sequence[UUID]) -> None:
    """In this transaction: those that wait go on, those that are about to wait look again; told on commit."""
    if not runs:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT runs_wake(VARIADIC %s::uuid[])", [list(runs)])
    transaction.on_commit(lambda: announce(runs))
