"""The search page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def search(request: HttpRequest) -> HttpResponse:
    """What was found for `q`."""
    return render(request, "portal/search.html", {})
