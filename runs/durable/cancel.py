"""Ending a run for good."""

from django.db import transaction
from django.utils import timezone

from governance.access.gate import authorise
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.errors import Invalid, WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from runs.artifacts.store import is_text
from runs.durable.failures import error_of
from runs.durable.machine import State, may_go
from runs.durable.outbox import dequeue
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
    reason = _checked(reason)
    if not may_go(run.state, State.CANCELLED):
        raise WrongState(f"This run has ended already: it is {run.get_state_display().lower()}.")
    before = run.state
    run.state, run.finished_at = State.CANCELLED, timezone.now()
    run.lease_owner, run.lease_until = "", None
    run.error = error_of("cancelled", f"Cancelled by {actor.name}", reason, node=run.cursor)
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


def _checked(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise Invalid("Say why you cancel the run.", fields={"reason": "A reason is needed."})
    if len(reason) > LONGEST_REASON or not is_text(reason):
        raise Invalid(
            "The reason cannot be stored.", fields={"reason": f"At most {LONGEST_REASON} characters, no NUL."}
        )
    return reason
