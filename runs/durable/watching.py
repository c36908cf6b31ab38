"""The sweeper: a process of its own that looks again and again, whatever becomes of workers and broker."""

import logging
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.db import connection
from psycopg.types.json import Jsonb

from runs.durable.statements import Statement, rows
from runs.durable.sweep import Swept, sweep
from runs.durable.workers import process_name

log = logging.getLogger(__name__)
# How often the page of workers is told that the sweeper looks.
TOLD_EVERY_SECONDS = 5.0


class Watch:
    """Looks, and keeps the row that says when somebody last did."""

    def __init__(self, said: Callable[[Swept], None], passes: Sequence[Callable[[], None]] = ()) -> None:
        self._said = said
        self._passes = passes
        self._found = Swept()
        self._took: float | None = None
        self._told: float | None = None

    def look(self) -> None:
        """One pass. What goes wrong is logged, and the next pass tries again."""
        self._look(self._sweep)
        for also in self._passes:
            self._look(also)

    def _look(self, once: Callable[[], None]) -> None:
        try:
            once()
        except Exception:  # whatever it was: without the sweeper nobody takes up what a dead worker left
            log.warning("the sweeper could not look", exc_info=True)
            with suppress(Exception):
                connection.close()

    def _sweep(self) -> None:
        """Look; what was found before is told along with it, the first time at once."""
        began, took, self._took = time.monotonic(), self._took, None  # what fails is not told of
        if took is not None and self._told is not None and began - self._told >= TOLD_EVERY_SECONDS:
            found = sweep({Statement.PASSED: self._passed(took)})
            self._found, self._told = found, began
        else:
            found = sweep()
            self._found = self._found.plus(found)
        if found != Swept():
            self._said(found)
        self._took = time.monotonic() - began
        if self._told is None:
            rows(Statement.PASSED, self._passed(self._took))
            self._found, self._told = Swept(), began

    def _passed(self, took: float) -> dict[str, Any]:
        return {
            "by": process_name(os.getpid())[:120],
            "took_ms": round(took * 1000),
            "found": Jsonb(asdict(self._found)) if self._found != Swept() else None,
        }


def watch(said: Callable[[Swept], None], passes: Sequence[Callable[[], None]] = ()) -> None:
    """Look every `SWEEP_SECONDS`, until a signal ends the process; the other `passes` after each look."""
    found = Watch(said, passes)
    while True:
        found.look()
        time.sleep(settings.SWEEP_SECONDS)
