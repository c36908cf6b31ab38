"""When a schedule fires: by a cron expression in a named zone, or every so many seconds. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import chain, islice, takewhile
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from governance.errors import Invalid

LONGEST_CRON = 100
FIELDS = 5
LEAST_SECONDS, MOST_SECONDS = 60, 366 * 86_400
MOST_COUNTED = 1_000
# How far back the last time before now is looked for, in hours; the smallest is tried first.
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
BACK = (1, 24, 24 * 32, 24 * 366, 24 * 366 * 60)
UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
ALPHABET = re.compile(r"[0-9A-Za-z*/,#\- ]+")


@dataclass(frozen=True)
class Timing:
    """Either `cron` or `every_s`; the latter counts from `anchor`, whatever clocks are put to."""

    zone: str
    cron: str = ""
    every_s: int | None = None
    anchor: datetime = LONG_AGO

    def after(self, moment: datetime) -> Iterator[datetime]:
        """The times after this moment in order, in UTC; they end where there are none for decades.

        As with Debian's cron: what is set to a fixed time that a change of clocks skips fires when the clock
        goes on, and fires once where the hour comes twice; what recurs within the day follows the hours that
        there are.
        """
        if self.every_s is not None:
            return self._every(self.every_s, moment)
        return self._by_cron(moment)

    def words(self) -> str:
        """Such as "At 09:00 on Monday through Friday"."""
        if self.every_s is None:
            return str(CronSim(self.cron, LONG_AGO).explain())
        unit, seconds = next(found for found in UNITS if self.every_s % found[1] == 0)
        count = self.every_s // seconds
        return f"Every {unit}" if count == 1 else f"Every {count:,} {unit}s"

    def _every(self, seconds: int, moment: datetime) -> Iterator[datetime]:
        step = timedelta(seconds=seconds)
        count = (moment - self.anchor) // step + 1
        while True:
            yield self.anchor + count * step
            count += 1

    def _by_cron(self, moment: datetime) -> Iterator[datetime]:
        last = moment
        for found in CronSim(self.cron, moment.astimezone(ZoneInfo(self.zone))):
            here = found.astimezone(UTC)
            # Local times of an hour that comes twice, or is skipped, may lead to a moment that has been.
            if here > last:
                yield here
                last = here


@dataclass(frozen=True)
class Passed:
    """The times that have passed: the last of them, and how many there were before it, counted to 1,000."""

    last: datetime
    before: int


def checked(*, zone: str, cron: str, every_s: int | None) -> Timing:
    """The timing, once it is known to fire. Raises `Invalid` naming the field that is wrong."""
    if zone not in zones():
        raise _wrong("zone", "Name a time zone of the IANA database, such as Europe/Berlin or UTC.")
    if (every_s is None) == (not cron.strip()):
        raise _wrong("cron", "Give either a cron expression or a number of seconds.")
    if every_s is not None:
        if not LEAST_SECONDS <= every_s <= MOST_SECONDS:
            raise _wrong("every_s", f"Between {LEAST_SECONDS} and {MOST_SECONDS:,} seconds, a year.")
        return Timing(zone, every_s=every_s)
    found = Timing(zone, cron=_expression(cron))
    if next(found.after(LONG_AGO), None) is None:
        raise _wrong("cron", "There is no such day.")
    return found


def passed(timing: Timing, *, first: datetime, now: datetime) -> Passed:
    """The times from `first`, which has passed, until now."""
    times = takewhile(lambda found: found <= now, chain([first], timing.after(first)))
    found = list(islice(times, MOST_COUNTED + 1))
    if len(found) <= MOST_COUNTED:
        return Passed(found[-1], len(found) - 1)
    for hours in BACK:
        near = [*takewhile(lambda found: found <= now, timing.after(now - timedelta(hours=hours)))]
        if near:
            return Passed(near[-1], MOST_COUNTED)
    return Passed(found[-1], MOST_COUNTED)


@cache
def zones() -> frozenset[str]:
    """Every name of the time zone database that this installation has."""
    return frozenset(name for name in available_timezones() if name != "localtime")


def _expression(text: str) -> str:
    cron = " ".join(text.split())
    if len(cron) > LONGEST_CRON:
        raise _wrong("cron", f"An expression may have {LONGEST_CRON} characters.")
    if not ALPHABET.fullmatch(cron) or len(cron.split()) != FIELDS:
        raise _wrong("cron", "Five fields: minute, hour, day of the month, month, day of the week.")
    try:
        CronSim(cron, LONG_AGO)
    except CronSimError as problem:
        part = str(problem).removeprefix("Bad ")
        raise _wrong("cron", f"The {part} is not one that there is.") from problem
    return cron


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, fields={field: message})
