"""Why a run is not moving, in words. Nothing is said of one that has succeeded."""

from django.utils import timezone

from runs.durable.machine import State
from runs.durable.outbox import waiting_since
from runs.records.failure import Failure
from runs.records.models import Run

PATIENCE_SECONDS = 30
MOMENT = "%Y-%m-%d %H:%M:%S UTC"


def why_not_moving(run: Run) -> str:
    """One or two sentences: waiting for whom, since when, or what stopped it; "" when it has succeeded."""
    match run.state:
        case State.QUEUED:
            return _queued(run)
        case State.RUNNING:
            return _running(run)
        case State.FAILED:
            return f"{_stopped(run, 'Failed')} An operator can resume it from there."
        case State.CANCELLED:
            return _cancelled(run)
    return ""


def _queued(run: Run) -> str:
    began = waiting_since(run.pk) or run.created_at
    waiting = f"Waiting for a worker since {began:{MOMENT}}"
    if run.recoveries:
        return f"{waiting}: the one that executed it stopped answering at “{run.cursor}”."
    if run.position or run.attempt > 1:
        return f"{waiting}, to go on at “{run.cursor}”."
    if (timezone.now() - began).total_seconds() > PATIENCE_SECONDS:
        return f"{waiting}: either all are busy or none is running."
    return f"{waiting}."


def _running(run: Run) -> str:
    if run.lease_until is not None and run.lease_until < timezone.now():
        return (
            f"The worker that executes “{run.cursor}” has not answered since {run.lease_until:{MOMENT}}. "
            "Another one takes the run over within seconds."
        )
    return f"“{run.cursor}” is being executed by {run.lease_owner}."


def _stopped(run: Run, word: str) -> str:
    failure = run.error or Failure("", "no reason was recorded")
    return f"{word} at “{failure.node or run.cursor}”: {failure}"


def _cancelled(run: Run) -> str:
    failure = run.error or Failure("cancelled", "Cancelled")
    reason = f" Reason: {failure.detail}" if failure.detail else ""
    return f"{failure.title} at “{run.cursor}”.{reason}"
