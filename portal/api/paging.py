"""Pages by key, so that the thousandth page costs what the first does."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView

LARGEST_PAGE = 200


class NewestFirst(CursorPagination):
    """By identifier, which sorts by time; an endpoint may name another `ordering` by it.

    A cursor holds a place and nothing else: what stands there is decided by whoever presents it.
    """

    page_size_query_param = "page_size"
    page_size_query_description = f"How many a page holds: 1 to {LARGEST_PAGE}, 50 when not given."
    cursor_query_description = "Where to go on: take it from `next` or `previous`."
    max_page_size = LARGEST_PAGE
    invalid_cursor_message = "This is no cursor of this list: take it from `next` or `previous`."

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> tuple[str, ...]:
        """The endpoint's own order."""
        return tuple(getattr(view, "ordering", ("-id",)))

    def get_page_size(self, request: Request) -> int | None:
        """The size asked for. Raises `ValidationError` outside 1 to 200."""
        asked = request.query_params.get("page_size")
        if asked is None:
            return self.page_size
        if not (asked.isascii() and asked.isdigit() and 1 <= int(asked[:9]) <= LARGEST_PAGE):
            raise ValidationError({"page_size": [f"A whole number from 1 to {LARGEST_PAGE}."]})
        return int(asked)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """The place that the cursor names. Raises `ValidationError` for what was not made here."""
        try:
            cursor = super().decode_cursor(request)
            if cursor is None:
                return None
            place = UUID(str(cursor.position))
        except (NotFound, ValueError) as problem:
            raise ValidationError({"cursor": [self.invalid_cursor_message]}) from problem
        # Identifiers are unique, so that no honest cursor has an offset; a forged one buys no slow query.
        return Cursor(offset=0, reverse=cursor.reverse, position=str(place))  # type: ignore[arg-type]  # a text

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """The two parameters, with the bounds of the size."""
        parameters = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] == "page_size":
                parameter["schema"] = {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": LARGEST_PAGE,
                    "default": 50,
                }
        return parameters
