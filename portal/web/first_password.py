"""A password that somebody else chose opens one page: the one that replaces it."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, resolve_url
from django.urls import Resolver404, resolve

from portal.api.problems import SIGNED_IN_BY_TOKEN, problem_document

REPLACING = "account_change_password"
OPEN = frozenset({REPLACING, "account_logout", "healthz", "readyz"})


class FirstPassword:
    """Leads whoever signed in with a first password to the page that replaces it, wherever they go."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass, or send there; the API, which shows no pages, answers 403."""
        if not getattr(request.user, "must_replace_password", False) or _is_open(request.path_info):
            return self.get_response(request)
        if request.path_info.startswith(SIGNED_IN_BY_TOKEN):
            return problem_document(403, "Sign in at the portal and replace your first password.")
        if request.headers.get("HX-Request"):
            response = JsonResponse({"detail": "Replace your first password."}, status=403)
            response["HX-Redirect"] = resolve_url(REPLACING)
            return response
        return redirect(REPLACING)


def _is_open(path: str) -> bool:
    if path.startswith(settings.STATIC_URL):
        return True
    try:
        return resolve(path).view_name in OPEN
    except Resolver404:
        return False
