"""Holding a run up, and letting it go on. What was committed stays, and so does the count of attempts."""

from django.db import transaction

from governance.accounts.models import User
from governance.ledger.kinds import Kind
from governance.ledger.services import record
from governance.ledger.text import storable
from runs.durable.machine import State
from runs.durable.operating import family_of, refusal, refuse_part
from runs.durable.queueing import announce_ready, made_ready
from runs.records.models import Run

LONGEST_REASON = 1000
STANDING_STILL = frozenset({State.QUEUED, State.READY, State.WAITING})


def may_pause(run: Run) -> bool:
    """Whether the run, by itself, can be held up now; while a step is executed, after that step.

    Not where something is asked of it already: a cancellation that waits, for its parts or for a worker, goes
    before a pause.
    """
    return not run.asked and run.state in {*STANDING_STILL, State.RUNNING}


def may_continue(run: Run) -> bool:
    """Whether the run, by itself, is held up, or is about to be."""
    return run.state == State.PAUSED or run.asked == Run.Asked.PAUSE


@transaction.atomic
def pause_run(run: Run, *, actor: User, reason: str) -> Run:
    """Hold the run up with its parts: at once, or after the step that is being executed.

    Its deadline goes on. Raises `NotVisible` or `NotAllowed` without "Start, resume and cancel runs",
    `Invalid` without a reason, `WrongState` for a run that is held up already, is being undone or has ended,
    or that is a part of another.
    """
    family = family_of(run, actor=actor)
    run = family[0]
    reason = storable(reason, field="reason", longest=LONGEST_REASON, missing="Say why you pause the run.")
    refuse_part(run, "pause")
    if not may_pause(run):
        raise refusal(run, "Only a run that is under way can be paused")
    for each in family:
        if may_pause(each):
            _hold(each, actor, reason)
    return run


@transaction.atomic
def continue_run(run: Run, *, actor: User) -> Run:
    """Let a paused run go on with its parts; a pause that was asked for and not reached yet is called off.

    What it waited for is waited for again, but an attempt that was put off is made at once. Raises
    `NotVisible` or `NotAllowed` without "Start, resume and cancel runs", `WrongState` when nothing of it is
    held up, or it is a part of another.
    """
    family = family_of(run, actor=actor)
    run = family[0]
    refuse_part(run, "continue")
    held_up = [each for each in family if may_continue(each)]
    if not held_up:
        raise refusal(run, "Only a paused run can be continued")
    for each in held_up:
        _let_go(each, actor)
    announce_ready([each for each in held_up if each.state == State.READY])
    return run


def _hold(run: Run, actor: User, reason: str) -> None:
    before = run.state
    if before == State.RUNNING:
        # The nudge keeps it from falling asleep before it has seen what is asked.
        run.asked, run.nudges, kind = Run.Asked.PAUSE, run.nudges + 1, Kind.RUN_PAUSE_ASKED
    else:
        run.state, kind = State.PAUSED, Kind.RUN_PAUSED
    run.save(update_fields=["state", "asked", "nudges"])
    _record(kind, run, actor, {"node": run.cursor, "was": before, "reason": reason})


def _let_go(run: Run, actor: User) -> None:
    before = run.state
    run.asked = ""
    if before == State.PAUSED:
        made_ready(run, changed=["asked"])
    else:
        run.nudges += 1  # so that a worker that has read of the pause looks again before it stops
        run.save(update_fields=["asked", "nudges"])
    _record(Kind.RUN_CONTINUED, run, actor, {"node": run.cursor, "was": before})


def _record(kind: Kind, run: Run, actor: User, details: dict[str, str]) -> None:
    record(
        kind,
        actor=actor,
        organisation=run.organisation_id,
        about=("run", run.pk),
        run=run.pk,
        details=details,
    )
