"""Records hashed anew, as they stand now, against what was made of them when they were sequenced."""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from django.db import connection

from governance.merkle.tree import leaf_hash
from governance.proof.findings import Altered, Finding
from governance.proof.frontier import Frontier

AT_A_TIME: Final = 10_000
RECORDS: Final = """
    SELECT p.position, p.event, e.record, e.leaf, e.at
    FROM ledger_entry p LEFT JOIN ledger_event e ON e.id = p.event
    WHERE p.log = %s AND p.position >= %s AND p.position < %s ORDER BY p.position
"""


def rehashed(log: UUID, edge: Frontier, size: int) -> Frontier:
    """The tree's right edge at `size`, grown from `edge` by the records between, each hashed anew.

    Raises `Altered` with the first that is missing or is not what its leaf says.
    """
    while edge.size < size:
        until = min(edge.size + AT_A_TIME, size)
        edge, _ = edge.grown([*_leaves(log, edge.size, until)])
    return edge


def _leaves(log: UUID, first: int, end: int) -> Iterator[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(RECORDS, [log, first, end])
        rows = cursor.fetchall()
    for expected, (position, event, record, leaf, at) in enumerate(rows, start=first):
        if position != expected or record is None:
            raise Altered(missing(log, expected, event if position == expected else None))
        found = leaf_hash(bytes(record))
        if found != bytes(leaf):
            raise Altered(
                Finding("record_altered", "A record is not what was hashed.", log, position, event, at)
            )
        yield found
    if first + len(rows) < end:
        raise Altered(missing(log, first + len(rows), None))


def missing(log: UUID, position: int, event: UUID | None) -> Finding:
    """The finding that an entry, or the event of one, is gone."""
    if event is None:
        return Finding("entry_missing", "An entry of the log is missing.", log, position)
    return Finding("event_missing", "The event of an entry is missing.", log, position, event)
