"""What an operator does to a run: each a form on the run's page, see `runs.web.offers`."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from governance.errors import Invalid
from governance.ledger.strict_json import read_json
from governance.web.acting import actor_of
from runs.durable.cancel import cancel_run
from runs.durable.pause import continue_run, pause_run
from runs.durable.resume import resume_run
from runs.durable.retry_compensation import retry_compensation
from runs.durable.retry_now import retry_now as retry
from runs.durable.review import record_effect as recorded
from runs.durable.review import repeat_step as repeated
from runs.records.models import Run
from runs.replay.fork import replay_run


@require_POST
def resume(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Queue a failed run again, with a reason."""
    resume_run(_found(request, pk), actor=actor_of(request), reason=_reason(request))
    return _back(request, pk, "The run goes on from the step that failed.")


@require_POST
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a run for good, with a reason."""
    run = cancel_run(_found(request, pk), actor=actor_of(request), reason=_reason(request))
    if run.state == Run.State.CANCELLED:
        return _back(request, pk, "The run is cancelled. What it recorded until now stays.")
    if run.state == Run.State.NEEDS_REVIEW:
        return _back(request, pk, "The run is cancelled once somebody has said what became of its step.")
    return _back(request, pk, "The run is being cancelled: what it did is undone first.")


@require_POST
def pause(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hold a run up, with a reason."""
    run = pause_run(_found(request, pk), actor=actor_of(request), reason=_reason(request))
    if run.state == Run.State.PAUSED:
        return _back(request, pk, "The run is paused.")
    return _back(request, pk, "The run is paused after the step in hand.")


@require_POST
def carry_on(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let a paused run go on."""
    continue_run(_found(request, pk), actor=actor_of(request))
    return _back(request, pk, "The run goes on where it was held up.")


@require_POST
def retry_now(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make the next attempt at once."""
    retry(_found(request, pk), actor=actor_of(request))
    return _back(request, pk, "The next attempt is made as soon as a worker is free.")


@require_POST
def record_effect(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record that a step under review took effect, with its output and a reason."""
    run, output = _found(request, pk), _output(request)
    recorded(run, actor=actor_of(request), output=output, reason=_reason(request))
    if run.state in {Run.State.COMPENSATING, Run.State.CANCELLED}:
        return _back(request, pk, "The step is recorded, and the run's cancellation goes on.")
    return _back(request, pk, "The step is recorded, and the run goes on after it.")


@require_POST
def repeat_step(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Attempt a step under review once more, with a reason."""
    run = repeated(_found(request, pk), actor=actor_of(request), reason=_reason(request))
    if run.asked == Run.Asked.CANCEL:
        return _back(request, pk, "That is noted, and the run's cancellation goes on.")
    return _back(request, pk, "The step is attempted once more.")


@require_POST
def undo_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Try again to undo what is left."""
    retry_compensation(_found(request, pk), actor=actor_of(request))
    return _back(request, pk, "What is left is being undone.")


@require_POST
def replay(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Execute the same versions on the same inputs in a new run, with a reason."""
    run, key = _found(request, pk), request.POST.get("once")
    again, _ = replay_run(run, actor=actor_of(request), reason=_reason(request), idempotency_key=key)
    return _back(request, again.pk, "The same versions run once more on the same inputs.")


def _found(request: HttpRequest, pk: UUID) -> Run:
    return get_object_or_404(Run.objects.visible_to(actor_of(request)), pk=pk)


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "")


def _output(request: HttpRequest) -> object:
    try:
        found: object = read_json(request.POST.get("output", ""), what="The output")
    except Invalid as problem:
        raise Invalid(problem.message, fields={"output": problem.message}) from problem
    return found


def _back(request: HttpRequest, pk: UUID, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("runs:run", pk=pk)
