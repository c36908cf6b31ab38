"""Events that sequencing says it is done with, and that have no position all the same."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from governance.proof.findings import Finding
from governance.proof.querysets import INSTALLATION

SETTINGS: Final = """
    SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;
    SET LOCAL jit = off; SET LOCAL statement_timeout = 0
"""
# What was under way in the snapshot of which all is done is late and not withheld, however old it is; and of
# a database that came from another cluster, or was set back in this one, nothing is known to be done.
DONE: Final = """
    SELECT s.seen, pg_snapshot_xmin(s.seen::pg_snapshot)::text::bigint FROM ledger_sequencing s
    WHERE s.id = 1 AND s.seen IS NOT NULL
      AND s.cluster = (SELECT system_identifier::text FROM pg_control_system())
      AND pg_snapshot_xmax(s.seen::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot())
"""
# By index, so many events at most: where that ended, and of each log the last one without a position.
WITHHELD: Final = """
    WITH part AS MATERIALIZED (
        SELECT e.xid, e.id, e.at, coalesce(e.organisation, %(nobody)s) AS log FROM ledger_event e
        WHERE (e.xid, e.id) > (%(xid)s, %(id)s) ORDER BY e.xid, e.id LIMIT %(most)s
    ), without AS (
        SELECT part.* FROM part
        WHERE pg_visible_in_snapshot(part.xid::text::xid8, %(seen)s::pg_snapshot)
          AND NOT EXISTS (SELECT FROM ledger_entry p WHERE p.event = part.id)
    ), ending AS (
        SELECT xid, id, (SELECT count(*) FROM part) AS looked FROM part ORDER BY xid DESC, id DESC LIMIT 1
    )
    SELECT ending.xid, ending.id, ending.looked, found.* FROM ending LEFT JOIN (
        SELECT DISTINCT ON (log) log, id, at, count(*) OVER (PARTITION BY log) FROM without
        ORDER BY log, xid DESC, id DESC
    ) AS found ON true
"""


class Place(NamedTuple):
    """An event's place in the order of the index."""

    xid: int
    event: UUID


FIRST: Final = Place(0, INSTALLATION)


class Walk:
    """Goes through the events in rounds: a stretch of all of them, and each time what came since the last."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._at = FIRST
        self._settled: int | None = None

    def go(self) -> list[Finding]:
        """What is withheld among the next events, and among those since the last round; once per log."""
        settled = _settled()
        found: list[Finding] = []
        if self._settled is not None:
            found = withheld(Place(self._settled - 1, UUID(int=2**128 - 1)))[0]
        self._settled = settled
        older, ended = withheld(self._at, most=self._most)
        self._at = ended or FIRST
        logs = {finding.log for finding in found}
        return [*found, *(finding for finding in older if finding.log not in logs)]


def withheld(after: Place = FIRST, *, most: int | None = None) -> tuple[list[Finding], Place | None]:
    """One finding for each log of which events were passed over, naming the last; where the look ended.

    None for a look that came to the end. One statement: an event and its position are seen together.
    """
    rows = _looked_at(after, most)
    ended = Place(*rows[0][:2]) if rows and rows[0][2] == most else None
    return [_finding(*row[3:]) for row in rows if row[3]], ended


def _looked_at(after: Place, most: int | None) -> Sequence[tuple[Any, ...]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SETTINGS)
        cursor.execute(DONE)
        done = cursor.fetchone()
        if done is None:
            return []
        given = {"nobody": INSTALLATION, "seen": done[0], "xid": after.xid, "id": after.event, "most": most}
        cursor.execute(WITHHELD, given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _settled() -> int | None:
    """The transaction before which all were done."""
    with connection.cursor() as cursor:
        cursor.execute(DONE)
        done = cursor.fetchone()
    return done and int(done[1])


def _finding(log: UUID, event: UUID, at: datetime, many: int) -> Finding:
    said = f"{many:,} events were never sequenced, this one last: no checkpoint can hold them."
    if many == 1:
        said = "An event was never sequenced: no checkpoint can hold it."
    return Finding("withheld", said, log, event=event, at=at)
