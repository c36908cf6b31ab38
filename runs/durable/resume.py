"""Letting a failed run go on from where it stopped."""

from django.db import transaction
from django.db.models import Max

from governance.access.gate import authorise
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.errors import WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from runs.durable.announce import announce
from runs.durable.machine import State
from runs.durable.outbox import enqueue
from runs.records.models import Run, Step


@transaction.atomic
def resume_run(run: Run, *, actor: User) -> Run:
    """Queue a failed run again: its committed steps stay, the step that failed is attempted anew.

    It goes on with exactly the versions it was started with. Raises `NotVisible` or `NotAllowed` without
    "Start, resume and cancel runs", `WrongState` for a run that has not failed.
    """
    run = Run.objects.select_for_update(of=("self",)).select_related("project").get(pk=run.pk)
    authorise(actor, Permission.OPERATE, project=run.project)
    if run.state != State.FAILED:
        raise WrongState(f"Only a failed run can be resumed; this one is {run.get_state_display().lower()}.")
    tried = Step.objects.filter(run=run, position=run.position).aggregate(last=Max("attempt"))["last"]
    stopped_by = run.error.code if run.error else ""
    run.state, run.error, run.finished_at = State.QUEUED, None, None
    run.attempt, run.recoveries = (tried or 0) + 1, 0
    run.save(update_fields=["state", "error", "finished_at", "attempt", "recoveries"])
    record(
        Kind.RUN_RESUMED,
        actor=actor,
        organisation=run.organisation_id,
        about=("run", run.pk),
        run=run.pk,
        details={"node": run.cursor, "attempt": run.attempt, "stopped_by": stopped_by},
    )
    enqueue([run.pk])
    transaction.on_commit(lambda: announce([run.pk]))
    return run
