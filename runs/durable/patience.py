"""Waiting for a database that is away."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

from django.db import connection

from runs.durable.statements import CONNECTION_ERRORS

T = TypeVar("T")
PATIENCE_SECONDS: Final = (0.2, 0.5, 1.0, 2.0, 4.0)


def patiently(ask: Callable[[], T]) -> T:
    """What it answers, tried again while it is away; in a transaction that is the caller's to do.

    Raises `DATABASE_ERRORS` when it stays away, or is there and refuses.
    """
    for patience in PATIENCE_SECONDS:
        try:
            return ask()
        except CONNECTION_ERRORS:
            if connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(patience)
    return ask()
