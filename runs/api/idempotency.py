"""The key by which a caller may repeat a start without starting twice."""

import re
from typing import Any

from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from governance.errors import Invalid
from runs.records.models import Run

HEADER = "Idempotency-Key"
PATTERN = re.compile(r"[!-~]{1,200}")
WORDS = "Give each new run a key of its own: 1 to 200 visible ASCII characters, for example a UUID."

PARAMETER = OpenApiParameter(
    HEADER,
    {"type": "string", "pattern": f"^{PATTERN.pattern}$"},
    OpenApiParameter.HEADER,
    required=True,
    description=f"{WORDS} The same key with the same request answers with the first run.",
)
OPTIONAL = OpenApiParameter(
    HEADER,
    {"type": "string", "pattern": f"^{PATTERN.pattern}$"},
    OpenApiParameter.HEADER,
    description=f"{WORDS} With a key the request may be repeated: it answers with the first run.",
)
REPLAYED = OpenApiParameter(
    "Idempotent-Replay",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    response=[200],
    description="`true`: nothing was started, this is the run of the first request.",
)


def key_of(request: Request) -> str:
    """The caller's key. Raises `Invalid` when it is missing or malformed."""
    key = request.headers.get(HEADER, "")
    _check(key)
    return key


def key_if_given(request: Request) -> str | None:
    """The caller's key, if there is one. Raises `Invalid` when it is malformed."""
    key = request.headers.get(HEADER)
    if key is not None:
        _check(key)
    return key


def _check(key: str) -> None:
    if not PATTERN.fullmatch(key):
        raise Invalid(f"The header {HEADER} is needed. {WORDS}", fields={HEADER: WORDS})


def started(run: Run, shown: Any, *, created: bool) -> Response:
    """201 with a new run, 200 with the first one of the same key."""
    headers = {"Location": reverse("api:run", args=[run.pk])}
    if not created:
        headers["Idempotent-Replay"] = "true"
    return Response(shown, 201 if created else 200, headers=headers)


def started_or_replayed(shape: type[BaseSerializer[Any]]) -> dict[int, OpenApiResponse]:
    """The two good answers to a start, for the schema."""
    return {
        201: OpenApiResponse(shape, description="Started."),
        200: OpenApiResponse(shape, description="Started before by the same key: nothing new."),
    }
