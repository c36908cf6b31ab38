"""What a run is started with, as a request carries it."""

import base64
import binascii
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from runs.artifacts.store import Document

AS_TEXT = frozenset({"filename", "text"})
AS_BASE64 = frozenset({"filename", "base64"})
FORMS = "a text, or an object with “filename” and either “text” or “base64”, and nothing else."
LONGEST_LABEL = 200
LABEL = {"type": "string", "maxLength": LONGEST_LABEL}
OBJECTS: list[dict[str, Any]] = [
    {
        "type": "object",
        "properties": {"filename": LABEL, form: {"type": "string"}},
        "required": ["filename", form],
        "additionalProperties": False,
    }
    for form in ("text", "base64")
]


@extend_schema_field({"oneOf": [{"type": "string"}, *OBJECTS]})
class DocumentField(serializers.Field[Any, Any, Any, Any]):
    """A document or value: its text alone, or a file by name with its text or its bytes."""

    default_error_messages = {
        "form": f"Give {FORMS}",
        "filename": "The file name is a text of at most 200 characters.",
        "base64": "This is not base64 (RFC 4648, with padding).",
    }

    def to_internal_value(self, data: Any) -> Document | str:
        """The document. Raises `ValidationError` for another form or malformed base64."""
        if isinstance(data, str):
            return data
        if not isinstance(data, dict) or set(data) not in (AS_TEXT, AS_BASE64):
            self.fail("form")
        filename, content = data["filename"], data.get("text", data.get("base64"))
        if not isinstance(content, str):
            self.fail("form")
        if not isinstance(filename, str) or len(filename) > LONGEST_LABEL:
            self.fail("filename")
        return Document(filename, content.encode() if "text" in data else self._bytes(content))

    def to_representation(self, value: Any) -> Any:
        """Never shown: what was stored is read as an artifact."""
        raise NotImplementedError

    def _bytes(self, content: str) -> bytes:
        try:
            return base64.b64decode(content, validate=True)
        except (binascii.Error, ValueError):
            self.fail("base64")
