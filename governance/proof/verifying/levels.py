"""The tiles above the leaves' against those below them: each hash is the root of one."""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from django.db import connection

from governance.merkle.tiles import TILE_HEIGHT, TILE_WIDTH
from governance.merkle.tree import tile_root
from governance.proof.findings import Finding

ABOVE: Final = """
    SELECT t.level, t.index, t.hashes, t.root, (
        SELECT string_agg(b.root, '' ORDER BY b.index) FROM ledger_tile b
        WHERE b.log = t.log AND b.level = t.level - 1
          AND b.index >= t.index * 256 AND b.index < (t.index + 1) * 256
    ) FROM ledger_tile t WHERE t.log = %s AND t.level > 0 ORDER BY t.level, t.index
"""
# Of the tree as it stood when its size was asked: sequencing goes on meanwhile, and completes more tiles.
COUNTED: Final = """
    SELECT level, count(*) FROM ledger_tile
    WHERE log = %s AND index < %s::bigint >> 8 * (level + 1) GROUP BY 1
"""
FIRST_GAP: Final = """
    SELECT g FROM generate_series(0, %s::bigint - 1) AS g
    WHERE NOT EXISTS (SELECT FROM ledger_tile t WHERE t.log = %s AND t.level = %s AND t.index = g) LIMIT 1
"""


def levels(log: UUID, size: int) -> list[Finding]:
    """What does not hold above the lowest level; that one is compared with the records (`scanning`)."""
    found: list[Finding] = []
    with connection.cursor() as cursor:
        cursor.execute(ABOVE, [log])
        for level, index, hashes, root, below in cursor.fetchall():
            if hashes != below or tile_root(bytes(hashes)) != bytes(root):
                position = index * TILE_WIDTH ** (level + 1)
                found.append(_differs(log, position, f"A tile at level {level} is not that of those below."))
    return [*found, *_gaps(log, size)]


def _gaps(log: UUID, size: int) -> Iterator[Finding]:
    """Of each level, the first full tile that is not there; a later loss is another finding."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, [log, size])
        counted = dict(cursor.fetchall())
        level = 0
        while wanted := size >> TILE_HEIGHT * (level + 1):
            if (there := counted.get(level, 0)) != wanted:
                cursor.execute(FIRST_GAP, [wanted, log, level])
                position = cursor.fetchone()[0] * TILE_WIDTH ** (level + 1)
                said = f"At level {level} there are {there:,} full tiles, not {wanted:,}."
                yield _differs(log, position, said)
            level += 1


def _differs(log: UUID, position: int, said: str) -> Finding:
    return Finding("tile_differs", said, log, position)
