"""The key by which a caller may repeat a start without starting twice."""

import re
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from governance.errors import Invalid

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
    if not PATTERN.fullmatch(key):
        raise Invalid(f"The header {HEADER} is needed. {WORDS}", fields={HEADER: WORDS})
    return key


def started_or_replayed(shape: type[BaseSerializer[Any]]) -> dict[int, OpenApiResponse]:
    """The two good answers to a start, for the schema."""
    return {
        201: OpenApiResponse(shape, description="Started."),
        200: OpenApiResponse(shape, description="Started before by the same key: nothing new."),
    }
