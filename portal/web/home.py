"""The first page after signing in: the panels that concern this person, in the order of what presses."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.access.gate import Reach, reach
from governance.access.permissions import Permission
from governance.accounts.models import Organisation, User
from governance.approvals.models import ApprovalRequest
from governance.releases.models import Activation, Release
from governance.web.acting import actor_of
from runs.durable.machine import CLAIMABLE, TROUBLED
from runs.insight.currency import common_currency
from runs.insight.generations import with_outputs
from runs.insight.measures import Scope, used
from runs.insight.periods import BY_KEY
from runs.insight.search import results_of
from runs.insight.titles import title_of
from runs.people.models import Task
from runs.records.failed import UNDONE_AFTER_FAILURE
from runs.records.models import Run, Step
from runs.schedules.models import Schedule
from runs.web.rows import rows_of

FEW: Final = 6
STUCK_AFTER: Final = timedelta(minutes=2)
TOLD_OF_FOR: Final = timedelta(days=7)


@dataclass(frozen=True)
class Panel:
    """A part of the page: for those for whom `concerns` holds, filled by `rows`, on top if it `presses`.

    One that shows `if_any` is left out while it has no rows.
    """

    template: str
    concerns: Callable[[Reach], bool]
    rows: Callable[[User], Any]
    presses: bool = False
    if_any: bool = False


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits for this person, what went wrong, what is new, and how to find anything else."""
    actor = actor_of(request)
    held = reach(actor)
    mine = [(panel, panel.rows(actor)) for panel in PANELS if panel.concerns(held)]
    mine = [(panel, rows) for panel, rows in mine if rows or not panel.if_any]
    context = {
        "organisations": Organisation.objects.visible_to(actor),
        "pressing": [{"template": panel.template, "rows": rows} for panel, rows in mine if panel.presses],
        "panels": [{"template": panel.template, "rows": rows} for panel, rows in mine if not panel.presses],
        "reaches": bool(held.projects()),
        "owns": bool(held.owned),
    }
    return render(request, "portal/home.html", context)


def _may(permission: Permission) -> Callable[[Reach], bool]:
    return lambda held: bool(held.projects(permission))


def _looks_after_runs(held: Reach) -> bool:
    return bool(held.projects(Permission.OPERATE) or held.owned)


def _waiting_for_me(actor: User) -> list[ApprovalRequest]:
    waiting = ApprovalRequest.objects.waiting_for(actor).select_related("project", "requested_by", "release")
    return list(waiting.order_by("id")[:FEW])


def _tasks(actor: User) -> list[Task]:
    return list(Task.objects.waiting_for(actor).with_names().order_by("id")[:FEW])


def _schedules(actor: User) -> list[Schedule]:
    return list(Schedule.objects.given_up(actor).with_names().order_by("-paused_at")[:FEW])


def _ready(actor: User) -> list[Release]:
    mine = Release.objects.filter(project__in=reach(actor).projects(Permission.ACTIVATE))
    return list(mine.ready().with_names().order_by("-id")[:FEW])


def _submitted(actor: User) -> list[Release]:
    return list(
        Release.objects.visible_to(actor).with_names().filter(submitted_by=actor).order_by("-id")[:FEW]
    )


def _troubled(actor: User) -> list[Any]:
    """Failed runs, and those that have waited or been silent for two minutes, newest first.

    Those that failed and were undone are told of for a week: nothing more can be done with them.
    """
    now = timezone.now()
    long_ago, undone = now - STUCK_AFTER, UNDONE_AFTER_FAILURE & Q(finished_at__gte=now - TOLD_OF_FOR)
    told_lately = Q(waits_for=Run.WaitsFor.LIMIT, wake_at__gte=long_ago)  # its place in the queue is older
    unseen = Q(state__in=CLAIMABLE, ready_at__lt=long_ago) & ~told_lately
    stuck = unseen | Q(state=Run.State.RUNNING, lease_until__lt=long_ago)
    found = Run.objects.visible_to(actor).whole().with_names().filter(Q(state__in=TROUBLED) | stuck | undone)
    return rows_of(found.order_by("-id")[:FEW])


def _figures(actor: User) -> dict[str, Any]:
    """How much is under way, and what the last thirty days cost."""
    visible = Run.objects.visible_to(actor).whole()
    month = used(Scope(actor, BY_KEY["30d"]))
    currency = common_currency(reach(actor).organisations)
    return {
        "queued": visible.filter(state=Run.State.QUEUED).count(),
        "running": visible.filter(state=Run.State.RUNNING).count(),
        "cost": month.cost if currency else None,
        "tokens": month.tokens,
        "currency": currency,
    }


def _newest_outputs(actor: User) -> list[dict[str, Any]]:
    """The results of the newest finished runs; what they say is read on their pages."""
    finished = Run.objects.visible_to(actor).whole().filter(state=Run.State.SUCCEEDED)
    results = [step.pk for step in results_of(finished.order_by("-id")[:FEW]).values()]
    steps = list(with_outputs(Step.objects.visible_to(actor).filter(pk__in=results)).order_by("-run_id"))
    return [{"step": step, "title": title_of(step)} for step in steps]


def _in_effect(actor: User) -> list[Activation]:
    return list(Activation.objects.visible_to(actor).in_effect().with_names()[: FEW * 2])


PANELS: Final = (
    Panel("portal/panels/tasks.html", _may(Permission.VIEW), _tasks, presses=True, if_any=True),
    Panel("portal/panels/waiting.html", _may(Permission.APPROVE), _waiting_for_me, presses=True),
    Panel("portal/panels/ready.html", _may(Permission.ACTIVATE), _ready, presses=True),
    Panel("portal/panels/schedules.html", _may(Permission.VIEW), _schedules, presses=True, if_any=True),
    Panel("portal/panels/troubled.html", _looks_after_runs, _troubled, presses=True),
    Panel("portal/panels/figures.html", _looks_after_runs, _figures, presses=True),
    Panel("portal/panels/submitted.html", _may(Permission.SUBMIT), _submitted),
    Panel("portal/panels/outputs.html", _may(Permission.VIEW), _newest_outputs),
    Panel("portal/panels/in_effect.html", _may(Permission.VIEW), _in_effect),
)
