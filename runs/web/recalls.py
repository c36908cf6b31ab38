"""The list of recalls: what turned out to be bad, and how far its outputs are settled."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from governance.access.gate import reach
from governance.access.permissions import Permission
from governance.web.acting import actor_of, address, chosen, refuse_unknown
from governance.web.paging import page_of
from runs.recalls.models import Recall
from runs.recalls.permission import MAY
from runs.web.filters import most_narrowing

VIEWS = {"current": "Current", "closed": "Closed"}
TONES = {
    Recall.State.BUILDING: "info",
    Recall.State.OPEN: "wait",
    Recall.State.FAILED: "bad",
    Recall.State.CLOSED: "ok",
}


@require_safe
def recalls(request: HttpRequest) -> HttpResponse:
    """Recalls by `?view=`, newest first."""
    actor = actor_of(request)
    refuse_unknown(request.GET, "view")
    view = chosen(request.GET, "view", VIEWS, default="current")
    rows = Recall.objects.visible_to(actor).select_related("project")
    closed = Recall.State.CLOSED
    rows = rows.filter(state=closed) if view == "closed" else rows.exclude(state=closed)
    page = page_of(rows, request.GET)
    context = {
        "tabs": [
            {"label": label, "url": address("runs:recalls", view=name), "current": name == view}
            for name, label in VIEWS.items()
        ],
        "page": page,
        "rows": [(found, TONES[Recall.State(found.state)]) for found in page.rows],
        "choose_project": most_narrowing(actor),
        "may_open": any(reach(actor).projects(permission) for permission in MAY),
        "may_see": bool(reach(actor).projects(Permission.VIEW)),
        "view": view,
    }
    return render(request, "runs/recalls.html", context)
