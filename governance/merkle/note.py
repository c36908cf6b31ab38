"""The checkpoint: a signed note of three lines, origin, size and root.

The formats are C2SP's (https://c2sp.org/signed-note, https://c2sp.org/tlog-checkpoint), read more strictly:
exactly three lines, each in its one form, within bounds. No part of them has room for a control character.
Keys are Ed25519 (RFC 8032).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from governance.merkle.errors import KeyUnknown, NoteMalformed
from governance.merkle.keys import ED25519, Key, check_name, from_base64, key_of, to_base64
from governance.merkle.tree import HASH_BYTES, LARGEST_SIZE

LARGEST_NOTE: Final = 16_384
MOST_SIGNATURES: Final = 16
DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}")
DASH: Final = "\u2014 "  # an em dash begins a signature's line
KEY_ID_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Note:
    """What a checkpoint says: the log of this origin has this many leaves, under this root (32 bytes).

    Raises `NoteMalformed` for what cannot be written down.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        check_name(self.origin)
        if not 0 <= self.size <= LARGEST_SIZE:
            raise NoteMalformed(f"{self.size:,} is not the size of a tree.")
        if len(self.root) != HASH_BYTES:
            raise NoteMalformed("The root has 32 bytes.")


@dataclass(frozen=True, slots=True)
class Signature:
    """One line under a note: who claims to have signed (`name` and the four bytes of `key_id`), and what."""

    name: str
    key_id: bytes
    signed: bytes


@dataclass(frozen=True, slots=True)
class Signed:
    """A note with the lines under it. Believe nothing of it before `verify`."""

    note: Note
    signatures: tuple[Signature, ...]


def body(note: Note) -> bytes:
    """The signed bytes: the three lines, each with its newline."""
    return f"{note.origin}\n{note.size}\n{to_base64(note.root)}\n".encode()


def parse(content: bytes) -> Signed:
    """The note and its signatures, of which none is verified yet. Raises `NoteMalformed`."""
    lines = _text(content).split("\n")
    if len(lines) < 6 or lines[3] or lines[-1]:  # noqa: PLR2004 - three lines, a blank, a signature, the end
        raise NoteMalformed("A checkpoint has three lines, a blank one, and then its signatures.")
    if len(lines) - 5 > MOST_SIGNATURES:
        raise NoteMalformed(f"The note has more than {MOST_SIGNATURES} signatures.")
    origin, size, root = lines[:3]
    if not DECIMAL.fullmatch(size):
        raise NoteMalformed("The size is not a decimal number without leading zeros.")
    note = Note(origin, int(size), from_base64(root))
    return Signed(note, tuple(_signature(line) for line in lines[4:-1]))


def parse_line(line: bytes) -> Signature:
    """One signature's line, with its newline, as a witness answers it. Raises `NoteMalformed`."""
    text = _text(line)
    if not text.endswith("\n"):
        raise NoteMalformed("A signature's line ends with a newline.")
    return _signature(text[:-1])


def line_of(signature: Signature) -> bytes:
    """The signature as a line, to be appended to the note."""
    return f"{DASH}{signature.name} {to_base64(signature.key_id + signature.signed)}\n".encode()


def sign(key: Ed25519PrivateKey, note: Note) -> bytes:
    """The note, signed by its log: the key's name is the origin. Witnesses' lines can be appended to it."""
    own = key_of(note.origin, key.public_key().public_bytes_raw())
    text = body(note)
    return text + b"\n" + line_of(Signature(own.name, own.key_id, key.sign(text)))


def verify(signed: Signed, keys: Iterable[Key]) -> list[Key]:
    """Those of the keys, in the note's order, that signed it. They are the reader's, not the note's.

    Only an Ed25519 key whose name is the origin speaks for a log. Lines by others are passed over, as
    signed-note wants. Raises `KeyUnknown` when nothing else remains, `SignatureInvalid` when a line that
    names one of the keys is not by it.
    """
    own = [key for key in keys if key.name == signed.note.origin and key.kind == ED25519]
    text = body(signed.note)
    found: list[Key] = []
    for signature in signed.signatures:
        for key in claimed(signature, own):
            key.check(signature.signed, text)
            if key not in found:
                found.append(key)
    if not found:
        raise KeyUnknown(f"No key that is trusted for {signed.note.origin} has signed this checkpoint.")
    return found


def claimed(signature: Signature, keys: Iterable[Key]) -> list[Key]:
    """The keys that the line names: its name and its identifier together say which."""
    return [key for key in keys if (key.name, key.key_id) == (signature.name, signature.key_id)]


def _text(content: bytes) -> str:
    if len(content) > LARGEST_NOTE:
        raise NoteMalformed(f"The note is larger than {LARGEST_NOTE:,} bytes.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise NoteMalformed("The note is not UTF-8.") from problem


def _signature(line: str) -> Signature:
    parts = line.removeprefix(DASH).split(" ")
    if not line.startswith(DASH) or len(parts) != 2:  # noqa: PLR2004 - name and signature
        raise NoteMalformed("A signature's line has a dash, a name and the signature.")
    name, encoded = parts
    check_name(name)
    content = from_base64(encoded)
    if len(content) <= KEY_ID_BYTES:
        raise NoteMalformed(
            "A signature's line has four bytes of a key's identifier, and then the signature."
        )
    return Signature(name, content[:KEY_ID_BYTES], content[KEY_ID_BYTES:])
