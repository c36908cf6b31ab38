"""The page of one recall: its cases, settling them, closing it, and taking the list away."""

import json
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from governance.access.gate import reach
from governance.errors import Invalid
from governance.web.acting import actor_of, address, chosen, refuse_unknown
from governance.web.history import history
from governance.web.paging import page_of
from runs.reading.table import as_csv
from runs.recalls.exporting import COLUMNS, export_cases
from runs.recalls.models import Case, Recall
from runs.recalls.permission import may_recall
from runs.recalls.services import close_recall, resume_recall, settle_cases
from runs.web.recalls import TONES

CASES_SHOWN: Final = 50
LONGEST_NUMBER: Final = 9
CASE_TONES: Final = {
    Case.Status.OPEN: "wait",
    Case.Status.CHECKED: "ok",
    Case.Status.CORRECTED: "ok",
    Case.Status.NOTIFIED: "info",
    Case.Status.NO_ACTION: "none",
}
SUBJECT_PAGES: Final = {
    "version": "governance:version",
    "release": "governance:release",
    "artifact": "runs:artifact",
    "output": "runs:output",
    "memory": "runs:memory-value",
}


@require_safe
def recall(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Its cases by `?status=`, in their order: the nearest to the subject first."""
    actor = actor_of(request)
    refuse_unknown(request.GET, "status")
    found = _found(request, pk)
    status = chosen(request.GET, "status", Case.Status.values)
    cases = found.cases.of_status(status) if status else found.cases.with_status()
    page = page_of(cases.with_names(), request.GET, order=("id",), size=CASES_SHOWN)
    may = may_recall(reach(actor), found.project)
    context = {
        **_standing(found),
        "status": status,
        "page": page,
        "cases": [_row(case) for case in page.rows],
        "may_settle": may and found.state != Recall.State.CLOSED and bool(page.rows),
        "may_close": may and found.state in {Recall.State.OPEN, Recall.State.FAILED},
        "may_resume": may and found.state == Recall.State.FAILED,
        "statuses": [choice for choice in Case.Status.choices if choice[0] != Case.Status.OPEN],
        "history": history(("recall", found.pk), actor=actor, limit=8),
        "subject_url": _subject_url(found),
    }
    return render(request, "runs/recall.html", context)


@require_safe
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How far it is collected, asked again and again by the page."""
    refuse_unknown(request.GET)
    return render(request, "runs/recall_progress.html", _standing(_found(request, pk)))


@require_POST
def settle(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what has become of the chosen cases."""
    found = _found(request, pk)
    asked = request.POST
    chosen_cases = asked.getlist("case")
    numbers = [int(text) for text in chosen_cases if text.isdecimal() and len(text) <= LONGEST_NUMBER]
    if len(numbers) < len(chosen_cases):
        raise Invalid("This is no number of a case.", fields={"cases": "Choose them again."})
    actor, note = actor_of(request), asked.get("note", "")
    notes = settle_cases(found, actor=actor, numbers=numbers, status=asked.get("status", ""), note=note)
    messages.success(request, f"{len(notes)} case{'' if len(notes) == 1 else 's'} settled.")
    return redirect("runs:recall", pk=pk)


@require_POST
def resume(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Have it collected on, after what had failed."""
    resume_recall(_found(request, pk), actor=actor_of(request), reason=request.POST.get("reason", ""))
    messages.success(request, "The recall is being collected again, from where it was left.")
    return redirect("runs:recall", pk=pk)


@require_POST
def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End it, with a conclusion."""
    close_recall(_found(request, pk), actor=actor_of(request), conclusion=request.POST.get("conclusion", ""))
    messages.success(request, "The recall is closed. Its cases and what was noted stay.")
    return redirect("runs:recall", pk=pk)


@require_safe
def export(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Every case, as a table or as JSON by `?as=`; that it was taken is recorded."""
    refuse_unknown(request.GET, "as")
    form = chosen(request.GET, "as", ("csv", "json"), default="csv")
    found = _found(request, pk)
    rows = export_cases(found, actor=actor_of(request), form=form)
    headers = {
        "Content-Disposition": f'attachment; filename="recall-{found.pk}.{form}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    if form == "csv":
        table = as_csv(COLUMNS, (row.values() for row in rows))
        return HttpResponse(table, content_type="text/csv; charset=utf-8", headers=headers)
    whole = {"recall": str(found.pk), "title": found.title, "subject": found.subject_name, "cases": rows}
    return HttpResponse(json.dumps(whole), content_type="application/json", headers=headers)


def _row(case: Any) -> tuple[Case, str, str]:
    """The case with the tone and the words of its status."""
    status = Case.Status(case.status)  # with_status
    return case, CASE_TONES[status], str(status.label)


def _found(request: HttpRequest, pk: UUID) -> Recall:
    rows = Recall.objects.visible_to(actor_of(request)).select_related("project")
    return get_object_or_404(rows, pk=pk)


def _standing(found: Recall) -> dict[str, Any]:
    """How far it is."""
    building = found.state == Recall.State.BUILDING
    counts = {} if building else found.cases.by_status()
    here = address("runs:recall", found.pk)
    parts = [
        {"label": label, "number": counts.get(value, 0), "url": f"{here}?status={value}"}
        for value, label in Case.Status.choices
    ]
    return {
        "recall": found,
        "tone": TONES[Recall.State(found.state)],
        "building": building,
        "parts": parts,
        "why": f"Collecting it failed {found.failures} times in a row, the last time because {found.failure}."
        if found.failure
        else "",
        "settled": found.found - counts.get(Case.Status.OPEN, 0),
    }


def _subject_url(found: Recall) -> str:
    page = SUBJECT_PAGES.get(found.subject_kind)
    return address(page, UUID(found.subject_key)) if page else ""
