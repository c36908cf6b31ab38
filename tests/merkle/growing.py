"""A log in memory, by the definitions alone and not by the code under test: for what that must equal."""

from hashlib import sha256


def mth(leaves: list[bytes]) -> bytes:
    """The Merkle tree hash of these leaf hashes, by the recursion of RFC 6962, section 2.1."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + mth(leaves[:split]) + mth(leaves[split:])).digest()


def leaves_of(count: int) -> list[bytes]:
    """The hashes of as many different records."""
    return [sha256(b"\x00record %d" % number).digest() for number in range(count)]


class MemoryTiles:
    """The tiles of a log with these leaf hashes. Notes which were read."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.levels = [leaves]
        while len(self.levels[-1]) >= 256:
            below = self.levels[-1]
            self.levels.append([mth(below[at : at + 256]) for at in range(0, len(below) - 255, 256)])
        self.read: list[tuple[int, int, int]] = []

    def __call__(self, level: int, index: int, width: int) -> bytes:
        self.read.append((level, index, width))
        return b"".join(self.levels[level][index * 256 : index * 256 + width])
