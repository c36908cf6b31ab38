"""What an operator does to a run: let it go on, or end it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from governance.web.acting import actor_of
from runs.durable.cancel import cancel_run
from runs.durable.resume import resume_run
from runs.records.models import Run


@require_POST
def resume(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Queue a failed run again."""
    actor = actor_of(request)
    found = get_object_or_404(Run.objects.visible_to(actor), pk=pk)
    resume_run(found, actor=actor)
    messages.success(request, "The run goes on from the step that failed.")
    return redirect("runs:run", pk=pk)


@require_POST
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a run for good, with a reason."""
    actor = actor_of(request)
    found = get_object_or_404(Run.objects.visible_to(actor), pk=pk)
    cancel_run(found, actor=actor, reason=request.POST.get("reason", ""))
    messages.success(request, "The run is cancelled. What it recorded until now stays.")
    return redirect("runs:run", pk=pk)
