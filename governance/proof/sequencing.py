"""Committed events get their positions, and the tree its tiles: several times a second, by one at a time."""

from typing import Final, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from governance.proof.frontier import Frontier, FullTile
from governance.proof.stored_tiles import frontier_of

MOST_AT_A_TIME: Final = 20_000
SEQUENCED: Final = """
    SELECT CASE WHEN s.reading IS NOT NULL THEN s.after_id END, f.log, f.first, f.leaves
    FROM ledger_sequencing s LEFT JOIN ledger_sequence(%s) AS f ON true WHERE s.id = 1
"""
KEEP: Final = "SELECT ledger_keep_tiles(%s, %s::smallint[], %s::bigint[], %s, %s)"
# By index, for which it is sorted: what came of transactions that were under way in `seen`, or since.
DUE: Final = """
    SELECT s.seen IS NULL OR s.reading IS NOT NULL
        OR s.cluster <> (SELECT system_identifier::text FROM pg_control_system())
        OR pg_snapshot_xmax(pg_current_snapshot())::text::bigint - x.most NOT BETWEEN 0 AND 10000
        OR (SELECT e.id FROM ledger_event e
            WHERE e.xid >= x.most AND e.xid < pg_snapshot_xmax(pg_current_snapshot())::text::bigint
            ORDER BY e.xid, e.id LIMIT 1) IS NOT NULL
        OR EXISTS (SELECT FROM pg_snapshot_xip(s.seen::pg_snapshot) AS open (xid) CROSS JOIN LATERAL (
            SELECT e.id FROM ledger_event e WHERE e.xid = open.xid::text::bigint
            ORDER BY e.xid, e.id LIMIT 1) AS found)
    FROM ledger_sequencing s
    CROSS JOIN LATERAL (SELECT pg_snapshot_xmax(s.seen::pg_snapshot)::text::bigint AS most) AS x
    WHERE s.id = 1
"""


class Grown(NamedTuple):
    """What a log grew by: the position of its first new event, and their leaf hashes."""

    log: UUID
    first: int
    leaves: list[bytes]


class Sequencer:
    """Remembers the right edge of each log between its rounds; everything else is in the database."""

    def __init__(self, *, most: int = MOST_AT_A_TIME) -> None:
        self._most = most
        self._edges: dict[UUID, Frontier] = {}
        self._mark: UUID | None = None

    def drain(self) -> int:
        """Sequence until nothing is left that was committed when this began; how many events it were.

        Nothing when another process is at it. Where nothing came, this is one statement.
        """
        if not _due():
            return 0
        total = 0
        before: UUID | None = None
        while True:
            count = self.step()
            total += count
            if not count and self._mark in {None, before}:
                return total
            before = self._mark  # a batch of which all had positions is no end

    def step(self) -> int:
        """One transaction: positions and the tiles that they complete come together or not at all."""
        edges: dict[UUID, Frontier] = {}
        with transaction.atomic(durable=True):
            self._mark, grown = _sequenced(self._most)
            tiles: list[tuple[UUID, FullTile]] = []
            for log, first, leaves in grown:
                edges[log], full = self._edge(log, first).grown(leaves)
                tiles += [(log, tile) for tile in full]
            _keep(tiles)
        self._edges |= edges
        return sum(len(found.leaves) for found in grown)

    def _edge(self, log: UUID, size: int) -> Frontier:
        """The log's right edge, from memory unless another process has sequenced meanwhile."""
        known = self._edges.get(log, Frontier())
        return known if known.size == size else frontier_of(log, size)


def sequence() -> int:
    """Give all committed events their positions; how many it were."""
    return Sequencer().drain()


def _sequenced(most: int) -> tuple[UUID | None, list[Grown]]:
    """Where a backlog that goes on stood before, and what the logs grew by."""
    with connection.cursor() as cursor:
        cursor.execute(SEQUENCED, [most])
        rows = cursor.fetchall()
    grown = [Grown(log, first, [bytes(leaf) for leaf in leaves]) for _, log, first, leaves in rows if log]
    return rows[0][0], grown


def _due() -> bool:
    """Whether `ledger_sequence` would have something to do."""
    with connection.cursor() as cursor:
        cursor.execute(DUE)
        return bool(cursor.fetchone()[0])


def _keep(tiles: list[tuple[UUID, FullTile]]) -> None:
    if tiles:
        columns = [(log, tile.level, tile.number, tile.root, tile.hashes) for log, tile in tiles]
        with connection.cursor() as cursor:
            cursor.execute(KEEP, [list(column) for column in zip(*columns, strict=True)])
