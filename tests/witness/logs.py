"""Logs in memory that ask a witness, honest ones and those that show two faces."""

from functools import cached_property
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from governance.merkle.asking import written
from governance.merkle.note import Note, sign
from governance.merkle.tiles import consistency_proof
from tests.merkle.growing import MemoryTiles, leaves_of, mth
from tests.merkle.signers import LOG, ORIGIN


class MemoryLog:
    """A log of so many leaves. From `fork` on they are others than those of the log without one."""

    def __init__(self, leaves: int, *, fork: int | None = None, origin: str = ORIGIN) -> None:
        self.origin = origin
        self.leaves = leaves_of(leaves)
        if fork is not None:
            self.leaves[fork:] = [sha256(leaf).digest() for leaf in self.leaves[fork:]]

    @cached_property
    def tiles(self) -> MemoryTiles:
        return MemoryTiles(self.leaves)

    def root(self, size: int) -> bytes:
        return mth(self.leaves[:size])

    def note(self, size: int, key: Ed25519PrivateKey = LOG) -> bytes:
        return sign(key, Note(self.origin, size, self.root(size)))

    def asks(self, old: int, new: int) -> bytes:
        """The request for a cosignature over `new` leaves by who saw `old` of them."""
        return written(old, consistency_proof(self.tiles, old, new), self.note(new))
