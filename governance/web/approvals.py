"""The inbox of decisions."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from governance.access.gate import reach
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.approvals.eligibility import decided_by, given, standing
from governance.approvals.models import ApprovalRequest
from governance.web.acting import actor_of, address, chosen, refuse_unknown
from governance.web.paging import page_of

VIEWS = {
    "waiting": "Waiting for me",
    "decided": "Decided by me",
    "mine": "Submitted by me",
    "open": "All open",
    "all": "All",
}
WHY_EMPTY = {
    "waiting": "Nothing waits for you. Releases to protected environments come here once they are submitted.",
    "decided": "You have not decided on anything yet.",
    "mine": "You have not submitted anything yet. That is done from the page of a workflow version.",
    "open": "Nothing waits for anybody in your projects.",
    "all": "No release has been submitted in your projects yet.",
}


@dataclass(frozen=True)
class InboxRow:
    """A request in the list: how far it is, and what this person has to do with it."""

    request: ApprovalRequest
    progress: str
    standing: str


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Requests by `?view=`, newest first; who decides nothing anywhere begins with all that wait."""
    actor = actor_of(request)
    refuse_unknown(request.GET, "view")
    decides = bool(reach(actor).projects(Permission.APPROVE))
    view = chosen(request.GET, "view", VIEWS, default="waiting" if decides else "open")
    rows = (
        _asked_for(view, actor)
        .select_related(
            "project", "requested_by", "release__environment", "release__workflow", "release__version__asset"
        )
        .defer("release__closure", "release__version__content")
    )
    page = page_of(rows.prefetch_related("votes", "exclusions"), request.GET)
    waiting = ApprovalRequest.objects.waiting_for(actor).count()
    tabs = [
        {
            "label": label,
            "url": address("governance:approvals", view=name),
            "current": name == view,
            "count": waiting if name == "waiting" else None,
        }
        for name, label in VIEWS.items()
    ]
    context = {
        "tabs": tabs,
        "view": view,
        "page": page,
        "rows": [_row(found, actor) for found in page.rows],
        "why_empty": WHY_EMPTY[view],
    }
    return render(request, "governance/approvals.html", context)


def _asked_for(view: str, actor: User) -> QuerySet[ApprovalRequest]:
    visible = ApprovalRequest.objects.visible_to(actor)
    match view:
        case "waiting":
            return ApprovalRequest.objects.waiting_for(actor)
        case "decided":
            return visible.filter(votes__person=actor)
        case "mine":
            return visible.filter(requested_by=actor)
        case "open":
            return visible.filter(state=ApprovalRequest.State.OPEN)
        case _:
            return visible


def _row(found: ApprovalRequest, actor: User) -> InboxRow:
    progress = f"{given(found)} of {found.quorum}" if found.quorum else ""
    return InboxRow(found, progress, _standing(found, actor))


def _standing(found: ApprovalRequest, actor: User) -> str:
    """What this person has to do with the request, without a query of its own."""
    if decided := decided_by(found, actor):
        return f"You {decided}"
    barred = standing(found, actor, approver=reach(actor).allows(Permission.APPROVE, found.project_id))
    if barred is None:
        return "You can decide"
    return f"You {barred.part}" if barred.part else ""
