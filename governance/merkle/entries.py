"""The bundle in which a log serves the records below a tile of level 0 (C2SP tlog-tiles, "Log entries").

Each record stands behind its length, two bytes big-endian, 256 records at most.
"""

from collections.abc import Iterable
from typing import Final

from governance.merkle.errors import ProofInvalid
from governance.merkle.tiles import TILE_WIDTH

LENGTH_BYTES: Final = 2


def bundle(records: Iterable[bytes]) -> bytes:
    """The records one behind the other. Raises `OverflowError` for one of 65,536 bytes or more."""
    return b"".join(len(record).to_bytes(LENGTH_BYTES) + record for record in records)


def records_of(content: bytes) -> list[bytes]:
    """The records of a bundle. Raises `ProofInvalid` for one that ends within a record, or has over 256."""
    records: list[bytes] = []
    at = 0
    while at < len(content):
        start = at + LENGTH_BYTES
        end = start + int.from_bytes(content[at:start])
        if start > len(content) or end > len(content):
            raise ProofInvalid("The bundle ends within a record.")
        records.append(content[start:end])
        at = end
    if len(records) > TILE_WIDTH:
        raise ProofInvalid(f"The bundle has more than {TILE_WIDTH} records.")
    return records
