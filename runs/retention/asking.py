"""Which contents are to be removed now. The answer can take long, and nothing waits long for it."""

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from governance.prepared import TooSlow, rows_within

DUE: Final = (Path(__file__).parent / "sql" / "due.sql").read_bytes()
SECONDS: Final = 5.0  # for all that is asked in one pass
SECONDS_TOGETHER: Final = 2.0
SECONDS_EACH: Final = 1.0
log = logging.getLogger(__name__)


class Round:
    """One way through all runs: what was asked about by itself in it is not asked about again.

    `over` counts contents about which no answer came in time: they are stepped over, and stay.
    """

    def __init__(self, *, each: float = SECONDS_EACH, clock: Callable[[], float] = time.monotonic) -> None:
        self.over = 0
        self._each = each
        self._clock = clock
        self._asked: set[UUID] = set()
        self._until = 0.0

    def begin(self) -> None:
        """A pass of it begins."""
        self._until = self._clock() + SECONDS

    def late(self) -> bool:
        """Whether the pass has taken its time."""
        return self._clock() > self._until

    def due(self, contents: Sequence[UUID]) -> tuple[list[Any], bool]:
        """Those that are to be removed, and whether all were asked about; at least one more was."""
        asked = [content for content in contents if content not in self._asked]
        try:
            return rows_due(asked, min(SECONDS_TOGETHER, len(asked) * self._each)) if asked else [], True
        except TooSlow:
            found: list[Any] = []
        for number, content in enumerate(asked):
            if number and self.late():
                return found, False
            found += self._alone(content)
        return found, True

    def _alone(self, content: UUID) -> list[Any]:
        self._asked.add(content)
        try:
            return rows_due([content], self._each)
        except TooSlow:
            self.over += 1
            log.warning("whether the content %s is to be removed takes too long to say: it stays", content)
            return []


def rows_due(contents: Sequence[UUID], seconds: float) -> list[Any]:
    """Those of the contents that are to be removed. Raises `TooSlow`."""
    return rows_within(seconds, DUE, {"contents": list(contents)})
