"""A witness's cosignature: it saw this checkpoint at this time, and it continues all it saw before.

The format is `cosignature/v1` of C2SP (https://c2sp.org/tlog-cosignature). Times are seconds since 1970.
"""

from collections.abc import Iterable
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from governance.merkle.errors import KeyUnknown, NoteMalformed, SignatureInvalid, SignedInFuture
from governance.merkle.keys import COSIGNATURE, Key, key_of
from governance.merkle.note import Note, Signature, Signed, body, claimed, line_of, parse_line
from governance.merkle.tree import LARGEST_SIZE

FUTURE_SECONDS: Final = 300  # clocks differ
TIME_BYTES: Final = 8  # big-endian, before the Ed25519 signature


def cosign(key: Ed25519PrivateKey, name: str, note: Note, at: int) -> bytes:
    """The line with which the witness of this name says that it saw the note at this time."""
    own = key_of(name, key.public_key().public_bytes_raw(), kind=COSIGNATURE)
    if not 0 <= at <= LARGEST_SIZE:
        raise NoteMalformed(f"{at:,} is not the time of a cosignature.")
    signed = at.to_bytes(TIME_BYTES) + key.sign(_message(note, at))
    return line_of(Signature(own.name, own.key_id, signed))


def verify_cosignature(line: bytes, key: Key, note: Note, now: int) -> int:
    """When the witness of this key saw the note, by its own clock.

    Raises `NoteMalformed` when this is no signature's line, `KeyUnknown` when it names another key,
    `SignatureInvalid` when it is not by this one, and `SignedInFuture` for over 300 seconds after `now`.
    """
    signature = parse_line(line)
    if key.kind != COSIGNATURE or not claimed(signature, [key]):
        raise KeyUnknown(f"The line is not a cosignature in the name of {key.name}.")
    return _seen_at(signature, key, note, now)


def cosigned(signed: Signed, witnesses: Iterable[Key], now: int) -> dict[Key, int]:
    """The witnesses, of those that the reader trusts, that saw the note, and when (the last time of each).

    Other lines are passed over; how many witnesses there must be is the reader's to say. Raises
    `SignatureInvalid` and `SignedInFuture` as `verify_cosignature`, and `NoteMalformed` for one key under two
    names: what a witness signs does not hold its name, so the one would count as two.
    """
    trusted = [key for key in dict.fromkeys(witnesses) if key.kind == COSIGNATURE]
    if len({key.public for key in trusted}) < len(trusted):
        raise NoteMalformed("Two witnesses have the same key.")
    found: dict[Key, int] = {}
    for signature in signed.signatures:
        for key in claimed(signature, trusted):
            found[key] = max(found.get(key, 0), _seen_at(signature, key, signed.note, now))
    return found


def _seen_at(signature: Signature, key: Key, note: Note, now: int) -> int:
    at = int.from_bytes(signature.signed[:TIME_BYTES])
    if at > LARGEST_SIZE:
        raise SignatureInvalid(f"The cosignature in the name of {key.name} has a time that cannot be.")
    key.check(signature.signed[TIME_BYTES:], _message(note, at))
    if at > now + FUTURE_SECONDS:
        raise SignedInFuture(f"{key.name} says that it signed {at - now:,} seconds from now.")
    return at


def _message(note: Note, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n".encode() + body(note)
