"""The sweeper's part: a little of each at a time, so that nothing else waits for it."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from runs.durable.actors import sweeper
from runs.retention.announcing import walk_on
from runs.retention.asking import Round
from runs.retention.models import Erasure
from runs.retention.removing import discard_files, remove_due

LOOK_EVERY_SECONDS: Final = 2.0
REST_SECONDS: Final = 30.0
PATIENCE: Final = "SET LOCAL statement_timeout = '5s'"


class RetentionPass:
    """Called again and again; it goes on every two seconds, and looks every half minute when all is done."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._again = 0.0
        self._round = Round()
        self._failed: set[UUID] = set()

    def __call__(self) -> None:
        """One batch of runs looked at, one of contents removed, one of files, whatever becomes of the others.

        The failure of one is raised when all had their turn.
        """
        if self._clock() < self._again:
            return
        self._again = self._clock() + REST_SECONDS
        with ExitStack() as parts:
            for part in (discard_files, self._remove, self._walk):  # the last of them comes first
                parts.callback(self._part, part)

    def _part(self, part: Callable[[], int]) -> None:
        if part():
            self._again = self._clock() + LOOK_EVERY_SECONDS

    def _walk(self) -> bool:
        busy = walk_on(actor=sweeper(), within=self._round)
        if not busy:
            self._round = Round()
        return busy

    def _remove(self) -> int:
        """Of the oldest that is due; of one that failed when all others had their turn."""
        due = Erasure.objects.due()
        erasure = due.exclude(pk__in=self._failed).first()
        if erasure is None:
            self._failed.clear()
            return 0
        self._failed.add(erasure)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(PATIENCE)
            settled = remove_due(erasure, actor=sweeper())
        self._failed.discard(erasure)
        return settled
