"""Spans of time that people choose."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils import timezone

from governance.ledger.identity import first_uuid7


@dataclass(frozen=True)
class Period:
    """The last so many days, or a calendar month in UTC, so many ago; drawn in pieces of `grain`."""

    key: str
    label: str
    grain: str
    days: int | None = None
    months_ago: int | None = None

    def begins(self, now: datetime | None = None) -> datetime | None:
        """The moment from which on it counts; None for all time."""
        moment = now or timezone.now()
        if self.months_ago is not None:
            return _month(moment, ago=self.months_ago)
        return None if self.days is None else moment - timedelta(days=self.days)

    def ends(self, now: datetime | None = None) -> datetime | None:
        """The moment before which it counts; None for one that goes on."""
        return _month(now or timezone.now(), ago=self.months_ago - 1) if self.months_ago else None

    def latest(self) -> datetime:
        """The last moment of it so far."""
        ends = self.ends()
        return timezone.now() if ends is None else ends - timedelta(microseconds=1)

    def within(self, field: str) -> dict[str, UUID]:
        """What narrows rows to it by this identifier, which sorts by time."""
        bounds = {f"{field}__gte": self.begins(), f"{field}__lt": self.ends()}
        return {name: first_uuid7(moment) for name, moment in bounds.items() if moment is not None}


def _month(now: datetime, *, ago: int) -> datetime:
    """When the calendar month began that was so many ago."""
    years, month = divmod(now.year * 12 + now.month - 1 - ago, 12)
    return now.replace(year=years, month=month + 1, day=1, hour=0, minute=0, second=0, microsecond=0)


PERIODS: Final = (
    Period("1d", "last 24 hours", "hour", days=1),
    Period("7d", "last 7 days", "day", days=7),
    Period("30d", "last 30 days", "day", days=30),
    Period("90d", "last 90 days", "week", days=90),
    Period("month", "this month", "day", months_ago=0),
    Period("last-month", "last month", "day", months_ago=1),
    Period("all", "all time", "week"),
)
BY_KEY: Final = {period.key: period for period in PERIODS}
