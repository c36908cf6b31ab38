"""The first page after signing in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def home(request: HttpRequest) -> HttpResponse:
    """What this person has to look at."""
    return render(request, "portal/home.html", {"panels": ()})
