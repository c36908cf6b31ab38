"""One stored content: shown as plain text, or handed over in a way that no browser runs."""

from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from governance.web.acting import actor_of, refuse_unknown
from runs.artifacts.download import DOWNLOADED, inert_headers
from runs.lineage.models import Edge
from runs.lineage.visible import artifacts_visible_to
from runs.reading.abouts import about_artifact as about
from runs.reading.models import Ticket
from runs.records.models import RunInput
from runs.web.opened import opened
from runs.web.texts import shown

MOST_USES: Final = 20


@require_safe
def artifact(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The content and where it was used; with `?download` the bytes themselves."""
    actor = actor_of(request)
    found = get_object_or_404(artifacts_visible_to(actor).defer("inline"), pk=pk)
    refuse_unknown(request.GET, "download")
    given = RunInput.objects.visible_to(actor).filter(artifact__in=found.copies()).order_by("-id")
    if "download" in request.GET:
        first = given.first()
        headers = inert_headers(found, first.filename if first else "")
        taken = opened(request, about(found, actor), [pk], purpose="a file", kind=Ticket.Kind.EXPORTED)
        return HttpResponse(taken.whole(found), content_type=DOWNLOADED, headers=headers)
    uses = Edge.objects.visible_to(actor).filter(artifact__in=found.copies()).order_by("-id")
    reading = opened(request, about(found, actor), [pk], purpose="the page of the content")
    context = {
        "artifact": found,
        "content": shown(found, reading),
        "given": given.select_related("run__workflow")[:MOST_USES],
        "uses": uses.select_related("step__run")[:MOST_USES],
    }
    return render(request, "runs/artifact.html", context)
