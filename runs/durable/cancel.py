"""Ending a run for good, with what it did undone where that is defined."""

from django.db import transaction
from django.utils import timezone

from governance.access.gate import authorise
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.catalog.content import parsed
from governance.catalog.workflows import WorkflowContent
from governance.errors import WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import storable
from runs.durable.announce import announce_each
from runs.durable.machine import State, may_go
from runs.records.failure import Failure
from runs.records.models import Run, Step

LONGEST_REASON = 1000


@transaction.atomic
def cancel_run(run: Run, *, actor: User, reason: str) -> Run:
    """Cancel a run that has not succeeded, with its parts. What its present step yields is thrown away.

    Where the workflow says how steps are undone, the step in hand is finished and recorded first, and then
    what succeeded is compensated. Raises `NotVisible` or `NotAllowed` without "Start, resume and cancel
    runs", `Invalid` without a reason, `WrongState` for a run that has ended or is a part of another.
    """
    run = (
        Run.objects.select_for_update(of=("self",)).select_related("project", "version__asset").get(pk=run.pk)
    )
    authorise(actor, Permission.OPERATE, project=run.project)
    reason = storable(reason, field="reason", longest=LONGEST_REASON, missing="Say why you cancel the run.")
    if run.parent_id is not None:
        raise WrongState("This run is a part of another one: cancel that one, and this ends with it.")
    if not may_go(run.state, State.CANCELLED):
        raise WrongState(f"This run cannot be cancelled: it is {run.get_state_display().lower()}.")
    _end(run, actor, reason)
    return run


def _end(run: Run, actor: User, reason: str) -> None:
    before, undo = run.state, _undoing(run)
    run.error = Failure("cancelled", f"Cancelled by {actor.name}", reason, run.cursor)
    if undo and before == State.RUNNING:
        run.asked = Run.Asked.CANCEL
        kind = Kind.RUN_CANCEL_ASKED
    elif last := _last_done(run, undo):
        run.state, run.cursor, run.attempt = State.COMPENSATING, last, 1
        run.position, run.wake_at, run.waits_for = run.position + 1, timezone.now(), ""
        kind = Kind.RUN_COMPENSATING
        transaction.on_commit(lambda: announce_each([run.pk]))
    else:
        run.state, run.finished_at, run.wake_at = State.CANCELLED, timezone.now(), None
        run.lease_owner, run.lease_until, run.asked = "", None, ""
        kind = Kind.RUN_CANCELLED
    run.save()
    details = {"reason": reason, "was": before, "node": run.error.node}
    record(
        kind,
        actor=actor,
        organisation=run.organisation_id,
        about=("run", run.pk),
        run=run.pk,
        details=details,
    )
    for part in Run.objects.select_for_update(of=("self",)).filter(parent=run).order_by("id"):
        if may_go(part.state, State.CANCELLED):
            _end(part, actor, reason)


def _undoing(run: Run) -> frozenset[str]:
    """The nodes of the workflow that say how they are undone."""
    content = parsed(run.version)
    if not isinstance(content, WorkflowContent) or run.first_item is not None:
        return frozenset()
    return frozenset(node.key for node in content.nodes if getattr(node, "compensate", None) is not None)


def _last_done(run: Run, nodes: frozenset[str]) -> str | None:
    """The last node that has succeeded and can be undone."""
    done = Step.objects.filter(run=run, state=Step.State.SUCCEEDED, node__in=nodes, compensates=None)
    return done.order_by("-position").values_list("node", flat=True).first()
