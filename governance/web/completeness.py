"""Whether anything is missing between two checkpoints of a log, for its organisation's platform owners."""

from typing import Final
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from governance.errors import Invalid, WrongState
from governance.proof.completeness.asked import looked_at
from governance.proof.completeness.report import LIMIT
from governance.proof.models import Checkpoint, Log
from governance.web.acting import actor_of, refuse_unknown

CHECKPOINTS_SHOWN: Final = 12


class Between(forms.Form):
    """The sizes of the two checkpoints."""

    since = forms.IntegerField(
        required=False, min_value=0, max_value=2**62, label="From the checkpoint at",
        help_text="Entries; 0 is the beginning.",
    )  # fmt: skip
    until = forms.IntegerField(
        required=False, min_value=1, max_value=2**62, label="To the checkpoint at",
        help_text="Entries; none is the last.",
    )  # fmt: skip


@require_safe
def completeness(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What was compared, and what was found; checkpoints that there are not come back with the form."""
    actor = actor_of(request)
    refuse_unknown(request.GET, *Between.base_fields)
    log = get_object_or_404(Log.objects.visible_to(actor), pk=pk)
    form, report = Between(request.GET), None
    if form.is_valid():
        try:
            report = looked_at(log.pk, actor=actor, **form.cleaned_data)
        except (Invalid, WrongState) as problem:
            form.add_error(None, problem.message)
    context = {
        "log": log,
        "form": form,
        "report": report,
        "limit": LIMIT,
        "checkpoints": Checkpoint.objects.of(log.pk)[:CHECKPOINTS_SHOWN],
    }
    return render(request, "governance/completeness.html", context, status=200 if report else 400)
