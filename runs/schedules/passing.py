"""The sweeper's look at schedules: one cheap question when the next may be due, and every few seconds."""

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from governance.prepared import rows
from runs.durable.machine import HELD_UP, UNDER_WAY
from runs.schedules.firing import fire_due

SOON = (Path(__file__).parent / "sql" / "soon.sql").read_bytes()
# At the longest: what is set meanwhile, or waits for the end of a run, is found after so many seconds.
LOOK_EVERY_SECONDS = 5.0


class SchedulePass:
    """Called again and again; it asks only when it is time to."""

    def __init__(
        self, said: Callable[[Counter[str]], None], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._said = said
        self._clock = clock
        self._again = 0.0

    def __call__(self) -> None:
        """Fire what is due. Two sweepers that do so at once fire nothing twice."""
        if self._clock() < self._again:
            return
        left = seconds_left()
        if left is not None and left <= 0:
            if found := fire_due():
                self._said(found)
            left = seconds_left()
        wait = LOOK_EVERY_SECONDS if left is None else min(max(left, 0.0), LOOK_EVERY_SECONDS)
        self._again = self._clock() + wait


def seconds_left() -> float | None:
    """Until the next schedule is due; None when there is none."""
    [seen] = rows(SOON, {"standing": sorted(UNDER_WAY | HELD_UP)})
    found: float | None = seen.seconds
    return found
