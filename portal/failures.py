"""What no endpoint and no page can answer for: a database that is away, and our own mistakes."""

import sys

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.api.problems import BUSY, DOCUMENTED_AT, OURS, for_programs, problem_document
from portal.observability import request_id


def busy(request: HttpRequest) -> HttpResponse:
    """A database that is away, or was asked for more than it finds in time."""
    answer = _answer(request, 503, BUSY)
    answer["Retry-After"] = "5"
    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    """Whatever else was raised, and a database that is away while the middlewares still ask who is there."""
    if isinstance(sys.exc_info()[1], OperationalError):
        return busy(request)
    return _answer(request, 500, OURS)


def _answer(request: HttpRequest, status: int, words: str) -> HttpResponse:
    """A page that asks the database nothing; for a program, a problem document."""
    if for_programs(request.path_info) and not request.path_info.startswith(DOCUMENTED_AT):
        return problem_document(status, words)
    return render(request, f"errors/{status}.html", {"request_id": request_id.get()}, status=status)
