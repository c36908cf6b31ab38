"""The file with a log's private key. Only the keeper reads it; no page, worker or task is given it."""

import os
import stat
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from governance.errors import Invalid

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_key(path: Path) -> Ed25519PrivateKey:
    """A new key, in a new file that its owner alone reads (PKCS 8, PEM).

    Raises `Invalid` when there is a file.
    """
    key = Ed25519PrivateKey.generate()
    content = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Invalid(f"{path} is there already; a key is never written over.") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return key


def read_key(path: Path) -> Ed25519PrivateKey:
    """The key of a file that others cannot read. Raises `Invalid`, saying what is wrong with it."""
    try:
        found, content = path.stat(), path.read_bytes()
    except OSError as problem:
        raise Invalid(f"The key cannot be read: {problem}") from problem
    if stat.S_IMODE(found.st_mode) & OTHERS:
        raise Invalid(f"{path} can be read by others; its mode must be 600.")
    try:
        key = serialization.load_pem_private_key(content, password=None)
    except (ValueError, TypeError) as problem:
        raise Invalid(f"{path} holds no private key in PEM.") from problem
    if not isinstance(key, Ed25519PrivateKey):
        raise Invalid(f"{path} holds a key of another kind than Ed25519.")
    return key
