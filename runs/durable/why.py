"""Why a run is not moving, in words, and what can be done. Nothing is said of one that has succeeded."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from runs.durable.deeds import wrong_to_resume
from runs.durable.doubts import doubtful
from runs.durable.failures import CERTAIN
from runs.durable.heartbeat import LONGEST_SILENCE_SECONDS
from runs.durable.machine import ENDED, State
from runs.durable.undoable import left_to_undo, relied_on
from runs.durable.why_waiting import MOMENT, waits_under_pause, why_waiting
from runs.records.failed import undone_after_failure
from runs.records.failure import Failure
from runs.records.models import Run

PATIENCE_SECONDS = 30
# A worker extends its leases at least so often; once may be missed.
SILENT_SECONDS = 2 * LONGEST_SILENCE_SECONDS


def why_not_moving(run: Run) -> str:
    """A few sentences: waiting for whom, since when, or what stopped it; "" when it has succeeded."""
    said = WORDS.get(State(run.state))
    return f"{said(run)}{_deadline(run)}" if said else ""


def _for_a_worker(run: Run) -> str:
    since = _claimable_since(run)
    waiting = f"Waiting for a worker since {since:{MOMENT}}"
    if run.recoveries:
        return f"{waiting}: the one that executed it stopped answering at “{run.cursor}”."
    if (timezone.now() - since).total_seconds() > PATIENCE_SECONDS:
        return f"{waiting}: either all are busy or none is running."
    if run.state == State.READY:
        return f"{waiting}, to go on at “{run.cursor}”."
    return f"{waiting}."


def _claimable_since(run: Run) -> datetime:
    """Who waited for room has the place in the queue of when it was ready at first."""
    later = run.wake_at if run.waits_for == Run.WaitsFor.LIMIT else None
    return max(run.ready_at, later or run.ready_at)


def _running(run: Run) -> str:
    if run.lease_until is not None and run.lease_until < timezone.now():
        return (
            f"The worker that executes “{run.cursor}” has not answered since {run.lease_until:{MOMENT}}. "
            "Another one takes the run over within seconds."
        )
    heard = run.lease_until - timedelta(seconds=settings.LEASE_SECONDS) if run.lease_until else None
    if heard is not None and (timezone.now() - heard).total_seconds() > SILENT_SECONDS:
        return (
            f"“{run.cursor}” was being executed by {run.lease_owner}, which was last heard of at "
            f"{heard:{MOMENT}}. "
            f"If it stays silent, another worker takes the run over after {run.lease_until:{MOMENT}}."
        )
    asked = {"pause": " It is paused after this step.", "cancel": " It is cancelled after this step."}
    return f"“{run.cursor}” is being executed by {run.lease_owner}.{asked.get(run.asked, '')}"


def _paused(run: Run) -> str:
    events = Event.objects.of_run(run.pk).filter(kind__in=(Kind.RUN_PAUSED, Kind.RUN_PAUSE_ASKED))
    by = next((event for event in events.reverse()[:2] if event.details.get("reason")), None)
    who = f" by {by.actor_name} at {by.at:{MOMENT}}" if by else ""
    reason = f" Reason: {_sentence(str(by.details['reason']))}" if by else ""
    act = "It goes on with the whole run" if run.parent_id else "An operator can let it go on"
    return f"Paused{who}, before “{run.cursor}”.{reason} {act}.{waits_under_pause(run)}"


def _in_review(run: Run) -> str:
    stopped = _stopped(run, "Needs review")
    if run.asked == Run.Asked.CANCEL:
        return (
            f"{stopped} The run is cancelled, and what it did undone, once an operator who has looked "
            "records what the step did, or that it may be repeated, which it is then not."
        )
    return f"{stopped} An operator who has looked records what it did, or has it attempted once more."


def _failed(run: Run) -> str:
    relied = "" if run.parent_id else relied_on(run)
    also = f" It cannot be cancelled: {relied}." if relied else ""
    if not relied and not run.parent_id and left_to_undo(run):
        also = " What it did stands; it is undone when it is cancelled."
    return f"{_stopped(run, run.get_state_display())} {_goes_on(run)}.{also}"


def _goes_on(run: Run) -> str:
    if run.parent_id:
        return "It goes on when the whole run is resumed"
    if run.deadline_at is not None and run.deadline_at <= timezone.now():
        passed = f"Its deadline passed at {run.deadline_at:{MOMENT}}, so it cannot be resumed"
        return f"{passed}; where one may begin, a fork has the whole time of its workflow"
    if wrong := wrong_to_resume(run):
        return f"It cannot be resumed: {wrong.removesuffix('.')}"
    if run.error is not None and run.error.code in CERTAIN:
        return "Resumed, it would fail there again"
    return "An operator can resume it from there"


def _not_compensated(run: Run) -> str:
    return f"{_stopped(run, 'Compensation failed')} An operator can have it tried again."


def _compensating(run: Run) -> str:
    reason = f" {_stopped(run, 'Stopped')}" if run.error else ""
    if run.lease_until is not None:
        return f"What “{run.cursor}” did is being undone by {run.lease_owner}.{reason}"
    if run.waits_for in {Run.WaitsFor.WORKER, Run.WaitsFor.LIMIT}:
        return f"What “{run.cursor}” did is to be undone. {why_waiting(run)}{reason}"
    if run.waits_for == Run.WaitsFor.PARTS:
        return f"What “{run.cursor}” did is undone by its parts: {_undoing_parts(run)}.{reason}"
    if run.wake_at is not None and run.wake_at > timezone.now():
        which = f"attempt {run.attempt}; an operator can make it at once"
        return f"What “{run.cursor}” did is undone at {run.wake_at:{MOMENT}}, {which}.{reason}"
    return f"What “{run.cursor}” did is undone as soon as a worker is free.{reason}"


def _undoing_parts(run: Run) -> str:
    left = Run.objects.filter(parent=run.pk).exclude(state__in=ENDED).count()
    return "all have ended" if not left else f"{left} of them {'has' if left == 1 else 'have'} not ended"


def _stopped(run: Run, word: str) -> str:
    failure = run.error or Failure("", "no reason was recorded")
    return f"{word} at “{failure.node or run.cursor}”: {_sentence(str(failure))}"


def _cancelled(run: Run) -> str:
    untold = _untold(run)
    return f"{_sentence(_reason(run))} {untold}" if untold else _reason(run)


def _reason(run: Run) -> str:
    failure = run.error or Failure("cancelled", "Cancelled")
    reason = f" Reason: {failure.detail}" if failure.detail else ""
    return f"{failure.title} at “{failure.node or run.cursor}”.{reason}"


def _compensated(run: Run) -> str:
    untold = _untold(run)
    undone = f"What succeeded has been undone. {untold}" if untold else "What it had done has been undone."
    anew = "" if not undone_after_failure(run) else " It does not go on: start a new run."
    return f"{_sentence(_reason(run))} {undone}{anew}"


def _untold(run: Run) -> str:
    nodes = ", ".join(f"“{node}”" for node in doubtful(run))
    unknown = f"Nobody knows whether {nodes} took effect: look there." if nodes else ""
    stands = f"Not all of it was undone: {relied}." if (relied := relied_on(run)) else ""
    return " ".join(filter(None, (unknown, stands)))


def _deadline(run: Run) -> str:
    """Until when it must have ended, unless it has."""
    if run.deadline_at is None or run.finished_at is not None:
        return ""
    if run.waits_for == Run.WaitsFor.PARTS and run.deadline_at <= timezone.now():
        return f" Its deadline passed at {run.deadline_at:{MOMENT}}: it ends once its parts have."
    return f" The run must have ended by {run.deadline_at:{MOMENT}}, or it fails."


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


WORDS: dict[State, Callable[[Run], str]] = {
    State.QUEUED: _for_a_worker,
    State.READY: _for_a_worker,
    State.RUNNING: _running,
    State.WAITING: why_waiting,
    State.PAUSED: _paused,
    State.NEEDS_REVIEW: _in_review,
    State.COMPENSATING: _compensating,
    State.FAILED: _failed,
    State.QUARANTINED: _failed,
    State.COMPENSATION_FAILED: _not_compensated,
    State.CANCELLED: _cancelled,
    State.COMPENSATED: _compensated,
}
