"""Not waiting any longer for an attempt that was put off."""

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from governance.accounts.models import User
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from runs.durable.announce import announce_each
from runs.durable.machine import State
from runs.durable.operating import operated, refusal
from runs.durable.queueing import announce_ready, made_ready, made_ready_again
from runs.records.models import Run

PUT_OFF = frozenset({Run.WaitsFor.RETRY, Run.WaitsFor.LIMIT, Run.WaitsFor.WORKER})


def may_retry_now(run: Run) -> bool:
    """Whether the next attempt at a step, or at undoing one, has a time that has not come."""
    if run.state == State.COMPENSATING:
        later = run.wake_at is not None and run.wake_at > timezone.now()
        return run.lease_until is None and later and run.waits_for != Run.WaitsFor.PARTS
    return run.state == State.WAITING and run.waits_for in PUT_OFF


@transaction.atomic
def retry_now(run: Run, *, actor: User) -> Run:
    """Make the next attempt at once, of a whole run or of a part of one.

    Raises `NotVisible` or `NotAllowed` without "Start, resume and cancel runs", `WrongState` for a run whose
    next attempt was not put off.
    """
    run = operated(run, actor=actor)
    if not may_retry_now(run):
        raise refusal(run, "Only a run whose next attempt was put off can be tried at once")
    was_due = run.wake_at
    run.wake_at = Now()
    if run.state == State.COMPENSATING:
        run.ready_at = Now()
        run.save(update_fields=["wake_at", "ready_at"])
        transaction.on_commit(lambda: announce_each([run.pk]))
    else:
        ready = made_ready_again if run.waits_for == Run.WaitsFor.LIMIT else made_ready
        ready(run, changed=["wake_at"])
        announce_ready([run])
    record(
        Kind.RUN_HASTENED,
        actor=actor,
        organisation=run.organisation_id,
        about=("run", run.pk),
        run=run.pk,
        details={
            "node": run.cursor,
            "attempt": run.attempt,
            "was_due": was_due.isoformat() if was_due else "",
        },
    )
    run.refresh_from_db(fields=["wake_at", "ready_at"])
    return run
