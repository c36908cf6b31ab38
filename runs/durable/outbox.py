"""The rows that say which runs somebody must look at, whatever became of the message."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models.functions import Now

from runs.durable.claim import ANNOUNCE_AGAIN_SECONDS
from runs.records.models import Outbox


def enqueue(runs: Iterable[UUID]) -> None:
    """In this transaction: have these runs looked at. The caller announces them, and the sweeper later."""
    soon = Now() + timedelta(seconds=ANNOUNCE_AGAIN_SECONDS)
    Outbox.objects.bulk_create(Outbox(run_id=run, due_at=soon) for run in runs)


def dequeue(run: UUID) -> None:
    """In this transaction: nobody needs to look at this run any more."""
    Outbox.objects.filter(run=run).delete()


def waiting_since(run: UUID) -> datetime | None:
    """Since when somebody must look at this run; None when nobody must any more."""
    waiting = Outbox.objects.filter(run=run).order_by("created_at")
    return waiting.values_list("created_at", flat=True).first()
