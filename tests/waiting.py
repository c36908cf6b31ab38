"""Waiting for what other processes and threads do."""

import time
from collections.abc import Callable

# The machine is shared, and at times ten others want its processors: what comes at all comes in time.
PATIENCE_SECONDS = 180.0


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
