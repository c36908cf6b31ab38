"""The sweeper's look at recalls: nothing was collected for a while: a message was lost, or one failed."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from runs.recalls.announcing import announce_recall
from runs.recalls.models import Recall

LOOK_EVERY_SECONDS: Final = 10.0
LEFT_FOR: Final = timedelta(seconds=20)
MOST_AT_ONCE: Final = 20


class RecallPass:
    """Called again and again; it asks only when it is time to."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._again = 0.0

    def __call__(self) -> None:
        """Announce one recall of each project whose recalls were left."""
        if self._clock() < self._again:
            return
        self._again = self._clock() + LOOK_EVERY_SECONDS
        for recall in Recall.objects.left_for(LEFT_FOR).values_list("pk", flat=True)[:MOST_AT_ONCE]:
            announce_recall(recall)
