"""The sweeper's part: a little of each at a time, so that nothing else waits for it."""

import time
from collections.abc import Callable
from typing import Final

from runs.durable.actors import sweeper
from runs.retention.announcing import walk_on
from runs.retention.models import Erasure
from runs.retention.removing import discard_files, remove_due

LOOK_EVERY_SECONDS: Final = 2.0
REST_SECONDS: Final = 30.0


class RetentionPass:
    """Called again and again; it goes on every two seconds, and looks every half minute when all is done."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._again = 0.0

    def __call__(self) -> None:
        """One batch of runs looked at, one of contents removed, one of files."""
        if self._clock() < self._again:
            return
        busy = walk_on(actor=sweeper())
        if (erasure := Erasure.objects.due().first()) is not None:
            busy = bool(remove_due(erasure, actor=sweeper())) or busy
        busy = bool(discard_files()) or busy
        self._again = self._clock() + (LOOK_EVERY_SECONDS if busy else REST_SECONDS)
