"""What the addresses of the lists carry besides their filters, and counts that stay quick on any list."""

from typing import Any, Final

from django.db.models import QuerySet
from django.http import QueryDict

MOST_COUNTED: Final = 10_000
PEEK: Final = "peek"
STEERING: Final = frozenset({"after", "before", PEEK})


def with_parameters(parameters: QueryDict, drop: str = "", **changed: str) -> str:
    """The query string with these parameters, at the list's beginning, without `drop` and without a peek."""
    kept = without_peek(parameters)
    for name in {*STEERING, drop}:
        kept.pop(name, None)
    for name, value in changed.items():
        kept[name] = value
    return f"?{kept.urlencode()}"


def without_peek(parameters: QueryDict) -> QueryDict:
    """The parameters as they are when nothing is peeked at."""
    kept = parameters.copy()
    kept.pop(PEEK, None)
    return kept


def counted(rows: QuerySet[Any]) -> int:
    """How many rows there are, at most one more than `MOST_COUNTED`."""
    return rows.order_by()[: MOST_COUNTED + 1].count()
