"""The log of readings: who opened which contents, how and when, and the same as a file."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from governance.access.gate import reach
from governance.ledger.canonical import sha256_hex
from governance.web.acting import actor_of, address, refuse_unknown
from governance.web.chips import chips_of
from governance.web.paging import page_of
from runs.reading.abouts import about_person
from runs.reading.models import Ticket
from runs.reading.services import open_ticket
from runs.reading.table import as_csv
from runs.web.access_filter import AccessFilter

MOST_EXPORTED: Final = 10_000
LONGEST_FILTER: Final = 2_000
PAGES: Final = {
    "artifact": "runs:artifact",
    "memory": "runs:memory-value",
    "output": "runs:output",
    "release": "governance:release",
    "run": "runs:run",
    "step": "runs:output",
    "task": "runs:task",
    "version": "governance:version",
}
COLUMNS: Final = (
    "at", "person", "how", "purpose", "reason", "object", "object_id", "run", "project", "contents",
    "digest", "event",
)  # fmt: skip
WITHIN: Final = "You see who opened contents of your projects, and all that you opened yourself."


@dataclass(frozen=True)
class Row:
    """One reading, and the page of what was opened; empty where it has none."""

    ticket: Ticket
    url: str


@require_safe
def access(request: HttpRequest) -> HttpResponse:
    """Readings by the filters of the address. A filter that cannot be read is said so and finds nothing."""
    asked = _asked(request)
    page = page_of(asked.qs.with_names() if asked.is_valid() else asked.queryset.none(), request.GET)
    held = reach(actor_of(request))
    context = {
        "filter": asked,
        "chips": list(chips_of(asked.form, request.GET)),
        "page": page,
        "rows": rows_of(page.rows),
        "most": MOST_EXPORTED,
        "within": "" if held.owned and held.organisations <= held.owned else WITHIN,
        "export": f"{reverse('runs:access-export')}?{request.GET.urlencode()}",
    }
    return render(request, "runs/access.html", context, status=200 if asked.is_valid() else 400)


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The same as a CSV file, the newest first; taking it is a reading itself.

    The log has the filter, and the number and digest of what was taken. Of more than `MOST_EXPORTED` the
    file has the newest alone, and its name says so.
    """
    actor, asked = actor_of(request), _asked(request)
    if not asked.is_valid():
        return access(request)
    found = list(asked.qs.with_names().order_by("-id")[: MOST_EXPORTED + 1])
    cut = len(found) > MOST_EXPORTED
    file = as_csv(COLUMNS, map(_cells, found[:MOST_EXPORTED])).encode()
    facts = {
        "filter": request.GET.urlencode()[:LONGEST_FILTER], "rows": str(min(len(found), MOST_EXPORTED)),
        "cut": "yes" if cut else "no", "sha256": sha256_hex(file),
    }  # fmt: skip
    session = request.session.session_key or ""
    purpose, kind = "the log of readings as a file", Ticket.Kind.EXPORTED
    about = replace(about_person(actor), facts=facts)
    open_ticket(about, actor=actor, session=session, kind=kind, purpose=purpose, contents=())
    response = HttpResponse(file, content_type="text/csv; charset=utf-8")
    name = f"readings-only-the-newest-{MOST_EXPORTED}" if cut else "readings"
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response


def rows_of(tickets: Iterable[Ticket]) -> list[Row]:
    """The rows of a list."""
    return [Row(found, _url(found)) for found in tickets]


def _url(ticket: Ticket) -> str:
    name = PAGES.get(ticket.about_type, "")
    return address(name, ticket.about_id) if name else ""


def _asked(request: HttpRequest) -> AccessFilter:
    refuse_unknown(request.GET, *AccessFilter.base_filters)
    readings = Ticket.objects.visible_to(actor_of(request))
    return AccessFilter(request.GET, queryset=readings, request=request)


def _cells(ticket: Ticket) -> tuple[object, ...]:
    project = ticket.project.slug if ticket.project else ""
    return (
        ticket.at.isoformat(), ticket.actor_name, ticket.kind, ticket.purpose, ticket.reason,
        ticket.about_type, ticket.about_id, ticket.run_id or "", project, ticket.contents,
        ticket.digest, ticket.event,
    )  # fmt: skip
