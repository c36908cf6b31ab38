"""Waiting for what other processes and threads do."""

import time
from collections.abc import Callable


def wait_until(
    holds: Callable[[], bool], what: str = "it came true", *, within: float = 30.0, every: float = 0.05
) -> None:
    """Look until it holds; fails in these words when it does not in time."""
    until = time.monotonic() + within
    while not holds():
        assert time.monotonic() < until, f"not within {within:g} s: {what}"
        time.sleep(every)
