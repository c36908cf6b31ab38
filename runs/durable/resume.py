"""Letting a stopped run go on from where it stopped."""

from django.db import transaction
from django.db.models import Max, Q

from governance.access.gate import authorise
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.errors import WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from runs.durable.announce import announce
from runs.durable.machine import State
from runs.durable.queueing import made_ready
from runs.records.models import Run, Step

RESUMABLE = frozenset({State.FAILED, State.QUARANTINED})


@transaction.atomic
def resume_run(run: Run, *, actor: User) -> Run:
    """Queue a stopped run again: its committed steps stay, the step that failed is attempted anew.

    Parts of it that had stopped go on as well. It goes on with exactly the versions it was started with.
    Raises `NotVisible` or `NotAllowed` without "Start, resume and cancel runs", `WrongState` for a run that
    has not failed, or that is a part of another.
    """
    run = Run.objects.select_for_update(of=("self",)).select_related("project").get(pk=run.pk)
    authorise(actor, Permission.OPERATE, project=run.project)
    if run.parent_id is not None:
        raise WrongState("This run is a part of another one: resume that one, and this goes on with it.")
    if run.state not in RESUMABLE:
        raise WrongState(f"Only a failed run can be resumed; this one is {run.get_state_display().lower()}.")
    taken_up = [run, *_stopped_parts(run)]
    for each in taken_up:
        _take_up(each, actor)
    transaction.on_commit(lambda: announce([each.pk for each in taken_up], pool=run.pool))
    return run


def _stopped_parts(run: Run) -> list[Run]:
    """The parts of the step at which the run stands that have stopped, and theirs.

    Of the workflows that a step has run, one for each of its attempts, the last.
    """
    made = Run.objects.filter(parent=run, parent_position=run.position)
    latest = made.filter(first_item=None).order_by("-id").values("pk")[:1]
    parts = made.select_for_update(of=("self",)).filter(
        ~Q(first_item=None) | Q(pk__in=latest), state__in=RESUMABLE
    )
    return [each for part in parts.order_by("id") for each in (part, *_stopped_parts(part))]


def _take_up(run: Run, actor: User) -> None:
    tried = Step.objects.filter(run=run, position=run.position).aggregate(last=Max("attempt"))["last"]
    stopped_by = run.error.code if run.error else ""
    run.error, run.finished_at = None, None
    run.attempt, run.recoveries = (tried or 0) + 1, 0
    made_ready(run, changed=["error", "finished_at", "attempt", "recoveries"])
    record(
        Kind.RUN_RESUMED,
        actor=actor,
        organisation=run.organisation_id,
        about=("run", run.pk),
        run=run.pk,
        details={"node": run.cursor, "attempt": run.attempt, "stopped_by": stopped_by},
    )
