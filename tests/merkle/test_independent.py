"""Another implementation builds the same tree (pymerkle), and each verifies what the other proves."""

from pymerkle import InmemoryTree, verify_consistency
from pymerkle import verify_inclusion as verified_there

from governance.merkle.tiles import inclusion_proof, root
from governance.merkle.tree import leaf_hash, verify_inclusion
from tests.merkle.growing import MemoryTiles

RECORDS = [b"record %d" % number for number in range(600)]
SIZES = [*range(1, 20), 31, 32, 33, 255, 256, 257, 511, 512, 513, 600]


def test_roots_and_inclusion_proofs_are_the_same_hash_for_hash() -> None:
    there = InmemoryTree(algorithm="sha256")
    there.append_entries(RECORDS)
    tiles = MemoryTiles([leaf_hash(record) for record in RECORDS])

    for size in SIZES:
        assert root(tiles, size) == there.get_root(size)
        for position in {0, size // 3, size // 2, size - 1}:
            proof = there.prove_inclusion(position + 1, size)
            own = inclusion_proof(tiles, position, size)
            assert own == proof.path[1:]  # the first there is the leaf itself
            verify_inclusion(leaf_hash(RECORDS[position]), position, size, proof.path[1:], root(tiles, size))
            verified_there(leaf_hash(RECORDS[position]), root(tiles, size), proof)


def test_our_roots_are_consistent_by_proofs_made_there() -> None:
    there = InmemoryTree(algorithm="sha256")
    there.append_entries(RECORDS)
    tiles = MemoryTiles([leaf_hash(record) for record in RECORDS])

    for new in SIZES:
        for old in {1, new // 2, new - 1, new} - {0}:
            verify_consistency(root(tiles, old), root(tiles, new), there.prove_consistency(old, new))
