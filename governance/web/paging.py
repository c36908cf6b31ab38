"""Keyset paging: a page begins after a row, never at an offset, so the last one costs what the first does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.core.exceptions import BadRequest, ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

M = TypeVar("M", bound=Model)
PAGE_SIZE = 50
SEPARATOR = "~"


@dataclass(frozen=True)
class Page(Generic[M]):
    """The rows of one page and the addresses of its neighbours, empty where there is none."""

    rows: Sequence[M]
    newer_url: str
    older_url: str

    @property
    def alone(self) -> bool:
        """Whether everything stands on this page."""
        return not self.newer_url and not self.older_url


def page_of(
    rows: QuerySet[M], query: QueryDict, *, order: tuple[str, ...] = ("-id",), size: int | None = None
) -> Page[M]:
    """The page that `?after=` or `?before=` of the query asks for, in an order that ends with `id`.

    It has `PAGE_SIZE` rows unless another size is given. Raises `BadRequest` for a cursor that no page has
    given out.
    """
    size = size or PAGE_SIZE
    back = "before" in query and "after" not in query
    cursor = query.get("before" if back else "after", "")
    asked = tuple(_turned(field) for field in order) if back else order
    if cursor:
        rows = _beyond(rows, asked, cursor)
    found = list(rows.order_by(*asked)[: size + 1])
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    has_newer, has_older = (more, bool(cursor)) if back else (bool(cursor), more)
    return Page(
        rows=found,
        newer_url=_link(query, "before", order, found[0]) if found and has_newer else "",
        older_url=_link(query, "after", order, found[-1]) if found and has_older else "",
    )


def _turned(field: str) -> str:
    return field[1:] if field.startswith("-") else f"-{field}"


def _beyond(rows: QuerySet[M], order: tuple[str, ...], cursor: str) -> QuerySet[M]:
    """The rows that come after the cursor in this order."""
    values = cursor.split(SEPARATOR)
    if len(values) != len(order) or "\x00" in cursor:
        raise BadRequest("This page address is not one that the portal gave out.")
    beyond, equal = Q(), Q()
    for field, value in zip(order, values, strict=True):
        name = field.lstrip("-")
        beyond |= equal & Q(**{f"{name}__{'lt' if field.startswith('-') else 'gt'}": value})
        equal &= Q(**{name: value})
    try:
        return rows.filter(beyond)
    except (ValidationError, ValueError) as problem:
        raise BadRequest("This page address is not one that the portal gave out.") from problem


def _link(query: QueryDict, direction: str, order: tuple[str, ...], row: Model) -> str:
    """The same address with all of its filters, beginning beside this row."""
    kept = query.copy()
    for name in ("after", "before"):
        kept.pop(name, None)
    kept[direction] = SEPARATOR.join(str(getattr(row, field.lstrip("-"))) for field in order)
    return f"?{kept.urlencode()}"
