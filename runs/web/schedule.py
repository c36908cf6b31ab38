"""The page of one schedule: when it fires, what became of its firings; pausing, resuming, retiring it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from governance.access.gate import reach
from governance.access.permissions import Permission
from governance.ledger.kinds import Kind
from governance.ledger.models import Event
from governance.releases.models import Activation
from governance.web.acting import actor_of, refuse_unknown
from governance.web.history import entries
from governance.web.paging import page_of
from runs.schedules.clock import database_now
from runs.schedules.given import given_by
from runs.schedules.models import Schedule
from runs.schedules.reading import standing_of
from runs.schedules.services import pause_schedule, resume_schedule, retire_schedule
from runs.web.schedule_preview import upcoming
from runs.web.schedules import fired

FIRINGS_SHOWN = 25
CHANGES_SHOWN = 12
# What people do to it; its firings stand in a list of their own.
CHANGES = (
    Kind.SCHEDULE_CREATED,
    Kind.SCHEDULE_CHANGED,
    Kind.SCHEDULE_PAUSED,
    Kind.SCHEDULE_RESUMED,
    Kind.SCHEDULE_RETIRED,
)


@require_safe
def schedule(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Its terms, its next times and its firings, newest first."""
    actor = actor_of(request)
    refuse_unknown(request.GET)
    rows = Schedule.objects.visible_to(actor).with_names().select_related("last_run", "saved_by")
    found = get_object_or_404(rows, pk=pk)
    page = page_of(found.firings.select_related("run"), request.GET, size=FIRINGS_SHOWN)
    changes = Event.objects.visible_to(actor).about("schedule", found.pk)
    context = {
        "schedule": found,
        "standing": standing_of(found),
        "upcoming": upcoming(found.timing, database_now()) if found.is_on else None,
        "release": _in_effect(found),
        "given": given_by(found, actor=actor),
        "page": page,
        "firings": [fired(firing) for firing in page.rows],
        "may_operate": reach(actor).allows(Permission.OPERATE, found.project_id),
        "history": entries(changes.filter(kind__in=CHANGES).reverse()[:CHANGES_SHOWN]),
    }
    return render(request, "runs/schedule.html", context)


@require_POST
def pause(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Have it fire no more for now, with a reason."""
    pause_schedule(_found(request, pk), actor=actor_of(request), reason=request.POST.get("reason", ""))
    return _back(request, pk, "The schedule is paused. What it started goes on.")


@require_POST
def resume(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Have it fire again, in one's own name."""
    resume_schedule(_found(request, pk), actor=actor_of(request))
    return _back(request, pk, "The schedule fires again. Each run is started in your name.")


@require_POST
def retire(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End it for good, with a reason."""
    retire_schedule(_found(request, pk), actor=actor_of(request), reason=request.POST.get("reason", ""))
    return _back(request, pk, "The schedule is retired. What it started, and its history, stays.")


def _found(request: HttpRequest, pk: UUID) -> Schedule:
    return get_object_or_404(Schedule.objects.visible_to(actor_of(request)), pk=pk)


def _back(request: HttpRequest, pk: UUID, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("runs:schedule", pk=pk)


def _in_effect(found: Schedule) -> Any:
    """The release that would be started now; None where nothing is in effect."""
    line = Activation.objects.line(found.workflow, found.environment)
    live = line.select_related("release__version__asset", "release__workflow").first()
    return live.release if live else None
