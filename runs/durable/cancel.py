"""Ending a run for good."""

from django.db import transaction
from django.utils import timezone

from governance.access.gate import authorise
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.errors import WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import storable
from runs.durable.machine import State, may_go
from runs.durable.outbox import dequeue
from runs.records.failure import Failure
from runs.records.models import Run

LONGEST_REASON = 1000


@transaction.atomic
def cancel_run(run: Run, *, actor: User, reason: str) -> Run:
    """Cancel a run that waits, executes or has failed. What its present step yields is thrown away.

    Raises `NotVisible` or `NotAllowed` without "Start, resume and cancel runs", `Invalid` without a reason,
    `WrongState` for a run that has ended.
    """
    run = Run.objects.select_for_update(of=("self",)).select_related("project").get(pk=run.pk)
    authorise(actor, Permission.OPERATE, project=run.project)
    reason = storable(reason, field="reason", longest=LONGEST_REASON, missing="Say why you cancel the run.")
    if not may_go(run.state, State.CANCELLED):
        raise WrongState(f"This run has ended already: it is {run.get_state_display().lower()}.")
    before = run.state
    run.state, run.finished_at = State.CANCELLED, timezone.now()
    run.lease_owner, run.lease_until = "", None
    run.error = Failure("cancelled", f"Cancelled by {actor.name}", reason, run.cursor)
    run.save(update_fields=["state", "finished_at", "lease_owner", "lease_until", "error"])
    dequeue(run.pk)
    record(
        Kind.RUN_CANCELLED,
        actor=actor,
        organisation=run.organisation_id,
        about=("run", run.pk),
        run=run.pk,
        details={"reason": reason, "was": before, "node": run.cursor},
    )
    return run
