"""One stored content: shown as plain text, or handed over in a way that no browser runs."""

import re
from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from governance.web.acting import actor_of
from runs.artifacts.models import Artifact
from runs.artifacts.services import open_artifact
from runs.lineage.models import Edge
from runs.lineage.visible import artifacts_visible_to
from runs.records.models import Run, RunInput
from runs.web.texts import shown

MOST_USES: Final = 20
SAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
ENDINGS: Final = {"text/plain": ".txt", "application/json": ".json"}


@require_safe
def artifact(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The content and where it was used; with `?download` the bytes themselves."""
    actor = actor_of(request)
    found = get_object_or_404(artifacts_visible_to(actor), pk=pk)
    given = RunInput.objects.filter(run__in=Run.objects.visible_to(actor), artifact=found).order_by("-id")
    if "download" in request.GET:
        first = given.first()
        return _download(found, first.filename if first else "")
    uses = Edge.objects.visible_to(actor).filter(artifact=found).select_related("step__run").order_by("-id")
    context = {
        "artifact": found,
        "content": shown(found),
        "given": given.select_related("run__workflow")[:MOST_USES],
        "uses": uses[:MOST_USES],
    }
    return render(request, "runs/artifact.html", context)


def _download(found: Artifact, filename: str) -> HttpResponse:
    """An attachment of no particular type, in a sandbox of its own, under a harmless name."""
    response = HttpResponse(open_artifact(found), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{safe_name(filename, found)}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


def safe_name(filename: str, found: Artifact) -> str:
    """The file's name reduced to plain letters, with the ending that its media type has; else its digest."""
    stem = SAFE.sub("-", filename.rsplit(".", 1)[0]).strip("-._")[:60]
    return (stem or found.sha256[:16]) + ENDINGS.get(found.media_type, ".bin")
