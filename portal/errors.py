"""From a domain error to HTTP: the status, and the page that says what is wrong and what to do."""

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from governance.errors import DomainError, Invalid, NotAllowed, NotVisible, WrongState
from portal.observability import request_id
from runs.artifacts.opening import ContentRemoved
from runs.artifacts.storing import StoreAway

STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (NotVisible, 404),
    (NotAllowed, 403),
    (WrongState, 409),
    (Invalid, 400),
    (StoreAway, 503),
    (ContentRemoved, 410),
)


def status_of(error: DomainError) -> int:
    """The HTTP status of a domain error; 409 for one that says only that now is not the moment."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 409)


def error_page(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The page of a domain error."""
    status = status_of(error)
    context = {
        "message": "" if isinstance(error, NotVisible) else error.message,
        "missing": getattr(error, "missing", ""),
        "fields": getattr(error, "fields", {}),
        "request_id": request_id.get(),
    }
    return render(request, f"errors/{status}.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page of a malformed request."""
    message = str(exception) if isinstance(exception, BadRequest) else ""
    if isinstance(exception, TooManyFieldsSent):
        most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
        message = (
            f"A form may send {most:,} fields, and this one sent more. Nothing was changed: choose fewer."
        )
    context = {"message": message, "request_id": request_id.get()}
    return render(request, "errors/400.html", context, status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page of a refused request."""
    message = str(exception) if isinstance(exception, PermissionDenied) else ""
    context = {"message": message, "request_id": request_id.get()}
    return render(request, "errors/403.html", context, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page of what is not there, or not there for this person."""
    return render(request, "errors/404.html", {"request_id": request_id.get()}, status=404)
