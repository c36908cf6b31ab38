"""The list of schedules: when each fires next, and what became of its last firing."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from governance.access.gate import reach
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.web.acting import actor_of, address, chosen, refuse_unknown
from governance.web.paging import page_of
from runs.schedules.models import Firing, Schedule
from runs.schedules.querysets import ScheduleQuerySet
from runs.schedules.reading import Standing, last_firings, standing_of
from runs.web.filters import most_narrowing

VIEWS = {"current": "Current", "paused": "Paused", "retired": "Retired"}
WHY_EMPTY = {
    "current": "A schedule starts runs of a workflow at given times, in the name of whoever saved it.",
    "paused": "No schedule of your projects is paused.",
    "retired": "No schedule of your projects was retired.",
}
TONES = {
    Firing.Outcome.STARTED: "ok",
    Firing.Outcome.REFUSED: "bad",
    Firing.Outcome.SKIPPED: "hold",
    Firing.Outcome.MISSED: "wait",
}


@dataclass(frozen=True)
class ScheduleRow:
    """A schedule in the list: how it stands, and its last firing."""

    schedule: Schedule
    standing: Standing
    last: "FiringRow | None"


@dataclass(frozen=True)
class FiringRow:
    """A firing with the tone of its outcome."""

    firing: Firing
    tone: str


@require_safe
def schedules(request: HttpRequest) -> HttpResponse:
    """Schedules by `?view=`, newest first."""
    actor = actor_of(request)
    refuse_unknown(request.GET, "view")
    view = chosen(request.GET, "view", VIEWS, default="current")
    page = page_of(_listed(view, actor).with_names(), request.GET)
    last = last_firings(page.rows)
    rows = [
        ScheduleRow(
            schedule, standing_of(schedule), fired(last[schedule.pk]) if schedule.pk in last else None
        )
        for schedule in page.rows
    ]
    context = {
        "tabs": [
            {"label": label, "url": address("runs:schedules", view=name), "current": name == view}
            for name, label in VIEWS.items()
        ],
        "view": view,
        "page": page,
        "rows": rows,
        "choose_project": most_narrowing(actor),
        "may_set": bool(reach(actor).projects(Permission.OPERATE)),
        "why_empty": WHY_EMPTY[view],
    }
    return render(request, "runs/schedules.html", context)


def fired(firing: Firing) -> FiringRow:
    """The firing as pages show it."""
    return FiringRow(firing, TONES[Firing.Outcome(firing.outcome)])


def _listed(view: str, actor: User) -> ScheduleQuerySet:
    rows = Schedule.objects.visible_to(actor)
    match view:
        case "paused":
            return rows.current().exclude(paused_at=None)
        case "retired":
            return rows.exclude(retired_at=None)
    return rows.current()
