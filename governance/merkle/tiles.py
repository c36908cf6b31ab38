"""Roots and proofs from tiles, the stored form of the tree (C2SP tlog-tiles, https://c2sp.org/tlog-tiles).

The tile at `level` and `index` is up to 256 concatenated hashes, each over 256^level leaves, 8,192 bytes when
full. A tile that is not full is its own earlier form continued, so any earlier size is a prefix.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, Protocol

from governance.merkle.errors import ProofInvalid
from governance.merkle.spans import Span, consistency_spans, inclusion_spans, root_spans, subtrees
from governance.merkle.tree import EMPTY_ROOT, HASH_BYTES, node_hash, tile_root

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 256
ENTRIES: Final = -1  # in place of a level: the bundle of the records below the tile of level 0
HIGHEST_LEVEL: Final = 63
TILE_PATH: Final = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([0-9]{1,3}))?")


class Tile(NamedTuple):
    """Where a tile stands (its level, and its index as `number`), and how many hashes it has (1 to 256)."""

    level: int
    number: int
    width: int


class Tiles(Protocol):
    """Where tiles are read from: a store, a server, a test's memory."""

    def __call__(self, level: int, index: int, width: int, /) -> bytes:
        """The first `width` hashes of the tile, concatenated."""
        ...


def root(tiles: Tiles, size: int) -> bytes:
    """The root of the tree's first `size` leaves."""
    found = _hashes(tiles, root_spans(size), size)
    return found[0] if found else EMPTY_ROOT


def inclusion_proof(tiles: Tiles, position: int, size: int) -> list[bytes]:
    """What `verify_inclusion` wants for a leaf's position. Raises `ValueError` for one outside the tree."""
    return inclusion_proofs(tiles, [position], size)[0]


def inclusion_proofs(tiles: Tiles, positions: Sequence[int], size: int) -> list[list[bytes]]:
    """The same for many leaves: what their ways to the root share is computed once."""
    ways = [inclusion_spans(position, size) for position in positions]
    wanted = list(dict.fromkeys(span for way in ways for span in way))
    known = dict(zip(wanted, _hashes(tiles, wanted, size), strict=True))
    return [[known[span] for span in way] for way in ways]


def consistency_proof(tiles: Tiles, old: int, new: int) -> list[bytes]:
    """What `verify_consistency` wants for two sizes. Raises `ValueError` when `old` is larger than `new`."""
    return _hashes(tiles, consistency_spans(old, new), new)


def needed(spans: Iterable[Span], size: int) -> set[Tile]:
    """The tiles that these parts of a tree of `size` are read from, so that one query fetches them all."""
    return {_place(height, index, size)[0] for span in spans for height, index in subtrees(span)}


def tile_path(level: int, index: int, width: int) -> str:
    """The path of a tile below its log's prefix, of the records' bundle where `level` is `ENTRIES`.

    Raises `ValueError` for what the format cannot say.
    """
    if not (ENTRIES <= level <= HIGHEST_LEVEL and 0 <= index < 10**21 and 1 <= width <= TILE_WIDTH):
        raise ValueError(f"There is no tile at level {level}, index {index}, width {width}.")
    groups = [f"{index % 1000:03}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03}")
    part = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{'entries' if level == ENTRIES else level}/{'/'.join(reversed(groups))}{part}"


def parse_tile_path(text: str) -> Tile:
    """The tile that a path names, in its one form only. Raises `ValueError` for anything else."""
    if not (found := TILE_PATH.fullmatch(text)):
        raise ValueError("This is not the path of a tile.")
    level, index, width = found.groups()
    tile = Tile(
        level=ENTRIES if level == "entries" else int(level),
        number=int(index.replace("/", "").replace("x", "")),
        width=int(width) if width else TILE_WIDTH,
    )
    if tile_path(*tile) != text:
        raise ValueError("This is not the one path of a tile.")
    return tile


def _hashes(tiles: Tiles, spans: Iterable[Span], size: int) -> list[bytes]:
    """The hash of each span; a tile is read once however many of its hashes are wanted."""
    read: dict[Tile, bytes] = {}
    return [_span_hash(tiles, span, size, read) for span in spans]


def _span_hash(tiles: Tiles, span: Span, size: int, read: dict[Tile, bytes]) -> bytes:
    parts = [_subtree_hash(tiles, height, index, size, read) for height, index in subtrees(span)]
    found = parts.pop()
    while parts:
        found = node_hash(parts.pop(), found)
    return found


def _subtree_hash(tiles: Tiles, height: int, index: int, size: int, read: dict[Tile, bytes]) -> bytes:
    tile, offset, count = _place(height, index, size)
    if tile not in read:
        read[tile] = tiles(*tile)
        if len(read[tile]) != tile.width * HASH_BYTES:
            raise ProofInvalid(
                f"The tile {tile_path(*tile)} has {len(read[tile]):,} bytes, not {tile.width * HASH_BYTES:,}."
            )
    return tile_root(read[tile][offset * HASH_BYTES : (offset + count) * HASH_BYTES])


def _place(height: int, index: int, size: int) -> tuple[Tile, int, int]:
    """The tile above whose hashes a complete subtree stands, the first of them and how many they are."""
    level, above = divmod(height, TILE_HEIGHT)
    first = index << above
    number, offset = divmod(first, TILE_WIDTH)
    width = min(TILE_WIDTH, (size >> TILE_HEIGHT * level) - number * TILE_WIDTH)
    return Tile(level, number, width), offset, 1 << above
