"""The API's parser: JSON in UTF-8, strictly read, of a bounded size."""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import APIException, UnsupportedMediaType
from rest_framework.parsers import BaseParser

from governance.ledger.strict_json import read_json


class TooLarge(APIException):
    """More bytes than any honest request has."""

    status_code = 413
    default_code = "too_large"


class StrictJSONParser(BaseParser):
    """Reads `application/json` in UTF-8."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The value. Raises `Invalid`, `TooLarge`, or `UnsupportedMediaType` where it is not UTF-8."""
        if not _is_utf8(media_type or ""):
            raise UnsupportedMediaType(media_type or "", detail="JSON is sent in UTF-8.")
        largest = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(largest + 1)
        if len(body) > largest:
            raise TooLarge(f"The body is larger than {largest:,} bytes.")
        return read_json(body, what="The body")


def _is_utf8(media_type: str) -> bool:
    parameters = (part.partition("=") for part in media_type.lower().split(";")[1:])
    charsets = {value.strip().strip('"') for name, _, value in parameters if name.strip() == "charset"}
    return charsets <= {"utf-8", "utf8"}
