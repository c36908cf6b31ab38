"""The tiles above the leaves' against those below them: each hash is the root of one."""

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
COUNTED: Final = "SELECT level, count(*) FROM ledger_tile WHERE log = %s GROUP BY 1"


def levels(log: UUID, size: int) -> list[Finding]:
    """What does not hold above the lowest level; that one is compared with the records (`scanning`)."""
    found: list[Finding] = []
    with connection.cursor() as cursor:
        cursor.execute(ABOVE, [log])
        for level, index, hashes, root, below in cursor.fetchall():
            if hashes != below or tile_root(bytes(hashes)) != bytes(root):
                position = index * TILE_WIDTH ** (level + 1)
                found.append(_differs(log, position, f"A tile at level {level} is not that of those below."))
        cursor.execute(COUNTED, [log])
        counted = dict(cursor.fetchall())
    level = 0
    while wanted := size >> TILE_HEIGHT * (level + 1):
        if counted.get(level, 0) != wanted:
            said = f"At level {level} there are {counted.get(level, 0):,} full tiles, not {wanted:,}."
            found.append(_differs(log, 0, said))
        level += 1
    return found


def _differs(log: UUID, position: int, said: str) -> Finding:
    return Finding("tile_differs", said, log, position)
