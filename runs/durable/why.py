"""Why a run is not moving, in words. Nothing is said of one that has succeeded."""

from collections.abc import Callable

from django.utils import timezone

from runs.durable.machine import State
from runs.records.failure import Failure
from runs.records.models import Run

PATIENCE_SECONDS = 30
MOMENT = "%Y-%m-%d %H:%M:%S UTC"


def why_not_moving(run: Run) -> str:
    """One or two sentences: waiting for whom, since when, or what stopped it; "" when it has succeeded."""
    said = WORDS.get(State(run.state))
    return said(run) if said else ""


def _for_a_worker(run: Run) -> str:
    waiting = f"Waiting for a worker since {run.ready_at:{MOMENT}}"
    if run.recoveries:
        return f"{waiting}: the one that executed it stopped answering at “{run.cursor}”."
    if run.state == State.READY:
        return f"{waiting}, to go on at “{run.cursor}”."
    if (timezone.now() - run.ready_at).total_seconds() > PATIENCE_SECONDS:
        return f"{waiting}: either all are busy or none is running."
    return f"{waiting}."


def _running(run: Run) -> str:
    if run.lease_until is not None and run.lease_until < timezone.now():
        return (
            f"The worker that executes “{run.cursor}” has not answered since {run.lease_until:{MOMENT}}. "
            "Another one takes the run over within seconds."
        )
    asked = {"pause": " It is paused after this step.", "cancel": " It is cancelled after this step."}
    return f"“{run.cursor}” is being executed by {run.lease_owner}.{asked.get(run.asked, '')}"


def _waiting(run: Run) -> str:
    until = f" until {run.wake_at:{MOMENT}}" if run.wake_at else ""
    if run.waits_for == Run.WaitsFor.RETRY:
        return (
            f"{_stopped(run, 'An attempt failed')} Attempt {run.attempt} follows at {run.wake_at:{MOMENT}}."
        )
    if run.waits_for == Run.WaitsFor.PARTS:
        return f"“{run.cursor}” waits for its parts: {_parts(run)}."
    return f"“{run.cursor}” {WAITS[Run.WaitsFor(run.waits_for)]}{until}."


def _paused(run: Run) -> str:
    return f"Paused before “{run.cursor}”. An operator can let it go on."


def _in_review(run: Run) -> str:
    return f"{_stopped(run, 'Needs review')} It goes on when an operator has recorded it."


def _failed(run: Run) -> str:
    return f"{_stopped(run, run.get_state_display())} An operator can resume it from there."


def _not_compensated(run: Run) -> str:
    return f"{_stopped(run, 'Compensation failed')} An operator can let it try again."


def _parts(run: Run) -> str:
    states = list(run.parts.filter(parent_position=run.position).values_list("state", flat=True))
    done = sum(1 for state in states if state == State.SUCCEEDED)
    return f"{done} of {len(states)} have succeeded"


def _compensating(run: Run) -> str:
    reason = f" {_stopped(run, 'Stopped')}" if run.error else ""
    if run.lease_until is None and run.wake_at is not None and run.wake_at > timezone.now():
        return f"What “{run.cursor}” did is undone at {run.wake_at:{MOMENT}}.{reason}"
    return f"What “{run.cursor}” did is being undone.{reason}"


def _stopped(run: Run, word: str) -> str:
    failure = run.error or Failure("", "no reason was recorded")
    return f"{word} at “{failure.node or run.cursor}”: {failure}"


def _cancelled(run: Run) -> str:
    failure = run.error or Failure("cancelled", "Cancelled")
    reason = f" Reason: {failure.detail}" if failure.detail else ""
    undone = " What it had done has been undone." if run.state == State.COMPENSATED else ""
    return f"{failure.title} at “{failure.node or run.cursor}”.{reason}{undone}"


WAITS = {
    Run.WaitsFor.TIMER: "lets time pass",
    Run.WaitsFor.EVENT: "waits for a signal",
    Run.WaitsFor.PERSON: "waits for a person",
    Run.WaitsFor.LIMIT: "waits for room at its provider and is tried again; at the latest it waits",
    Run.WaitsFor.WORKER: "finds no capable worker: none that runs has what was released; it waits",
}
WORDS: dict[State, Callable[[Run], str]] = {
    State.QUEUED: _for_a_worker,
    State.READY: _for_a_worker,
    State.RUNNING: _running,
    State.WAITING: _waiting,
    State.PAUSED: _paused,
    State.NEEDS_REVIEW: _in_review,
    State.COMPENSATING: _compensating,
    State.FAILED: _failed,
    State.QUARANTINED: _failed,
    State.COMPENSATION_FAILED: _not_compensated,
    State.CANCELLED: _cancelled,
    State.COMPENSATED: _cancelled,
}
