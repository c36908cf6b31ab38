"""Hashes and proofs of RFC 6962: the published ones come out, and nothing else passes."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.merkle.errors import ProofInvalid
from governance.merkle.tiles import consistency_proof, inclusion_proof
from governance.merkle.tree import (
    EMPTY_ROOT,
    leaf_hash,
    node_hash,
    root_of,
    tile_root,
    verify_consistency,
    verify_inclusion,
)
from tests.merkle.growing import MemoryTiles, leaves_of, mth
from tests.merkle.vectors import CONSISTENCY, INCLUSION, LEAVES, ROOTS

MOST = 600
GROWN = leaves_of(MOST)
TILES = MemoryTiles(GROWN)
ROOT = [mth(GROWN[:size]) for size in range(MOST + 1)]
SIZES = st.integers(1, MOST)


def test_the_published_roots_come_out_at_every_size() -> None:
    hashes = [leaf_hash(leaf) for leaf in LEAVES]

    assert [root_of(hashes[:size]) for size in range(9)] == ROOTS
    assert ROOTS[0] == EMPTY_ROOT


def test_a_root_is_the_one_of_the_recursive_definition() -> None:
    assert [root_of(GROWN[:size]) for size in range(MOST + 1)] == ROOT


@pytest.mark.parametrize(("position", "size"), INCLUSION)
def test_the_published_inclusion_proofs_verify(position: int, size: int) -> None:
    proof = [bytes.fromhex(text) for text in INCLUSION[position, size]]

    verify_inclusion(leaf_hash(LEAVES[position]), position, size, proof, ROOTS[size])

    assert inclusion_proof(MemoryTiles([leaf_hash(leaf) for leaf in LEAVES]), position, size) == proof
    with pytest.raises(ProofInvalid):
        verify_inclusion(leaf_hash(LEAVES[position - 1]), position, size, proof, ROOTS[size])


@pytest.mark.parametrize(("old", "new"), CONSISTENCY)
def test_the_published_consistency_proofs_verify(old: int, new: int) -> None:
    proof = [bytes.fromhex(text) for text in CONSISTENCY[old, new]]

    verify_consistency(old, new, ROOTS[old], ROOTS[new], proof)

    assert consistency_proof(MemoryTiles([leaf_hash(leaf) for leaf in LEAVES]), old, new) == proof
    with pytest.raises(ProofInvalid):
        verify_consistency(old, new, ROOTS[old - 1], ROOTS[new], proof)


def test_an_inner_node_passes_for_no_leaf() -> None:
    first = node_hash(GROWN[0], GROWN[1])

    verify_inclusion(GROWN[0], 0, 4, [GROWN[1], mth(GROWN[2:4])], ROOT[4])
    with pytest.raises(ProofInvalid):
        verify_inclusion(first, 0, 4, [mth(GROWN[2:4])], ROOT[4])
    assert leaf_hash(GROWN[0] + GROWN[1]) != first


def test_every_position_of_every_size_is_proven_at_the_edges_of_tiles() -> None:
    sizes = [*range(1, 34), 63, 64, 65, 127, 128, 129, 255, 256, 257, 258, 511, 512, 513, MOST]
    for size in sizes:
        for position in range(size):
            proof = inclusion_proof(TILES, position, size)
            verify_inclusion(GROWN[position], position, size, proof, ROOT[size])
            assert len(proof) <= (size - 1).bit_length()


def test_every_tree_is_consistent_with_what_it_grew_from() -> None:
    for new in [*range(34), 64, 65, 127, 128, 255, 256, 257, 511, 512, 513, MOST]:
        for old in range(new + 1):
            verify_consistency(old, new, ROOT[old], ROOT[new], consistency_proof(TILES, old, new))


@given(SIZES, st.data())
def test_an_inclusion_proof_with_anything_changed_is_refused(size: int, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(TILES, position, size)
    leaf, found = GROWN[position], ROOT[size]

    for wrong in spoilt(proof):
        with pytest.raises(ProofInvalid):
            verify_inclusion(leaf, position, size, wrong, found)
    other = data.draw(st.integers(-1, MOST).filter(lambda at: at != position))
    with pytest.raises(ProofInvalid):
        verify_inclusion(leaf, other, size, proof, found)
    with pytest.raises(ProofInvalid):
        verify_inclusion(flipped(leaf), position, size, proof, found)
    with pytest.raises(ProofInvalid):
        verify_inclusion(leaf, position, size, proof, flipped(found))


@given(SIZES, st.data())
def test_a_proof_for_another_size_is_refused_or_leads_to_the_same_shape(
    size: int, data: st.DataObject
) -> None:
    """A leaf's path may have the same turns in trees of different sizes: the root then tells them apart."""
    position = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, MOST).filter(lambda found: found != size))
    proof = inclusion_proof(TILES, position, size)

    with pytest.raises(ProofInvalid):
        verify_inclusion(GROWN[position], position, other, proof, ROOT[other])


@given(SIZES, SIZES, st.data())
def test_a_consistency_proof_with_anything_changed_is_refused(
    one: int, another: int, data: st.DataObject
) -> None:
    old, new = sorted((one, another))
    proof = consistency_proof(TILES, old, new)

    for wrong in spoilt(proof):
        with pytest.raises(ProofInvalid):
            verify_consistency(old, new, ROOT[old], ROOT[new], wrong)
    with pytest.raises(ProofInvalid):
        verify_consistency(old, new, flipped(ROOT[old]), ROOT[new], proof)
    with pytest.raises(ProofInvalid):
        verify_consistency(old, new, ROOT[old], flipped(ROOT[new]), proof)
    other = data.draw(st.integers(0, MOST).filter(lambda size: size != old))
    with pytest.raises(ProofInvalid):
        verify_consistency(other, new, ROOT[old], ROOT[new], proof)


@given(st.integers(2, MOST), st.data())
def test_a_tree_with_an_earlier_leaf_changed_is_not_consistent(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new - 1))
    at = data.draw(st.integers(0, old - 1))
    rewritten = [*GROWN[:at], flipped(GROWN[at]), *GROWN[at + 1 : new]]

    with pytest.raises(ProofInvalid):
        verify_consistency(
            old, new, ROOT[old], mth(rewritten), consistency_proof(MemoryTiles(rewritten), old, new)
        )


def test_from_the_empty_tree_every_tree_follows_without_a_proof() -> None:
    verify_consistency(0, 7, EMPTY_ROOT, ROOT[7], [])

    with pytest.raises(ProofInvalid):
        verify_consistency(0, 7, ROOT[1], ROOT[7], [])
    with pytest.raises(ProofInvalid):
        verify_consistency(0, 7, EMPTY_ROOT, ROOT[7], [ROOT[1]])
    with pytest.raises(ProofInvalid):
        verify_consistency(8, 7, ROOT[8], ROOT[7], [])


def test_a_proof_has_as_many_hashes_as_the_tree_has_levels_whatever_root_it_leads_to() -> None:
    spare = bytes(32)
    proof, longer = inclusion_proof(TILES, 5, 8), consistency_proof(TILES, 6, 8)

    with pytest.raises(ProofInvalid, match="more hashes"):
        verify_inclusion(GROWN[5], 5, 8, [*proof, spare], node_hash(spare, ROOT[8]))
    with pytest.raises(ProofInvalid, match="fewer hashes"):
        verify_inclusion(GROWN[5], 5, 8, proof[:-1], mth(GROWN[4:8]))
    with pytest.raises(ProofInvalid, match="more hashes"):
        verify_consistency(6, 8, node_hash(spare, ROOT[6]), node_hash(spare, ROOT[8]), [*longer, spare])
    with pytest.raises(ProofInvalid, match="fewer hashes"):
        verify_consistency(6, 8, mth(GROWN[4:6]), mth(GROWN[4:8]), longer[:-1])


def test_bytes_are_not_shifted_from_one_hash_to_its_neighbour() -> None:
    """The two of a node are hashed one behind the other: only their lengths keep them apart."""
    left, right = GROWN[0] + GROWN[1][:1], GROWN[1][1:]
    assert node_hash(left, right) == ROOT[2]

    with pytest.raises(ProofInvalid, match="32 bytes"):
        verify_inclusion(left, 0, 2, [right], ROOT[2])
    with pytest.raises(ProofInvalid, match="32 bytes"):
        verify_consistency(1, 2, left, ROOT[2], [right])


def test_only_whole_hashes_are_hashes() -> None:
    for row in (b"", b"x" * 31, b"x" * 33):
        with pytest.raises(ValueError, match="row of hashes"):
            tile_root(row)
    with pytest.raises(ValueError, match="32 bytes"):
        root_of([b"x" * 31, b"x" * 33])
    with pytest.raises(ProofInvalid):
        verify_inclusion(GROWN[0], 0, 2, [GROWN[1][:31]], ROOT[2])


def flipped(found: bytes) -> bytes:
    """The hash with one bit changed."""
    return bytes([found[0] ^ 1]) + found[1:]


def spoilt(proof: list[bytes]) -> list[list[bytes]]:
    """The proof with each hash flipped, missing, and doubled, and with a spare one at either end."""
    at = random.Random(len(proof)).randrange(len(proof)) if proof else None  # noqa: S311 - no secret
    spare = bytes(32)
    wrong = [[spare, *proof], [*proof, spare]]
    for index in range(len(proof)):
        wrong.append([*proof[:index], flipped(proof[index]), *proof[index + 1 :]])
        wrong.append([*proof[:index], *proof[index + 1 :]])
        wrong.append([*proof[: index + 1], *proof[index:]])
    if at is not None and len(proof) > 1 and proof[at] != proof[at - 1]:
        swapped = [*proof]
        swapped[at], swapped[at - 1] = proof[at - 1], proof[at]
        wrong.append(swapped)
    return wrong
