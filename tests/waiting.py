"""Waiting for what other processes and threads do."""

import time
from collections.abc import Callable

import psycopg

# The machine is shared, and at times ten others want its processors: what comes at all comes in time.
PATIENCE_SECONDS = 180.0
# A heartbeat, which may come at any time, waits for nobody.
BLOCKED = """
    SELECT 1 FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database() AND query ~ 'runs_run|runs_wake'
"""


def wait_until(
    holds: Callable[[], bool],
    what: str = "it came true",
    *,
    within: float = PATIENCE_SECONDS,
    every: float = 0.05,
) -> None:
    """Look until it holds; fails in these words when it does not in time."""
    until = time.monotonic() + within
    while not holds():
        assert time.monotonic() < until, f"not within {within:g} s: {what}"
        time.sleep(every)


def blocked(watching: psycopg.Connection) -> bool:
    """Whether somebody waits for the row of a run that another transaction holds."""
    return watching.execute(BLOCKED).fetchone() is not None
