"""The tiles of a log, as its rows say them: full ones are stored, the others follow from what is below."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from uuid import UUID

from django.db import connection

from governance.merkle.errors import ProofInvalid
from governance.merkle.spans import Span
from governance.merkle.tiles import TILE_WIDTH, Tile, needed
from governance.proof.frontier import Frontier, widths

LEAVES: Final = """
    SELECT e.leaf FROM ledger_entry t JOIN ledger_event e ON e.id = t.event
    WHERE t.log = %s AND t.position >= %s AND t.position < %s ORDER BY t.position
"""
ROOTS: Final = """
    SELECT root FROM ledger_tile WHERE log = %s AND level = %s AND index >= %s AND index < %s ORDER BY index
"""
HASHES: Final = """
    SELECT level, index, hashes FROM ledger_tile
    WHERE (log, level, index) IN (SELECT %s, * FROM unnest(%s::smallint[], %s::bigint[]))
"""
FULL_TILES_KEPT: Final = 4096  # they never change


class StoredTiles:
    """Where proofs read a log's tiles; full ones are kept by the process, the others by this object."""

    def __init__(self, log: UUID) -> None:
        self._log = log
        self._read: dict[Tile, bytes] = {}

    def __call__(self, level: int, index: int, width: int, /) -> bytes:
        """The tile's first hashes. Raises `ProofInvalid` when the rows below it are not all there."""
        tile = Tile(level, index, width)
        if tile not in self._read:
            self._read[tile] = self._full(tile) if width == TILE_WIDTH else part_of(self._log, tile)
        return self._read[tile]

    def fetch(self, spans: Iterable[Span], size: int) -> "StoredTiles":
        """Read all full tiles of these parts of the tree in one query, before they are asked for."""
        full = [tile for tile in needed(spans, size) if tile.width == TILE_WIDTH and tile not in self._read]
        if len(full) > 1:
            self._read |= stored(self._log, full)
        return self

    def _full(self, tile: Tile) -> bytes:
        return _kept(str(connection.settings_dict["NAME"]), self._log, tile)


@lru_cache(maxsize=FULL_TILES_KEPT)
def _kept(database: str, log: UUID, tile: Tile) -> bytes:
    found = stored(log, [tile])
    if tile not in found:
        raise ProofInvalid(f"The tile {tile.level}/{tile.number} of the log is not there.")
    return found[tile]


def stored(log: UUID, tiles: Iterable[Tile]) -> dict[Tile, bytes]:
    """Those of these full tiles that are stored."""
    wanted = list(tiles)
    with connection.cursor() as cursor:
        cursor.execute(HASHES, [log, [tile.level for tile in wanted], [tile.number for tile in wanted]])
        return {Tile(level, index, TILE_WIDTH): bytes(hashes) for level, index, hashes in cursor.fetchall()}


def part_of(log: UUID, tile: Tile) -> bytes:
    """A tile's first hashes from what is below it: the events' leaves, or the roots of the full tiles."""
    first = tile.number * TILE_WIDTH
    end = first + tile.width
    statement, given = (LEAVES, [log]) if tile.level == 0 else (ROOTS, [log, tile.level - 1])
    with connection.cursor() as cursor:
        cursor.execute(statement, [*given, first, end])
        found = [bytes(row[0]) for row in cursor.fetchall()]
    if len(found) != tile.width:
        raise ProofInvalid(f"Below the tile {tile.level}/{tile.number} of the log, rows are missing.")
    return b"".join(found)


def frontier_of(log: UUID, size: int) -> Frontier:
    """The right edge of the log's first `size` leaves, from its rows. Raises `ProofInvalid`."""
    edges = [part_of(log, Tile(*place)) if place[2] else b"" for place in widths(size)]
    return Frontier(size, tuple(edges))
