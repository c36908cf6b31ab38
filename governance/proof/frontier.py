"""The right edge of a growing tree: what is not yet in a full tile, level by level."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from governance.merkle.tiles import TILE_HEIGHT, TILE_WIDTH
from governance.merkle.tree import EMPTY_ROOT, HASH_BYTES, tile_root

TILE_BYTES: Final = TILE_WIDTH * HASH_BYTES


class FullTile(NamedTuple):
    """A tile that has become full: where it stands, its root and its hashes."""

    level: int
    number: int
    root: bytes
    hashes: bytes


@dataclass(frozen=True, slots=True)
class Frontier:
    """The hashes at each level that no full tile holds yet, concatenated, the leaves' first; and the size."""

    size: int = 0
    edges: tuple[bytes, ...] = ()

    def grown(self, leaves: Sequence[bytes]) -> tuple["Frontier", list[FullTile]]:
        """The edge after these leaf hashes, and the tiles that have become full, the lower ones first."""
        size = self.size + len(leaves)
        added, above = b"".join(leaves), list(self.edges)
        edges: list[bytes] = []
        full: list[FullTile] = []
        while added or above:
            row = (above.pop(0) if above else b"") + added
            level, whole = len(edges), len(row) // TILE_BYTES
            first = (size >> TILE_HEIGHT * (level + 1)) - whole
            made = [_tile(level, first + at, _part(row, at)) for at in range(whole)]
            full += made
            edges.append(row[whole * TILE_BYTES :])
            added = b"".join(tile.root for tile in made)
        return Frontier(size, tuple(edges)), full

    def root(self) -> bytes:
        """The root over everything up to here."""
        found = b""
        for edge in self.edges:
            if row := edge + found:
                found = tile_root(row)
        return found or EMPTY_ROOT


def widths(size: int) -> Iterable[tuple[int, int, int]]:
    """Of each level of a tree of this size: the level, the tile at its edge, and how many hashes it holds."""
    level = 0
    while here := size >> TILE_HEIGHT * level:
        yield level, here // TILE_WIDTH, here % TILE_WIDTH
        level += 1


def _part(row: bytes, at: int) -> bytes:
    return row[at * TILE_BYTES : (at + 1) * TILE_BYTES]


def _tile(level: int, number: int, hashes: bytes) -> FullTile:
    return FullTile(level, number, tile_root(hashes), hashes)
