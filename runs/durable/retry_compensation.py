"""Trying again to undo what a run did."""

from typing import cast

from django.db import transaction
from django.db.models.functions import Now

from governance.accounts.models import User
from governance.errors import WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from runs.durable.announce import announce_each
from runs.durable.machine import State
from runs.durable.operating import cancelled_by, next_attempt, operated, refusal
from runs.durable.undoable import last_left
from runs.records.failure import Failure
from runs.records.models import Run, Step


def may_retry_compensation(run: Run) -> bool:
    """Whether something that the run did could not be undone."""
    return run.state == State.COMPENSATION_FAILED


@transaction.atomic
def retry_compensation(run: Run, *, actor: User) -> Run:
    """Undo what is left, from the last step that has not been undone; a whole run's, or a part's.

    Raises `NotVisible` or `NotAllowed` without "Start, resume and cancel runs", `WrongState` for a run whose
    compensation has not failed, or with nothing left to undo.
    """
    run = operated(run, actor=actor)
    if not may_retry_compensation(run):
        raise refusal(run, "Only a compensation that has failed can be tried again")
    last = last_left(run)
    if last is None:
        raise WrongState("Nothing is left to undo.")
    run.error = _cause(run)
    run.state, run.cursor, run.attempt, run.recoveries = State.COMPENSATING, last, next_attempt(run), 0
    run.finished_at, run.wake_at, run.waits_for, run.asked = None, Now(), "", ""
    run.save()
    record(
        Kind.RUN_COMPENSATING,
        actor=actor,
        organisation=run.organisation_id,
        about=("run", run.pk),
        run=run.pk,
        details={"node": last, "attempt": run.attempt, "again": True},
    )
    transaction.on_commit(lambda: announce_each([run.pk]))
    return run


def _cause(run: Run) -> Failure | None:
    """What stopped the run at first: the failed compensation stands in its place."""
    failed = Step.objects.filter(run=run, state=Step.State.FAILED, compensates=None)
    last = failed.order_by("-position", "-attempt").first() or run
    return cancelled_by(run) or cast(Failure | None, last.error)
