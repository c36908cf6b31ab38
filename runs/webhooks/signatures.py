"""Standard Webhooks: what a delivery is signed over, and whether its signature is right. Pure.

Whatever is wrong (a header that is missing, a time that is too far off, a secret that is not ours), the same
work is done before the answer is no.
"""

import base64
import binascii
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
TOLERANCE_SECONDS: Final = 5 * 60
MOST_SIGNATURES: Final = 10
VERSION: Final = "v1"
KEY = re.compile(r"[!-~]{1,150}")
TIME = re.compile(r"[0-9]{1,12}")
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"


@dataclass(frozen=True)
class Signed:
    """The body of a delivery with the three headers that sign it, as they came."""

    body: bytes
    key: str
    timestamp: str
    signatures: str

    @classmethod
    def of(cls, body: bytes, headers: Mapping[str, str]) -> "Signed":
        """From a request; a missing header is empty, which no signature fits."""
        return cls(body, headers.get(ID, ""), headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, ""))


def new_secret() -> bytes:
    """A random secret."""
    return secrets.token_bytes(SECRET_BYTES)


def written(secret: bytes) -> str:
    """The secret as people copy it."""
    return PREFIX + base64.b64encode(secret).decode()


def signature_of(secret: bytes, *, key: str, timestamp: str, body: bytes) -> bytes:
    """HMAC-SHA256 over the identifier, the time and the body, joined by full stops."""
    signed = b".".join(
        (key.encode("utf-8", "surrogateescape"), timestamp.encode("utf-8", "surrogateescape"), body)
    )
    return hmac.digest(secret, signed, "sha256")


def signer(signed: Signed, goods: Sequence[bytes], *, now: float) -> int | None:
    """Which of the secrets signed it, by its place; None when none did, or not now.

    Every secret is held against every signature of the first ten, each comparison in constant time.
    """
    presented = [_read(word) for word in signed.signatures.split(" ")[:MOST_SIGNATURES]]
    found = None
    for place, secret in enumerate(goods):
        expected = signature_of(secret, key=signed.key, timestamp=signed.timestamp, body=signed.body)
        for signature in presented:
            if hmac.compare_digest(expected, signature) and found is None:
                found = place
    timely = TIME.fullmatch(signed.timestamp) and abs(now - int(signed.timestamp)) <= TOLERANCE_SECONDS
    return found if timely and KEY.fullmatch(signed.key) else None


def _read(word: str) -> bytes:
    """The bytes of one signature; nothing for another version or what is no base64."""
    version, _, encoded = word.partition(",")
    try:
        return base64.b64decode(encoded, validate=True) if version == VERSION else b""
    except (binascii.Error, ValueError):
        return b""
