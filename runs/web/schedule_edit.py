"""Setting a schedule and changing it: first what and where, then when and with what."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from governance.access.gate import reach
from governance.access.permissions import Permission
from governance.errors import Invalid, NotAllowed, WrongState
from governance.web.acting import actor_of, posted, uuid_or_none
from runs.schedules.models import Schedule
from runs.schedules.services import change_schedule, create_schedule
from runs.schedules.terms import expected
from runs.web.schedule_forms import ScheduleForm, initial_of, zone_names
from runs.web.schedule_preview import preview_of
from runs.web.start import chosen_among, startable_by


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Choose a workflow that is in effect somewhere, say when, and it is started then."""
    actor = actor_of(request)
    startable = startable_by(actor)
    wanted = request.GET.get("activation", "")
    if not wanted and request.method != "POST":
        return render(request, "runs/schedule_choose.html", {"startable": startable})
    activation = chosen_among(startable, uuid_or_none(wanted), actor)
    workflow, place = activation.workflow, activation.environment
    form = ScheduleForm(posted(request), declared=expected(workflow, place).inputs, initial=_usual(actor))
    if request.method == "POST" and form.is_valid():
        try:
            made = create_schedule(
                workflow, actor=actor, environment=place, name=form.cleaned_data["name"], terms=form.terms()
            )
        except Invalid as problem:
            form.refuse(problem)
        else:
            messages.success(request, "The schedule is set. Each run that it starts is started in your name.")
            return redirect("runs:schedule", pk=made.pk)
    return _page(request, form, {"workflow": workflow, "environment": place})


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Save it anew, in one's own name."""
    actor = actor_of(request)
    rows = Schedule.objects.visible_to(actor).select_related("project", "workflow", "environment")
    schedule = get_object_or_404(rows, pk=pk)
    if not reach(actor).allows(Permission.OPERATE, schedule.project_id):
        raise NotAllowed(
            "This needs the permission “Start, resume and cancel runs”. A platform owner can grant it.",
            missing=Permission.OPERATE,
        )
    if schedule.retired_at is not None:
        raise WrongState("The schedule is retired. Make a new one.")
    declared = expected(schedule.workflow, schedule.environment).inputs
    form = ScheduleForm(posted(request), declared=declared, initial=initial_of(schedule))
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            change_schedule(
                schedule, actor=actor, edition=asked["edition"] or 0, name=asked["name"], terms=form.terms()
            )
        except Invalid as problem:
            form.refuse(problem)
        else:
            messages.success(request, "Saved. From now on each run is started in your name.")
            return redirect("runs:schedule", pk=pk)
    place = {"workflow": schedule.workflow, "environment": schedule.environment}
    return _page(request, form, {**place, "schedule": schedule})


def _usual(actor: Any) -> dict[str, str]:
    """The zone of the schedule that the person saved last."""
    last = Schedule.objects.visible_to(actor).filter(saved_by=actor).order_by("-saved_at").first()
    return {"zone": last.zone} if last else {}


def _page(request: HttpRequest, form: ScheduleForm, about: dict[str, Any]) -> HttpResponse:
    timing = {name: form[name].value() for name in ("kind", "cron", "every", "unit", "zone")}
    context = {
        **about,
        "form": form,
        "preview": preview_of(timing, about.get("schedule")),
        "zones": zone_names(),
    }
    return render(request, "runs/schedule_form.html", context, status=400 if form.errors else 200)
