"""The page that documents the API, in the portal's own frame."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from governance.web.token_forms import SCOPE_WORDS
from portal.api.problems import SORTS
from portal.api.reference import sections, shapes
from portal.api.schema import document


@login_required
@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """Every operation, what it takes and answers, and every sort of problem."""
    described = document()
    context = {
        "sections": sections(described),
        "shapes": shapes(described),
        "problems": sorted(SORTS.items()),
        "scopes": SCOPE_WORDS.items(),
        "root": request.build_absolute_uri("/api/v1/"),
    }
    return render(request, "portal/api_docs.html", context)
