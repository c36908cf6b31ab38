"""Addresses that come with the libraries and lead nowhere here: they answer as if they were not mounted."""

from typing import Any, Final, NoReturn

from django.http import Http404, HttpRequest
from django.urls import URLPattern, path


def closed(request: HttpRequest, **named: Any) -> NoReturn:
    """Not found."""
    raise Http404


# Accounts are made, and their addresses kept, by platform owners. The admin's redirects would look up any row
# of any table by identifier.
CLOSED: Final[list[URLPattern]] = [
    path("account/signup/", closed),
    path("account/email/", closed),
    path("account/confirm-email/", closed),
    path("account/confirm-email/<path:key>", closed),
    path("account/login/code/<path:rest>", closed),
    path("admin/r/<path:rest>", closed),
]
