"""What a log asks its witness: the size that it believes was seen last, a proof from there, and its note.

The format is C2SP's (https://c2sp.org/tlog-witness, "add-checkpoint").
"""

from dataclasses import dataclass
from typing import Final

from governance.merkle.errors import NoteMalformed
from governance.merkle.keys import from_base64, to_base64
from governance.merkle.note import DECIMAL, LARGEST_NOTE, Signed, parse
from governance.merkle.tree import HASH_BYTES, LARGEST_SIZE

MOST_HASHES: Final = 63
LONGEST_HASH: Final = 44  # of 32 bytes in base64
LARGEST_ASKED: Final = LARGEST_NOTE + (MOST_HASHES + 1) * (LONGEST_HASH + 1) + 64
OLD: Final = "old "


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, of which nothing is verified yet. `content` is the note as it was sent."""

    old: int
    proof: tuple[bytes, ...]
    signed: Signed
    content: bytes


def read_asked(body: bytes) -> Asked:
    """The request that these bytes are. Raises `NoteMalformed`, saying what is wrong with them."""
    if len(body) > LARGEST_ASKED:
        raise NoteMalformed(f"The request has more than {LARGEST_ASKED:,} bytes.")
    head, blank, content = body.partition(b"\n\n")
    if not blank:
        raise NoteMalformed("A request has a line with the old size, the proof, a blank line and a note.")
    try:
        first, *hashes = head.decode("ascii").split("\n")
    except UnicodeDecodeError as problem:
        raise NoteMalformed("The old size and the proof are ASCII.") from problem
    if len(hashes) > MOST_HASHES:
        raise NoteMalformed(f"A consistency proof has {MOST_HASHES} hashes at most.")
    return Asked(_old(first), tuple(_hash(text) for text in hashes), parse(content), content)


def written(old: int, proof: list[bytes], note: bytes) -> bytes:
    """The request with which a log asks."""
    lines = [f"{OLD}{old}", *map(to_base64, proof)]
    return "\n".join(lines).encode() + b"\n\n" + note


def _old(line: str) -> int:
    size = line.removeprefix(OLD)
    if not line.startswith(OLD) or not DECIMAL.fullmatch(size) or int(size) > LARGEST_SIZE:
        raise NoteMalformed("The first line says “old” and a decimal size without leading zeros.")
    return int(size)


def _hash(text: str) -> bytes:
    found = from_base64(text)
    if len(found) != HASH_BYTES:
        raise NoteMalformed("A hash of the proof has 32 bytes.")
    return found
