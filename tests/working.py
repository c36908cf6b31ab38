"""How much work something is, on a machine that others slow down."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
GOES = 3


def least_work(deed: Callable[[], T], *, enough: float) -> tuple[T, float]:
    """What the deed returns, and the least processor seconds of three goes at most: of one, if it is enough.

    Whoever shares the processor's caches can double what a go takes, never halve it.
    """
    goes = []
    while True:
        began = time.thread_time()
        found = deed()
        goes.append(time.thread_time() - began)
        if goes[-1] < enough or len(goes) == GOES:
            return found, min(goes)
