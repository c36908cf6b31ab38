"""What every request passes: an identity, the sign-in wall, and domain errors turned into pages."""

import logging
import re
from collections.abc import Callable
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render, resolve_url
from django.urls import Resolver404, resolve

from governance.access.gate import resolved_once
from governance.errors import DomainError
from portal.api.problems import SIGNED_IN_BY_TOKEN, for_programs, problem_document
from portal.errors import error_page
from portal.failures import busy
from portal.observability import request_id

logger = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]
DIGITS_OF_ANY_LENGTH = 19
SESSION_KEY = re.compile(r"[a-z0-9]{32}")
UTF_8 = frozenset({"utf-8", "utf8"})
PRESENTED_ID = re.compile(r"^[A-Za-z0-9-]{8,64}$")

# The only names that answer without a sign-in; a test holds this list against the resolver.
PUBLIC_NAMES = frozenset(
    {
        "healthz",
        "readyz",
        "account_login",
        "account_logout",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "account_inactive",
        "mfa_authenticate",
        "hook",
    }
)


class RequestIdentity:
    """Names the request, for the log and the error pages, and resolves each person's reach once within it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the identifier in `X-Request-ID`."""
        presented = request.headers.get("X-Request-ID", "")
        name = presented if PRESENTED_ID.match(presented) else uuid4().hex
        token = request_id.set(name)
        try:
            with resolved_once():
                response = self.get_response(request)
        finally:
            request_id.reset(token)
        response["X-Request-ID"] = name
        return response


class BodySize:
    """Refuses a body that is larger than anything the portal takes, before anybody has read a byte of it.

    Otherwise whoever reaches the sign-in page could fill the disk with uploads that Django sets aside there.
    A body without a length is none to Django.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass, or 413."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        if len(length) < DIGITS_OF_ANY_LENGTH and int(length) <= settings.REQUEST_MAX_BYTES:
            return self.get_response(request)
        message = f"A request may have {settings.REQUEST_MAX_BYTES:,} bytes. Nothing was stored."
        if for_programs(request.path_info):
            return problem_document(413, message)
        context = {"message": message, "request_id": request_id.get()}
        return render(request, "errors/413.html", context, status=413)


class BodyText:
    """Refuses a body that is not in UTF-8, before it is decoded; `portal.wsgi` hides what names a codec."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass, or 415."""
        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.lower() in UTF_8:
            return self.get_response(request)
        message = "A request is sent in UTF-8. Nothing was stored."
        if for_programs(request.path_info):
            return problem_document(415, message)
        context = {"message": message, "request_id": request_id.get()}
        return render(request, "errors/415.html", context, status=415)


class SessionCookie:
    """Forgets a session cookie that is none of ours: the database cannot even be asked for some of them."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        if not SESSION_KEY.fullmatch(request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")):
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        return self.get_response(request)


class NotKept:
    """What a signed-in person is shown is kept by no cache, unless the view said what may keep it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on, and add the header where there is none."""
        response = self.get_response(request)
        static = request.path_info.startswith(settings.STATIC_URL)
        if request.user.is_authenticated and not static:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class SignedInOnly:
    """Every page needs a signed-in person, but for the public names; the API authenticates by itself."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass, or send to the sign-in page."""
        if request.user.is_authenticated or request.path_info.startswith(SIGNED_IN_BY_TOKEN):
            return self.get_response(request)
        try:
            name = resolve(request.path_info).view_name
        except Resolver404:
            name = None
        if name in PUBLIC_NAMES or request.path_info.startswith(settings.STATIC_URL):
            return self.get_response(request)
        if request.headers.get("HX-Request"):
            response = JsonResponse({"detail": "Sign in again."}, status=401)
            response["HX-Redirect"] = resolve_url(settings.LOGIN_URL)
            return response
        return redirect_to_login(request.get_full_path())


class DomainErrors:
    """A domain error that reaches the top of a page becomes its page: 400, 403, 404 or 409.

    So does a database that is away or took longer than a statement may: 503, as the API answers.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page for these; other exceptions stay exceptional."""
        if isinstance(exception, DomainError):
            return error_page(request, exception)
        if isinstance(exception, OperationalError):
            logger.warning("The database failed a request: %s", exception)
            return busy(request)
        return None
