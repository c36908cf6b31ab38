"""Ending a run for good, with what it did undone where that is defined."""

from django.db import transaction
from django.db.models.functions import Now

from governance.accounts.models import User
from governance.errors import WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import storable
from runs.durable.announce import announce_each
from runs.durable.machine import State, may_go
from runs.durable.operating import family_of, refuse_part
from runs.durable.undoable import can_be_undone, last_left
from runs.people.closing import withdraw_tasks
from runs.records.failure import Failure
from runs.records.models import Run

LONGEST_REASON = 1000
CANCELLABLE = frozenset(state for state in State if may_go(state, State.CANCELLED))


@transaction.atomic
def cancel_run(run: Run, *, actor: User, reason: str) -> Run:
    """Cancel a run that has not succeeded, with its parts. What its present step yields is thrown away.

    Where the workflow says how steps are undone, the step in hand is finished and recorded first, and then
    what succeeded is compensated. Raises `NotVisible` or `NotAllowed` without "Start, resume and cancel
    runs", `Invalid` without a reason, `WrongState` for a run that has ended or is a part of another.
    """
    run, *parts = family_of(run, actor=actor, of=CANCELLABLE)
    reason = storable(reason, field="reason", longest=LONGEST_REASON, missing="Say why you cancel the run.")
    refuse_part(run, "cancel")
    if run.state not in CANCELLABLE:
        raise WrongState(f"This run cannot be cancelled: it is {run.get_state_display().lower()}.")
    for each in (run, *parts):
        _end(each, actor, reason)
    return run


def _end(run: Run, actor: User, reason: str) -> None:
    before = run.state
    run.error = Failure("cancelled", f"Cancelled by {actor.name}", reason, run.cursor)
    if before == State.RUNNING and can_be_undone(run):
        # The nudge keeps it from falling asleep before it has seen what is asked.
        run.asked, run.nudges, kind = Run.Asked.CANCEL, run.nudges + 1, Kind.RUN_CANCEL_ASKED
    elif may_go(before, State.COMPENSATING) and (last := last_left(run)):
        run.state, run.cursor, run.attempt = State.COMPENSATING, last, 1
        run.position, run.wake_at, run.waits_for = run.position + 1, Now(), ""
        run.finished_at, run.asked, kind = None, "", Kind.RUN_COMPENSATING
        transaction.on_commit(lambda: announce_each([run.pk]))
    else:
        run.state, run.finished_at, run.wake_at = State.CANCELLED, Now(), None
        run.lease_owner, run.lease_until, run.asked = "", None, ""
        kind = Kind.RUN_CANCELLED
    run.save()
    if kind != Kind.RUN_CANCEL_ASKED:
        withdraw_tasks(run.pk, actor=actor, organisation=run.organisation_id)
    run.refresh_from_db(fields=["finished_at", "wake_at"])
    details = {"reason": reason, "was": before, "node": run.error.node}
    record(
        kind,
        actor=actor,
        organisation=run.organisation_id,
        about=("run", run.pk),
        run=run.pk,
        details=details,
    )
