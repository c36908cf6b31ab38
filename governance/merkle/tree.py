"""The Merkle tree of RFC 6962, section 2.1: hashes of leaves, of nodes and of whole trees, and both proofs.

Every hash is the 32 bytes of a SHA-256. Positions count from 0; a size is a number of leaves, below 2^63 as
in C2SP's formats. A proof lists its hashes from the leaf's side to the root's.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

from governance.merkle.errors import ProofInvalid

HASH_BYTES: Final = 32
LEAF_PREFIX: Final = b"\x00"
NODE_PREFIX: Final = b"\x01"
EMPTY_ROOT: Final = sha256(b"").digest()
LARGEST_SIZE: Final = 2**63 - 1


def leaf_hash(record: bytes) -> bytes:
    """The leaf of these bytes: SHA-256(0x00 || record). The prefix keeps an inner node from being one."""
    return sha256(LEAF_PREFIX + record).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The node above two hashes: SHA-256(0x01 || left || right)."""
    return sha256(NODE_PREFIX + left + right).digest()


def tile_root(hashes: bytes) -> bytes:
    """The root over these concatenated hashes, one at least. Raises `ValueError` for a part of one.

    Two neighbours become one, and the last of an odd row goes up as it is: the same tree as the recursive
    definition's, whose left part is the largest power of two.
    """
    if not hashes or len(hashes) % HASH_BYTES:
        raise ValueError(f"{len(hashes):,} bytes are no row of hashes.")
    row = hashes
    while len(row) > HASH_BYTES:
        pairs = range(0, len(row) - HASH_BYTES, 2 * HASH_BYTES)
        above = b"".join([sha256(NODE_PREFIX + row[at : at + 2 * HASH_BYTES]).digest() for at in pairs])
        row = above + row[len(above) * 2 :]
    return row


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over these leaf hashes, SHA-256 of nothing when there are none. Holds them all in memory."""
    row = list(leaves)
    if any(len(leaf) != HASH_BYTES for leaf in row):
        raise ValueError("A leaf hash has 32 bytes.")
    return tile_root(b"".join(row)) if row else EMPTY_ROOT


def verify_inclusion(leaf: bytes, position: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """The leaf hash stands at `position` of the tree with this size and root, or `ProofInvalid` is raised.

    The way is RFC 9162's, section 2.1.3.2; neither a missing nor a spare hash passes.
    """
    if not 0 <= position < size <= LARGEST_SIZE:
        raise ProofInvalid(f"There is no position {position:,} in a tree of {size:,}.")
    _check_hashes(leaf, root, *proof)
    node, last, found = position, size - 1, leaf
    for sibling in proof:
        if not last:
            raise ProofInvalid("The inclusion proof has more hashes than the tree has levels there.")
        if node & 1 or node == last:
            found = node_hash(sibling, found)
            node, last = _climbed(node, last)
        else:
            found = node_hash(found, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofInvalid("The inclusion proof has fewer hashes than the tree has levels there.")
    if found != root:
        raise ProofInvalid("The inclusion proof leads to another root.")


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """The tree of `new` leaves begins with the tree of `old`, unchanged, or `ProofInvalid` is raised.

    The way is RFC 9162's, section 2.1.4.2. Where nothing needs a proof it must be empty: from a tree to
    itself, and from the empty tree, whose root must be SHA-256 of nothing (C2SP tlog-witness).
    """
    if not 0 <= old <= new <= LARGEST_SIZE:
        raise ProofInvalid(f"A tree of {new:,} does not continue one of {old:,}.")
    _check_hashes(old_root, new_root, *proof)
    if old in {0, new}:
        _check_unproven(old, new, old_root, new_root, proof)
        return
    # The old tree is one whole node of the new when its size is a power of two: its root is known then.
    hashes = [old_root, *proof] if old & (old - 1) == 0 else [*proof]
    if not proof:
        raise ProofInvalid("The consistency proof is empty.")
    if _roots_shown(old, new, hashes) != (old_root, new_root):
        raise ProofInvalid("The consistency proof leads to other roots.")


def _check_unproven(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    if proof:
        raise ProofInvalid("The consistency proof has hashes where none is needed.")
    if old == 0 and old_root != EMPTY_ROOT:
        raise ProofInvalid("The root of the empty tree is SHA-256 of nothing.")
    if old == new and old_root != new_root:
        raise ProofInvalid("Two trees of the same size have different roots.")


def _roots_shown(old: int, new: int, hashes: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The old and the new root to which these hashes lead."""
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = hashes[0]
    for sibling in hashes[1:]:
        if not last:
            raise ProofInvalid("The consistency proof has more hashes than the trees have levels there.")
        if node & 1 or node == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            node, last = _climbed(node, last)
        else:
            second = node_hash(second, sibling)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofInvalid("The consistency proof has fewer hashes than the trees have levels there.")
    return first, second


def _climbed(node: int, last: int) -> tuple[int, int]:
    """Past the levels at which the node at the right edge has no sibling and goes up as it is."""
    while node and not node & 1:
        node, last = node >> 1, last >> 1
    return node, last


def _check_hashes(*hashes: bytes) -> None:
    if any(len(found) != HASH_BYTES for found in hashes):
        raise ProofInvalid("A hash has 32 bytes.")
