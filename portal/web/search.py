"""The search page: one box for a text, a digest, an identifier, a reference or a file."""

import hashlib
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from governance.accounts.models import User
from governance.web.acting import actor_of, refuse_unknown
from runs.insight.found_close import Close, close_to
from runs.insight.nearest import nearest
from runs.insight.queries import understood
from runs.insight.search import MOST, Results, results_of
from runs.insight.search import search as look_up


@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """What was found; straight to the output's page when it is the only thing.

    A POST carries what fits into no address, a long text or a file, and leads to the address of its search.
    """
    actor = actor_of(request)
    if request.method == "POST":
        return redirect(f"{reverse('search')}?{urlencode({'q': _posted(request)})}")
    refuse_unknown(request.GET, "q")
    raw = request.GET.get("q", "")
    if not raw.strip():
        return render(request, "portal/search.html", {"results": None, "q": ""})
    results = look_up(raw, actor=actor)
    only = results.only_output
    if only is not None:
        return redirect("runs:output", pk=only.pk)
    return render(request, "portal/search.html", _listed(results, actor))


def _listed(results: Results, actor: User) -> dict[str, object]:
    """What the page lists; where nothing was found, what comes close and where else to look."""
    text, nothing = results.query.text, not (results.count or results.too_general)
    close = close_to(text, actor=actor) if nothing else Close()
    inputs = [*results.inputs, *close.inputs]
    traced = results_of([*results.runs, *(hit.run for hit in inputs)])
    return {
        "results": results,
        "q": text,
        "most": MOST,
        "inputs": [(hit, traced.get(hit.run.pk)) for hit in inputs],
        "runs": [(run, traced.get(run.pk)) for run in results.runs],
        "close": close,
        "nearest": nearest(text, actor=actor) if nothing and not close.count else None,
    }


def _posted(request: HttpRequest) -> str:
    """The digest of the file, which is kept nowhere; else the text, cut to what a search needs."""
    file = request.FILES.get("file")
    if file is None:
        return understood(request.POST.get("q", "")).text
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return digest.hexdigest()
