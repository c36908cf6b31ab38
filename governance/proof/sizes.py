"""How large the logs are: one look-up by index each, whatever their size."""

from typing import Final
from uuid import UUID

from django.db import connection

SIZE: Final = "SELECT coalesce(max(position), -1) + 1 FROM ledger_entry WHERE log = %s"
# From one log to the next by index, and of each the largest.
BY_LOG: Final = """
    WITH RECURSIVE known (log) AS (
        (SELECT log FROM {table} ORDER BY log LIMIT 1)
        UNION ALL
        SELECT (SELECT t.log FROM {table} t WHERE t.log > k.log ORDER BY t.log LIMIT 1)
        FROM known k WHERE k.log IS NOT NULL
    )
    SELECT k.log, (SELECT max({size}) + {more} FROM {table} t WHERE t.log = k.log)
    FROM known k WHERE k.log IS NOT NULL
"""
SIZES: Final = BY_LOG.format(table="ledger_entry", size="t.position", more=1)
SIGNED: Final = BY_LOG.format(table="ledger_checkpoint", size="t.size", more=0)


def signed_sizes() -> dict[UUID, int]:
    """Over how many entries each log was signed last. Who compares asks before `sizes`, which only grow."""
    with connection.cursor() as cursor:
        cursor.execute(SIGNED)
        return dict(cursor.fetchall())


def size_of(log: UUID) -> int:
    """How many events have a position in the log."""
    with connection.cursor() as cursor:
        cursor.execute(SIZE, [log])
        return int(cursor.fetchone()[0])


def sizes() -> dict[UUID, int]:
    """The size of every log that has an event."""
    with connection.cursor() as cursor:
        cursor.execute(SIZES)
        return dict(cursor.fetchall())
