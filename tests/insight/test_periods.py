"""Spans of time."""

from datetime import UTC, datetime

import pytest

from runs.insight.periods import BY_KEY


@pytest.mark.parametrize(
    ("now", "key", "begins", "ends"),
    [
        ((2026, 11, 22, 10), "month", (2026, 11, 1), None),
        ((2026, 11, 22, 10), "last-month", (2026, 10, 1), (2026, 11, 1)),
        ((2026, 1, 1), "last-month", (2025, 12, 1), (2026, 1, 1)),
        ((2028, 3, 31), "last-month", (2028, 2, 1), (2028, 3, 1)),
        ((2026, 12, 31, 23), "month", (2026, 12, 1), None),
        ((2026, 11, 22, 10), "7d", (2026, 11, 15, 10), None),
        ((2026, 11, 22, 10), "all", None, None),
    ],
)
def test_a_period_begins_and_ends_by_the_calendar(
    now: tuple[int, ...], key: str, begins: tuple[int, ...] | None, ends: tuple[int, ...] | None
) -> None:
    def at(given: tuple[int, ...] | None) -> datetime | None:
        return datetime(*given, tzinfo=UTC) if given else None  # type: ignore[misc, arg-type]  # as many as given

    moment = at(now)
    assert (BY_KEY[key].begins(moment), BY_KEY[key].ends(moment)) == (at(begins), at(ends))
