"""Every refusal and failure of the API as a problem document (RFC 9457, `application/problem+json`)."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import OperationalError
from django.http import Http404, HttpResponse, UnreadablePostError
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from governance.errors import DomainError
from portal.errors import status_of
from portal.observability import request_id

MEDIA_TYPE = "application/problem+json"
DOCUMENTED_AT = "/api/docs/"
UNSEEN = "There is nothing here, or nothing that you may see."
OURS = "Something went wrong on our side. It was logged under the identifier in “instance”."
BUSY = "The database did not answer in time. Try again, or ask for less at once."

# What Django itself raises on the way to an endpoint or below it; the first that fits.
DJANGO: dict[type[Exception], tuple[int, str]] = {
    Http404: (404, UNSEEN),
    PermissionDenied: (403, "You may not do this."),
    RequestDataTooBig: (413, "The body is too large."),
    SuspiciousOperation: (400, "The request could not be read."),
    BadRequest: (400, "The request could not be read."),
    UnreadablePostError: (400, "The request ended before its body was complete."),
}

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sort:
    """A sort of problem: its place in the documentation, what it is called, and when it is met."""

    slug: str
    title: str
    meaning: str

    @property
    def type(self) -> str:
        """The URI that names it: where it is explained."""
        return f"{DOCUMENTED_AT}#problem-{self.slug}"


SORTS = {
    400: Sort("invalid", "The request is wrong", "A field, a parameter or the JSON; `errors` names each."),
    401: Sort(
        "not-signed-in",
        "Not signed in",
        "No token, or one that is unknown, revoked or expired; of a webhook, no right signature.",
    ),
    403: Sort("not-allowed", "Not allowed", "You see it and may not do this; `missing` says what is needed."),
    404: Sort("not-found", "Nothing here", "No such object, or none within your reach."),
    405: Sort("no-such-method", "No such method", "The address exists and does not take this method."),
    406: Sort("not-acceptable", "No such representation", "The API answers in JSON alone."),
    409: Sort("wrong-state", "Not now", "The request is right, its moment is not: read the object again."),
    413: Sort("too-large", "Too large", "The body has more bytes than are allowed."),
    415: Sort("unsupported-media-type", "Not JSON", "A body is sent as `application/json` in UTF-8."),
    422: Sort(
        "does-not-fit",
        "Does not fit",
        "The delivery of a webhook is no JSON, or not what its workflow takes.",
    ),
    429: Sort("too-many-requests", "Too many requests", "Wait before you try again."),
    500: Sort("our-mistake", "Our mistake", "Nothing you sent is to blame; quote `instance`."),
    503: Sort(
        "busy",
        "Busy",
        "The database or the store of contents did not answer in time, or a webhook can start nothing now."
        " Try again.",
    ),
}


# Where a token, or the browser's session, says who asks.
SIGNED_IN_BY_TOKEN = ("/api/", "/log/")


def for_programs(path: str) -> bool:
    """Whether a program asks for this address: it gets a problem document, not a page."""
    return path.startswith((*SIGNED_IN_BY_TOKEN, "/hooks/"))


def problem_response(exception: Exception, context: Mapping[str, Any]) -> Response:
    """The answer to whatever an endpoint raised; nothing leaves it as a page."""
    if isinstance(exception, DomainError):
        return _domain(exception)
    if isinstance(exception, APIException):
        return _framework(exception)
    if isinstance(exception, OperationalError):
        logger.warning("The database failed a request: %s", exception)
        return problem(503, BUSY, headers={"Retry-After": "5"})
    for kind, (status, words) in DJANGO.items():
        if isinstance(exception, kind):
            return problem(status, words)
    logger.exception("An endpoint failed", exc_info=exception)
    got_request_exception.send(sender=type(context.get("view")), request=context.get("request"))
    return problem(500, OURS)


def problem(
    status: int,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, object] | None = None,
) -> Response:
    """A problem document of this status; `members` are its further members."""
    sort = SORTS.get(status) or SORTS[500 if status >= 500 else 400]  # noqa: PLR2004 - a class of statuses
    body: dict[str, object] = {
        "type": sort.type,
        "title": sort.title,
        "status": status,
        "detail": detail,
        "instance": f"urn:countersign:request:{request_id.get()}",
        **(members or {}),
    }
    return Response(body, status=status, headers=dict(headers or {}), content_type=MEDIA_TYPE)


def problem_document(status: int, detail: str) -> HttpResponse:
    """The same, for where no endpoint has been reached."""
    body = JSONRenderer().render(problem(status, detail).data)
    return HttpResponse(body, status=status, content_type=MEDIA_TYPE)


def _domain(error: DomainError) -> Response:
    status = status_of(error)
    if status == 404:  # noqa: PLR2004 - an HTTP status
        return problem(404, UNSEEN)
    members: dict[str, object] = {}
    if fields := getattr(error, "fields", None):
        members["errors"] = [{"field": name, "detail": words} for name, words in fields.items()]
    if missing := getattr(error, "missing", None):
        members["missing"] = str(missing)
    return problem(status, error.message, members=members)


def _framework(error: APIException) -> Response:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    if isinstance(error, ValidationError):
        errors = list(_flattened(error.detail, ""))
        first = ": ".join(words for words in errors[0].values() if words)
        return problem(
            error.status_code, f"The request is wrong. {first}", headers=headers, members={"errors": errors}
        )
    if error.status_code == 404:  # noqa: PLR2004 - an HTTP status
        return problem(404, UNSEEN)
    return problem(error.status_code, str(error.detail), headers=headers)


def _flattened(detail: Any, place: str) -> Iterator[dict[str, str]]:
    """Each message with the dotted name of its field, in the order of the request."""
    if isinstance(detail, ErrorDetail | str):
        yield {"field": place, "detail": str(detail)}
    elif isinstance(detail, Mapping):
        for name, inner in detail.items():
            within = place if name == "non_field_errors" else f"{place}.{name}" if place else str(name)
            yield from _flattened(inner, within)
    else:
        for index, inner in enumerate(detail):
            nested = isinstance(inner, Mapping) and inner
            yield from _flattened(inner, f"{place}.{index}" if nested and len(detail) > 1 else place)
