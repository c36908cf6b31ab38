"""Tiles and their paths as C2SP tlog-tiles lays them out, and what is read of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.merkle.entries import bundle, records_of
from governance.merkle.errors import ProofInvalid
from governance.merkle.spans import consistency_spans, inclusion_spans, root_spans
from governance.merkle.tiles import (
    ENTRIES,
    Tile,
    consistency_proof,
    inclusion_proof,
    inclusion_proofs,
    needed,
    parse_tile_path,
    root,
    tile_path,
)
from governance.merkle.tree import EMPTY_ROOT, root_of, tile_root, verify_consistency, verify_inclusion
from tests.merkle.growing import MemoryTiles, leaves_of, mth

LARGE = 70_000  # the specification's own example: three levels
LEAVES = leaves_of(LARGE)
TILES = MemoryTiles(LEAVES)
ROOT = root_of(LEAVES)


def test_a_tree_of_seventy_thousand_has_the_tiles_of_the_specification() -> None:
    assert root(TILES, LARGE) == ROOT == mth(LEAVES)
    assert needed(root_spans(LARGE), LARGE) == {Tile(2, 0, 1), Tile(1, 1, 17), Tile(0, 273, 112)}
    assert root(TILES, 65_536) == tile_root(TILES(1, 0, 256))
    assert needed(root_spans(256), 256) == {Tile(1, 0, 1)}
    assert needed(root_spans(255), 255) == {Tile(0, 0, 255)}


def test_the_empty_tree_needs_no_tile() -> None:
    assert root(MemoryTiles([]), 0) == EMPTY_ROOT
    assert needed(root_spans(0), 0) == set()


@given(st.integers(1, LARGE), st.data())
def test_a_proof_reads_each_tile_that_it_needs_once_and_no_other(size: int, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(0, size))
    found = root(TILES, size)

    TILES.read.clear()
    verify_inclusion(LEAVES[position], position, size, inclusion_proof(TILES, position, size), found)
    assert sorted(TILES.read) == sorted(needed(inclusion_spans(position, size), size))

    TILES.read.clear()
    proof = consistency_proof(TILES, old, size)
    assert sorted(TILES.read) == sorted(needed(consistency_spans(old, size), size))
    verify_consistency(old, size, root(TILES, old), found, proof)


@given(st.integers(1, LARGE), st.data())
def test_proofs_of_many_are_those_of_each_and_read_each_tile_once(size: int, data: st.DataObject) -> None:
    positions = data.draw(st.lists(st.integers(0, size - 1), max_size=20))

    TILES.read.clear()
    proofs = inclusion_proofs(TILES, positions, size)

    spans = [span for position in positions for span in inclusion_spans(position, size)]
    assert sorted(TILES.read) == sorted(needed(spans, size))
    assert proofs == [inclusion_proof(TILES, position, size) for position in positions]


def test_what_lies_outside_the_tree_cannot_be_proven() -> None:
    for position, size in ((5, 5), (-1, 5), (0, 0), (0, 2**63)):
        with pytest.raises(ValueError, match=r"leaves are not within|no position"):
            inclusion_proof(TILES, position, size)
    with pytest.raises(ValueError, match="not within"):
        consistency_proof(TILES, 6, 5)


def test_a_tile_that_is_cut_off_proves_nothing() -> None:
    with pytest.raises(ProofInvalid, match=r"tile/0/000\.p/5"):
        inclusion_proof(lambda level, index, width: TILES(level, index, width)[:-1], 3, 5)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0, 256), "tile/0/000"),
        (Tile(0, 273, 112), "tile/0/273.p/112"),
        (Tile(1, 1_234_067, 256), "tile/1/x001/x234/067"),
        (Tile(63, 1000, 1), "tile/63/x001/000.p/1"),
        (Tile(ENTRIES, 5, 255), "tile/entries/005.p/255"),
        (Tile(ENTRIES, 999_999, 256), "tile/entries/x999/999"),
    ],
)
def test_a_path_and_its_tile_are_one_for_one(tile: Tile, path: str) -> None:
    assert tile_path(*tile) == path
    assert parse_tile_path(path) == tile


@given(st.integers(ENTRIES, 63), st.integers(0, 2**63), st.integers(1, 256))
def test_every_tile_is_found_again_by_its_path(level: int, index: int, width: int) -> None:
    assert parse_tile_path(tile_path(level, index, width)) == (level, index, width)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/x000/005",
        "tile/0/001/005",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/012",
        "tile/0/000\n",
        "/tile/0/000",
        "tile/0/../000",
        "tile/0/\u0660\u0660\u0660",
        "tile/entries",
        "tile/0/" + "x999/" * 7 + "999",
    ],
)
def test_a_path_in_another_form_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r"path of a tile|There is no tile"):
        parse_tile_path(path)


@given(st.text(alphabet="tile/0123456789x.pentrs", max_size=40))
def test_a_path_is_taken_only_if_it_is_what_would_be_written(path: str) -> None:
    try:
        tile = parse_tile_path(path)
    except ValueError:
        return
    assert tile_path(*tile) == path


@given(st.lists(st.binary(max_size=40), max_size=256))
def test_a_bundle_gives_its_records_back(records: list[bytes]) -> None:
    assert records_of(bundle(records)) == records


def test_a_bundle_is_lengths_and_records() -> None:
    assert bundle([b"ab", b""]) == b"\x00\x02ab\x00\x00"
    assert records_of(bundle([b"x" * 65_535])) == [b"x" * 65_535]
    with pytest.raises(OverflowError):
        bundle([b"x" * 65_536])


@pytest.mark.parametrize("content", [b"\x00", b"\x00\x02a", b"\x00\x01a\x01", bundle([b""] * 257)])
def test_a_bundle_that_is_cut_off_or_too_long_is_refused(content: bytes) -> None:
    with pytest.raises(ProofInvalid):
        records_of(content)
