"""Public keys as notes name them, and their one-line form, the verifier key (C2SP signed-note)."""

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from governance.merkle.errors import NoteMalformed, SignatureInvalid

ED25519: Final = 0x01  # a log's signature over the note's text
COSIGNATURE: Final = 0x04  # a witness's, with its time (C2SP tlog-cosignature)
PUBLIC_BYTES: Final = 32
LONGEST_NAME: Final = 255  # bytes of UTF-8
UNNAMEABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\s+]")


@dataclass(frozen=True, slots=True)
class Key:
    """A public key under a name, for one `kind` of signature (`ED25519` or `COSIGNATURE`).

    The identifier is the first four bytes of SHA-256(name || newline || kind || public). Raises
    `NoteMalformed` for a name or a key that notes cannot have.
    """

    name: str
    kind: int
    public: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if self.kind not in {ED25519, COSIGNATURE} or len(self.public) != PUBLIC_BYTES:
            raise NoteMalformed("The key is not an Ed25519 key of a log or of a witness.")

    @property
    def key_id(self) -> bytes:
        """What stands before each of its signatures."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        """The verifier key: `name+identifier in hexadecimal+base64(kind || public)`."""
        return f"{self.name}+{self.key_id.hex()}+{to_base64(bytes([self.kind]) + self.public)}"

    def check(self, signature: bytes, message: bytes) -> None:
        """The signature over the message is by this key, or `SignatureInvalid` is raised."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError) as problem:
            raise SignatureInvalid(f"A signature in the name of {self.name} is not by its key.") from problem


def key_of(name: str, public: bytes, *, kind: int = ED25519) -> Key:
    """The key of a log by this name, or of another kind."""
    return Key(name, kind, public)


def parse_vkey(text: str) -> Key:
    """The key that a verifier key says. Raises `NoteMalformed`, also where its identifier is another's."""
    parts = text.split("+", 2)  # the base64 at the end may have the character, too
    if len(parts) != 3:  # noqa: PLR2004 - name, identifier and key
        raise NoteMalformed("A verifier key has a name, an identifier and a key, with + between them.")
    content = from_base64(parts[2])
    key = Key(parts[0], content[0], content[1:]) if content else None
    if key is None or key.vkey != text:
        raise NoteMalformed("The verifier key's identifier is not that of its name and key.")
    return key


def check_name(name: str) -> None:
    """Raise `NoteMalformed` for a name with blanks, control characters or a plus, for none and a long one."""
    if not name or UNNAMEABLE.search(name):
        raise NoteMalformed("A name in a note is not empty and has no blanks, control characters or plus.")
    try:
        encoded = name.encode()
    except UnicodeEncodeError as problem:
        raise NoteMalformed("A name in a note has half of a surrogate pair.") from problem
    if len(encoded) > LONGEST_NAME:
        raise NoteMalformed(f"A name in a note has {LONGEST_NAME} bytes at most.")


def to_base64(content: bytes) -> str:
    """Standard base64 with padding (RFC 4648, section 4)."""
    return base64.b64encode(content).decode()


def from_base64(text: str) -> bytes:
    """The bytes of standard base64 in its one form. Raises `NoteMalformed`, also for stray last bits."""
    try:
        content = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as problem:
        raise NoteMalformed("A hash, key or signature is not in base64.") from problem
    if to_base64(content) != text:
        raise NoteMalformed("A hash, key or signature is not in the one form of base64.")
    return content
