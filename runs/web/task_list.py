"""What runs ask of people: the inbox, and what became of the others."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from governance.accounts.models import User
from governance.web.acting import actor_of, address, chosen, refuse_unknown
from governance.web.paging import page_of
from runs.people.eligibility import asked_of
from runs.people.models import Task
from runs.people.querysets import TaskQuerySet

VIEWS = {"mine": "Waiting for me", "open": "All open", "decided": "Decided", "all": "All"}
WHY_EMPTY = {
    "mine": "Nothing waits for you. What a run asks of you, or of a team of yours, comes here.",
    "open": "No run of your projects asks anything of anybody now.",
    "decided": "Nobody has decided a task in your projects yet.",
    "all": "No run of your projects has asked anything yet. A workflow asks by a node of kind human_task.",
}


@dataclass(frozen=True)
class TaskRow:
    """A task in the list: how it stands, and who is asked."""

    task: Task
    word: str
    tone: str
    asked: str


@require_safe
def task_list(request: HttpRequest) -> HttpResponse:
    """Tasks by `?view=`, newest first."""
    actor = actor_of(request)
    refuse_unknown(request.GET, "view")
    view = chosen(request.GET, "view", VIEWS, default="mine")
    page = page_of(_listed(view, actor).with_names().timed(), request.GET)
    waiting = Task.objects.waiting_for(actor).count()
    tabs = [
        {
            "label": label,
            "url": address("runs:tasks", view=name),
            "current": name == view,
            "count": waiting if name == "mine" else None,
        }
        for name, label in VIEWS.items()
    ]
    rows = [TaskRow(task, *outcome_of(task), asked_of(task)) for task in page.rows]
    context = {"tabs": tabs, "view": view, "page": page, "rows": rows, "why_empty": WHY_EMPTY[view]}
    return render(request, "runs/tasks.html", context)


def outcome_of(task: Task) -> tuple[str, str]:
    """How the task stands, in a word, and the word's tone."""
    if task.state == Task.State.DECIDED:
        known = {
            "approve": ("Approved", "ok"),
            "reject": ("Rejected", "bad"),
            "edit": ("Edited", "ok"),
            "accept": ("Left as it was", "ok"),
        }
        return ("Chosen", "ok") if task.kind == Task.Kind.CHOOSE else known[task.decision]
    if task.state == Task.State.OPEN:
        if getattr(task, "overdue", False):
            return "Time is over", "bad"
        escalated = task.escalate_to_id and getattr(task, "escalates", False)
        return ("Escalated", "bad") if escalated else ("Open", "wait")
    return (
        str(Task.State(task.state).label),
        "bad" if task.state == Task.State.EXPIRED else "hold",
    )


def _listed(view: str, actor: User) -> TaskQuerySet:
    match view:
        case "mine":
            return Task.objects.waiting_for(actor)
        case "open":
            return Task.objects.visible_to(actor).undecided()
        case "decided":
            return Task.objects.visible_to(actor).filter(state=Task.State.DECIDED)
    return Task.objects.visible_to(actor)
