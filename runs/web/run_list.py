"""The list of runs, newest first, with a panel that shows one of them beside it."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from governance.access.gate import reach
from governance.access.permissions import Permission
from governance.accounts.models import User
from governance.web.acting import actor_of, uuid_or_none
from governance.web.paging import page_of
from runs.durable.why import why_not_moving
from runs.insight.search import result_of
from runs.records.models import Run
from runs.web.filters import chips, most_narrowing, narrowed
from runs.web.paging import MOST_COUNTED, PEEK, counted, without_peek
from runs.web.rows import rows_of
from runs.web.run import strip_of


@require_safe
def run_list(request: HttpRequest) -> HttpResponse:
    """Every run within reach that the address asks for, fifty at a time."""
    actor = actor_of(request)
    filters = narrowed(Run.objects.visible_to(actor), request.GET, request)
    page = page_of(filters.qs.with_names(), without_peek(request.GET))
    count = counted(filters.qs)
    context = {
        "rows": rows_of(page.rows),
        "page": page,
        "count": count,
        "capped": count > MOST_COUNTED,
        "most": MOST_COUNTED,
        "filters": filters,
        "chips": chips(filters, request.GET),
        "choose_project": most_narrowing(actor),
        "all_url": "?",
        "here": _before_peek(request.GET),
        "may_start": bool(reach(actor).projects(Permission.OPERATE)),
        "peek": _peek(request, actor),
    }
    return render(request, "runs/list.html", context)


def _before_peek(parameters: QueryDict) -> str:
    """The address of this very page up to the run that is to be peeked at."""
    kept = without_peek(parameters).urlencode()
    return f"?{kept}&{PEEK}=" if kept else f"?{PEEK}="


def _peek(request: HttpRequest, actor: User) -> dict[str, object] | None:
    """What the panel shows of one run; nothing for what is no run, or none that this person may see."""
    wanted = uuid_or_none(request.GET.get(PEEK, ""))
    visible = Run.objects.visible_to(actor).with_names().select_related("release__request")
    found = visible.filter(pk=wanted).first() if wanted is not None else None
    if found is None:
        return None
    result = result_of(found)
    return {
        "run": found,
        "row": rows_of([found])[0],
        "facts": strip_of(found, result),
        "why": why_not_moving(found),
        "result": result,
        "closed": without_peek(request.GET).urlencode(),
    }
