"""Spans of time that people choose."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone


@dataclass(frozen=True)
class Period:
    """The last so many days, drawn in pieces of `grain`."""

    key: str
    label: str
    days: int | None
    grain: str

    def begins(self, now: datetime | None = None) -> datetime | None:
        """The moment from which on it counts; None for all time."""
        if self.days is None:
            return None
        return (now or timezone.now()) - timedelta(days=self.days)


PERIODS: Final = (
    Period("1d", "last 24 hours", 1, "hour"),
    Period("7d", "last 7 days", 7, "day"),
    Period("30d", "last 30 days", 30, "day"),
    Period("90d", "last 90 days", 90, "week"),
    Period("all", "all time", None, "week"),
)
BY_KEY: Final = {period.key: period for period in PERIODS}
