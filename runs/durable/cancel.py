"""Ending a run for good, with what it did undone where that is defined."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from governance.accounts.models import User
from governance.errors import WrongState
from governance.ledger.kinds import Kind
from governance.ledger.services import Actor, record
from governance.ledger.text import storable
from runs.durable.actors import engine
from runs.durable.announce import announce_each
from runs.durable.claim import Claim
from runs.durable.kin import lock_oldest
from runs.durable.machine import ENDED, State, may_go
from runs.durable.operating import family_of, parts_below, refuse_part
from runs.durable.parts import all_ended, has_parts_under_way
from runs.durable.queueing import announce_ready, made_ready
from runs.durable.reviews import left_open
from runs.durable.undoable import last_left, relied_on, undoes_where_it_stands
from runs.people.closing import withdraw_tasks
from runs.records.failure import Failure
from runs.records.models import Run

LONGEST_REASON = 1000
# A run that stands still, though it may have parts that do not.
STANDING = frozenset({State.WAITING, State.READY, State.PAUSED})
WHOLE_IS_LATE = "The deadline of the run that it is a part of has passed."
CANCELLABLE = frozenset(state for state in State if may_go(state, State.CANCELLED))


def may_cancel(run: Run) -> bool:
    """Whether the run can be cancelled."""
    return not wrong_to_cancel(run)


def wrong_to_cancel(run: Run) -> str:
    """Why the run cannot be cancelled; empty when it can.

    Not once it is to be, after its review; nor while another relies on what would be undone of one that has
    stopped. One that is under way ends, but what another relies on stays.
    """
    if run.state not in CANCELLABLE:
        return f"This run cannot be cancelled: it is {run.get_state_display().lower()}."
    if run.state == State.NEEDS_REVIEW and run.asked == Run.Asked.CANCEL:
        return f"This run is cancelled already, once somebody says what became of “{run.cursor}”."
    if run.state in ENDED and (relied := relied_on(run)):
        return f"This run cannot be cancelled: {relied}. It can be once that one has been."
    return ""


@transaction.atomic
def cancel_run(run: Run, *, actor: User, reason: str) -> Run:
    """Cancel a run that has not succeeded, with its parts. The step in hand is finished and recorded first.

    Where the workflow says how steps are undone, what succeeded is then compensated: of a run that has parts
    once all of them have ended. Where nobody knows whether a step took effect, somebody has to say so before;
    of one that is under review only where it can be undone. Raises `NotVisible` or `NotAllowed` without
    "Start, resume and cancel runs", `Invalid` without a reason, `WrongState` for a run that has ended, is a
    part of another, or has stopped and did what one that was made from it relies on.
    """
    lock_oldest(run)
    family = family_of(run, actor=actor, of=CANCELLABLE)
    run = family[0]
    reason = storable(reason, field="reason", longest=LONGEST_REASON, missing="Say why you cancel the run.")
    refuse_part(run, "cancel")
    if wrong := wrong_to_cancel(run):
        raise WrongState(wrong)
    for each in reversed(family):
        _end(each, actor, reason, after_parts=_has_parts_in(family, each))
    return run


def parts_end_first(held: Claim) -> bool:
    """Whether a run that is to end has parts that have not: where its time is over, they are stopped for it.

    Those of a cancelled run were asked with it. A run that undoes what it did does so when nothing of it
    goes forward any more.
    """
    if held.asked != Run.Asked.CANCEL and has_parts_under_way(held.run):
        _stop_parts(held.run)
    return has_parts_under_way(held.run)


@transaction.atomic
def _stop_parts(whole: UUID) -> None:
    below = parts_below(whole)
    for each in reversed(below):
        if may_cancel(each) and each.asked != Run.Asked.CANCEL:
            _end(each, engine(), WHOLE_IS_LATE, after_parts=_has_parts_in(below, each))


def _has_parts_in(family: Sequence[Run], run: Run) -> bool:
    return not all_ended([part for part in family if part.parent_id == run.pk])


def _is_reviewed_first(run: Run) -> bool:
    """Whether it must be known what became of its step, before the run ends or what it did is undone.

    As a worker asks that sees the cancellation first; who cancels during a review has been asked already.
    """
    if run.state == State.NEEDS_REVIEW:
        return undoes_where_it_stands(run)
    stands = run.state in {State.READY, State.PAUSED}
    return stands and left_open(run.pk, position=run.position, attempt=run.attempt)


def _end(run: Run, actor: Actor, reason: str, *, after_parts: bool) -> None:
    before, waits = run.state, _is_reviewed_first(run)
    if not waits:
        run.error = Failure("cancelled", f"Cancelled by {actor.name}", reason, run.cursor)
    if waits or before == State.RUNNING or (after_parts and before in STANDING):
        # Whoever executes it, now or after the review or its parts, does so. The nudge keeps it from falling
        # asleep before it has seen what is asked.
        run.asked, run.nudges, kind = Run.Asked.CANCEL, run.nudges + 1, Kind.RUN_CANCEL_ASKED
        if before == State.PAUSED:
            made_ready(run)
            announce_ready([run])
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
    details = {"reason": reason, "was": before, "node": run.cursor if waits else run.error.node}
    record(
        kind,
        actor=actor,
        organisation=run.organisation_id,
        about=("run", run.pk),
        run=run.pk,
        details=details,
    )
