"""Holding a worker in the middle of a statement: by a lock on a table that it needs."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tests.harness.fresh import FreshDatabase
from tests.waiting import wait_until

WAITS_FOR_A_LOCK = (
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@contextmanager
def locked(database: FreshDatabase, table: str) -> Iterator[psycopg.Connection]:
    """Whoever wants to read or write the table waits within the block."""
    with database.connect("owner") as owner, owner.transaction():
        owner.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield owner


def somebody_waits(database: FreshDatabase) -> None:
    with database.connect() as looker:
        wait_until(lambda: looker.execute(WAITS_FOR_A_LOCK).rowcount == 1, "somebody waits for the lock")
